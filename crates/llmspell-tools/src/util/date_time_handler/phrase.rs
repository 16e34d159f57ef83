//! Dates told from the present: `tomorrow 8pm`, `next friday`, `in 3 days`, `2 weeks ago`.

use jiff::civil::{Time, Weekday};
use jiff::{ToSpan, Zoned};

use super::read::{clock, weekday};
use super::unit;

/// Returns whether the text is a phrase that [`relative`] reads.
pub(super) fn is_relative(text: &str) -> bool {
    let some_day = jiff::civil::date(2024, 5, 15).to_zoned(jiff::tz::TimeZone::UTC);
    some_day.is_ok_and(|now| relative(text, &now).is_some())
}

/// Reads a phrase, seen from `now`. Days are given from their beginning, amounts of time exactly.
pub(super) fn relative(text: &str, now: &Zoned) -> Option<Zoned> {
    let text = text.to_lowercase().replace(',', " ");
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        ["now"] => Some(now.clone()),
        ["noon"] => at(now, 0, &["noon"]),
        ["midnight"] => at(now, 0, &[]),
        ["today", rest @ ..] => at(now, 0, rest),
        ["tomorrow", rest @ ..] => at(now, 1, rest),
        ["yesterday", rest @ ..] => at(now, -1, rest),
        ["next", name, rest @ ..] => near(now, name, 1, rest),
        ["last" | "previous", name, rest @ ..] => near(now, name, -1, rest),
        ["this", name, rest @ ..] => near(now, name, 0, rest),
        ["in", amounts @ ..] => shifted(now, amounts, 1),
        [amounts @ .., "ago"] => shifted(now, amounts, -1),
        [amounts @ .., "from", "now"] | [amounts @ .., "later"] => shifted(now, amounts, 1),
        [first, ..] if first.starts_with('+') => shifted(now, &words, 1),
        [first, ..] if first.starts_with('-') => {
            let text = text.trim().trim_start_matches('-');
            shifted(now, &text.split_whitespace().collect::<Vec<_>>(), -1)
        }
        [name, rest @ ..] => weekday(name).and_then(|day| at(now, ahead(now, day), rest)),
        [] => None,
    }
}

/// Returns the day that many days away, at the time of day that the words say.
fn at(now: &Zoned, days: i64, words: &[&str]) -> Option<Zoned> {
    let day = now.date().checked_add(days.days()).ok()?;
    let words = match words {
        ["at", rest @ ..] if !rest.is_empty() => rest,
        words => words,
    };
    let time = match words {
        [] | ["midnight"] => Time::midnight(),
        ["noon"] => jiff::civil::time(12, 0, 0, 0),
        words => {
            let (time, zone) = clock(&words.join(" "))?;
            match zone {
                None => time,
                Some(zone) => return day.to_datetime(time).to_zoned(zone).ok(),
            }
        }
    };
    day.to_datetime(time).to_zoned(now.time_zone().clone()).ok()
}

/// Returns the nearest weekday or the same time one unit away, in this direction.
fn near(now: &Zoned, name: &str, direction: i64, rest: &[&str]) -> Option<Zoned> {
    if let Some(day) = weekday(name) {
        let ahead = ahead(now, day);
        let days = match (direction, ahead) {
            (1, 0) => 7,
            (-1, 0) => -7,
            (-1, ahead) => ahead - 7,
            (_, ahead) => ahead,
        };
        return at(now, days, rest);
    }
    if !rest.is_empty() {
        return None;
    }
    let unit = unit::find(name).ok()?;
    unit::shift(now, unit::Amount::Whole(direction), unit).ok()
}

/// Returns how many days away that weekday is, 0 today.
fn ahead(now: &Zoned, day: Weekday) -> i64 {
    i64::from(now.weekday().until(day))
}

/// Moves by amounts such as `1 hour and 30 minutes` or `+3d`.
fn shifted(now: &Zoned, words: &[&str], direction: i64) -> Option<Zoned> {
    let mut moved = now.clone();
    let mut words = words.iter().filter(|word| **word != "and").peekable();
    words.peek()?;
    while let Some(word) = words.next() {
        let word = word.trim_start_matches('+');
        let digits = word.find(|sign: char| !sign.is_ascii_digit() && sign != '.');
        let (amount, unit) = match digits {
            Some(end) if end > 0 => word.split_at(end),
            _ => (word, *words.next()?),
        };
        let amount = amount.parse().ok().or_else(|| spelled(amount))?;
        let amount = unit::Amount::of(&llmspell_core::Value::Float(amount)).ok()?;
        let unit = match (unit, words.peek()) {
            ("business" | "working", Some(day)) if matches!(**day, "day" | "days") => {
                words.next();
                "business_days"
            }
            (unit, _) => unit::find(unit).ok()?,
        };
        moved = unit::shift(&moved, amount.times(direction).ok()?, unit).ok()?;
    }
    Some(moved)
}

fn spelled(word: &str) -> Option<f64> {
    const WORDS: [&str; 12] = [
        "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
        "twelve",
    ];
    match word {
        "a" | "an" => Some(1.0),
        _ => WORDS
            .iter()
            .position(|own| *own == word)
            .map(|place| place as f64 + 1.0),
    }
}
