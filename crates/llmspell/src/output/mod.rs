//! What the commands write: results on standard output, everything else on standard error.

pub(crate) mod console;
pub(crate) mod drawing;
pub(crate) mod events;
pub(crate) mod log;
pub(crate) mod log_file;
mod meant;
pub(crate) mod progress;
pub(crate) mod report;
pub(crate) mod stream;
pub(crate) mod table;
pub(crate) mod value;

use std::io::{self, IsTerminal, Write};

use clap::ValueEnum;

/// How results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Mode {
    /// For people and pipes.
    #[default]
    Text,
    /// One JSON document.
    Json,
    /// For people, with colours and indentation.
    Pretty,
}

/// The two ends that a command writes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Screen {
    /// How results are written.
    pub(crate) mode: Mode,
    /// Whether standard output is coloured.
    pub(crate) color: bool,
    /// Whether standard error is coloured.
    pub(crate) error_color: bool,
    /// Whether warnings are left out.
    pub(crate) quiet: bool,
}

impl Screen {
    /// Returns the screen for this mode; `color` is `None` for what the terminal and `NO_COLOR` say.
    pub(crate) fn new(mode: Mode, color: Option<bool>, quiet: bool) -> Self {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let on = |terminal: bool| color.unwrap_or(terminal && !plain);
        Self {
            mode,
            color: on(io::stdout().is_terminal()),
            error_color: on(io::stderr().is_terminal()),
            quiet,
        }
    }

    /// Writes a text to standard output, with a line end. A reader who went away ends the process quietly.
    pub(crate) fn line(&self, text: &str) {
        let mut out = io::stdout().lock();
        let written = out
            .write_all(text.as_bytes())
            .and_then(|()| match text.ends_with('\n') {
                true => Ok(()),
                false => out.write_all(b"\n"),
            });
        end_if_closed(written.and_then(|()| out.flush()));
    }

    /// Writes one JSON document to standard output: compact in JSON mode, else indented.
    pub(crate) fn document(&self, document: &serde_json::Value) {
        let text = match self.mode {
            Mode::Json => document.to_string(),
            _ => serde_json::to_string_pretty(document).unwrap_or_default(),
        };
        self.line(&text);
    }

    /// Writes bytes to standard output as they are.
    pub(crate) fn bytes(&self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        end_if_closed(out.write_all(bytes).and_then(|()| out.flush()));
    }

    /// Writes a line to standard error.
    pub(crate) fn note(&self, text: &str) {
        // There is nowhere to report that standard error is closed.
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Writes a warning to standard error.
    pub(crate) fn warning(&self, text: &str) {
        if !self.quiet {
            let word = paint("warning", "33;1", self.error_color);
            self.note(&format!("{word}: {text}"));
        }
    }
}

/// Ends the process with code 0 if nobody reads standard output any more.
fn end_if_closed(written: io::Result<()>) {
    match written {
        Err(failure) if failure.kind() == io::ErrorKind::BrokenPipe => std::process::exit(0),
        Err(failure) => {
            let _ = writeln!(io::stderr().lock(), "error[io]: standard output: {failure}");
            std::process::exit(1);
        }
        Ok(()) => {}
    }
}

/// Returns the text in a colour, given as numbers of the ANSI sequence.
pub(crate) fn paint(text: &str, color: &str, on: bool) -> String {
    match on {
        true => format!("\u{1b}[{color}m{text}\u{1b}[0m"),
        false => text.to_owned(),
    }
}
