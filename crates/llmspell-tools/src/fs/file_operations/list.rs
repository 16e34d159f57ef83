//! Listing directories.

use std::cell::Cell;
use std::path::Path;

use llmspell_core::host::{Access, FileEntry};
use llmspell_core::{Outcome, Result, Value, error};
use serde::Serialize;

use super::{Work, data};
use crate::fs::entry::{Listed, shown};
use crate::fs::pattern::{Globs, depth};

#[derive(Serialize)]
struct Data {
    path: String,
    entries: Vec<Listed>,
    files: Vec<String>,
    count: usize,
    truncated: bool,
}

pub(super) fn list_dir(work: &Work<'_>) -> Result<Outcome> {
    let globs = match &work.a.pattern {
        Some(pattern) => Some(Globs::new("pattern", &[pattern])?),
        None => None,
    };
    let levels = if work.is_recursive() { None } else { Some(1) };
    let fits = |path: &Path| globs.as_ref().is_none_or(|globs| globs.fit(path));
    let data = found(work, levels, fits)?;
    outcome("list_dir", data, |data| self::data(&data.entries))
}

pub(super) fn glob(work: &Work<'_>) -> Result<Outcome> {
    let pattern = work.a.pattern.as_ref();
    let pattern = pattern.ok_or_else(|| work.missing("pattern"))?;
    let globs = Globs::whole("pattern", pattern)?;
    let mut data = found(work, depth(pattern), |path| globs.fit(path))?;
    data.files = data
        .entries
        .iter()
        .map(|entry| entry.path().to_owned())
        .collect();
    outcome("glob", data, |data| self::data(&data.files))
}

/// Lists what fits below the path of the call, down to so many levels.
fn found(work: &Work<'_>, levels: Option<usize>, fits: impl Fn(&Path) -> bool) -> Result<Data> {
    let path = work.path()?;
    let start = work.files.resolve(path, Access::Read)?;
    if work.files.entry(&start)?.is_none() {
        return Err(error!(NotFound, "'{}' does not exist", start.display()));
    }
    let most = work.max_entries()?;
    let mut found: Vec<(FileEntry, String)> = Vec::new();
    let mut truncated = false;
    let full = Cell::new(false);
    work.files.walk(
        work.cx,
        &start,
        |_, depth| !full.get() && levels.is_none_or(|levels| depth < levels),
        |entry| {
            let below = entry.path.strip_prefix(&start).unwrap_or(&entry.path);
            if truncated || !fits(below) {
                return Ok(());
            }
            if found.len() == most {
                truncated = true;
                full.set(true);
                return Ok(());
            }
            let below = shown(below);
            found.push((entry, below));
            Ok(())
        },
    )?;
    Ok(Data {
        path: shown(&start),
        count: found.len(),
        truncated,
        entries: found.iter().map(|(entry, _)| entry.into()).collect(),
        files: found.into_iter().map(|(_, below)| below).collect(),
    })
}

fn outcome(
    operation: &'static str,
    found: Data,
    output: impl Fn(&Data) -> Result<Value>,
) -> Result<Outcome> {
    let message = format!("Found {} entries in {}", found.count, found.path);
    let outcome = Outcome::new(operation, data(&found)?)
        .output(output(&found)?)
        .message(message);
    Ok(match found.truncated {
        true => outcome.metadata("truncated", true),
        false => outcome,
    })
}
