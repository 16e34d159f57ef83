//! Contexts, and the memory that all agents share.

use std::collections::HashMap;
use std::sync::Arc;

use llmspell_core::{Call, CallId, Cx, Map, Result, Value, bail, error};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;
use uuid::Builder;

use super::agents::Agents;

type Data = Arc<Mutex<Map>>;

/// The contexts of a run and its shared memory, which is keyed by scope.
#[derive(Debug, Default)]
pub(super) struct Contexts {
    open: Mutex<HashMap<String, Context>>,
    shared: Mutex<HashMap<String, Map>>,
}

#[derive(Clone, Debug)]
struct Context {
    data: Data,
    /// Where reading goes on that finds nothing here.
    parent: Option<String>,
    scope: Option<String>,
}

/// How a child sees the data of its parent.
#[derive(Clone, Copy)]
enum Inheritance {
    /// Reading falls through to the parent.
    Inherit,
    /// It gets a copy.
    Copy,
    /// Both write to one table.
    Share,
    /// Not at all.
    Isolate,
}

impl Inheritance {
    fn parse(name: Option<&str>) -> Result<Self> {
        Ok(match name {
            None | Some("inherit") => Self::Inherit,
            Some("copy") => Self::Copy,
            Some("share") => Self::Share,
            Some("isolate") => Self::Isolate,
            Some(other) => {
                return Err(error!(InvalidArgs, "unknown inheritance '{other}'")
                    .hint("known are inherit, copy, share and isolate"));
            }
        })
    }
}

impl Contexts {
    fn with<T>(&self, id: &str, act: impl FnOnce(&Context) -> T) -> Result<T> {
        match self.open.lock().get(id) {
            Some(context) => Ok(act(context)),
            None => Err(error!(NotFound, "no context with the id '{id}'").with("context", id)),
        }
    }

    /// Returns everything that can be read in a context: shared memory, the parents' data, its own.
    pub(super) fn visible(&self, id: &str) -> Result<Map> {
        let chain = self.chain(id)?;
        let scope = chain.first().and_then(|context| context.scope.clone());
        let shared = scope.and_then(|scope| self.shared.lock().get(&scope).cloned());
        let mut all = shared.unwrap_or_default();
        for context in chain.iter().rev() {
            all.extend(context.data.lock().clone());
        }
        Ok(all)
    }

    fn read(&self, id: &str, key: &str) -> Result<Value> {
        let chain = self.chain(id)?;
        let own = chain
            .iter()
            .find_map(|context| context.data.lock().get(key).cloned());
        let shared = || {
            let scope = chain.first()?.scope.clone()?;
            self.shared.lock().get(&scope)?.get(key).cloned()
        };
        Ok(own.or_else(shared).unwrap_or_default())
    }

    /// Returns a context and those to which its reading falls through, itself first.
    fn chain(&self, id: &str) -> Result<Vec<Context>> {
        let mut chain = vec![self.with(id, Context::clone)?];
        let open = self.open.lock();
        while let Some(parent) = chain
            .last()
            .and_then(|context| open.get(context.parent.as_ref()?))
        {
            chain.push(parent.clone());
        }
        Ok(chain)
    }

    fn add(&self, cx: &Cx, context: Context) -> String {
        let place = CallId::content(cx.id(), "agent.context", "");
        let CallId(bytes) = place.nth(cx.count(place));
        let id = Builder::from_custom_bytes(bytes).into_uuid().to_string();
        self.open.lock().insert(id.clone(), context);
        id
    }
}

/// Reads a scope: `{type = "global"}`, or `{type, id}` of a session, workflow, agent or user.
fn scope(value: &Value) -> Result<Option<String>> {
    let name = match value {
        Value::Null => return Ok(None),
        Value::Str(name) => Some(name.as_str()),
        value => value.get("type").and_then(Value::as_str),
    };
    match name {
        Some("global") => Ok(Some("global".to_owned())),
        Some(kind @ ("session" | "workflow" | "agent" | "user")) => match value.get("id") {
            Some(Value::Str(id)) if !id.is_empty() => Ok(Some(format!("{kind}:{id}"))),
            _ => bail!(InvalidArgs, "a scope of the type '{kind}' needs an `id`"),
        },
        Some(other) => Err(error!(InvalidArgs, "unknown type of scope '{other}'")
            .hint("known are global, session, workflow, agent and user")),
        None => bail!(InvalidArgs, "a scope is a table with a `type`"),
    }
}

fn required_scope(value: &Value) -> Result<String> {
    match scope(value)? {
        Some(scope) => Ok(scope),
        None => bail!(InvalidArgs, "the scope is missing"),
    }
}

/// Makes a context and returns its id.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CreateContext {
    /// The conversation that it belongs to.
    conversation_id: Option<String>,
    /// The user.
    user_id: Option<String>,
    /// The session.
    session_id: Option<String>,
    /// Whose shared memory is read: `{type = "global"}` or `{type, id}`.
    #[serde(default)]
    scope: Value,
    /// What children see if they do not say: `inherit`, `copy`, `share`, `isolate`.
    inheritance: Option<String>,
    /// First data.
    #[serde(default)]
    data: Value,
    /// `{permissions, level}`, kept with the context.
    #[serde(default)]
    security: Value,
}

pub(super) async fn create_context(cx: Cx, a: CreateContext) -> Result<String> {
    Inheritance::parse(a.inheritance.as_deref())?;
    let mut data = super::config::members("data", a.data.without_functions()?)?;
    let mut put = |name: &str, value: Value| {
        if !value.is_null() {
            data.entry(name.to_owned()).or_insert(value);
        }
    };
    put("conversation_id", a.conversation_id.into());
    put("user_id", a.user_id.into());
    put("session_id", a.session_id.into());
    put("security", a.security.without_functions()?);
    let context = Context {
        data: Arc::new(Mutex::new(data)),
        parent: None,
        scope: scope(&a.scope)?,
    };
    Ok(cx.part::<Agents>()?.contexts.add(&cx, context))
}

/// Makes a context below another one and returns its id.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CreateChildContext {
    /// The id of the parent.
    parent_id: String,
    /// Whose shared memory is read; the parent's if absent.
    #[serde(default)]
    scope: Value,
    /// How it sees the parent's data: `inherit`, `copy`, `share`, `isolate`.
    inheritance: Option<String>,
}

pub(super) async fn create_child_context(cx: Cx, a: CreateChildContext) -> Result<String> {
    let agents = cx.part::<Agents>()?;
    let contexts = &agents.contexts;
    let inheritance = Inheritance::parse(a.inheritance.as_deref())?;
    let parent = contexts.with(&a.parent_id, Context::clone)?;
    let empty = || Arc::new(Mutex::new(Map::new()));
    let (data, above) = match inheritance {
        Inheritance::Inherit => (empty(), Some(a.parent_id)),
        Inheritance::Copy => {
            let copy = contexts.visible_data(&a.parent_id)?;
            (Arc::new(Mutex::new(copy)), None)
        }
        Inheritance::Share => (parent.data.clone(), parent.parent.clone()),
        Inheritance::Isolate => (empty(), None),
    };
    let context = Context {
        data,
        parent: above,
        scope: scope(&a.scope)?.or(parent.scope),
    };
    Ok(contexts.add(&cx, context))
}

impl Contexts {
    /// Returns the data of a context and of those to which its reading falls through, without shared memory.
    fn visible_data(&self, id: &str) -> Result<Map> {
        let mut all = Map::new();
        for context in self.chain(id)?.iter().rev() {
            all.extend(context.data.lock().clone());
        }
        Ok(all)
    }
}

/// Returns the user of the context that an agent is executed with, if it has one.
pub(crate) fn user_of(call: &Call) -> Option<Value> {
    let id = call.args.get("context_id")?.as_str()?;
    if call.op.name() != "agent.execute_with_context" {
        return None;
    }
    let visible = call.cx.part_ref::<Agents>()?.contexts.visible(id).ok()?;
    let user = visible
        .get("user_id")
        .filter(|user| user.as_str().is_some());
    user.cloned()
}

/// Writes a context's own data.
#[derive(Deserialize, JsonSchema)]
pub(super) struct UpdateContext {
    /// The id.
    id: String,
    /// The name.
    key: String,
    /// The value; nothing removes it.
    #[serde(default)]
    value: Value,
}

pub(super) async fn update_context(cx: Cx, a: UpdateContext) -> Result<()> {
    let agents = cx.part::<Agents>()?;
    let value = a.value.without_functions()?;
    agents
        .contexts
        .with(&a.id, |context| put(&mut context.data.lock(), a.key, value))
}

/// Reads data: the context's own, its parents', then the shared memory of its scope.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetContextData {
    /// The id.
    id: String,
    /// The name.
    key: String,
}

pub(super) async fn get_context_data(cx: Cx, a: GetContextData) -> Result<Value> {
    cx.part::<Agents>()?.contexts.read(&a.id, &a.key)
}

/// Removes a context; its children become roots.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RemoveContext {
    /// The id.
    id: String,
}

pub(super) async fn remove_context(cx: Cx, a: RemoveContext) -> Result<()> {
    let agents = cx.part::<Agents>()?;
    let mut open = agents.contexts.open.lock();
    match open.remove(&a.id) {
        Some(_) => Ok(()),
        None => Err(error!(NotFound, "no context with the id '{}'", a.id).with("context", a.id)),
    }
}

/// Writes to the memory that all agents share.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SetSharedMemory {
    /// `{type = "global"}` or `{type, id}`.
    scope: Value,
    /// The name.
    key: String,
    /// The value; nothing removes it.
    #[serde(default)]
    value: Value,
}

pub(super) async fn set_shared_memory(cx: Cx, a: SetSharedMemory) -> Result<()> {
    let agents = cx.part::<Agents>()?;
    let (scope, value) = (required_scope(&a.scope)?, a.value.without_functions()?);
    let mut shared = agents.contexts.shared.lock();
    put(shared.entry(scope).or_default(), a.key, value);
    Ok(())
}

/// Reads from the memory that all agents share.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetSharedMemory {
    /// `{type = "global"}` or `{type, id}`.
    scope: Value,
    /// The name.
    key: String,
}

pub(super) async fn get_shared_memory(cx: Cx, a: GetSharedMemory) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    let scope = required_scope(&a.scope)?;
    let shared = agents.contexts.shared.lock();
    Ok(shared
        .get(&scope)
        .and_then(|data| data.get(&a.key))
        .cloned()
        .unwrap_or_default())
}

fn put(data: &mut Map, key: String, value: Value) {
    if value.is_null() {
        data.shift_remove(&key);
    } else {
        data.insert(key, value);
    }
}
