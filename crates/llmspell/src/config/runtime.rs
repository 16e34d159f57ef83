//! `[runtime]`.

use llmspell_core::Limits;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A run as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Runtime {
    /// Longest time of a run.
    #[schemars(range(min = 1))]
    pub timeout_ms: u64,
    /// Most memory of a run: spell, values, buffers.
    #[schemars(range(min = 1), extend("x-unit" = "bytes"))]
    pub max_memory: u64,
    /// Most effects in flight at once; 0 = no limit.
    pub max_concurrency: usize,
    /// Streaming calls hand out answers piece by piece; otherwise they deliver one piece.
    pub enable_streaming: bool,
    /// Fixes the random numbers and ids of the run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Threads; as many as there are processors if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1024))]
    pub workers: Option<usize>,
    /// What a run may consume.
    pub budget: Budget,
}

impl Default for Runtime {
    fn default() -> Self {
        Self {
            timeout_ms: 300_000,
            max_memory: 1 << 30,
            max_concurrency: 64,
            enable_streaming: true,
            seed: None,
            workers: None,
            budget: Budget::default(),
        }
    }
}

/// What a run may consume; reserved before a call is dispatched.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Budget {
    /// US dollars of all model calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub usd: Option<f64>,
    /// Tokens of all model calls, input and output.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tokens: Option<u64>,
    /// Number of model calls.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requests: Option<u64>,
    /// Models without a price; `deny` when `usd` is set, else `allow`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpriced: Option<Unpriced>,
}

impl Budget {
    /// Returns the limits for the account of a run.
    pub fn limits(&self) -> Limits {
        Limits {
            tokens: self.tokens,
            cost_usd: self.usd,
            requests: self.requests,
            tool_calls: None,
            deny_unpriced: self.unpriced.map(|unpriced| unpriced == Unpriced::Deny),
        }
    }
}

/// What happens to calls of models whose price is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Unpriced {
    /// They are made.
    Allow,
    /// They are refused.
    Deny,
}
