//! Files by name, size and date.

use std::cell::Cell;
use std::path::Path;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use llmspell_core::host::FileEntry;
use llmspell_core::{Outcome, Result, Value};
use serde::Serialize;

use super::{TYPES, Work, globs};
use crate::choice::choose;
use crate::fs::entry::Listed;
use crate::fs::pattern::Globs;
use crate::param::{refused, within};

#[derive(Serialize)]
struct Data {
    files: Vec<Listed>,
    count: usize,
    truncated: bool,
}

pub(super) fn find(work: &Work<'_>) -> Result<Outcome> {
    let filter = Filter::new(work)?;
    let most = work.max_results()?;
    let (full, mut found) = (Cell::new(false), Vec::new());
    work.scope()?
        .each(&work.paths()?, &|| full.get(), &mut |entry| {
            if filter.admits(&entry) {
                match found.len() < most {
                    true => found.push(Listed::from(&entry)),
                    false => full.set(true),
                }
            }
            Ok(())
        })?;
    let paths: Value = found.iter().map(|file| Value::from(file.path())).collect();
    let data = Data {
        count: found.len(),
        files: found,
        truncated: full.get(),
    };
    let outcome = Outcome::new("find", Value::from_serialize(&data)?)
        .output(paths)
        .message(format!("Found {} entries", data.count));
    Ok(match data.truncated {
        true => outcome.metadata("truncated", true),
        false => outcome,
    })
}

/// What an entry must be.
struct Filter {
    name: Option<Globs>,
    /// Whether a size is asked for, which only files have.
    is_sized: bool,
    least: u64,
    most: u64,
    after: i64,
    before: i64,
    kind: Option<&'static str>,
}

impl Filter {
    fn new(work: &Work<'_>) -> Result<Self> {
        let a = work.a;
        let name = match a.name.as_ref().or(a.pattern.as_ref()) {
            Some(name) => {
                let given = Value::from(name.as_str());
                let globs = globs("name", &given)?;
                Some(Globs::with_case("name", &globs, work.is_case_sensitive()?)?)
            }
            None => None,
        };
        let size = |parameter, given: Option<i64>, default| match given {
            Some(size) => within(parameter, size, 0..=i64::MAX).map(|size| size as u64),
            None => Ok(default),
        };
        let kind = match &a.r#type {
            Some(kind) => Some(choose("type", kind, TYPES)?),
            None => None,
        };
        Ok(Self {
            name,
            is_sized: a.min_size.is_some() || a.max_size.is_some(),
            least: size("min_size", a.min_size, 0)?,
            most: size("max_size", a.max_size, u64::MAX)?,
            after: moment("modified_after", a.modified_after.as_deref(), i64::MIN)?,
            before: moment("modified_before", a.modified_before.as_deref(), i64::MAX)?,
            kind,
        })
    }

    fn admits(&self, entry: &FileEntry) -> bool {
        let name = entry.path.file_name().unwrap_or_default();
        self.name
            .as_ref()
            .is_none_or(|globs| globs.fit(Path::new(name)))
            && (entry.is_file() || !self.is_sized)
            && (self.least..=self.most).contains(&entry.size)
            && (self.after..self.before).contains(&entry.modified)
            && self.kind.is_none_or(|kind| kind == entry.kind.name())
    }
}

/// Reads a time in microseconds since 1970; without a zone it is meant in UTC.
fn moment(parameter: &'static str, given: Option<&str>, default: i64) -> Result<i64> {
    let Some(text) = given else {
        return Ok(default);
    };
    let text = text.trim();
    let at_zone = |civil: DateTime| civil.to_zoned(TimeZone::UTC).ok();
    let moment = (text.parse::<Timestamp>().ok())
        .or_else(|| text.parse::<Zoned>().ok().map(|zoned| zoned.timestamp()))
        .or_else(|| at_zone(text.parse().ok()?).map(|zoned| zoned.timestamp()))
        .or_else(|| {
            let day: Date = text.parse().ok()?;
            at_zone(day.at(0, 0, 0, 0)).map(|zoned| zoned.timestamp())
        });
    let moment = moment.ok_or_else(|| {
        refused(
            parameter,
            format!("parameter '{parameter}': '{text}' is no time"),
        )
        .hint("write it as 2026-01-31 or 2026-01-31T10:00:00Z")
    })?;
    Ok(moment.as_microsecond())
}
