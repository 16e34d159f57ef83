//! The configuration: `llmspell.toml`, environment variables and flags, found, merged, checked.
//!
//! Everything is optional. A value knows where it was written, so that each finding names file, line and column.
//!
//! | file | what it holds |
//! |---|---|
//! | `layers`, `merge` | what is written where, and which of it wins |
//! | `find`, `environment`, `dotenv`, `surroundings` | the places: files, environment variables, the process |
//! | `tree` | values that know where they were written |
//! | `synonyms`, `tools` | other names of keys; the tables of single tools |
//! | `interpolate`, `built_in`, `unset` | `${NAME}` in texts, what it stands for, and when it stands for nothing |
//! | `check`, `rules`, `later`, `quantity` | what types, rules and this version allow; times and sizes |
//! | `draft`, `loaded`, `defaults` | a configuration with its findings, and one in force |
//! | `stores`, `redact` | the URLs of stores; what is secret |
//! | the others | the sections |

mod artifacts;
mod built_in;
mod check;
mod defaults;
mod dotenv;
mod draft;
mod engines;
mod environment;
mod find;
mod interpolate;
mod later;
mod layers;
mod loaded;
mod logging;
mod merge;
mod quantity;
mod redact;
mod rules;
mod runtime;
mod security;
mod sessions;
mod state;
mod stores;
mod surroundings;
mod synonyms;
#[cfg(test)]
mod tests;
mod tools;
mod tree;
mod unset;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use artifacts::Shelving;
pub(crate) use built_in::run_tmp;
pub use check::{Finding, Severity};
pub use draft::Draft;
pub use engines::{Engines, Language};
pub use find::{PROJECT_FILES, user_files};
pub use layers::Selection;
pub use loaded::Loaded;
pub use logging::{Color, LogFormat, Logging, ScriptLevel};
pub use quantity::{bytes, milliseconds};
pub use redact::{HIDDEN, is_secret, redact};
pub use rules::{Names, is_loopback};
pub use runtime::{Budget, Runtime, Unpriced};
pub use security::{FurtherSecrets, Security, Variables};
pub use sessions::{Backend, Endurance, Record, Recording, Storage};
pub use state::Keeping;
pub use surroundings::Surroundings;
pub(crate) use surroundings::current_dir;
pub use synonyms::canonical_path;
pub(crate) use tree::parse as parse_toml;
pub use tree::{Document, Item, Origin, Table, Tree};

/// The whole configuration. Each section is documented where its part of the runtime is.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Config {
    /// The language of `exec`, `repl` and of files without a known extension.
    pub default_engine: Language,
    /// How the configuration itself is read.
    pub config: Reading,
    /// The engines that run spells.
    pub engines: Engines,
    /// The model providers.
    pub providers: llmspell_model::ProvidersOptions,
    /// A run as a whole.
    pub runtime: Runtime,
    /// Values that outlive a run.
    pub state: Keeping,
    /// The record of runs.
    pub sessions: Recording,
    /// What runs make and keep.
    pub artifacts: Shelving,
    /// Where data is kept.
    pub storage: Storage,
    /// Hooks.
    pub hooks: llmspell_runtime::hook::Options,
    /// The event bus.
    pub events: llmspell_runtime::event::Options,
    /// What spells, tools and models may do.
    pub security: Security,
    /// The tools that exist for a run.
    pub tools: llmspell_runtime::tool::Options,
    /// Log records.
    pub logging: Logging,
    /// Spans and numbers for a collector.
    pub telemetry: llmspell_runtime::telemetry::Options,
}

/// How the configuration itself is read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Reading {
    /// Unknown keys are errors.
    pub strict: bool,
    /// Read `.env` in the working directory.
    pub dotenv: bool,
}

/// Returns the JSON Schema of options.
pub fn schema<T: JsonSchema>() -> Json {
    let settings = schemars::generate::SchemaSettings::draft2020_12().with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    settings
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}
