//! What model calls consumed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::value::{Map, Value};

/// Tokens and money of one or several model calls. What is unknown is `None`, never 0.
///
/// - Units: tokens; US dollars. `input_tokens` includes `cached_tokens`, `output_tokens` includes
///   `reasoning_tokens`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens of the answer, reasoning included.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Tokens of the prompt that the provider had cached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Tokens that the provider wrote to its cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write_tokens: Option<u64>,
    /// Tokens of the answer that were reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Price of all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl Usage {
    /// Returns input and output together, if at least one is known.
    pub fn total_tokens(&self) -> Option<u64> {
        sum(self.input_tokens, self.output_tokens)
    }

    /// Adds another call's usage, field by field.
    pub fn add(&mut self, other: &Self) {
        self.input_tokens = sum(self.input_tokens, other.input_tokens);
        self.output_tokens = sum(self.output_tokens, other.output_tokens);
        self.cached_tokens = sum(self.cached_tokens, other.cached_tokens);
        self.cache_write_tokens = sum(self.cache_write_tokens, other.cache_write_tokens);
        self.reasoning_tokens = sum(self.reasoning_tokens, other.reasoning_tokens);
        self.cost_usd = match (self.cost_usd, other.cost_usd) {
            (Some(left), Some(right)) => Some(left + right),
            (left, right) => left.or(right),
        };
    }

    /// Returns whether nothing at all is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the known fields as a map, with `total_tokens`.
    pub fn to_map(&self) -> Map {
        let mut map = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                map.insert(name, value);
            }
        };
        put("input_tokens", self.input_tokens.map(Value::from));
        put("output_tokens", self.output_tokens.map(Value::from));
        put("total_tokens", self.total_tokens().map(Value::from));
        put("cached_tokens", self.cached_tokens.map(Value::from));
        put(
            "cache_write_tokens",
            self.cache_write_tokens.map(Value::from),
        );
        put("reasoning_tokens", self.reasoning_tokens.map(Value::from));
        put("cost_usd", self.cost_usd.map(Value::from));
        map
    }
}

fn sum(left: Option<u64>, right: Option<u64>) -> Option<u64> {
    match (left, right) {
        (Some(left), Some(right)) => Some(left.saturating_add(right)),
        (left, right) => left.or(right),
    }
}
