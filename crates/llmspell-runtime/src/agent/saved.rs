//! The state of an agent that outlives the run: what was said, its custom data, how it is set up.
//!
//! It is kept in the scope `agent:ID` under the keys `metadata`, `conversation`, `config` and `custom`; the global key
//! `saved_agents_registry` lists the names.

use llmspell_core::{Cx, Effect, Handle, Map, Module, Name, Op, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::conversation::Conversation;
use super::instance::Agent;
use super::on_agent;
use super::tuning::Tuning;
use crate::hook::{Component, Context, Hooks, Point};
use crate::secret;
use crate::state::{self, OwnScopes};

/// The version of the form.
const FORM: &str = "1.0.0";

/// The global key with the names of saved agents.
const REGISTRY: &str = "saved_agents_registry";

/// Under which keys the parts of an agent are.
const KEYS: [&str; 4] = ["metadata", "conversation", "config", "custom"];

/// Adds the methods.
pub(super) fn add_to(module: Module) -> Module {
    module
        .op(on_agent(Op::new("save_state", save_state)).effect(Effect::Scope))
        .op(on_agent(Op::new("load_state", load_state)).effect(Effect::Scope))
        .op(on_agent(Op::new("delete_state", delete_state)).effect(Effect::Scope))
}

/// Saves the conversation, the custom data and the settings of the agent. Secrets are left out.
#[derive(Deserialize, JsonSchema)]
struct SaveState {
    /// The agent.
    agent: Handle,
}

async fn save_state(cx: Cx, a: SaveState) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    permitted(&cx, &agent, "agent_state_save").await?;
    let [conversation, config, custom] = parts(&cx, &agent)?;
    let metadata = Map::from([
        ("name", agent.name().into()),
        ("description", agent.settings.description.as_str().into()),
        ("id", agent.id.as_str().into()),
        ("schema_version", FORM.into()),
    ]);
    let (scopes, scope) = (OwnScopes::of(&cx), scope_of(&agent));
    let values = [metadata.into(), conversation, config, custom];
    for (key, value) in KEYS.into_iter().zip(values) {
        scopes.save(&scope, key, value).await?;
    }
    let name = agent.name();
    note(&cx, |names| {
        (!names.contains(&name.into())).then(|| names.push(name.into()))
    })
    .await?;
    agent
        .announce(
            &cx,
            "agent_state.saved",
            [
                ("agent_type", agent.agent_type().name().into()),
                ("schema_version", FORM.into()),
            ],
        )
        .await;
    Ok(())
}

/// Returns what is saved, without secrets.
fn parts(cx: &Cx, agent: &Agent) -> Result<[Value; 3]> {
    let mut config = agent.config(Value::Null)?;
    if let Value::Map(config) = &mut config {
        config.shift_remove("tools");
    }
    let conversation = agent.conversation.lock().to_saved()?;
    let custom = Value::Map(agent.custom.lock().clone());
    Ok([conversation, hidden(config), hidden(custom)].map(|part| {
        let secrets = &*cx.host().secrets;
        secret::strike(&part, secrets).unwrap_or(part)
    }))
}

/// Replaces members whose names say that they are secret by a mark that tells whether they changed.
fn hidden(value: Value) -> Value {
    let Value::Map(members) = value else {
        return value;
    };
    let hide = |(name, value): (Name, Value)| match &value {
        Value::Str(text) if secret::is_name(&name) => {
            let hash = blake3::hash(text.as_bytes()).to_hex();
            (name, format!("{}_{}", state::REDACTED, &hash[..8]).into())
        }
        _ => (name, hidden(value)),
    };
    Value::Map(members.into_iter().map(hide).collect::<Map>())
}

/// Brings back what was saved of an agent of that name, and returns whether there was something. What the script said itself
/// when it created the agent stays.
#[derive(Deserialize, JsonSchema)]
struct LoadState {
    /// The agent.
    agent: Handle,
}

async fn load_state(cx: Cx, a: LoadState) -> Result<bool> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let (scopes, scope) = (OwnScopes::of(&cx), scope_of(&agent));
    if scopes.load(&scope, "metadata").await?.is_null() {
        return Ok(false);
    }
    let [conversation, config, custom] = [
        scopes.load(&scope, "conversation").await?,
        scopes.load(&scope, "config").await?,
        scopes.load(&scope, "custom").await?,
    ];
    let conversation = Conversation::from_saved(conversation)?;
    let tuning: Tuning = match config {
        Value::Map(_) => config.into_typed()?,
        _ => Tuning::default(),
    };
    *agent.conversation.lock() = conversation;
    if let Value::Map(custom) = custom {
        *agent.custom.lock() = custom;
    }
    *agent.restored.write() = tuning.without(&agent.settings.said);
    Ok(true)
}

/// Deletes what was saved of the agent.
#[derive(Deserialize, JsonSchema)]
struct DeleteState {
    /// The agent.
    agent: Handle,
}

async fn delete_state(cx: Cx, a: DeleteState) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    permitted(&cx, &agent, "agent_state_delete").await?;
    let (scopes, scope) = (OwnScopes::of(&cx), scope_of(&agent));
    for key in KEYS {
        scopes.delete(&scope, key).await?;
    }
    let name = Value::from(agent.name());
    note(&cx, |names| {
        let at = names.iter().position(|known| *known == name)?;
        names.remove(at);
        Some(())
    })
    .await?;
    agent.announce(&cx, "agent_state.deleted", []).await;
    Ok(())
}

/// Returns where an agent is saved.
fn scope_of(agent: &Agent) -> String {
    format!("agent:{}", agent.id)
}

/// Asks the hooks of `custom:NAME`.
async fn permitted(cx: &Cx, agent: &Agent, name: &str) -> Result<()> {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return Ok(());
    };
    let point = Point::Custom(format!("custom:{name}").into());
    let make = || {
        let facts = Map::from([
            ("scope", scope_of(agent).into()),
            ("agent_id", agent.id.as_str().into()),
            ("agent_name", agent.name().into()),
        ]);
        Context::new(
            cx,
            point.clone(),
            Component::new("Agent", agent.name()),
            facts,
        )
    };
    hooks.permit(cx, point.clone(), make).await.map(drop)
}

/// Changes the list of saved agents; `change` returns nothing if there is nothing to change.
async fn note(cx: &Cx, change: impl Fn(&mut Vec<Value>) -> Option<()>) -> Result<()> {
    let scopes = OwnScopes::of(cx);
    loop {
        let old = scopes.load("global", REGISTRY).await?;
        let mut names = old.as_list().unwrap_or_default().to_vec();
        if change(&mut names).is_none() {
            return Ok(());
        }
        let set = scopes.compare_and_set("global", REGISTRY, old, names.into());
        // Somebody else may have saved an agent in between: once more.
        if set.await? {
            return Ok(());
        }
        cx.check()?;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_that_are_secret_are_marked() {
        let shown = hidden(json!({"api_key": "sk-1", "inner": {"token": "t"}, "n": 1}).into());
        let mark = |place: &str| shown.get(place).and_then(Value::as_str).map(str::len);
        assert_eq!(mark("api_key"), Some("[REDACTED]_12345678".len()));
        assert_eq!(shown.get("n"), Some(&1.into()));
        let inner = shown.get("inner").unwrap();
        assert!(
            inner
                .get("token")
                .unwrap()
                .as_str()
                .unwrap()
                .starts_with("[REDACTED]_")
        );
        assert_ne!(
            hidden(json!({"token": "a"}).into()),
            hidden(json!({"token": "b"}).into())
        );
    }
}
