//! `[logging]`.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Log records, on standard error and in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Logging {
    /// `error warn info debug trace`, or a filter such as `warn,llmspell::tools=debug`.
    pub level: String,
    /// How records are written.
    pub format: LogFormat,
    /// When records, errors and tables are coloured.
    pub color: Color,
    /// The least level of what spells log that is shown.
    pub script_level: ScriptLevel,
    /// A file that records are added to as well.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("x-unit" = "path"))]
    pub file: Option<PathBuf>,
    /// Size of the file at which it is renamed `FILE.1` and begins anew; 0 = never.
    #[schemars(extend("x-unit" = "bytes"))]
    pub max_bytes: u64,
    /// How many renamed ones are kept (count).
    #[schemars(range(max = 1000))]
    pub keep: u32,
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            level: "warn".to_owned(),
            format: LogFormat::Text,
            color: Color::Auto,
            script_level: ScriptLevel::Info,
            file: None,
            max_bytes: 10_000_000,
            keep: 5,
        }
    }
}

/// How records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One line for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// A level of log records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScriptLevel {
    /// Failures.
    Error,
    /// What may be wrong.
    Warn,
    /// What happens.
    Info,
    /// How it happens.
    Debug,
    /// Everything.
    Trace,
}

impl ScriptLevel {
    /// Returns the name that configuration uses.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warn => "warn",
            Self::Info => "info",
            Self::Debug => "debug",
            Self::Trace => "trace",
        }
    }
}
