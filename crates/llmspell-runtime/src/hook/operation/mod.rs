//! Operations with hooks before and after them: calls of tools, executions of agents, reads and writes of state.

mod agent;
mod read;
mod tool;
mod tool_points;
mod write;

use std::any::Any;
use std::ops::ControlFlow;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Call, Cx, Error, Map, Next, Op, Result, Value, error};

use super::answer::{Again, Branch};
use super::context::{Component, Context};
use super::facts::Facts;
use super::fork;
use super::frame::hop;
use super::hooks::{Decision, Hooks, Outcome, cancelled};
use super::point::{Named, Point};
use crate::agent::stop::unless_stopped;
use crate::journal::Journal;

/// A kind of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A call of a tool.
    Tool,
    /// An execution of an agent.
    Agent,
    /// A read of state.
    Read,
    /// A write of state, which hooks may only prevent or change.
    Write,
}

impl Kind {
    /// Returns the kind that an op is, if it has hooks.
    pub(crate) fn of(op: &Op) -> Option<Self> {
        if op.tool_info().is_some() {
            return Some(Self::Tool);
        }
        match op.name() {
            "agent.execute" | "agent.execute_with_context" => Some(Self::Agent),
            "state.load" => Some(Self::Read),
            "state.save" | "state.delete" | "state.compare_and_set" => Some(Self::Write),
            _ => None,
        }
    }

    /// Returns the points before an operation of the kind, in their order.
    const fn before(self) -> &'static [Named] {
        match self {
            Self::Tool => &[Named::ToolValidation, Named::BeforeToolExecution],
            Self::Agent => &[Named::BeforeAgentExecution],
            Self::Read => &[Named::BeforeStateRead],
            Self::Write => &[Named::BeforeStateWrite],
        }
    }

    const fn after(self) -> Named {
        match self {
            Self::Tool => Named::AfterToolExecution,
            Self::Agent => Named::AfterAgentExecution,
            Self::Read => Named::AfterStateRead,
            Self::Write => Named::AfterStateWrite,
        }
    }

    /// Returns the point after a failure, if there is one. A write fails by losing against another one.
    const fn failed(self) -> Option<Named> {
        match self {
            Self::Tool => Some(Named::ToolError),
            Self::Agent => Some(Named::AgentError),
            Self::Read => None,
            Self::Write => Some(Named::StateConflict),
        }
    }

    /// Returns all its points as bits.
    pub(crate) fn points(self) -> u64 {
        let failed = self.failed();
        let all = self.before().iter().copied().chain([self.after()]);
        let bits = all
            .chain(failed)
            .fold(0, |bits, point| bits | Point::Named(point).bit());
        match self {
            // These are told of at further points as well.
            Self::Write | Self::Tool => bits | Point::CUSTOM,
            _ => bits,
        }
    }

    const fn operation(self) -> &'static str {
        match self {
            Self::Tool => "tool_execution",
            Self::Agent => "agent_execution",
            Self::Read => "state_read",
            Self::Write => "state_write",
        }
    }

    fn component(self, call: &Call) -> Component {
        match self {
            Self::Tool => Component::new("Tool", call.op.verb()),
            Self::Agent => agent::component(call),
            Self::Read | Self::Write => read::component(call),
        }
    }

    /// Returns what hooks before the operation are told.
    fn facts(self, call: &Call) -> Map {
        match self {
            Self::Tool => tool::facts(call),
            Self::Agent => agent::facts(call),
            Self::Read | Self::Write => read::facts(call),
        }
    }

    /// Returns the arguments as hooks left them, if they changed them.
    fn arguments(self, call: &Call, after: &Facts<'_>) -> Result<Option<Value>> {
        let before = match after.is_changed() {
            true => self.facts(call),
            false => return Ok(None),
        };
        if before == **after {
            return Ok(None);
        }
        let args = match self {
            Self::Tool => tool::arguments(call, after),
            Self::Agent => agent::arguments(call, &before, after),
            Self::Read | Self::Write => read::arguments(call, after),
        };
        Ok(Some(call.op.prepare(args)?.0))
    }

    /// Returns what hooks after the operation are told.
    fn result_facts(self, facts: &Map, result: &Value) -> Map {
        match self {
            Self::Tool => tool::result_facts(facts, result),
            Self::Agent => agent::result_facts(facts, result),
            Self::Read | Self::Write => read::result_facts(facts, result),
        }
    }

    /// Returns the result as hooks left it.
    fn changed(self, result: Value, before: &Map, after: &Map) -> Value {
        let changed = |name: &str| {
            let new = after.get(name);
            new.filter(|new| before.get(name) != Some(new)).cloned()
        };
        match self {
            Self::Tool => tool::changed(result, changed),
            Self::Agent => agent::changed(result, changed),
            Self::Read | Self::Write => changed("value").unwrap_or(result),
        }
    }

    /// Returns the result of an operation that was not run.
    fn replaced(self, call: &Call, data: Value) -> Value {
        match self {
            Self::Tool => tool::replaced(call, data),
            Self::Agent => agent::replaced(call, data),
            Self::Read | Self::Write => data,
        }
    }

    /// Returns the result of an operation that was left out.
    fn skipped(self, call: &Call, reason: Option<String>) -> Value {
        let nothing = match self {
            Self::Agent => "".into(),
            Self::Tool | Self::Read | Self::Write => Value::Null,
        };
        let mut result = self.replaced(call, nothing);
        if !self.is_described() {
            return result;
        }
        fork::attach(&mut result, "skipped", true.into());
        fork::attach(&mut result, "skip_reason", reason.into());
        result
    }

    /// Runs another target with the same arguments.
    async fn redirected(self, cx: &Cx, call: &Call, target: &str, args: Value) -> Result<Value> {
        let cx = hop(cx, target)?;
        match self {
            Self::Tool => tool::redirected(&cx, target, args).await,
            Self::Agent => agent::redirected(&cx, call, target, args).await,
            Self::Read | Self::Write => read::redirected(&cx, call, target, args).await,
        }
    }

    /// Returns whether results have `metadata`; a value of state is what it is.
    const fn is_described(self) -> bool {
        matches!(self, Self::Tool | Self::Agent)
    }
}

/// An operation under way.
struct Operation<'a> {
    hooks: &'a Hooks,
    kind: Kind,
    call: &'a Call,
    attempt: u32,
    metadata: Map,
    holds: Vec<Arc<dyn Any + Send + Sync>>,
}

/// What follows an attempt.
enum Step {
    Done(Result<Value>),
    Again(Duration),
}

/// What hooks before an attempt left of it.
struct Admitted<'f> {
    facts: Facts<'f>,
    /// The arguments, if they changed them.
    args: Option<Value>,
    forks: Vec<(Branch, u64)>,
    store: Vec<(String, Duration)>,
}

/// Runs an operation with the hooks of its points around it.
pub(crate) fn run<'a>(
    hooks: &'a Hooks,
    kind: Kind,
    call: Call,
    next: Next<'a>,
) -> BoxFuture<'a, Result<Value>> {
    match kind {
        Kind::Write => Box::pin(write::run(hooks, call, next)),
        Kind::Tool if hooks.has_custom() => Box::pin(tool_points::run(hooks, call, next)),
        _ => Box::pin(operate(hooks, kind, call, next)),
    }
}

async fn operate(hooks: &Hooks, kind: Kind, call: Call, next: Next<'_>) -> Result<Value> {
    let mut operation = Operation {
        hooks,
        kind,
        call: &call,
        attempt: 1,
        metadata: Map::new(),
        holds: Vec::new(),
    };
    let make = || kind.facts(&call);
    // A further attempt is a call of its own in the journal.
    let mut again = None;
    loop {
        let cx = again.as_ref().unwrap_or(&call.cx);
        let step = match operation.begin(cx, Facts::of(&make)).await {
            ControlFlow::Break(step) => step,
            ControlFlow::Continue(admitted) if operation.is_over(&admitted) => {
                // The call goes on as it came.
                drop(admitted);
                let _holds = operation.holds;
                return next.run(call).await;
            }
            ControlFlow::Continue(admitted) => operation.execute(cx, admitted, next).await,
        };
        match step {
            Step::Done(outcome) => return outcome,
            Step::Again(pause) => {
                unless_stopped(&call.cx, call.cx.host().clock.sleep(pause)).await?;
                operation.attempt += 1;
                again = Some(call.cx.again());
            }
        }
    }
}

impl Operation<'_> {
    /// Calls the hooks before an attempt.
    async fn begin<'f>(
        &mut self,
        cx: &'f Cx,
        mut facts: Facts<'f>,
    ) -> ControlFlow<Step, Admitted<'f>> {
        self.holds.clear();
        let (mut forks, mut store) = (Vec::new(), Vec::new());
        for point in self.kind.before() {
            let point = Point::Named(*point);
            if !self.hooks.has(&point) {
                continue;
            }
            let validates = point == Point::Named(Named::ToolValidation);
            if validates {
                tool::validated(self.call, &mut facts);
            }
            let mut context = self.context(cx, point, facts);
            let outcome = self.fire(cx, &mut context).await;
            facts = context.data;
            if validates {
                for name in tool::VALIDATED {
                    facts.shift_remove(name);
                }
            }
            forks.extend(outcome.forks);
            store.extend(outcome.store);
            if !matches!(outcome.decision, Decision::Go) {
                let done = fork::run_all(cx, forks).await;
                let decided =
                    self.before(cx, outcome.decision, &outcome.hook, &context.point, &facts);
                return ControlFlow::Break(self.with(Box::pin(decided).await, done));
            }
        }
        match self.kind.arguments(self.call, &facts) {
            Ok(args) => ControlFlow::Continue(Admitted {
                facts,
                args,
                forks,
                store,
            }),
            Err(error) => ControlFlow::Break(Step::Done(Err(error))),
        }
    }

    /// Returns whether all that is left to do is the first call, as it came.
    fn is_over(&self, admitted: &Admitted<'_>) -> bool {
        self.attempt == 1
            && admitted.args.is_none()
            && admitted.forks.is_empty()
            && admitted.store.is_empty()
            && self.metadata.is_empty()
            && !self.has_end()
    }

    /// Does what hooks before the operation decided.
    async fn before(
        &self,
        cx: &Cx,
        decision: Decision,
        hook: &str,
        point: &Point,
        data: &Facts<'_>,
    ) -> Step {
        Step::Done(match decision {
            Decision::Go => Err(error!(Bug, "hooks decided nothing")),
            Decision::Cancel(reason) => Err(cancelled(reason, hook, point)),
            Decision::Skip(reason) => Ok(self.kind.skipped(self.call, reason)),
            Decision::Replace(data) => Ok(self.kind.replaced(self.call, data)),
            Decision::Redirect(target) => match self.kind.arguments(self.call, data) {
                Ok(changed) => self.redirect(cx, &target, changed).await,
                Err(error) => Err(error),
            },
            Decision::Retry(again) if self.attempt < again.max_attempts => {
                return Step::Again(self.pause(&again));
            }
            Decision::Retry(Again {
                fallback: Some(data),
                ..
            }) => Ok(self.kind.replaced(self.call, data)),
            Decision::Retry(_) => {
                let reason = format!("gave up after {} attempts", self.attempt);
                Err(cancelled(Some(reason), hook, point))
            }
        })
    }

    async fn execute(&mut self, cx: &Cx, admitted: Admitted<'_>, next: Next<'_>) -> Step {
        let Admitted {
            facts,
            args: changed,
            forks,
            store,
        } = admitted;
        let args = changed.as_ref().unwrap_or(&self.call.args).clone();
        let call = Call {
            op: self.call.op.clone(),
            effect: self.call.op.effect_in(cx, &args),
            args,
            cx: cx.clone(),
        };
        let clock = &*cx.host().clock;
        let since = clock.monotonic();
        let (outcome, done) = match forks.is_empty() {
            true => (next.run(call).await, Vec::new()),
            false => {
                let beside = async { futures::join!(next.run(call), fork::run_all(cx, forks)) };
                Box::pin(beside).await
            }
        };
        let took = || clock.monotonic().saturating_sub(since);
        let step = match outcome {
            Ok(result) => {
                self.hooks.store(&store, &result);
                if self.hooks.has(&Point::Named(self.kind.after())) {
                    Box::pin(self.after(cx, changed, &facts, result, took())).await
                } else {
                    Step::Done(Ok(result))
                }
            }
            // A call that was stopped has no say any more.
            Err(error) if cx.check().is_err() => Step::Done(Err(error)),
            Err(error) => Box::pin(self.failed(cx, changed, &facts, error, took())).await,
        };
        self.with(step, done)
    }

    /// Runs another target with the arguments of the call, or those that hooks gave it.
    async fn redirect(&self, cx: &Cx, target: &str, changed: Option<Value>) -> Result<Value> {
        let args = changed.unwrap_or_else(|| self.call.args.clone());
        self.kind.redirected(cx, self.call, target, args).await
    }

    /// Returns whether hooks are called when the operation has ended.
    fn has_end(&self) -> bool {
        let mut points = self.kind.failed().into_iter().chain([self.kind.after()]);
        points.any(|point| self.hooks.has(&Point::Named(point)))
    }

    async fn after(
        &mut self,
        cx: &Cx,
        changed: Option<Value>,
        facts: &Facts<'_>,
        result: Value,
        took: Duration,
    ) -> Step {
        let point = Point::Named(self.kind.after());
        let kind = self.kind;
        let duration = OnceLock::new();
        let make = || {
            let mut told = kind.result_facts(facts, &result);
            let duration = duration.get_or_init(|| lasted(cx, took)).clone();
            told.insert("duration_ms", duration);
            told
        };
        let mut context = self.context(cx, point, Facts::of(&make));
        let outcome = self.fire(cx, &mut context).await;
        let done = fork::run_all(cx, outcome.forks).await;
        let step = Step::Done(match outcome.decision {
            Decision::Go | Decision::Skip(_) if context.data.is_changed() => {
                let (told, left) = (make(), context.data.into_map());
                Ok(kind.changed(result, &told, &left))
            }
            Decision::Go | Decision::Skip(_) => Ok(result),
            Decision::Cancel(reason) => Err(cancelled(reason, &outcome.hook, &context.point)),
            Decision::Replace(data) => Ok(self.kind.replaced(self.call, data)),
            Decision::Redirect(target) => self.redirect(cx, &target, changed).await,
            Decision::Retry(again) if self.attempt < again.max_attempts => {
                return Step::Again(self.pause(&again));
            }
            Decision::Retry(Again { fallback, .. }) => Ok(match fallback {
                Some(data) => self.kind.replaced(self.call, data),
                None => result,
            }),
        });
        self.with(step, done)
    }

    async fn failed(
        &mut self,
        cx: &Cx,
        changed: Option<Value>,
        facts: &Facts<'_>,
        error: Error,
        took: Duration,
    ) -> Step {
        let point = self.kind.failed().map(Point::Named);
        let Some(point) = point.filter(|point| self.hooks.has(point)) else {
            return Step::Done(Err(error));
        };
        let mut told = (**facts).clone();
        let mut put = |name: &str, value: Value| told.insert(name, value);
        put("error", error.message().into());
        put("error_message", error.message().into());
        put("error_kind", error.kind().name().into());
        if self.kind == Kind::Agent {
            put("error_stage", agent::stage(&error).into());
        }
        put("attempt", self.attempt.into());
        put("duration_ms", lasted(cx, took));
        let mut context = self.context(cx, point, told.into());
        let outcome = self.fire(cx, &mut context).await;
        let done = fork::run_all(cx, outcome.forks).await;
        let step = Step::Done(match outcome.decision {
            Decision::Go | Decision::Skip(_) => Err(reworded(error, &context)),
            Decision::Cancel(reason) => Err(cancelled(reason, &outcome.hook, &context.point)),
            Decision::Replace(data) => Ok(self.kind.replaced(self.call, data)),
            Decision::Redirect(target) => self.redirect(cx, &target, changed).await,
            Decision::Retry(again) if self.attempt < again.max_attempts => {
                return Step::Again(self.pause(&again));
            }
            Decision::Retry(Again { fallback, .. }) => match fallback {
                Some(data) => Ok(self.kind.replaced(self.call, data)),
                None => Err(reworded(error, &context)),
            },
        });
        self.with(step, done)
    }

    fn context<'f>(&self, cx: &'f Cx, point: Point, facts: Facts<'f>) -> Context<'f> {
        let mut context = Context::new(cx, point, self.kind.component(self.call), facts);
        context.operation = self.kind.operation();
        context.attempt = self.attempt;
        context
    }

    /// Calls the hooks of a point; what they note is kept for those of the next one.
    async fn fire(&mut self, cx: &Cx, context: &mut Context<'_>) -> Outcome {
        std::mem::swap(&mut self.metadata, &mut context.metadata);
        std::mem::swap(&mut self.holds, &mut context.holds);
        let outcome = self.hooks.fire(cx, context).await;
        std::mem::swap(&mut self.metadata, &mut context.metadata);
        std::mem::swap(&mut self.holds, &mut context.holds);
        outcome
    }

    /// Adds to a result what hooks noted and what became of the operations that they started.
    fn with(&self, step: Step, forks: Vec<Value>) -> Step {
        let Step::Done(Ok(mut result)) = step else {
            return step;
        };
        if !self.kind.is_described() {
            return Step::Done(Ok(result));
        }
        for (name, value) in &self.metadata {
            fork::attach(&mut result, name, value.clone());
        }
        if !forks.is_empty() {
            fork::attach(&mut result, "forks", Value::List(forks));
        }
        Step::Done(Ok(result))
    }

    fn pause(&self, again: &Again) -> Duration {
        let times = if again.grows {
            1 << (self.attempt - 1).min(20)
        } else {
            1
        };
        let whole = again.delay * times;
        if again.jitter == 0.0 {
            return whole;
        }
        let chance = self.call.cx.host().random.next() as f64 / u64::MAX as f64;
        whole.mul_f64(1.0 - again.jitter * chance)
    }
}

/// Returns how long a call took; one that is answered by the journal took as long as hooks were told then.
fn lasted(cx: &Cx, took: Duration) -> Value {
    let milliseconds = || Value::from(took.as_secs_f64() * 1000.0);
    match cx.part::<Journal>() {
        Ok(journal) => journal.see(cx, "hook.lasted", "", milliseconds).0,
        Err(_) => milliseconds(),
    }
}

/// Returns an error with the message that hooks gave it.
fn reworded(error: Error, context: &Context<'_>) -> Error {
    match context.text("error_message") {
        Some(message) => error.reworded(message.to_owned()),
        None => error,
    }
}
