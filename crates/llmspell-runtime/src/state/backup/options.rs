//! `[state.backup]`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::compression::Compression;

/// Backups of state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// Where they are kept.
    #[schemars(extend("x-unit" = "path"))]
    pub backup_dir: String,
    /// Whether they are compressed.
    pub compression_enabled: bool,
    /// How they are compressed.
    pub compression_type: Compression,
    /// How hard; a kind that knows fewer levels takes its highest one.
    #[schemars(range(min = 1, max = 22))]
    pub compression_level: u32,
    /// Whether one may hold only what changed since the last; if not, each is a full one.
    pub incremental_enabled: bool,
    /// How many are kept, however old.
    pub max_backups: usize,
    /// How long each is kept, however many there are, in seconds; 0 keeps none by its age.
    pub max_backup_age: u64,
    /// Environment variable with the passphrase, of 16 bytes or more, with which they are encrypted. Whoever loses it loses
    /// them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encryption_key_env: Option<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            backup_dir: "./backups".to_owned(),
            compression_enabled: true,
            compression_type: Compression::Zstd,
            compression_level: 3,
            incremental_enabled: true,
            max_backups: 10,
            max_backup_age: 2_592_000,
            encryption_key_env: None,
        }
    }
}

impl Options {
    /// Returns how contents are compressed.
    pub(super) fn compression(&self) -> Compression {
        match self.compression_enabled {
            true => self.compression_type,
            false => Compression::None,
        }
    }
}
