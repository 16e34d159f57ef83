//! Replacing, and regular expressions. These take linear time.

use llmspell_core::{Error, Kind, Result, Value};
use regex::{Captures, Regex, RegexBuilder};

use super::{Ask, Done, TextManipulator, done, fits_out, items};
use crate::param::{missing, refused, within};

/// `replace`: all occurrences, or the first `count`.
pub(super) fn replace(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let from = a.from.as_deref().or(a.pattern.as_deref());
    let from = from.ok_or_else(|| missing("text_manipulator", "replace", "from"))?;
    let to =
        a.to.as_deref()
            .or(a.replacement.as_deref())
            .unwrap_or_default();
    if a.regex.unwrap_or(false) {
        return replaced(ask, &compiled(from, a)?, to, most(a)?);
    }
    if from.is_empty() {
        return Err(refused("from", "parameter 'from' must not be empty"));
    }
    let found = ask.text.matches(from).count().min(most(a)?);
    let kept = ask.text.len() - found * from.len();
    fits_out(found.saturating_mul(to.len()).saturating_add(kept))?;
    Ok(done(ask.text.replacen(from, to, found))?.with("replacements", found))
}

/// `regex_replace`.
pub(super) fn regex_replace(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let regex = compiled(pattern(a, "regex_replace")?, a)?;
    let to = a
        .replacement
        .as_deref()
        .or(a.to.as_deref())
        .unwrap_or_default();
    replaced(ask, &regex, to, most(a)?)
}

fn replaced(ask: &Ask, regex: &Regex, to: &str, most: usize) -> Result<Done> {
    let text = ask.text;
    let groups = to.matches('$').count();
    let (mut result, mut end, mut found) = (String::new(), 0, 0);
    for captures in regex.captures_iter(text).take(most) {
        ask.cx.check()?;
        let Some(whole) = captures.get(0) else { break };
        result.push_str(&text[end..whole.start()]);
        let grows = groups.saturating_mul(whole.len()).saturating_add(to.len());
        fits_out(result.len().saturating_add(grows))?;
        captures.expand(to, &mut result);
        (end, found) = (whole.end(), found + 1);
    }
    result.push_str(&text[end..]);
    Ok(done(result)?.with("replacements", found))
}

/// `match`: whether the pattern occurs.
pub(super) fn is_match(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    done(compiled(pattern(a, "match")?, a)?.is_match(ask.text))
}

/// `extract`: every match, or one group of each.
pub(super) fn extract(ask: &Ask) -> Result<Done> {
    let a = ask.options;
    let regex = compiled(pattern(a, "extract")?, a)?;
    let group = group(&regex, a.group.as_ref())?;
    let text = |captures: Captures| captures.get(group).map(|found| found.as_str().to_owned());
    let found = items(ask.cx, regex.captures_iter(ask.text).filter_map(text))?;
    let count = found.len();
    Ok(done(found)?.with("count", count))
}

/// Compiles a pattern with the flags of the call.
///
/// - Errors: `InvalidArgs` for bad syntax and unknown flags; `Limit` if it is too large.
pub(super) fn compiled(pattern: &str, a: &TextManipulator) -> Result<Regex> {
    let mut builder = RegexBuilder::new(pattern);
    for flag in a.flags.as_deref().unwrap_or_default().chars() {
        match flag {
            'i' => builder.case_insensitive(true),
            'm' => builder.multi_line(true),
            's' => builder.dot_matches_new_line(true),
            'x' => builder.ignore_whitespace(true),
            'U' => builder.swap_greed(true),
            'g' | 'u' => &mut builder,
            other => {
                let message = format!("unknown flag '{other}', expected some of: i, m, s, x, U");
                return Err(refused("flags", message));
            }
        };
    }
    builder.build().map_err(|failure| match failure {
        regex::Error::CompiledTooBig(limit) => {
            Error::new(Kind::Limit, "the regular expression is too large")
                .with("parameter", "pattern")
                .with("limit", limit)
        }
        failure => {
            let text = failure.to_string();
            let reason = text
                .lines()
                .last()
                .unwrap_or_default()
                .trim_start_matches("error: ");
            refused("pattern", format!("not a regular expression: {reason}"))
                .with("reason", text.as_str())
        }
    })
}

fn pattern<'a>(a: &'a TextManipulator, operation: &str) -> Result<&'a str> {
    let given = a.pattern.as_deref().or(a.from.as_deref());
    given.ok_or_else(|| missing("text_manipulator", operation, "pattern"))
}

fn most(a: &TextManipulator) -> Result<usize> {
    match a.count {
        Some(count) => within("count", count, 0..=i64::MAX),
        None => Ok(usize::MAX),
    }
}

fn group(regex: &Regex, asked: Option<&Value>) -> Result<usize> {
    let unknown = |name: &dyn std::fmt::Display| {
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        let error = refused("group", format!("the pattern has no group '{name}'"));
        match names.as_slice() {
            [] => error.hint(format!("it has groups 0 to {}", regex.captures_len() - 1)),
            names => error.hint(format!("its names are: {}", names.join(", "))),
        }
    };
    match asked {
        None => Ok(0),
        Some(Value::Str(name)) => {
            let by_name = regex
                .capture_names()
                .position(|own| own == Some(name.as_str()));
            let by_number = || {
                name.parse()
                    .ok()
                    .filter(|&number| number < regex.captures_len())
            };
            by_name.or_else(by_number).ok_or_else(|| unknown(name))
        }
        Some(other) => {
            let number = other
                .as_int()
                .and_then(|number| usize::try_from(number).ok());
            let number = number.filter(|&number| number < regex.captures_len());
            number.ok_or_else(|| unknown(other))
        }
    }
}
