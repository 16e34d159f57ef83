//! `[artifacts]`.

use llmspell_runtime::artifact;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Config;

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

impl Config {
    /// Returns the bounds of artifacts, of which `[sessions]` has some.
    pub fn artifact_options(&self) -> artifact::Options {
        let (sessions, artifacts) = (&self.sessions, &self.artifacts);
        artifact::Options {
            max_bytes: artifacts.max_bytes,
            max_session_bytes: artifacts.max_session_bytes,
            max_artifacts: sessions.max_artifacts_per_session,
            compression_threshold: sessions.artifact_compression_threshold,
        }
    }
}
