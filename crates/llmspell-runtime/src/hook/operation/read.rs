//! Reads of state, as hooks see them.

use llmspell_core::{Call, Cx, Map, Result, Value};

use super::super::context::{Component, plain};
use crate::state::{Place, shown};

pub(super) fn component(call: &Call) -> Component {
    let scope = Place::of(&call.args).map(|place| place.scope);
    Component::new("State", &scope.unwrap_or_default())
}

/// Returns where the value is. What is no place is refused by the op itself.
pub(super) fn facts(call: &Call) -> Map {
    match Place::of(&call.args) {
        Ok(Place { scope, key }) => Map::from([("scope", scope.into()), ("key", key.into())]),
        Err(_) => Map::new(),
    }
}

/// Returns the arguments with the place that hooks chose.
pub(super) fn arguments(call: &Call, after: &Map) -> Value {
    let mut args = call.args.clone();
    if let Value::Map(args) = &mut args {
        for name in ["scope", "key"] {
            if let Some(value) = after.get(name) {
                args.insert(name, value.clone());
            }
        }
    }
    args
}

/// Adds the value that was found. A null counts as none: a script cannot tell them apart either.
pub(super) fn result_facts(facts: &Map, result: &Value) -> Map {
    let mut told = facts.clone();
    let key = facts.get("key").and_then(Value::as_str).unwrap_or_default();
    told.insert("value", plain(&shown(key, result)));
    told.insert("found", (!result.is_null()).into());
    told
}

/// Reads another key of the same scope.
pub(super) async fn redirected(cx: &Cx, call: &Call, target: &str, args: Value) -> Result<Value> {
    let mut args = args;
    if let Value::Map(args) = &mut args {
        args.insert("key", target.into());
    }
    cx.call(&call.op, args).await
}
