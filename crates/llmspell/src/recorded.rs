//! Output that never runs ahead of the journal.

use std::io;
use std::sync::Arc;

use llmspell_runtime::journal::Journal;
use llmspell_script::{Output, Stream};

/// Writes what the script says once the calls before it are stored, so that nobody is told of a call that a crash could
/// make forgotten.
pub(crate) struct Recorded {
    pub(crate) output: Arc<dyn Output>,
    pub(crate) journal: Arc<Journal>,
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
