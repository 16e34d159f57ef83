//! Differences of two sequences.

use std::ops::Range;
use std::time::Duration;

use similar::{DiffOp, TextDiff};

/// How long one comparison may search for the shortest difference; after that it takes a longer one.
pub(super) const SEARCH: Duration = Duration::from_secs(5);

/// A stretch of two sequences, by the places of its items.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Edit {
    /// Whether both sides count as equal.
    pub(super) same: bool,
    pub(super) old: Range<usize>,
    pub(super) new: Range<usize>,
}

/// Compares two sequences; the stretches cover both in order, and no two neighbours are both changes.
pub(super) fn edits(old: &[&str], new: &[&str]) -> Vec<Edit> {
    let diff = TextDiff::configure().timeout(SEARCH).diff_slices(old, new);
    let stretches = diff.ops().iter().map(|op| Edit {
        same: matches!(op, DiffOp::Equal { .. }),
        old: op.old_range(),
        new: op.new_range(),
    });
    joined(stretches)
}

/// Joins neighbours of one kind.
pub(super) fn joined(stretches: impl Iterator<Item = Edit>) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    for next in stretches {
        match edits.last_mut() {
            Some(last) if last.same == next.same && (!last.same || balanced(last, &next)) => {
                last.old.end = next.old.end;
                last.new.end = next.new.end;
            }
            _ => edits.push(next),
        }
    }
    edits
}

/// Returns whether both pair each item of one side with one of the other.
fn balanced(left: &Edit, right: &Edit) -> bool {
    left.old.len() == left.new.len() && right.old.len() == right.new.len()
}

/// Groups changes with up to `context` equal items around them; groups that would touch are one.
pub(super) fn hunks(edits: &[Edit], context: usize) -> Vec<Vec<Edit>> {
    let mut groups = Vec::new();
    let mut group: Vec<Edit> = Vec::new();
    for (place, edit) in edits.iter().enumerate() {
        let (first, last) = (place == 0, place + 1 == edits.len());
        let size = edit.old.len();
        if !edit.same || size != edit.new.len() {
            group.push(edit.clone());
            continue;
        }
        let head = |many: usize| part(edit, 0, many.min(size));
        let tail = |many: usize| part(edit, size - many.min(size), size);
        match (first, last) {
            (true, true) => {}
            (true, false) => group.push(tail(context)),
            (false, true) => group.push(head(context)),
            (false, false) if size <= context.saturating_mul(2) => group.push(edit.clone()),
            (false, false) => {
                group.push(head(context));
                groups.push(std::mem::take(&mut group));
                group.push(tail(context));
            }
        }
    }
    groups.push(group);
    groups.retain(|group| group.iter().any(|edit| !edit.same));
    groups
}

fn part(edit: &Edit, from: usize, to: usize) -> Edit {
    Edit {
        same: edit.same,
        old: edit.old.start + from..edit.old.start + to,
        new: edit.new.start + from..edit.new.start + to,
    }
}
