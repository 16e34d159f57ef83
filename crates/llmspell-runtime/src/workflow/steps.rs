//! Steps one after the other, and what becomes of one that fails.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Callback, Error, Kind, Result, Value, error};

use super::done::{Done, Failure, Gave};
use super::flow::{Flow, Undo};
use super::hooked::{self, Store, Verdict};
use super::mark;
use super::plan::{Handler, Retry, Shape, Step, Strategy};
use super::run::tell_function;
use super::scope::Scope;
use super::work;

/// How steps in a row went.
#[derive(Default)]
pub(super) struct Chain {
    pub(super) done: Vec<Arc<Done>>,
    /// The step that ended it early.
    pub(super) failed: Option<Arc<Done>>,
}

impl Chain {
    /// Returns the output of the last step that succeeded.
    pub(super) fn output(&self) -> Option<Value> {
        let mut ran = self.done.iter().rev();
        let last = ran.find(|done| done.is_success() && done.has_run());
        last.map(|done| done.output.clone())
    }
}

/// Runs steps until one fails and its failure counts.
///
/// - Errors: a hook's cancellation.
pub(super) async fn run(flow: &Flow, scope: &mut Scope, steps: &[Arc<Step>]) -> Result<Chain> {
    let mut chain = Chain::default();
    for (at, step) in steps.iter().enumerate() {
        let (done, stops) = one(flow, scope, step).await?;
        scope.add(&done);
        if let Some(next) = steps.get(at + 1).filter(|_| !stops) {
            hooked::transition(flow, &done.name, &next.name).await;
        }
        if let Shape::Sequential(_) = flow.plan.shape
            && let Some(told) = &flow.plan.calls.on_part
        {
            let args = vec![Value::from(&*done.name), done.to_value()];
            tell_function(flow, "on_step_complete", told, args).await;
        }
        chain.done.push(done.clone());
        if stops {
            chain.failed = Some(done);
            break;
        }
    }
    Ok(chain)
}

/// Runs one step. Returns its result, and whether the ones after it must not run.
async fn one(flow: &Flow, scope: &Scope, step: &Arc<Step>) -> Result<(Arc<Done>, bool)> {
    let kind = step.work.kind();
    if let Err(stopped) = flow.cx.check() {
        return Ok((Done::failed(&step.name, kind, stopped.into()).into(), true));
    }
    let mut execution = Execution {
        flow,
        scope,
        step,
        since: flow.now(),
        attempts: 0,
        ends: 0,
        asked: 0,
        input: Value::Null,
        store: Store::new(),
        limit: step.limit(),
    };
    let (mut done, stops) = loop {
        let Some(end) = execution.perform().await? else {
            let mut done = Done::skipped(&step.name, kind);
            mark::step(flow, scope, &mut done);
            return Ok((done.into(), false));
        };
        if let Some(ended) = execution.conclude(end).await? {
            break ended;
        }
    };
    mark::step(flow, scope, &mut done);
    if done.is_success() {
        if step.compensate.is_some() {
            let mut scope = scope.clone();
            scope.add(&Arc::new(done.clone()));
            flow.undo.lock().push(Undo {
                plan: flow.plan.clone(),
                step: step.clone(),
                scope,
            });
        }
        hooked::checkpoint(flow, &step.name).await?;
    }
    hooked::step_ended(flow, &done).await;
    Ok((Arc::new(done), stops))
}

/// One step under way.
struct Execution<'a> {
    flow: &'a Flow,
    scope: &'a Scope,
    step: &'a Arc<Step>,
    since: Duration,
    attempts: u32,
    /// How often it succeeded and hooks were asked about that.
    ends: u32,
    /// How often functions asked for another attempt.
    asked: u32,
    input: Value,
    /// Where hooks want its result to be stored.
    store: Store,
    /// How long one attempt may take.
    limit: Duration,
}

enum Begun {
    Skipped,
    Gave(Gave),
    Failed(Failure),
    Ready,
}

enum End {
    Gave(Gave),
    /// Whether the rest must not run.
    Failed(Failure, bool),
}

enum Remedy {
    Again(Duration),
    Instead(Gave),
    /// It failed all the same, for this reason.
    Otherwise(Failure),
    GoOn,
    Stop,
}

impl Execution<'_> {
    /// Runs the step; nothing if it is left out.
    async fn perform(&mut self) -> Result<Option<End>> {
        loop {
            match self.begin().await? {
                Begun::Skipped => return Ok(None),
                Begun::Gave(gave) => return Ok(Some(End::Gave(gave))),
                Begun::Ready => return self.repeat().await.map(Some),
                Begun::Failed(failure) => {
                    self.attempts += 1;
                    if let Some(end) = self.decide(failure).await? {
                        return Ok(Some(end));
                    }
                }
            }
        }
    }

    /// Makes the result of an end and asks the hooks after it; nothing if they want the step once more.
    async fn conclude(&mut self, end: End) -> Result<Option<(Done, bool)>> {
        let (name, kind) = (&self.step.name, self.step.work.kind());
        let (mut done, stops) = match end {
            End::Gave(gave) => (Done::of(name, kind, gave), false),
            End::Failed(failure, stops) => (Done::failed(name, kind, failure), stops),
        };
        done.duration = self.flow.now().saturating_sub(self.since);
        done.retries = self.attempts.saturating_sub(1);
        self.flow.debug(self.step, &self.input, &done);
        if !done.is_success() {
            return Ok(Some((done, stops)));
        }
        self.flow.hooks.store(&self.store, &done.output);
        self.ends += 1;
        if self.ends == 1 {
            self.flow.count();
        }
        let attempt = self.attempts.max(self.ends);
        let asked = hooked::after_step(
            self.flow,
            self.scope,
            self.step,
            &self.input,
            &mut done,
            attempt,
        );
        Ok(match asked.await? {
            Verdict::Again(pause) if self.wait(pause).await => None,
            Verdict::Redirect(target) => Some(self.instead(&target, done).await),
            _ => Some((done, false)),
        })
    }

    /// Runs a target whose result is taken in place of that of the step.
    async fn instead(&self, target: &str, done: Done) -> (Done, bool) {
        let (name, kind) = (&self.step.name, self.step.work.kind());
        match hooked::redirected(self.flow, target, self.input.clone()).await {
            Ok(gave) => {
                let result = Done {
                    duration: done.duration,
                    retries: done.retries,
                    ..Done::of(name, kind, gave)
                };
                (result, false)
            }
            Err(failure) => {
                let stops = self.flow.plan.strategy != Strategy::Continue;
                (Done::failed(name, kind, failure), stops)
            }
        }
    }

    /// Asks the conditions, resolves the input, asks the hooks.
    async fn begin(&mut self) -> Result<Begun> {
        let (flow, scope, step) = (self.flow, self.scope, self.step);
        match self.is_wanted().await {
            Ok(true) => {}
            Ok(false) => return Ok(Begun::Skipped),
            Err(error) => return Ok(Begun::Failed(error.into())),
        }
        self.input = match step.input.resolve(flow, scope).await {
            Ok(input) => input,
            Err(error) => return Ok(Begun::Failed(error.into())),
        };
        let before = hooked::before_step(flow, scope, step, &self.input).await?;
        self.store = before.store;
        self.limit = before.limit.unwrap_or(self.limit);
        let begun = match before.verdict {
            Verdict::Go(Some(input)) => {
                self.input = input;
                Begun::Ready
            }
            Verdict::Go(None) | Verdict::Again(_) => Begun::Ready,
            Verdict::Skip(_) => Begun::Skipped,
            Verdict::Redirect(target) => {
                match hooked::redirected(flow, &target, self.input.clone()).await {
                    Ok(gave) => Begun::Gave(gave),
                    Err(failure) => Begun::Failed(failure),
                }
            }
            Verdict::Replace(value) => match Gave::returned(value) {
                Ok(gave) => Begun::Gave(gave),
                Err(failure) => Begun::Failed(failure),
            },
        };
        if let Some(told) = &flow.plan.calls.before_stage {
            let context = flow.context(scope, Some((&**step, &self.input)));
            let args = vec![Value::from(&*step.name), context];
            tell_function(flow, "before_stage", told, args).await;
        }
        hooked::step_started(flow, step).await;
        Ok(begun)
    }

    async fn is_wanted(&self) -> Result<bool> {
        if let Some(condition) = &self.step.condition
            && !condition.holds(self.flow, self.scope).await?
        {
            return Ok(false);
        }
        match &self.step.skip {
            Some(condition) => Ok(!condition.holds(self.flow, self.scope).await?),
            None => Ok(true),
        }
    }

    /// Attempts the work until it succeeds or no more attempt is wanted.
    async fn repeat(&mut self) -> Result<End> {
        loop {
            self.attempts += 1;
            let failure = match self.attempt().await {
                Ok(gave) => return Ok(End::Gave(gave)),
                Err(failure) => failure,
            };
            if let Some(pause) = self.own_retry(&failure.error) {
                if self.wait(pause).await {
                    continue;
                }
                return Ok(End::Failed(failure, true));
            }
            if let Some(end) = self.decide(failure).await? {
                return Ok(end);
            }
        }
    }

    async fn attempt(&self) -> Result<Gave, Failure> {
        let limit = self.limit;
        let bounded = self.flow.at(self.flow.cx.bounded(Some(limit), None));
        let since = self.flow.now();
        let work = work::perform(&bounded, self.scope, self.step, self.input.clone());
        let outcome = match bounded.cx.unless_stopped(work).await {
            Ok(outcome) => outcome,
            Err(stopped) => Err(stopped.into()),
        };
        outcome.map_err(|failure| {
            let own = failure.error.kind() == Kind::Timeout
                && self.flow.now().saturating_sub(since) >= limit
                && self.flow.cx.check().is_ok();
            if !own {
                return failure;
            }
            let (name, ms) = (&self.step.name, limit.as_millis());
            let error = error!(Timeout, "step '{name}' took longer than {ms} ms")
                .with("limit_ms", ms)
                .hint("raise `timeout_ms` of the step");
            Failure { error, ..failure }
        })
    }

    /// Returns the pause before the next attempt, if the step's own rule wants one.
    fn own_retry(&self, error: &Error) -> Option<Duration> {
        let rule = self.step.retry.filter(|_| is_repeatable(error))?;
        (self.attempts < rule.max_attempts && self.flow.cx.check().is_ok())
            .then(|| pause(&rule, self.attempts, error))
    }

    /// Waits; false if the workflow was stopped meanwhile.
    async fn wait(&self, pause: Duration) -> bool {
        let cx = &self.flow.cx;
        pause.is_zero()
            || cx
                .unless_stopped(cx.host().clock.sleep(pause))
                .await
                .is_ok()
    }

    /// Finds out what a failure means; nothing if it is to be attempted once more.
    async fn decide(&mut self, mut failure: Failure) -> Result<Option<End>> {
        let verdict = hooked::step_failed(
            self.flow,
            self.scope,
            self.step,
            &mut failure.error,
            self.attempts,
        )
        .await?;
        let failure = match verdict {
            Verdict::Replace(value) => match Gave::returned(value) {
                Ok(gave) => return Ok(Some(End::Gave(gave))),
                Err(failure) => failure,
            },
            Verdict::Redirect(target) => {
                match hooked::redirected(self.flow, &target, self.input.clone()).await {
                    Ok(gave) => return Ok(Some(End::Gave(gave))),
                    Err(failure) => failure,
                }
            }
            Verdict::Again(pause) if self.wait(pause).await => return Ok(None),
            _ => failure,
        };
        if self.flow.cx.check().is_err() {
            return Ok(Some(End::Failed(failure, true)));
        }
        Ok(Some(match self.remedy(&failure).await {
            Remedy::Instead(gave) => End::Gave(gave),
            Remedy::Otherwise(failure) => {
                let goes_on = self.flow.plan.strategy == Strategy::Continue;
                End::Failed(failure, !goes_on)
            }
            Remedy::GoOn => End::Failed(failure, false),
            Remedy::Stop => End::Failed(failure, true),
            Remedy::Again(pause) => {
                self.asked += 1;
                if self.wait(pause).await {
                    return Ok(None);
                }
                End::Failed(failure, true)
            }
        }))
    }

    async fn remedy(&self, failure: &Failure) -> Remedy {
        if let Some(on_error) = &self.step.on_error {
            let context = self
                .flow
                .context(self.scope, Some((&**self.step, &self.input)));
            let args = vec![failure.error.to_value(), context];
            if let Some(remedy) = self.answer("on_error", on_error, args).await {
                return remedy;
            }
        }
        let handler = match &self.flow.plan.shape {
            Shape::Sequential(plan) => plan.handler.as_ref(),
            _ => None,
        };
        match handler {
            Some(Handler::Function(function)) => {
                let args = vec![Value::from(&*self.step.name), failure.error.to_value()];
                if let Some(remedy) = self.answer("error_handler", function, args).await {
                    return remedy;
                }
            }
            Some(Handler::Strategy(strategy)) => return self.by(strategy, &failure.error),
            None => {}
        }
        self.by(&self.flow.plan.strategy, &failure.error)
    }

    fn by(&self, strategy: &Strategy, error: &Error) -> Remedy {
        match strategy {
            Strategy::Continue => Remedy::GoOn,
            Strategy::Retry(rule) if is_repeatable(error) && self.attempts < rule.max_attempts => {
                Remedy::Again(pause(rule, self.attempts.max(1), error))
            }
            Strategy::FailFast | Strategy::Retry(_) => Remedy::Stop,
        }
    }

    /// Asks a function what a failure means; nothing if it does not say.
    async fn answer(&self, what: &str, function: &Callback, args: Vec<Value>) -> Option<Remedy> {
        let call = function.call(&self.flow.cx, args);
        let answer = match self.flow.cx.unless_stopped(call).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) | Err(error) => {
                tracing::warn!(target: "llmspell::workflow", step = &*self.step.name, "`{what}` failed: {error}");
                return None;
            }
        };
        let rule = self.step.retry.unwrap_or_default();
        match &answer {
            Value::Map(answered) => {
                let is_result = answered.contains_key("success") || answered.contains_key("output");
                is_result.then(|| match Gave::returned(answer) {
                    Ok(gave) => Remedy::Instead(gave),
                    Err(failure) => Remedy::Otherwise(failure),
                })
            }
            Value::Str(word) => match word.as_str() {
                "continue" => Some(Remedy::GoOn),
                "fail" => Some(Remedy::Stop),
                "retry" if self.asked + 1 >= rule.max_attempts => Some(Remedy::Stop),
                "retry" => Some(Remedy::Again(match self.step.retry {
                    Some(rule) => rule.pause(self.attempts.max(1)),
                    None => Duration::ZERO,
                })),
                other => {
                    tracing::warn!(target: "llmspell::workflow", step = &*self.step.name, "`{what}` answered '{other}', which is none of retry, continue, fail");
                    None
                }
            },
            _ => None,
        }
    }
}

/// Returns whether another attempt may be made after this error.
fn is_repeatable(error: &Error) -> bool {
    !matches!(error.kind(), Kind::Denied | Kind::Cancelled | Kind::Limit)
}

/// Returns the pause of the rule, or the one that the service asked for.
fn pause(rule: &Retry, failed: u32, error: &Error) -> Duration {
    let asked = error
        .details()
        .get("retry_after_ms")
        .and_then(Value::as_int);
    let asked = asked.and_then(|ms| u64::try_from(ms).ok());
    let asked = asked.map_or(Duration::ZERO, Duration::from_millis);
    rule.pause(failed).max(asked.min(rule.max))
}
