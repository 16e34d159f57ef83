//! The difference of two texts.

use llmspell_core::{Cx, Error, Kind, Map, Result};
use unicode_segmentation::UnicodeSegmentation;

use super::edit::{Edit, SEARCH, edits, joined};
use super::layout::{self, Sides};
use super::{DiffCalculator, FORMATS, Found, GRANULARITIES, text_of};
use crate::choice::choose_or_first;
use crate::param::{refused, within};

/// Most lines, words or characters of one side.
const MOST_ITEMS: usize = 2_000_000;

/// `diff` of texts.
pub(super) fn diff(cx: &Cx, a: &DiffCalculator) -> Result<Found> {
    let old = text_of("diff", "old_text", a.old_text.as_ref())?;
    let new = text_of("diff", "new_text", a.new_text.as_ref())?;
    let asked = choose_or_first("granularity", a.granularity.as_deref(), GRANULARITIES)?;
    let format = match (&a.format, asked) {
        (None, "word" | "char") => "inline",
        (format, _) => choose_or_first("format", format.as_deref(), FORMATS)?,
    };
    if asked != "line" && matches!(format, "unified" | "context" | "side_by_side") {
        let message = format!("format '{format}' shows lines and needs granularity 'line'");
        return Err(refused("format", message).hint("use inline, simple, html or json"));
    }
    let context = within("context_lines", a.context_lines.unwrap_or(3), 0..=1_000_000)?;
    let Compared {
        sides,
        edits,
        granularity,
        warning,
    } = compared(cx, a, old, new, asked)?;
    cx.check()?;

    let labels = (
        a.old_label.as_deref().unwrap_or("old"),
        a.new_label.as_deref().unwrap_or("new"),
    );
    let identical = edits.iter().all(|edit| edit.same);
    let shown = match format {
        "json" => layout::list(&sides, &edits),
        _ if identical && matches!(format, "unified" | "context" | "simple") => "".into(),
        "unified" => layout::unified(&sides, &edits, context, labels).into(),
        "context" => layout::context(&sides, &edits, context, labels).into(),
        "inline" => layout::inline(&sides, &edits, granularity).into(),
        "simple" => layout::simple(&sides, &edits).into(),
        "side_by_side" => layout::side_by_side(&sides, &edits).into(),
        _ => layout::html(&sides, &edits).into(),
    };
    let stats = stats(old, new, &edits);
    let message = match identical {
        true => "The texts are equal".to_owned(),
        false => {
            let unit = if granularity == "char" {
                "character"
            } else {
                granularity
            };
            format!(
                "{} {unit}s added, {} removed",
                stats["added"], stats["removed"]
            )
        }
    };
    let data = Map::from([
        ("type", "text".into()),
        ("format", format.into()),
        ("diff", shown.clone()),
        ("output", shown.clone()),
        ("identical", identical.into()),
        ("similarity", similarity(&sides, &edits).into()),
        ("stats", stats.into()),
    ]);
    Ok(Found {
        data,
        output: shown,
        message,
        warnings: warning.into_iter().collect(),
    })
}

struct Compared<'a> {
    sides: Sides<'a>,
    edits: Vec<Edit>,
    granularity: &'static str,
    warning: Option<String>,
}

/// Compares the texts in the wanted granularity, or line by line if that takes too long.
fn compared<'a>(
    cx: &Cx,
    a: &DiffCalculator,
    old: &'a str,
    new: &'a str,
    asked: &'static str,
) -> Result<Compared<'a>> {
    let clock = &cx.host().clock;
    let mut granularity = asked;
    let mut warning = None;
    loop {
        cx.check()?;
        let fine = granularity != "line";
        let begin = clock.monotonic();
        let sides = match (items(old, granularity), items(new, granularity)) {
            (Some(old), Some(new)) => Sides { old, new },
            _ if fine => {
                warning = Some(format!(
                    "there are too many {granularity}s, lines were compared"
                ));
                granularity = "line";
                continue;
            }
            _ => {
                let message = format!("a text has more than {MOST_ITEMS} lines");
                return Err(Error::new(Kind::Limit, message).with("limit", MOST_ITEMS));
            }
        };
        let edits = compare(a, &sides, granularity);
        if fine && clock.monotonic().saturating_sub(begin) >= SEARCH {
            warning = Some(format!(
                "comparing {granularity}s took too long, lines were compared"
            ));
            granularity = "line";
            continue;
        }
        return Ok(Compared {
            sides,
            edits,
            granularity,
            warning,
        });
    }
}

fn compare(a: &DiffCalculator, sides: &Sides, granularity: &str) -> Vec<Edit> {
    let spaces = a.ignore_whitespace.unwrap_or(false);
    let case = a.ignore_case.unwrap_or(false);
    let key = |item: &&str| {
        let kept: String = match spaces {
            true => item.split_whitespace().collect(),
            false => (*item).to_owned(),
        };
        if case { kept.to_lowercase() } else { kept }
    };
    let edits = if spaces || case {
        let old: Vec<String> = sides.old.iter().map(key).collect();
        let new: Vec<String> = sides.new.iter().map(key).collect();
        let old: Vec<&str> = old.iter().map(String::as_str).collect();
        let new: Vec<&str> = new.iter().map(String::as_str).collect();
        edits(&old, &new)
    } else {
        edits(&sides.old, &sides.new)
    };
    if !a.ignore_blank_lines.unwrap_or(false) || granularity != "line" {
        return edits;
    }
    let blank = |lines: &[&str]| lines.iter().all(|line| line.trim().is_empty());
    joined(edits.into_iter().map(|edit| Edit {
        same: edit.same
            || (blank(&sides.old[edit.old.clone()]) && blank(&sides.new[edit.new.clone()])),
        ..edit
    }))
}

/// Splits a text into what is compared; `None` if there is too much of it.
fn items<'a>(text: &'a str, granularity: &str) -> Option<Vec<&'a str>> {
    let most = MOST_ITEMS + 1;
    let items: Vec<&str> = match granularity {
        "word" => text.split_word_bounds().take(most).collect(),
        "char" => text.graphemes(true).take(most).collect(),
        _ => text.split_inclusive('\n').take(most).collect(),
    };
    (items.len() < most).then_some(items)
}

/// Counts lines of both texts and changed items: all that were added and removed, and how many of them took the place
/// of each other.
fn stats(old: &str, new: &str, edits: &[Edit]) -> Map {
    let changes = || edits.iter().filter(|edit| !edit.same);
    let added: usize = changes().map(|edit| edit.new.len()).sum();
    let removed: usize = changes().map(|edit| edit.old.len()).sum();
    let changed: usize = changes()
        .map(|edit| edit.old.len().min(edit.new.len()))
        .sum();
    Map::from([
        ("old_lines", old.lines().count().into()),
        ("new_lines", new.lines().count().into()),
        ("added", added.into()),
        ("removed", removed.into()),
        ("changed", changed.into()),
    ])
}

/// Returns the share of items that are in both texts, from 0 to 1.
fn similarity(sides: &Sides, edits: &[Edit]) -> f64 {
    let all = sides.old.len() + sides.new.len();
    if all == 0 {
        return 1.0;
    }
    let same: usize = edits
        .iter()
        .filter(|edit| edit.same)
        .map(|edit| edit.old.len() + edit.new.len())
        .sum();
    same as f64 / all as f64
}

/// Compares two texts by words, for showing which part of a changed line changed.
pub(super) fn words<'a>(old: &'a str, new: &'a str) -> Option<(Sides<'a>, Vec<Edit>)> {
    const MOST_BYTES: usize = 16 * 1024;
    if old.len() + new.len() > MOST_BYTES {
        return None;
    }
    let sides = Sides {
        old: items(old, "word")?,
        new: items(new, "word")?,
    };
    let edits = edits(&sides.old, &sides.new);
    Some((sides, edits))
}
