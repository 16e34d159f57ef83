//! Making workflows, finding them, letting them go.

use llmspell_core::{Cx, Handle, Result, Value, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::read::{KINDS, unknown_kind};
use super::workflows::Workflows;

/// Makes a workflow whose steps run one after the other.
///
/// Members: `name`, `description`, `agents`, `steps`, `error_strategy`, `error_handler`, `timeout_ms`, `on_start`,
/// `on_step_complete`, `on_complete`, `on_error`, `hooks`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SequentialOf {
    /// The configuration.
    config: Value,
}

pub(super) async fn sequential(cx: Cx, a: SequentialOf) -> Result<Handle> {
    make(&cx, "sequential", a.config)
}

/// Makes a workflow whose branches run at the same time.
///
/// Members: those of all workflows, `branches`, `max_concurrency`, `fail_fast`, `join_strategy`, `post_steps`,
/// `on_branch_complete`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ParallelOf {
    /// The configuration.
    config: Value,
}

pub(super) async fn parallel(cx: Cx, a: ParallelOf) -> Result<Handle> {
    make(&cx, "parallel", a.config)
}

/// Makes a workflow of branches of which those run whose condition is true.
///
/// Members: those of all workflows, `branches`, `default_branch`, `pre_steps`, `execute_all_matching`,
/// `execute_default_on_no_match`, or `condition`, `then_branch` and `else_branch`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ConditionalOf {
    /// The configuration.
    config: Value,
}

pub(super) async fn conditional(cx: Cx, a: ConditionalOf) -> Result<Handle> {
    make(&cx, "conditional", a.config)
}

/// Makes a workflow that runs its body again and again.
///
/// Members: those of all workflows, `iterator`, `body`, `max_iterations`, `break_conditions`, `batch_size`,
/// `aggregation_strategy`, `delay_ms`, `on_iteration_complete`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct LoopOf {
    /// The configuration.
    config: Value,
}

pub(super) async fn looped(cx: Cx, a: LoopOf) -> Result<Handle> {
    make(&cx, "loop", a.config)
}

fn make(cx: &Cx, kind: &str, config: Value) -> Result<Handle> {
    let workflow = cx.part::<Workflows>()?.make(cx, kind, config)?;
    Ok(workflow.handle.clone())
}

/// Makes a workflow of that type and returns its id.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    /// `sequential`, `conditional`, `loop` or `parallel`.
    #[serde(rename = "type")]
    #[schemars(rename = "type")]
    kind: String,
    /// The configuration; it needs a `name`.
    config: Value,
}

pub(super) async fn register(cx: Cx, a: Register) -> Result<String> {
    if !KINDS.contains(&a.kind.as_str()) {
        return Err(unknown_kind("Workflow.register", &a.kind));
    }
    if a.config.get("name").and_then(Value::as_str).is_none() {
        return Err(
            error!(InvalidArgs, "Workflow.register: `name` is missing").with("parameter", "name")
        );
    }
    let workflow = cx.part::<Workflows>()?.make(&cx, &a.kind, a.config)?;
    Ok(workflow.id.to_string())
}

/// Returns the types of workflows.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Types {}

pub(super) async fn types(_: Cx, _: Types) -> Result<Vec<&'static str>> {
    Ok(KINDS.to_vec())
}

/// Returns the workflows in the order of their making.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {}

/// A workflow in a listing.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "WorkflowEntry")]
pub(super) struct Entry {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    /// Words for what it makes use of.
    features: Vec<&'static str>,
}

pub(super) async fn list(cx: Cx, _: List) -> Result<Vec<Entry>> {
    let all = cx.part::<Workflows>()?.all();
    Ok(all
        .iter()
        .map(|workflow| Entry {
            id: workflow.id.to_string(),
            name: workflow.name().to_owned(),
            kind: workflow.plan.shape.name(),
            description: workflow.plan.description.clone(),
            features: workflow.features(),
        })
        .collect())
}

/// Returns the workflow of an id or a name, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The id or the name.
    name: String,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Option<Handle>> {
    let found = cx.part::<Workflows>()?.find(&a.name);
    Ok(found.map(|workflow| workflow.handle.clone()))
}

/// Removes a workflow.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Remove {
    /// The id, or the workflow.
    id: Value,
}

pub(super) async fn remove(cx: Cx, a: Remove) -> Result<()> {
    let workflows = cx.part::<Workflows>()?;
    let id = match &a.id {
        Value::Handle(handle) => &*handle.id,
        other => other.as_str().unwrap_or_default(),
    };
    match workflows.remove(id) {
        true => Ok(()),
        false => Err(error!(NotFound, "Workflow '{id}' not found").with("workflow", id)),
    }
}

/// Removes all workflows.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Clear {}

pub(super) async fn clear(cx: Cx, _: Clear) -> Result<()> {
    cx.part::<Workflows>()?.clear();
    Ok(())
}

/// Returns what a type of workflows is and which members it has.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Info {
    /// The type.
    #[serde(rename = "type")]
    #[schemars(rename = "type")]
    kind: String,
}

/// What a type of workflows is.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "WorkflowType")]
pub(super) struct About {
    #[serde(rename = "type")]
    kind: &'static str,
    required: Vec<&'static str>,
    optional: Vec<&'static str>,
    description: &'static str,
}

/// The members that every kind has.
const COMMON: [&str; 9] = [
    "name",
    "description",
    "agents",
    "error_strategy",
    "timeout_ms",
    "on_start",
    "on_complete",
    "on_error",
    "hooks",
];

pub(super) async fn info(_: Cx, a: Info) -> Result<About> {
    Ok(match a.kind.as_str() {
        "sequential" => about(
            "sequential",
            "Runs its steps one after the other.",
            &["steps"],
            &["on_step_complete", "error_handler"],
        ),
        "parallel" => about(
            "parallel",
            "Runs its branches at the same time.",
            &["branches"],
            &[
                "max_concurrency",
                "fail_fast",
                "join_strategy",
                "post_steps",
                "on_branch_complete",
            ],
        ),
        "conditional" => about(
            "conditional",
            "Runs the branches whose condition is true.",
            &["branches"],
            &[
                "default_branch",
                "pre_steps",
                "execute_all_matching",
                "execute_default_on_no_match",
                "condition",
                "then_branch",
                "else_branch",
            ],
        ),
        "loop" => about(
            "loop",
            "Runs its body for each item or number, or as long as a condition is true.",
            &["iterator", "body"],
            &[
                "max_iterations",
                "break_conditions",
                "batch_size",
                "aggregation_strategy",
                "delay_ms",
                "on_iteration_complete",
            ],
        ),
        unknown => return Err(unknown_kind("Workflow.info", unknown)),
    })
}

fn about(
    kind: &'static str,
    description: &'static str,
    required: &[&'static str],
    own: &[&'static str],
) -> About {
    About {
        kind,
        required: required.to_vec(),
        optional: COMMON.iter().chain(own).copied().collect(),
        description,
    }
}
