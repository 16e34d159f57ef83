//! Says on the event bus what calls of tools, models and agents begin and end.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Call, Cx, Error, Kind, Layer, Map, Next, Op, Result, Value};
use uuid::Uuid;

use crate::event::{
    Bus, Facts, Publication, around, correlation, milliseconds, say_later, say_own,
};
use crate::hook::Hooks;
use crate::journal::Journal;

/// Publishes the runtime's events about calls: `tool.*`, `model.request.*`, `agent.execution.*`.
///
/// A call that is dropped is published as failed.
///
/// - Order: outside of limits and policy, so that refused calls are seen as well, with the duration that the caller sees.
pub(super) struct Announce {
    bus: Option<Arc<Bus>>,
    journal: Arc<Journal>,
    hooks: Arc<Hooks>,
}

impl Announce {
    pub(super) fn new(bus: Option<Arc<Bus>>, journal: Arc<Journal>, hooks: Arc<Hooks>) -> Self {
        Self {
            journal,
            hooks,
            bus: bus.filter(|bus| bus.takes_runtime()),
        }
    }
}

impl Layer for Announce {
    fn applies(&self, op: &Op) -> bool {
        self.bus.is_some() && (op.tool_info().is_some() || op.is_recorded())
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        match (&self.bus, Subject::of(&call)) {
            (Some(bus), Some(subject)) => Box::pin(self.announced(bus, subject, call, next)),
            _ => next.run(call),
        }
    }
}

impl Announce {
    async fn announced(
        &self,
        bus: &Bus,
        subject: Subject,
        call: Call,
        next: Next<'_>,
    ) -> Result<Value> {
        let cx = call.cx.clone();
        let mut open = Open {
            since: cx.host().clock.monotonic(),
            bus,
            journal: &self.journal,
            correlation: correlation(&cx),
            cx,
            subject,
            ended: false,
        };
        let (kind, facts) = (open.subject.kinds().started, open.subject.facts(None));
        self.say(&open, kind, open.draft(facts)).await;
        let outcome = next.run(call).await;
        let (kind, draft) = open.outcome(outcome.as_ref());
        open.ended = true;
        self.say(&open, kind, draft).await;
        outcome
    }

    async fn say(&self, open: &Open<'_>, kind: &str, draft: Publication) {
        say_own(&open.cx, open.bus, around(&self.hooks), kind, draft).await;
    }
}

/// The types of the events of a call.
struct Kinds {
    started: &'static str,
    completed: &'static str,
    failed: &'static str,
}

const TOOL: Kinds = Kinds {
    started: "tool.started",
    completed: "tool.completed",
    failed: "tool.failed",
};
const MODEL: Kinds = Kinds {
    started: "model.request.started",
    completed: "model.request.completed",
    failed: "model.request.failed",
};
const AGENT: Kinds = Kinds {
    started: "agent.execution.started",
    completed: "agent.execution.completed",
    failed: "agent.execution.failed",
};

/// What a call is about.
enum Subject {
    Tool { op: Arc<Op>, by_model: bool },
    Model { target: Value },
    Agent { id: Value, name: Value },
}

impl Subject {
    fn of(call: &Call) -> Option<Self> {
        let text = |value: Option<&Value>| value.cloned().unwrap_or_default();
        if call.op.tool_info().is_some() {
            let (op, by_model) = (call.op.clone(), call.cx.is_by_model());
            return Some(Self::Tool { op, by_model });
        }
        match call.op.name() {
            "model.complete" => Some(Self::Model {
                target: text(call.args.get("target")),
            }),
            "agent.execute" | "agent.execute_with_context" => {
                let agent = call.args.get("agent")?;
                Some(Self::Agent {
                    id: text(agent.get("id")),
                    name: text(agent.get("name")),
                })
            }
            _ => None,
        }
    }

    fn kinds(&self) -> &'static Kinds {
        match self {
            Self::Tool { .. } => &TOOL,
            Self::Model { .. } => &MODEL,
            Self::Agent { .. } => &AGENT,
        }
    }

    fn component(&self) -> &'static str {
        match self {
            Self::Tool { .. } => "tool",
            Self::Model { .. } => "model",
            Self::Agent { .. } => "agent",
        }
    }

    /// Returns what all events of the call say, and how long it took if it has ended.
    fn facts(&self, took: Option<Duration>) -> Facts {
        let mut facts = match self {
            Self::Tool { op, by_model } => {
                return Facts::Tool {
                    op: op.clone(),
                    by_model: *by_model,
                    took,
                };
            }
            Self::Model { target } => Map::from([("model", target.clone())]),
            Self::Agent { id, name } => {
                Map::from([("agent_id", id.clone()), ("agent_name", name.clone())])
            }
        };
        if let Some(took) = took {
            facts.insert("duration_ms", milliseconds(took).into());
        }
        facts.into()
    }
}

/// A call of which the end is still to be told.
struct Open<'a> {
    bus: &'a Bus,
    journal: &'a Journal,
    correlation: Uuid,
    cx: Cx,
    subject: Subject,
    since: Duration,
    ended: bool,
}

impl Open<'_> {
    fn draft(&self, facts: Facts) -> Publication {
        Publication {
            correlation: Some(self.correlation),
            ..Publication::of_runtime(self.subject.component(), facts)
        }
    }

    fn outcome(&self, outcome: Result<&Value, &Error>) -> (&'static str, Publication) {
        let recorded = self.journal.took(self.cx.id());
        let took =
            recorded.unwrap_or_else(|| self.cx.host().clock.monotonic().saturating_sub(self.since));
        let (kinds, facts) = (self.subject.kinds(), self.subject.facts(Some(took)));
        let is_tool = matches!(self.subject, Subject::Tool { .. });
        match outcome {
            Ok(_) if is_tool => (kinds.completed, self.draft(facts)),
            Ok(answer) => {
                let usage = answer.get("usage").cloned().unwrap_or_default();
                let cost = usage.get("cost_usd").cloned();
                let more = cost.map(|cost| ("cost_usd", cost)).into_iter();
                let facts = facts.with(more.chain([("usage", usage)]));
                (kinds.completed, self.draft(facts))
            }
            Err(error) => {
                let facts = facts.with([
                    ("error", error.message().into()),
                    ("error_kind", error.kind().name().into()),
                ]);
                (kinds.failed, self.draft(facts))
            }
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let reason = self.cx.cancel().error();
        let reason =
            reason.unwrap_or_else(|| Error::new(Kind::Cancelled, "the caller stopped waiting"));
        let (kind, draft) = self.outcome(Err(&reason));
        say_later(&self.cx, self.bus, kind, draft);
    }
}
