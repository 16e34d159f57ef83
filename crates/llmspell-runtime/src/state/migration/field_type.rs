//! Types of members: what a schema asks of them, and what they can be converted to.

use llmspell_core::{Map, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A type of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A text.
    #[serde(alias = "text")]
    String,
    /// A whole number.
    #[serde(alias = "int")]
    Integer,
    /// Any number.
    #[serde(alias = "float")]
    Number,
    /// A truth value.
    #[serde(alias = "bool")]
    Boolean,
    /// A list.
    #[serde(alias = "array")]
    List,
    /// A map.
    #[serde(alias = "object", alias = "table")]
    Map,
    /// Anything.
    Any,
}

impl Type {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::List => "list",
            Self::Map => "map",
            Self::Any => "any",
        }
    }

    /// Returns whether a value is of the type.
    pub(super) fn fits(self, value: &Value) -> bool {
        match self {
            Self::String => matches!(value, Value::Str(_)),
            Self::Integer => value.as_int().is_some(),
            Self::Number => value.as_float().is_some(),
            Self::Boolean => value.as_bool().is_some(),
            Self::List => value.as_list().is_some(),
            Self::Map => match value {
                Value::Map(_) => true,
                Value::List(items) => items.is_empty(),
                _ => false,
            },
            Self::Any => true,
        }
    }

    /// Returns the value as one of the type, if it can be one without a loss.
    pub(super) fn convert(self, value: &Value) -> Option<Value> {
        match (self, value) {
            (Self::Any, value) => Some(value.clone()),
            (Self::String, Value::Str(_))
            | (Self::List, Value::List(_))
            | (Self::Map, Value::Map(_)) => Some(value.clone()),
            (Self::String, Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
                Some(llmspell_core::value::to_json(value).into())
            }
            (Self::Integer, Value::Str(text)) => {
                let number: i64 = text.trim().parse().ok()?;
                Some(number.into())
            }
            (Self::Integer, Value::Bool(truth)) => Some(i64::from(*truth).into()),
            (Self::Integer, value) => value.as_int().map(Value::Int),
            (Self::Number, Value::Str(text)) => {
                let text = text.trim();
                if let Ok(number) = text.parse::<i64>() {
                    return Some(number.into());
                }
                let number = text.parse::<f64>().ok()?;
                number.is_finite().then(|| number.into())
            }
            (Self::Number, Value::Int(_) | Value::Float(_)) => Some(value.clone()),
            (Self::Boolean, Value::Bool(_)) => Some(value.clone()),
            (Self::Boolean, Value::Str(text)) => match &*text.trim().to_ascii_lowercase() {
                "true" | "yes" | "1" => Some(true.into()),
                "false" | "no" | "0" => Some(false.into()),
                _ => None,
            },
            (Self::Boolean, value) => match value.as_int()? {
                0 => Some(false.into()),
                1 => Some(true.into()),
                _ => None,
            },
            (Self::List, Value::Map(members)) if members.is_empty() => {
                Some(Value::List(Vec::new()))
            }
            (Self::Map, Value::List(items)) if items.is_empty() => Some(Value::Map(Map::new())),
            (Self::List, Value::Str(_) | Value::Int(_) | Value::Float(_) | Value::Bool(_)) => {
                Some(Value::List(vec![value.clone()]))
            }
            _ => None,
        }
    }
}
