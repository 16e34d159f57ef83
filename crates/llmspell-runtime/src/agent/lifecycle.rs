//! The states of an agent and the one table of its transitions.

use std::collections::VecDeque;
use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::{Error, Result, error};
use schemars::JsonSchema;
use serde::Serialize;

use super::moment;

/// Most transitions that are remembered.
const REMEMBERED: usize = 1000;

/// Most recoveries without a success in between.
const RECOVERIES: u32 = 3;

/// Where an agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Uninitialized,
    Initializing,
    Ready,
    Running,
    Paused,
    Terminating,
    Terminated,
    Error,
    Recovering,
}

/// What may happen to an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Initialize,
    Start,
    Pause,
    Resume,
    Stop,
    SetError,
    Recover,
    Terminate,
    /// An execution begins.
    Begin,
    /// The execution that made it `Running` ends.
    End,
}

/// What an event does in a state.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing.
    Stay,
    /// It goes through these states.
    Through(&'static [State]),
    /// It is not possible.
    Refused,
}

/// The table. A row of the contract is an arm or two; what no arm names is refused.
pub(super) fn step(state: State, event: Event) -> Step {
    use Event as E;
    use State as S;
    use Step::{Refused, Stay, Through};
    match (event, state) {
        (E::Terminate, S::Terminated) => Stay,
        (E::Terminate, _) => Through(&[S::Terminating, S::Terminated]),
        (E::End, S::Running) => Through(&[S::Ready]),
        (E::End, _) => Stay,
        (_, S::Terminated | S::Terminating) => Refused,

        (E::Initialize, S::Uninitialized) => Through(&[S::Initializing, S::Ready]),
        (E::Initialize, S::Ready | S::Running | S::Paused) => Stay,

        (E::Start, S::Ready | S::Paused) => Through(&[S::Running]),
        (E::Start, S::Running) => Stay,

        (E::Pause, S::Ready | S::Running) => Through(&[S::Paused]),
        (E::Pause, S::Paused) => Stay,

        (E::Resume, S::Paused) => Through(&[S::Running]),
        (E::Resume, S::Running) => Stay,

        (E::Stop, S::Running | S::Paused) => Through(&[S::Ready]),
        (E::Stop, S::Ready) => Stay,

        (E::SetError, S::Error) => Stay,
        (E::SetError, _) => Through(&[S::Error]),
        (E::Recover, S::Error) => Through(&[S::Recovering, S::Ready]),

        (E::Begin, S::Uninitialized) => Through(&[S::Initializing, S::Ready, S::Running]),
        (E::Begin, S::Ready) => Through(&[S::Running]),
        (E::Begin, S::Running) => Stay,
        _ => Refused,
    }
}

impl State {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Uninitialized => "Uninitialized",
            Self::Initializing => "Initializing",
            Self::Ready => "Ready",
            Self::Running => "Running",
            Self::Paused => "Paused",
            Self::Terminating => "Terminating",
            Self::Terminated => "Terminated",
            Self::Error => "Error",
            Self::Recovering => "Recovering",
        }
    }
}

impl Event {
    /// Returns the word for the transition's reason, and the state that it leads to.
    const fn words(self) -> (&'static str, State) {
        match self {
            Self::Initialize => ("initialize", State::Ready),
            Self::Start => ("start", State::Running),
            Self::Pause => ("pause", State::Paused),
            Self::Resume => ("resume", State::Running),
            Self::Stop => ("stop", State::Ready),
            Self::SetError => ("set_error", State::Error),
            Self::Recover => ("recover", State::Ready),
            Self::Terminate => ("terminate", State::Terminated),
            Self::Begin => ("execute", State::Running),
            Self::End => ("execution ended", State::Ready),
        }
    }
}

/// The moment of a transition on both clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub(super) micros: i64,
    pub(super) monotonic: Duration,
}

#[derive(Debug)]
struct Transition {
    from: State,
    to: State,
    at: i64,
    elapsed: Duration,
    reason: String,
}

/// An agent's state, with its past.
#[derive(Debug)]
pub(super) struct Lifecycle {
    state: State,
    since: Duration,
    created: Duration,
    history: VecDeque<Transition>,
    transitions: u64,
    spent: [Duration; 9],
    last_error: Option<String>,
    errors: u64,
    recoveries: u32,
    recoveries_in_a_row: u32,
}

impl Lifecycle {
    pub(super) fn new(now: Moment) -> Self {
        Self {
            state: State::Uninitialized,
            since: now.monotonic,
            created: now.monotonic,
            history: VecDeque::new(),
            transitions: 0,
            spent: [Duration::ZERO; 9],
            last_error: None,
            errors: 0,
            recoveries: 0,
            recoveries_in_a_row: 0,
        }
    }

    pub(super) fn state(&self) -> State {
        self.state
    }

    /// Lets an event happen. Returns the states that it went through to the one that it has now.
    ///
    /// - Errors: `InvalidState` naming from and to; `Limit` for one recovery too many.
    pub(super) fn apply(
        &mut self,
        agent: &str,
        event: Event,
        now: Moment,
    ) -> Result<&'static [State]> {
        let (reason, to) = event.words();
        let through = match step(self.state, event) {
            Step::Stay => return Ok(&[]),
            Step::Refused => return Err(self.refusal(agent, reason, to)),
            Step::Through(states) => states,
        };
        if event == Event::Recover {
            self.count_recovery(agent)?;
        }
        for &state in through {
            self.enter(state, reason, now);
        }
        Ok(through)
    }

    /// Stores the error of an execution. That the agent is in the state Error has a cause already, which stays.
    pub(super) fn execution_failed(&mut self, message: &str) {
        match self.state {
            State::Error => self.errors += 1,
            _ => self.fail(message),
        }
    }

    /// Stores an error, of an execution or one that a script set.
    pub(super) fn fail(&mut self, message: impl Into<String>) {
        self.last_error = Some(message.into());
        self.errors += 1;
    }

    /// Says that an execution succeeded.
    pub(super) fn succeed(&mut self) {
        self.recoveries_in_a_row = 0;
    }

    pub(super) fn last_error(&self) -> Option<&str> {
        self.last_error.as_deref()
    }

    pub(super) fn recoveries(&self) -> u32 {
        self.recoveries
    }

    fn count_recovery(&mut self, agent: &str) -> Result<()> {
        if self.recoveries_in_a_row >= RECOVERIES {
            return Err(error!(
                Limit,
                "agent '{agent}' was recovered {RECOVERIES} times without a successful execution"
            )
            .with("limit", RECOVERIES)
            .with("value", RECOVERIES + 1));
        }
        self.recoveries += 1;
        self.recoveries_in_a_row += 1;
        self.last_error = None;
        Ok(())
    }

    fn refusal(&self, agent: &str, verb: &str, to: State) -> Error {
        let (from, to) = (self.state.name(), to.name());
        let error = error!(
            InvalidState,
            "agent '{agent}' cannot go from {from} to {to} ({verb})"
        );
        let error = error.with("from", from).with("to", to);
        match self.state {
            State::Uninitialized => error.hint("`initialize` or `execute` makes it ready"),
            State::Paused => error.hint("`resume` lets it go on"),
            State::Error => {
                error.hint("`get_last_error` says what happened, `recover` makes it ready again")
            }
            State::Terminating | State::Terminated => {
                error.hint("a terminated agent does not come back: create another one")
            }
            _ => error,
        }
    }

    fn enter(&mut self, to: State, reason: &str, now: Moment) {
        let elapsed = now.monotonic.saturating_sub(self.since);
        self.spent[self.state as usize] += elapsed;
        if self.history.len() == REMEMBERED {
            self.history.pop_front();
        }
        self.history.push_back(Transition {
            from: self.state,
            to,
            at: now.micros,
            elapsed,
            reason: reason.to_owned(),
        });
        self.transitions += 1;
        self.state = to;
        self.since = now.monotonic;
    }

    /// Returns the transitions, oldest first: `{from, to, timestamp, elapsed, reason}`.
    pub(super) fn history(&self) -> Vec<Past> {
        self.history.iter().map(Transition::shown).collect()
    }

    /// Returns what `get_state_metrics` answers.
    pub(super) fn metrics(&self, now: Moment) -> Times {
        let states = [
            State::Uninitialized,
            State::Initializing,
            State::Ready,
            State::Running,
            State::Paused,
            State::Terminating,
            State::Terminated,
            State::Error,
            State::Recovering,
        ];
        let here = now.monotonic.saturating_sub(self.since);
        let distribution = states
            .into_iter()
            .filter_map(|state| {
                let now_here = if state == self.state {
                    here
                } else {
                    Duration::ZERO
                };
                let spent = self.spent[state as usize] + now_here;
                let was_there = state == self.state || !spent.is_zero();
                was_there.then(|| (state.name(), spent.as_secs_f64()))
            })
            .collect();
        let uptime = now.monotonic.saturating_sub(self.created);
        Times {
            current_state: self.state.name(),
            total_transitions: self.transitions,
            recovery_attempts: self.recoveries,
            error_count: self.errors,
            uptime: uptime.as_secs_f64(),
            state_time_distribution: distribution,
            last_transition: self.history.back().map(|last| moment::text(last.at)),
        }
    }
}

/// A transition as scripts see it.
#[derive(Debug, PartialEq, Serialize, JsonSchema)]
pub(super) struct Past {
    from: &'static str,
    to: &'static str,
    timestamp: String,
    /// Seconds in the state before.
    elapsed: f64,
    reason: String,
}

/// Where an agent stands, and how long it was where.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Times {
    current_state: &'static str,
    total_transitions: u64,
    recovery_attempts: u32,
    error_count: u64,
    /// Seconds since it was made.
    uptime: f64,
    /// Seconds in each state.
    state_time_distribution: IndexMap<&'static str, f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_transition: Option<String>,
}

impl Transition {
    fn shown(&self) -> Past {
        Past {
            from: self.from.name(),
            to: self.to.name(),
            timestamp: moment::text(self.at),
            elapsed: self.elapsed.as_secs_f64(),
            reason: self.reason.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One row of the contract's table: `=` is no-op, `x` is refused, else the state at the end.
    #[track_caller]
    fn row(event: Event, cells: [&str; 6]) {
        let columns = [
            State::Uninitialized,
            State::Ready,
            State::Running,
            State::Paused,
            State::Error,
            State::Terminated,
        ];
        for (state, cell) in columns.into_iter().zip(cells) {
            let seen = match step(state, event) {
                Step::Stay => "=",
                Step::Refused => "x",
                Step::Through(states) => states.last().unwrap().name(),
            };
            assert_eq!(seen, cell, "{event:?} in {state:?}");
        }
    }

    #[test]
    fn the_table_of_the_contract() {
        row(Event::Initialize, ["Ready", "=", "=", "=", "x", "x"]);
        row(Event::Start, ["x", "Running", "=", "Running", "x", "x"]);
        row(Event::Pause, ["x", "Paused", "Paused", "=", "x", "x"]);
        row(Event::Resume, ["x", "x", "=", "Running", "x", "x"]);
        row(Event::Stop, ["x", "=", "Ready", "Ready", "x", "x"]);
        row(
            Event::SetError,
            ["Error", "Error", "Error", "Error", "=", "x"],
        );
        row(Event::Recover, ["x", "x", "x", "x", "Ready", "x"]);
        row(
            Event::Terminate,
            [
                "Terminated",
                "Terminated",
                "Terminated",
                "Terminated",
                "Terminated",
                "=",
            ],
        );
        row(Event::Begin, ["Running", "Running", "=", "x", "x", "x"]);
    }

    fn at(seconds: u64) -> Moment {
        Moment {
            micros: seconds as i64 * 1_000_000,
            monotonic: Duration::from_secs(seconds),
        }
    }

    #[test]
    fn the_past_is_told_in_seconds() {
        let mut life = Lifecycle::new(at(0));
        life.apply("a", Event::Initialize, at(2)).unwrap();
        life.apply("a", Event::Start, at(5)).unwrap();
        let metrics = serde_json::to_value(life.metrics(at(6))).unwrap();
        assert_eq!(metrics["total_transitions"], 3);
        assert_eq!(metrics["uptime"], 6.0);
        let spent = &metrics["state_time_distribution"];
        assert_eq!(
            (&spent["Uninitialized"], &spent["Ready"]),
            (&2.0.into(), &3.0.into())
        );
        let history = serde_json::to_value(life.history()).unwrap();
        assert_eq!(history[2]["elapsed"], 3.0);
        assert_eq!(history[2]["timestamp"], "1970-01-01T00:00:05Z");
    }

    #[test]
    fn a_fourth_recovery_without_a_success_is_refused() {
        let mut life = Lifecycle::new(at(0));
        for _ in 0..3 {
            life.apply("a", Event::SetError, at(0)).unwrap();
            life.apply("a", Event::Recover, at(0)).unwrap();
        }
        life.apply("a", Event::SetError, at(0)).unwrap();
        let refused = life.apply("a", Event::Recover, at(0)).unwrap_err();
        assert_eq!(refused.kind(), llmspell_core::Kind::Limit);
        life.succeed();
        let through = life.apply("a", Event::Recover, at(0)).unwrap();
        assert_eq!(through, [State::Recovering, State::Ready]);
    }
}
