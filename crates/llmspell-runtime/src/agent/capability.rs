//! What agents can do.

use indexmap::IndexMap;
use llmspell_core::{Cx, Handle, Map, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use super::config::AgentType;
use super::instance::Agent;
use super::metrics;
use crate::model::Models;

/// The abilities that have a word, in the order in which they are listed.
const WORDS: [&str; 5] = ["streaming", "tools", "context", "multimodal", "composite"];

/// Returns whether an agent has the ability of that word.
fn can(cx: &Cx, agent: &Agent, word: &str) -> Result<bool> {
    let talks = agent.agent_type() != AgentType::Basic;
    Ok(match word {
        "streaming" | "context" => true,
        "composite" => agent.composite.is_some(),
        "tools" => match &agent.settings.target {
            Some(target) => cx.part::<Models>()?.providers().abilities(target)?.tools,
            None => talks && any_delegate(cx, agent, word)?,
        },
        "multimodal" => match (agent.settings.supports_multimodal, &agent.settings.target) {
            (Some(forced), _) => forced,
            (None, Some(target)) => cx.part::<Models>()?.providers().abilities(target)?.images,
            (None, None) => talks && any_delegate(cx, agent, word)?,
        },
        _ => false,
    })
}

fn any_delegate(cx: &Cx, agent: &Agent, word: &str) -> Result<bool> {
    let agents = cx.part::<Agents>()?;
    let delegates = agent
        .composite
        .iter()
        .flat_map(|composite| &composite.delegates);
    for delegate in delegates {
        if let Ok(delegate) = agents.of(delegate)
            && can(cx, &delegate, word)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns what every agent can do: a map from name to `{id, name, description, config, capabilities}`.
///
/// `capabilities` has a truth value for each ability, as `supports_WORD`, and a list part with the words that are true.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListCapabilities {}

/// What an agent can do.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "AgentCapabilities")]
pub(super) struct Entry {
    id: String,
    name: String,
    description: String,
    config: Sampling,
    capabilities: Map,
}

pub(super) async fn list_capabilities(
    cx: Cx,
    _: ListCapabilities,
) -> Result<IndexMap<String, Entry>> {
    let mut all = IndexMap::new();
    for agent in cx.part::<Agents>()?.all() {
        let mut capabilities = Map::new();
        let mut names = Vec::new();
        for word in WORDS {
            let able = can(&cx, &agent, word)?;
            capabilities.insert(format!("supports_{word}"), able.into());
            if able {
                names.push(word);
            }
        }
        // A value is a list or a map: the list part of the entry has digits as names, as a Lua table reads them.
        for (index, word) in names.iter().enumerate() {
            capabilities.insert((index + 1).to_string(), (*word).into());
        }
        let entry = Entry {
            id: agent.id.clone(),
            name: agent.name().to_owned(),
            description: agent.settings.description.clone(),
            config: sampling(&agent),
            capabilities,
        };
        all.insert(agent.name().to_owned(), entry);
    }
    Ok(all)
}

/// Returns the names of the agents with an ability: `streaming tools context multimodal composite`, or a part of the
/// name or description.
#[derive(Deserialize, JsonSchema)]
pub(super) struct DiscoverByCapability {
    /// The word.
    capability: String,
}

pub(super) async fn discover_by_capability(cx: Cx, a: DiscoverByCapability) -> Result<Vec<String>> {
    let word = a.capability.to_lowercase();
    let mut found = Vec::new();
    for agent in cx.part::<Agents>()?.all() {
        let holds = |text: &str| text.to_lowercase().contains(&word);
        let fits = match WORDS.contains(&word.as_str()) {
            true => can(&cx, &agent, &word)?,
            false => holds(agent.name()) || holds(&agent.settings.description),
        };
        if fits {
            found.push(agent.name().to_owned());
        }
    }
    Ok(found)
}

/// Returns the details of an agent: state, metrics, configuration, composition.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetDetails {
    /// The name.
    name: String,
}

/// What is known of an agent.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "AgentDetails")]
pub(super) struct Details {
    id: String,
    name: String,
    description: String,
    state: &'static str,
    metrics: metrics::Counts,
    config: DetailedConfig,
    composition: Composition,
}

/// The settings in an agent's details.
#[derive(Serialize, JsonSchema)]
struct DetailedConfig {
    #[serde(flatten)]
    sampling: Sampling,
    model: String,
    max_conversation_length: usize,
    tools: Vec<String>,
}

/// How an agent may be put together with others.
#[derive(Serialize, JsonSchema)]
struct Composition {
    can_be_wrapped: bool,
    supports_delegation: bool,
    supports_nesting: bool,
}

pub(super) async fn get_details(cx: Cx, a: GetDetails) -> Result<Details> {
    let agent = cx.part::<Agents>()?.require(&a.name)?;
    Ok(Details {
        id: agent.id.clone(),
        name: agent.name().to_owned(),
        description: agent.settings.description.clone(),
        state: agent.state().name(),
        metrics: metrics::of(&cx, &agent),
        config: DetailedConfig {
            sampling: sampling(&agent),
            model: agent.model().to_owned(),
            max_conversation_length: agent.max_conversation_length(),
            tools: tool_names(&cx, &agent)?,
        },
        composition: Composition {
            can_be_wrapped: true,
            supports_delegation: agent.composite.is_some(),
            supports_nesting: true,
        },
    })
}

/// Returns the effective configuration, without secrets.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetConfig {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_config(cx: Cx, a: GetConfig) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let tools = tool_names(&cx, &agent)?;
    agent.config(tools.into())
}

/// How an agent's model is asked.
#[derive(Serialize, JsonSchema)]
struct Sampling {
    system_prompt: String,
    temperature: Option<f64>,
    max_tokens: Option<u64>,
}

fn sampling(agent: &Agent) -> Sampling {
    Sampling {
        system_prompt: agent.system_prompt(),
        temperature: agent.temperature(),
        max_tokens: agent.max_tokens(),
    }
}

fn tool_names(cx: &Cx, agent: &Agent) -> Result<Vec<String>> {
    let offer = agent.toolbox.offer(cx)?;
    Ok(offer.names().map(str::to_owned).collect())
}
