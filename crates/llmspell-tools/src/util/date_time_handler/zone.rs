//! Time zones, from the data inside of this program.

use std::sync::LazyLock;

use jiff::Zoned;
use jiff::tz::{Offset, TimeZone, TimeZoneDatabase};
use llmspell_core::{Cx, Result, nearest};
use regex::Regex;

use crate::param::refused;

/// The zones; not those of the machine, so that a date means the same everywhere.
pub(super) static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

static OFFSET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?i)(?:UTC|GMT)?\s*([+-])(\d{1,2})(?::?(\d{2}))?$")
        .expect("the pattern is a constant that a test compiles")
});

/// Finds a zone by its IANA name, an offset such as `+02:00`, `Z` or `local`.
///
/// - Errors: `InvalidArgs` that suggests the nearest names.
pub(super) fn find(cx: &Cx, parameter: &'static str, name: &str) -> Result<TimeZone> {
    let name = name.trim();
    if name.eq_ignore_ascii_case("local") {
        return match local(cx) {
            Some(name) => named(parameter, &name),
            None => Ok(TimeZone::UTC),
        };
    }
    named(parameter, name)
}

/// Returns whether `name` asks for the local zone and the environment does not tell it.
pub(super) fn is_unknown(cx: &Cx, name: &str) -> bool {
    name.trim().eq_ignore_ascii_case("local") && local(cx).is_none()
}

/// Returns the zone in the variable `TZ`.
fn local(cx: &Cx) -> Option<String> {
    let zone = cx.host().environment.var("TZ")?;
    let zone = zone.trim().trim_start_matches(':').to_owned();
    (!zone.is_empty()).then_some(zone)
}

fn named(parameter: &'static str, name: &str) -> Result<TimeZone> {
    if let Some(zone) = fixed(name) {
        return Ok(zone);
    }
    ZONES.get(name).map_err(|_| {
        let all: Vec<String> = ZONES
            .available()
            .map(|zone| zone.as_str().to_owned())
            .collect();
        let error = refused(parameter, format!("unknown time zone '{name:.60}'"));
        match nearest(name, all.iter().map(String::as_str)).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint("use a name such as Europe/Berlin or an offset such as +02:00"),
        }
    })
}

/// Reads an offset from UTC.
pub(super) fn fixed(text: &str) -> Option<TimeZone> {
    if ["z", "utc", "gmt"]
        .iter()
        .any(|zero| text.eq_ignore_ascii_case(zero))
    {
        return Some(TimeZone::UTC);
    }
    let parts = OFFSET.captures(text)?;
    let hours: i32 = parts[2].parse().ok()?;
    let minutes: i32 = parts
        .get(3)
        .map_or(Some(0), |minutes| minutes.as_str().parse().ok())?;
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    let seconds = if &parts[1] == "-" { -seconds } else { seconds };
    Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
}

/// Returns the zone's name, or its offset if it has none.
pub(super) fn name(at: &Zoned) -> String {
    match at.time_zone().iana_name() {
        Some(name) => name.to_owned(),
        None => super::shown::offset(at),
    }
}
