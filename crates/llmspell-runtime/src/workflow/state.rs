//! What the executions of a workflow share.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::workflows::Workflows;
use crate::hook::{Hooks, Point};

/// Returns what is shared under a key.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The workflow.
    workflow: Handle,
    /// The key.
    key: String,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Value> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    let found = workflow.state.lock().get(&a.key).cloned();
    Ok(found.unwrap_or_default())
}

/// Shares a value under a key.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Set {
    /// The workflow.
    workflow: Handle,
    /// The key.
    key: String,
    /// The value.
    #[serde(default)]
    value: Value,
}

pub(super) async fn set(cx: Cx, a: Set) -> Result<bool> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    let value = a.value.without_functions()?;
    workflow.state.lock().insert(a.key, value);
    Ok(true)
}

/// Returns what the runtime knows of the workflow.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Keys {
    /// The workflow.
    workflow: Handle,
}

/// What the runtime knows of a workflow while it runs.
#[derive(serde::Serialize, JsonSchema)]
#[schemars(title = "WorkflowDebug")]
pub(super) struct Inside {
    workflow_id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    runtime: Live,
}

/// The present condition of a workflow.
#[derive(serde::Serialize, JsonSchema)]
struct Live {
    created_at: String,
    state_keys: Vec<String>,
    /// Hooks that see this workflow.
    hooks: bool,
}

pub(super) async fn debug(cx: Cx, a: Keys) -> Result<Inside> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    let mut state_keys: Vec<String> = {
        let state = workflow.state.lock();
        state.keys().map(ToString::to_string).collect()
    };
    state_keys.sort();
    let hooks = cx.part::<Hooks>().unwrap_or_default();
    let points = super::watch::POINTS.map(Point::Named);
    Ok(Inside {
        workflow_id: workflow.id.to_string(),
        name: workflow.name().to_owned(),
        kind: workflow.plan.shape.name(),
        runtime: Live {
            created_at: crate::agent::moment::text(workflow.created),
            state_keys,
            hooks: points.iter().any(|point| hooks.has(point)),
        },
    })
}
