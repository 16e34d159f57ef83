//! Which agents stand behind an agent.

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::instance::Agent;
use super::table;

/// Deepest level that is shown.
const SHOWN: usize = 32;

/// Returns the tree of an agent and those behind it: `{root = {name, type, id, children}}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetHierarchy {
    /// The name.
    name: String,
}

pub(super) async fn get_hierarchy(cx: Cx, a: GetHierarchy) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    let agent = agents.require(&a.name)?;
    Ok(Value::Map(table([("root", node(&agents, &agent, SHOWN))])))
}

/// Shows an agent with its delegates and the agents that it has as tools.
fn node(agents: &Agents, agent: &Agent, levels: usize) -> Value {
    let delegates = agent
        .composite
        .iter()
        .flat_map(|composite| &composite.delegates);
    let delegates = delegates.filter_map(|handle| agents.of(handle).ok());
    let given = agent
        .toolbox
        .agents
        .iter()
        .filter_map(|name| agents.named(name));
    let children: Vec<Value> = match levels {
        0 => Vec::new(),
        levels => delegates
            .chain(given)
            .map(|child| node(agents, &child, levels - 1))
            .collect(),
    };
    Value::Map(table([
        ("name", agent.name().into()),
        ("type", agent.agent_type().name().into()),
        ("id", agent.id.as_str().into()),
        ("children", Value::List(children)),
    ]))
}
