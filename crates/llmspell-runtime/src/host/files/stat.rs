//! What the system says about a file.

use std::os::fd::AsFd;
use std::path::Path;

use llmspell_core::host::{FileEntry, FileKind};
use rustix::fs::{AtFlags, FileType};
use rustix::io::Result;

/// What is known of a file, and whose it is.
pub(super) struct Found {
    pub(super) entry: FileEntry,
    pub(super) owner: u32,
}

/// Looks at `name` in a directory without following it; `path` is how it is called in results.
#[cfg(target_os = "linux")]
pub(super) fn look(directory: impl AsFd, name: &Path, path: &Path) -> Result<Found> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    rustix::fs::statx(directory, name, flags, wanted()).map(|found| from(&found, path))
}

/// Looks at an open file.
#[cfg(target_os = "linux")]
pub(super) fn look_at(file: impl AsFd, path: &Path) -> Result<Found> {
    rustix::fs::statx(file, c"", AtFlags::EMPTY_PATH, wanted()).map(|found| from(&found, path))
}

#[cfg(target_os = "linux")]
fn wanted() -> rustix::fs::StatxFlags {
    rustix::fs::StatxFlags::BASIC_STATS | rustix::fs::StatxFlags::BTIME
}

#[cfg(target_os = "linux")]
fn from(found: &rustix::fs::Statx, path: &Path) -> Found {
    let micros =
        |time: rustix::fs::StatxTimestamp| time.tv_sec * 1_000_000 + i64::from(time.tv_nsec) / 1000;
    let born = found.stx_mask & rustix::fs::StatxFlags::BTIME.bits() != 0;
    Found {
        entry: FileEntry {
            path: path.to_owned(),
            kind: kind(FileType::from_raw_mode(found.stx_mode.into())),
            size: found.stx_size,
            modified: micros(found.stx_mtime),
            accessed: micros(found.stx_atime),
            created: born.then(|| micros(found.stx_btime)),
            mode: u32::from(found.stx_mode) & 0o7777,
        },
        owner: found.stx_uid,
    }
}

/// Looks at `name` in a directory without following it; `path` is how it is called in results.
#[cfg(not(target_os = "linux"))]
pub(super) fn look(directory: impl AsFd, name: &Path, path: &Path) -> Result<Found> {
    let flags = AtFlags::SYMLINK_NOFOLLOW;
    rustix::fs::statat(directory, name, flags).map(|found| from(&found, path))
}

/// Looks at an open file.
#[cfg(not(target_os = "linux"))]
pub(super) fn look_at(file: impl AsFd, path: &Path) -> Result<Found> {
    rustix::fs::fstat(file).map(|found| from(&found, path))
}

#[cfg(not(target_os = "linux"))]
fn from(found: &rustix::fs::Stat, path: &Path) -> Found {
    let micros = |seconds, nanos| seconds as i64 * 1_000_000 + nanos as i64 / 1000;
    Found {
        entry: FileEntry {
            path: path.to_owned(),
            kind: kind(FileType::from_raw_mode(found.st_mode)),
            size: found.st_size as u64,
            modified: micros(found.st_mtime, found.st_mtime_nsec),
            accessed: micros(found.st_atime, found.st_atime_nsec),
            created: None,
            mode: u32::from(found.st_mode) & 0o7777,
        },
        owner: found.st_uid,
    }
}

fn kind(kind: FileType) -> FileKind {
    match kind {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Directory,
        FileType::Symlink => FileKind::Symlink,
        _ => FileKind::Other,
    }
}
