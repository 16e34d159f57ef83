//! Values that outlive a run, under a scope and a key, and the global `State`.
//!
//! What a call does to the world depends on where values are kept. In a store that outlives the run a read is recorded
//! and a resumed run gets what it read before; a write is recorded with an intent, and one whose outcome is unknown is
//! repeated, since writing a value twice is the same as once. A lost `compare_and_set` cannot be told from one that was
//! won before the crash, so it is in doubt then. In memory, and under `temp:` and `cache:`, values die with the run: there
//! every call is made again, which rebuilds them. A read of a secret is made again as well, since the journal must not
//! have it.

mod all;
mod argument;
pub mod backup;
mod change;
mod compare;
mod compare_and_set;
mod delete;
mod key;
mod list;
mod load;
pub mod migration;
mod own;
mod save;
mod scope;
mod scopes;

use std::sync::{Arc, LazyLock};

use llmspell_core::{Cx, Effect, Error, Map, Module, Op, Result, Value, Veil, error};

pub(crate) use argument::Place;
pub(crate) use compare::same;
pub(crate) use key::{REDACTED, is_sensitive, shown};
pub(crate) use own::OwnScopes;
pub use scopes::StoredScopes;

/// Returns the functions of the global `State`.
pub fn module() -> Module {
    let module = Module::new("state", "State", "Values that outlive a run.")
        .op(Op::new("save", save::save)
            .aliases(&["set"])
            .forms(&[&["key", "value"], &["scope", "key", "value"]])
            .effect(Effect::Idempotent)
            .effect_here(|cx, args| effect(cx, args, Effect::Idempotent))
            .veil(SECRETS))
        .op(Op::new("load", load::load)
            .aliases(&["get"])
            .forms(&[&["key"], &["scope", "key"]])
            .effect(Effect::Read)
            .effect_here(load::effect))
        .op(Op::new("delete", delete::delete)
            .forms(&[&["key"], &["scope", "key"]])
            .effect(Effect::Idempotent)
            .effect_here(|cx, args| effect(cx, args, Effect::Idempotent)))
        .op(Op::new("list", list::list)
            .aliases(&["list_keys", "keys"])
            .positional()
            .effect(Effect::Read)
            .effect_here(|cx, args| effect(cx, args, Effect::Read)))
        .op(Op::new("all", all::all)
            .positional()
            .effect(Effect::Read)
            .effect_here(|cx, args| effect(cx, args, Effect::Read))
            .veil(SECRETS))
        .op(Op::new("compare_and_set", compare_and_set::compare_and_set)
            .forms(&[&["scope", "key", "expected", "value"]])
            .effect(Effect::Once)
            .effect_here(|cx, args| effect(cx, args, Effect::Once))
            .veil(SECRETS));
    backup::add_to(migration::add_to(scope::add_to(module)))
}

/// Returns the op of a verb, for parts of the runtime that do what a script may do.
pub(crate) fn op(verb: &str) -> Result<Arc<Op>> {
    static MODULE: LazyLock<Module> = LazyLock::new(module);
    let found = MODULE.find(verb).cloned();
    found.ok_or_else(|| error!(Bug, "State has no function '{verb}'"))
}

/// Returns what keeps the values of the run.
///
/// - Errors: `Unavailable` if the configuration switches state off.
pub(crate) fn stored(cx: &Cx) -> Result<Arc<StoredScopes>> {
    cx.part::<StoredScopes>().map_err(|_| switched_off())
}

fn switched_off() -> Error {
    error!(Unavailable, "state is switched off").hint("set `state.enabled = true`")
}

/// Returns what a call does to the world whose effect in a durable store is `durable`.
fn effect(cx: &Cx, args: &Value, durable: Effect) -> Effect {
    let outlives = stored(cx).is_ok_and(|stored| stored.is_durable());
    match outlives && !argument::is_passing(args) {
        true => durable,
        false => Effect::Pure,
    }
}

/// Keeps the values of sensitive keys out of the journal.
const SECRETS: Veil = Veil {
    args: veiled_args,
    result: veiled_members,
};

/// Returns arguments with `[REDACTED]` in place of the values of a sensitive key.
fn veiled_args(args: &Value) -> Option<Value> {
    let Value::Map(members) = args else {
        return None;
    };
    if !argument::is_sensitive(args) {
        return None;
    }
    let mut members = members.clone();
    for name in ["value", "expected"] {
        if let Some(value) = members.get_mut(name) {
            *value = REDACTED.into();
        }
    }
    Some(Value::Map(members))
}

/// Returns a map of keys and values with `[REDACTED]` in place of the values of sensitive keys.
fn veiled_members(result: &Value) -> Option<Value> {
    let members = result.as_map()?;
    if !members.keys().any(|key| is_sensitive(key)) {
        return None;
    }
    let veiled = members
        .iter()
        .map(|(key, value)| (key.clone(), shown(key, value)));
    Some(Value::Map(veiled.collect::<Map>()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_of_secrets() {
        let args = json!({"key": "api_token", "value": "t0p", "expected": null}).into();
        let veiled = json!({"key": "api_token", "value": "[REDACTED]", "expected": "[REDACTED]"});
        assert_eq!(veiled_args(&args), Some(veiled.into()));
        assert_eq!(veiled_args(&json!({"key": "a", "value": 1}).into()), None);
        let all = json!({"a": 1, "My_Password": "t0p"}).into();
        let veiled = json!({"a": 1, "My_Password": "[REDACTED]"});
        assert_eq!(veiled_members(&all), Some(veiled.into()));
        assert_eq!(veiled_members(&json!({"a": 1}).into()), None);
        assert_eq!(veiled_members(&true.into()), None);
    }
}
