//! `--events` and `--events-file`: events of a run, as JSON lines without known secrets.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use llmspell_core::{Result, error};
use llmspell_runtime::event::Event;
use llmspell_runtime::journal::Redact;
use parking_lot::Mutex;

use super::stream::Streaming;

/// What writes events.
pub(crate) struct Events {
    to: To,
    redact: Redact,
}

/// Where events are written.
pub(crate) enum To {
    /// To standard error.
    Stderr,
    /// Among the JSON lines of `--stream`.
    Lines(Arc<Streaming>),
    /// To a file, until that fails.
    File(PathBuf, Mutex<Option<File>>),
}

impl To {
    /// Makes the file, or empties it.
    ///
    /// - Errors: `Io` if that is impossible.
    pub(crate) fn file(path: &Path) -> Result<Self> {
        let file = File::create(path)
            .map_err(|failure| error!(Io, "{} cannot be written: {failure}", path.display()))?;
        Ok(Self::File(path.to_owned(), Mutex::new(Some(file))))
    }
}

impl Events {
    /// Writes events without these secrets.
    pub(crate) fn new(to: To, redact: Redact) -> Self {
        Self { to, redact }
    }

    /// Writes an event, as a whole line at once.
    pub(crate) fn write(&self, event: &Event) {
        let json = self.redact.value(event.to_value()).to_serde_json();
        match &self.to {
            // Whoever does not read any more misses nothing that the run needs.
            To::Stderr => drop(
                io::stderr()
                    .lock()
                    .write_all(format!("{json}\n").as_bytes()),
            ),
            To::Lines(lines) => {
                lines.write(format!("{{\"type\":\"event\",\"event\":{json}}}\n").as_bytes());
            }
            To::File(path, file) => {
                let mut file = file.lock();
                let line = format!("{json}\n");
                let written = file.as_mut().map(|file| file.write_all(line.as_bytes()));
                if let Some(Err(failure)) = written {
                    *file = None;
                    tracing::warn!(
                        target: "llmspell::event",
                        "{} cannot be written: {failure}; it holds no event from here on", path.display()
                    );
                }
            }
        }
    }
}
