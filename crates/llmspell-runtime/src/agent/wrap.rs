//! Agents as tools.

use std::sync::Arc;

use llmspell_core::{Cx, Effect, Map, Op, Outcome, Result, SYNONYMS, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::agents::Agents;
use super::config::members;
use super::execute::arguments;
use super::execute_op;
use super::instance::Agent;
use crate::tool::Tools;

/// Makes a tool that runs an agent, and returns the tool's name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct WrapAsTool {
    /// The agent's name, or the agent.
    agent: Value,
    /// `tool_name` (default: the agent's name and `_tool`), `description`.
    #[serde(default)]
    cfg: Value,
}

pub(super) async fn wrap_as_tool(cx: Cx, a: WrapAsTool) -> Result<String> {
    let agents = cx.part::<Agents>()?;
    let agent = match &a.agent {
        Value::Handle(handle) => agents.of(handle)?,
        named => agents.require(named.as_str().unwrap_or_default())?,
    };
    let cfg = members("cfg", a.cfg)?;
    let text = |name: &str, camel: &str| {
        let given = cfg.get(name).or_else(|| cfg.get(camel));
        given.and_then(Value::as_str).map(str::to_owned)
    };
    let name = text("tool_name", "toolName").unwrap_or_else(|| format!("{}_tool", agent.name()));
    let op = agent_tool(&agent, &name, text("description", "description"));
    let tool = cx.part::<Tools>()?.add(op)?;
    Ok(tool.name().to_owned())
}

/// Makes the op of a tool that runs an agent with a text; its data is the answer's text.
pub(super) fn agent_tool(agent: &Arc<Agent>, name: &str, description: Option<String>) -> Op {
    let schema = json!({
        "type": "object",
        "properties": {
            "text": {
                "type": "string",
                "description": "What the agent is asked.",
                SYNONYMS: ["prompt", "input", "query"],
            },
            "parameters": {"type": "object", "description": "Passed along with the text."},
        },
        "required": ["text"],
        "additionalProperties": false,
    });
    let description = description.unwrap_or_else(|| {
        format!(
            "Asks the agent '{}': {}",
            agent.name(),
            agent.settings.description
        )
    });
    let (handle, tool) = (agent.handle.clone(), name.to_owned());
    let body = move |cx: Cx, params: Value| {
        let (handle, tool) = (handle.clone(), tool.clone());
        async move {
            let question = members("parameters", params)?;
            let answer = cx.call(execute_op(), arguments(&handle, question)).await?;
            Value::from_serialize(&outcome(tool, &answer))
        }
    };
    Op::dynamic(name, schema, body)
        .doc(description)
        .effect(Effect::Scope)
        .tool(ToolInfo::new("agent").timeout(agent.settings.timeout))
}

fn outcome(tool: String, answer: &Value) -> Outcome {
    let text = answer.get("text").cloned().unwrap_or_default();
    let of_answer = |name: &str| {
        answer
            .get(name)
            .cloned()
            .map(|value| (name.to_owned(), value))
    };
    let metadata: Map = ["usage", "model", "finish_reason"]
        .into_iter()
        .filter_map(of_answer)
        .collect();
    Outcome {
        metadata,
        ..Outcome::new(tool, text)
    }
}
