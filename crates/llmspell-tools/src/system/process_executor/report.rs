//! What is told of a process.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use llmspell_core::host::{Captured, Exit};
use llmspell_core::{Map, Value};

/// How outputs are shown.
#[derive(Clone, Copy)]
pub(super) struct Form {
    /// As Base64, else as text.
    pub(super) base64: bool,
    /// Without blanks at both ends.
    pub(super) trim: bool,
    /// Only how long they are.
    pub(super) counted: bool,
}

/// A process that ran in a call.
pub(super) struct Report {
    pub(super) executable: String,
    pub(super) arguments: Vec<String>,
    pub(super) pid: u32,
    /// `None` if its time was over.
    pub(super) exit: Option<Exit>,
    pub(super) captured: Captured,
    pub(super) duration: Duration,
    pub(super) confinement: Value,
}

impl Report {
    /// Returns the program's name for messages.
    pub(super) fn name(&self) -> &str {
        self.executable.rsplit('/').next().unwrap_or_default()
    }

    /// Returns how it ended, for messages.
    pub(super) fn ending(&self) -> String {
        ending(self.exit)
    }

    pub(super) fn data(&self, form: Form) -> Map {
        let exit = self.exit;
        let mut data = Map::from([
            ("executable", self.executable.as_str().into()),
            ("arguments", self.arguments.clone().into()),
            (
                "exit_code",
                exit.and_then(|exit| exit.code).map(i64::from).into(),
            ),
            (
                "signal",
                exit.and_then(|exit| exit.signal).map(i64::from).into(),
            ),
            ("success", exit.is_some_and(Exit::is_success).into()),
        ]);
        outputs(&mut data, &self.captured, form);
        data.insert(
            "execution_time_ms".to_owned(),
            self.duration.as_millis().into(),
        );
        data.insert("timed_out", exit.is_none().into());
        data.insert("pid", i64::from(self.pid).into());
        data
    }
}

/// Returns how a process ended, for messages.
pub(super) fn ending(exit: Option<Exit>) -> String {
    match exit {
        None => "was ended".to_owned(),
        Some(exit) => match (exit.code, exit.signal) {
            (Some(code), _) => format!("ended with status {code}"),
            (None, Some(signal)) => format!("was ended by signal {signal}"),
            (None, None) => "ended".to_owned(),
        },
    }
}

/// Adds both outputs and how much of them is missing.
pub(super) fn outputs(data: &mut Map, captured: &Captured, form: Form) {
    let Captured {
        stdout,
        stderr,
        stdout_dropped,
        stderr_dropped,
    } = captured;
    for (name, bytes, dropped) in [
        ("stdout", stdout, *stdout_dropped),
        ("stderr", stderr, *stderr_dropped),
    ] {
        let shown = (!form.counted).then(|| shown(bytes, form));
        data.insert(name.to_owned(), shown.into());
        let truncated = dropped > 0 && !form.counted;
        data.insert(format!("{name}_truncated"), truncated.into());
        if truncated || form.counted {
            let count = bytes.len() as u64 + dropped;
            data.insert(format!("{name}_bytes"), count.into());
        }
    }
}

fn shown(bytes: &[u8], form: Form) -> String {
    let bytes = match form.trim {
        true => bytes.trim_ascii(),
        false => bytes,
    };
    match form.base64 {
        true => STANDARD.encode(bytes),
        false => String::from_utf8_lossy(bytes).into_owned(),
    }
}
