//! One event.

use std::sync::Arc;

use llmspell_core::{Cx, Map, Name, Result, Value, error};
use uuid::Uuid;

use super::facts::Facts;
use super::language::EventLanguage;
use crate::secret;

/// Something that happened, as every subscription gets it.
#[derive(Debug)]
pub struct Event {
    /// Counts the events of the bus, from 1, without gaps.
    pub sequence: u64,
    /// Its id.
    pub id: Uuid,
    /// What happened: `tool.completed`.
    pub kind: Arc<str>,
    /// What it says.
    pub data: Facts,
    /// When, in microseconds since 1970.
    pub micros: i64,
    /// What belongs together.
    pub correlation: Uuid,
    /// Who published it.
    pub source: Publisher,
    /// Who is dropped first.
    pub priority: Priority,
    /// Roughly how much memory it takes (bytes).
    pub bytes: usize,
    /// What few events have.
    pub more: Option<Box<More>>,
}

/// Who published an event.
#[derive(Clone, Debug)]
pub struct Publisher {
    /// The component: `script`, `agent`, or what the publisher says.
    pub component: Name,
    /// The run.
    pub instance: Arc<str>,
    /// The language.
    pub language: EventLanguage,
}

/// What few events have.
#[derive(Clone, Debug, Default)]
pub struct More {
    /// Whom it is for.
    pub target: Option<String>,
    /// The language that it is for.
    pub target_language: Option<EventLanguage>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// How long it is of interest, in seconds.
    pub ttl: Option<f64>,
    /// Members of `metadata`.
    pub metadata: Map,
    /// Whether it is kept in the store.
    pub persistent: bool,
}

/// Which events a full queue drops first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// First.
    Low,
    /// As usual.
    #[default]
    Normal,
    /// Late.
    High,
    /// Last.
    Critical,
}

impl Priority {
    /// Returns the priority of a name.
    ///
    /// - Errors: `InvalidArgs` naming the known ones.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name.to_ascii_lowercase().as_str() {
            "low" => Self::Low,
            "normal" => Self::Normal,
            "high" => Self::High,
            "critical" => Self::Critical,
            _ => {
                return Err(error!(InvalidArgs, "unknown priority '{name}'")
                    .hint("known are low, normal, high and critical"));
            }
        })
    }

    /// Returns the name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// An event as scripts get it.
#[derive(schemars::JsonSchema)]
#[schemars(title = "ReceivedEvent")]
#[expect(dead_code, reason = "describes what `Event::to_value` makes")]
pub(super) struct Shown {
    id: String,
    /// What happened.
    event_type: String,
    /// The same as `event_type`.
    #[serde(rename = "type")]
    kind: String,
    /// The facts, as published.
    data: Value,
    /// The same as `data`.
    payload: Value,
    /// RFC 3339.
    timestamp: String,
    /// Counts the events of the bus.
    sequence: u64,
    /// What all events and hooks of one operation share.
    correlation_id: String,
    /// `Lua`, `JavaScript`, `Python`, `Rust` or `Unknown`.
    language: String,
    target_language: String,
    source: ShownSource,
    /// How long it is of interest, in seconds; a part of one counts as one here.
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<i64>,
    metadata: std::collections::BTreeMap<String, Value>,
    schema_version: String,
    /// The same as `schema_version`.
    version: String,
    serialization_version: String,
}

/// Who published an event, as scripts get it.
#[derive(schemars::JsonSchema)]
#[schemars(title = "EventSource")]
#[expect(dead_code, reason = "describes what `Event::to_value` makes")]
struct ShownSource {
    component: String,
    /// The run.
    instance_id: String,
    language: String,
}

impl Event {
    /// Returns how long it is of interest, in whole seconds, rounded up.
    pub fn ttl(&self) -> Option<i64> {
        let seconds = self.more.as_ref()?.ttl?;
        Some(seconds.ceil() as i64)
    }

    /// Returns whether nobody is interested any more.
    pub fn is_stale(&self, now: i64) -> bool {
        let ttl = self.more.as_ref().and_then(|more| more.ttl);
        ttl.is_some_and(|seconds| now.saturating_sub(self.micros) as f64 > seconds * 1e6)
    }

    /// Returns the event as a script gets it: what the runtime says holds no secret.
    pub(super) fn shown(&self, cx: &Cx) -> Value {
        let mut shown = self.to_value();
        let is_said = matches!(self.data, Facts::Said(_));
        if self.source.language == EventLanguage::Rust
            && is_said
            && let Value::Map(members) = &mut shown
            && let Some(data) = members.get("data")
            && let Some(clean) = secret::strike(data, &*cx.host().secrets)
        {
            members.insert("data", clean.clone());
            members.insert("payload", clean);
        }
        shown
    }

    /// Returns the event as it was published, in the shape that scripts and JSON output see.
    pub fn to_value(&self) -> Value {
        let more = self.more.as_deref();
        let language = self.source.language;
        let target = more.and_then(|more| more.target_language);
        let (id, correlation) = (self.id.to_string(), self.correlation.to_string());
        let timestamp = crate::agent::moment::text(self.micros);
        let data = self.data.clone().into_value();
        let source = Value::from([
            ("component", Value::from(self.source.component.as_str())),
            ("instance_id", (&*self.source.instance).into()),
            ("language", language.name().into()),
        ]);
        Value::from([
            ("id", id.into()),
            ("event_type", (&*self.kind).into()),
            ("type", (&*self.kind).into()),
            ("data", data.clone()),
            ("payload", data),
            ("timestamp", timestamp.as_str().into()),
            ("sequence", self.sequence.into()),
            ("correlation_id", correlation.as_str().into()),
            ("language", language.name().into()),
            (
                "target_language",
                target.unwrap_or(EventLanguage::Unknown).name().into(),
            ),
            ("source", source),
            ("ttl", self.ttl().map_or(Value::Null, Value::from)),
            ("metadata", self.metadata(correlation, timestamp)),
            ("schema_version", "1.0.0".into()),
            ("version", "1.0.0".into()),
            ("serialization_version", "1.0".into()),
        ])
    }

    fn metadata(&self, correlation: String, timestamp: String) -> Value {
        let more = self.more.as_deref();
        let mut metadata = more.map_or_else(Map::new, |more| more.metadata.clone());
        let mut put = |name: &str, value: Value| metadata.insert(name, value);
        put("correlation_id", correlation.into());
        put("source", self.source.component.as_str().into());
        if let Some(target) = more.and_then(|more| more.target.as_deref()) {
            put("target", target.into());
        }
        let tags = more.map_or(&[][..], |more| &more.tags);
        put(
            "tags",
            tags.iter().map(|tag| Value::from(tag.as_str())).collect(),
        );
        put("priority", self.priority.name().into());
        if let Some(ttl) = self.ttl() {
            put("ttl", ttl.into());
        }
        put("source_language", self.source.language.lower().into());
        put("timestamp", timestamp.into());
        Value::Map(metadata)
    }
}
