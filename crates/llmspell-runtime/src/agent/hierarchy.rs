//! Which agents stand behind an agent.

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use super::instance::Agent;

/// Deepest level that is shown.
const SHOWN: usize = 32;

/// Returns the tree of an agent and those behind it: `{root = {name, type, id, children}}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetHierarchy {
    /// The name.
    name: String,
}

/// A tree of agents.
#[derive(Serialize, JsonSchema)]
pub(super) struct Hierarchy {
    root: Node,
}

/// An agent and those behind it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "AgentNode")]
struct Node {
    name: String,
    #[serde(rename = "type")]
    agent_type: &'static str,
    id: String,
    children: Vec<Node>,
}

pub(super) async fn get_hierarchy(cx: Cx, a: GetHierarchy) -> Result<Hierarchy> {
    let agents = cx.part::<Agents>()?;
    let agent = agents.require(&a.name)?;
    let root = node(&agents, &agent, SHOWN);
    Ok(Hierarchy { root })
}

/// Shows an agent with its delegates and the agents that it has as tools.
fn node(agents: &Agents, agent: &Agent, levels: usize) -> Node {
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
    let children = match levels {
        0 => Vec::new(),
        levels => delegates
            .chain(given)
            .map(|child| node(agents, &child, levels - 1))
            .collect(),
    };
    Node {
        name: agent.name().to_owned(),
        agent_type: agent.agent_type().name(),
        id: agent.id.clone(),
        children,
    }
}
