//! The bytes of a file that its headers take.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use llmspell_core::host::{ReadFile, failure};
use llmspell_core::{Cx, Files, Result, bail};

/// Most bytes of headers, and most pieces in which they are read.
const MAX_BYTES: usize = 64 << 20;
const MAX_PIECES: usize = 500_000;

/// A file of which the headers are read, within limits.
pub(super) struct Header<'a> {
    path: PathBuf,
    file: Box<dyn ReadFile>,
    cx: &'a Cx,
    left: usize,
    pieces: usize,
    pub(super) size: u64,
}

impl<'a> Header<'a> {
    pub(super) fn open(files: &dyn Files, path: &str, cx: &'a Cx) -> Result<Self> {
        let path = PathBuf::from(path);
        let file = files.open(&path)?;
        Ok(Self {
            size: file.entry().size,
            path,
            file,
            cx,
            left: MAX_BYTES,
            pieces: MAX_PIECES,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the bytes from a place on, fewer at the end of the file.
    ///
    /// - Errors: `Limit` past 64 MiB of headers.
    pub(super) fn read(&mut self, at: u64, count: u64) -> Result<Vec<u8>> {
        self.cx.check()?;
        let count = count.min(self.size.saturating_sub(at));
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        if count > self.left || self.pieces == 0 {
            bail!(
                Limit,
                "the headers of '{}' take more than {MAX_BYTES} bytes",
                self.path.display()
            );
        }
        self.left -= count;
        self.pieces -= 1;
        let mut bytes = Vec::with_capacity(count);
        self.file
            .seek(SeekFrom::Start(at))
            .and_then(|_| (&mut self.file).take(count as u64).read_to_end(&mut bytes))
            .map_err(|cause| failure(&self.path, cause))?;
        Ok(bytes)
    }
}
