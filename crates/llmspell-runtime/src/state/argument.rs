//! Scopes and keys as scripts pass them.

use std::borrow::Cow;

use llmspell_core::{Error, Result, Value, error};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::key;

/// The scope of a call that names none.
pub(super) const GLOBAL: &str = "global";

/// The kinds of scopes that have an id: `agent:ID`.
pub(super) const KINDS: [&str; 6] = ["agent", "workflow", "step", "session", "user", "custom"];

/// A scope as scripts pass it: a text, a number, or a table `{type, id}`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct ScopeArg(pub(super) String);

/// A key as scripts pass it: a text, or a number, which becomes one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Value")]
pub(super) struct KeyArg(pub(super) String);

impl Default for ScopeArg {
    fn default() -> Self {
        Self(GLOBAL.to_owned())
    }
}

impl TryFrom<Value> for ScopeArg {
    type Error = Error;

    fn try_from(given: Value) -> Result<Self> {
        match given {
            Value::Null => Ok(Self::default()),
            Value::Map(_) => scope_of(&given).map(Self),
            other => text("scope", other).map(Self),
        }
    }
}

impl TryFrom<Value> for KeyArg {
    type Error = Error;

    fn try_from(given: Value) -> Result<Self> {
        text("key", given).map(Self)
    }
}

fn scope_of(given: &Value) -> Result<String> {
    let member = |name: &str| given.get(name).and_then(Value::as_str);
    match (member("type"), member("id")) {
        (Some(GLOBAL), None) => Ok(GLOBAL.to_owned()),
        (Some(kind), Some(id)) if KINDS.contains(&kind) => Ok(format!("{kind}:{id}")),
        _ => Err(error!(
            InvalidArgs,
            "a scope that is a table has a `type`, one of global, {}, and an `id`",
            KINDS.join(", ")
        )),
    }
}

fn text(what: &str, given: Value) -> Result<String> {
    match given {
        Value::Str(text) => Ok(text),
        Value::Int(number) => Ok(number.to_string()),
        Value::Float(number) => Ok(match Value::Float(number).as_int() {
            Some(whole) => whole.to_string(),
            None => number.to_string(),
        }),
        other => Err(error!(
            InvalidArgs,
            "a {what} must be text or a number, got {}",
            other.type_name()
        )),
    }
}

impl JsonSchema for ScopeArg {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Scope".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number", "object"]})
    }
}

impl JsonSchema for KeyArg {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Key".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"]})
    }
}

/// Where the value of a call is, as hooks and events name it.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) scope: String,
    pub(crate) key: String,
}

impl Place {
    /// Reads the place off the arguments of a call.
    ///
    /// - Errors: `InvalidArgs` for a scope or a key that is none.
    pub(crate) fn of(args: &Value) -> Result<Self> {
        let member = |name: &str| args.get(name).cloned().unwrap_or_default();
        Ok(Self {
            scope: ScopeArg::try_from(member("scope"))?.0,
            key: key::normal(&KeyArg::try_from(member("key"))?.0).into_owned(),
        })
    }
}

/// Returns whether the key in a call's arguments is one whose value lives in memory only.
pub(super) fn is_passing(args: &Value) -> bool {
    let given = args.get("key").and_then(Value::as_str);
    given.is_some_and(key::is_passing)
}

/// Returns whether the key in a call's arguments is one whose value must not be shown.
pub(super) fn is_sensitive(args: &Value) -> bool {
    let given = args.get("key").and_then(Value::as_str);
    given.is_some_and(key::is_sensitive)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scopes_are_texts_or_tables() {
        let scope = |given: serde_json::Value| ScopeArg::try_from(Value::from(given));
        for (given, wanted) in [
            (json!(null), "global"),
            (json!(""), ""),
            (json!("agent:a"), "agent:a"),
            (json!(7), "7"),
            (json!({"type": "global"}), "global"),
            (json!({"type": "user", "id": "1"}), "user:1"),
        ] {
            assert_eq!(scope(given).unwrap().0, wanted);
        }
        for given in [
            json!(true),
            json!({}),
            json!({"type": "user"}),
            json!({"type": "x", "id": "1"}),
        ] {
            assert!(scope(given.clone()).is_err(), "{given}");
        }
    }

    #[test]
    fn numbers_are_keys_in_the_same_way_in_every_language() {
        let key = |given: Value| KeyArg::try_from(given).unwrap().0;
        assert_eq!(key(1.into()), "1");
        assert_eq!(key(1.0.into()), "1");
        assert_eq!(key(1.5.into()), "1.5");
        assert!(KeyArg::try_from(Value::Bool(true)).is_err());
    }
}
