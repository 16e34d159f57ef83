//! What the executions of a workflow share: the scope `workflow:ID` of `State`.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::hooked;
use super::instance::Workflow;
use super::workflows::Workflows;
use crate::hook::{Hooks, Point};
use crate::state::{OwnScopes, shown};

/// Returns what is shared under a key: what `State.load("workflow:ID", key)` returns.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The workflow.
    workflow: Handle,
    /// The key.
    key: String,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Value> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    OwnScopes::of(&cx).load(&workflow.scope(), &a.key).await
}

/// Shares a value under a key, as `State.save("workflow:ID", key, value)` does.
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
    share(&cx, &workflow, &a.key, a.value).await?;
    Ok(true)
}

/// Shares a value, and tells the hooks of `custom:workflow_shared_data`.
///
/// - Errors: those of `State.save`.
pub(super) async fn share(cx: &Cx, workflow: &Workflow, key: &str, value: Value) -> Result<()> {
    let hooks = cx.part::<Hooks>().ok().filter(|hooks| hooks.has_custom());
    let told = hooks.map(|hooks| (hooks, shown(key, &value)));
    let scopes = OwnScopes::of(cx);
    scopes.save(&workflow.scope(), key, value).await?;
    if let Some((hooks, value)) = told {
        hooked::shared(cx, &hooks, workflow, key, value).await;
    }
    Ok(())
}

/// Returns the value that a key without a scope means: that of the workflow, else the global one; null if there is none.
///
/// - Errors: those of `State.load`.
pub(super) async fn look_up(cx: &Cx, workflow: &Workflow, key: &str) -> Result<Value> {
    let scopes = OwnScopes::of(cx);
    match scopes.load(&workflow.scope(), key).await? {
        Value::Null => scopes.load("global", key).await,
        found => Ok(found),
    }
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
    let state_keys = OwnScopes::of(&cx).keys(&workflow.scope()).await?;
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
