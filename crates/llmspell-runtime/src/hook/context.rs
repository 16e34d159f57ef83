//! What a hook is told.

use std::any::Any;
use std::sync::{Arc, OnceLock};

use llmspell_core::value::to_record;
use llmspell_core::{Call, Cx, Effect, Map, Name, Result, Secrets, Told, Value};
use uuid::Uuid;

use super::answer::Answer;
use super::facts::Facts;
use super::known::Known;
use super::point::Point;
use super::veil::{unveiled, veiled};
use crate::agent::moment;
use crate::event::script_language;
use crate::journal::Journal;

/// The members of a context; those behind `replaying` and before `data` are members of the data, where it has them.
const MEMBERS: [&str; 22] = [
    "point",
    "hook_point",
    "correlation_id",
    "component_id",
    "language",
    "metadata",
    "timestamp",
    "operation",
    "attempt",
    "replaying",
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
    "data",
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
    /// What hooks note for each other and for the result. Scripts see what the run knows beside it, see
    /// [`noted`](Self::noted).
    pub metadata: Map,
    /// The kind of the operation: `tool_execution`.
    pub operation: &'static str,
    /// 1 for the first try of the operation.
    pub attempt: u32,
    /// What hooks before the operation keep until it has ended, in whatever way.
    pub(crate) holds: Holds,
    /// The call that the operation is, if it is one.
    pub(super) call: Option<&'a Call>,
    cx: &'a Cx,
    correlation: OnceLock<Uuid>,
}

/// What hooks before an operation keep until it has ended.
pub(crate) type Holds = Vec<Arc<dyn Any + Send + Sync>>;

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
    pub fn new(cx: &'a Cx, point: Point, component: Component, data: impl Into<Facts<'a>>) -> Self {
        Self {
            point,
            component,
            data: data.into(),
            metadata: Map::new(),
            operation: "event",
            attempt: 1,
            holds: Vec::new(),
            call: None,
            cx,
            correlation: OnceLock::new(),
        }
    }

    /// Says what the hooks and events of the operation share, where that is not the call's own.
    #[must_use]
    pub(crate) fn of_operation(self, correlation: Uuid) -> Self {
        Self {
            correlation: correlation.into(),
            ..self
        }
    }

    /// Returns what all hooks and events of one operation share.
    pub fn correlation(&self) -> Uuid {
        *self
            .correlation
            .get_or_init(|| crate::event::correlation(self.cx))
    }

    /// Returns what the run knows of the operation, such as for whom it is done.
    pub(crate) fn known(&self) -> Known {
        Known::of(self.cx, &self.component, self.call)
    }

    /// Returns a text of the metadata: what hooks before this one noted, or else what the run knows, such as `user_id`.
    pub fn noted(&self, name: &str) -> Option<String> {
        let own = self.metadata.get(name).and_then(Value::as_str);
        own.map(str::to_owned).or_else(|| {
            let known = self.known().members();
            known.get(name).and_then(Value::as_str).map(str::to_owned)
        })
    }

    /// Returns the metadata as hooks see it: what the run knows, and what hooks noted.
    pub(crate) fn all_metadata(&self) -> Map {
        merged(&self.known(), &self.metadata)
    }

    /// Returns what a tool does to the world that is called with the parameters of the data.
    pub(super) fn effect(&self) -> Option<Effect> {
        let (call, parameters) = (self.call?, self.data.get("parameters")?);
        Some(call.op.effect_in(&call.cx, parameters))
    }

    /// Returns a member of the data that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.data.get(name)?.as_str()
    }

    /// Returns when a function of a script is told this, and whether the journal tells that it was told before: then it is
    /// told the same time again.
    fn moment(&self, cx: &Cx, parameters: Option<&Value>) -> (i64, bool) {
        let now = || Value::from(cx.host().clock.now());
        let Some(journal) = cx.part_ref::<Journal>().filter(|journal| journal.is_on()) else {
            return (cx.host().clock.now(), false);
        };
        let parameters = parameters.map(to_record).unwrap_or_default();
        let detail = format!("{} {} {parameters}", self.point.name(), self.component.name);
        let (at, replaying) = journal.see(cx, "hook.called", &detail, now);
        (at.as_int().unwrap_or_default(), replaying)
    }

    /// Returns the context as a function of a script sees it, without secrets.
    pub(crate) fn told(&self, cx: &Cx) -> Shown {
        let (at, replaying) = self.moment(cx, self.parameters());
        Shown {
            point: self.point.clone(),
            component: self.component.clone(),
            operation: self.operation,
            attempt: self.attempt,
            correlation: self.correlation(),
            language: script_language(cx).lower(),
            at,
            replaying,
            known: self.known(),
            metadata: self.metadata.clone(),
            data: self.data.share(),
            secrets: cx.host().secrets.clone(),
        }
    }

    /// Returns the context as scripts see it.
    pub(crate) fn to_value(&self, cx: &Cx) -> Value {
        Value::Map(self.told(cx).members())
    }

    /// Reads what a function of a script returned that was told this; secrets that it was not told are in the answer again.
    ///
    /// - Errors: those of [`Answer::read`].
    pub(crate) fn answer(&self, cx: &Cx, returned: Value) -> Result<Answer> {
        let answer = Answer::read(returned)?;
        Ok(unveiled(answer, &self.data, &*cx.host().secrets))
    }

    fn parameters(&self) -> Option<&Value> {
        parameters(&self.data)
    }
}

fn merged(known: &Known, noted: &Map) -> Map {
    let mut all = known.members();
    all.extend(noted.clone());
    all
}

fn parameters(data: &Map) -> Option<&Value> {
    data.get("parameters").or_else(|| data.get("input"))
}

/// A context as functions of scripts see it, at a moment.
pub(crate) struct Shown {
    point: Point,
    component: Component,
    operation: &'static str,
    attempt: u32,
    correlation: Uuid,
    language: &'static str,
    at: i64,
    replaying: bool,
    known: Known,
    metadata: Map,
    data: Arc<Map>,
    secrets: Arc<dyn Secrets>,
}

impl Shown {
    fn veiled(&self, value: Value) -> Value {
        veiled(value, &*self.secrets)
    }
}

impl Told for Shown {
    fn names(&self) -> &'static [&'static str] {
        &MEMBERS
    }

    fn bytes(&self) -> usize {
        self.metadata.footprint() + self.data.footprint()
    }

    fn member(&self, name: &str) -> Option<Value> {
        let Component {
            kind,
            name: own,
            id,
        } = &self.component;
        Some(match name {
            "point" | "hook_point" => self.point.name().into(),
            "correlation_id" => self.correlation.to_string().into(),
            "component_id" => Value::from([
                ("type", (*kind).into()),
                ("name", own.as_str().into()),
                ("id", id.as_str().into()),
                ("component_type", (*kind).into()),
            ]),
            "language" => self.language.into(),
            "metadata" => self.veiled(Value::Map(merged(&self.known, &self.metadata))),
            "timestamp" => moment::text(self.at).into(),
            "operation" => Value::from([
                ("operation_type", self.operation.into()),
                ("operation_id", self.correlation.to_string().into()),
                (
                    "parameters",
                    self.veiled(parameters(&self.data).cloned().unwrap_or_default()),
                ),
            ]),
            "attempt" => self.attempt.into(),
            "replaying" => self.replaying.into(),
            "data" => self.veiled(Value::Map((*self.data).clone())),
            copied @ ("parameters" | "result" | "error" | "step") => {
                self.veiled(self.data.get(copied)?.clone())
            }
            // The others are names.
            copied => self.data.get(copied)?.clone(),
        })
    }
}

/// Returns whether a value is data all through.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Function(_) | Value::Handle(_) => false,
        Value::List(items) => items.iter().all(is_plain),
        Value::Map(members) => members.values().all(is_plain),
        _ => true,
    }
}

/// Returns a value without the functions in it, as data.
pub(crate) fn plain(value: &Value) -> Value {
    match value {
        plain if is_plain(plain) => plain.clone(),
        other => stripped(other),
    }
}

fn stripped(value: &Value) -> Value {
    match value {
        Value::Function(_) => Value::Null,
        Value::Handle(handle) => Value::Map(handle.to_map()),
        Value::List(items) => items.iter().map(stripped).collect(),
        Value::Map(members) => {
            let kept = members
                .iter()
                .filter(|(_, value)| !matches!(value, Value::Function(_)));
            Value::Map(
                kept.map(|(name, value)| (name.clone(), stripped(value)))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}
