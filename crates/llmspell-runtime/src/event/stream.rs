//! Iterating over events.

use std::time::Duration;

use llmspell_core::{Cx, Handle, Map, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::receive;
use super::subscribe::{Wishes, count, open};

/// Subscribes and returns the events as something to iterate over.
///
/// The iteration waits for events until the subscription ends, or, with `timeout_ms`, until none came for so long.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Stream {
    /// A pattern such as `tool.*`, or a list of them.
    pattern: Value,
    /// What else the subscriber wants.
    #[schemars(with = "Option<StreamOptions>")]
    #[serde(default)]
    options: Value,
}

/// The options of `subscribe`, and how long the iteration waits.
#[derive(JsonSchema)]
#[schemars(title = "EventStreamOptions")]
#[expect(dead_code, reason = "describes what `options` may say")]
struct StreamOptions {
    /// How long to wait for an event, in milliseconds; for ever by default.
    timeout_ms: Option<i64>,
    #[schemars(flatten)]
    wishes: Wishes,
}

/// Events that are iterated over.
#[derive(Serialize, JsonSchema)]
pub(super) struct Face {
    /// The subscription's id.
    subscription_id: String,
    /// How long the iteration waits for an event, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<u64>,
}

pub(super) async fn stream(cx: Cx, a: Stream) -> Result<Handle> {
    let bus = super::bus(&cx)?;
    // Apart from the rest: functions stay what they are only where a type asks for them.
    let time = a.options.get("timeout_ms").cloned().unwrap_or_default();
    let time: Option<i64> = time.into_argument("options.timeout_ms")?;
    let time = time.map(|time| count("timeout_ms", time, 0)).transpose()?;
    let subscription = open(&bus, a.pattern, None, Wishes::read(a.options)?)?;
    let face = Face {
        subscription_id: subscription.id().to_owned(),
        timeout_ms: time.map(|time| time as u64),
    };
    Ok(Handle::with("events", subscription.id(), &face))
}

/// Returns the next event, or nothing at the end.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Next {
    /// The events.
    events: Handle,
}

pub(super) async fn next(cx: Cx, a: Next) -> Result<Option<Value>> {
    let bus = super::bus(&cx)?;
    let Some(subscription) = bus.find(&a.events.id) else {
        return Ok(None);
    };
    let fields: &Map = &a.events.fields;
    let time = fields.get("timeout_ms").and_then(Value::as_int);
    let time = time
        .and_then(|ms| u64::try_from(ms).ok())
        .map(Duration::from_millis);
    receive::next(&cx, &bus, &subscription, time).await
}

/// Ends the subscription.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Close {
    /// The events.
    events: Handle,
}

pub(super) async fn close(cx: Cx, a: Close) -> Result<()> {
    super::bus(&cx)?.unsubscribe(&a.events.id);
    Ok(())
}
