//! What agents can do.

use llmspell_core::{Cx, Handle, Map, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::config::AgentType;
use super::instance::Agent;
use super::{metrics, table};
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

pub(super) async fn list_capabilities(cx: Cx, _: ListCapabilities) -> Result<Value> {
    let mut all = Map::new();
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
        let entry = table([
            ("id", agent.id.as_str().into()),
            ("name", agent.name().into()),
            ("description", agent.settings.description.as_str().into()),
            ("config", sampling(&agent).into()),
            ("capabilities", capabilities.into()),
        ]);
        all.insert(agent.name().to_owned(), entry.into());
    }
    Ok(Value::Map(all))
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

pub(super) async fn get_details(cx: Cx, a: GetDetails) -> Result<Value> {
    let agent = cx.part::<Agents>()?.require(&a.name)?;
    let mut config = sampling(&agent);
    config.insert("model".to_owned(), agent.model().into());
    let length = agent.settings.max_conversation_length;
    config.insert("max_conversation_length".to_owned(), length.into());
    config.insert("tools".to_owned(), tool_names(&cx, &agent)?);
    let composition = table([
        ("can_be_wrapped", true.into()),
        ("supports_delegation", agent.composite.is_some().into()),
        ("supports_nesting", true.into()),
    ]);
    Ok(Value::Map(table([
        ("id", agent.id.as_str().into()),
        ("name", agent.name().into()),
        ("description", agent.settings.description.as_str().into()),
        ("state", agent.state().name().into()),
        ("metrics", metrics::of(&cx, &agent).into()),
        ("config", config.into()),
        ("composition", composition.into()),
    ])))
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
    agent.settings.to_value(agent.model(), tools)
}

fn sampling(agent: &Agent) -> Map {
    let settings = &agent.settings;
    table([
        ("system_prompt", settings.system_prompt.as_str().into()),
        ("temperature", settings.temperature.into()),
        ("max_tokens", settings.max_tokens.into()),
    ])
}

fn tool_names(cx: &Cx, agent: &Agent) -> Result<Value> {
    let offer = agent.toolbox.offer(cx)?;
    Ok(offer.names().map(Value::from).collect())
}
