//! When two values are the same to a script.

use llmspell_core::{Name, Value};

/// Returns whether a script of any language would call the values equal: numbers by what they count, maps without regard
/// to order, an empty list as an empty map.
pub(crate) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Int(left), Value::Float(right)) | (Value::Float(right), Value::Int(left)) => {
            Value::Float(*right).as_int() == Some(*left)
        }
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(l, r)| same(l, r))
        }
        (Value::Map(left), Value::Map(right)) => {
            let found = |(name, value): (&Name, &Value)| {
                right.get(name).is_some_and(|other| same(value, other))
            };
            left.len() == right.len() && left.iter().all(found)
        }
        (Value::List(list), Value::Map(map)) | (Value::Map(map), Value::List(list)) => {
            list.is_empty() && map.is_empty()
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_the_same() {
        let same = |left: serde_json::Value, right: serde_json::Value| {
            same(&Value::from(left), &Value::from(right))
        };
        assert!(same(json!(1), json!(1.0)));
        assert!(!same(json!(1), json!(1.5)));
        assert!(same(json!({"a": 1, "b": [2]}), json!({"b": [2.0], "a": 1})));
        assert!(same(json!([]), json!({})));
        assert!(!same(json!([1]), json!({"1": 1})));
        assert!(!same(json!({"a": null}), json!({"b": null})));
        assert!(!same(json!("1"), json!(1)));
    }
}
