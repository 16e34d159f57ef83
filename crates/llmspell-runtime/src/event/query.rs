//! `Event.query`.

use std::collections::VecDeque;

use llmspell_core::{Cx, Map, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::matcher::Matcher;
use super::message::Event;
use super::subscribe::patterns;
use super::subscription::has_values;
use crate::agent::moment;

/// Returns past events, oldest first: of the last 10,000, as far as they take no more than 64 MiB, and of those that are
/// kept in the session's store. With `--session NAME` those that earlier runs of this name kept are found as well.
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
    let limit = a.limit;
    let wanted = Wanted::read(a)?;
    let bus = super::bus(&cx)?;
    let recent = bus.recent();
    // What is in memory still is not read again.
    let first = recent.first().map_or(u64::MAX, |event| event.sequence);
    let mut found = VecDeque::new();
    let mut enter = |event: Value| {
        found.push_back(event);
        if found.len() > limit {
            found.pop_front();
        }
    };
    if let Some(archive) = bus.archive() {
        let take = |event: Value| {
            if wanted.fits_shown(&event) {
                enter(event);
            }
        };
        archive.earlier(Box::new(take)).await?;
    }
    if let Some(archive) = bus.archive().filter(|_| first > 1) {
        let take = |event: Value| {
            let sequence = event.get("sequence").and_then(Value::as_int);
            let is_older = sequence.is_some_and(|number| number.cast_unsigned() < first);
            if is_older && wanted.fits_shown(&event) {
                enter(event);
            }
        };
        archive.read(Box::new(take)).await?;
    }
    for event in recent.iter().filter(|event| wanted.fits(event)) {
        enter(event.shown(&cx));
    }
    Ok(found.into())
}

/// Which events are wanted.
struct Wanted {
    matcher: Option<Matcher>,
    from: i64,
    to: i64,
    correlation: Option<String>,
    filters: Map,
}

impl Wanted {
    fn read(a: Query) -> Result<Self> {
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
        Ok(Self {
            matcher,
            from: moment::read("start_time", &a.start_time)?.unwrap_or(i64::MIN),
            to: moment::read("end_time", &a.end_time)?.unwrap_or(i64::MAX),
            correlation: a.correlation_id.map(|id| id.to_ascii_lowercase()),
            filters: match a.filters {
                Value::Null => Map::new(),
                Value::Map(filters) => filters,
                other => bail!(
                    InvalidArgs,
                    "`filters` must be a table, got {}",
                    other.type_name()
                ),
            },
        })
    }

    fn fits(&self, event: &Event) -> bool {
        let correlated = |id: &String| event.correlation.to_string() == *id;
        (self.from..=self.to).contains(&event.micros)
            && self.correlation.as_ref().is_none_or(correlated)
            && self.is_of_type(&event.kind)
            && has_values(&event.data.value(), &self.filters)
    }

    /// As [`fits`](Self::fits), for an event as scripts see it.
    fn fits_shown(&self, event: &Value) -> bool {
        let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let at = text("timestamp").parse::<jiff::Timestamp>();
        let at = at.map_or(0, |at| at.as_microsecond());
        let correlated = |id: &String| text("correlation_id") == *id;
        let data = event.get("data").unwrap_or(&Value::Null);
        (self.from..=self.to).contains(&at)
            && self.correlation.as_ref().is_none_or(correlated)
            && self.is_of_type(text("type"))
            && has_values(data, &self.filters)
    }

    fn is_of_type(&self, kind: &str) -> bool {
        let typed = |matcher: &Matcher| !matcher.find(kind).is_empty();
        self.matcher.as_ref().is_none_or(typed)
    }
}
