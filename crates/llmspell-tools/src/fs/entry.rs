//! How files and directories are shown in results.

use std::path::Path;

use jiff::Timestamp;
use llmspell_core::host::FileEntry;
use serde::Serialize;

/// A file or directory, as listings show it.
#[derive(Debug, Serialize)]
pub(super) struct Listed {
    name: String,
    path: String,
    r#type: &'static str,
    size: u64,
    modified: Option<String>,
    readonly: bool,
}

impl Listed {
    /// Returns the absolute path.
    pub(super) fn path(&self) -> &str {
        &self.path
    }
}

impl From<&FileEntry> for Listed {
    fn from(entry: &FileEntry) -> Self {
        Self {
            name: entry.name(),
            path: shown(&entry.path),
            r#type: entry.kind.name(),
            size: entry.size,
            modified: moment(entry.modified),
            readonly: entry.is_readonly(),
        }
    }
}

/// Returns a path as results show it; what is not UTF-8 in it is replaced.
pub(super) fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Returns a time given in microseconds since 1970 as results show it.
pub(super) fn moment(micros: i64) -> Option<String> {
    let moment = Timestamp::from_microsecond(micros).ok()?;
    Some(moment.to_string())
}
