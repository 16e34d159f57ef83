//! Rules for the cells of a column.

use std::collections::HashSet;

use llmspell_core::{Result, Value};
use regex::bytes::{Regex, RegexBuilder};
use xxhash_rust::xxh3::xxh3_128;

use super::cell::Cell;
use crate::choice::choose;
use crate::param::refused;
use crate::util::data_validation::format::{FORMATS, Format};

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// The rules without a value; those of the forms of texts come beside.
const PLAIN: &[&[&str]] = &[
    &["required", "not_null"],
    &["unique"],
    &["integer", "int"],
    &["number", "float", "numeric"],
    &["boolean", "bool"],
    &["date"],
    &["date_time", "datetime"],
];

/// A rule for the cells of a column. What is empty fits every rule but `required`.
pub(super) struct Rule {
    /// As it was written.
    pub(super) text: String,
    check: Check,
}

enum Check {
    Required,
    Unique(HashSet<u128>),
    Type(&'static str),
    Form(&'static Format),
    Range(Option<f64>, Option<f64>),
    Length(Option<f64>, Option<f64>),
    Pattern(Regex),
    OneOf(Vec<String>),
}

impl Rule {
    /// Reads the rules of a column: one, or a list of them.
    ///
    /// - Errors: `InvalidArgs` for an unknown rule, listing those that there are.
    pub(super) fn read(column: &str, rules: &Value) -> Result<Vec<Self>> {
        let one = |rule: &Value| match rule {
            Value::Str(text) => Self::parse(text),
            other => {
                let message = format!("rules.{column} must be string, got {}", other.type_name());
                Err(refused("rules", message).misshapen())
            }
        };
        match rules {
            Value::List(rules) => rules.iter().map(one).collect(),
            rule => Ok(vec![one(rule)?]),
        }
    }

    fn parse(text: &str) -> Result<Self> {
        let check = match text.split_once(':') {
            Some((name, value)) => with_value(name.trim(), value)?,
            None => plain(text.trim())?,
        };
        Ok(Self {
            text: text.to_owned(),
            check,
        })
    }

    /// Returns what is wrong with a cell.
    pub(super) fn violation(&mut self, text: &[u8]) -> Option<String> {
        if text.is_empty() {
            return matches!(self.check, Check::Required).then(|| "a value is required".to_owned());
        }
        let cell = Cell::read(text);
        match &mut self.check {
            Check::Required => None,
            Check::Unique(seen) => {
                (!seen.insert(xxh3_128(text))).then(|| "the value occurs again".to_owned())
            }
            Check::Type(name) => {
                let fits = match *name {
                    "integer" => matches!(cell, Cell::Int(_)),
                    "number" => cell.number().is_some(),
                    "boolean" => matches!(cell, Cell::Bool(_)),
                    "date" => cell == Cell::Date,
                    _ => matches!(cell, Cell::Date | Cell::DateTime),
                };
                (!fits).then(|| format!("expected {name}"))
            }
            Check::Form(form) => {
                let fits = std::str::from_utf8(text).is_ok_and(form.fits);
                (!fits).then(|| format!("expected {}", form.noun))
            }
            Check::Range(least, most) => match cell.number() {
                None => Some("expected a number".to_owned()),
                Some(number) => outside(number, *least, *most)
                    .then(|| format!("expected {}", shown(*least, *most))),
            },
            Check::Length(least, most) => {
                let length = String::from_utf8_lossy(text).chars().count() as f64;
                outside(length, *least, *most)
                    .then(|| format!("expected {} characters", shown(*least, *most)))
            }
            Check::Pattern(pattern) => {
                (!pattern.is_match(text)).then(|| "expected a match of the pattern".to_owned())
            }
            Check::OneOf(values) => {
                let known = values.iter().any(|value| value.as_bytes() == text);
                (!known).then(|| format!("expected one of: {:.200}", values.join(", ")))
            }
        }
    }
}

fn plain(name: &str) -> Result<Check> {
    if let Some(form) = FORMATS
        .iter()
        .find(|form| form.name.eq_ignore_ascii_case(name))
    {
        return Ok(Check::Form(form));
    }
    Ok(
        match choose("rules", name, PLAIN).map_err(|_| unknown(name))? {
            "required" => Check::Required,
            "unique" => Check::Unique(HashSet::new()),
            name => Check::Type(name),
        },
    )
}

fn unknown(name: &str) -> llmspell_core::Error {
    let forms = FORMATS.iter().map(|form| form.name);
    let known: Vec<&str> = PLAIN.iter().map(|names| names[0]).chain(forms).collect();
    let valued = "range:, min:, max:, length:, regex:, enum:";
    let error = refused(
        "rules",
        format!(
            "unknown rule '{name:.50}', expected one of: {}, {valued}",
            known.join(", ")
        ),
    );
    match llmspell_core::nearest(name, known).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error,
    }
}

fn with_value(name: &str, value: &str) -> Result<Check> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "range" => {
            let (least, most) = range(name, value)?;
            Check::Range(least, most)
        }
        "min" => Check::Range(Some(number(name, value)?), None),
        "max" => Check::Range(None, Some(number(name, value)?)),
        "length" => {
            let (least, most) = range(name, value)?;
            Check::Length(least, most)
        }
        "regex" | "pattern" => {
            let pattern = RegexBuilder::new(value)
                .size_limit(PATTERN_BYTES)
                .dfa_size_limit(PATTERN_BYTES)
                .build();
            Check::Pattern(pattern.map_err(|failure| {
                let what = failure.to_string();
                let last = what.lines().last().unwrap_or_default().to_owned();
                refused(
                    "rules",
                    format!("the pattern '{value:.100}' is not valid ({last})"),
                )
            })?)
        }
        "enum" | "in" => Check::OneOf(
            value
                .split(',')
                .map(|part| part.trim().to_owned())
                .collect(),
        ),
        _ => return Err(unknown(name)),
    })
}

fn number(name: &str, text: &str) -> Result<f64> {
    let number = text
        .trim()
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| {
        refused(
            "rules",
            format!("the rule '{name}' needs a number, got '{text:.50}'"),
        )
    })
}

/// Reads `1-5`, `-5--1`, `1..5`, `1,5`, and each with one side left out.
fn range(name: &str, text: &str) -> Result<(Option<f64>, Option<f64>)> {
    let text = text.trim();
    let parts = text
        .split_once("..")
        .or_else(|| text.split_once(','))
        .or_else(|| {
            let after = text
                .char_indices()
                .skip(1)
                .find(|(at, letter)| *letter == '-' && !text[..*at].ends_with(['e', 'E']));
            after.map(|(at, _)| (&text[..at], &text[at + 1..]))
        });
    let Some((least, most)) = parts else {
        let exact = number(name, text)?;
        return Ok((Some(exact), Some(exact)));
    };
    let side = |text: &str| match text.trim() {
        "" => Ok(None),
        text => number(name, text).map(Some),
    };
    Ok((side(least)?, side(most)?))
}

fn outside(number: f64, least: Option<f64>, most: Option<f64>) -> bool {
    least.is_some_and(|least| number < least) || most.is_some_and(|most| number > most)
}

fn shown(least: Option<f64>, most: Option<f64>) -> String {
    match (least, most) {
        (Some(least), Some(most)) => format!("{least} to {most}"),
        (Some(least), None) => format!("at least {least}"),
        (None, Some(most)) => format!("at most {most}"),
        (None, None) => "any number".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(rule: &str, cell: &str) -> Option<String> {
        Rule::parse(rule).unwrap().violation(cell.as_bytes())
    }

    #[test]
    fn cells_are_held_to_rules() {
        for (rule, fits, fails) in [
            ("email", "a@example.com", "nobody"),
            ("url", "https://example.com/", "example"),
            ("uuid", "550e8400-e29b-41d4-a716-446655440000", "550e"),
            ("integer", "5", "5.5"),
            ("number", "5.5", "five"),
            ("boolean", "TRUE", "1"),
            ("date", "2026-01-31", "2026-02-31"),
            ("datetime", "2026-01-31T10:00Z", "soon"),
            ("range:1-5", "5", "6"),
            ("range:-5--1", "-3", "0"),
            ("range:1..", "7", "0"),
            ("min:3", "3", "2"),
            ("max:3", "3", "4"),
            ("length:2-3", "éé", "é"),
            ("regex:^A", "Ann", "Bob"),
            ("enum:a, b", "b", "c"),
            ("range:1-5", "", "x"),
        ] {
            assert_eq!(wrong(rule, fits), None, "{rule}");
            assert!(wrong(rule, fails).is_some(), "{rule}");
        }
        assert_eq!(
            wrong("required", ""),
            Some("a value is required".to_owned())
        );
        assert_eq!(wrong("range:1-5", "9"), Some("expected 1 to 5".to_owned()));
        let mut unique = Rule::parse("unique").unwrap();
        assert_eq!(unique.violation(b"a"), None);
        assert_eq!(
            unique.violation(b"a"),
            Some("the value occurs again".to_owned())
        );
    }

    #[test]
    fn unknown_rules_are_refused() {
        let error = Rule::parse("emial").err().unwrap();
        assert_eq!(error.hints(), ["did you mean 'email'?"]);
        for rule in ["range:a-b", "regex:(", "colour:red", "min:"] {
            assert!(Rule::parse(rule).is_err(), "{rule}");
        }
    }
}
