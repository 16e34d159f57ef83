//! What scripts write.

use llmspell_core::{Error, Kind};

use crate::engine::{Output, Stream};

/// Writes what a script wrote. Nobody reading any more is an error with the detail `broken_pipe`, which ends the run.
pub(crate) fn write(output: &dyn Output, stream: Stream, bytes: &[u8]) -> Result<(), Error> {
    output
        .write(stream, bytes)
        .map_err(|failure| match failure.kind() {
            std::io::ErrorKind::BrokenPipe => {
                Error::new(Kind::Cancelled, "nobody reads the output any more")
                    .with("broken_pipe", true)
            }
            _ => Error::new(Kind::Io, format!("the output cannot be written: {failure}")),
        })
}
