//! One agent after the other.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Members, QUESTION, make};

/// Makes a workflow in which each agent gets the text of the one before it.
///
/// The output is the text of the last one.
#[derive(Deserialize, JsonSchema)]
pub(in super::super) struct MultiAgentPipeline {
    /// The name of the workflow.
    #[serde(default)]
    name: Option<String>,
    /// The agents in their order: names, agents or definitions.
    agents: Vec<Value>,
    /// What the first one gets; the input of the execution if absent. May hold tokens.
    #[serde(default)]
    initial_input: Value,
}

pub(in super::super) async fn pipeline(cx: Cx, a: MultiAgentPipeline) -> Result<Handle> {
    let agents = Members::of(&cx, "Workflow.multi_agent_pipeline").all("agents", a.agents)?;
    let mut text = match a.initial_input {
        Value::Null => QUESTION.into(),
        given => given,
    };
    let mut steps = Vec::with_capacity(agents.len());
    for agent in &agents {
        steps.push(agent.asked(text));
        text = format!("{{{{step:{}:text}}}}", agent.name).into();
    }
    let about = "Each agent gets the text of the one before it.";
    make(
        &cx,
        "sequential",
        a.name,
        about,
        [("steps", Value::List(steps))],
    )
}
