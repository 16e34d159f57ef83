//! `date_time_handler`: reads, writes, shifts and compares dates.

mod phrase;
mod read;
mod shown;
mod unit;
mod zone;

use std::time::Duration;

use croner::parser::{CronParser, Seconds, Year};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use llmspell_core::{Cx, Effect, Error, Kind, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use self::read::{Reading, Rules};
use crate::aside::stoppable;
use crate::choice::choose;
use crate::param::{Given, choices, missing, names, refused, within};

/// Most dates of a range.
const MOST_DATES: usize = 10_000;

const OPERATIONS: &[&[&str]] = &[
    &["parse"],
    &["now"],
    &["format"],
    &["convert_timezone", "convert"],
    &["add"],
    &["subtract"],
    &["difference", "diff"],
    &["info"],
    &["range"],
    &["cron_next"],
    &["formats"],
];

pub(super) fn op() -> Op {
    Op::new("date_time_handler", date_time_handler)
        .effect(Effect::Read)
        .effect_of(effect_of)
        .tool(
            ToolInfo::new("utility")
                .example(
                    "Converts between time zones",
                    r#"{"operation": "convert_timezone", "input": "2026-03-01T12:00:00Z", "target_timezone": "Asia/Tokyo"}"#,
                )
                .example(
                    "Counts days",
                    r#"{"operation": "difference", "start": "2026-01-01", "end": "2026-12-25", "unit": "days"}"#,
                )
                .timeout(Duration::from_secs(1))
                .operations(&names(OPERATIONS))
                .needs(&["parse", "format", "convert_timezone", "add", "subtract", "info", "cron_next"], &["input"])
                .needs(&["convert_timezone"], &["target_timezone"])
                .needs(&["add", "subtract"], &["amount"])
                .needs(&["difference", "range"], &["start"])
                .needs(&["difference", "range"], &["end"])
                .needs(&["add", "subtract", "range"], &["unit"])
                .operation_of(|args| match args.get("operation") {
                    Some(_) => None,
                    None => Some(unasked(args.get("input").is_some())),
                })
                .synonyms(&["datetime_handler"]),
        )
}

/// Reads dates in many forms, writes them in others, converts between time zones, adds and subtracts, compares, lists
/// ranges and finds the next times of a cron pattern.
///
/// Dates may be Unix times, ISO 8601, RFC 2822, `15.05.2024`, `May 15, 2024 3pm` or phrases such as `next friday`,
/// `in 3 days` and `2 weeks ago`.
#[derive(Deserialize, JsonSchema)]
struct DateTimeHandler {
    /// What to do; `parse` if there is an input, else `now`.
    #[schemars(transform = choices(OPERATIONS))]
    operation: Option<String>,
    /// The date, or the cron pattern of `cron_next`.
    #[schemars(extend("type" = ["string", "number"], "x-synonyms" = ["timestamp", "date", "datetime"]))]
    input: Option<Value>,
    /// How dates are written: `iso8601 rfc3339 rfc2822 unix unix_ms date time http human` or strftime directives.
    #[schemars(extend("default" = "iso8601"))]
    format: Option<String>,
    /// How the input is written: one of the names above or strptime directives. By default it is recognised.
    input_format: Option<String>,
    /// What a number stands for; by default its size tells.
    #[schemars(transform = choices(read::INPUT_UNITS))]
    unit_of_input: Option<String>,
    /// Whether the day comes first in dates such as 03/04/2024.
    #[schemars(extend("default" = false))]
    day_first: Option<bool>,
    /// Time zone of dates that name none: an IANA name, `local` or an offset such as +02:00.
    #[schemars(extend("default" = "UTC"))]
    timezone: Option<String>,
    /// Time zone to convert to.
    target_timezone: Option<String>,
    /// How many units to add or subtract; the step of a range.
    #[schemars(extend("type" = "number"))]
    amount: Option<Value>,
    /// The unit of `amount`, of a range or of a difference.
    #[schemars(transform = choices(unit::UNITS))]
    unit: Option<String>,
    /// The earlier date; for `cron_next`, the time after which to look.
    #[schemars(extend("type" = ["string", "number"], "x-synonyms" = ["from"]))]
    start: Option<Value>,
    /// The later date.
    #[schemars(extend("type" = ["string", "number"], "x-synonyms" = ["to"]))]
    end: Option<Value>,
    /// How many dates `cron_next` lists.
    #[schemars(range(min = 1, max = 100), extend("default" = 5))]
    count: Option<i64>,
}

fn effect_of(args: &Value) -> Effect {
    let text = |name| args.get(name).and_then(Value::as_str);
    let operation = match (text("operation"), args.get("input")) {
        (Some(operation), _) => choose("operation", operation, OPERATIONS).unwrap_or_default(),
        (None, Some(_)) => "parse",
        (None, None) => "now",
    };
    let relative = |name| text(name).is_some_and(phrase::is_relative);
    let local = |name| text(name).is_some_and(|zone| zone.trim().eq_ignore_ascii_case("local"));
    let base = operation == "cron_next" && args.get("start").is_none();
    let reads = operation == "now"
        || base
        || ["input", "start", "end"].into_iter().any(relative)
        || ["timezone", "target_timezone"].into_iter().any(local);
    if reads { Effect::Read } else { Effect::Pure }
}

/// What every verb gets to see.
struct Ask<'a> {
    cx: &'a Cx,
    options: &'a DateTimeHandler,
    operation: &'static str,
    rules: Rules<'a>,
}

/// Returns the operation of a call that names none.
fn unasked(is_input_given: bool) -> &'static str {
    match is_input_given {
        true => "parse",
        false => "now",
    }
}

async fn date_time_handler(cx: Cx, call: Given<DateTimeHandler>) -> Result<Outcome> {
    let a = &call.args;
    let operation = match &a.operation {
        Some(operation) => choose("operation", operation, OPERATIONS)?,
        None => unasked(a.input.is_some()),
    };
    let zone = match &a.timezone {
        Some(name) => zone::find(&cx, "timezone", name)?,
        None => TimeZone::UTC,
    };
    let ask = Ask {
        cx: &cx,
        options: a,
        operation,
        rules: Rules {
            now: now(&cx)?.to_zoned(zone),
            day_first: a.day_first.unwrap_or(false),
            format: a.input_format.as_deref(),
            unit: match &a.unit_of_input {
                Some(unit) => Some(choose("unit_of_input", unit, read::INPUT_UNITS)?),
                None => None,
            },
        },
    };
    const READS: &str = "timezone day_first input_format unit_of_input format";
    let (used, outcome) = match operation {
        "parse" => ("input", parse(&ask)?),
        "now" => ("", current(&ask)?),
        "format" => ("input", format(&ask)?),
        "convert_timezone" => ("input target_timezone", convert(&ask)?),
        "add" => ("input amount unit", shift(&ask, 1)?),
        "subtract" => ("input amount unit", shift(&ask, -1)?),
        "difference" => ("start end unit", difference(&ask)?),
        "info" => ("input", info(&ask)?),
        "range" => ("start end unit amount", range(&ask)?),
        "cron_next" => ("input start count", cron_next(&ask).await?),
        _ => ("", formats(&ask)?),
    };
    let local = |name: &Option<String>| {
        name.as_deref()
            .is_some_and(|name| zone::is_unknown(&cx, name))
    };
    let outcome = if local(&a.timezone) || local(&a.target_timezone) {
        outcome.warning("the local time zone is not known (TZ is not set), UTC is taken")
    } else {
        outcome
    };
    Ok(call.warn(op, &format!("{READS} {used}"), outcome))
}

fn now(cx: &Cx) -> Result<Timestamp> {
    Timestamp::from_microsecond(cx.host().clock.now())
        .map_err(|failure| Error::new(Kind::Bug, "the clock is out of range").source(failure))
}

impl Ask<'_> {
    fn missing(&self, parameter: &'static str) -> Error {
        missing("date_time_handler", self.operation, parameter)
    }

    /// Reads the date in a parameter.
    fn date(&self, parameter: &'static str) -> Result<Reading> {
        let a = self.options;
        let given = match parameter {
            "start" => &a.start,
            "end" => &a.end,
            _ => &a.input,
        };
        let given = given.as_ref().ok_or_else(|| self.missing(parameter))?;
        read::read(parameter, given, &self.rules)
    }

    fn unit(&self) -> Result<&'static str> {
        let unit = self.options.unit.as_deref();
        unit::find(unit.ok_or_else(|| self.missing("unit"))?)
    }

    /// Writes a date as the caller wants it.
    fn shown(&self, at: &Zoned) -> Result<Value> {
        shown::shown(at, self.options.format.as_deref())
    }

    fn input(&self) -> Value {
        self.options.input.clone().unwrap_or_default()
    }
}

fn parse(ask: &Ask) -> Result<Outcome> {
    let Reading { at, format } = ask.date("input")?;
    let shown = ask.shown(&at)?;
    let parsed = Value::from([
        ("utc", shown::iso(&at.with_time_zone(TimeZone::UTC)).into()),
        ("timestamp", at.timestamp().as_second().into()),
        ("timestamp_ms", at.timestamp().as_millisecond().into()),
        ("year", at.year().into()),
        ("month", at.month().into()),
        ("day", at.day().into()),
        ("hour", at.hour().into()),
        ("minute", at.minute().into()),
        ("second", at.second().into()),
        ("weekday", shown::weekday(&at).into()),
        ("offset", shown::offset(&at).into()),
    ]);
    let data = Value::from([
        ("input", ask.input()),
        ("datetime", shown.clone()),
        ("parsed", parsed),
        ("format_used", format.as_str().into()),
        ("result", shown.clone()),
    ]);
    Ok(Outcome::new("parse", data)
        .message(format!("Read {} as {format}", shown::iso(&at)))
        .output(shown))
}

fn current(ask: &Ask) -> Result<Outcome> {
    let at = &ask.rules.now;
    let shown = ask.shown(at)?;
    let data = Value::from([
        ("datetime", shown.clone()),
        ("timezone", zone::name(at).into()),
        (
            "format",
            ask.options.format.as_deref().unwrap_or("iso8601").into(),
        ),
        ("timestamp", at.timestamp().as_second().into()),
        ("timestamp_ms", at.timestamp().as_millisecond().into()),
        ("result", shown.clone()),
    ]);
    Ok(Outcome::new("now", data)
        .message(format!("It is {}", shown::iso(at)))
        .output(shown))
}

fn format(ask: &Ask) -> Result<Outcome> {
    let at = ask.date("input")?.at;
    let shown = ask.shown(&at)?;
    let data = Value::from([
        ("formatted", shown.clone()),
        ("datetime", shown::iso(&at).into()),
        (
            "format",
            ask.options.format.as_deref().unwrap_or("iso8601").into(),
        ),
        ("result", shown.clone()),
    ]);
    Ok(Outcome::new("format", data)
        .message(format!("Formatted {}", shown::iso(&at)))
        .output(shown))
}

fn convert(ask: &Ask) -> Result<Outcome> {
    let at = ask.date("input")?.at;
    let target = ask.options.target_timezone.as_deref();
    let target = target.ok_or_else(|| ask.missing("target_timezone"))?;
    let converted = at.with_time_zone(zone::find(ask.cx, "target_timezone", target)?);
    let shown = ask.shown(&converted)?;
    let data = Value::from([
        ("original", ask.shown(&at)?),
        ("converted", shown.clone()),
        ("datetime", shown.clone()),
        ("target_timezone", zone::name(&converted).into()),
        ("offset", shown::offset(&converted).into()),
    ]);
    Ok(Outcome::new("convert_timezone", data)
        .message(format!("Converted to {}", zone::name(&converted)))
        .output(shown))
}

fn shift(ask: &Ask, sign: i64) -> Result<Outcome> {
    let at = ask.date("input")?.at;
    let amount = ask
        .options
        .amount
        .as_ref()
        .ok_or_else(|| ask.missing("amount"))?;
    let unit = ask.unit()?;
    let shifted = unit::shift(&at, unit::Amount::of(amount)?.times(sign)?, unit)?;
    let shown = ask.shown(&shifted)?;
    let data = Value::from([
        ("input", ask.input()),
        ("amount", amount.clone()),
        ("unit", unit.into()),
        ("original", ask.shown(&at)?),
        ("result", shown.clone()),
        ("datetime", shown.clone()),
    ]);
    Ok(Outcome::new(ask.operation, data)
        .message(format!("{} is {}", ask.operation, shown::iso(&shifted)))
        .output(shown))
}

fn difference(ask: &Ask) -> Result<Outcome> {
    let start = ask.date("start")?.at;
    let end = ask
        .date("end")?
        .at
        .with_time_zone(start.time_zone().clone());
    let difference = unit::Difference::between(&start, &end)?;
    let value = match &ask.options.unit {
        Some(_) => difference.total(ask.unit()?)?,
        None => difference.total("seconds")?,
    };
    let data = Value::from([
        ("start", ask.shown(&start)?),
        ("end", ask.shown(&end)?),
        ("difference", difference.to_value()?),
        ("value", value.clone()),
    ]);
    Ok(Outcome::new("difference", data)
        .message(format!("The difference is {}", difference.words()?))
        .output(value))
}

fn info(ask: &Ask) -> Result<Outcome> {
    let at = ask.date("input")?.at;
    let out_of_range = |failure: jiff::Error| unit::out_of_range().source(failure);
    let info = Value::from([
        ("year", at.year().into()),
        ("month", at.month().into()),
        ("day", at.day().into()),
        ("hour", at.hour().into()),
        ("minute", at.minute().into()),
        ("second", at.second().into()),
        ("weekday", shown::weekday(&at).into()),
        ("day_of_year", at.day_of_year().into()),
        ("week_of_year", at.date().iso_week_date().week().into()),
        ("quarter", ((at.month() + 2) / 3).into()),
        ("is_leap_year", at.in_leap_year().into()),
        ("is_weekend", unit::is_weekend(&at).into()),
        ("days_in_month", at.days_in_month().into()),
        (
            "start_of_day",
            shown::iso(&at.start_of_day().map_err(out_of_range)?).into(),
        ),
        (
            "end_of_day",
            shown::iso(&at.end_of_day().map_err(out_of_range)?).into(),
        ),
    ]);
    let shown = ask.shown(&at)?;
    Ok(Outcome::new("info", Value::from([("info", info)]))
        .message(format!("{} is a {}", shown::iso(&at), shown::weekday(&at)))
        .output(shown))
}

fn range(ask: &Ask) -> Result<Outcome> {
    let start = ask.date("start")?.at;
    let end = ask.date("end")?.at;
    let unit = ask.unit()?;
    let step = match &ask.options.amount {
        Some(amount) => unit::Amount::of(amount)?,
        None => unit::Amount::Whole(1),
    };
    let ahead = step.sign();
    if ahead == 0 {
        return Err(refused("amount", "the step of a range must not be 0"));
    }
    let mut dates = Vec::new();
    for times in 0.. {
        let next = unit::shift(&start, step.times(times)?, unit)?;
        if (ahead > 0 && next > end) || (ahead < 0 && next < end) {
            break;
        }
        if dates.len() == MOST_DATES {
            let message = format!("a range has at most {MOST_DATES} dates");
            return Err(Error::new(Kind::Limit, message)
                .with("limit", MOST_DATES)
                .hint("take a larger unit or a larger step in 'amount'"));
        }
        if times % 1_000 == 999 {
            ask.cx.check()?;
        }
        dates.push(ask.shown(&next)?);
    }
    let count = dates.len();
    let data = Value::from([("dates", dates.clone().into()), ("count", count.into())]);
    Ok(Outcome::new("range", data)
        .message(format!("{count} dates"))
        .output(dates))
}

async fn cron_next(ask: &Ask<'_>) -> Result<Outcome> {
    let a = ask.options;
    let given = a.input.as_ref().ok_or_else(|| ask.missing("input"))?;
    let given = given.as_str().unwrap_or_default().trim().to_owned();
    let refuse = |reason: String| {
        let reason = reason.trim_end_matches('.');
        llmspell_core::error!(Parse, "'{given:.80}' is not a cron pattern: {reason}")
            .with("parameter", "input")
            .hint("it has 5 fields (minute hour day month weekday) or 6 with seconds first")
    };
    if given.len() > 200 {
        return Err(refuse("it is too long".to_owned()));
    }
    let parser = CronParser::builder()
        .seconds(Seconds::Optional)
        .year(Year::Disallowed)
        .build();
    let cron = parser
        .parse(&given)
        .map_err(|failure| refuse(failure.to_string()))?;
    let count = within("count", a.count.unwrap_or(5), 1..=100)?;
    let mut at = match a.start {
        Some(_) => ask.date("start")?.at,
        None => ask.rules.now.clone(),
    };
    // A pattern that never comes true is searched for years: beside the event loop.
    let found = stoppable(ask.cx, usize::MAX, move |cx| {
        let mut found: Vec<Zoned> = Vec::with_capacity(count);
        while found.len() < count {
            cx.check()?;
            match cron.find_next_occurrence(&at, false) {
                Ok(next) => at = next,
                Err(_) if !found.is_empty() => break,
                Err(failure) => {
                    let reason = failure.to_string();
                    return Err(
                        Error::new(Kind::Execution, "the cron pattern never comes true")
                            .with("reason", reason),
                    );
                }
            }
            found.push(at.clone());
        }
        Ok(found)
    });
    let dates: Vec<Value> = found
        .await?
        .iter()
        .map(|at| ask.shown(at))
        .collect::<Result<_>>()?;
    let first = dates.first().cloned().unwrap_or_default();
    Ok(
        Outcome::new("cron_next", Value::from([("dates", dates.into())]))
            .message(format!("The next time is {first}"))
            .output(first),
    )
}

fn formats(ask: &Ask) -> Result<Outcome> {
    let at = &ask.rules.now;
    let example = jiff::civil::date(2024, 5, 15)
        .at(10, 30, 0, 0)
        .to_zoned(at.time_zone().clone())
        .map_err(|failure| unit::out_of_range().source(failure))?;
    let names = shown::NAMES.iter().map(|names| names[0]);
    let directives = [
        "%Y-%m-%d",
        "%d.%m.%Y",
        "%H:%M:%S",
        "%A, %d %B %Y",
        "%Y-W%V",
        "%s",
    ];
    let all: Vec<&str> = names.chain(directives).collect();
    let examples = all
        .iter()
        .map(|&name| Ok((name.to_owned(), shown::shown(&example, Some(name))?)))
        .collect::<Result<Map>>()?;
    let data = Value::from([
        ("available_formats", all.into()),
        ("example_formats", examples.into()),
    ]);
    Ok(Outcome::new("formats", data).message("The known formats"))
}

#[cfg(test)]
mod tests;
