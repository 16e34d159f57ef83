//! One execution from its first hook to its result.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Callback, Cx, Error, Kind, Map, Result, Value, error};

use super::done::{Done, Gave};
use super::flow::{Flow, Trail};
use super::hooked::{self, Verdict};
use super::instance::Workflow;
use super::outcome::{Counts, Failed, Outcome};
use super::plan::{Sequential, Shape, Strategy};
use super::scope::Scope;
use super::workflows::{Ended, Workflows};
use super::{conditional, looped, mark, parallel, steps, work};

/// Runs a workflow as a call of its own, for the step that `trail` leads to.
pub(super) async fn called(
    cx: &Cx,
    workflow: &Arc<Workflow>,
    input: Value,
    trail: &Trail,
) -> Result<Outcome> {
    let args = [
        ("workflow", Value::from(workflow.handle.clone())),
        ("input", input.clone()),
    ];
    let (workflow, trail) = (workflow.clone(), trail.clone());
    work::scoped(
        cx,
        "workflow.execute",
        args.into_iter().collect(),
        move |cx| async move { execute(&cx, &workflow, input, trail).await },
    )
    .await
}

/// Runs a workflow and returns how it went, and the result that scripts see.
///
/// - Errors: a hook's cancellation; the end of the call itself.
pub(super) async fn execute(
    cx: &Cx,
    workflow: &Arc<Workflow>,
    input: Value,
    trail: Trail,
) -> Result<(Outcome, Value)> {
    let workflows = cx.part::<Workflows>()?;
    let flow = Flow::new(cx.clone(), workflow.clone(), workflows.clone(), trail);
    let (began, since) = (cx.host().clock.now(), flow.now());
    let outcome = perform(&flow, Scope::new(input)).await;
    let took = flow.now().saturating_sub(since);
    mark::execution(&flow, outcome.as_ref(), took);
    let success = outcome.as_ref().is_ok_and(Outcome::is_success);
    workflow.metrics.lock().ended(success, took, began);
    workflows.note(Ended {
        workflow: workflow.clone(),
        success,
        began,
        took,
    });
    let outcome = outcome?;
    cx.check()?;
    let shown = outcome.to_value(&flow, began, took);
    Ok((outcome, shown))
}

/// Runs the plan of a flow, as often as hooks want.
pub(super) fn perform(flow: &Flow, mut scope: Scope) -> BoxFuture<'_, Result<Outcome>> {
    Box::pin(async move {
        let mut attempt = 1;
        loop {
            let fresh = hooked::may_repeat(flow).then(|| scope.clone());
            let input = scope.input.clone();
            let since = flow.now();
            let mut outcome = match once(flow, scope).await? {
                Once::Ran(outcome) => outcome,
                Once::Decided(outcome) => return Ok(outcome),
            };
            let took = flow.now().saturating_sub(since);
            match hooked::ended(flow, &mut outcome, took, attempt).await? {
                Verdict::Again(pause) => {
                    let clock = &flow.cx.host().clock;
                    flow.cx.unless_stopped(clock.sleep(pause)).await?;
                    scope = fresh.unwrap_or_else(|| Scope {
                        input,
                        ..Scope::default()
                    });
                    attempt += 1;
                    continue;
                }
                Verdict::Redirect(target) => {
                    let input = (*input).clone();
                    outcome.take(hooked::redirected(flow, &target, input).await);
                }
                Verdict::Replace(output) => {
                    outcome.failed = None;
                    outcome.output = output;
                }
                Verdict::Go(_) | Verdict::Skip(_) => {}
            }
            complete(flow, &outcome, took).await;
            return Ok(outcome);
        }
    })
}

/// How an attempt ended.
enum Once {
    Ran(Outcome),
    /// Hooks decided before it began.
    Decided(Outcome),
}

/// Runs the plan once, from the first hook to the end of its steps.
async fn once(flow: &Flow, mut scope: Scope) -> Result<Once> {
    let since = flow.now();
    let (verdict, store) = hooked::before_start(flow, &scope.input).await?;
    match verdict {
        Verdict::Go(None) | Verdict::Again(_) => {}
        Verdict::Go(Some(input)) => scope.input = Arc::new(input),
        Verdict::Skip(reason) => return Ok(Once::Decided(skipped(reason))),
        Verdict::Redirect(target) => {
            let mut outcome = Outcome::default();
            let input = (*scope.input).clone();
            outcome.take(hooked::redirected(flow, &target, input).await);
            return Ok(Once::Decided(outcome));
        }
        Verdict::Replace(output) => {
            return Ok(Once::Decided(Outcome {
                output,
                ..Outcome::default()
            }));
        }
    }
    hooked::announce(flow, "workflow.started", Default::default).await;
    hooked::custom(flow, "workflow_start", "start", Default::default).await;
    hooked::moved(flow, "ready", "running").await;
    if let Some(told) = &flow.plan.calls.on_start {
        let args = vec![flow.context(&scope, None)];
        tell_function(flow, "on_start", told, args).await;
    }
    let bounded = flow.at(flow.cx.bounded(Some(flow.plan.timeout), None));
    let mut outcome = shape(&bounded, &mut scope).await?;
    explain(flow, &mut outcome, since);
    if outcome.failed.is_some() {
        remedy(flow, &scope, &mut outcome).await;
    }
    if let (Some(failed), true) = (&outcome.failed, flow.is_outermost)
        && flow.plan.strategy != Strategy::Continue
    {
        undo(flow, &failed.error).await;
    }
    if outcome.is_success() {
        flow.hooks.store(&store, &outcome.output);
    }
    Ok(Once::Ran(outcome))
}

/// Tells whoever wants to know that an execution is over.
async fn complete(flow: &Flow, outcome: &Outcome, took: Duration) {
    let to = match outcome.is_success() {
        true => "completed",
        false => "failed",
    };
    hooked::moved(flow, "running", to).await;
    hooked::custom(flow, "workflow_complete", "complete", || {
        Map::from([("success", outcome.is_success().into())])
    })
    .await;
    let Some(told) = &flow.plan.calls.on_complete else {
        return;
    };
    let began = flow.cx.host().clock.now();
    let result = outcome.to_value(flow, began.saturating_sub(took.as_micros() as i64), took);
    let args = match flow.plan.shape {
        Shape::Sequential(_) => vec![outcome.is_success().into(), result],
        _ => vec![result],
    };
    tell_function(flow, "on_complete", told, args).await;
}

async fn shape(flow: &Flow, scope: &mut Scope) -> Result<Outcome> {
    match &flow.plan.clone().shape {
        Shape::Sequential(plan) => sequential(flow, scope, plan).await,
        Shape::Parallel(plan) => parallel::run(flow, scope, plan).await,
        Shape::Conditional(plan) => conditional::run(flow, scope, plan).await,
        Shape::Loop(plan) => looped::run(flow, scope, plan).await,
    }
}

async fn sequential(flow: &Flow, scope: &mut Scope, plan: &Sequential) -> Result<Outcome> {
    let chain = steps::run(flow, scope, &plan.steps).await?;
    let counts = Counts::of(&chain.done);
    let failed = chain
        .failed
        .as_ref()
        .map(|done| Failed::of(done, &*done.name));
    Ok(Outcome {
        output: chain.output().unwrap_or_else(|| "".into()),
        facts: Map::from([
            ("successful_steps", counts.succeeded.into()),
            ("failed_steps", counts.failed.into()),
        ]),
        inner: chain.done.clone(),
        steps: chain.done,
        counts,
        failed,
        ..Outcome::default()
    })
}

fn skipped(reason: Option<String>) -> Outcome {
    Outcome {
        output: "".into(),
        notes: Map::from([("skipped", true.into()), ("skip_reason", reason.into())]),
        ..Outcome::default()
    }
}

/// Says so if it was the workflow's own time that was over.
fn explain(flow: &Flow, outcome: &mut Outcome, since: Duration) {
    let limit = flow.plan.timeout;
    let Some(failed) = &mut outcome.failed else {
        return;
    };
    let own = failed.error.kind() == Kind::Timeout
        && flow.now().saturating_sub(since) >= limit
        && flow.cx.check().is_ok();
    if own {
        let (name, ms) = (&flow.plan.name, limit.as_millis());
        failed.error = error!(Timeout, "workflow '{name}' took longer than {ms} ms")
            .with("limit_ms", ms)
            .hint("raise `timeout_ms` of the workflow");
    }
}

/// Asks the functions that may replace the outcome of a failed execution.
async fn remedy(flow: &Flow, scope: &Scope, outcome: &mut Outcome) {
    let Some(failed) = &outcome.failed else {
        return;
    };
    let error = failed.to_value(flow.plan.shape.name());
    let (function, about) = match (&flow.plan.calls.on_error, flow.workflows.default_handler()) {
        (Some(own), _) => (own.clone(), flow.context(scope, None)),
        (None, Some(usual)) if flow.is_outermost => {
            let mut about = Map::from([
                ("workflow_id", Value::from(&*flow.workflow.id)),
                ("name", Value::from(&*flow.plan.name)),
                ("phase", "execution".into()),
            ]);
            if let Some(step) = failed.details.get("step") {
                about.insert("step", step.clone());
            }
            (usual, Value::Map(about))
        }
        (None, _) => return,
    };
    let answer = tell_function(flow, "on_error", &function, vec![error, about]).await;
    let is_result = answer
        .as_ref()
        .and_then(Value::as_map)
        .is_some_and(|answer| answer.contains_key("success") || answer.contains_key("output"));
    let Some(answer) = answer.filter(|_| is_result) else {
        return;
    };
    match Gave::returned(answer) {
        Ok(gave) => {
            outcome.failed = None;
            outcome.output = gave.output;
        }
        Err(failure) => {
            if let Some(failed) = &mut outcome.failed {
                failed.error = failure.error;
            }
        }
    }
}

/// Undoes what succeeded, the last first.
async fn undo(flow: &Flow, reason: &Error) {
    let undo = std::mem::take(&mut *flow.undo.lock());
    if undo.is_empty() || flow.cx.check().is_err() {
        return;
    }
    let names = undo.iter().rev().map(|undo| Value::from(&*undo.step.name));
    if !hooked::may_roll_back(flow, reason.message(), names.collect()).await {
        return;
    }
    for mut undo in undo.into_iter().rev() {
        let Some(step) = undo.step.compensate.clone() else {
            continue;
        };
        let own = flow.within(undo.plan.clone(), &undo.step.name);
        match steps::run(&own, &mut undo.scope, &[step]).await {
            Ok(chain) => {
                if let Some(failed) = chain
                    .failed
                    .as_deref()
                    .and_then(|done: &Done| done.error.as_ref())
                {
                    tracing::warn!(target: "llmspell::workflow", step = &*undo.step.name, "the compensation failed: {failed}");
                }
            }
            Err(error) => {
                tracing::warn!(target: "llmspell::workflow", step = &*undo.step.name, "the compensation failed: {error}");
            }
        }
    }
}

/// Calls a function that is told something; what it raises is logged.
pub(super) async fn tell_function(
    flow: &Flow,
    what: &str,
    function: &Callback,
    args: Vec<Value>,
) -> Option<Value> {
    let call = function.call(&flow.cx, args);
    match flow.cx.unless_stopped(call).await {
        Ok(Ok(answer)) => Some(answer),
        Ok(Err(error)) | Err(error) => {
            tracing::warn!(target: "llmspell::workflow", workflow = &*flow.plan.name, "`{what}` failed: {error}");
            None
        }
    }
}
