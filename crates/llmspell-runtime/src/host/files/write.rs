//! Files that are written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use llmspell_core::host::{FileEntry, WriteFile, failure};
use llmspell_core::{Result, error};
use rustix::fs::{AtFlags, Mode, RenameFlags, fchmod, renameat, renameat_with, unlinkat};
use rustix::io::Errno;

use super::stat;

/// How much may still be written.
#[derive(Clone, Debug)]
pub(super) struct Allowance {
    pub(super) file: u64,
    pub(super) run: u64,
    pub(super) written: Arc<AtomicU64>,
}

impl Allowance {
    /// Takes `count` bytes that a write wants to add, which ends at `end` of its file.
    fn take(&self, count: usize, end: u64, path: &Path) -> io::Result<()> {
        let count = count as u64;
        if end > self.file {
            let error = error!(
                Limit,
                "'{}' would be larger than {} bytes",
                path.display(),
                self.file
            );
            let error = error.with("limit", self.file);
            return Err(error.hint("raise `security.files.max_file_bytes`").into());
        }
        let before = self.written.fetch_add(count, Ordering::Relaxed);
        if before.saturating_add(count) > self.run {
            self.written.fetch_sub(count, Ordering::Relaxed);
            let error = error!(
                Limit,
                "this run has written {before} bytes and may write {}", self.run
            );
            let error = error.with("limit", self.run);
            return Err(error
                .hint("raise `security.files.max_total_write_bytes`")
                .into());
        }
        Ok(())
    }
}

/// An open file that is written, under the allowance.
pub(super) struct Metered {
    file: File,
    path: PathBuf,
    at: u64,
    appends: bool,
    allowance: Allowance,
}

impl Metered {
    pub(super) fn new(
        file: File,
        path: PathBuf,
        append_at: Option<u64>,
        allowance: Allowance,
    ) -> Self {
        Self {
            file,
            path,
            at: append_at.unwrap_or(0),
            appends: append_at.is_some(),
            allowance,
        }
    }

    fn entry(&self) -> Result<FileEntry> {
        let found = stat::look_at(&self.file, &self.path);
        let found = found.map_err(|cause| failure(&self.path, cause.into()))?;
        Ok(found.entry)
    }
}

impl Read for Metered {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        if !self.appends {
            self.at += count as u64;
        }
        Ok(count)
    }
}

impl Write for Metered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let end = self.at.saturating_add(bytes.len() as u64);
        self.allowance.take(bytes.len(), end, &self.path)?;
        let count = self.file.write(bytes)?;
        self.at += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Metered {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let at = self.file.seek(to)?;
        if !self.appends {
            self.at = at;
        }
        Ok(at)
    }
}

/// A file that is changed in place.
pub(super) struct InPlace(pub(super) Metered);

/// A file that takes its name when it is done.
pub(super) struct Replacement {
    pub(super) file: Metered,
    pub(super) directory: OwnedFd,
    /// The name until then. `None` once it has its own.
    pub(super) temporary: Option<PathBuf>,
    pub(super) name: PathBuf,
    pub(super) mode: u32,
    /// Whether nothing may have the name.
    pub(super) new: bool,
}

impl Replacement {
    fn settle(&mut self, temporary: &Path) -> rustix::io::Result<()> {
        let directory = self.directory.as_fd();
        fchmod(&self.file.file, Mode::from_raw_mode(self.mode as _))?;
        if !self.new {
            return renameat(directory, temporary, directory, &self.name);
        }
        let flags = RenameFlags::NOREPLACE;
        match renameat_with(directory, temporary, directory, &self.name, flags) {
            // A file system without such renames: a second name, which must be free, and the first one goes.
            Err(Errno::INVAL | Errno::NOSYS) => {
                let flags = AtFlags::empty();
                rustix::fs::linkat(directory, temporary, directory, &self.name, flags)?;
                unlinkat(directory, temporary, flags)
            }
            done => done,
        }
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if let Some(temporary) = &self.temporary {
            // What cannot be removed stays; nobody is left to be told.
            unlinkat(&self.directory, temporary, AtFlags::empty()).ok();
        }
    }
}

impl WriteFile for InPlace {
    fn sync(&mut self) -> Result<()> {
        synced(&self.0)
    }

    fn commit(self: Box<Self>) -> Result<FileEntry> {
        self.0.entry()
    }
}

impl WriteFile for Replacement {
    fn sync(&mut self) -> Result<()> {
        synced(&self.file)
    }

    fn commit(mut self: Box<Self>) -> Result<FileEntry> {
        let Some(temporary) = self.temporary.clone() else {
            return Err(error!(Bug, "a file was committed twice"));
        };
        self.settle(&temporary)
            .map_err(|cause| failure(&self.file.path, cause.into()))?;
        self.temporary = None;
        self.file.entry()
    }
}

fn synced(file: &Metered) -> Result<()> {
    let done = file.file.sync_data();
    done.map_err(|cause| failure(&file.path, cause))
}

/// Passes reading, writing and seeking on to the file within.
macro_rules! pass_on {
    ($type:ty, $file:tt) => {
        impl Read for $type {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.$file.read(buffer)
            }
        }
        impl Write for $type {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.$file.write(bytes)
            }
            fn flush(&mut self) -> io::Result<()> {
                self.$file.flush()
            }
        }
        impl Seek for $type {
            fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
                self.$file.seek(to)
            }
        }
    };
}

pass_on!(InPlace, 0);
pass_on!(Replacement, file);
