//! Applying patches: unified diffs to texts, JSON patches to data.

use llmspell_core::value::MAX_DEPTH;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value};
use serde_json::Value as Json;

use super::{DiffCalculator, Found, TYPES, data_of, text_of};
use crate::choice::choose;
use crate::param::{missing, refused};

/// Most operations of a JSON patch.
const MOST_OPERATIONS: usize = 10_000;
/// Most values that the patched data may have; a patch can double it with every operation.
const MOST_NODES: usize = 2_000_000;

/// `apply`. What cannot be applied is listed in `rejected`.
pub(super) fn apply(cx: &Cx, a: &DiffCalculator) -> Result<Found> {
    let input = a
        .input
        .as_ref()
        .ok_or_else(|| missing("diff_calculator", "apply", "input"))?;
    let patch = a
        .patch
        .as_ref()
        .ok_or_else(|| missing("diff_calculator", "apply", "patch"))?;
    let json = match &a.kind {
        Some(kind) => choose("type", kind, TYPES)? == "json",
        None => match patch {
            Value::Str(text) => text.trim_start().starts_with(['[', '{']),
            _ => true,
        },
    };
    let applied = if json {
        json_patch(
            cx,
            &data_of("input", input, true)?,
            &data_of("patch", patch, true)?,
        )?
    } else {
        let input = text_of("apply", "input", Some(input))?;
        text_patch(cx, input, text_of("apply", "patch", Some(patch))?)?
    };
    let failed = applied.rejected.len();
    let all = applied.applied + failed;
    let data = Map::from([
        ("result", applied.result.clone()),
        ("applied", applied.applied.into()),
        ("rejected", applied.rejected.into()),
    ]);
    let unit = if json { "operations" } else { "hunks" };
    Ok(Found {
        data,
        output: applied.result,
        message: format!("Applied {} of {all} {unit}", applied.applied),
        warnings: match failed {
            0 => Vec::new(),
            failed => vec![format!("{failed} of {all} {unit} could not be applied")],
        },
    })
}

struct Applied {
    result: Value,
    applied: usize,
    rejected: Vec<Value>,
}

// --- texts

/// One hunk of a unified diff.
struct Hunk<'a> {
    /// The first line of the old text, from 0.
    start: usize,
    /// What must be there.
    old: Vec<&'a str>,
    /// What takes its place.
    new: Vec<&'a str>,
}

/// Applies each hunk at its line or, if the text has moved, at the nearest place where it fits.
fn text_patch(cx: &Cx, input: &str, patch: &str) -> Result<Applied> {
    let hunks = parse(patch)?;
    let lines: Vec<&str> = input.split_inclusive('\n').collect();
    let (mut result, mut rejected) = (String::with_capacity(input.len()), Vec::new());
    let (mut done, mut moved) = (0, 0_isize);
    for (place, hunk) in hunks.iter().enumerate() {
        let expected = hunk.start.saturating_add_signed(moved);
        match found(cx, &lines, done, expected, &hunk.old)? {
            Some(at) => {
                moved = at as isize - hunk.start as isize;
                result.extend(lines[done..at].iter().copied());
                result.extend(hunk.new.iter().copied());
                done = at + hunk.old.len();
            }
            None => rejected.push(Value::from([
                ("hunk", (place + 1).into()),
                ("line", (hunk.start + 1).into()),
                ("reason", "the lines to change are not there".into()),
                ("expected", hunk.old.concat().into()),
            ])),
        }
    }
    result.extend(lines[done..].iter().copied());
    Ok(Applied {
        result: result.into(),
        applied: hunks.len() - rejected.len(),
        rejected,
    })
}

/// Finds `wanted` in the lines from `first` on, nearest to `expected`.
fn found(
    cx: &Cx,
    lines: &[&str],
    first: usize,
    expected: usize,
    wanted: &[&str],
) -> Result<Option<usize>> {
    let Some(last) = lines
        .len()
        .checked_sub(wanted.len())
        .filter(|last| *last >= first)
    else {
        return Ok(None);
    };
    let expected = expected.clamp(first, last);
    if wanted.is_empty() {
        return Ok(Some(expected));
    }
    let fits = |at: usize| lines[at..at + wanted.len()] == *wanted;
    for distance in 0..=(last - first) {
        if distance % 4_096 == 4_095 {
            cx.check()?;
        }
        let below = expected.checked_sub(distance).filter(|at| *at >= first);
        if let Some(at) = below.filter(|at| fits(*at)) {
            return Ok(Some(at));
        }
        let above = expected + distance;
        if above <= last && fits(above) {
            return Ok(Some(above));
        }
    }
    Ok(None)
}

/// Reads a unified diff of one text. Lines before the first hunk are its heading.
///
/// - Errors: `Parse` with the line.
fn parse(patch: &str) -> Result<Vec<Hunk<'_>>> {
    let bad = |line: usize, reason: &str| {
        llmspell_core::error!(Parse, "not a unified diff: {reason} in line {line}")
            .with("parameter", "patch")
            .with("line", line)
    };
    let mut hunks: Vec<Hunk> = Vec::new();
    let (mut old_left, mut new_left) = (0, 0);
    let mut before = b' ';
    for (place, line) in patch.split_inclusive('\n').enumerate() {
        let number = place + 1;
        if old_left == 0 && new_left == 0 {
            if line.starts_with("@@") {
                let (start, old, new) =
                    heading(line).ok_or_else(|| bad(number, "a bad '@@' heading"))?;
                (old_left, new_left) = (old, new);
                // Without old lines the number names the line after which the new ones come.
                let start = if old == 0 {
                    start
                } else {
                    start.saturating_sub(1)
                };
                hunks.push(Hunk {
                    start,
                    old: Vec::new(),
                    new: Vec::new(),
                });
                continue;
            }
            if line.starts_with("--- ") && !hunks.is_empty() {
                return Err(bad(number, "a second file").hint("apply the files one by one"));
            }
        }
        let Some(hunk) = hunks.last_mut() else {
            continue;
        };
        let body = line.get(1..).unwrap_or_default();
        let mark = line.as_bytes().first().copied();
        match mark {
            Some(b'\\') => unterminated(hunk, before),
            Some(b' ') if old_left > 0 && new_left > 0 => {
                hunk.old.push(body);
                hunk.new.push(body);
                (old_left, new_left) = (old_left - 1, new_left - 1);
            }
            // Editors cut the blank of an empty context line.
            Some(b'\n' | b'\r') if old_left > 0 && new_left > 0 => {
                hunk.old.push(line);
                hunk.new.push(line);
                (old_left, new_left) = (old_left - 1, new_left - 1);
            }
            Some(b'-') if old_left > 0 => {
                hunk.old.push(body);
                old_left -= 1;
            }
            Some(b'+') if new_left > 0 => {
                hunk.new.push(body);
                new_left -= 1;
            }
            _ if old_left == 0 && new_left == 0 => {}
            _ => return Err(bad(number, "an unexpected line")),
        }
        before = mark.unwrap_or(b' ');
    }
    let lines = patch.lines().count();
    if old_left + new_left > 0 {
        return Err(bad(lines, "an incomplete hunk"));
    }
    if hunks.is_empty() && !patch.trim().is_empty() && !patch.starts_with("--- ") {
        return Err(bad(1, "no '@@' heading"));
    }
    Ok(hunks)
}

/// Takes the newline off the line before `\ No newline at end of file`.
fn unterminated(hunk: &mut Hunk, before: u8) {
    let cut = |lines: &mut Vec<&str>| {
        if let Some(last) = lines.last_mut() {
            *last = last.strip_suffix('\n').unwrap_or(last);
        }
    };
    if before != b'+' {
        cut(&mut hunk.old);
    }
    if before != b'-' {
        cut(&mut hunk.new);
    }
}

/// Reads `@@ -1,2 +3,4 @@` into the old start and both sizes.
fn heading(line: &str) -> Option<(usize, usize, usize)> {
    let (ranges, _) = line.strip_prefix("@@ -")?.split_once(" @@")?;
    let (old, new) = ranges.split_once(" +")?;
    let range = |text: &str| match text.split_once(',') {
        Some((start, size)) => Some((start.parse().ok()?, size.parse().ok()?)),
        None => Some((text.parse().ok()?, 1)),
    };
    let ((start, old), (_, new)): ((usize, usize), (usize, usize)) = (range(old)?, range(new)?);
    Some((start, old, new))
}

// --- data

/// Applies a JSON Patch whole or not at all, or a JSON Merge Patch.
fn json_patch(cx: &Cx, input: &Value, patch: &Value) -> Result<Applied> {
    let mut document = input.to_serde_json();
    let original = document.clone();
    let operations = match patch.to_serde_json() {
        Json::Object(members) => {
            json_patch::merge(&mut document, &Json::Object(members));
            return Ok(Applied {
                result: document.into(),
                applied: 1,
                rejected: Vec::new(),
            });
        }
        Json::Array(operations) => operations,
        _ => {
            return Err(refused(
                "patch",
                "a JSON patch is a list of operations or an object",
            ));
        }
    };
    if operations.len() > MOST_OPERATIONS {
        let message = format!("a patch has at most {MOST_OPERATIONS} operations");
        return Err(Error::new(Kind::Limit, message).with("limit", MOST_OPERATIONS));
    }
    let mut nodes = count(&document);
    let total = operations.len();
    for (place, operation) in operations.into_iter().enumerate() {
        cx.check()?;
        let operation: json_patch::PatchOperation = serde_json::from_value(operation.clone())
            .map_err(|failure| {
                refused(
                    "patch",
                    format!("operation {} is not valid: {failure}", place + 1),
                )
                .with("got", operation.to_string())
            })?;
        grows(&document, &operation, &mut nodes)?;
        if let Err(failure) = json_patch::patch(&mut document, std::slice::from_ref(&operation)) {
            let rejected = Value::from([
                ("operation", (place + 1).into()),
                ("path", operation.path().as_str().into()),
                ("reason", failure.kind.to_string().into()),
            ]);
            return Ok(Applied {
                result: original.into(),
                applied: 0,
                rejected: vec![rejected],
            });
        }
    }
    Ok(Applied {
        result: document.into(),
        applied: total,
        rejected: Vec::new(),
    })
}

/// Checks how large and deep the document becomes, before it does.
fn grows(document: &Json, operation: &json_patch::PatchOperation, nodes: &mut usize) -> Result<()> {
    use json_patch::PatchOperation as Op;
    let (path, value) = match operation {
        Op::Add(add) => (add.path.as_str(), Some(&add.value)),
        Op::Replace(replace) => (replace.path.as_str(), Some(&replace.value)),
        Op::Copy(copy) => (copy.path.as_str(), document.pointer(copy.from.as_str())),
        Op::Move(moved) => (moved.path.as_str(), document.pointer(moved.from.as_str())),
        Op::Remove(_) | Op::Test(_) => return Ok(()),
    };
    let Some(value) = value else { return Ok(()) };
    if !matches!(operation, Op::Move(_)) {
        *nodes += count(value);
    }
    if *nodes > MOST_NODES {
        let message = format!("the patched data would have more than {MOST_NODES} values");
        return Err(Error::new(Kind::Limit, message).with("limit", MOST_NODES));
    }
    if path.matches('/').count() + depth(value) > MAX_DEPTH {
        let message = format!("the patched data would be nested deeper than {MAX_DEPTH} levels");
        return Err(Error::new(Kind::Limit, message).with("limit", MAX_DEPTH));
    }
    Ok(())
}

/// Counts the values in a document of bounded depth.
fn count(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(count).sum::<usize>(),
        Json::Object(members) => 1 + members.values().map(count).sum::<usize>(),
        _ => 1,
    }
}

fn depth(value: &Json) -> usize {
    match value {
        Json::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Json::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
