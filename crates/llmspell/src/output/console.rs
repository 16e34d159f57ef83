//! Where the output of a script goes.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use llmspell_script::{Output, Stream};
use parking_lot::Mutex;

use super::progress::Progress;

/// Most bytes of printed text that JSON mode collects.
const COLLECTED: usize = 64 << 20;

/// The standard streams of a script.
pub(crate) struct Console {
    form: Form,
    progress: Option<Arc<Progress>>,
    lines: Mutex<Lines>,
    closed: AtomicBool,
}

/// What becomes of printed text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// It is written at once.
    Direct,
    /// It is kept for the document at the end.
    Collected,
    /// Each line is a JSON object of its own.
    JsonLines,
}

#[derive(Default)]
struct Lines {
    done: Vec<String>,
    open: Vec<u8>,
    bytes: usize,
}

impl Console {
    /// Makes the streams; a progress line is taken away while something is written.
    pub(crate) fn new(form: Form, progress: Option<Arc<Progress>>) -> Self {
        Self {
            form,
            progress,
            lines: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Writes raw text, as `--stream` does.
    pub(crate) fn write_raw(&self, bytes: &[u8]) -> io::Result<()> {
        let write = || {
            let mut out = io::stdout().lock();
            out.write_all(bytes).and_then(|()| out.flush())
        };
        let written = match &self.progress {
            Some(progress) => progress.aside(write),
            None => write(),
        };
        if written
            .as_ref()
            .is_err_and(|failure| failure.kind() == io::ErrorKind::BrokenPipe)
        {
            self.closed.store(true, Ordering::Relaxed);
        }
        written
    }

    /// Returns whether nobody reads standard output any more.
    pub(crate) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Returns the lines that were collected, the last one also if it has no end.
    pub(crate) fn collected(&self) -> Vec<String> {
        let mut lines = self.lines.lock();
        let Lines { mut done, open, .. } = std::mem::take(&mut *lines);
        if !open.is_empty() {
            done.push(String::from_utf8_lossy(&open).into_owned());
        }
        done
    }

    /// Writes the rest of a line that has no end yet.
    pub(crate) fn finish(&self) -> io::Result<()> {
        if self.form != Form::JsonLines {
            return Ok(());
        }
        let open = std::mem::take(&mut self.lines.lock().open);
        match open.is_empty() {
            true => Ok(()),
            false => self.write_raw(&console_line(&open)),
        }
    }

    fn collect(&self, bytes: &[u8]) -> io::Result<()> {
        let mut lines = self.lines.lock();
        lines.bytes += bytes.len();
        if lines.bytes > COLLECTED {
            return Err(io::Error::other(
                "the script printed more than 64 MiB, which JSON mode does not collect; use --stream",
            ));
        }
        for line in complete_lines(&mut lines.open, bytes) {
            lines.done.push(String::from_utf8_lossy(&line).into_owned());
        }
        Ok(())
    }

    fn json_lines(&self, bytes: &[u8]) -> io::Result<()> {
        let lines = complete_lines(&mut self.lines.lock().open, bytes);
        lines
            .iter()
            .try_for_each(|line| self.write_raw(&console_line(line)))
    }
}

/// Appends bytes to the open line and takes the lines that are complete now.
fn complete_lines(open: &mut Vec<u8>, bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut complete = Vec::new();
    let mut rest = bytes;
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        open.extend_from_slice(&rest[..end]);
        complete.push(std::mem::take(open));
        rest = &rest[end + 1..];
    }
    open.extend_from_slice(rest);
    complete
}

fn console_line(line: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(line);
    let mut json = serde_json::json!({"type": "console", "text": text}).to_string();
    json.push('\n');
    json.into_bytes()
}

impl Output for Console {
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match (stream, self.form) {
            (Stream::Stderr, _) => {
                let write = || io::stderr().lock().write_all(bytes);
                match &self.progress {
                    Some(progress) => progress.aside(write),
                    None => write(),
                }
            }
            (Stream::Stdout, Form::Direct) => self.write_raw(bytes),
            (Stream::Stdout, Form::Collected) => self.collect(bytes),
            (Stream::Stdout, Form::JsonLines) => self.json_lines(bytes),
        }
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().lock().read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_collected_whole() {
        let console = Console::new(Form::Collected, None);
        for part in ["a", "b\n\nc", "d"] {
            console.write(Stream::Stdout, part.as_bytes()).unwrap();
        }
        assert_eq!(console.collected(), ["ab", "", "cd"]);
        assert!(console.collected().is_empty());
    }

    #[test]
    fn collecting_has_an_end() {
        let console = Console::new(Form::Collected, None);
        let megabyte = vec![b'x'; 1 << 20];
        let failed = (0..65).find_map(|_| console.write(Stream::Stdout, &megabyte).err());
        assert!(failed.unwrap().to_string().contains("64 MiB"));
    }
}
