//! Reading.

use std::io::{BufRead as _, BufReader, Read as _};

use data_encoding::BASE64;
use llmspell_core::host::{Access, failure};
use llmspell_core::{Error, Kind, Outcome, Result, Value, error};
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
    /// Where in the file it stands, if it is a part that was found by its lines.
    place: Option<Lines>,
}

/// First and last line of a part, and how many the file has, if that is known.
#[derive(Clone, Copy)]
struct Lines {
    start: usize,
    end: usize,
    total: Option<usize>,
}

pub(super) fn read(work: &Work<'_>) -> Result<Outcome> {
    let is_base64 = work.is_base64()?;
    let lines = lines(work)?;
    if is_base64 && lines.is_some() {
        let message = "lines are read of texts, not with encoding 'base64'";
        return Err(refused("start_line", message));
    }
    let content = match (lines, work.a.max_bytes) {
        (Some(lines), Some(most)) => part(work, lines, most)?,
        _ => content(work)?,
    };
    let (path, size, is_cut) = (content.path.clone(), content.size, content.is_cut);
    let length = content.bytes.len();
    let data = match is_base64 {
        _ if content.place.is_some() => text_part(content)?,
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
            place: None,
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
        place: None,
        bytes,
    })
}

/// Reads lines up to a number of bytes, without what stands before them.
fn part(work: &Work<'_>, (start, end): (usize, usize), most: i64) -> Result<Content> {
    let most = within("max_bytes", most, 1..=i64::MAX)? as u64;
    let limit = work.config.max_file_bytes.min(work.files.max_file_bytes());
    let most = most.min(limit);
    let file = work.files.open(work.path()?)?;
    let (path, size) = (file.entry().path.clone(), file.entry().size);
    let failed = |cause| failure(&path, cause);
    let mut file = BufReader::new(file);
    for line in 1..start {
        work.cx.check()?;
        let skipped = file.skip_until(b'\n').map_err(failed)?;
        if skipped == 0 || file.fill_buf().map_err(failed)?.is_empty() {
            let total = if skipped == 0 { line - 1 } else { line };
            return Err(past_the_end(start, &shown(&path), total));
        }
    }
    let (mut bytes, mut line) = (Vec::new(), start);
    let is_cut = loop {
        work.cx.check()?;
        let left = most - bytes.len() as u64;
        let read = (&mut file)
            .take(left)
            .read_until(b'\n', &mut bytes)
            .map_err(failed)?;
        let is_end = file.fill_buf().map_err(failed)?.is_empty();
        match (is_end, bytes.ends_with(b"\n")) {
            (true, _) => break false,
            (false, true) if line == end => break false,
            (false, true) if (read as u64) < left => line += 1,
            (false, _) => break true,
        }
    };
    let is_end = file.fill_buf().map_err(failed)?.is_empty();
    Ok(Content {
        path: shown(&path),
        size,
        is_cut,
        place: Some(Lines {
            start,
            end: line,
            total: is_end.then_some(line),
        }),
        bytes,
    })
}

fn past_the_end(start: usize, path: &str, total: usize) -> Error {
    let message = format!("start_line {start} is past the end: '{path}' has {total} lines");
    refused("start_line", message)
}

/// Returns bytes as text.
fn decoded(bytes: Vec<u8>, path: &str, is_cut: bool) -> Result<String> {
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
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
            Ok(String::from_utf8(bytes).unwrap_or_default())
        }
    }
}

fn text_part(content: Content) -> Result<Data> {
    let text = decoded(content.bytes, &content.path, content.is_cut)?;
    let place = content.place;
    Ok(Data {
        path: content.path,
        content: text.into(),
        size: content.size,
        encoding: "utf-8",
        line_count: place.and_then(|place| place.total),
        start_line: place.map(|place| place.start),
        end_line: place.map(|place| place.end),
        input: Value::Null,
    })
}

fn text(content: Content, lines: Option<(usize, usize)>) -> Result<Data> {
    let Content {
        bytes,
        path,
        size,
        is_cut,
        ..
    } = content;
    let text = decoded(bytes, &path, is_cut)?;
    let total = text.split_inclusive('\n').count();
    let (start, end) = match lines {
        None => (1, total),
        Some((start, end)) if start <= total.max(1) => (start, end.min(total)),
        Some((start, _)) => return Err(past_the_end(start, &path, total)),
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
