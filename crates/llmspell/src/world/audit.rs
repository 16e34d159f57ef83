//! `security.audit_file`: what was refused, and what reached beyond the run.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Level, Observer, Op, Result, Value, error};
use llmspell_runtime::journal::Redact;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

/// Adds a line of JSON to a file for each call that is refused, and for each that needs the level `privileged`, before it
/// happens.
///
/// A line says what was called and why it was refused, never with which arguments. Processes may share a file. A line
/// that cannot be written is told in the log; the call goes on.
pub(super) struct Audit {
    file: Mutex<File>,
    redact: Redact,
}

impl Audit {
    /// Opens a file, and makes it and its directory if there is none.
    ///
    /// - Errors: `Config` if it cannot be written.
    pub(super) fn open(path: &Path, redact: Redact) -> Result<Self> {
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        let file = made.and_then(|()| options.open(path)).map_err(|failure| {
            let path = path.display();
            error!(
                Config,
                "'security.audit_file' cannot be written: {path}: {failure}"
            )
        })?;
        Ok(Self {
            file: Mutex::new(file),
            redact,
        })
    }

    fn write(&self, cx: &Cx, op: &Op, event: &str, facts: Json) {
        let at = jiff::Timestamp::from_microsecond(cx.host().clock.now());
        let mut line = json!({
            "ts": at.map(|at| at.to_string()).unwrap_or_default(),
            "event": event,
            "op": op.name(),
            "session_id": cx.session(),
            "call_id": cx.id().to_string(),
            "by_model": cx.is_by_model(),
        });
        if let (Some(line), Json::Object(facts)) = (line.as_object_mut(), facts) {
            line.extend(facts);
        }
        let line = format!("{}\n", self.redact.text(&line.to_string()));
        if let Err(failure) = self.file.lock().write_all(line.as_bytes()) {
            tracing::error!(target: "llmspell::audit", %failure, "the audit file cannot be written");
        }
    }
}

impl Observer for Audit {
    fn started(&self, cx: &Cx, op: &Op, args: &Value) {
        let level = op.tool_info().map(|tool| tool.level_with(args));
        if level == Some(Level::Privileged) {
            let operation = args.get("operation").and_then(Value::as_str);
            self.write(cx, op, "privileged", json!({"operation": operation}));
        }
    }

    fn ended(&self, cx: &Cx, op: &Op, outcome: Result<&Value, &Error>, _: Duration) {
        let Err(error) = outcome else { return };
        // A refusal that passes through calls above is theirs no more.
        let is_own = error.op_name().is_none_or(|name| name == op.name());
        if error.kind() == Kind::Denied && is_own {
            let setting = error.details().get("setting").and_then(Value::as_str);
            let facts = json!({"error": error.message(), "setting": setting});
            self.write(cx, op, "refused", facts);
        }
    }
}
