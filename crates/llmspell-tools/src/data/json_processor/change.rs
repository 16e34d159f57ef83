//! Whole-document changes: merging, patches, flattening.

use json_patch::Patch;
use llmspell_core::{Error, Kind, Map, Result, Value, bail};

/// How documents are merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Merging {
    /// Objects member by member; the later value wins.
    Deep,
    /// As deep, and lists one after the other.
    Concat,
    /// The members of the top level only.
    Shallow,
}

/// Merges `over` into `base`.
pub(super) fn merge(base: Value, over: Value, strategy: Merging) -> Value {
    match (base, over) {
        (Value::Map(mut members), Value::Map(more)) => {
            for (name, value) in more {
                let merged = match members.get_mut(&name).map(std::mem::take) {
                    Some(present) if strategy != Merging::Shallow => {
                        merge(present, value, strategy)
                    }
                    _ => value,
                };
                members.insert(name, merged);
            }
            Value::Map(members)
        }
        (Value::List(mut items), Value::List(more)) if strategy == Merging::Concat => {
            items.extend(more);
            Value::List(items)
        }
        (base, Value::Null) if strategy == Merging::Concat => base,
        (_, over) => over,
    }
}

/// Returns the JSON Patch (RFC 6902) that turns `from` into `to`.
pub(super) fn diff(from: &Value, to: &Value) -> Result<Value> {
    let patch = json_patch::diff(&from.to_serde_json(), &to.to_serde_json());
    Value::from_serialize(&patch)
}

/// Returns the merge patch (RFC 7396) that turns `from` into `to`.
pub(super) fn merge_diff(from: &Value, to: &Value) -> Value {
    let (Value::Map(from), Value::Map(to)) = (from, to) else {
        return to.clone();
    };
    let removed = from
        .keys()
        .filter(|name| !to.contains_key(name))
        .map(|name| (name.clone(), Value::Null));
    let changed = to
        .iter()
        .filter(|(name, value)| from.get(name) != Some(value))
        .map(|(name, value)| {
            let part = from
                .get(name)
                .map_or_else(|| value.clone(), |before| merge_diff(before, value));
            (name.clone(), part)
        });
    Value::Map(removed.chain(changed).collect())
}

/// Applies a JSON Patch (RFC 6902).
///
/// - Errors: `InvalidArgs` if it is none; `Conflict` if a test fails; `Execution` if a step cannot be made.
pub(super) fn patch(document: &Value, patch: &Value) -> Result<Value> {
    let steps: Patch = serde_json::from_value(patch.to_serde_json()).map_err(|failure| {
        Error::new(
            Kind::InvalidArgs,
            format!("parameter 'patch' is no JSON Patch: {failure}"),
        )
        .with("parameter", "patch")
    })?;
    let mut json = document.to_serde_json();
    json_patch::patch(&mut json, &steps).map_err(|failure| {
        Error::new(
            Kind::Execution,
            format!("the patch does not apply: {failure}"),
        )
        .with("path", failure.path.to_string())
        .with("step", failure.operation)
    })?;
    Ok(json.into())
}

/// Applies a merge patch (RFC 7396).
pub(super) fn merge_patch(document: &Value, patch: &Value) -> Value {
    let mut json = document.to_serde_json();
    json_patch::merge(&mut json, &patch.to_serde_json());
    json.into()
}

/// Returns an object with dotted keys: `{a={b={1,2}}}` becomes `{["a.b.0"]=1, ["a.b.1"]=2}`.
///
/// A dot or backslash within a key is written after a backslash. Empty lists and objects stay values.
pub(super) fn flatten(document: &Value) -> Result<Value> {
    if !matches!(document, Value::Map(_) | Value::List(_)) {
        bail!(
            InvalidArgs,
            "operation 'flatten' needs an object or a list, got {}",
            document.type_name()
        );
    }
    let mut flat = Map::new();
    flatten_into(&mut flat, String::new(), document);
    Ok(Value::Map(flat))
}

fn flatten_into(flat: &mut Map, prefix: String, value: &Value) {
    let join = |name: &str| {
        if prefix.is_empty() {
            name.to_owned()
        } else {
            format!("{prefix}.{name}")
        }
    };
    match value {
        Value::Map(members) if !members.is_empty() => {
            for (name, value) in members {
                flatten_into(
                    flat,
                    join(&name.replace('\\', "\\\\").replace('.', "\\.")),
                    value,
                );
            }
        }
        Value::List(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                flatten_into(flat, join(&index.to_string()), value);
            }
        }
        scalar if prefix.is_empty() && matches!(scalar, Value::Map(_) | Value::List(_)) => {}
        scalar => {
            flat.insert(prefix, scalar.clone());
        }
    }
}

/// Reverses [`flatten`]; members `0`, `1`, … without a gap become a list.
///
/// - Errors: `InvalidArgs` if a key leads through a value that is no object; `Limit` for keys of more than 128 parts.
pub(super) fn unflatten(document: &Value) -> Result<Value> {
    let Value::Map(flat) = document else {
        bail!(
            InvalidArgs,
            "operation 'unflatten' needs an object, got {}",
            document.type_name()
        );
    };
    let mut root = Map::new();
    for (key, value) in flat {
        let parts = split(key);
        if parts.len() > llmspell_core::value::MAX_DEPTH {
            bail!(
                Limit,
                "key '{key:.40}…' has more than {} parts",
                llmspell_core::value::MAX_DEPTH
            );
        }
        let mut place = &mut root;
        for part in &parts[..parts.len() - 1] {
            let inner = place
                .entry(part.clone())
                .or_insert_with(|| Value::Map(Map::new()));
            let Value::Map(members) = inner else {
                bail!(
                    InvalidArgs,
                    "key '{key:.80}' leads through a value that is no object"
                );
            };
            place = members;
        }
        let last = parts[parts.len() - 1].clone();
        if place.contains_key(&last) {
            bail!(InvalidArgs, "key '{key:.80}' is both a value and an object");
        }
        place.insert(last, value.clone());
    }
    Ok(with_lists(Value::Map(root)))
}

fn split(key: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut escaped = false;
    for letter in key.chars() {
        match letter {
            '\\' if !escaped => {
                escaped = true;
                continue;
            }
            '.' if !escaped => parts.push(String::new()),
            letter => {
                if let Some(part) = parts.last_mut() {
                    part.push(letter);
                }
            }
        }
        escaped = false;
    }
    parts
}

fn with_lists(value: Value) -> Value {
    let Value::Map(members) = value else {
        return value;
    };
    let is_list = !members.is_empty()
        && (0..members.len()).all(|index| members.contains_key(&index.to_string()));
    if is_list {
        let mut members = members;
        return (0..members.len())
            .map(|index| {
                with_lists(
                    members
                        .get_mut(&index.to_string())
                        .map(std::mem::take)
                        .unwrap_or_default(),
                )
            })
            .collect();
    }
    Value::Map(
        members
            .into_iter()
            .map(|(name, value)| (name, with_lists(value)))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn merging_has_three_strategies() {
        let merged = |strategy| {
            let (base, over) = (
                json!({"a": {"x": 1, "l": [1]}, "b": 1}),
                json!({"a": {"y": 2, "l": [2]}, "c": 3}),
            );
            merge(base.into(), over.into(), strategy).to_serde_json()
        };
        assert_eq!(
            merged(Merging::Deep),
            json!({"a": {"x": 1, "l": [2], "y": 2}, "b": 1, "c": 3})
        );
        assert_eq!(
            merged(Merging::Shallow),
            json!({"a": {"y": 2, "l": [2]}, "b": 1, "c": 3})
        );
        assert_eq!(
            merged(Merging::Concat),
            json!({"a": {"x": 1, "l": [1, 2], "y": 2}, "b": 1, "c": 3})
        );
    }

    #[test]
    fn keys_with_dots_survive_flattening() {
        let value = Value::from(json!({"a.b": {"c": [1, {"d": []}]}, "e": {}}));
        let flat = flatten(&value).unwrap();
        assert_eq!(
            flat.to_serde_json(),
            json!({"a\\.b.c.0": 1, "a\\.b.c.1.d": [], "e": {}})
        );
        assert_eq!(unflatten(&flat).unwrap(), value);
        assert_eq!(
            unflatten(&json!({"a": 1, "a.b": 2}).into())
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
        assert_eq!(
            unflatten(&json!({"a.b": 2, "a": 1}).into())
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
        assert_eq!(
            unflatten(&json!({".".repeat(1000): 1}).into())
                .unwrap_err()
                .kind(),
            Kind::Limit
        );
        assert_eq!(
            unflatten(&json!({".": 1}).into()).unwrap().to_serde_json(),
            json!({"": {"": 1}})
        );
    }

    fn documents() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            any::<i32>().prop_map(|n| json!(n)),
            "[a-z.\\\\]{0,3}".prop_map(|s| json!(s)),
            Just(json!(null))
        ];
        leaf.prop_recursive(3, 20, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(|items| json!(items)),
                prop::collection::btree_map("[a-z.\\\\]{1,3}", inner, 0..4)
                    .prop_map(|members| json!(members)),
            ]
        })
    }

    proptest! {
        #[test]
        fn unflatten_reverses_flatten(document in documents()) {
            let value = Value::from(document);
            if matches!(&value, Value::Map(map) if !map.is_empty()) {
                prop_assert_eq!(unflatten(&flatten(&value).unwrap()).unwrap(), value);
            }
        }

        #[test]
        fn patches_reach_their_target(from in documents(), to in documents()) {
            let (from, to) = (Value::from(from), Value::from(to));
            let steps = diff(&from, &to).unwrap();
            prop_assert_eq!(&patch(&from, &steps).unwrap(), &to);
        }
    }
}
