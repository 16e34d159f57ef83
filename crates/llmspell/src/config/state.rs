//! `[state]`.

use std::path::PathBuf;

use llmspell_runtime::state::backup;
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
    /// Most bytes of all values together, those in memory only aside; 0 = no limit. With a limit each write counts what is
    /// there.
    #[schemars(extend("x-unit" = "bytes"))]
    pub max_total_bytes: u64,
    /// Whether spells may migrate what is kept to another version of its schema.
    pub migration_enabled: bool,
    /// Directory of schemas, `*.toml` and `*.json`, beside the built-in one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "path"))]
    pub schema_directory: Option<PathBuf>,
    /// The version that `state migrate` goes to; the newest if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_version: Option<String>,
    /// Whether a migration begins with a backup, if there are any.
    pub backup_on_migration: bool,
    /// Whether spells may make backups and put them back.
    pub backup_enabled: bool,
    /// Where and how backups are kept.
    pub backup: backup::Options,
}

impl Default for Keeping {
    fn default() -> Self {
        Self {
            enabled: true,
            backend: Backend::Memory,
            path: None,
            max_value_bytes: 10_000_000,
            max_total_bytes: 0,
            migration_enabled: false,
            schema_directory: None,
            schema_version: None,
            backup_on_migration: true,
            backup_enabled: false,
            backup: backup::Options::default(),
        }
    }
}
