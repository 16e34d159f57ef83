//! `[state]`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Backend;

/// Values that outlive a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Keeping {
    /// Whether a run keeps any.
    pub enabled: bool,
    /// Where they are kept; in memory they live as long as the run.
    pub backend: Backend,
    /// Directory of the store; `${data_dir}/state` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "path"))]
    pub path: Option<PathBuf>,
    /// Largest value.
    #[schemars(range(min = 1), extend("x-unit" = "bytes"))]
    pub max_value_bytes: u64,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            enabled: true,
            backend: Backend::Memory,
            path: None,
            max_value_bytes: 10_000_000,
        }
    }
}
