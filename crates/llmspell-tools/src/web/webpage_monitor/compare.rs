//! Two contents of a page, compared line by line. Runs in a worker.

use std::time::Duration;

use llmspell_core::{Error, Result};
use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use similar::{DiffTag, TextDiff};

use crate::param::refused;

/// How long a smaller set of changes is searched for.
const SEARCH: Duration = Duration::from_secs(5);

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// What does not count as a change.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Ignored {
    /// Whether runs of blanks are one blank.
    pub(super) whitespace: bool,
    /// What is passed over.
    pub(super) patterns: Vec<String>,
}

/// A changed line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Change {
    /// `addition`, `deletion` or `modification`.
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The line in the previous content, from 1.
    pub(super) old_line: Option<usize>,
    /// The line in the current content, from 1.
    pub(super) new_line: Option<usize>,
    pub(super) old_content: Option<String>,
    pub(super) new_content: Option<String>,
    /// What is there now, or what was there if nothing is.
    pub(super) content: String,
    /// Neighbouring changes have the same number.
    pub(super) group: usize,
}

/// What changed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Comparison {
    pub(super) changes: Vec<Change>,
    /// Changed lines among all lines of both contents.
    pub(super) percentage: f64,
    /// Unified diff of the lines as they are compared.
    pub(super) diff: String,
}

/// The lines of a content, and the form in which they are compared.
pub(super) struct Lines<'a> {
    shown: Vec<&'a str>,
    compared: Vec<String>,
}

impl<'a> Lines<'a> {
    /// Reads a content.
    ///
    /// - Errors: `InvalidArgs` for a pattern that is not valid.
    pub(super) fn read(content: &'a str, ignored: &Ignored) -> Result<Self> {
        let patterns = ignored
            .patterns
            .iter()
            .map(|pattern| compile(pattern))
            .collect::<Result<Vec<_>>>()?;
        let shown: Vec<&str> = content.lines().collect();
        let compared = shown.iter().map(|line| {
            let mut line = (*line).to_owned();
            for pattern in &patterns {
                line = pattern.replace_all(&line, "").into_owned();
            }
            match ignored.whitespace {
                true => line.split_whitespace().collect::<Vec<_>>().join(" "),
                false => line,
            }
        });
        Ok(Self {
            compared: compared.collect(),
            shown,
        })
    }

    /// Returns the SHA-256 of what counts.
    pub(super) fn hash(&self) -> String {
        data_encoding::HEXLOWER.encode(&Sha256::digest(self.compared.join("\n")))
    }
}

fn compile(pattern: &str) -> Result<Regex> {
    let compiled = RegexBuilder::new(pattern)
        .size_limit(PATTERN_BYTES)
        .dfa_size_limit(PATTERN_BYTES)
        .build();
    compiled.map_err(|cause| -> Error {
        refused(
            "ignore_patterns",
            format!("'{pattern}' is not a regular expression: {cause}"),
        )
        .with("got", pattern)
    })
}

/// Compares two contents.
pub(super) fn compare(old: &Lines<'_>, new: &Lines<'_>) -> Comparison {
    let (left, right): (Vec<&str>, Vec<&str>) = (
        old.compared.iter().map(String::as_str).collect(),
        new.compared.iter().map(String::as_str).collect(),
    );
    let diff = TextDiff::configure()
        .timeout(SEARCH)
        .diff_slices(&left, &right);
    let mut found = Comparison::default();
    let mut changed = 0;
    for op in diff.ops() {
        let (tag, before, after) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            continue;
        }
        changed += before.len() + after.len();
        let group = found
            .changes
            .last()
            .map_or(1, |change: &Change| change.group + 1);
        let pairs = before.len().max(after.len());
        found.changes.extend((0..pairs).map(|step| {
            let place = |range: &std::ops::Range<usize>| {
                Some(range.start + step).filter(|line| range.contains(line))
            };
            line(old, new, place(&before), place(&after), group)
        }));
    }
    let all = left.len() + right.len();
    if all > 0 {
        found.percentage = (changed as f64 / all as f64 * 10_000.0).round() / 100.0;
    }
    if !found.changes.is_empty() {
        found.diff = diff
            .unified_diff()
            .header("previous", "current")
            .missing_newline_hint(false)
            .to_string();
    }
    found
}

fn line(
    old: &Lines<'_>,
    new: &Lines<'_>,
    before: Option<usize>,
    after: Option<usize>,
    group: usize,
) -> Change {
    let old_content = before.map(|line| old.shown[line].to_owned());
    let new_content = after.map(|line| new.shown[line].to_owned());
    let kind = match (before, after) {
        (Some(_), Some(_)) => "modification",
        (Some(_), None) => "deletion",
        _ => "addition",
    };
    Change {
        kind: kind.to_owned(),
        old_line: before.map(|line| line + 1),
        new_line: after.map(|line| line + 1),
        content: new_content
            .clone()
            .or(old_content.clone())
            .unwrap_or_default(),
        old_content,
        new_content,
        group,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(old: &str, new: &str, ignored: &Ignored) -> Comparison {
        let (old, new) = (
            Lines::read(old, ignored).unwrap(),
            Lines::read(new, ignored).unwrap(),
        );
        assert_eq!(
            old.hash() == new.hash(),
            compare(&old, &new).changes.is_empty()
        );
        compare(&old, &new)
    }

    fn short(comparison: &Comparison) -> Vec<(&str, Option<usize>, Option<usize>, usize)> {
        let changes = comparison.changes.iter();
        changes
            .map(|change| {
                (
                    change.kind.as_str(),
                    change.old_line,
                    change.new_line,
                    change.group,
                )
            })
            .collect()
    }

    #[test]
    fn every_changed_line_is_listed() {
        let found = compared("a\nb\nc\nd\ne", "a\nB\nB2\nc\ne\nf", &Ignored::default());
        assert_eq!(
            short(&found),
            [
                ("modification", Some(2), Some(2), 1),
                ("addition", None, Some(3), 1),
                ("deletion", Some(4), None, 2),
                ("addition", None, Some(6), 3),
            ]
        );
        assert_eq!(found.changes[0].old_content.as_deref(), Some("b"));
        assert_eq!(found.changes[0].content, "B");
        assert_eq!(found.changes[2].content, "d");
        assert_eq!(found.percentage, 45.45);
        assert!(
            found
                .diff
                .starts_with("--- previous\n+++ current\n@@ -1,5 +1,6 @@\n a\n-b\n+B\n"),
            "{}",
            found.diff
        );
    }

    #[test]
    fn blanks_and_patterns_may_be_ignored() {
        let ignored = Ignored {
            whitespace: true,
            patterns: vec![r"\d+ visitors".to_owned()],
        };
        let found = compared("a  b\n10 visitors", " a b \n11 visitors", &ignored);
        assert!(found.changes.is_empty());
        assert_eq!(found.percentage, 0.0);
        let strict = compared("a  b", "a b", &Ignored::default());
        assert_eq!(short(&strict), [("modification", Some(1), Some(1), 1)]);
        let shown = compared("a  b x", "a   b y", &ignored);
        assert_eq!(shown.changes[0].new_content.as_deref(), Some("a   b y"));
    }

    #[test]
    fn a_pattern_takes_linear_time_and_bounded_space() {
        let ignored = |pattern: &str| Ignored {
            whitespace: true,
            patterns: vec![pattern.to_owned()],
        };
        assert!(Lines::read(&("a".repeat(50_000) + "!"), &ignored("(a+)+$")).is_ok());
        for pattern in ["(", "(a{1000}){1000}"] {
            assert!(Lines::read("a", &ignored(pattern)).is_err(), "{pattern}");
        }
    }

    #[test]
    fn nothing_against_something() {
        let found = compared("", "a\nb", &Ignored::default());
        assert_eq!(
            short(&found),
            [
                ("addition", None, Some(1), 1),
                ("addition", None, Some(2), 1)
            ]
        );
        assert_eq!(found.percentage, 100.0);
    }
}
