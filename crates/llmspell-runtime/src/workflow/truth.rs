//! What counts as true, as equal, and how values become text.

use std::cmp::Ordering;

use llmspell_core::Value;
use llmspell_core::value::to_json;

/// Returns whether a value counts as true: not null, false, 0, `""`, `"false"`, `"null"` nor an empty list or map.
pub(super) fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) | Value::Int(0) => false,
        Value::Float(number) => *number != 0.0 && !number.is_nan(),
        Value::Str(text) => !matches!(text.as_str(), "" | "false" | "null"),
        Value::Bytes(bytes) => !bytes.is_empty(),
        Value::List(items) => !items.is_empty(),
        Value::Map(members) => !members.is_empty(),
        _ => true,
    }
}

/// Returns the text that a value is inserted as.
pub(super) fn text_of(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Str(text) => text.clone(),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => {
            format!("{number:.0}")
        }
        other => to_json(other),
    }
}

/// Returns the number that a value is or spells.
fn number_of(value: &Value) -> Option<f64> {
    match value {
        Value::Str(text) => {
            let number = text.trim().parse::<f64>().ok();
            number.filter(|number| number.is_finite())
        }
        other => other.as_float(),
    }
}

/// Returns whether two values are the same; a number equals the text that spells it.
pub(super) fn is_equal(left: &Value, right: &Value) -> bool {
    if left == right {
        return true;
    }
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| is_equal(left, right))
        }
        (Value::Map(left), Value::Map(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| {
                    right.get(name).is_some_and(|other| is_equal(value, other))
                })
        }
        (Value::Str(_), Value::Str(_)) => false,
        _ => match (number_of(left), number_of(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
    }
}

/// Returns the order of two numbers, or of two texts of which one is no number.
pub(super) fn order(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (number_of(left), number_of(right)) {
        return left.partial_cmp(&right);
    }
    match (left, right) {
        (Value::Str(left), Value::Str(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_false() {
        for falsy in [
            json!(null),
            json!(false),
            json!(0),
            json!(0.0),
            json!(""),
            json!("false"),
            json!("null"),
            json!([]),
            json!({}),
        ] {
            assert!(!is_truthy(&falsy.clone().into()), "{falsy}");
        }
        for truthy in [
            json!(true),
            json!(1),
            json!("0"),
            json!([0]),
            json!({"a": 0}),
        ] {
            assert!(is_truthy(&truthy.clone().into()), "{truthy}");
        }
    }

    #[test]
    fn numbers_and_the_texts_that_spell_them() {
        let equal = |left: serde_json::Value, right: serde_json::Value| {
            is_equal(&Value::from(left), &Value::from(right))
        };
        assert!(equal(json!("42"), json!(42)));
        assert!(equal(json!(1), json!(1.0)));
        assert!(equal(json!([1, {"a": "2"}]), json!([1.0, {"a": 2}])));
        assert!(!equal(json!("1.0"), json!("1")));
        assert!(!equal(json!(null), json!(0)));
        let less = |left: serde_json::Value, right: serde_json::Value| {
            order(&Value::from(left), &Value::from(right)) == Some(Ordering::Less)
        };
        assert!(less(json!("9"), json!("10")));
        assert!(less(json!("a"), json!("b")));
        assert!(!less(json!(null), json!(1)));
        assert!(!less(json!([]), json!(1)));
    }

    #[test]
    fn numbers_are_inserted_in_their_shortest_form() {
        assert_eq!(text_of(&Value::Float(3.0)), "3");
        assert_eq!(text_of(&Value::Float(2.5)), "2.5");
        assert_eq!(text_of(&Value::Null), "");
        assert_eq!(text_of(&json!({"a": [1, "x"]}).into()), r#"{"a":[1,"x"]}"#);
    }
}
