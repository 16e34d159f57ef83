//! `Event.publish`, and what tools publish.

use futures::future::BoxFuture;
use llmspell_core::{Cx, Events, Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::{Builder, Uuid};

use super::bus::{Bus, Publication};
use super::emit::say;
use super::language::EventLanguage;
use super::message::{More, Priority};

/// Publishes an event.
///
/// Returns when every subscription with a matching pattern has it in its queue. A subscription with `block` lets the
/// publisher wait for room, one with `reject` raises `limit` when it is full.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Publish {
    /// What happened, such as `order.created`.
    #[schemars(extend("x-synonyms" = ["type"]))]
    event_type: String,
    /// The facts.
    #[serde(default)]
    #[schemars(extend("x-synonyms" = ["payload"]))]
    data: Value,
    /// The arguments below as one table.
    #[schemars(with = "Option<Said>")]
    #[serde(default)]
    options: Value,
    #[serde(flatten)]
    said: Said,
}

/// What a publisher may say about an event.
#[derive(Default, Deserialize, JsonSchema)]
#[schemars(title = "PublishOptions")]
struct Said {
    /// The language in whose name it is published; the script's own by default.
    language: Option<String>,
    /// What it belongs to: a UUID; any other text is kept in `metadata.correlation_hint`.
    correlation_id: Option<String>,
    /// Seconds after which it is not delivered any more.
    ttl_seconds: Option<f64>,
    /// Keep it in the session's store.
    persistent: Option<bool>,
    /// Who is dropped last when a queue is full: `low`, `normal`, `high` or `critical`.
    priority: Option<String>,
    /// Who publishes it.
    source: Option<String>,
    /// Whom it is for.
    target: Option<String>,
    /// The language that it is for.
    target_language: Option<String>,
    /// Words to find it by.
    tags: Option<Vec<String>>,
    /// More members of the event's `metadata`.
    metadata: Option<Value>,
}

pub(super) async fn publish(cx: Cx, mut a: Publish) -> Result<bool> {
    let bus = super::bus(&cx)?;
    let kind = std::mem::take(&mut a.event_type);
    let draft = draft(&cx, a.data, a.said.or(Said::read(a.options)?))?;
    say(&cx, &bus, &kind, draft).await?;
    Ok(true)
}

/// What tools publish.
impl Events for Bus {
    fn publish<'a>(
        &'a self,
        cx: &'a Cx,
        source: &'a str,
        name: &'a str,
        data: Value,
    ) -> BoxFuture<'a, Result<()>> {
        let draft = Publication {
            correlation: Some(correlation(cx)),
            ..Publication::of_runtime(source, data)
        };
        Box::pin(say(cx, self, name, draft))
    }
}

impl Said {
    fn read(options: Value) -> Result<Self> {
        match options {
            Value::Null => Ok(Self::default()),
            given => given.into_argument("options"),
        }
    }

    /// Returns what is said here, and what `other` says beside it.
    fn or(self, other: Self) -> Self {
        Self {
            language: self.language.or(other.language),
            correlation_id: self.correlation_id.or(other.correlation_id),
            ttl_seconds: self.ttl_seconds.or(other.ttl_seconds),
            persistent: self.persistent.or(other.persistent),
            priority: self.priority.or(other.priority),
            source: self.source.or(other.source),
            target: self.target.or(other.target),
            target_language: self.target_language.or(other.target_language),
            tags: self.tags.or(other.tags),
            metadata: self.metadata.or(other.metadata),
        }
    }
}

fn draft(cx: &Cx, data: Value, a: Said) -> Result<Publication> {
    if let Some(ttl) = a.ttl_seconds.filter(|ttl| !ttl.is_finite() || *ttl < 0.0) {
        bail!(InvalidArgs, "`ttl_seconds` must not be negative, got {ttl}");
    }
    let target_language = a.target_language.as_deref();
    let mut more = More {
        target: a.target,
        target_language: target_language.map(EventLanguage::parse).transpose()?,
        tags: a.tags.unwrap_or_default(),
        ttl: a.ttl_seconds,
        metadata: metadata(a.metadata)?,
        persistent: a.persistent.unwrap_or(false),
    };
    let mut own = None;
    if let Some(text) = a.correlation_id {
        match Uuid::parse_str(&text) {
            Ok(id) => own = Some(id),
            Err(_) => {
                more.metadata.insert("correlation_hint", text.into());
            }
        }
    } else if cx.depth() > 0 {
        own = Some(correlation(cx));
    }
    let is_plain = more.target.is_none()
        && more.target_language.is_none()
        && more.tags.is_empty()
        && more.ttl.is_none()
        && more.metadata.is_empty()
        && !more.persistent;
    let priority = a.priority.as_deref();
    Ok(Publication {
        data: data.without_functions()?.into(),
        component: a.source.map(Into::into),
        language: match a.language {
            Some(name) => EventLanguage::parse(&name)?,
            None => script_language(cx),
        },
        correlation: own,
        priority: priority.map_or(Ok(Priority::Normal), Priority::parse)?,
        more: (!is_plain).then(|| Box::new(more)),
    })
}

fn metadata(given: Option<Value>) -> Result<Map> {
    match given {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(members @ Value::Map(_)) => match members.without_functions()? {
            Value::Map(members) => Ok(members),
            _ => Ok(Map::new()),
        },
        Some(other) => Err(error!(
            InvalidArgs,
            "`metadata` must be a table, got {}",
            other.type_name()
        )),
    }
}

/// The language of the run's script.
#[derive(Clone, Copy, Debug)]
pub struct ScriptLanguage(pub EventLanguage);

/// Returns the language of the run's script.
pub(crate) fn script_language(cx: &Cx) -> EventLanguage {
    cx.part::<ScriptLanguage>()
        .map_or(EventLanguage::Unknown, |language| language.0)
}

/// Returns the id that all hooks and events of one operation of the spell share.
pub(crate) fn correlation(cx: &Cx) -> Uuid {
    Builder::from_random_bytes(cx.origin().0).into_uuid()
}
