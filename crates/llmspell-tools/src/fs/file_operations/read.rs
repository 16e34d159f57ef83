//! Reading.

use std::io::Read as _;

use data_encoding::BASE64;
use llmspell_core::host::{Access, failure};
use llmspell_core::{Kind, Outcome, Result, Value, error};
use serde::Serialize;

use super::{Work, data};
use crate::fs::entry::shown;
use crate::param::{refused, within};

#[derive(Serialize)]
struct Data {
    path: String,
    content: Value,
    size: u64,
    encoding: &'static str,
    line_count: Option<usize>,
    start_line: Option<usize>,
    end_line: Option<usize>,
    input: Value,
}

/// What was read of a file.
struct Content {
    bytes: Vec<u8>,
    path: String,
    size: u64,
    is_cut: bool,
}

pub(super) fn read(work: &Work<'_>) -> Result<Outcome> {
    let is_base64 = work.is_base64()?;
    let lines = lines(work)?;
    if is_base64 && lines.is_some() {
        let message = "lines are read of texts, not with encoding 'base64'";
        return Err(refused("start_line", message));
    }
    let content = content(work)?;
    let (path, size, is_cut) = (content.path.clone(), content.size, content.is_cut);
    let length = content.bytes.len();
    let data = match is_base64 {
        true => Data {
            encoding: "base64",
            line_count: None,
            start_line: None,
            end_line: None,
            content: BASE64.encode(&content.bytes).into(),
            input: Value::Null,
            path: content.path,
            size,
        },
        false => text(content, lines)?,
    };
    let data = Data {
        input: data.content.clone(),
        ..data
    };
    let outcome = Outcome::new("read", self::data(&data)?)
        .output(data.content)
        .message(format!("Read {length} bytes from {path}"));
    Ok(match is_cut {
        true => outcome.metadata("truncated", true),
        false => outcome,
    })
}

/// Returns the first and last line that are wanted; the last one may be any.
fn lines(work: &Work<'_>) -> Result<Option<(usize, usize)>> {
    let (start, end) = (work.a.start_line, work.a.end_line);
    if start.is_none() && end.is_none() {
        return Ok(None);
    }
    let start = within("start_line", start.unwrap_or(1), 1..=i64::MAX)?;
    let end = within("end_line", end.unwrap_or(i64::MAX), 1..=i64::MAX)?;
    if end < start {
        let message = format!("end_line {end} comes before start_line {start}");
        return Err(refused("end_line", message));
    }
    Ok(Some((start, end)))
}

fn content(work: &Work<'_>) -> Result<Content> {
    let path = work.path()?;
    let most = work.config.max_file_bytes.min(work.files.max_file_bytes());
    let cut_at = match work.a.max_bytes {
        None => None,
        Some(max) => Some(within("max_bytes", max, 1..=i64::MAX)? as u64),
    };
    let Some(cut_at) = cut_at.filter(|cut_at| *cut_at <= most) else {
        let read = work.files.read(path, Some(work.config.max_file_bytes));
        let bytes = read.map_err(|error| match error.kind() {
            Kind::Limit => work
                .limited(error)
                .hint("read a part of it with `max_bytes`"),
            _ => error,
        })?;
        let resolved = work.files.resolve(path, Access::Read);
        return Ok(Content {
            path: shown(&resolved?),
            size: bytes.len() as u64,
            is_cut: false,
            bytes,
        });
    };
    let file = work.files.open(path)?;
    let (path, size) = (file.entry().path.clone(), file.entry().size);
    let mut bytes = Vec::new();
    file.take(cut_at)
        .read_to_end(&mut bytes)
        .map_err(|cause| failure(&path, cause))?;
    Ok(Content {
        path: shown(&path),
        is_cut: size > bytes.len() as u64,
        size,
        bytes,
    })
}

fn text(content: Content, lines: Option<(usize, usize)>) -> Result<Data> {
    let Content {
        bytes,
        path,
        size,
        is_cut,
    } = content;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(cause) => {
            let fault = cause.utf8_error();
            let valid = fault.valid_up_to();
            if !is_cut || fault.error_len().is_some() {
                return Err(error!(Parse, "'{path}' is not UTF-8 text")
                    .with("offset", valid)
                    .hint("read it with encoding = 'base64'"));
            }
            // The cut went through a character.
            let mut bytes = cause.into_bytes();
            bytes.truncate(valid);
            String::from_utf8(bytes).unwrap_or_default()
        }
    };
    let total = text.split_inclusive('\n').count();
    let (start, end) = match lines {
        None => (1, total),
        Some((start, end)) if start <= total.max(1) => (start, end.min(total)),
        Some((start, _)) => {
            let message = format!("start_line {start} is past the end: '{path}' has {total} lines");
            return Err(refused("start_line", message));
        }
    };
    let content: String = match lines {
        None => text,
        Some(_) => text
            .split_inclusive('\n')
            .skip(start - 1)
            .take((end + 1).saturating_sub(start))
            .collect(),
    };
    Ok(Data {
        path,
        content: content.into(),
        size,
        encoding: "utf-8",
        line_count: Some(total),
        start_line: Some(start),
        end_line: Some(end),
        input: Value::Null,
    })
}
