//! What reading the values of any language has in common: purposes, sizes, and the way to a member.

use llmspell_core::{Error, Kind, Name, Result, Value};

/// Largest value that a script may pass as one argument, in bytes.
const MAX_ARGUMENT_BYTES: usize = 64 << 20;
/// Largest value that a script may return or hand back from a function, in bytes.
const MAX_RESULT_BYTES: usize = 512 << 20;

/// What a reader does with what is no plain data.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// An argument of an op: functions become callbacks, cycles are errors.
    Argument,
    /// What a script or a function of it returned: everything becomes data somehow.
    Result,
    /// What a function of a script answered to somebody who acts on it: as an argument, but a list with other keys is a
    /// map, and what is no text at its outside must not become one.
    Answer,
}

impl Purpose {
    /// Returns the size of the largest value (bytes).
    const fn most(self) -> usize {
        match self {
            Self::Argument => MAX_ARGUMENT_BYTES,
            Self::Result | Self::Answer => MAX_RESULT_BYTES,
        }
    }
}

/// One step on the way to a member.
pub(crate) enum Step {
    Index(i64),
    Name(Name),
}

/// How far a value has been read.
pub(crate) struct Reading {
    pub(crate) purpose: Purpose,
    pub(crate) path: Vec<Step>,
    left: usize,
}

impl Reading {
    pub(crate) fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            path: Vec::new(),
            left: purpose.most(),
        }
    }

    /// Begins with another value, which may be as large as the one before.
    pub(crate) fn renew(&mut self) {
        self.left = self.purpose.most();
    }

    /// Counts what was read.
    ///
    /// - Errors: `Limit` past the largest size.
    pub(crate) fn charge(&mut self, bytes: usize) -> Result<()> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            let limit = self.purpose.most();
            let what = match self.purpose {
                Purpose::Argument => "passed as an argument",
                Purpose::Result | Purpose::Answer => "returned",
            };
            llmspell_core::error!(
                Limit,
                "a value of more than {} MiB cannot be {what}",
                limit >> 20
            )
            .with("what", "value")
            .with("limit", limit)
            .hint("write large data to a file or an artifact and pass its name")
        })?;
        Ok(())
    }

    /// Returns the way to what is read now: `steps[1].input`.
    pub(crate) fn place(&self) -> String {
        let mut text = String::new();
        for step in &self.path {
            match step {
                Step::Index(index) => text.push_str(&format!("[{index}]")),
                Step::Name(name) if text.is_empty() => text.push_str(name),
                Step::Name(name) => {
                    text.push('.');
                    text.push_str(name);
                }
            }
        }
        text
    }

    /// Returns the error for what cannot be read, with the way to it.
    pub(crate) fn refuse(&self, message: &str) -> Error {
        let place = self.place();
        if place.is_empty() {
            return Error::new(Kind::InvalidArgs, message.to_owned());
        }
        Error::new(Kind::InvalidArgs, format!("{message} at '{place}'")).with("path", place)
    }

    /// Returns the error for something that is no data.
    pub(crate) fn refuse_kind(&self, kind: &str) -> Error {
        let kind = match kind.starts_with(['A', 'E', 'I', 'O', 'a', 'e', 'i', 'o']) {
            true => format!("an {kind}"),
            false => format!("a {kind}"),
        };
        match self.purpose {
            Purpose::Answer => {
                let error = self.refuse(&format!("the function returned {kind}"));
                error.hint("return data: nothing, a text, a number or a table")
            }
            _ => self.refuse(&format!("cannot convert {kind}")),
        }
    }

    /// Returns a number; those that data does not have become null.
    pub(crate) fn float(&self, number: f64) -> Value {
        if number.is_finite() {
            return Value::Float(number);
        }
        if self.purpose != Purpose::Argument {
            tracing::warn!(target: "llmspell::script", "the number {number} became null");
        }
        Value::Null
    }
}
