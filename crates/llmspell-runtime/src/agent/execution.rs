//! One execution of an agent: what it holds while it runs, and what is put in order however it ends.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Ledger, Result, Usage, Value, error};
use tokio::sync::OwnedMutexGuard;

use super::agents::Agents;
use super::alert;
use super::answer::Done;
use super::conversation::Draft;
use super::hooked;
use super::instance::{Agent, moment, since};
use super::lifecycle::{Event, State};
use super::metrics::Ended;
use super::moved::{Moved, Untold};
use crate::event;

/// An execution under way.
///
/// Dropping it, at any await, leaves the agent ready for the next one: the conversation is valid, the state is what it
/// was, the execution is counted as failed.
pub(super) struct Execution {
    pub(super) cx: Cx,
    pub(super) agent: Arc<Agent>,
    pub(super) draft: Draft,
    /// How many messages there were when it began; an execution within this one may add more meanwhile.
    pub(super) seen: usize,
    pub(super) usage: Usage,
    /// What the tools answered, in the order of the calls.
    pub(super) calls: Vec<Value>,
    pub(super) turns: u64,
    agents: Arc<Agents>,
    ledger: Arc<Ledger>,
    began: Duration,
    processor: Duration,
    /// Whether this execution made the agent `Running`, so that its end makes it `Ready`.
    pub(super) owns_state: bool,
    outcome: Option<Result<(), Error>>,
    settled: bool,
    _place: Option<OwnedMutexGuard<()>>,
}

impl Execution {
    /// Waits until the agent is free and begins.
    ///
    /// An execution within one of the same agent does not wait, which would be for ever; it sees the conversation as it
    /// was before the outer one.
    ///
    /// - Errors: `Limit` for agents that call agents too deeply; `InvalidState` if the agent cannot run now.
    pub(super) async fn begin(cx: &Cx, agents: &Arc<Agents>, agent: &Arc<Agent>) -> Result<Self> {
        let settings = &agent.settings;
        let (depth, most) = (agents.depth(cx) + 1, settings.limits.max_recursion_depth);
        if depth > most {
            let name = agent.name();
            return Err(error!(Limit, "agent '{name}' would run within {} other agents, at most {most} may be nested (max_recursion_depth)", depth - 1)
            .with("limit", most)
            .with("value", depth)
            .with("what", "max_recursion_depth"));
        }
        let account = format!("agent '{}'", agent.name());
        let ledger = Ledger::new(account, settings.limits.budget(), Some(cx.ledger().clone()));
        let nested = agent.is_above(cx);
        let began = cx.host().clock.monotonic();
        let bounded = cx.bounded(Some(settings.timeout), Some(ledger.clone()));
        agent.metrics.lock().active += 1;
        let mut execution = Self {
            agent: agent.clone(),
            draft: Draft::default(),
            seen: 0,
            usage: Usage::default(),
            calls: Vec::new(),
            turns: 0,
            agents: agents.clone(),
            ledger,
            began,
            processor: cx.host().clock.processor(),
            owns_state: false,
            outcome: None,
            settled: false,
            _place: None,
            cx: bounded,
        };
        let begun = execution.take_place(nested).await;
        match begun {
            Ok(()) => Ok(execution),
            Err(error) => {
                let error = execution.explain(error);
                execution.outcome = Some(Err(error.clone()));
                Err(error)
            }
        }
    }

    async fn take_place(&mut self, nested: bool) -> Result<()> {
        if !nested {
            let place = self.agent.queue.clone().lock_owned();
            self._place = Some(self.cx.unless_stopped(place).await?);
        }
        self.seen = self.agent.conversation.lock().len();
        // Known before, so that the state is what it was if nobody waits for the end of this.
        self.owns_state = self.agent.state() != State::Running;
        self.owns_state = hooked::enter(&self.cx, &self.agent, Event::Begin).await?;
        self.agents.begin(&self.ledger);
        self.agent.enter(&self.ledger, self.cx.cancel());
        Ok(())
    }

    /// Ends the execution, and says so.
    pub(super) async fn end(mut self, outcome: Result<Done>) -> Result<Value> {
        let elapsed = since(&self.cx, self.began);
        let ended = match outcome {
            Ok(done) => {
                self.outcome = Some(Ok(()));
                done.to_value(&self, elapsed)
            }
            Err(error) => {
                let error = self.explain(error);
                self.outcome = Some(Err(error.clone()));
                Err(error)
            }
        };
        let untold = self.settle();
        if event::is_watched(&untold.cx) {
            // The agent is free before anybody is asked: hooks may want it.
            drop(self);
            untold.announce().await;
        }
        ended
    }

    /// Says so if it was the agent's own time that was over.
    fn explain(&self, error: Error) -> Error {
        let limit = self.agent.settings.timeout;
        if error.kind() != Kind::Timeout || since(&self.cx, self.began) < limit {
            return error;
        }
        let (name, limit) = (self.agent.name(), limit.as_millis());
        error!(Timeout, "agent '{name}' did not answer within {limit} ms")
            .with("limit_ms", limit)
            .hint("raise `timeout_ms`")
    }

    /// Puts in order what the execution held, and returns what is to be said.
    fn settle(&mut self) -> Untold {
        self.settled = true;
        let (agent, cx) = (&self.agent, &self.cx);
        let mut events = VecDeque::new();
        self.agents.end(&self.ledger);
        agent.leave(&self.ledger);
        let kept = std::mem::take(&mut self.draft).end(moment(cx).micros);
        if !kept.is_empty() {
            let replayed = agent.max_conversation_length();
            agent.conversation.lock().append(kept, replayed);
        }
        if self.owns_state && agent.state() == State::Running {
            // `End` is possible in every state.
            let moved = agent.apply(cx, Event::End);
            let facts = moved.iter().flat_map(Moved::facts);
            events.extend(facts.map(|facts| ("agent.state.changed", agent.about(facts))));
        }
        let outcome = self.outcome.take();
        let outcome = outcome
            .unwrap_or_else(|| Err(Error::new(Kind::Cancelled, "the execution was cancelled")));
        match &outcome {
            Ok(()) => agent.succeed(),
            Err(error) => agent.execution_failed(error.message()),
        }
        let clock = &cx.host().clock;
        agent.metrics.lock().ended(Ended {
            success: outcome.is_ok(),
            tools: self.calls.len() as u64,
            usage: self.usage,
            elapsed: since(cx, self.began),
            processor: clock.processor().saturating_sub(self.processor),
        });
        let alerts = alert::check(cx, agent).into_iter();
        events.extend(alerts.map(|facts| ("agent.alert", facts)));
        Untold {
            cx: cx.clone(),
            events,
        }
    }
}

impl Drop for Execution {
    fn drop(&mut self) {
        if !self.settled {
            // Where nobody waits.
            drop(self.settle());
        }
    }
}
