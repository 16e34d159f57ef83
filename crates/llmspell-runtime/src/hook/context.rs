//! What a hook is told.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use llmspell_core::value::to_record;
use llmspell_core::{Cx, Map, Name, Value};
use uuid::Uuid;

use super::facts::Facts;
use super::point::Point;
use crate::agent::moment;
use crate::event::script_language;
use crate::journal::Journal;

/// Members of the data that stand at the top of the context as well.
const COPIES: [&str; 11] = [
    "agent_name",
    "tool_name",
    "workflow_id",
    "workflow_name",
    "workflow_type",
    "stage_name",
    "parameters",
    "result",
    "error",
    "step",
    "session_id",
];

/// What a hook is told: where it is called, about what, with which data.
#[derive(Clone, Debug)]
pub struct Context<'a> {
    /// Where.
    pub point: Point,
    /// About what.
    pub component: Component,
    /// The facts of the point. What hooks before this one modified is modified here.
    pub data: Facts<'a>,
    /// What hooks note for each other and for the result.
    pub metadata: Map,
    /// The kind of the operation: `tool_execution`.
    pub operation: &'static str,
    /// 1 for the first try of the operation.
    pub attempt: u32,
    /// What hooks before the operation keep until it has ended, in whatever way.
    pub(crate) holds: Vec<Arc<dyn Any + Send + Sync>>,
    cx: Cx,
    correlation: OnceLock<Uuid>,
}

/// What a hook is called about.
#[derive(Clone, Debug)]
pub struct Component {
    /// The type: `Tool`.
    pub kind: &'static str,
    /// Its name.
    pub name: Name,
    /// Its id.
    pub id: Name,
}

impl Component {
    /// Makes a component whose id is its name.
    pub fn new(kind: &'static str, name: &str) -> Self {
        Self {
            kind,
            name: name.into(),
            id: name.into(),
        }
    }
}

impl<'a> Context<'a> {
    /// Makes the context of a point.
    pub fn new(cx: &Cx, point: Point, component: Component, data: impl Into<Facts<'a>>) -> Self {
        Self {
            point,
            component,
            data: data.into(),
            metadata: Map::new(),
            operation: "event",
            attempt: 1,
            holds: Vec::new(),
            cx: cx.clone(),
            correlation: OnceLock::new(),
        }
    }

    /// Returns what all hooks and events of one operation share.
    pub fn correlation(&self) -> Uuid {
        *self
            .correlation
            .get_or_init(|| crate::event::correlation(&self.cx))
    }

    /// Returns a member of the data that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }

    /// Returns when a function of a script is told this, and whether the journal tells that it was told before: then it is
    /// told the same time again.
    fn moment(&self, cx: &Cx, parameters: Option<&Value>) -> (i64, bool) {
        let now = || Value::from(cx.host().clock.now());
        let Some(journal) = cx.part::<Journal>().ok().filter(|journal| journal.is_on()) else {
            return (cx.host().clock.now(), false);
        };
        let parameters = parameters.map(to_record).unwrap_or_default();
        let detail = format!("{} {} {parameters}", self.point.name(), self.component.name);
        let (at, replaying) = journal.see(cx, "hook.called", &detail, now);
        (at.as_int().unwrap_or_default(), replaying)
    }

    /// Returns the context as scripts see it.
    pub(crate) fn to_value(&self, cx: &Cx) -> Value {
        let correlation = self.correlation().to_string();
        let Component { kind, name, id } = &self.component;
        let parameters = self
            .data
            .get("parameters")
            .or_else(|| self.data.get("input"));
        let (at, replaying) = self.moment(cx, parameters);
        let component = [
            ("type", (*kind).into()),
            ("name", name.as_str().into()),
            ("id", id.as_str().into()),
            ("component_type", (*kind).into()),
        ];
        let operation = [
            ("operation_type", self.operation.into()),
            ("operation_id", correlation.as_str().into()),
            ("parameters", parameters.cloned().unwrap_or_default()),
        ];
        let mut shown = Map::from([
            ("point", self.point.name().into()),
            ("hook_point", self.point.name().into()),
            ("correlation_id", correlation.into()),
            ("component_id", Value::from(component)),
            ("language", script_language(cx).lower().into()),
            ("metadata", Value::Map(self.metadata.clone())),
            ("timestamp", moment::text(at).into()),
            ("operation", Value::from(operation)),
            ("attempt", self.attempt.into()),
            ("replaying", replaying.into()),
        ]);
        for name in COPIES {
            if let Some(value) = self.data.get(name) {
                shown.insert(name, value.clone());
            }
        }
        shown.insert("data", Value::Map((*self.data).clone()));
        Value::Map(shown)
    }
}

/// Returns a value without the functions in it, as data.
pub(crate) fn plain(value: &Value) -> Value {
    match value {
        Value::Function(_) => Value::Null,
        Value::Handle(handle) => Value::Map(handle.to_map()),
        Value::List(items) => items.iter().map(plain).collect(),
        Value::Map(members) => {
            let kept = members
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Function(_)));
            Value::Map(
                kept.map(|(name, value)| (name.clone(), plain(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
