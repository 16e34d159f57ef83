//! Writing whole files and adding to them.

use std::borrow::Cow;
use std::path::Path;

use data_encoding::BASE64_MIME_PERMISSIVE;
use llmspell_core::host::{Access, FileEntry, WriteMode, failure};
use llmspell_core::value::to_json;
use llmspell_core::{Outcome, Result, Value, error};
use serde::Serialize;

use super::{MODES, Work, data};
use crate::choice::choose_or_first;
use crate::fs::entry::shown;
use crate::param::octets;
use crate::plain::plain;

#[derive(Serialize)]
struct Written {
    path: String,
    bytes_written: usize,
    size: u64,
    created: bool,
}

pub(super) fn write(work: &Work<'_>) -> Result<Outcome> {
    let path = work.path()?;
    let bytes = bytes(work)?;
    let mode = match choose_or_first("mode", work.a.mode.as_deref(), MODES)? {
        "create_new" => WriteMode::New,
        "append" => WriteMode::Append,
        _ => WriteMode::Replace,
    };
    let before = work.found(path, Access::Write)?;
    if let Some(before) = &before
        && mode == WriteMode::Replace
        && work.config.backup_on_write
        && before.is_file()
    {
        keep(work, before)?;
    }
    let entry = put(work, path, mode, &bytes)?;
    let (path, length) = (shown(&entry.path), bytes.len());
    let message = format!("Wrote {length} bytes to {path}");
    let data = data(&Written {
        path,
        bytes_written: length,
        size: entry.size,
        created: before.is_none(),
    })?;
    Ok(Outcome::new("write", data)
        .output(&*message)
        .message(message))
}

#[derive(Serialize)]
struct Appended {
    path: String,
    appended_size: usize,
    size: u64,
}

pub(super) fn append(work: &Work<'_>) -> Result<Outcome> {
    let path = work.path()?;
    let bytes = bytes(work)?;
    let entry = put(work, path, WriteMode::Append, &bytes)?;
    let (path, length) = (shown(&entry.path), bytes.len());
    let message = format!("Appended {length} bytes to {path}");
    let data = data(&Appended {
        path,
        appended_size: length,
        size: entry.size,
    })?;
    Ok(Outcome::new("append", data)
        .output(&*message)
        .message(message))
}

/// Copies what is about to be replaced.
fn keep(work: &Work<'_>, before: &FileEntry) -> Result<()> {
    let mut name = before.path.clone().into_os_string();
    name.push(".bak");
    let kept = work
        .files
        .copy(work.cx, &before.path, Path::new(&name), WriteMode::Replace);
    kept.map(drop)
}

/// Writes bytes as the configuration asks.
pub(super) fn put(
    work: &Work<'_>,
    path: &Path,
    mode: WriteMode,
    bytes: &[u8],
) -> Result<FileEntry> {
    let mut draft = work.files.create(path, mode)?;
    draft
        .write_all(bytes)
        .map_err(|cause| failure(path, cause))?;
    if work.config.fsync {
        draft.sync()?;
    }
    draft.commit()
}

/// Returns what is to be written.
fn bytes<'a>(work: &Work<'a>) -> Result<Cow<'a, [u8]>> {
    let is_base64 = work.is_base64()?;
    let input = work.a.input.as_ref();
    let bytes = match input.ok_or_else(|| work.missing("input"))? {
        Value::Str(text) if is_base64 => {
            let decoded = BASE64_MIME_PERMISSIVE.decode(text.as_bytes());
            let decoded = decoded.map_err(|cause| {
                let offset = cause.position;
                error!(
                    Parse,
                    "parameter 'input' is not valid base64 at offset {offset}"
                )
                .with("parameter", "input")
                .with("offset", offset)
            })?;
            Cow::Owned(decoded)
        }
        Value::Str(text) => Cow::Borrowed(text.as_bytes()),
        Value::Bytes(bytes) => Cow::Borrowed(&**bytes),
        table @ (Value::List(_) | Value::Map(_)) => {
            plain("input", table)?;
            Cow::Owned(to_json(table).into_bytes())
        }
        other => Cow::Owned(octets("input", other.clone())?),
    };
    let (size, most) = (bytes.len() as u64, work.config.max_file_bytes);
    if size > most {
        let error = error!(
            Limit,
            "parameter 'input' is {size} bytes long, more than the limit of {most}"
        );
        let error = error.with("size", size).with("limit", most);
        return Err(work.limited(error));
    }
    Ok(bytes)
}
