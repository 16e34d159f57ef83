//! Types of agents from which new ones are made.

use llmspell_core::{Cx, Handle, Map, Result, Value, error, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::config::{Create, members};
use super::instance::Agent;

/// One type of agent.
struct Template {
    name: &'static str,
    description: &'static str,
    complexity: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

static TEMPLATES: [Template; 3] = [
    Template {
        name: "basic",
        description: "Answers with what it was asked; needs no model",
        complexity: "basic",
        required: &[],
        optional: &["name", "description", "timeout_ms"],
    },
    Template {
        name: "llm",
        description: "A model with memory and the tools that it is given",
        complexity: "standard",
        required: &["model"],
        optional: &[
            "name",
            "description",
            "system_prompt",
            "temperature",
            "max_tokens",
            "tools",
            "schema",
            "max_conversation_length",
            "timeout_ms",
            "resource_limits",
        ],
    },
    Template {
        name: "tool-orchestrator",
        description: "A model with all tools, careful in choosing them",
        complexity: "complex",
        required: &["model"],
        optional: &[
            "name",
            "description",
            "system_prompt",
            "temperature",
            "tools",
            "resource_limits",
        ],
    },
];

/// Lists the types of agents: `{type, description}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Discover {}

/// A type in a listing.
#[derive(Serialize, JsonSchema)]
pub(super) struct Entry {
    #[serde(rename = "type")]
    agent_type: &'static str,
    description: &'static str,
}

pub(super) async fn discover(_: Cx, _: Discover) -> Result<Vec<Entry>> {
    let entry = |template: &Template| Entry {
        agent_type: template.name,
        description: template.description,
    };
    Ok(TEMPLATES.iter().map(entry).collect())
}

/// Lists the names of the templates.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListTemplates {}

pub(super) async fn list_templates(_: Cx, _: ListTemplates) -> Result<Vec<&'static str>> {
    Ok(TEMPLATES.iter().map(|template| template.name).collect())
}

/// Creates an agent from a template.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CreateFromTemplate {
    /// The agent's name.
    name: String,
    /// The template.
    template: String,
    /// What `Agent.create` takes; wins over the template.
    #[serde(default)]
    params: Value,
}

pub(super) async fn create_from_template(cx: Cx, a: CreateFromTemplate) -> Result<Handle> {
    let template = find(&a.template).ok_or_else(|| {
        let error = error!(NotFound, "Template not found: {}", a.template);
        match nearest(&a.template, names()).first() {
            Some(near) => error.hint(format!("did you mean '{near}'?")),
            None => error.hint(format!(
                "there are: {}",
                names().collect::<Vec<_>>().join(", ")
            )),
        }
    })?;
    let mut cfg: Map = Map::from([
        ("description", template.description.into()),
        ("agent_type", template.name.into()),
    ]);
    cfg.extend(members("params", a.params)?);
    cfg.insert("name", a.name.into());
    let create = Create::read(Value::Map(cfg))?;
    let agent = Agent::create(&cx, create)?.announced(&cx).await;
    Ok(agent.handle.clone())
}

/// Describes a type of agents.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetInfo {
    /// The type.
    #[serde(rename = "type")]
    #[schemars(rename = "type")]
    agent_type: String,
}

/// What is known of a type.
#[derive(Serialize, JsonSchema)]
pub(super) struct Info {
    name: &'static str,
    description: &'static str,
    category: &'static str,
    complexity: &'static str,
    required_parameters: &'static [&'static str],
    optional_parameters: &'static [&'static str],
}

pub(super) async fn get_info(_: Cx, a: GetInfo) -> Result<Info> {
    let Some(template) = find(&a.agent_type) else {
        let error = error!(NotFound, "Agent type '{}' not found", a.agent_type);
        let all = names().collect::<Vec<_>>().join(", ");
        return Err(error.hint(format!("there are: {all}")));
    };
    Ok(Info {
        name: template.name,
        description: template.description,
        category: "agent",
        complexity: template.complexity,
        required_parameters: template.required,
        optional_parameters: template.optional,
    })
}

fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|template| template.name)
}

fn find(name: &str) -> Option<&'static Template> {
    let name = name.replace('_', "-");
    TEMPLATES.iter().find(|template| template.name == name)
}
