//! `[artifacts]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What runs make and keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Shelving {
    /// Largest artifact.
    #[schemars(range(min = 1), extend("x-unit" = "bytes"))]
    pub max_bytes: u64,
    /// Most bytes of all artifacts of a session.
    #[schemars(range(min = 1), extend("x-unit" = "bytes"))]
    pub max_session_bytes: u64,
    /// Whether spilled tool results and long answers of agents become artifacts unasked.
    pub auto_collect: bool,
}

impl Default for Shelving {
    fn default() -> Self {
        Self {
            max_bytes: 100_000_000,
            max_session_bytes: 10_000_000_000,
            auto_collect: true,
        }
    }
}
