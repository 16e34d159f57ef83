//! What is known of a path.

use std::io::Read as _;

use llmspell_core::host::{Access, FileEntry, FileKind};
use llmspell_core::{Outcome, Result};
use serde::Serialize;

use super::{Work, data};
use crate::fs::entry::{moment, shown};

/// Bytes by which a file whose name says nothing is told apart.
const SNIFFED: u64 = 8192;

#[derive(Serialize)]
struct Metadata {
    path: String,
    r#type: &'static str,
    size: u64,
    readonly: bool,
    permissions: String,
    created: Option<String>,
    modified: Option<String>,
    accessed: Option<String>,
    mime_type: Option<String>,
    symlink_target: Option<String>,
}

pub(super) fn metadata(work: &Work<'_>) -> Result<Outcome> {
    let entry = work.entry(work.path()?)?;
    let target = match entry.kind {
        FileKind::Symlink => work.files.resolve(&entry.path, Access::Read).ok(),
        _ => None,
    };
    let path = shown(&entry.path);
    let message = format!("{path} is a {} of {} bytes", entry.kind.name(), entry.size);
    let data = data(&Metadata {
        path,
        r#type: entry.kind.name(),
        size: entry.size,
        readonly: entry.is_readonly(),
        permissions: format!("{:04o}", entry.mode & 0o7777),
        created: entry.created.and_then(moment),
        modified: moment(entry.modified),
        accessed: moment(entry.accessed),
        mime_type: mime_type(work, &entry),
        symlink_target: target.as_deref().map(shown),
    })?;
    Ok(Outcome::new("metadata", data).message(message))
}

/// Tells the type of a file from its name, else from its beginning.
fn mime_type(work: &Work<'_>, entry: &FileEntry) -> Option<String> {
    if !entry.is_file() {
        return None;
    }
    if let Some(named) = mime_guess::from_path(&entry.path).first_raw() {
        return Some(named.to_owned());
    }
    let mut start = Vec::new();
    let file = work.files.open(&entry.path).ok()?;
    file.take(SNIFFED).read_to_end(&mut start).ok()?;
    let is_text = !start.contains(&0)
        && std::str::from_utf8(&start).map_or_else(|fault| fault.error_len().is_none(), |_| true);
    let sniffed = if is_text {
        "text/plain"
    } else {
        "application/octet-stream"
    };
    Some(sniffed.to_owned())
}

#[derive(Serialize)]
struct Exists {
    path: String,
    exists: bool,
    r#type: Option<&'static str>,
}

pub(super) fn exists(work: &Work<'_>) -> Result<Outcome> {
    let path = work.path()?;
    let entry = work.files.entry(path)?;
    let exists = entry.is_some();
    let shown = match &entry {
        Some(entry) => shown(&entry.path),
        None => shown(&work.resolved(path, Access::Read)),
    };
    let message = match exists {
        true => format!("{shown} exists"),
        false => format!("{shown} does not exist"),
    };
    let data = data(&Exists {
        path: shown,
        exists,
        r#type: entry.map(|entry| entry.kind.name()),
    })?;
    Ok(Outcome::new("exists", data).output(exists).message(message))
}
