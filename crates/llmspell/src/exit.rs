//! Exit codes.

use llmspell_core::{Error, Kind, Value};

/// A script does not compile, a workflow file cannot be read.
const COMPILE: u8 = 65;
/// A script or input file is missing or cannot be read.
pub(crate) const NO_INPUT: u8 = 66;
/// The limit of memory or instructions.
const MEMORY: u8 = 74;
/// What engines limit, as errors of kind `limit` name it in the detail `what`; the rest are budgets.
const ENGINE_LIMITS: [&str; 4] = ["memory", "instructions", "pattern", "value"];
/// Interrupted by Ctrl-C.
pub(crate) const INTERRUPTED: u8 = 130;
/// Terminated.
pub(crate) const TERMINATED: u8 = 143;

/// Why a command did not succeed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What happened; `None` if everything was said already.
    pub(crate) error: Option<Error>,
    /// The exit code.
    pub(crate) code: u8,
    /// A text that the error may quote: its name and itself.
    pub(crate) source: Option<(String, String)>,
}

/// How a command ends.
pub(crate) type Ends = Result<u8, Failure>;

impl Failure {
    /// Ends with this code and no message.
    pub(crate) fn silent(code: u8) -> Self {
        Self {
            error: None,
            code,
            source: None,
        }
    }

    /// Ends with this code instead of the one of the error's kind.
    pub(crate) fn with_code(error: Error, code: u8) -> Self {
        Self {
            error: Some(error),
            code,
            source: None,
        }
    }

    /// Lets the report quote the text of this name.
    #[must_use]
    pub(crate) fn quoting(mut self, name: &str, text: &str) -> Self {
        self.source = Some((name.to_owned(), text.to_owned()));
        self
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let code = code(&error);
        Self::with_code(error, code)
    }
}

/// Returns the exit code of a run that ended with this error uncaught.
pub(crate) fn code(error: &Error) -> u8 {
    let detail = |name: &str| error.details().get(name);
    if let Some(code) = detail("exit_code").and_then(Value::as_int) {
        return (code & 0xff) as u8;
    }
    if detail("broken_pipe").is_some() {
        return 0;
    }
    let compiling = detail("phase").and_then(Value::as_str) == Some("compile");
    let of_engine = detail("what")
        .and_then(Value::as_str)
        .is_some_and(|what| ENGINE_LIMITS.contains(&what));
    match error.kind() {
        // A workflow file may be well formed and yet name a step that there is not.
        Kind::Parse | Kind::InvalidArgs | Kind::NotFound if compiling => COMPILE,
        Kind::Limit if of_engine => MEMORY,
        Kind::Cancelled if detail("signal").and_then(Value::as_int) == Some(15) => TERMINATED,
        kind => kind.exit_code(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::error;

    #[test]
    fn details_refine_the_codes_of_kinds() {
        assert_eq!(code(&error!(Parse, "x")), 1);
        assert_eq!(code(&error!(Parse, "x").with("phase", "compile")), 65);
        assert_eq!(code(&error!(InvalidArgs, "x")), 1);
        assert_eq!(code(&error!(InvalidArgs, "x").with("phase", "compile")), 65);
        assert_eq!(
            code(&error!(Limit, "x").with("what", "memory").with("limit", 5)),
            74
        );
        assert_eq!(code(&error!(Limit, "x").with("what", "tokens")), 75);
        assert_eq!(code(&error!(Timeout, "x")), 73);
        assert_eq!(code(&error!(Cancelled, "x")), 130);
        assert_eq!(code(&error!(Cancelled, "x").with("signal", 15)), 143);
        assert_eq!(code(&error!(Cancelled, "x").with("exit_code", 300)), 44);
        assert_eq!(code(&error!(Cancelled, "x").with("broken_pipe", true)), 0);
    }
}
