//! Beginning and ending subscriptions.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Callback, Cx, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::bus::Bus;
use super::deliver;
use super::language::EventLanguage;
use super::options::Overflow;
use super::pattern::Pattern;
use super::subscription::{Filter, Subscription, Wanted};

/// Subscribes to events and returns the id of the subscription.
///
/// With a function, that is called with each event whenever the script waits; otherwise events wait to be received.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Subscribe {
    /// A pattern such as `tool.*`, or a list of them.
    pattern: Value,
    /// The function, or the options.
    #[serde(default)]
    handler: Value,
    /// `language`, `filter` (a function, or a map from data path to value), `backpressure` (`drop_oldest`,
    /// `drop_newest`, `block`, `reject`), `max_queue_size`, `block_timeout_ms`.
    #[serde(default)]
    options: Value,
}

pub(super) async fn subscribe(cx: Cx, a: Subscribe) -> Result<String> {
    let bus = cx.part::<Bus>()?;
    let (handler, options) = match (a.handler, a.options) {
        (Value::Function(handler), options) => (Some(handler), options),
        (Value::Null, options) | (options, Value::Null) => (None, options),
        (other, _) => bail!(
            InvalidArgs,
            "the second argument must be a function or options, got {}",
            other.type_name()
        ),
    };
    let subscription = open(&bus, a.pattern, handler, options)?;
    if subscription.wanted.handler.is_some() {
        deliver::start(&cx)?;
    }
    Ok(subscription.id().to_owned())
}

/// Makes a subscription from what a script said.
pub(super) fn open(
    bus: &Bus,
    pattern: Value,
    handler: Option<Callback>,
    options: Value,
) -> Result<Arc<Subscription>> {
    let options = match options {
        Value::Null => Map::new(),
        Value::Map(options) => options,
        other => bail!(
            InvalidArgs,
            "the options of a subscription must be a table, got {}",
            other.type_name()
        ),
    };
    bus.subscribe(Wanted {
        patterns: patterns(pattern)?,
        handler,
        ..wanted(bus, options)?
    })
}

fn wanted(bus: &Bus, options: Map) -> Result<Wanted> {
    let mut wanted = Wanted {
        patterns: Vec::new(),
        language: None,
        filter: None,
        overflow: bus.options.overflow,
        capacity: bus.options.buffer_size,
        block_timeout: Duration::from_millis(1000),
        handler: None,
        internal: false,
    };
    for (name, value) in options {
        match (name.as_str(), value) {
            (_, Value::Null) => {}
            ("language", Value::Str(name)) => wanted.language = Some(EventLanguage::parse(&name)?),
            ("filter", Value::Function(filter)) => wanted.filter = Some(Filter::Function(filter)),
            ("filter", Value::Map(paths)) => wanted.filter = Some(Filter::Data(paths)),
            ("backpressure", Value::Str(name)) => wanted.overflow = Overflow::parse(&name)?,
            ("max_queue_size" | "maxQueueSize", value) => {
                wanted.capacity = count(&name, &value, 1)?;
            }
            ("block_timeout_ms" | "blockTimeoutMs", value) => {
                wanted.block_timeout = Duration::from_millis(count(&name, &value, 0)? as u64);
            }
            ("language" | "filter" | "backpressure", value) => bail!(
                InvalidArgs,
                "`{name}` of a subscription cannot be {}",
                value.type_name()
            ),
            _ => {
                return Err(error!(InvalidArgs, "unknown option '{name}' of a subscription").hint(
                    "known are language, filter, backpressure, max_queue_size, block_timeout_ms",
                ));
            }
        }
    }
    Ok(wanted)
}

/// Reads a count of at least `least`.
pub(super) fn count(name: &str, value: &Value, least: i64) -> Result<usize> {
    let number = value.as_int().filter(|number| *number >= least);
    number
        .and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| {
            error!(
                InvalidArgs,
                "`{name}` must be a whole number from {least} on, got {value}"
            )
        })
}

/// Reads one pattern or a list of them.
pub(super) fn patterns(given: Value) -> Result<Vec<Pattern>> {
    let texts = match given {
        Value::List(texts) => texts,
        Value::Map(none) if none.is_empty() => Vec::new(),
        text @ Value::Str(_) => vec![text],
        other => bail!(
            InvalidArgs,
            "a subscription needs a pattern or a list of them, got {}",
            other.type_name()
        ),
    };
    if texts.is_empty() {
        return Err(
            error!(InvalidArgs, "a subscription needs a pattern").hint("'*' stands for all events")
        );
    }
    let pattern = |text: &Value| match text {
        Value::Str(text) => Pattern::new(text),
        other => bail!(
            InvalidArgs,
            "an event pattern must be text, got {}",
            other.type_name()
        ),
    };
    texts.iter().map(pattern).collect()
}

/// Ends a subscription; what waits for it is dropped. Returns false if there is none.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Unsubscribe {
    /// The subscription's id.
    id: String,
}

pub(super) async fn unsubscribe(cx: Cx, a: Unsubscribe) -> Result<bool> {
    Ok(cx.part::<Bus>()?.unsubscribe(&a.id))
}

/// Ends the subscriptions with exactly this pattern and returns how many there were.
#[derive(Deserialize, JsonSchema)]
pub(super) struct UnsubscribePattern {
    /// The pattern, as it was given.
    pattern: String,
}

pub(super) async fn unsubscribe_pattern(cx: Cx, a: UnsubscribePattern) -> Result<usize> {
    let bus = cx.part::<Bus>()?;
    let has = |subscription: &Arc<Subscription>| {
        let patterns = &subscription.wanted.patterns;
        patterns.iter().any(|pattern| pattern.text() == a.pattern)
    };
    let gone = bus.subscriptions().into_iter().filter(has);
    Ok(gone.filter(|gone| bus.unsubscribe(gone.id())).count())
}

/// Returns the subscription that an id must mean.
///
/// - Errors: `NotFound`.
pub(super) fn require(bus: &Bus, id: &str) -> Result<Arc<Subscription>> {
    bus.find(id).ok_or_else(|| {
        error!(NotFound, "No active subscription found: {id}").with("subscription_id", id)
    })
}
