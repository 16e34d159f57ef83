//! The hooks and events of workflows.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Error, Map, Result, Value};

use super::done::{Done, Failure, Gave, milliseconds};
use super::flow::Flow;
use super::instance::Workflow;
use super::outcome::Outcome;
use super::plan::{Plan, Step};
use super::run::tell_function;
use super::scope::Scope;
use super::state;
use crate::event;
use crate::hook::{
    Again, Component, Context, Decision, Hooks, Named, Nature, Point, cancelled, hop, plain,
    run_forks, run_target,
};
use crate::journal::Journal;

/// What hooks want.
pub(super) enum Verdict {
    /// Go on, with another input if there is one.
    Go(Option<Value>),
    /// Leave it out, for this reason.
    Skip(Option<String>),
    Replace(Value),
    /// Run this target instead.
    Redirect(String),
    /// Once more, after a pause.
    Again(Duration),
}

/// Where a result is to be stored, and how long.
pub(super) type Store = Vec<(String, Duration)>;

/// What the hooks of a point said.
struct Asked {
    decision: Decision,
    data: Map,
    store: Store,
}

/// Calls the hooks of a point; `attempt` is how often the operation was begun.
///
/// - Errors: `Cancelled` with the hook's reason.
async fn ask(flow: &Flow, point: Named, data: Map, mut attempt: u32) -> Result<Asked> {
    loop {
        let mut context = context(flow, Point::Named(point), data.clone());
        context.attempt = attempt;
        let outcome = flow.hooks.fire(&flow.cx, &mut context).await;
        let outcome = *outcome.unwrap_or_default();
        let forked = run_forks(&flow.cx, outcome.forks).await;
        flow.forks.lock().extend(forked);
        if let Some(Value::Map(updates)) = context.data.shift_remove("state_updates") {
            update(flow, updates).await;
        }
        let said = |decision: Decision| Asked {
            decision,
            data: context.data.into_map(),
            store: outcome.store,
        };
        match outcome.decision {
            Decision::Cancel(reason) => {
                return Err(cancelled(reason, &outcome.hook, &context.point));
            }
            Decision::Retry(again) if point.nature() != Nature::Before => {
                return Ok(said(Decision::Retry(again)));
            }
            Decision::Retry(again) if attempt < again.max_attempts => {
                let pause = pause(&again, attempt);
                flow.cx
                    .unless_stopped(flow.cx.host().clock.sleep(pause))
                    .await?;
                attempt += 1;
            }
            Decision::Retry(again) => {
                return match again.fallback {
                    Some(data) => Ok(said(Decision::Replace(data))),
                    None => {
                        let reason = Again::given_up(attempt);
                        Err(cancelled(Some(reason), &outcome.hook, &context.point))
                    }
                };
            }
            decision => return Ok(said(decision)),
        }
    }
}

/// Runs another target in place of a workflow or a step: a workflow, or `tool:NAME`, `agent:NAME`, with its own hooks.
///
/// - Errors: `NotFound`; `Limit` after five redirections; what the target raises.
pub(super) async fn redirected(flow: &Flow, target: &str, input: Value) -> Result<Gave, Failure> {
    let cx = hop(&flow.cx, target)?;
    let kinds = ["workflow:", "tool:", "agent:"];
    let operation = match kinds.iter().any(|kind| target.starts_with(kind)) {
        true => target.to_owned(),
        false => format!("workflow:{target}"),
    };
    let output = run_target(&cx, &operation, input).await?;
    Ok(Gave {
        data: output.clone(),
        output,
        inner: Vec::new(),
    })
}

/// Says what a retry means after so many attempts: once more, the fallback, or nothing.
fn repeated(again: Again, attempt: u32) -> Verdict {
    match again.fallback.clone() {
        _ if attempt < again.max_attempts => Verdict::Again(pause(&again, attempt.max(1))),
        Some(value) => Verdict::Replace(value),
        None => Verdict::Go(None),
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

/// Saves what a hook wants saved for the workflow. What cannot be is the hook's mistake, not the workflow's.
async fn update(flow: &Flow, updates: Map) {
    for (key, value) in updates {
        if let Err(error) = state::share(&flow.cx, &flow.workflow, &key, value).await {
            tracing::warn!(target: "llmspell::workflow", workflow = &*flow.plan.name, "`state_updates` of a hook: {error}");
        }
    }
}

fn context(flow: &Flow, point: Point, data: Map) -> Context<'_> {
    context_of(&flow.cx, &flow.workflow.id, &flow.plan, point, data)
}

fn context_of<'a>(cx: &'a Cx, id: &str, plan: &Plan, point: Point, mut data: Map) -> Context<'a> {
    let name = plan.name.to_string();
    for (member, value) in [
        ("workflow_type", plan.shape.name().into()),
        ("workflow_name", Value::from(name.as_str())),
        ("workflow_id", Value::from(id)),
    ] {
        data.entry(member.to_owned()).or_insert(value);
    }
    let component = Component {
        kind: "Workflow",
        name: name.into(),
        id: id.into(),
    };
    let mut context = Context::new(cx, point, component, data);
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
        data.insert("execution_phase", phase.into());
        context(flow, point, data)
    });
    told.await;
}

/// Tells hooks that an execution goes from one state to another.
pub(super) async fn moved(flow: &Flow, from: &str, to: &str) {
    custom(flow, "workflow_state_change", "state", || {
        Map::from([("from_state", from.into()), ("to_state", to.into())])
    })
    .await;
}

/// Tells hooks that a value is shared with the executions of a workflow.
pub(super) async fn shared(cx: &Cx, hooks: &Hooks, workflow: &Workflow, key: &str, value: Value) {
    let point = Point::Custom("custom:workflow_shared_data".into());
    let told = hooks.notice(cx, point.clone(), || {
        let data = Map::from([
            ("key", key.into()),
            ("value", plain(&value)),
            ("execution_phase", "shared_data".into()),
        ]);
        context_of(cx, &workflow.id, &workflow.plan, point, data)
    });
    told.await;
}

/// Publishes an event about the workflow, or about a step of it.
async fn announce_of(
    flow: &Flow,
    step: Option<&Arc<str>>,
    kind: &str,
    facts: impl FnOnce() -> Map,
) {
    let facts = || {
        let mut data = Map::from([
            ("workflow_id", Value::from(&*flow.workflow.id)),
            ("workflow_name", Value::from(&*flow.plan.name)),
            ("workflow_type", flow.plan.shape.name().into()),
            ("path", flow.trail(step).to_value()),
        ]);
        data.extend(facts());
        Value::Map(data)
    };
    event::announce(&flow.cx, "workflow", kind, facts).await;
}

/// Publishes an event about the workflow.
pub(super) async fn announce(flow: &Flow, kind: &str, facts: impl FnOnce() -> Map) {
    announce_of(flow, None, kind, facts).await;
}

/// Asks before an execution.
pub(super) async fn before_start(flow: &Flow, input: &Value) -> Result<(Verdict, Store)> {
    if !has(flow, Named::BeforeWorkflowStart) {
        return Ok((Verdict::Go(None), Store::new()));
    }
    let steps = flow.plan.lists().into_iter().flatten();
    let steps = steps.map(|step| {
        Value::from([
            ("name", Value::from(&*step.name)),
            ("dependencies", dependencies(step)),
        ])
    });
    let data = Map::from([
        ("input", plain(input)),
        ("results", Value::Map(Map::new())),
        ("step_count", flow.plan.step_count().into()),
        ("steps", steps.collect()),
    ]);
    let shown = data.get("input").cloned();
    let asked = ask(flow, Named::BeforeWorkflowStart, data, 1).await?;
    Ok(verdict(asked, |data| {
        data.shift_remove("input")
            .filter(|new| Some(new) != shown.as_ref())
    }))
}

fn verdict(asked: Asked, input: impl FnOnce(&mut Map) -> Option<Value>) -> (Verdict, Store) {
    let mut data = asked.data;
    let verdict = match asked.decision {
        Decision::Skip(reason) => Verdict::Skip(reason),
        Decision::Replace(value) => Verdict::Replace(value),
        Decision::Redirect(target) => Verdict::Redirect(target),
        _ => Verdict::Go(input(&mut data)),
    };
    (verdict, asked.store)
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
    let mut facts = Map::from([
        ("stage_name", Value::from(&*step.name)),
        (
            "stage",
            Value::from([
                ("name", Value::from(&*step.name)),
                ("dependencies", dependencies(step)),
            ]),
        ),
        (
            "step",
            Value::from([
                ("name", Value::from(&*step.name)),
                ("index", step.index.into()),
                ("type", step.work.kind().into()),
                ("input", plain(input)),
                ("timeout_ms", step.limit().as_millis().into()),
            ]),
        ),
        ("steps_completed", flow.completed().into()),
    ]);
    if let Some(branch) = flow.branch() {
        facts.insert("branch", Value::from(branch));
    }
    if let Some(turn) = &scope.turn {
        facts.insert("iteration", turn.index.into());
    }
    facts
}

/// What hooks want before a step.
pub(super) struct Before {
    pub(super) verdict: Verdict,
    pub(super) store: Store,
    /// How long one attempt may take, if a hook changed that.
    pub(super) limit: Option<Duration>,
}

/// Asks before a step.
pub(super) async fn before_step(
    flow: &Flow,
    scope: &Scope,
    step: &Step,
    input: &Value,
) -> Result<Before> {
    if !has(flow, Named::BeforeWorkflowStage) {
        return Ok(Before {
            verdict: Verdict::Go(None),
            store: Store::new(),
            limit: None,
        });
    }
    let data = step_facts(flow, scope, step, input);
    let shown = plain(input);
    let asked = ask(flow, Named::BeforeWorkflowStage, data, 1).await?;
    let changed = asked
        .data
        .get("step")
        .and_then(|step| step.get("timeout_ms"));
    let limit = changed.and_then(Value::as_float);
    let limit = limit.filter(|ms| *ms > 0.0 && ms.is_finite());
    let limit = limit.map(|ms| Duration::from_secs_f64(ms.min(1e12) / 1000.0));
    let (verdict, store) = verdict(asked, |data| {
        let new = data.get("step").and_then(|step| step.get("input"));
        new.filter(|new| **new != shown).cloned()
    });
    Ok(Before {
        verdict,
        store,
        limit,
    })
}

/// Asks after a step that succeeded the `attempt`-th time; its result may be changed.
pub(super) async fn after_step(
    flow: &Flow,
    scope: &Scope,
    step: &Step,
    input: &Value,
    done: &mut Done,
    attempt: u32,
) -> Result<Verdict> {
    if let Some(told) = &flow.plan.calls.after_stage {
        let args = vec![Value::from(&*step.name), done.to_value()];
        tell_function(flow, "after_stage", told, args).await;
    }
    if !has(flow, Named::AfterWorkflowStage) {
        return Ok(Verdict::Go(None));
    }
    let mut data = step_facts(flow, scope, step, input);
    if let Some(Value::Map(about)) = data.get_mut("step") {
        about.insert("output", done.output.clone());
        about.insert("duration_ms", milliseconds(done.duration));
        about.insert("retry_count", done.retries.into());
    }
    data.insert("result", done.output.clone());
    let mut asked = ask(flow, Named::AfterWorkflowStage, data, attempt).await?;
    let verdict = match asked.decision {
        Decision::Retry(again) => repeated(again, attempt),
        Decision::Redirect(target) => Verdict::Redirect(target),
        Decision::Replace(value) => Verdict::Replace(value),
        _ => Verdict::Go(None),
    };
    match &verdict {
        Verdict::Replace(value) => done.output.clone_from(value),
        Verdict::Go(_) => {
            let new = asked.data.shift_remove("result").unwrap_or_default();
            let of_step = asked.data.get("step").and_then(|step| step.get("output"));
            if new != done.output {
                done.output = new;
            } else if let Some(new) = of_step {
                done.output = new.clone();
            }
        }
        _ => {}
    }
    flow.hooks.store(&asked.store, &done.output);
    Ok(verdict)
}

/// Asks after a failed attempt of a step; the message of its error may be changed.
pub(super) async fn step_failed(
    flow: &Flow,
    scope: &Scope,
    step: &Step,
    error: &mut Error,
    attempt: u32,
) -> Result<Verdict> {
    if !has(flow, Named::WorkflowError) {
        return Ok(Verdict::Go(None));
    }
    let mut data = error_facts(error, attempt);
    data.insert("stage_name", Value::from(&*step.name));
    data.insert(
        "step",
        Value::from([
            ("name", Value::from(&*step.name)),
            ("index", step.index.into()),
            ("type", step.work.kind().into()),
        ]),
    );
    data.insert("step_type", step.work.kind().into());
    data.insert("results", scope.outputs());
    let asked = ask(flow, Named::WorkflowError, data, attempt).await?;
    reword(error, &asked.data);
    Ok(match asked.decision {
        Decision::Retry(again) => repeated(again, attempt),
        _ => verdict(asked, |_| None).0,
    })
}

/// Gives an error the message that hooks gave it.
fn reword(error: &mut Error, left: &Map) {
    let message = left.get("error_message").and_then(Value::as_str);
    if let Some(message) = message.filter(|message| *message != error.message()) {
        *error = error.clone().reworded(message.to_owned());
    }
}

fn error_facts(error: &Error, attempt: u32) -> Map {
    Map::from([
        ("error", error.message().into()),
        ("error_message", error.message().into()),
        ("error_kind", error.kind().name().into()),
        ("attempt", attempt.into()),
    ])
}

/// Says that a stage is in the journal, which is waited for.
///
/// - Errors: `Cancelled` with the hook's reason; what the journal could not write.
pub(super) async fn checkpoint(flow: &Flow, name: &str) -> Result<()> {
    if !has(flow, Named::WorkflowCheckpoint) {
        return Ok(());
    }
    if let Ok(journal) = flow.cx.part::<Journal>() {
        journal.settle().await?;
    }
    let data = Map::from([
        ("checkpoint_name", name.into()),
        ("steps_completed", flow.completed().into()),
    ]);
    ask(flow, Named::WorkflowCheckpoint, data, 1).await?;
    Ok(())
}

/// Asks whether what was done may be undone.
pub(super) async fn may_roll_back(flow: &Flow, reason: &str, steps: Vec<Value>) -> bool {
    if !has(flow, Named::WorkflowRollback) {
        return true;
    }
    let data = Map::from([
        ("reason", reason.into()),
        ("target_checkpoint", "start".into()),
        ("steps", Value::List(steps)),
    ]);
    ask(flow, Named::WorkflowRollback, data, 1).await.is_ok()
}

/// Says that one stage follows another.
pub(super) async fn transition(flow: &Flow, from: &str, to: &str) {
    let facts = || {
        Map::from([
            ("from_stage", from.into()),
            ("to_stage", to.into()),
            ("steps_completed", flow.completed().into()),
        ])
    };
    notice(flow, Named::WorkflowStageTransition, facts).await;
    custom(flow, "workflow_step_boundary", "step", || {
        Map::from([("step_name", to.into())])
    })
    .await;
}

pub(super) async fn step_started(flow: &Flow, step: &Step) {
    announce_of(flow, Some(&step.name), "workflow.step.started", || {
        Map::from([
            ("step_name", Value::from(&*step.name)),
            ("step_type", step.work.kind().into()),
        ])
    })
    .await;
}

pub(super) async fn step_ended(flow: &Flow, done: &Done) {
    let kind = match done.is_success() {
        true => "workflow.step.completed",
        false => "workflow.step.failed",
    };
    announce_of(flow, Some(&done.name), kind, || {
        let mut facts = Map::from([
            ("step_name", Value::from(&*done.name)),
            ("step_type", done.kind.into()),
            ("duration_ms", milliseconds(done.duration)),
        ]);
        if let Some(error) = &done.error {
            facts.insert("error", error.message().into());
            facts.insert("error_kind", error.kind().name().into());
        }
        facts
    })
    .await;
}

/// Asks after the `attempt`-th execution; the message of its error may be changed.
pub(super) async fn ended(
    flow: &Flow,
    outcome: &mut Outcome,
    took: Duration,
    attempt: u32,
) -> Result<Verdict> {
    let kind = if outcome.is_success() {
        "workflow.completed"
    } else {
        "workflow.failed"
    };
    announce(flow, kind, || {
        let mut facts = Map::from([("duration_ms", milliseconds(took))]);
        if let Some(failed) = &outcome.failed {
            facts.insert("error", failed.error.message().into());
            facts.insert("error_kind", failed.error.kind().name().into());
        }
        facts
    })
    .await;
    let (point, data) = match &outcome.failed {
        None if has(flow, Named::AfterWorkflowComplete) => (
            Named::AfterWorkflowComplete,
            Map::from([
                ("result", outcome.output.clone()),
                ("final_output", outcome.output.clone()),
                ("results", outcome.outputs()),
                ("steps_completed", flow.completed().into()),
                ("total_duration_ms", milliseconds(took)),
            ]),
        ),
        Some(failed) if has(flow, Named::WorkflowError) => {
            let mut data = error_facts(&failed.error, attempt);
            data.insert("results", outcome.outputs());
            (Named::WorkflowError, data)
        }
        _ => return Ok(Verdict::Go(None)),
    };
    let asked = ask(flow, point, data, attempt).await?;
    if let Some(failed) = &mut outcome.failed {
        reword(&mut failed.error, &asked.data);
    }
    flow.hooks.store(&asked.store, &outcome.output);
    Ok(match asked.decision {
        // What failed is a step, which was repeated already if that was wanted.
        Decision::Retry(again) if outcome.is_success() => repeated(again, attempt),
        Decision::Redirect(target) => Verdict::Redirect(target),
        Decision::Replace(value) => Verdict::Replace(value),
        _ if outcome.is_success() => {
            let told = ["result", "final_output"].map(|name| asked.data.get(name));
            let mut told = told.into_iter().flatten();
            match told.find(|new| **new != outcome.output) {
                Some(changed) => Verdict::Replace(changed.clone()),
                None => Verdict::Go(None),
            }
        }
        _ => Verdict::Go(None),
    })
}

/// Returns whether hooks after an execution may want another one.
pub(super) fn may_repeat(flow: &Flow) -> bool {
    has(flow, Named::AfterWorkflowComplete)
}
