//! An agent's state as text, its free data, and its records in the log.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::config::members;

/// Returns the name of the state in which the agent is.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetAgentState {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_agent_state(cx: Cx, a: GetAgentState) -> Result<&'static str> {
    Ok(cx.part::<Agents>()?.of(&a.agent)?.state().name())
}

/// Returns the name of the agent's state, or its custom data of a name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetState {
    /// The agent.
    agent: Handle,
    /// The name of custom data.
    key: Option<String>,
}

pub(super) async fn get_state(cx: Cx, a: GetState) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    Ok(match a.key {
        None => agent.state().name().into(),
        Some(key) => agent.custom.lock().get(&key).cloned().unwrap_or_default(),
    })
}

/// Merges a table into the agent's custom data; a null removes.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SetState {
    /// The agent.
    agent: Handle,
    /// The data.
    data: Value,
}

pub(super) async fn set_state(cx: Cx, a: SetState) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let data = members("data", a.data.without_functions()?)?;
    let mut custom = agent.custom.lock();
    custom.extend(data);
    custom.retain(|_, value| !value.is_null());
    Ok(())
}

/// Writes a record to the log, with the agent's name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct LogEvent {
    /// The agent.
    agent: Handle,
    /// A word for what happened.
    #[serde(rename = "type")]
    #[schemars(rename = "type")]
    event: String,
    /// What happened.
    message: String,
}

pub(super) async fn log_event(cx: Cx, a: LogEvent) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    tracing::info!(target: "llmspell::agent", agent = agent.name(), event = a.event, "{}", a.message);
    Ok(())
}
