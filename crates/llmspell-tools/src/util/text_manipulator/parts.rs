//! Parts of a text: cutting, splitting, joining, counting.

use llmspell_core::value::from_json;
use llmspell_core::{Map, Result, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::{Ask, Done, TextManipulator, done, fits_out, items, pattern};
use crate::param::{refused, within};

/// `reverse`: by what readers see as one character.
pub(super) fn reverse(text: &str) -> String {
    text.graphemes(true).rev().collect()
}

/// `substring`: characters from `start` to before `end`.
pub(super) fn substring(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let size = ask.text.chars().count();
    let place = |from: i64| match usize::try_from(from) {
        Ok(from) => from.min(size),
        Err(_) => size.saturating_sub(usize::try_from(from.unsigned_abs()).unwrap_or(usize::MAX)),
    };
    let start = place(a.start.unwrap_or(0));
    let end = match (a.end, a.length) {
        (Some(_), Some(_)) => {
            return Err(refused("length", "give either 'end' or 'length', not both"));
        }
        (Some(end), None) => place(end),
        (None, Some(length)) => start.saturating_add(within("length", length, 0..=i64::MAX)?),
        (None, None) => size,
    };
    let cut: String = ask
        .text
        .chars()
        .skip(start)
        .take(end.saturating_sub(start))
        .collect();
    done(cut)
}

/// `split`: at a text or a regular expression; an empty delimiter splits into characters.
pub(super) fn split(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let limit = match a.limit {
        Some(limit) => within("limit", limit, 1..=i64::MAX)?,
        None => usize::MAX,
    };
    let by_regex = a.regex.unwrap_or(false);
    let given = a
        .delimiter
        .as_deref()
        .or(a.pattern.as_deref().filter(|_| by_regex));
    let delimiter = given.unwrap_or(" ");
    let parts = if by_regex {
        let regex = pattern::compiled(delimiter, a)?;
        items(ask.cx, regex.splitn(ask.text, limit))?
    } else if delimiter.is_empty() {
        let starts = ask.text.grapheme_indices(true).map(|(start, _)| start);
        let starts: Vec<usize> = starts.take(limit).collect();
        let ends = starts.iter().skip(1).copied().chain([ask.text.len()]);
        items(
            ask.cx,
            starts
                .iter()
                .zip(ends)
                .map(|(&start, end)| &ask.text[start..end]),
        )?
    } else {
        items(ask.cx, ask.text.splitn(limit, delimiter))?
    };
    let count = parts.len();
    Ok(done(parts)?.with("count", count))
}

/// `join` of the JSON text of a list.
pub(super) fn join(ask: &Ask) -> Result<Done> {
    let not_a_list = || {
        refused(
            "input",
            "join needs a list or the JSON text of one as input",
        )
    };
    let list =
        from_json(ask.text).map_err(|failure| not_a_list().with("reason", failure.message()))?;
    join_items(list.as_list().ok_or_else(not_a_list)?, ask.options)
}

/// `join` of a list.
pub(super) fn join_items(list: &[Value], a: &TextManipulator) -> Result<Done> {
    let delimiter = a.delimiter.as_deref().unwrap_or(" ");
    let mut result = String::new();
    for (place, item) in list.iter().enumerate() {
        if place > 0 {
            result.push_str(delimiter);
        }
        match item {
            Value::Str(text) => result.push_str(text),
            Value::Null => {}
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => result.push_str(&item.to_string()),
            other => {
                let message = format!("item {} of the list is {}", place + 1, other.type_name());
                return Err(
                    refused("input", message).hint("join takes texts, numbers and booleans")
                );
            }
        }
        fits_out(result.len())?;
    }
    Ok(done(result)?.with("count", list.len()))
}

/// `count`, `word_count` and `analyze`.
pub(super) fn count(ask: &Ask) -> Result<Done> {
    let text = ask.text;
    let words = text.unicode_words().count();
    // Not `count`: the iterator's size hint panics on an empty text.
    let sentences = text.unicode_sentences().fold(0, |found, part| {
        found + usize::from(!part.trim().is_empty())
    });
    let counts = Map::from([
        ("characters", text.chars().count().into()),
        ("graphemes", text.graphemes(true).count().into()),
        ("bytes", text.len().into()),
        ("words", words.into()),
        ("lines", text.lines().count().into()),
        ("sentences", sentences.into()),
    ]);
    let result = match ask.named {
        "word_count" => Value::from(words),
        _ => Value::Map(counts.clone()),
    };
    Ok(done(result)?.with("counts", counts))
}
