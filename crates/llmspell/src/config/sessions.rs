//! `[sessions]` and `[storage]`.

use std::path::PathBuf;

use llmspell_runtime::session::Rules;
use llmspell_store::Durability;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Config;

/// The record of runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Recording {
    /// Whether runs are sessions at all.
    pub enabled: bool,
    /// Which runs are recorded.
    pub record: Record,
    /// Where sessions are kept.
    pub storage_backend: Backend,
    /// Directory of the sessions; `${data_dir}/sessions` if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "path"))]
    pub path: Option<PathBuf>,
    /// What a recorded call survives.
    pub durability: Endurance,
    /// Most sessions of scripts that are active at once (count).
    pub max_sessions: u64,
    /// Seconds without work after which a session is suspended; 0 is never.
    #[schemars(extend("x-unit" = "s"))]
    pub session_timeout_seconds: u64,
    /// Days that sessions are kept after their end.
    pub retention_days: u64,
    /// Seconds between snapshots; 0 is never. The journal is always current.
    #[schemars(extend("x-unit" = "s"))]
    pub auto_save_interval_seconds: u64,
    /// Most artifacts of a session (count).
    #[schemars(range(min = 1))]
    pub max_artifacts_per_session: u64,
    /// Artifacts of this size and above are compressed, if that makes them smaller.
    #[schemars(extend("x-unit" = "bytes"))]
    pub artifact_compression_threshold: u64,
}

impl Default for Recording {
    fn default() -> Self {
        Self {
            enabled: true,
            record: Record::All,
            storage_backend: Backend::Sqlite,
            path: None,
            durability: Endurance::Process,
            max_sessions: 100,
            session_timeout_seconds: 3600,
            retention_days: 30,
            auto_save_interval_seconds: 300,
            max_artifacts_per_session: 1000,
            artifact_compression_threshold: 10_240,
        }
    }
}

impl Config {
    /// Returns what holds for the sessions of scripts, of which `[artifacts]` says something.
    pub(crate) fn session_rules(&self) -> Rules {
        let sessions = &self.sessions;
        Rules {
            enabled: sessions.enabled,
            max_sessions: sessions.max_sessions,
            max_idle_secs: sessions.session_timeout_seconds,
            auto_save_interval_secs: sessions.auto_save_interval_seconds,
            retention_days: sessions.retention_days,
            max_artifacts: sessions.max_artifacts_per_session,
            auto_collect: self.artifacts.auto_collect,
            ..Rules::default()
        }
    }
}

/// Which runs are recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Record {
    /// Every run, from its first call worth recording on.
    All,
    /// Runs for which a session is asked for.
    Explicit,
    /// No run.
    None,
}

/// Where something is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Backend {
    /// An SQLite database.
    Sqlite,
    /// A sled database.
    Sled,
    /// A RocksDB database.
    RocksDb,
    /// The memory of the process.
    Memory,
}

impl Backend {
    /// Returns the name that configuration uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Sled => "sled",
            Self::RocksDb => "rocksdb",
            Self::Memory => "memory",
        }
    }
}

/// What a recorded call survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Endurance {
    /// The end of the process, also by `kill -9`.
    Process,
    /// The loss of power.
    Power,
}

impl Endurance {
    /// Returns what the store has to do for it.
    pub(crate) fn of_store(self) -> Durability {
        match self {
            Self::Process => Durability::Process,
            Self::Power => Durability::Power,
        }
    }
}

/// Where data is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Storage {
    /// The directory for all data: `./.llmspell` if it exists, else the user's data directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "path"))]
    pub dir: Option<PathBuf>,
}
