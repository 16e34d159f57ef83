//! Text in files.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use llmspell_core::host::FileEntry;
use llmspell_core::{Error, Kind, Outcome, Result, Value};
use parking_lot::Mutex;
use serde::Serialize;

use super::decode::text;
use super::hit::{Hit, Lines};
use super::query::Query;
use super::{OUTPUTS, Work};
use crate::choice::choose_or_first;
use crate::fs::entry::shown;
use crate::param::within;

/// Most threads of one search.
const MOST_THREADS: usize = 8;

#[derive(Serialize)]
struct Data {
    matches: Vec<Hit>,
    files: Vec<String>,
    summary: Summary,
    skipped_files: Vec<Skipped>,
    truncated: bool,
}

#[derive(Serialize)]
struct Summary {
    total_matches: usize,
    files_searched: usize,
    files_skipped: usize,
    has_matches: bool,
}

#[derive(Serialize)]
struct Skipped {
    file_path: String,
    reason: String,
}

/// What came of one file.
enum Seen {
    /// It was searched; `more` if matches were left out because of a limit.
    Searched { hits: Vec<Hit>, more: bool },
    /// It could not be searched, and why.
    Skipped(String),
}

pub(super) fn search(work: &Work<'_>) -> Result<Outcome> {
    let mode = choose_or_first("output_mode", work.a.output_mode.as_deref(), OUTPUTS)?;
    let most = work.max_results()?;
    let search = Search::new(work)?;
    let seen = search.run(most, |path, size| search.hits(path, size, most))?;
    let data = gather(seen, most);
    let total = data.summary.total_matches;
    let output = match mode {
        "files" => Value::from_serialize(&data.files)?,
        "count" => total.into(),
        _ => Value::from_serialize(&data.matches)?,
    };
    let message = format!("Found {total} matches in {} files", data.files.len());
    let outcome = Outcome::new("search", Value::from_serialize(&data)?)
        .output(output)
        .message(message);
    Ok(match data.truncated {
        true => outcome.metadata("truncated", true),
        false => outcome,
    })
}

/// Puts together what was seen, in the order of the files, up to so many matches.
fn gather(seen: Vec<(String, Seen)>, most: usize) -> Data {
    let mut data = Data {
        matches: Vec::new(),
        files: Vec::new(),
        summary: Summary {
            total_matches: 0,
            files_searched: 0,
            files_skipped: 0,
            has_matches: false,
        },
        skipped_files: Vec::new(),
        truncated: false,
    };
    for (file_path, seen) in seen {
        match seen {
            Seen::Skipped(reason) => data.skipped_files.push(Skipped { file_path, reason }),
            Seen::Searched { mut hits, more } => {
                let left = most - data.matches.len();
                if hits.len() > left {
                    data.truncated = true;
                    hits.truncate(left);
                }
                if !hits.is_empty() {
                    data.files.push(file_path);
                }
                data.truncated |= more;
                data.summary.files_searched += 1;
                data.matches.append(&mut hits);
                if data.truncated && data.matches.len() == most {
                    break;
                }
            }
        }
    }
    data.summary.total_matches = data.matches.len();
    data.summary.files_skipped = data.skipped_files.len();
    data.summary.has_matches = !data.matches.is_empty();
    data
}

#[derive(Serialize)]
struct Counted {
    file_path: String,
    count: usize,
}

#[derive(Serialize)]
struct Counts {
    counts: Vec<Counted>,
    total: usize,
    files_searched: usize,
    skipped_files: Vec<Skipped>,
}

pub(super) fn count(work: &Work<'_>) -> Result<Outcome> {
    let search = Search::new(work)?;
    let seen = search.run(usize::MAX, |path, size| search.count(path, size))?;
    let mut data = Counts {
        counts: Vec::new(),
        total: 0,
        files_searched: 0,
        skipped_files: Vec::new(),
    };
    for (file_path, seen) in seen {
        match seen {
            Err(reason) => data.skipped_files.push(Skipped { file_path, reason }),
            Ok(count) => {
                data.files_searched += 1;
                data.total += count;
                if count > 0 {
                    data.counts.push(Counted { file_path, count });
                }
            }
        }
    }
    let message = format!(
        "Found {} matches in {} files",
        data.total,
        data.counts.len()
    );
    Ok(Outcome::new("count", Value::from_serialize(&data)?)
        .output(data.total)
        .message(message))
}

/// What can be counted against the most results of a call.
trait Amount {
    fn amount(&self) -> usize;
}

impl Amount for Seen {
    fn amount(&self) -> usize {
        match self {
            Self::Searched { hits, .. } => hits.len(),
            Self::Skipped(_) => 0,
        }
    }
}

impl Amount for Result<usize, String> {
    fn amount(&self) -> usize {
        0
    }
}

struct Search<'a> {
    work: &'a Work<'a>,
    query: Query,
    largest: u64,
    per_file: usize,
    around: usize,
}

impl<'a> Search<'a> {
    fn new(work: &'a Work<'a>) -> Result<Self> {
        let a = work.a;
        let largest = a.max_file_size.unwrap_or(work.config.max_file_bytes);
        let per_file = a.max_matches_per_file.unwrap_or(0);
        let per_file = match within("max_matches_per_file", per_file, 0..=i64::MAX)? {
            0 => usize::MAX,
            most => most,
        };
        Ok(Self {
            work,
            query: Query::new(work)?,
            largest: within("max_file_size", largest, 1..=i64::MAX)? as u64,
            per_file,
            around: within("context_lines", a.context_lines.unwrap_or(2), 0..=50)?,
        })
    }

    /// Looks at every file of the scope, several at a time, and returns what came of each in the order of the walk,
    /// until there are more than `most` results.
    fn run<T: Amount + Send>(
        &self,
        most: usize,
        look: impl Fn(&FileEntry, u64) -> Result<T> + Sync,
    ) -> Result<Vec<(String, T)>> {
        let paths = self.work.paths()?;
        let scope = self.work.scope()?;
        let found = AtomicUsize::new(0);
        let is_full = || found.load(Ordering::Relaxed) > most;
        let (sender, receiver) = mpsc::channel::<(usize, FileEntry)>();
        let receiver = Mutex::new(receiver);
        let take = || {
            // Under the lock, so that no file is looked at that stands behind one that was not.
            let receiver = receiver.lock();
            let next = receiver.recv().ok();
            next.filter(|_| !is_full())
        };
        let search = || -> Result<Vec<(usize, String, T)>> {
            let mut seen = Vec::new();
            while let Some((index, entry)) = take() {
                self.work.cx.check()?;
                let came = look(&entry, self.largest)?;
                found.fetch_add(came.amount(), Ordering::Relaxed);
                seen.push((index, shown(&entry.path), came));
            }
            Ok(seen)
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let mut seen = std::thread::scope(|threads_of_this| {
            let others: Vec<_> = (1..threads.min(MOST_THREADS))
                .map(|_| threads_of_this.spawn(search))
                .collect();
            let mut index = 0;
            let walked = scope.each(&paths, &is_full, &mut |entry| {
                if entry.is_file() {
                    sender.send((index, entry)).ok();
                    index += 1;
                }
                Ok(())
            });
            drop(sender);
            let mut seen = search();
            for other in others {
                let other = other.join().unwrap_or_else(|_| {
                    Err(Error::new(Kind::Bug, "a search ended without a result"))
                });
                seen = seen.and_then(|mut seen| {
                    seen.append(&mut other?);
                    Ok(seen)
                });
            }
            walked.and(seen)
        })?;
        seen.sort_by_key(|(index, ..)| *index);
        let seen = seen.into_iter().map(|(_, path, came)| (path, came));
        Ok(seen.collect())
    }

    /// Reads a file.
    ///
    /// - Errors: what ends the whole search; a file that cannot be read is a reason.
    fn read(&self, entry: &FileEntry, largest: u64) -> Result<Result<Vec<u8>, String>> {
        if entry.size > largest {
            return Ok(Err(format!("larger than {largest} bytes")));
        }
        match self.work.files.read(&entry.path, Some(largest)) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(error) if matches!(error.kind(), Kind::Cancelled | Kind::Timeout | Kind::Bug) => {
                Err(error)
            }
            Err(error) => Ok(Err(error.message().to_owned())),
        }
    }

    fn hits(&self, entry: &FileEntry, largest: u64, most: usize) -> Result<Seen> {
        let bytes = match self.read(entry, largest)? {
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Seen::Skipped(reason)),
        };
        let Some(text) = text(&bytes) else {
            return Ok(Seen::Skipped("binary".to_owned()));
        };
        let (mut hits, mut more) = (Vec::new(), false);
        let (mut lines, path) = (Lines::new(&text), shown(&entry.path));
        self.query.each(self.work.cx, &text, |found| {
            more = hits.len() == self.per_file;
            // One more than is wanted, to know that there is more.
            if more || hits.len() > most {
                return Ok(false);
            }
            let groups = self.query.groups(&text, found.start());
            hits.push(lines.hit(&path, found, self.around, groups));
            Ok(true)
        })?;
        Ok(Seen::Searched { hits, more })
    }

    fn count(&self, entry: &FileEntry, largest: u64) -> Result<Result<usize, String>> {
        let bytes = match self.read(entry, largest)? {
            Ok(bytes) => bytes,
            Err(reason) => return Ok(Err(reason)),
        };
        let Some(text) = text(&bytes) else {
            return Ok(Err("binary".to_owned()));
        };
        let mut count = 0;
        self.query.each(self.work.cx, &text, |_| {
            count += 1;
            Ok(count < self.per_file)
        })?;
        Ok(Ok(count))
    }
}
