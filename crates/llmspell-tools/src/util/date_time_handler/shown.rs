//! How dates are written.

use jiff::Zoned;
use jiff::fmt::{rfc2822, strtime, temporal::DateTimePrinter};
use jiff::tz::TimeZone;
use llmspell_core::{Result, Value, nearest};

use crate::choice::choose;
use crate::param::refused;

/// The formats that have names.
pub(super) const NAMES: &[&[&str]] = &[
    &["iso8601", "iso", "iso_8601"],
    &["rfc3339", "rfc_3339"],
    &["rfc2822", "rfc_2822"],
    &["unix", "timestamp", "unix_s"],
    &["unix_ms", "timestamp_ms"],
    &["date"],
    &["time"],
    &["http"],
    &["human"],
];

/// Writes a date; the Unix formats give numbers.
///
/// - Errors: `InvalidArgs` for an unknown name or directive, and a year that the format cannot write.
pub(super) fn shown(at: &Zoned, format: Option<&str>) -> Result<Value> {
    let format = format.unwrap_or("iso8601");
    if format.contains('%') {
        return directives(at, format).map(Value::from);
    }
    let name = choose("format", format, NAMES)
        .map_err(|error| error.hint("or strftime directives such as %Y-%m-%d"))?;
    let beyond = |failure: jiff::Error| {
        refused(
            "format",
            format!("{name} cannot write the year {}", at.year()),
        )
        .source(failure)
    };
    Ok(match name {
        "rfc2822" => rfc2822::to_string(at).map_err(beyond)?.into(),
        "unix" => at.timestamp().as_second().into(),
        "unix_ms" => at.timestamp().as_millisecond().into(),
        "date" => at.date().to_string().into(),
        "time" => at.strftime("%H:%M:%S").to_string().into(),
        "http" => rfc2822::DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&at.timestamp())
            .map_err(beyond)?
            .into(),
        "human" => human(at).into(),
        _ => iso(at).into(),
    })
}

fn directives(at: &Zoned, format: &str) -> Result<String> {
    if format.len() > 1_000 {
        return Err(refused(
            "format",
            "parameter 'format' is longer than 1000 bytes",
        ));
    }
    strtime::format(format, at).map_err(|failure| {
        let message = format!("format '{format:.80}' cannot be used: {failure}");
        let error = refused("format", message);
        let names = NAMES.iter().flat_map(|names| names.iter().copied());
        match nearest(format, names).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error,
        }
    })
}

/// Writes a date in ISO 8601 with its true offset, `Z` in UTC.
pub(super) fn iso(at: &Zoned) -> String {
    let printer = DateTimePrinter::new();
    if *at.time_zone() == TimeZone::UTC {
        printer.timestamp_to_string(&at.timestamp())
    } else {
        printer.timestamp_with_offset_to_string(&at.timestamp(), at.offset())
    }
}

fn human(at: &Zoned) -> String {
    let zone = match at.time_zone().iana_name() {
        Some(_) => at.strftime("%Z").to_string(),
        None => offset(at),
    };
    format!("{} {zone}", at.strftime("%A, %-d %B %Y, %H:%M:%S"))
}

/// Returns the weekday's name.
pub(super) fn weekday(at: &Zoned) -> &'static str {
    const NAMES: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    NAMES[at.weekday().to_monday_zero_offset().rem_euclid(7) as usize]
}

/// Returns the offset from UTC: `+02:00`.
pub(super) fn offset(at: &Zoned) -> String {
    at.strftime("%:z").to_string()
}
