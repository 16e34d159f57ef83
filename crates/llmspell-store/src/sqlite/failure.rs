//! What an error of SQLite means to a caller.

use std::path::Path;

use llmspell_core::{Error, error};
use rusqlite::ErrorCode;

/// Turns an error of SQLite into ours, with the file and a way out.
pub(super) fn failure(path: &Path, cause: rusqlite::Error) -> Error {
    let file = path.display();
    let error = match cause.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => error!(Corrupt, "'{file}' is not a store: it is no SQLite database")
            .hint("choose another file for the store, or move this one away and a new store is made in its place"),
        Some(ErrorCode::DatabaseCorrupt) => error!(Corrupt, "the store '{file}' is damaged")
            .hint(format!("restore a backup, or save what is readable with: sqlite3 '{file}' .recover")),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed) => {
            error!(Timeout, "another process keeps the store '{file}' locked").hint("try again when it has ended")
        }
        Some(ErrorCode::DiskFull) => {
            error!(Io, "the disk is full, the store '{file}' cannot grow").hint("free some space and try again")
        }
        Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
            error!(Io, "the store '{file}' cannot be written").hint("check the permissions of the file and its folder")
        }
        Some(ErrorCode::CannotOpen) => {
            error!(Io, "the store '{file}' cannot be opened").hint("check the path, and the permissions of its folder")
        }
        Some(ErrorCode::TooBig) => error!(Limit, "a row of the store '{file}' is too large"),
        Some(ErrorCode::OutOfMemory) => error!(Limit, "there is no memory left to use the store '{file}'"),
        Some(ErrorCode::SystemIoFailure) => error!(Io, "reading or writing the store '{file}' failed"),
        _ => error!(Bug, "the store '{file}' failed unexpectedly"),
    };
    error.source(cause)
}

/// Turns an error of the file system into ours.
pub(super) fn io(path: &Path, what: &str, cause: std::io::Error) -> Error {
    error!(Io, "cannot {what} '{}': {cause}", path.display()).source(cause)
}
