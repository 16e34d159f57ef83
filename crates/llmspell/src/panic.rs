//! Defects: a panic never ends without a message, and leaves a report in a file.

use std::backtrace::Backtrace;
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::OnceLock;

use crate::exit::Ends;

static REPORT: OnceLock<Option<PathBuf>> = OnceLock::new();

/// Writes a report of the first panic to a file instead of printing it: who catches the panic shows it as an error.
pub(crate) fn install() {
    std::panic::set_hook(Box::new(|panic| {
        REPORT.get_or_init(|| write(&describe(panic)));
    }));
}

/// Runs a command; a panic that nothing else caught becomes an error of kind `bug`.
pub(crate) fn caught(command: impl FnOnce() -> Ends) -> Ends {
    std::panic::catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let text = text.unwrap_or("no message");
        Err(llmspell_core::error!(Bug, "a defect in the runtime: {text}").into())
    })
}

/// Returns the file with the report of the first panic.
pub(crate) fn report_file() -> Option<PathBuf> {
    REPORT.get().cloned().flatten()
}

fn describe(panic: &std::panic::PanicHookInfo<'_>) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "llmspell {}", env!("CARGO_PKG_VERSION"));
    let _ = writeln!(text, "{} {}", std::env::consts::OS, std::env::consts::ARCH);
    let _ = writeln!(
        text,
        "thread: {}",
        std::thread::current().name().unwrap_or("unnamed")
    );
    let _ = writeln!(text, "{panic}");
    let _ = writeln!(text, "{}", Backtrace::force_capture());
    text
}

/// Writes the report where nobody else can have put a file.
fn write(text: &str) -> Option<PathBuf> {
    let path = std::env::temp_dir().join(format!("llmspell-report-{}.txt", std::process::id()));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&path).ok()?;
    file.write_all(text.as_bytes()).ok()?;
    Some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_a_bug_with_code_70() {
        let failure = caught(|| panic!("no way")).unwrap_err();
        assert_eq!(failure.code, 70);
        assert!(failure.error.unwrap().message().ends_with("no way"));
        assert_eq!(caught(|| Ok(3)).unwrap(), 3);
    }
}
