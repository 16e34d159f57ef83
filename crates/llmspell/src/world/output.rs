//! Where the output of a run goes: the streams of the process, never ahead of the journal.

use std::io::{self, Read, Write};
use std::sync::Arc;

use llmspell_runtime::journal::Journal;
use llmspell_script::{Output, Stream};

/// The streams of this process.
pub(super) struct Inherited;

impl Output for Inherited {
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        match stream {
            Stream::Stdout => io::stdout().lock().write_all(bytes),
            Stream::Stderr => io::stderr().lock().write_all(bytes),
        }
    }

    fn flush(&self, stream: Stream) -> io::Result<()> {
        match stream {
            Stream::Stdout => io::stdout().lock().flush(),
            Stream::Stderr => io::stderr().lock().flush(),
        }
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        io::stdin().lock().read(buffer)
    }
}

/// Writes what the script says once the calls before it are stored, so that nobody is told of a call that a crash could
/// make forgotten.
pub(super) struct Recorded {
    pub(super) output: Arc<dyn Output>,
    pub(super) journal: Arc<Journal>,
}

impl Output for Recorded {
    fn write(&self, stream: Stream, bytes: &[u8]) -> io::Result<()> {
        self.journal.settle_here();
        self.output.write(stream, bytes)
    }

    fn flush(&self, stream: Stream) -> io::Result<()> {
        self.output.flush(stream)
    }

    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.output.read(buffer)
    }
}
