//! `[security]`.

use llmspell_core::Level;
use llmspell_runtime::host::PolicyEnvironment;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What spells, tools and models may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Security {
    /// How far calls may reach.
    pub level: Level,
    /// Whether network tools and remote providers may be used; providers on this machine always may.
    pub allow_network_access: bool,
    /// Environment variables that spells see.
    pub environment: Variables,
}

impl Default for Security {
    fn default() -> Self {
        Self {
            level: Level::Restricted,
            allow_network_access: true,
            environment: Variables::default(),
        }
    }
}

/// Environment variables that spells see. Names with `*`, compared without case; `deny` wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Variables {
    /// What may be read.
    pub allow: Vec<String>,
    /// What may not be read, whatever `allow` says.
    pub deny: Vec<String>,
}

impl Default for Variables {
    fn default() -> Self {
        let PolicyEnvironment { allow, deny } = PolicyEnvironment::default();
        Self { allow, deny }
    }
}
