//! `Event.query`.

use llmspell_core::{Cx, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::bus::Bus;
use super::matcher::Matcher;
use super::subscribe::patterns;
use super::subscription::has_values;

/// Returns past events, oldest first: of the last 10,000 and of those that are kept in the session's store.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Query {
    /// A pattern, or a list of them.
    #[serde(default)]
    event_type: Value,
    /// RFC 3339 text, or seconds since 1970.
    #[serde(default)]
    start_time: Value,
    /// RFC 3339 text, or seconds since 1970.
    #[serde(default)]
    end_time: Value,
    /// What belongs together.
    correlation_id: Option<String>,
    /// A map from data path to value.
    #[serde(default)]
    filters: Value,
    /// Most events; the newest count.
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

pub(super) async fn query(cx: Cx, a: Query) -> Result<Vec<Value>> {
    let matcher = match a.event_type {
        Value::Null => None,
        given => {
            let mut matcher = Matcher::default();
            for pattern in patterns(given)? {
                matcher.add(&pattern, 0);
            }
            Some(matcher)
        }
    };
    let from = moment("start_time", &a.start_time)?.unwrap_or(i64::MIN);
    let to = moment("end_time", &a.end_time)?.unwrap_or(i64::MAX);
    let filters = match a.filters {
        Value::Null => Map::new(),
        Value::Map(filters) => filters,
        other => bail!(
            InvalidArgs,
            "`filters` must be a table, got {}",
            other.type_name()
        ),
    };
    let wanted = a.correlation_id.map(|id| id.to_ascii_lowercase());
    let events = cx.part::<Bus>()?.recent();
    let fits = events.iter().filter(|event| {
        let correlated = |id: &String| event.correlation.to_string() == *id;
        let typed = |matcher: &Matcher| !matcher.find(&event.kind).is_empty();
        (from..=to).contains(&event.micros)
            && wanted.as_ref().is_none_or(correlated)
            && has_values(&event.data, &filters)
            && matcher.as_ref().is_none_or(typed)
    });
    let fits: Vec<_> = fits.collect();
    let first = fits.len().saturating_sub(a.limit);
    Ok(fits[first..].iter().map(|event| event.to_value()).collect())
}

/// Reads a moment, in microseconds since 1970.
fn moment(name: &str, given: &Value) -> Result<Option<i64>> {
    if let Some(seconds) = given.as_float() {
        return Ok(Some((seconds * 1e6) as i64));
    }
    match given {
        Value::Null => Ok(None),
        Value::Str(text) => match text.parse::<jiff::Timestamp>() {
            Ok(moment) => Ok(Some(moment.as_microsecond())),
            Err(failure) => Err(error!(Parse, "`{name}` is no time: {failure}")),
        },
        other => Err(error!(
            InvalidArgs,
            "`{name}` must be RFC 3339 text or seconds since 1970, got {}",
            other.type_name()
        )),
    }
}
