//! Says on the event bus what calls of tools, models and agents begin and end.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Call, Cx, Error, Kind, Layer, Map, Next, Op, Result, Value};
use uuid::Uuid;

use crate::event::{Bus, Publication, correlation};
use crate::journal::Journal;

/// Publishes the runtime's events about calls: `tool.*`, `model.request.*`, `agent.execution.*`.
///
/// A call that is dropped is published as failed.
///
/// - Order: outside of limits and policy, so that refused calls are seen as well, with the duration that the caller sees.
pub(super) struct Announce {
    bus: Option<Arc<Bus>>,
    journal: Arc<Journal>,
}

impl Announce {
    pub(super) fn new(bus: Option<Arc<Bus>>, journal: Arc<Journal>) -> Self {
        Self {
            journal,
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
            (Some(bus), Some(subject)) => {
                Box::pin(announced((bus, &self.journal), subject, call, next))
            }
            _ => next.run(call),
        }
    }
}

async fn announced(
    (bus, journal): (&Arc<Bus>, &Arc<Journal>),
    subject: Subject,
    call: Call,
    next: Next<'_>,
) -> Result<Value> {
    let cx = call.cx.clone();
    let mut open = Open {
        since: cx.host().clock.monotonic(),
        bus: bus.clone(),
        journal: journal.clone(),
        correlation: correlation(&cx),
        cx,
        subject,
        ended: false,
    };
    bus.announce(open.subject.kinds.0, open.draft(open.subject.facts.clone()))
        .await;
    let outcome = next.run(call).await;
    open.ended = true;
    let (kind, draft) = open.outcome(outcome.as_ref());
    bus.announce(kind, draft).await;
    outcome
}

/// What a call is about: the types of its events, and the members that all of them have.
struct Subject {
    kinds: (&'static str, &'static str, &'static str),
    component: &'static str,
    facts: Map,
}

impl Subject {
    fn of(call: &Call) -> Option<Self> {
        let text = |value: Option<&Value>| value.cloned().unwrap_or_default();
        if call.op.tool_info().is_some() {
            let caller = if call.cx.is_by_model() {
                "agent"
            } else {
                "script"
            };
            return Some(Self {
                kinds: ("tool.started", "tool.completed", "tool.failed"),
                component: "tool",
                facts: Map::from([
                    ("tool_name", call.op.verb().into()),
                    ("caller", caller.into()),
                ]),
            });
        }
        match call.op.name() {
            "model.complete" => Some(Self {
                kinds: (
                    "model.request.started",
                    "model.request.completed",
                    "model.request.failed",
                ),
                component: "model",
                facts: Map::from([("model", text(call.args.get("target")))]),
            }),
            "agent.execute" | "agent.execute_with_context" => {
                let agent = call.args.get("agent")?;
                Some(Self {
                    kinds: (
                        "agent.execution.started",
                        "agent.execution.completed",
                        "agent.execution.failed",
                    ),
                    component: "agent",
                    facts: Map::from([
                        ("agent_id", text(agent.get("id"))),
                        ("agent_name", text(agent.get("name"))),
                    ]),
                })
            }
            _ => None,
        }
    }
}

/// A call of which the end is still to be told.
struct Open {
    bus: Arc<Bus>,
    journal: Arc<Journal>,
    correlation: Uuid,
    cx: Cx,
    subject: Subject,
    since: Duration,
    ended: bool,
}

impl Open {
    fn draft(&self, facts: Map) -> Publication {
        Publication {
            correlation: Some(self.correlation),
            ..Publication::of_runtime(self.subject.component, facts.into())
        }
    }

    fn outcome(&mut self, outcome: Result<&Value, &Error>) -> (&'static str, Publication) {
        let recorded = self.journal.took(self.cx.id());
        let elapsed =
            recorded.unwrap_or_else(|| self.cx.host().clock.monotonic().saturating_sub(self.since));
        let mut facts = std::mem::take(&mut self.subject.facts);
        facts.insert("duration_ms", (elapsed.as_secs_f64() * 1000.0).into());
        let (_, completed, failed) = self.subject.kinds;
        match outcome {
            Ok(answer) => {
                if self.subject.component != "tool" {
                    let usage = answer.get("usage").cloned().unwrap_or_default();
                    if let Some(cost) = usage.get("cost_usd") {
                        facts.insert("cost_usd", cost.clone());
                    }
                    facts.insert("usage", usage);
                }
                (completed, self.draft(facts))
            }
            Err(error) => {
                facts.insert("error", error.message().into());
                facts.insert("error_kind", error.kind().name().into());
                (failed, self.draft(facts))
            }
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let reason = self.cx.cancel().error();
        let reason =
            reason.unwrap_or_else(|| Error::new(Kind::Cancelled, "the caller stopped waiting"));
        let (kind, draft) = self.outcome(Err(&reason));
        self.bus.tell(kind, draft);
    }
}
