//! The hooks and events of workflows.

use std::time::Duration;

use llmspell_core::{Error, Map, Result, Value};

use super::done::{Done, milliseconds};
use super::flow::Flow;
use super::outcome::Outcome;
use super::plan::Step;
use super::run::tell_function;
use super::scope::Scope;
use crate::agent::stop::unless_stopped;
use crate::event;
use crate::hook::{
    Again, Component, Context, Decision, Frame, Named, Nature, Point, cancelled, members_of, plain,
    run_forks,
};

/// What hooks want.
pub(super) enum Verdict {
    /// Go on, with another input if there is one.
    Go(Option<Value>),
    Skip,
    Replace(Value),
    /// Once more, after a pause.
    Again(Duration),
}

/// Calls the hooks of a point. Nothing without hooks.
///
/// - Errors: `Cancelled` with the hook's reason.
async fn ask(flow: &Flow, point: Named, data: Map) -> Result<Option<(Decision, Map)>> {
    let mut attempt = 1;
    loop {
        let mut context = context(flow, Point::Named(point), data.clone());
        context.attempt = attempt;
        let outcome = flow.hooks.fire(&flow.cx, &mut context).await;
        run_forks(&flow.cx, outcome.forks).await;
        match outcome.decision {
            Decision::Cancel(reason) => {
                return Err(cancelled(reason, &outcome.hook, &context.point));
            }
            Decision::Retry(again) if point.nature() != Nature::Before => {
                return Ok(Some((Decision::Retry(again), context.data)));
            }
            Decision::Retry(again) if attempt < again.max_attempts => {
                let pause = pause(&again, attempt);
                unless_stopped(&flow.cx, flow.cx.host().clock.sleep(pause)).await?;
                attempt += 1;
            }
            Decision::Retry(again) => {
                return match again.fallback {
                    Some(data) => Ok(Some((Decision::Replace(data), context.data))),
                    None => {
                        let reason = format!("gave up after {attempt} attempts");
                        Err(cancelled(Some(reason), &outcome.hook, &context.point))
                    }
                };
            }
            decision => return Ok(Some((decision, context.data))),
        }
    }
}

fn pause(again: &Again, attempt: u32) -> Duration {
    let times = if again.grows {
        1 << (attempt - 1).min(20)
    } else {
        1
    };
    again.delay * times
}

fn has(flow: &Flow, point: Named) -> bool {
    flow.hooks.has(&Point::Named(point))
}

fn context(flow: &Flow, point: Point, mut data: Map) -> Context {
    let name = flow.plan.name.to_string();
    for (member, value) in [
        ("workflow_type", flow.plan.shape.name().into()),
        ("workflow_name", Value::from(name.as_str())),
        ("workflow_id", Value::from(&*flow.workflow.id)),
    ] {
        data.entry(member.to_owned()).or_insert(value);
    }
    let component = Component {
        kind: "Workflow",
        name,
        id: flow.workflow.id.to_string(),
    };
    let mut context = Context::new(&flow.cx, point, component, data);
    context.operation = "workflow_execution";
    context
}

/// Tells hooks of a point that is a mere notice.
async fn notice(flow: &Flow, point: Named, data: impl FnOnce() -> Map) {
    let point = Point::Named(point);
    let told = flow
        .hooks
        .notice(&flow.cx, point.clone(), || context(flow, point, data()));
    told.await;
}

/// Tells hooks of one of the runtime's further points: `custom:NAME`.
pub(super) async fn custom(flow: &Flow, name: &str, phase: &str, facts: impl FnOnce() -> Map) {
    if !flow.hooks.has_custom() {
        return;
    }
    let point = Point::Custom(format!("custom:{name}").into());
    let told = flow.hooks.notice(&flow.cx, point.clone(), || {
        let mut data = facts();
        data.insert("execution_phase".to_owned(), phase.into());
        context(flow, point, data)
    });
    told.await;
}

/// Publishes an event about the workflow.
pub(super) fn tell(flow: &Flow, kind: &str, facts: impl FnOnce() -> Map) {
    event::tell(&flow.cx, "workflow", kind, || {
        let mut data = members_of([
            ("workflow_id", Value::from(&*flow.workflow.id)),
            ("workflow_name", Value::from(&*flow.plan.name)),
            ("workflow_type", flow.plan.shape.name().into()),
        ]);
        data.extend(facts());
        Value::Map(data)
    });
}

/// Asks before an execution.
pub(super) async fn before_start(flow: &Flow, input: &Value) -> Result<Verdict> {
    if !has(flow, Named::BeforeWorkflowStart) {
        return Ok(Verdict::Go(None));
    }
    let steps = flow.plan.lists().into_iter().flatten();
    let steps = steps.map(|step| {
        Value::Map(members_of([
            ("name", Value::from(&*step.name)),
            ("dependencies", dependencies(step)),
        ]))
    });
    let data = members_of([
        ("input", plain(input)),
        ("step_count", flow.plan.step_count().into()),
        ("steps", steps.collect()),
    ]);
    let shown = data.get("input").cloned();
    let decided = ask(flow, Named::BeforeWorkflowStart, data).await?;
    verdict(flow, decided, input, |data| {
        data.shift_remove("input")
            .filter(|new| Some(new) != shown.as_ref())
    })
    .await
}

/// Runs another workflow with the same input, as a hook wants it.
async fn instead(flow: &Flow, target: &str, input: &Value) -> Result<Value> {
    let cx = Frame::redirected(&flow.cx, target)?;
    super::call(&cx, target, input.clone()).await
}

/// Returns what a decision means; `input` returns the new input from the data. The target of a redirection is run.
async fn verdict(
    flow: &Flow,
    decided: Option<(Decision, Map)>,
    given: &Value,
    input: impl FnOnce(&mut Map) -> Option<Value>,
) -> Result<Verdict> {
    Ok(match decided {
        Some((Decision::Skip(_), _)) => Verdict::Skip,
        Some((Decision::Replace(value), _)) => Verdict::Replace(value),
        Some((Decision::Redirect(target), mut data)) => {
            let changed = input(&mut data);
            let given = changed.as_ref().unwrap_or(given);
            Verdict::Replace(instead(flow, &target, given).await?)
        }
        Some((_, mut data)) => Verdict::Go(input(&mut data)),
        None => Verdict::Go(None),
    })
}

/// Returns the names of the steps that a step says it depends on.
fn dependencies(step: &Step) -> Value {
    match step.extra.get("depends_on").map(plain) {
        Some(Value::Str(name)) => Value::List(vec![name.into()]),
        Some(names @ Value::List(_)) => names,
        _ => Value::List(Vec::new()),
    }
}

fn step_facts(flow: &Flow, scope: &Scope, step: &Step, input: &Value) -> Map {
    let mut facts = members_of([
        ("stage_name", Value::from(&*step.name)),
        (
            "stage",
            Value::Map(members_of([
                ("name", Value::from(&*step.name)),
                ("dependencies", dependencies(step)),
            ])),
        ),
        (
            "step",
            Value::Map(members_of([
                ("name", Value::from(&*step.name)),
                ("index", step.index.into()),
                ("type", step.work.kind().into()),
                ("input", plain(input)),
                ("timeout_ms", step.limit().as_millis().into()),
            ])),
        ),
        ("steps_completed", flow.completed().into()),
    ]);
    if let Some(turn) = &scope.turn {
        facts.insert("iteration".to_owned(), turn.index.into());
    }
    facts
}

/// Asks before a step. Returns as well how long it may take, if a hook changed that.
pub(super) async fn before_step(
    flow: &Flow,
    scope: &Scope,
    step: &Step,
    input: &Value,
) -> Result<(Verdict, Option<Duration>)> {
    if !has(flow, Named::BeforeWorkflowStage) {
        return Ok((Verdict::Go(None), None));
    }
    let data = step_facts(flow, scope, step, input);
    let shown = plain(input);
    let decided = ask(flow, Named::BeforeWorkflowStage, data).await?;
    let changed = |data: &Map| data.get("step")?.get("timeout_ms")?.as_float();
    let limit = decided.as_ref().and_then(|(_, data)| changed(data));
    let limit = limit.filter(|ms| *ms > 0.0 && ms.is_finite());
    let limit = limit.map(|ms| Duration::from_secs_f64(ms.min(1e12) / 1000.0));
    let verdict = verdict(flow, decided, input, |data| {
        let new = data.get("step").and_then(|step| step.get("input"));
        new.filter(|new| **new != shown).cloned()
    });
    Ok((verdict.await?, limit))
}

/// Asks after a step that succeeded so many times; its result may be changed. Returns the pause after which it is done once more.
pub(super) async fn after_step(
    flow: &Flow,
    scope: &Scope,
    step: &Step,
    input: &Value,
    times: u32,
    done: &mut Done,
) -> Result<Option<Duration>> {
    if let Some(told) = &flow.plan.calls.after_stage {
        let args = vec![Value::from(&*step.name), done.to_value()];
        tell_function(flow, "after_stage", told, args).await;
    }
    if !has(flow, Named::AfterWorkflowStage) {
        return Ok(None);
    }
    let mut data = step_facts(flow, scope, step, input);
    if let Some(Value::Map(about)) = data.get_mut("step") {
        about.insert("output".to_owned(), done.output.clone());
        about.insert("duration_ms".to_owned(), milliseconds(done.duration));
        about.insert("retry_count".to_owned(), done.retries.into());
    }
    data.insert("result".to_owned(), done.output.clone());
    match ask(flow, Named::AfterWorkflowStage, data).await? {
        Some((Decision::Replace(value), _)) => done.output = value,
        Some((Decision::Redirect(target), _)) => {
            done.output = instead(flow, &target, input).await?;
        }
        Some((Decision::Retry(again), _)) if times < again.max_attempts => {
            return Ok(Some(pause(&again, times)));
        }
        Some((Decision::Retry(again), _)) => {
            if let Some(value) = again.fallback {
                done.output = value;
            }
        }
        Some((_, mut data)) => {
            let new = data.shift_remove("result").unwrap_or_default();
            let of_step = data.get("step").and_then(|step| step.get("output"));
            if new != done.output {
                done.output = new;
            } else if let Some(new) = of_step {
                done.output = new.clone();
            }
        }
        None => {}
    }
    Ok(None)
}

/// Asks after a failed attempt of a step.
pub(super) async fn step_failed(
    flow: &Flow,
    step: &Step,
    input: &Value,
    error: &Error,
    attempt: u32,
) -> Result<Verdict> {
    if !has(flow, Named::WorkflowError) {
        return Ok(Verdict::Go(None));
    }
    let mut data = error_facts(error, attempt);
    data.insert("stage_name".to_owned(), Value::from(&*step.name));
    data.insert("step".to_owned(), Value::from(&*step.name));
    let decided = ask(flow, Named::WorkflowError, data).await?;
    Ok(match decided {
        Some((Decision::Retry(again), _)) if attempt < again.max_attempts => {
            Verdict::Again(pause(&again, attempt.max(1)))
        }
        Some((Decision::Retry(again), _)) => match again.fallback {
            Some(value) => Verdict::Replace(value),
            None => Verdict::Go(None),
        },
        decided => verdict(flow, decided, input, |_| None).await?,
    })
}

fn error_facts(error: &Error, attempt: u32) -> Map {
    members_of([
        ("error", error.message().into()),
        ("error_message", error.message().into()),
        ("error_kind", error.kind().name().into()),
        ("attempt", attempt.into()),
    ])
}

/// Says that a stage is in the journal.
pub(super) async fn checkpoint(flow: &Flow, name: &str) -> Result<()> {
    if !has(flow, Named::WorkflowCheckpoint) {
        return Ok(());
    }
    let data = members_of([
        ("checkpoint_name", name.into()),
        ("steps_completed", flow.completed().into()),
    ]);
    ask(flow, Named::WorkflowCheckpoint, data).await?;
    Ok(())
}

/// Asks whether what was done may be undone.
pub(super) async fn may_roll_back(flow: &Flow, reason: &str, steps: Vec<Value>) -> bool {
    if !has(flow, Named::WorkflowRollback) {
        return true;
    }
    let data = members_of([
        ("reason", reason.into()),
        ("target_checkpoint", "start".into()),
        ("steps", Value::List(steps)),
    ]);
    ask(flow, Named::WorkflowRollback, data).await.is_ok()
}

/// Says that one stage follows another.
pub(super) async fn transition(flow: &Flow, from: &str, to: &str) {
    let facts = || {
        members_of([
            ("from_stage", from.into()),
            ("to_stage", to.into()),
            ("steps_completed", flow.completed().into()),
        ])
    };
    notice(flow, Named::WorkflowStageTransition, facts).await;
    custom(flow, "workflow_step_boundary", "step", || {
        members_of([("step_name", to.into())])
    })
    .await;
}

pub(super) fn step_started(flow: &Flow, step: &Step) {
    tell(flow, "workflow.step.started", || {
        members_of([
            ("step_name", Value::from(&*step.name)),
            ("step_type", step.work.kind().into()),
        ])
    });
}

pub(super) fn step_ended(flow: &Flow, done: &Done) {
    let kind = match done.is_success() {
        true => "workflow.step.completed",
        false => "workflow.step.failed",
    };
    tell(flow, kind, || {
        let mut facts = members_of([
            ("step_name", Value::from(&*done.name)),
            ("step_type", done.kind.into()),
            ("duration_ms", milliseconds(done.duration)),
        ]);
        if let Some(error) = &done.error {
            facts.insert("error".to_owned(), error.message().into());
            facts.insert("error_kind".to_owned(), error.kind().name().into());
        }
        facts
    });
}

/// Asks after an execution; returns what replaces its output.
pub(super) async fn ended(
    flow: &Flow,
    input: &Value,
    outcome: &Outcome,
    took: Duration,
) -> Result<Option<Value>> {
    let kind = if outcome.is_success() {
        "workflow.completed"
    } else {
        "workflow.failed"
    };
    tell(flow, kind, || {
        let mut facts = members_of([("duration_ms", milliseconds(took))]);
        if let Some(failed) = &outcome.failed {
            facts.insert("error".to_owned(), failed.error.message().into());
            facts.insert("error_kind".to_owned(), failed.error.kind().name().into());
        }
        facts
    });
    let (point, data) = match &outcome.failed {
        None if has(flow, Named::AfterWorkflowComplete) => (
            Named::AfterWorkflowComplete,
            members_of([
                ("result", outcome.output.clone()),
                ("final_output", outcome.output.clone()),
                ("results", outcome.outputs()),
                ("steps_completed", flow.completed().into()),
                ("total_duration_ms", milliseconds(took)),
            ]),
        ),
        Some(failed) if has(flow, Named::WorkflowError) => {
            let mut data = error_facts(&failed.error, 1);
            data.insert("results".to_owned(), outcome.outputs());
            (Named::WorkflowError, data)
        }
        _ => return Ok(None),
    };
    let before = data.get("result").cloned();
    Ok(match ask(flow, point, data).await? {
        Some((Decision::Replace(value), _)) => Some(value),
        Some((Decision::Redirect(target), _)) => Some(instead(flow, &target, input).await?),
        Some((_, data)) => {
            let new = data.get("result").cloned();
            new.filter(|_| before.is_some() && data.get("result") != before.as_ref())
        }
        None => None,
    })
}
