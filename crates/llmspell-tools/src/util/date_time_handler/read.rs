//! Reading dates: which of the many forms a text has.

use std::sync::LazyLock;

use jiff::civil::{Date, ISOWeekDate, Time, Weekday};
use jiff::fmt::temporal::DateTimeParser;
use jiff::fmt::{rfc2822, strtime};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use llmspell_core::{Error, Kind, Result, Value};
use regex::{Captures, Regex};

use super::{phrase, zone};
use crate::choice::choose;
use crate::param::mistyped;

pub(super) const INPUT_UNITS: &[&[&str]] = &[
    &["s", "seconds", "second", "sec"],
    &["ms", "milliseconds", "millisecond"],
    &["us", "µs", "microseconds", "microsecond"],
];

/// The names that `input_format` takes, beside directives.
const INPUT_FORMATS: &[&[&str]] = &[
    &["iso8601", "iso", "iso_8601", "date"],
    &["rfc3339", "rfc_3339"],
    &["rfc2822", "rfc_2822", "http"],
    &["unix", "timestamp", "unix_s"],
    &["unix_ms", "timestamp_ms"],
    &["unix_us"],
];

/// How inputs are understood.
pub(super) struct Rules<'a> {
    /// The present, in the zone of dates that name none.
    pub(super) now: Zoned,
    /// Whether 03/04/2024 is in April.
    pub(super) day_first: bool,
    /// The only format that is accepted.
    pub(super) format: Option<&'a str>,
    /// What numbers count.
    pub(super) unit: Option<&'static str>,
}

/// A date and the form in which it was written.
pub(super) struct Reading {
    pub(super) at: Zoned,
    pub(super) format: String,
}

/// Reads a date.
///
/// - Errors: `Parse` if the text has none of the known forms, or not the forced one.
pub(super) fn read(parameter: &'static str, given: &Value, rules: &Rules) -> Result<Reading> {
    let text = match given {
        Value::Int(_) | Value::Float(_) => return number(parameter, given, rules),
        Value::Str(text) => text.trim(),
        other => {
            let got = other.type_name();
            let message = format!("parameter '{parameter}' must be string, got {got}");
            return Err(mistyped(parameter, message, "string", other));
        }
    };
    if text.len() > 200 {
        return Err(unreadable(parameter, text, "it is too long"));
    }
    if let Some(format) = rules.format {
        return forced(parameter, text, format, rules);
    }
    if let Some(number) = unix_text(text, rules) {
        return self::number(parameter, &number, rules);
    }
    recognised(text, rules)
        .unwrap_or_else(|| {
            let iso = DateTimeParser::new().parse_pieces(text).err();
            let looks_iso = text.len() >= 8 && text.as_bytes().get(4) == Some(&b'-');
            let reason = match iso {
                Some(failure) if looks_iso => failure.to_string(),
                _ => "it has none of the known forms".to_owned(),
            };
            Err(unreadable(parameter, text, &reason))
        })
        .map_err(|error| error.with("parameter", parameter))
}

fn unreadable(parameter: &'static str, text: &str, reason: &str) -> Error {
    llmspell_core::error!(Parse, "'{text:.60}' cannot be read as a date: {reason}")
        .with("parameter", parameter)
        .hint("write it like 2024-05-15T10:30:00Z, or name its form in 'input_format'")
}

/// Returns the number in a text of digits, unless these are a year or an ISO date.
fn unix_text(text: &str, rules: &Rules) -> Option<Value> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty()
        || !digits
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
    {
        return None;
    }
    let dated = matches!(text.len(), 4 | 8) && rules.unit.is_none();
    if dated && text.len() == digits.len() && recognised(text, rules).is_some() {
        return None;
    }
    match text.parse::<i64>() {
        Ok(whole) => Some(whole.into()),
        Err(_) => text.parse::<f64>().ok().map(Value::Float),
    }
}

fn number(parameter: &'static str, given: &Value, rules: &Rules) -> Result<Reading> {
    let size = given.as_float().unwrap_or(f64::NAN).abs();
    let unit = match rules.unit {
        Some(unit) => unit,
        None if size < 1e11 => "s",
        None if size < 1e14 => "ms",
        None => "us",
    };
    let (scale, format) = match unit {
        "s" => (1_000_000, "unix"),
        "ms" => (1_000, "unix_ms"),
        _ => (1, "unix_us"),
    };
    let micros = match given.as_int() {
        Some(whole) => whole.checked_mul(scale),
        None => {
            let micros = (given.as_float().unwrap_or(f64::NAN) * scale as f64).round();
            (micros.abs() < 9e18).then_some(micros as i64)
        }
    };
    let at = micros.and_then(|micros| Timestamp::from_microsecond(micros).ok());
    match at {
        Some(at) => Ok(Reading {
            at: at.to_zoned(rules.now.time_zone().clone()),
            format: format.to_owned(),
        }),
        None => Err(unreadable(
            parameter,
            &given.to_string(),
            "the number is out of range",
        )),
    }
}

/// Reads a text in the form that the caller names.
fn forced(parameter: &'static str, text: &str, format: &str, rules: &Rules) -> Result<Reading> {
    let failed = |reason: String| {
        let reason = format!("{reason} (input_format is '{format:.60}')");
        unreadable(parameter, text, &reason)
    };
    if format.contains('%') {
        let parsed = strtime::parse(format, text).map_err(|failure| failed(failure.to_string()))?;
        let at = civil(&parsed, rules).map_err(|failure| failed(failure.to_string()))?;
        return Ok(Reading {
            at,
            format: format.to_owned(),
        });
    }
    let name = choose("input_format", format, INPUT_FORMATS)
        .map_err(|error| error.hint("or strptime directives such as %d.%m.%Y"))?;
    let unit = match name {
        "unix" => Some("s"),
        "unix_ms" => Some("ms"),
        "unix_us" => Some("us"),
        _ => None,
    };
    if unit.is_some() {
        let value = match text.parse::<i64>() {
            Ok(whole) => Value::Int(whole),
            Err(_) => Value::Float(
                text.parse()
                    .map_err(|_| failed("it is not a number".to_owned()))?,
            ),
        };
        let rules = Rules {
            now: rules.now.clone(),
            unit,
            ..*rules
        };
        return number(parameter, &value, &rules);
    }
    let reading = match name {
        "rfc2822" => rfc2822_date(text),
        _ => iso(text, rules).or_else(|| reduced(text, rules)),
    };
    match reading {
        Some(Ok(reading)) if name != "rfc3339" || reading.format == "rfc3339" => Ok(reading),
        Some(Err(error)) => Err(error.with("parameter", parameter)),
        _ => Err(failed("it does not have this form".to_owned())),
    }
}

/// Completes what directives have read: midnight and the given zone where the text says nothing.
fn civil(parsed: &strtime::BrokenDownTime, rules: &Rules) -> Result<Zoned, jiff::Error> {
    let own = rules.now.time_zone();
    if let Some(at) = parsed.timestamp() {
        return Ok(at.to_zoned(own.clone()));
    }
    if parsed.offset().is_some() || parsed.iana_time_zone().is_some() {
        return parsed.to_zoned_with(&zone::ZONES);
    }
    let time = match parsed.hour() {
        Some(_) => parsed.to_time()?,
        None => Time::midnight(),
    };
    parsed.to_date()?.to_datetime(time).to_zoned(own.clone())
}

/// Tries every form. `None` means that the text has none of them.
fn recognised(text: &str, rules: &Rules) -> Option<Result<Reading>> {
    iso(text, rules)
        .or_else(|| reduced(text, rules))
        .or_else(|| separated(text, rules))
        .or_else(|| rfc2822_date(text))
        .or_else(|| named_month(text, rules))
        .or_else(|| {
            let at = phrase::relative(text, &rules.now)?;
            Some(reading(at, "relative"))
        })
}

fn reading(at: Zoned, format: &str) -> Result<Reading> {
    Ok(Reading {
        at,
        format: format.to_owned(),
    })
}

/// Gives a date without offset its zone; a time that the clocks skip moves on, one that they repeat is the first.
fn placed(date: Date, time: Time, zone: Option<TimeZone>, rules: &Rules) -> Result<Zoned> {
    let zone = zone.unwrap_or_else(|| rules.now.time_zone().clone());
    date.to_datetime(time).to_zoned(zone).map_err(|failure| {
        let why = format!("the date {date} is out of range");
        Error::new(Kind::Parse, why)
            .hint("times go from -9999-01-02T01:59:59Z to 9999-12-30T22:00:00Z")
            .source(failure)
    })
}

/// RFC 3339, RFC 9557 and ISO 8601 calendar dates.
fn iso(text: &str, rules: &Rules) -> Option<Result<Reading>> {
    let parser = DateTimeParser::new();
    let pieces = parser.parse_pieces(text).ok()?;
    if pieces.time_zone_annotation().is_some() {
        let at = parser
            .parse_zoned_with(&zone::ZONES, text)
            .map_err(|failure| {
                llmspell_core::error!(Parse, "'{text:.60}' cannot be read as a date: {failure}")
            });
        return Some(at.and_then(|at| reading(at, "rfc9557")));
    }
    let time = pieces.time();
    let format = match (time, pieces.to_numeric_offset()) {
        (Some(_), Some(_)) => "rfc3339",
        _ => "iso8601",
    };
    let zone = pieces
        .to_numeric_offset()
        .map(|offset| match offset.is_zero() {
            true => TimeZone::UTC,
            false => TimeZone::fixed(offset),
        });
    let at = placed(pieces.date(), time.unwrap_or_default(), zone, rules);
    Some(at.and_then(|at| reading(at, format)))
}

macro_rules! form {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new($pattern).expect("the pattern is a constant that a test compiles")
        });
    };
}

form!(
    WEEK,
    r"^(?<y>\d{4})-?W(?<w>\d{2})(?:-?(?<d>[1-7]))?(?:[T ](?<clock>.+))?$"
);
form!(ORDINAL, r"^(?<y>\d{4})-(?<d>\d{3})(?:[T ](?<clock>.+))?$");
form!(MONTH, r"^(?<y>\d{4})(?:-(?<m>\d{2}))?$");
form!(
    YEAR_FIRST,
    r"^(?<y>\d{4})[/.](?<m>\d{1,2})[/.](?<d>\d{1,2})(?:(?:,?\s+|T)(?<clock>.+))?$"
);
form!(
    YEAR_LAST,
    r"^(?<a>\d{1,2})(?<s>[/.-])(?<b>\d{1,2})[/.-](?<y>\d{4})(?:(?:,?\s+|T)(?<clock>.+))?$"
);
form!(
    DAY_MONTH,
    r"(?i)^(?:(?<wd>[a-z]{3,9})\.?,?\s+)?(?<d>\d{1,2})(?:st|nd|rd|th)?\.?(?:\s+of)?[\s-]+(?<m>[a-z]{3,9})[.,]?[\s-]+(?<y>\d{4})(?:,?\s+(?:at\s+)?(?<clock>.+))?$"
);
form!(
    MONTH_DAY,
    r"(?i)^(?:(?<wd>[a-z]{3,9})\.?,?\s+)?(?<m>[a-z]{3,9})\.?\s+(?<d>\d{1,2})(?:st|nd|rd|th)?,?\s+(?<y>\d{4})(?:,?\s+(?:at\s+)?(?<clock>.+))?$"
);
form!(MONTH_YEAR, r"(?i)^(?<m>[a-z]{3,9})\.?,?\s+(?<y>\d{4})$");
form!(
    YEAR_MONTH,
    r"(?i)^(?<y>\d{4})[\s-]+(?<m>[a-z]{3,9})\.?[\s-]+(?<d>\d{1,2})(?:,?\s+(?:at\s+)?(?<clock>.+))?$"
);
form!(
    CTIME,
    r"(?i)^(?<wd>[a-z]{3})\s+(?<m>[a-z]{3})\s+(?<d>\d{1,2})\s+(?<clock>\d{1,2}:\d{2}(?::\d{2})?)\s+(?<y>\d{4})$"
);
form!(
    CLOCK,
    r"(?i)^(\d{1,2})(?::(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(am|pm|a\.m\.|p\.m\.)?\s*(z|utc|gmt|[+-]\d{2}:?\d{2})?$"
);

/// ISO 8601 week and ordinal dates, months and years.
fn reduced(text: &str, rules: &Rules) -> Option<Result<Reading>> {
    if let Some(parts) = WEEK.captures(text) {
        let day = parts
            .name("d")
            .map_or(Some(1), |day| day.as_str().parse().ok())?;
        let day = Weekday::from_monday_one_offset(day).ok()?;
        let date = ISOWeekDate::new(part(&parts, "y")?, part(&parts, "w")?, day).ok()?;
        return finished(date.date(), &parts, "iso_week", rules);
    }
    if let Some(parts) = ORDINAL.captures(text) {
        let first = Date::new(part(&parts, "y")?, 1, 1).ok()?;
        let date = first.with().day_of_year(part(&parts, "d")?).build().ok()?;
        return finished(date, &parts, "iso_ordinal", rules);
    }
    let parts = MONTH.captures(text)?;
    let month = parts
        .name("m")
        .map_or(Some(1), |month| month.as_str().parse().ok())?;
    let date = Date::new(part(&parts, "y")?, month, 1).ok()?;
    finished(date, &parts, "iso8601", rules)
}

/// `Y/m/d`, `d/m/Y`, `m/d/Y`, `d-m-Y`, `d.m.Y`.
fn separated(text: &str, rules: &Rules) -> Option<Result<Reading>> {
    if let Some(parts) = YEAR_FIRST.captures(text) {
        let date = Date::new(part(&parts, "y")?, part(&parts, "m")?, part(&parts, "d")?).ok()?;
        return finished(date, &parts, "Y/m/d", rules);
    }
    let parts = YEAR_LAST.captures(text)?;
    let (first, second): (i8, i8) = (part(&parts, "a")?, part(&parts, "b")?);
    let month_first = &parts["s"] == "/" && first <= 12 && (second > 12 || !rules.day_first);
    let (day, month, format) = match (month_first, &parts["s"]) {
        (true, _) => (second, first, "m/d/Y"),
        (false, "/") => (first, second, "d/m/Y"),
        (false, "-") => (first, second, "d-m-Y"),
        (false, _) => (first, second, "d.m.Y"),
    };
    let date = Date::new(part(&parts, "y")?, month, day).ok()?;
    finished(date, &parts, format, rules)
}

fn rfc2822_date(text: &str) -> Option<Result<Reading>> {
    let at = rfc2822::DateTimeParser::new().parse_zoned(text).ok()?;
    let at = match at.offset().is_zero() {
        true => at.with_time_zone(TimeZone::UTC),
        false => at,
    };
    Some(reading(at, "rfc2822"))
}

/// Dates with the name of the month, in English.
fn named_month(text: &str, rules: &Rules) -> Option<Result<Reading>> {
    let forms = [&DAY_MONTH, &MONTH_DAY, &MONTH_YEAR, &YEAR_MONTH, &CTIME];
    forms.iter().find_map(|form| {
        let parts = form.captures(text)?;
        let day = parts
            .name("d")
            .map_or(Some(1), |day| day.as_str().parse().ok())?;
        let date = Date::new(part(&parts, "y")?, month(&parts["m"])?, day).ok()?;
        if let Some(name) = parts.name("wd") {
            weekday(&name.as_str().to_lowercase()).filter(|day| *day == date.weekday())?;
        }
        finished(date, &parts, "month_name", rules)
    })
}

/// Adds the time of day that the text names.
fn finished(date: Date, parts: &Captures, format: &str, rules: &Rules) -> Option<Result<Reading>> {
    let (time, zone) = match parts.name("clock") {
        Some(text) => clock(text.as_str())?,
        None => (Time::midnight(), None),
    };
    let at = placed(date, time, zone, rules);
    Some(at.and_then(|at| reading(at, format)))
}

fn part<T: std::str::FromStr>(parts: &Captures, name: &str) -> Option<T> {
    parts.name(name)?.as_str().parse().ok()
}

/// Reads a time of day and its offset: `15:30`, `3pm`, `15:30:00.5 +02:00`.
pub(super) fn clock(text: &str) -> Option<(Time, Option<TimeZone>)> {
    let parts = CLOCK.captures(text.trim())?;
    let number = |group| {
        parts.get(group).map_or(Some(0), |text: regex::Match| {
            text.as_str().parse::<i8>().ok()
        })
    };
    let (hour, minute, second) = (number(1)?, number(2)?, number(3)?);
    let half = parts.get(5).map(|half| half.as_str().to_lowercase());
    let hour = match half {
        None if parts.get(2).is_none() => return None,
        None => hour,
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(half) => hour % 12 + if half.starts_with('p') { 12 } else { 0 },
    };
    let nanos = parts.get(4).map_or(Some(0), |digits| {
        format!("{:0<9}", digits.as_str()).parse().ok()
    })?;
    let zone = match parts.get(6) {
        Some(offset) => Some(zone::fixed(offset.as_str())?),
        None => None,
    };
    Some((Time::new(hour, minute, second, nanos).ok()?, zone))
}

fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = word.to_lowercase();
    let place = NAMES
        .iter()
        .position(|name| word.len() >= 3 && name.starts_with(&word))?;
    i8::try_from(place + 1).ok()
}

/// Reads a weekday's English name or a beginning of it, in lower case.
pub(super) fn weekday(word: &str) -> Option<Weekday> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let found = NAMES
        .iter()
        .find(|(name, _)| word.len() >= 3 && name.starts_with(word));
    found.map(|(_, day)| *day)
}
