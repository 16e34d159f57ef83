//! What an event says.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Map, Op, Value};

/// The facts of an event. Those of what happens with every call of a tool are put together when somebody looks at them.
#[derive(Clone, Debug)]
pub enum Facts {
    /// As they were published.
    Said(Value),
    /// A call of a tool has begun, or has ended without an error.
    Tool {
        /// The tool.
        op: Arc<Op>,
        /// Whether a model chose the call.
        by_model: bool,
        /// How long the call took, if it has ended.
        took: Option<Duration>,
    },
}

impl Facts {
    /// Returns the facts as subscribers see them.
    pub fn value(&self) -> Cow<'_, Value> {
        match self {
            Self::Said(value) => Cow::Borrowed(value),
            tool => Cow::Owned(tool.clone().into_value()),
        }
    }

    /// Returns the facts as subscribers see them.
    pub fn into_value(self) -> Value {
        let (op, by_model, took) = match self {
            Self::Said(value) => return value,
            Self::Tool { op, by_model, took } => (op, by_model, took),
        };
        let caller = if by_model { "agent" } else { "script" };
        let mut facts = Map::from([("tool_name", op.verb().into()), ("caller", caller.into())]);
        if let Some(took) = took {
            facts.insert("duration_ms", milliseconds(took).into());
        }
        facts.into()
    }

    /// Returns roughly how much memory they take beyond their own place (bytes).
    pub(super) fn footprint(&self) -> usize {
        match self {
            Self::Said(value) => value.footprint(),
            // The tool is there anyway.
            Self::Tool { .. } => 0,
        }
    }

    /// Adds members to facts that are a table.
    #[must_use]
    pub(crate) fn with(self, members: impl IntoIterator<Item = (&'static str, Value)>) -> Self {
        let mut facts = self.into_value();
        if let Value::Map(own) = &mut facts {
            own.extend(members);
        }
        facts.into()
    }
}

impl From<Value> for Facts {
    fn from(value: Value) -> Self {
        Self::Said(value)
    }
}

impl From<Map> for Facts {
    fn from(members: Map) -> Self {
        Self::Said(members.into())
    }
}

/// Returns a time as events tell it.
pub(crate) fn milliseconds(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}
