//! An agent's tools as scripts see them.

use indexmap::IndexMap;
use llmspell_core::{Cx, Handle, Result, Value, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use crate::tool::{self, Tool, Tools};

/// Returns the names of the tools that the agent may call.
#[derive(Deserialize, JsonSchema)]
pub(super) struct DiscoverTools {
    /// The agent.
    agent: Handle,
}

pub(super) async fn discover_tools(cx: Cx, a: DiscoverTools) -> Result<Vec<String>> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let offer = agent.toolbox.offer(&cx)?;
    Ok(offer.names().map(str::to_owned).collect())
}

/// Returns the names of the tools that an agent may call, as a list.
pub(crate) fn tools_of(cx: &Cx, agent: &Handle) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(agent)?;
    let offer = agent.toolbox.offer(cx)?;
    Ok(offer.names().map(Value::from).collect())
}

/// Returns whether the agent may call a tool.
#[derive(Deserialize, JsonSchema)]
pub(super) struct HasTool {
    /// The agent.
    agent: Handle,
    /// The tool's name.
    name: Value,
}

pub(super) async fn has_tool(cx: Cx, a: HasTool) -> Result<bool> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let offer = agent.toolbox.offer(&cx)?;
    Ok(tool::name_of(&a.name).is_some_and(|name| offer.find(name).is_some()))
}

/// Returns `{name, description, version}` of one of the agent's tools, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetToolMetadata {
    /// The agent.
    agent: Handle,
    /// The tool's name.
    name: Value,
}

pub(super) async fn get_tool_metadata(cx: Cx, a: GetToolMetadata) -> Result<Option<Metadata>> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let offer = agent.toolbox.offer(&cx)?;
    let tool = tool::name_of(&a.name).and_then(|name| offer.find(name));
    Ok(tool.map(|tool| metadata(tool)))
}

/// Returns a map from the names of the agent's tools to `{name, description, version}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetAllToolMetadata {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_all_tool_metadata(
    cx: Cx,
    a: GetAllToolMetadata,
) -> Result<IndexMap<String, Metadata>> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let offer = agent.toolbox.offer(&cx)?;
    let all = offer
        .tools()
        .iter()
        .map(|tool| (tool.name().to_owned(), metadata(tool)));
    Ok(all.collect())
}

/// Calls a tool, counted in the agent's metrics; any tool of the run and those of the agent's own.
#[derive(Deserialize, JsonSchema)]
pub(super) struct InvokeTool {
    /// The agent.
    agent: Handle,
    /// The tool's name.
    name: Value,
    /// Its parameters.
    #[serde(default)]
    params: Value,
}

pub(super) async fn invoke_tool(cx: Cx, a: InvokeTool) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let Some(name) = tool::name_of(&a.name) else {
        bail!(
            InvalidArgs,
            "the tool must be named by text, got {}",
            a.name.type_name()
        );
    };
    let tools = cx.part::<Tools>()?;
    let own = agent.toolbox.offer(&cx)?.find(name).cloned();
    let tool = match own {
        Some(tool) => tool,
        None => tools.require(name)?,
    };
    agent.metrics.lock().tool_invocations += 1;
    let envelope = tool::call(&cx, &tools, &tool, a.params).await?;
    Ok(envelope.into_value())
}

/// What listings say about a tool.
#[derive(Serialize, JsonSchema)]
pub(super) struct Metadata {
    name: String,
    description: String,
    version: String,
}

fn metadata(tool: &Tool) -> Metadata {
    Metadata {
        name: tool.name().to_owned(),
        description: tool.description().to_owned(),
        version: tool.info().version.clone(),
    }
}
