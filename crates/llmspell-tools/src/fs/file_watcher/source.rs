//! Where events come from.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use futures::future::{Either, select};
use futures::stream::BoxStream;
use futures::{FutureExt as _, StreamExt as _};
use llmspell_core::host::{Access, Change, ChangeKind, is_draft};
use llmspell_core::{Cx, Files, Kind, Result, bail};

use super::Work;
use super::debounce::{Debounce, Known, Settled};
use super::event::{Event, event_type};
use crate::fs::entry::{moment, shown};
use crate::fs::pattern::Globs;
use crate::param::texts;

/// How long one sleep lasts at most; after it, it is looked again what is due.
const LONGEST_SLEEP: Duration = Duration::from_secs(3600);

/// How long the system may take to watch a directory that was just made. What is made in it before is looked for.
const UNTIL_WATCHED: Duration = Duration::from_millis(50);

/// Most entries of a new directory that are told; further ones are counted as dropped.
const MOST_ENTRIES: usize = 10_000;

/// Most entries of new directories that are looked at.
const MOST_SEEN: usize = 100_000;

/// Events of watched paths.
pub(super) struct Source {
    changes: BoxStream<'static, Change>,
    debounce: Debounce,
    delay: Duration,
    wanted: Wanted,
    /// When something that is wanted changed last.
    last: Duration,
    dropped: u64,
}

impl Source {
    /// Begins to watch what the call names.
    pub(super) async fn open(work: &Work<'_>) -> Result<Self> {
        let paths = work.paths()?;
        let recursive = work.a.recursive.unwrap_or(true);
        let delay = work.debounce()?;
        let globs = match &work.a.pattern {
            Some(given) => Some(Globs::new("pattern", &texts("pattern", given)?)?),
            None => None,
        };
        let kinds = work.kinds()?;
        let Watch {
            changes,
            directories,
            files,
            known,
        } = work
            .cx
            .files(move |files, cx| watch(files, cx, &paths, recursive))
            .await?;
        Ok(Self {
            changes,
            debounce: Debounce::new(delay, known),
            delay,
            wanted: Wanted {
                directories,
                files,
                recursive,
                globs,
                kinds,
            },
            last: Duration::ZERO,
            dropped: 0,
        })
    }

    /// Returns the resolved paths that are watched.
    pub(super) fn paths(&self) -> Vec<String> {
        let Wanted {
            directories, files, ..
        } = &self.wanted;
        directories
            .iter()
            .chain(files)
            .map(|path| shown(path))
            .collect()
    }

    /// Returns how many changes were lost because too many came at once.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Returns when everything that happened so far will have been told and `quiet` has passed.
    pub(super) fn settles_at(&self, quiet: Duration) -> Duration {
        self.last + quiet.max(self.delay)
    }

    /// Waits for events until a moment of the monotonic clock; none came when nothing is returned.
    pub(super) async fn next(&mut self, cx: &Cx, until: Duration) -> Result<Vec<Event>> {
        let clock = cx.host().clock.clone();
        loop {
            let now = clock.monotonic();
            let settled = self.debounce.settled(now);
            self.look_into(cx, &settled).await?;
            let events = self.wanted.told(cx, settled).await?;
            if !events.is_empty() || now >= until {
                return Ok(events);
            }
            let wake = self.debounce.earliest().map_or(until, |due| due.min(until));
            let change = {
                let asleep = clock.sleep(wake.saturating_sub(now).min(LONGEST_SLEEP));
                match select(self.changes.next(), asleep).await {
                    Either::Left((change, _)) => change,
                    Either::Right(_) => continue,
                }
            };
            let Some(change) = change else {
                bail!(Io, "the system told no more changes");
            };
            let (now, at) = (clock.monotonic(), clock.now());
            self.add(change, now, at);
            while let Some(Some(change)) = self.changes.next().now_or_never() {
                self.add(change, now, at);
            }
        }
    }

    /// Returns what has happened and not settled yet.
    pub(super) async fn rest(&mut self, cx: &Cx) -> Result<Vec<Event>> {
        let mut settled = self.debounce.settled(Duration::MAX);
        self.look_into(cx, &settled).await?;
        settled.append(&mut self.debounce.settled(Duration::MAX));
        self.wanted.told(cx, settled).await
    }

    /// Adds what new directories hold: it may have been made before the system watched them.
    async fn look_into(&mut self, cx: &Cx, settled: &[Settled]) -> Result<()> {
        let is_new = |one: &&Settled| one.kind == "created" && self.wanted.is_deep(&one.path);
        let new: Vec<PathBuf> = settled
            .iter()
            .filter(is_new)
            .map(|one| one.path.clone())
            .collect();
        if new.is_empty() {
            return Ok(());
        }
        let clock = cx.host().clock.clone();
        clock.sleep(UNTIL_WATCHED.saturating_sub(self.delay)).await;
        let found = cx.files(move |files, cx| found_in(files, cx, &new)).await?;
        let (now, at) = (clock.monotonic(), clock.now());
        let mut left = MOST_ENTRIES;
        for path in found {
            if is_draft(&path) || self.debounce.knows(&path) {
                continue;
            }
            if left == 0 {
                self.dropped += 1;
                continue;
            }
            left -= 1;
            let change = Change {
                kind: ChangeKind::Created,
                path,
                old_path: None,
                dropped: 0,
            };
            self.add(change, now, at);
        }
        Ok(())
    }

    fn add(&mut self, change: Change, now: Duration, at: i64) {
        self.dropped += change.dropped;
        let old = change.old_path.as_deref();
        let paths = [Some(&*change.path), old];
        if paths
            .into_iter()
            .flatten()
            .any(|path| self.wanted.is_watched(path))
        {
            self.last = now;
            self.debounce.add(change, now, at);
        }
    }
}

/// Changes, and what they are of.
struct Watch {
    changes: BoxStream<'static, Change>,
    /// Resolved, as the files are.
    directories: Vec<PathBuf>,
    files: BTreeSet<PathBuf>,
    known: Known,
}

/// Begins to watch. A file is watched by its directory, so that it is still watched when another one takes its place.
fn watch(files: &dyn Files, cx: &Cx, paths: &[String], recursive: bool) -> Result<Watch> {
    let (mut directories, mut singles, mut above) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    for path in paths {
        let resolved = files.resolve(Path::new(path), Access::Read)?;
        match files.entry(&resolved)? {
            None => bail!(NotFound, "'{}' does not exist", resolved.display()),
            Some(entry) if entry.is_dir() => directories.push(resolved),
            Some(_) => {
                let parent = resolved.parent().unwrap_or(&resolved);
                let is_reached = files.resolve(parent, Access::Read).is_ok();
                above.insert(if is_reached {
                    parent.to_owned()
                } else {
                    resolved.clone()
                });
                singles.insert(resolved);
            }
        }
    }
    // What appears between this look and the watch is new when it is heard of first.
    let known = known(files, cx, &directories, &singles, recursive)?;
    let mut streams = Vec::new();
    if !directories.is_empty() {
        streams.push(files.watch(&directories, recursive)?);
    }
    if !above.is_empty() {
        let above: Vec<PathBuf> = above.into_iter().collect();
        streams.push(files.watch(&above, false)?);
    }
    let changes = futures::stream::select_all(streams).boxed();
    Ok(Watch {
        changes,
        directories,
        files: singles,
        known,
    })
}

/// Returns what is there when a watch begins.
fn known(
    files: &dyn Files,
    cx: &Cx,
    directories: &[PathBuf],
    singles: &BTreeSet<PathBuf>,
    recursive: bool,
) -> Result<Known> {
    let known = RefCell::new(Known::default());
    for path in singles {
        known.borrow_mut().insert(path.clone());
    }
    for directory in directories {
        let walked = files.walk(
            cx,
            directory,
            |_, _| recursive && !known.borrow().is_full(),
            |entry| {
                known.borrow_mut().insert(entry.path);
                Ok(())
            },
        );
        passable(walked)?;
    }
    Ok(known.into_inner())
}

/// Returns all that is in those of these paths that are directories.
fn found_in(files: &dyn Files, cx: &Cx, paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        // What went meanwhile, or may not be looked at, holds nothing.
        if !matches!(files.entry(path), Ok(Some(entry)) if entry.is_dir()) {
            continue;
        }
        let walked = files.walk(
            cx,
            path,
            |_, _| true,
            |entry| {
                if found.len() >= MOST_SEEN {
                    bail!(Limit, "there is more than is looked at");
                }
                found.push(entry.path);
                Ok(())
            },
        );
        passable(walked)?;
    }
    Ok(found)
}

/// Lets nothing but the end of the call end a look around: what cannot be read or is nested too deeply is not known.
fn passable(walked: Result<()>) -> Result<()> {
    match walked {
        Err(error) if matches!(error.kind(), Kind::Cancelled | Kind::Timeout) => Err(error),
        _ => Ok(()),
    }
}

fn event(files: &dyn Files, settled: &Settled) -> Event {
    let entry = match settled.kind {
        "deleted" => None,
        _ => files.entry(&settled.path).ok().flatten(),
    };
    Event {
        kind: settled.kind,
        event_type: event_type(settled.kind),
        path: shown(&settled.path),
        old_path: settled.old_path.as_deref().map(shown),
        is_dir: entry.as_ref().is_some_and(|entry| entry.is_dir()),
        size: entry
            .filter(|entry| entry.is_file())
            .map(|entry| entry.size),
        timestamp: moment(settled.at),
    }
}

/// What is told of.
struct Wanted {
    directories: Vec<PathBuf>,
    files: BTreeSet<PathBuf>,
    recursive: bool,
    globs: Option<Globs>,
    kinds: Vec<&'static str>,
}

impl Wanted {
    fn below<'p>(&self, path: &'p Path) -> impl Iterator<Item = &'p Path> {
        let directories = self.directories.iter();
        directories.filter_map(|directory| {
            let below = path.strip_prefix(directory).ok()?;
            (self.recursive || below.components().count() <= 1).then_some(below)
        })
    }

    /// Returns whether what is below a path is watched as well.
    fn is_deep(&self, path: &Path) -> bool {
        self.recursive && self.below(path).next().is_some()
    }

    fn is_watched(&self, path: &Path) -> bool {
        self.files.contains(path) || self.below(path).next().is_some()
    }

    fn admits(&self, settled: &Settled) -> bool {
        let fits = |path: &Path| match &self.globs {
            None => self.is_watched(path),
            Some(globs) => {
                let name = path.file_name().map(Path::new);
                let own = name.filter(|_| self.files.contains(path));
                self.below(path).chain(own).any(|below| globs.fit(below))
            }
        };
        self.kinds.contains(&settled.kind)
            && (fits(&settled.path) || settled.old_path.as_deref().is_some_and(fits))
    }

    /// Returns the events of settled changes that are told of.
    async fn told(&self, cx: &Cx, settled: Vec<Settled>) -> Result<Vec<Event>> {
        let wanted = settled.into_iter().filter(|one| self.admits(one));
        let wanted: Vec<Settled> = wanted.collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        cx.files(move |files, _| Ok(wanted.iter().map(|one| event(files, one)).collect()))
            .await
    }
}
