//! Limits of what comes out of an archive. Only what was really read counts; an archive may say what it likes.

use std::cell::{Cell, RefCell};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use llmspell_core::host::failure;
use llmspell_core::{Cx, Error, Kind, Result, error};

/// Content below which the ratio says nothing.
const SMALL: u64 = 1 << 20;

/// What may come out of an archive.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// Bytes of one file.
    pub(super) file: u64,
    /// Bytes in all.
    pub(super) total: u64,
    /// Entries.
    pub(super) members: usize,
    /// How many times the size of the archive.
    pub(super) ratio: u64,
}

/// Counts what comes out of an archive.
pub(super) struct Meter<'a> {
    cx: &'a Cx,
    limits: Limits,
    size: u64,
    members: Cell<usize>,
    total: Cell<u64>,
    failed: RefCell<Option<Error>>,
}

impl<'a> Meter<'a> {
    /// Begins to count for an archive of this size.
    pub(super) fn new(cx: &'a Cx, limits: Limits, size: u64) -> Self {
        Self {
            cx,
            limits,
            size,
            members: Cell::new(0),
            total: Cell::new(0),
            failed: RefCell::new(None),
        }
    }

    /// Counts an entry.
    pub(super) fn member(&self) -> Result<()> {
        self.cx.check()?;
        self.members.set(self.members.get() + 1);
        let most = self.limits.members;
        match self.members.get() > most {
            true => Err(exceeded(
                "max_files",
                format!("the archive has more than {most} entries"),
                most as u64,
            )),
            false => Ok(()),
        }
    }

    /// Returns the bytes of all files so far.
    pub(super) fn total(&self) -> u64 {
        self.total.get()
    }

    /// Counts the content of one file while it is read.
    pub(super) fn content<R: Read>(&self, inner: R) -> Content<'_, 'a, R> {
        Content {
            meter: self,
            inner,
            read: 0,
        }
    }

    /// Counts what is read of an archive beside the content of files, as far as `allowance` goes.
    pub(super) fn stream<R>(&self, inner: R, allowance: Rc<Cell<u64>>) -> Stream<'_, 'a, R> {
        Stream {
            meter: self,
            inner,
            read: 0,
            allowance,
        }
    }

    /// Returns the error for what a library said while it read the archive: a limit that was reached, a stop, a failure
    /// of the disk, else that the archive is damaged.
    pub(super) fn failure(&self, path: &Path, cause: io::Error) -> Error {
        if let Some(own) = self.failed.take() {
            return own;
        }
        match cause.kind() {
            io::ErrorKind::Other
            | io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::UnexpectedEof
            | io::ErrorKind::Unsupported
            | io::ErrorKind::OutOfMemory
                if cause.raw_os_error().is_none() =>
            {
                match failure(path, cause) {
                    own if own.kind() != Kind::Io => own,
                    damaged => error!(Parse, "the archive is damaged: {}", damaged.message()),
                }
            }
            _ => failure(path, cause),
        }
    }

    fn fail(&self, error: Error) -> io::Error {
        self.failed.replace(Some(error.clone()));
        error.into()
    }

    fn check_ratio(&self, read: u64) -> Result<()> {
        let most = self.limits.ratio;
        if read <= SMALL || read <= self.size.saturating_mul(most) {
            return Ok(());
        }
        Err(exceeded(
            "max_ratio",
            format!("the content is more than {most} times as large as the archive"),
            most,
        ))
    }

    fn count(&self, file: u64, read: u64) -> Result<()> {
        self.cx.check()?;
        let total = self.total.get() + read;
        self.total.set(total);
        let Limits {
            file: most,
            total: most_in_all,
            ..
        } = self.limits;
        if file > most {
            let message = format!("a file in the archive is larger than {most} bytes");
            return Err(exceeded("max_file_bytes", message, most));
        }
        if total > most_in_all {
            let message = format!("the archive holds more than {most_in_all} bytes");
            return Err(exceeded("max_total_bytes", message, most_in_all));
        }
        self.check_ratio(total)
    }
}

fn exceeded(key: &'static str, message: String, limit: u64) -> Error {
    Error::new(Kind::Limit, message)
        .with("limit", limit)
        .hint(format!("raise `{key}` in [tools.{}]", super::TOOL))
}

/// The content of one file.
pub(super) struct Content<'m, 'a, R> {
    meter: &'m Meter<'a>,
    inner: R,
    read: u64,
}

impl<R: Read> Read for Content<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        let counted = self.meter.count(self.read, read as u64);
        counted.map_err(|error| self.meter.fail(error))?;
        Ok(read)
    }
}

/// An archive as it is read, headers and all.
pub(super) struct Stream<'m, 'a, R> {
    meter: &'m Meter<'a>,
    inner: R,
    read: u64,
    allowance: Rc<Cell<u64>>,
}

impl<R: Read> Read for Stream<'_, '_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.allowance.get();
        if left == 0 && !buffer.is_empty() {
            let error = error!(Limit, "the headers of the archive are too long");
            return Err(self.meter.fail(error));
        }
        let most = usize::try_from(left).map_or(buffer.len(), |left| left.min(buffer.len()));
        let read = self.inner.read(&mut buffer[..most])?;
        self.allowance.set(left - read as u64);
        self.read += read as u64;
        let checked = self.meter.cx.check();
        checked
            .and_then(|()| self.meter.check_ratio(self.read))
            .map_err(|error| self.meter.fail(error))?;
        Ok(read)
    }
}

impl<R: Seek> Seek for Stream<'_, '_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}
