//! Asking what a workflow is, and what is wrong with it.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::check::Checked;
use super::fields::Remark;
use super::read::{self, KINDS};
use super::workflows::Workflows;

/// Says what is wrong with a configuration. Never raises.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Validate {
    /// The type of the workflow.
    #[serde(rename = "type")]
    #[schemars(rename = "type")]
    kind: String,
    /// The configuration.
    #[serde(default)]
    config: Value,
}

/// What is wrong, and what is odd.
#[derive(Serialize, JsonSchema)]
pub(super) struct Findings {
    valid: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    workflow_id: Option<String>,
    errors: Vec<String>,
    warnings: Vec<String>,
}

pub(super) async fn validate(cx: Cx, a: Validate) -> Result<Findings> {
    let found = match KINDS.contains(&a.kind.as_str()) {
        true => read::plan(&cx, &a.kind, a.config, &a.kind),
        false => Err(read::unknown_kind("Workflow.validate", &a.kind)),
    };
    Ok(match found {
        Ok(plan) => findings(Checked::of(&cx, &plan), None),
        Err(error) => findings(Checked::broken(&error), None),
    })
}

/// Says what is wrong with the workflow: unknown names, branches that never run, tokens that cannot resolve.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ValidateWorkflow {
    /// The workflow.
    workflow: Handle,
}

pub(super) async fn validate_workflow(cx: Cx, a: ValidateWorkflow) -> Result<Findings> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    let checked = Checked::of(&cx, &workflow.plan);
    Ok(findings(checked, Some(workflow.id.to_string())))
}

fn findings(checked: Checked, workflow_id: Option<String>) -> Findings {
    let texts = |remarks: Vec<Remark>| remarks.into_iter().map(|remark| remark.text).collect();
    Findings {
        valid: checked.errors.is_empty(),
        workflow_id,
        errors: texts(checked.errors),
        warnings: texts(checked.warnings),
    }
}

/// Returns what the workflow is.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetInfo {
    /// The workflow.
    workflow: Handle,
}

/// What a workflow is.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "WorkflowInfo")]
pub(super) struct Info {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    description: String,
    /// Steps that are written, those of workflows within included.
    step_count: usize,
}

pub(super) async fn get_info(cx: Cx, a: GetInfo) -> Result<Info> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    Ok(Info {
        id: workflow.id.to_string(),
        name: workflow.name().to_owned(),
        kind: workflow.plan.shape.name(),
        description: workflow.plan.description.clone(),
        step_count: workflow.plan.step_count(),
    })
}
