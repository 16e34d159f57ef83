//! Running workflows, and what decides about failed ones.

use std::sync::{Arc, LazyLock};

use llmspell_core::{Callback, Cx, Effect, Handle, Module, Op, Result, Takes, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::check::{self, Checked};
use super::fields::Place;
use super::flow::Trail;
use super::instance::Workflow;
use super::run;
use super::workflows::Workflows;

/// Runs the workflow and returns how it went.
///
/// A step that fails never raises: the result says which one, and why.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Execute {
    /// The workflow.
    workflow: Handle,
    /// The input: `{{input:…}}` in steps, `input` in functions and conditions.
    #[serde(default)]
    input: Value,
}

pub(super) async fn execute(cx: Cx, a: Execute) -> Result<Value> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    record(&cx, &workflow).await?;
    let (_, result) = run::execute(&cx, &workflow, a.input, Trail::default()).await?;
    Ok(result)
}

/// Notes the plan of an execution in the journal, where `llmspell workflow show` finds it. The call stands beside those
/// of the steps, so that a changed plan changes no id of theirs.
#[derive(Deserialize, JsonSchema)]
struct Planned {
    /// The outline.
    #[allow(dead_code, reason = "it is there for the journal")]
    plan: Value,
}

async fn planned(_: Cx, _: Planned) -> Result<()> {
    Ok(())
}

/// The op whose arguments in a journal hold the outline of a workflow that was executed, as `plan`.
pub const PLAN_OP: &str = "workflow.plan";

async fn record(cx: &Cx, workflow: &Workflow) -> Result<()> {
    static PLANNED: LazyLock<Arc<Op>> = LazyLock::new(|| {
        let module =
            Module::hidden("workflow", "").op(Op::new("plan", planned).effect(Effect::Read));
        crate::clock::op(&module, "plan")
    });
    let args = [("plan", workflow.outline().clone())];
    cx.call(&PLANNED, args.into_iter().collect())
        .await
        .map(drop)
}

/// Runs a workflow, or makes one and runs it.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ExecuteAny {
    /// The workflow, its id or name, or a configuration with `type`.
    workflow: Value,
    /// The input.
    #[serde(default)]
    input: Value,
}

pub(super) async fn execute_any(cx: Cx, a: ExecuteAny) -> Result<Value> {
    run_any(&cx, a.workflow, a.input).await
}

/// Runs a configuration with `type` and returns the result that scripts see.
///
/// - Errors: whatever [`check`](super::check) finds, with the detail `pointer`; a hook's cancellation; the end of the
///   run.
pub async fn run_checked(cx: &Cx, config: Value, input: Value) -> Result<Value> {
    let kind = check::kind_of(&config)?.to_owned();
    let workflow = cx.part::<Workflows>()?.make(cx, &kind, config);
    let workflow = workflow.map_err(|error| Place::default().located(error))?;
    let checked = Checked::of(cx, &workflow.plan);
    if let Some(error) = checked.into_error() {
        return Err(error);
    }
    run_any(cx, workflow.handle.clone().into(), input).await
}

async fn run_any(cx: &Cx, workflow: Value, input: Value) -> Result<Value> {
    let workflows = cx.part::<Workflows>()?;
    let workflow = match &workflow {
        Value::Handle(handle) => workflows.of(handle)?,
        Value::Str(name) => workflows.require(name)?,
        config => {
            let kind = config.get("type").and_then(Value::as_str);
            let kind = kind.ok_or_else(|| {
                error!(InvalidArgs, "Workflow.execute: `type` is missing").with("parameter", "type")
            })?;
            workflows.make(cx, kind, config.clone())?
        }
    };
    let args = [
        ("workflow", Value::from(workflow.handle.clone())),
        ("input", input),
    ];
    cx.call(execute_op(), args.into_iter().collect()).await
}

/// Returns the op behind the method.
fn execute_op() -> &'static Arc<Op> {
    static EXECUTE: LazyLock<Arc<Op>> = LazyLock::new(|| {
        let module = super::module();
        let methods = |op: &&Arc<Op>| op.verb() == "execute" && op.method_of().is_some();
        let execute = module.ops.iter().find(methods);
        execute.expect("the table lists it").clone()
    });
    &EXECUTE
}

/// Sets the function that decides about failed workflows that have none of their own.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SetDefaultErrorHandler {
    /// Gets the error and `{workflow_id, name, phase, step}`; its answer replaces the result. Nothing takes it back.
    #[serde(default)]
    #[schemars(with = "Option<Takes<Value>>")]
    handler: Option<Callback>,
}

pub(super) async fn set_default_error_handler(cx: Cx, a: SetDefaultErrorHandler) -> Result<()> {
    cx.part::<Workflows>()?.set_default_handler(a.handler);
    Ok(())
}

/// Logs the resolved input and the output of every step.
#[derive(Deserialize, JsonSchema)]
pub(super) struct EnableDebug {
    /// Whether it is logged.
    #[serde(default = "yes")]
    on: bool,
}

fn yes() -> bool {
    true
}

pub(super) async fn enable_debug(cx: Cx, a: EnableDebug) -> Result<()> {
    cx.part::<Workflows>()?.set_debug(a.on);
    Ok(())
}

/// Returns whether inputs and outputs of steps are logged.
#[derive(Deserialize, JsonSchema)]
pub(super) struct IsDebugEnabled {}

pub(super) async fn is_debug_enabled(cx: Cx, _: IsDebugEnabled) -> Result<bool> {
    Ok(cx.part::<Workflows>()?.is_debug())
}
