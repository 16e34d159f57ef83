//! How the difference of two texts is shown.

use std::fmt::Write as _;
use std::ops::Range;

use llmspell_core::Value;

use super::edit::{Edit, hunks};
use super::text::words;

/// Widest column of a comparison side by side, in characters.
const COLUMN: usize = 60;

const NO_NEWLINE: &str = "\\ No newline at end of file\n";

/// The items of both texts: lines with their ends, words or characters.
pub(super) struct Sides<'a> {
    pub(super) old: Vec<&'a str>,
    pub(super) new: Vec<&'a str>,
}

impl Sides<'_> {
    fn before(&self, edit: &Edit) -> &[&str] {
        &self.old[edit.old.clone()]
    }
    fn after(&self, edit: &Edit) -> &[&str] {
        &self.new[edit.new.clone()]
    }
}

/// The unified format, which `apply` and other programs understand.
pub(super) fn unified(
    sides: &Sides,
    edits: &[Edit],
    context: usize,
    labels: (&str, &str),
) -> String {
    let mut shown = format!("--- {}\n+++ {}\n", label(labels.0), label(labels.1));
    for hunk in hunks(edits, context) {
        let (old, new) = span(&hunk);
        let _ = writeln!(
            shown,
            "@@ -{} +{} @@",
            unified_range(&old),
            unified_range(&new)
        );
        for edit in &hunk {
            if edit.same {
                // Where blank lines are ignored, the two sides may differ: a patch needs the old one.
                lines(&mut shown, " ", sides.before(edit));
            } else {
                lines(&mut shown, "-", sides.before(edit));
                lines(&mut shown, "+", sides.after(edit));
            }
        }
    }
    shown
}

/// The context format of `diff -c`.
pub(super) fn context(
    sides: &Sides,
    edits: &[Edit],
    context: usize,
    labels: (&str, &str),
) -> String {
    let mut shown = format!("*** {}\n--- {}\n", label(labels.0), label(labels.1));
    for hunk in hunks(edits, context) {
        let (old, new) = span(&hunk);
        let _ = write!(shown, "***************\n*** {} ****\n", context_range(&old));
        if hunk.iter().any(|edit| !edit.same && !edit.old.is_empty()) {
            for edit in &hunk {
                lines(&mut shown, mark(edit, "- "), sides.before(edit));
            }
        }
        let _ = writeln!(shown, "--- {} ----", context_range(&new));
        if hunk.iter().any(|edit| !edit.same && !edit.new.is_empty()) {
            for edit in &hunk {
                lines(&mut shown, mark(edit, "+ "), sides.after(edit));
            }
        }
    }
    shown
}

fn mark<'a>(edit: &Edit, alone: &'a str) -> &'a str {
    match (edit.same, edit.old.is_empty() || edit.new.is_empty()) {
        (true, _) => "  ",
        (false, true) => alone,
        (false, false) => "! ",
    }
}

/// The whole new text with what changed inside of it: `[-removed-]` and `{+added+}`.
pub(super) fn inline(sides: &Sides, edits: &[Edit], granularity: &str) -> String {
    let mut shown = String::new();
    for edit in edits {
        let (old, new) = (sides.before(edit).concat(), sides.after(edit).concat());
        if edit.same {
            shown.push_str(&new);
            continue;
        }
        let refined = match granularity {
            "line" if !old.is_empty() && !new.is_empty() => words(&old, &new),
            _ => None,
        };
        match refined {
            Some((sides, edits)) => shown.push_str(&inline(&sides, &edits, "word")),
            None => {
                marked(&mut shown, ("[-", "-]"), &old);
                marked(&mut shown, ("{+", "+}"), &new);
            }
        }
    }
    shown
}

/// Marks a text; the end of its last line stays outside.
fn marked(shown: &mut String, marks: (&str, &str), text: &str) {
    if text.is_empty() {
        return;
    }
    let (body, end) = match text.strip_suffix('\n') {
        Some(body) if !body.is_empty() => (body, "\n"),
        _ => (text, ""),
    };
    let _ = write!(shown, "{}{body}{}{end}", marks.0, marks.1);
}

/// Only what changed, with its place: `-3: before`, `+3: after`.
pub(super) fn simple(sides: &Sides, edits: &[Edit]) -> String {
    let mut shown = String::new();
    for edit in edits.iter().filter(|edit| !edit.same) {
        for (sign, range, items) in [
            ('-', &edit.old, sides.before(edit)),
            ('+', &edit.new, sides.after(edit)),
        ] {
            for (place, item) in range.clone().zip(items) {
                let _ = writeln!(
                    shown,
                    "{sign}{}: {}",
                    place + 1,
                    item.trim_end_matches(['\n', '\r'])
                );
            }
        }
    }
    shown
}

/// Both texts in columns; between them `|` changed, `<` removed, `>` added.
pub(super) fn side_by_side(sides: &Sides, edits: &[Edit]) -> String {
    let cell = |line: &str| {
        let line = line.trim_end_matches(['\n', '\r']).replace('\t', "    ");
        match line.char_indices().nth(COLUMN) {
            Some(_) => line.chars().take(COLUMN - 1).chain(['…']).collect(),
            None => line,
        }
    };
    let mut rows: Vec<(String, char, String)> = Vec::new();
    for edit in edits {
        let (old, new) = (sides.before(edit), sides.after(edit));
        for place in 0..old.len().max(new.len()) {
            let (left, right) = (old.get(place), new.get(place));
            let sign = match (left, right) {
                _ if edit.same => ' ',
                (Some(_), None) => '<',
                (None, Some(_)) => '>',
                _ => '|',
            };
            let cells = |line: Option<&&str>| line.map(|line| cell(line)).unwrap_or_default();
            rows.push((cells(left), sign, cells(right)));
        }
    }
    let width = rows
        .iter()
        .map(|(left, ..)| left.chars().count())
        .max()
        .unwrap_or(0);
    let mut shown = String::new();
    for (left, sign, right) in rows {
        let row = format!("{left:width$} {sign} {right}");
        let _ = writeln!(shown, "{}", row.trim_end());
    }
    shown
}

/// The whole text as HTML with `<del>` and `<ins>`.
pub(super) fn html(sides: &Sides, edits: &[Edit]) -> String {
    let mut shown = "<pre class=\"diff\">".to_owned();
    for edit in edits {
        if edit.same {
            shown.push_str(&escaped(&sides.after(edit).concat()));
            continue;
        }
        for (tag, text) in [
            ("del", sides.before(edit).concat()),
            ("ins", sides.after(edit).concat()),
        ] {
            if !text.is_empty() {
                let _ = write!(shown, "<{tag}>{}</{tag}>", escaped(&text));
            }
        }
    }
    shown + "</pre>\n"
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// A list of `{op, old_start, new_start, old, new}`; places count from 1.
pub(super) fn list(sides: &Sides, edits: &[Edit]) -> Value {
    let entry = |edit: &Edit| {
        let op = match (edit.same, edit.old.is_empty(), edit.new.is_empty()) {
            (true, ..) => "equal",
            (false, true, _) => "insert",
            (false, _, true) => "delete",
            _ => "replace",
        };
        Value::from([
            ("op", op.into()),
            ("old_start", (edit.old.start + 1).into()),
            ("new_start", (edit.new.start + 1).into()),
            ("old", sides.before(edit).to_vec().into()),
            ("new", sides.after(edit).to_vec().into()),
        ])
    };
    edits.iter().map(entry).collect()
}

fn lines(shown: &mut String, mark: &str, lines: &[&str]) {
    for line in lines {
        shown.push_str(mark);
        shown.push_str(line);
        if !line.ends_with('\n') {
            shown.push('\n');
            shown.push_str(NO_NEWLINE);
        }
    }
}

/// Keeps a label on its line.
fn label(label: &str) -> String {
    label.replace(['\n', '\r'], " ")
}

/// Returns the lines of both texts that a hunk covers. Where blank lines are ignored it speaks of the old ones only.
fn span(hunk: &[Edit]) -> (Range<usize>, Range<usize>) {
    let old =
        hunk.first().map_or(0, |edit| edit.old.start)..hunk.last().map_or(0, |edit| edit.old.end);
    let start = hunk.first().map_or(0, |edit| edit.new.start);
    let size: usize = hunk
        .iter()
        .map(|edit| {
            if edit.same {
                edit.old.len()
            } else {
                edit.new.len()
            }
        })
        .sum();
    (old, start..start + size)
}

fn unified_range(range: &Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        size => format!("{},{size}", range.start + 1),
    }
}

fn context_range(range: &Range<usize>) -> String {
    match range.len() {
        0 | 1 => format!("{}", range.end),
        _ => format!("{},{}", range.start + 1, range.end),
    }
}
