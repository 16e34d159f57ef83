//! `[security]`.

use std::path::PathBuf;

use llmspell_core::Level;
use llmspell_runtime::host::{FileRules, NetworkRules, PolicyEnvironment, ProcessRules};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What spells, tools and models may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Security {
    /// How far calls may reach: `safe` takes files, network and processes away and every grant of tools beyond it, `privileged`
    /// lets `/` be a root.
    pub level: Level,
    /// Whether files may be used; the script itself and its modules are loaded all the same.
    pub allow_file_access: bool,
    /// Whether network tools and remote providers may be used; providers on this machine always may.
    pub allow_network_access: bool,
    /// Whether programs beyond the harmless ones of `process.allow` may run.
    pub allow_process_spawn: bool,
    /// Files.
    pub files: FileRules,
    /// The network.
    pub network: NetworkRules,
    /// Processes.
    pub process: ProcessRules,
    /// Environment variables that spells see.
    pub environment: Variables,
    /// What is struck out of everything that is written, beside what is known to be secret.
    pub secrets: FurtherSecrets,
    /// A file to which a line is added for each call that is refused or needs the level `privileged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "path"))]
    pub audit_file: Option<PathBuf>,
}

impl Security {
    /// Returns whether remote services may be used.
    pub(crate) fn network(&self) -> bool {
        self.allow_network_access && self.level != Level::Safe
    }
}

/// What is struck out of everything that is written, beside what is known to be secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FurtherSecrets {
    /// Names of environment variables, with `*`, whose values are secrets.
    pub extra: Vec<String>,
}

impl Default for Security {
    fn default() -> Self {
        Self {
            level: Level::Restricted,
            allow_file_access: true,
            allow_network_access: true,
            allow_process_spawn: false,
            files: FileRules::default(),
            network: NetworkRules::default(),
            process: ProcessRules::default(),
            environment: Variables::default(),
            secrets: FurtherSecrets::default(),
            audit_file: None,
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
    /// What a run may set for itself and its processes.
    pub allow_set: Vec<String>,
}

impl Variables {
    /// Returns the policy that these lists are.
    pub(crate) fn policy(&self) -> PolicyEnvironment {
        PolicyEnvironment {
            allow: self.allow.clone(),
            deny: self.deny.clone(),
            allow_set: self.allow_set.clone(),
        }
    }
}

impl Default for Variables {
    fn default() -> Self {
        let PolicyEnvironment {
            allow,
            deny,
            allow_set,
        } = PolicyEnvironment::default();
        Self {
            allow,
            deny,
            allow_set,
        }
    }
}
