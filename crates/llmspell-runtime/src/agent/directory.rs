//! Making agents, finding them, letting them go.

use llmspell_core::{Cx, Handle, Op, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use super::config::Create;
use super::hooked;
use super::instance::Agent;
use crate::model::Models;

pub(super) fn create_op() -> Op {
    Op::new("create", create)
}

async fn create(cx: Cx, create: Create) -> Result<Handle> {
    let agent = Agent::create(&cx, create)?.announced(&cx).await;
    Ok(agent.handle.clone())
}

/// Creates an agent from a configuration, or lets a further name mean an agent, and returns the name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    /// The name, or the whole configuration.
    name: Value,
    /// The configuration, or an agent.
    #[serde(default)]
    cfg: Value,
}

pub(super) async fn register(cx: Cx, a: Register) -> Result<String> {
    let (name, cfg) = match a.name {
        Value::Str(name) => (Some(name), a.cfg),
        cfg @ Value::Map(_) => (None, cfg),
        other => bail!(
            InvalidArgs,
            "an agent is registered by name or configuration, got {}",
            other.type_name()
        ),
    };
    if let (Value::Handle(handle), Some(name)) = (&cfg, &name) {
        let agents = cx.part::<Agents>()?;
        agents.alias(name, &*agents.of(handle)?);
        return Ok(name.clone());
    }
    let mut create = Create::read(cfg)?;
    if name.is_some() {
        create.name = name;
    }
    if create.name.is_none() {
        return Err(error!(InvalidArgs, "the configuration names no agent").hint("give `name`"));
    }
    let agent = Agent::create(&cx, create)?.announced(&cx).await;
    Ok(agent.name().to_owned())
}

/// Returns the agent that a name means, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The name.
    name: Value,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Option<Handle>> {
    let agents = cx.part::<Agents>()?;
    let name = a
        .name
        .as_str()
        .or_else(|| a.name.get("name").and_then(Value::as_str));
    let agent = name.and_then(|name| agents.named(name));
    Ok(agent.map(|agent| agent.handle.clone()))
}

/// Lists the agents in the order of their making: `{name, id, description, model, state}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {}

/// An agent in a listing.
#[derive(Serialize, JsonSchema)]
pub(super) struct Entry {
    name: String,
    id: String,
    description: String,
    model: String,
    state: &'static str,
}

pub(super) async fn list(cx: Cx, _: List) -> Result<Vec<Entry>> {
    let agents = cx.part::<Agents>()?.all();
    let entries = agents.iter().map(|agent| Entry {
        name: agent.name().to_owned(),
        id: agent.id.clone(),
        description: agent.settings.description.clone(),
        model: agent.model().to_owned(),
        state: agent.state().name(),
    });
    Ok(entries.collect())
}

/// Lists the names of the agents in the order of their making.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListInstances {}

pub(super) async fn list_instances(cx: Cx, _: ListInstances) -> Result<Vec<String>> {
    let agents = cx.part::<Agents>()?.all();
    Ok(agents.iter().map(|agent| agent.name().to_owned()).collect())
}

/// Terminates the agent and frees its name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Destroy {
    /// The agent.
    agent: Handle,
}

pub(super) async fn destroy(cx: Cx, a: Destroy) -> Result<()> {
    let agents = cx.part::<Agents>()?;
    let agent = agents.of(&a.agent)?;
    let cx = cx.as_operation();
    hooked::end(&cx, &agent, "destroy").await?;
    agents.remove(&agent);
    if let Some(connection) = &agent.connection {
        cx.part::<Models>()?.disconnect(connection);
    }
    agent.announce(&cx, "agent.destroyed", []).await;
    Ok(())
}
