//! Changes that follow each other closely become one.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use llmspell_core::host::{Change, ChangeKind};

/// A path that never rests is told after this many delays.
const PATIENCE: u32 = 10;

/// Most paths that are kept in mind.
const MOST_KNOWN: usize = 100_000;

/// What became of a path since it was told last.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Created,
    Modified,
    Deleted,
    Renamed(PathBuf),
    /// It came from there and is gone again, or has yet another name.
    MovedOn(PathBuf),
    Other,
    /// It appeared and went; nobody needs to know.
    Gone,
}

#[derive(Debug)]
struct Waiting {
    state: State,
    number: u64,
    first: Duration,
    due: Duration,
    at: i64,
}

/// A change that has settled.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Settled {
    pub(super) kind: &'static str,
    pub(super) path: PathBuf,
    pub(super) old_path: Option<PathBuf>,
    /// Microseconds since 1970.
    pub(super) at: i64,
}

/// The paths that are there. What takes the place of one of them changes it; anything else is new.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeSet<PathBuf>);

impl Known {
    /// Keeps a path in mind, as far as there is room.
    pub(super) fn insert(&mut self, path: PathBuf) {
        if !self.is_full() {
            self.0.insert(path);
        }
    }

    /// Forgets a path and all that is below it.
    fn remove(&mut self, path: &Path) {
        if self.0.remove(path) {
            let below = self.0.range(path.to_owned()..);
            let below = below.take_while(|inner| inner.starts_with(path));
            for inner in below.cloned().collect::<Vec<_>>() {
                self.0.remove(&inner);
            }
        }
    }

    pub(super) fn contains(&self, path: &Path) -> bool {
        self.0.contains(path)
    }

    /// Returns whether no further path is kept in mind.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= MOST_KNOWN
    }
}

/// Holds changes back until their path has rested for a while.
#[derive(Debug)]
pub(super) struct Debounce {
    delay: Duration,
    known: Known,
    waiting: BTreeMap<PathBuf, Waiting>,
    number: u64,
    /// No change is due before; it may be later.
    earliest: Option<Duration>,
}

impl Debounce {
    /// `known` is what is there when the watch begins.
    pub(super) fn new(delay: Duration, known: Known) -> Self {
        Self {
            delay,
            known,
            waiting: BTreeMap::new(),
            number: 0,
            earliest: None,
        }
    }

    /// Takes a change that happened at `now` on the monotonic clock, `at` by the calendar.
    pub(super) fn add(&mut self, change: Change, now: Duration, at: i64) {
        let was_there = self.note(&change);
        let state = match (change.kind, change.old_path) {
            (ChangeKind::Created, _) if was_there => State::Modified,
            (ChangeKind::Created, _) => State::Created,
            (ChangeKind::Deleted, _) => State::Deleted,
            (ChangeKind::Modified, _) => State::Modified,
            (ChangeKind::Renamed, Some(old)) => {
                // The system also tells that the old name went and the new one came.
                match self.waiting.remove(&old).map(|waiting| waiting.state) {
                    Some(State::Gone | State::Created) if was_there => State::Modified,
                    Some(State::Gone | State::Created) => State::Created,
                    Some(State::Renamed(first) | State::MovedOn(first)) => State::Renamed(first),
                    _ => State::Renamed(old),
                }
            }
            (ChangeKind::Renamed | ChangeKind::Other, _) => State::Other,
        };
        self.number += 1;
        let due = now + self.delay;
        let (state, first, number) = match self.waiting.remove(&change.path) {
            Some(before) => (joined(before.state, state), before.first, before.number),
            None => (state, now, self.number),
        };
        let due = due.min(first + self.delay * PATIENCE);
        self.earliest = Some(self.earliest.map_or(due, |earliest| earliest.min(due)));
        let waiting = Waiting {
            state,
            number,
            first,
            due,
            at,
        };
        self.waiting.insert(change.path, waiting);
    }

    /// Keeps in mind what is there after a change, and returns whether its path was there before.
    fn note(&mut self, change: &Change) -> bool {
        let was_there = self.known.contains(&change.path);
        if let Some(old) = &change.old_path {
            self.known.remove(old);
        }
        match change.kind {
            ChangeKind::Deleted => self.known.remove(&change.path),
            ChangeKind::Created | ChangeKind::Modified | ChangeKind::Renamed => {
                self.known.insert(change.path.clone());
            }
            ChangeKind::Other => {}
        }
        was_there
    }

    /// Returns whether a path was there when something of it was heard last.
    pub(super) fn knows(&self, path: &Path) -> bool {
        self.known.contains(path)
    }

    /// Returns when to look again.
    pub(super) fn earliest(&self) -> Option<Duration> {
        self.earliest
    }

    /// Takes out what has settled by `now`, in the order in which it began.
    pub(super) fn settled(&mut self, now: Duration) -> Vec<Settled> {
        if self.earliest.is_none_or(|earliest| earliest > now) {
            return Vec::new();
        }
        let ripe = self.waiting.extract_if(.., |_, waiting| waiting.due <= now);
        let mut ripe: Vec<(PathBuf, Waiting)> = ripe.collect();
        self.earliest = self.waiting.values().map(|waiting| waiting.due).min();
        ripe.sort_by_key(|(_, waiting)| waiting.number);
        let told = |(path, waiting): (PathBuf, Waiting)| {
            let (kind, old_path) = match waiting.state {
                State::Gone => return None,
                State::MovedOn(old) => {
                    return Some(Settled {
                        kind: "deleted",
                        path: old,
                        old_path: None,
                        at: waiting.at,
                    });
                }
                State::Created => ("created", None),
                State::Modified => ("modified", None),
                State::Deleted => ("deleted", None),
                State::Other => ("other", None),
                State::Renamed(old) => ("renamed", Some(old)),
            };
            Some(Settled {
                kind,
                path,
                old_path,
                at: waiting.at,
            })
        };
        ripe.into_iter().filter_map(told).collect()
    }
}

/// Returns what two changes of one path are together.
fn joined(before: State, then: State) -> State {
    match (before, then) {
        (State::Created | State::Gone, State::Deleted) => State::Gone,
        (State::Gone, State::Renamed(old)) => State::Renamed(old),
        (State::Gone, _) => State::Created,
        (State::Renamed(old), State::Deleted) => State::MovedOn(old),
        (State::MovedOn(old), State::Created | State::Modified) => State::Renamed(old),
        (State::Created, State::Created | State::Modified | State::Other) => State::Created,
        // What took the place of something else changed it.
        (State::Deleted, State::Created) => State::Modified,
        // The new name is told to have come before it is told to be a new name.
        (State::Created | State::Modified, State::Renamed(old)) => State::Renamed(old),
        (State::Renamed(old), State::Created | State::Modified | State::Other) => {
            State::Renamed(old)
        }
        (State::Modified, State::Created | State::Other) => State::Modified,
        (_, then) => then,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(count: u64) -> Duration {
        Duration::from_millis(count)
    }

    fn change(kind: ChangeKind, path: &str, old: Option<&str>) -> Change {
        Change {
            kind,
            path: path.into(),
            old_path: old.map(Into::into),
            dropped: 0,
        }
    }

    #[track_caller]
    fn told(changes: &[(ChangeKind, &str, Option<&str>)], expected: &[(&str, &str, Option<&str>)]) {
        told_of(&[], changes, expected);
    }

    #[track_caller]
    fn told_of(
        there: &[&str],
        changes: &[(ChangeKind, &str, Option<&str>)],
        expected: &[(&str, &str, Option<&str>)],
    ) {
        let mut known = Known::default();
        for path in there {
            known.insert(path.into());
        }
        let mut debounce = Debounce::new(ms(100), known);
        for (kind, path, old) in changes {
            debounce.add(change(*kind, path, *old), ms(0), 5);
        }
        let settled = debounce.settled(ms(100));
        let settled: Vec<_> = settled
            .iter()
            .map(|one| {
                let old = one.old_path.as_ref().map(|old| old.to_str().unwrap());
                (one.kind, one.path.to_str().unwrap(), old)
            })
            .collect();
        assert_eq!(settled, expected);
        assert_eq!(debounce.earliest(), None);
    }

    #[test]
    fn changes_of_one_path_are_joined() {
        use ChangeKind::{Created, Deleted, Modified, Other, Renamed};
        told(
            &[
                (Created, "a", None),
                (Modified, "a", None),
                (Modified, "a", None),
            ],
            &[("created", "a", None)],
        );
        told(
            &[(Modified, "a", None), (Deleted, "a", None)],
            &[("deleted", "a", None)],
        );
        told(&[(Created, "a", None), (Deleted, "a", None)], &[]);
        told(
            &[
                (Created, "a", None),
                (Deleted, "a", None),
                (Created, "a", None),
            ],
            &[("created", "a", None)],
        );
        told(
            &[(Deleted, "a", None), (Created, "a", None)],
            &[("modified", "a", None)],
        );
        told(&[(Other, "a", None)], &[("other", "a", None)]);
        told(
            &[(Modified, "b", None), (Modified, "a", None)],
            &[("modified", "b", None), ("modified", "a", None)],
        );
        // As the system tells a move.
        let moved = [
            (Deleted, "a", None),
            (Created, "b", None),
            (Renamed, "b", Some("a")),
        ];
        told(&moved, &[("renamed", "b", Some("a"))]);
        told(
            &[&moved[..], &[(Modified, "b", None)]].concat(),
            &[("renamed", "b", Some("a"))],
        );
        let twice = [
            (Deleted, "b", None),
            (Created, "c", None),
            (Renamed, "c", Some("b")),
        ];
        told(&[moved, twice].concat(), &[("renamed", "c", Some("a"))]);
        told(
            &[&moved[..], &[(Deleted, "b", None)]].concat(),
            &[("deleted", "a", None)],
        );
        // As a file is replaced at once.
        let replaced = [
            (Created, "t", None),
            (Modified, "t", None),
            (Deleted, "t", None),
            (Created, "a", None),
            (Renamed, "a", Some("t")),
        ];
        told(&replaced, &[("created", "a", None)]);
        told_of(&["a"], &replaced, &[("modified", "a", None)]);
        told_of(&["a"], &[(Created, "a", None)], &[("modified", "a", None)]);
        // What was there before has a name to be told.
        told_of(&["a", "b"], &moved, &[("renamed", "b", Some("a"))]);
    }

    #[test]
    fn what_is_below_a_path_goes_with_it() {
        use ChangeKind::{Created, Deleted};
        told_of(
            &["d", "d-e", "d/x/y", "d/x"],
            &[
                (Deleted, "d", None),
                (Created, "d", None),
                (Created, "d/x/y", None),
                (Created, "d-e", None),
            ],
            &[
                ("modified", "d", None),
                ("created", "d/x/y", None),
                ("modified", "d-e", None),
            ],
        );
    }

    #[test]
    fn a_path_must_rest() {
        let mut debounce = Debounce::new(ms(100), Known::default());
        debounce.add(change(ChangeKind::Modified, "a", None), ms(0), 0);
        debounce.add(change(ChangeKind::Modified, "a", None), ms(90), 0);
        assert_eq!(debounce.settled(ms(150)), []);
        assert_eq!(debounce.earliest(), Some(ms(190)));
        assert_eq!(debounce.settled(ms(190)).len(), 1);
        for step in 0..40 {
            debounce.add(
                change(ChangeKind::Modified, "busy", None),
                ms(1000 + step * 50),
                0,
            );
        }
        assert_eq!(
            debounce.settled(ms(2000)).len(),
            1,
            "one that never rests is told at last"
        );
    }
}
