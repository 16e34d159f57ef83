//! The global `Config`: the effective configuration of the run.

use llmspell_core::{Cx, Map, Module, Op, Result, Value, bail};
use parking_lot::RwLock;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::hook::{Component, Context, Hooks, Named, Point};

/// Returns the table of `Config`.
pub fn module() -> Module {
    Module::new(
        "config",
        "Config",
        "The effective configuration; changes last for the run.",
    )
    .op(Op::new("get", get).positional().immediate())
    .op(Op::new("has", has).positional().immediate())
    .op(Op::new("set", set).positional())
}

/// The effective configuration of a run, as a tree of values.
///
/// Secrets never stand in it: whoever makes it writes `***` in their place.
#[derive(Debug, Default)]
pub struct Settings(RwLock<Value>);

impl Settings {
    /// Wraps the effective configuration, secrets already replaced.
    pub fn new(effective: Value) -> Self {
        Self(RwLock::new(effective))
    }

    /// Returns the value at a dotted path.
    pub fn get(&self, path: &str) -> Option<Value> {
        let settings = self.0.read();
        path.split('.')
            .try_fold(&*settings, |value, name| value.get(name))
            .cloned()
    }

    fn set(&self, path: &str, value: Value) -> Result<()> {
        let mut settings = self.0.write();
        let mut place = &mut *settings;
        for name in path.split('.') {
            if place.is_null() {
                *place = Value::Map(Map::new());
            }
            let Value::Map(map) = place else {
                bail!(
                    InvalidArgs,
                    "'{path}' leads through a value that is no table"
                );
            };
            place = map.entry(name.to_owned()).or_insert(Value::Null);
        }
        *place = value;
        Ok(())
    }
}

/// Returns the value at a dotted path of the effective configuration; secrets read as `"***"`.
#[derive(Deserialize, JsonSchema)]
struct Get {
    /// Names of tables and key, separated by dots: `runtime.timeout_ms`.
    path: String,
    /// The answer when nothing is there.
    #[serde(default)]
    default: Value,
}

async fn get(cx: Cx, args: Get) -> Result<Value> {
    Ok(cx
        .part::<Settings>()?
        .get(&args.path)
        .unwrap_or(args.default))
}

/// Returns whether the effective configuration has a value at a dotted path.
#[derive(Deserialize, JsonSchema)]
struct Has {
    /// Names of tables and key, separated by dots.
    path: String,
}

async fn has(cx: Cx, args: Has) -> Result<bool> {
    Ok(cx.part::<Settings>()?.get(&args.path).is_some())
}

/// Sets a value for this run, as `Config.get` reads it.
///
/// - Errors: `denied` for security and credential keys; `invalid_args` if the path leads through a plain value, and for
///   functions.
#[derive(Deserialize, JsonSchema)]
struct Set {
    /// Names of tables and key, separated by dots.
    path: String,
    /// The new value.
    #[serde(default)]
    value: Value,
}

async fn set(cx: Cx, args: Set) -> Result<()> {
    let cx = cx.as_operation();
    if let Some(name) = args.path.split('.').find(|name| is_guarded(name)) {
        let message = format!(
            "setting '{}' is not permitted: '{name}' is a security or credential key",
            args.path
        );
        return Err(llmspell_core::error!(Denied, "{message}")
            .with("resource", args.path.as_str())
            .with("policy", GUARD)
            .hint("set it in llmspell.toml"));
    }
    let value = args.value.without_functions()?;
    let settings = cx.part::<Settings>()?;
    let value = permitted(&cx, &settings, &args.path, value).await?;
    settings.set(&args.path, value)?;
    let facts = || Value::from([("key", args.path.as_str().into())]);
    crate::event::announce(&cx, "runtime", "config.changed", facts).await;
    Ok(())
}

/// Returns the value as the hooks of `ConfigurationChange` leave it.
///
/// - Errors: `Cancelled` if one of them forbids the change.
async fn permitted(cx: &Cx, settings: &Settings, path: &str, value: Value) -> Result<Value> {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return Ok(value);
    };
    let point = Point::Named(Named::ConfigurationChange);
    let changed = hooks.permit(cx, point.clone(), || {
        let data = Map::from([
            ("key", path.into()),
            ("old_value", settings.get(path).unwrap_or_default()),
            ("new_value", value.clone()),
        ]);
        Context::new(cx, point, Component::new("System", "config"), data)
    });
    let changed = changed
        .await?
        .and_then(|mut data| data.shift_remove("new_value"));
    Ok(changed.unwrap_or(value))
}

/// What hooks are told refused a key.
const GUARD: &str = "security and credential keys";

fn is_guarded(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name == "security"
        || ["key", "secret", "token", "password", "credential"]
            .iter()
            .any(|word| name.contains(word))
            && name != "max_tokens"
            && name != "tokens"
}
