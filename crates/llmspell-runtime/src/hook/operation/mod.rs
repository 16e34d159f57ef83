//! Operations with hooks before and after them: calls of tools, executions of agents, reads and writes of state.

mod agent;
mod read;
mod tool;
mod tool_points;
mod write;

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Call, Cx, Error, Map, Next, Op, Result, Value, error};

use super::answer::{Again, Branch};
use super::context::{Component, Context, Holds};
use super::facts::Facts;
use super::fork;
use super::frame::hop;
use super::hooks::{Decision, Hooks, Outcome, cancelled};
use super::point::{Named, Point};
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
}

/// What follows an attempt.
enum Step {
    Done(Result<Value>),
    Again(Duration),
}

/// What hooks before an attempt want of it.
#[derive(Default)]
struct Wanted {
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
    let mut attempt = 1;
    let mut metadata = Map::new();
    // A further attempt is a call of its own in the journal.
    let mut again: Option<Cx> = None;
    // What hooks keep until the call has ended.
    let _holds = loop {
        let operation = Operation {
            hooks,
            kind,
            call: &call,
            attempt,
        };
        let pause = {
            let cx = again.as_ref().unwrap_or(&call.cx);
            let make = || kind.facts(&call);
            // One context for all points before the attempt, in one place: that of the next point differs in little.
            let mut context = operation.context(cx, kind.before()[0], Facts::of(&make));
            context.metadata = std::mem::take(&mut metadata);
            let step = match operation.begin(cx, &mut context).await {
                ControlFlow::Break(step) => step,
                ControlFlow::Continue(None) if operation.is_over(&context) => {
                    // The call goes on as it came.
                    break std::mem::take(&mut context.holds);
                }
                ControlFlow::Continue(wanted) => {
                    let attempt = operation.execute(cx, &mut context, wanted, next);
                    Box::pin(attempt).await
                }
            };
            metadata = std::mem::take(&mut context.metadata);
            match step {
                Step::Done(outcome) => return outcome,
                Step::Again(pause) => pause,
            }
        };
        let next = again.as_ref().unwrap_or(&call.cx).again();
        next.unless_stopped(next.host().clock.sleep(pause)).await?;
        attempt += 1;
        again = Some(next);
    };
    next.run(call).await
}

impl<'a> Operation<'a> {
    /// Calls the hooks before an attempt. Returns what they want of it, if they want anything.
    async fn begin(
        &self,
        cx: &Cx,
        context: &mut Context<'_>,
    ) -> ControlFlow<Step, Option<Box<Wanted>>> {
        let mut wanted: Option<Box<Wanted>> = None;
        for point in self.kind.before() {
            if !self.hooks.has(&Point::Named(*point)) {
                continue;
            }
            context.point = Point::Named(*point);
            let validates = *point == Named::ToolValidation;
            if validates {
                tool::validated(self.call, &mut context.data);
            }
            let outcome = self.hooks.fire(cx, context).await;
            if validates {
                for name in tool::VALIDATED {
                    context.data.shift_remove(name);
                }
            }
            let Some(outcome) = outcome else {
                continue;
            };
            let wanted = wanted.get_or_insert_default();
            wanted.forks.extend(outcome.forks);
            wanted.store.extend(outcome.store);
            if !matches!(outcome.decision, Decision::Go) {
                let done = fork::run_all(cx, std::mem::take(&mut wanted.forks)).await;
                let decided = self.before(cx, outcome.decision, &outcome.hook, context);
                let step = Box::pin(decided).await;
                return ControlFlow::Break(self.with(step, &context.metadata, done));
            }
        }
        match self.kind.arguments(self.call, &context.data) {
            Ok(None) => ControlFlow::Continue(wanted),
            Ok(args) => {
                wanted.get_or_insert_default().args = args;
                ControlFlow::Continue(wanted)
            }
            Err(error) => ControlFlow::Break(Step::Done(Err(error))),
        }
    }

    /// Returns whether all that is left to do is the first call, as it came.
    fn is_over(&self, context: &Context<'_>) -> bool {
        self.attempt == 1 && context.metadata.is_empty() && !self.has_end()
    }

    /// Does what hooks before the operation decided.
    async fn before(&self, cx: &Cx, decision: Decision, hook: &str, context: &Context<'_>) -> Step {
        let point = &context.point;
        Step::Done(match decision {
            Decision::Go => Err(error!(Bug, "hooks decided nothing")),
            Decision::Cancel(reason) => Err(cancelled(reason, hook, point)),
            Decision::Skip(reason) => Ok(self.kind.skipped(self.call, reason)),
            Decision::Replace(data) => Ok(self.kind.replaced(self.call, data)),
            Decision::Redirect(target) => match self.kind.arguments(self.call, &context.data) {
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
                let reason = Again::given_up(self.attempt);
                Err(cancelled(Some(reason), hook, point))
            }
        })
    }

    async fn execute(
        &self,
        cx: &Cx,
        context: &mut Context<'_>,
        wanted: Option<Box<Wanted>>,
        next: Next<'_>,
    ) -> Step {
        let Wanted {
            args: changed,
            forks,
            store,
        } = *wanted.unwrap_or_default();
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
                    Box::pin(self.after(cx, changed, context, result, took())).await
                } else {
                    Step::Done(Ok(result))
                }
            }
            // A call that was stopped, not by its own time, has no say any more.
            Err(error) if cx.check().is_err() && !cx.is_overdue() => Step::Done(Err(error)),
            Err(error) => Box::pin(self.failed(cx, changed, context, error, took())).await,
        };
        self.with(step, &context.metadata, done)
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
        &self,
        cx: &Cx,
        changed: Option<Value>,
        before: &mut Context<'_>,
        result: Value,
        took: Duration,
    ) -> Step {
        let Context {
            data,
            metadata,
            holds,
            ..
        } = before;
        let (kind, facts) = (self.kind, &*data);
        let duration = OnceLock::new();
        let make = || {
            let mut told = kind.result_facts(facts, &result);
            let duration = duration.get_or_init(|| lasted(cx, took)).clone();
            told.insert("duration_ms", duration);
            told
        };
        let mut context = self.context(cx, kind.after(), Facts::of(&make));
        let outcome = self.fire(cx, (metadata, holds), &mut context).await;
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
        self.with(step, metadata, done)
    }

    async fn failed(
        &self,
        cx: &Cx,
        changed: Option<Value>,
        before: &mut Context<'_>,
        error: Error,
        took: Duration,
    ) -> Step {
        let point = self.kind.failed();
        let Some(point) = point.filter(|point| self.hooks.has(&Point::Named(*point))) else {
            return Step::Done(Err(error));
        };
        let mut told = (*before.data).clone();
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
        let noted = (&mut before.metadata, &mut before.holds);
        let is_overdue = cx.is_overdue();
        let outcome = self.fire(cx, noted, &mut context).await;
        if is_overdue {
            // What hooks want instead has the time that the call had.
            cx.renew();
        }
        let done = fork::run_all(cx, outcome.forks).await;
        let step = Step::Done(match outcome.decision {
            Decision::Go | Decision::Skip(_) => Err(reworded(error, &context)),
            Decision::Cancel(reason) => Err(cancelled(reason, &outcome.hook, &context.point)),
            Decision::Replace(data) => Ok(self.kind.replaced(self.call, data)),
            Decision::Redirect(target) => self.redirect(cx, &target, changed).await,
            Decision::Retry(again) if self.attempt < again.max_attempts => {
                let pause = self.pause(&again);
                if is_overdue {
                    cx.prolong(pause);
                }
                return Step::Again(pause);
            }
            Decision::Retry(Again { fallback, .. }) => match fallback {
                Some(data) => Ok(self.kind.replaced(self.call, data)),
                None => Err(reworded(error, &context)),
            },
        });
        self.with(step, &before.metadata, done)
    }

    fn context<'f>(&self, cx: &'f Cx, point: Named, facts: Facts<'f>) -> Context<'f>
    where
        'a: 'f,
    {
        let (point, component) = (Point::Named(point), self.kind.component(self.call));
        let mut context = Context::new(cx, point, component, facts);
        context.operation = self.kind.operation();
        context.attempt = self.attempt;
        context.call = Some(self.call);
        context
    }

    /// Calls the hooks after an attempt; they see what those before it noted and hold.
    async fn fire(
        &self,
        cx: &Cx,
        (metadata, holds): (&mut Map, &mut Holds),
        context: &mut Context<'_>,
    ) -> Outcome {
        std::mem::swap(metadata, &mut context.metadata);
        std::mem::swap(holds, &mut context.holds);
        let outcome = self.hooks.fire(cx, context).await;
        std::mem::swap(metadata, &mut context.metadata);
        std::mem::swap(holds, &mut context.holds);
        *outcome.unwrap_or_default()
    }

    /// Adds to a result, or to the error of a tool, what hooks noted and what became of the operations that they started.
    fn with(&self, step: Step, metadata: &Map, forks: Vec<Value>) -> Step {
        let outcome = match step {
            Step::Done(outcome) if self.kind.is_described() => outcome,
            step => return step,
        };
        let mut noted = metadata.clone();
        if !forks.is_empty() {
            noted.insert("forks", Value::List(forks));
        }
        Step::Done(match outcome {
            Ok(mut result) => {
                for (name, value) in &noted {
                    fork::attach(&mut result, name, value.clone());
                }
                Ok(result)
            }
            Err(error) if self.kind == Kind::Tool && !noted.is_empty() => {
                let mut all = match error.details().get("metadata") {
                    Some(Value::Map(all)) => all.clone(),
                    _ => Map::new(),
                };
                all.extend(noted);
                Err(error.with("metadata", Value::Map(all)))
            }
            Err(error) => Err(error),
        })
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
