//! `--stream`: the text of models while it arrives.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmspell_core::{Cancel, Cx, Error, Observer, Op, Value};

use super::console::Console;

/// Writes the pieces of model answers to standard output: text as it is, or JSON lines.
pub(crate) struct Streaming {
    console: Arc<Console>,
    json: bool,
    cancel: Cancel,
    /// Whether the last text ended without a line end.
    open: AtomicBool,
}

impl Streaming {
    /// Makes the observer; `cancel` is asked to stop when nobody reads any more.
    pub(crate) fn new(console: Arc<Console>, json: bool, cancel: Cancel) -> Self {
        Self {
            console,
            json,
            cancel,
            open: AtomicBool::new(false),
        }
    }

    /// Writes bytes to standard output, and asks the run to stop when nobody reads it.
    pub(crate) fn write(&self, bytes: &[u8]) {
        let written: io::Result<()> = self.console.write_raw(bytes);
        if let Err(failure) = written {
            let reason = match failure.kind() {
                io::ErrorKind::BrokenPipe => {
                    Cancel::reason("nobody reads the output").with("broken_pipe", true)
                }
                _ => llmspell_core::error!(Io, "standard output: {failure}"),
            };
            self.cancel.cancel(reason);
        }
    }
}

impl Observer for Streaming {
    fn piece(&self, _: &Cx, piece: &Value) {
        let of_model = piece.get("type").and_then(Value::as_str) == Some("text");
        let Some(text) = piece
            .get("text")
            .and_then(Value::as_str)
            .filter(|text| of_model && !text.is_empty())
        else {
            return;
        };
        if self.json {
            let mut line = serde_json::json!({"type": "text", "text": text}).to_string();
            line.push('\n');
            self.write(line.as_bytes());
        } else {
            self.open.store(!text.ends_with('\n'), Ordering::Relaxed);
            self.write(text.as_bytes());
        }
    }

    fn ended(&self, _: &Cx, op: &Op, _: Result<&Value, &Error>, _: Duration) {
        if op.name() == "model.complete" && self.open.swap(false, Ordering::Relaxed) {
            self.write(b"\n");
        }
    }
}
