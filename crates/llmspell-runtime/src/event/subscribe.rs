//! Beginning and ending subscriptions.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Callback, Cx, Result, Takes, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::bus::Bus;
use super::deliver;
use super::language::EventLanguage;
use super::message::Shown;
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
    #[schemars(with = "HandlerOrOptions", extend("x-means" = "options"))]
    #[serde(default)]
    handler: Value,
    /// What else the subscriber wants.
    #[schemars(with = "Option<Wishes>")]
    #[serde(default)]
    options: Value,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes what the second argument may be")]
enum HandlerOrOptions {
    Handler(Takes<Shown>),
    Options(Wishes),
    Nothing,
}

/// What a subscriber may say.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "SubscribeOptions")]
pub(super) struct Wishes {
    /// Only events of this language.
    language: Option<String>,
    /// Only events that pass: a map from data path to value, or a function. The function is asked when an event is
    /// received: until then also one that does not pass takes a place in the queue.
    filter: Value,
    /// What happens to events that find no room: `drop_oldest` (default), `drop_newest`, `block` or `reject`.
    backpressure: Option<String>,
    /// Most events that wait; `events.buffer_size` by default.
    max_queue_size: Option<i64>,
    /// How long a publisher waits for room with `block`, in milliseconds; 1000.
    block_timeout_ms: Option<i64>,
}

pub(super) async fn subscribe(cx: Cx, a: Subscribe) -> Result<String> {
    let bus = super::bus(&cx)?;
    let (handler, options) = match (a.handler, a.options) {
        (Value::Function(handler), options) => (Some(handler), options),
        (Value::Null, options) | (options, Value::Null) => (None, options),
        (other, _) => bail!(
            InvalidArgs,
            "the second argument must be a function or options, got {}",
            other.type_name()
        ),
    };
    let subscription = open(&bus, a.pattern, handler, Wishes::read(options)?)?;
    if subscription.wanted.handler.is_some() {
        deliver::start(&cx)?;
    }
    Ok(subscription.id().to_owned())
}

/// Calls a function with each event whenever the script waits, and returns the id of the subscription.
#[derive(Deserialize, JsonSchema)]
pub(super) struct On {
    /// A pattern such as `tool.*`, or a list of them.
    pattern: Value,
    /// The function.
    #[schemars(with = "Takes<Shown>")]
    handler: Callback,
    /// What else the subscriber wants.
    #[schemars(with = "Option<Wishes>")]
    #[serde(default)]
    options: Value,
}

pub(super) async fn on(cx: Cx, a: On) -> Result<String> {
    let handler = Value::Function(a.handler);
    let wanted = Subscribe {
        pattern: a.pattern,
        handler,
        options: a.options,
    };
    subscribe(cx, wanted).await
}

impl Wishes {
    /// Reads the options of a subscription.
    ///
    /// - Errors: `InvalidArgs` naming the option that is wrong.
    pub(super) fn read(options: Value) -> Result<Self> {
        match options {
            Value::Null => Ok(Self::default()),
            options @ (Value::Map(_) | Value::List(_)) => options.into_argument("options"),
            other => bail!(
                InvalidArgs,
                "the options of a subscription must be a table, got {}",
                other.type_name()
            ),
        }
    }
}

/// Makes a subscription from what a script said.
pub(super) fn open(
    bus: &Bus,
    pattern: Value,
    handler: Option<Callback>,
    wishes: Wishes,
) -> Result<Arc<Subscription>> {
    let options = &bus.options;
    let language = wishes.language.as_deref();
    let overflow = wishes.backpressure.as_deref();
    let capacity = wishes.max_queue_size;
    let block_timeout = wishes.block_timeout_ms.unwrap_or(1000);
    bus.subscribe(Wanted {
        patterns: patterns(pattern)?,
        language: language.map(EventLanguage::parse).transpose()?,
        filter: filter(wishes.filter)?,
        overflow: overflow.map_or(Ok(options.overflow), Overflow::parse)?,
        capacity: capacity.map_or(Ok(options.buffer_size), |most| {
            count("max_queue_size", most, 1)
        })?,
        block_timeout: Duration::from_millis(count("block_timeout_ms", block_timeout, 0)? as u64),
        handler,
        internal: false,
    })
}

fn filter(given: Value) -> Result<Option<Filter>> {
    Ok(match given {
        Value::Null => None,
        Value::Function(filter) => Some(Filter::Function(filter)),
        paths @ Value::Map(_) => match paths.without_functions()? {
            Value::Map(paths) => Some(Filter::Data(paths)),
            _ => None,
        },
        Value::List(none) if none.is_empty() => None,
        other => bail!(
            InvalidArgs,
            "`filter` of a subscription must be a function or a map from data path to value, got {}",
            other.type_name()
        ),
    })
}

/// Reads a count of at least `least`.
pub(super) fn count(name: &str, number: i64, least: i64) -> Result<usize> {
    let fits = Some(number).filter(|number| *number >= least);
    fits.and_then(|number| usize::try_from(number).ok())
        .ok_or_else(|| {
            error!(
                InvalidArgs,
                "`{name}` must be a whole number from {least} on, got {number}"
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
    Ok(super::bus(&cx)?.unsubscribe(&a.id))
}

/// Ends the subscriptions with exactly this pattern and returns how many there were.
#[derive(Deserialize, JsonSchema)]
pub(super) struct UnsubscribePattern {
    /// The pattern, as it was given.
    pattern: String,
}

pub(super) async fn unsubscribe_pattern(cx: Cx, a: UnsubscribePattern) -> Result<usize> {
    let bus = super::bus(&cx)?;
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
