//! The configuration of single tools.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use crate::error;
use crate::error::{Error, Result};
use crate::value::Value;

/// Makes a JSON Schema when it is asked for.
pub type SchemaFn = fn() -> serde_json::Value;

/// Returns the schema of the options of a tool, as they are written.
pub fn settings_schema<T: JsonSchema>() -> serde_json::Value {
    crate::op::args_schema::<T>()
}

/// The tables `[tools.NAME]` of a run. A tool reads its own with [`Cx::settings`](crate::Cx::settings).
#[derive(Debug, Default)]
pub struct ToolSettings {
    tables: HashMap<String, Value>,
    faults: HashMap<String, Error>,
}

impl ToolSettings {
    /// Takes the tables, by canonical name.
    pub fn new(tables: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self {
            tables: tables.into_iter().collect(),
            faults: HashMap::new(),
        }
    }

    /// Says which tables cannot be used, and why: it concerns only who uses them.
    #[must_use]
    pub fn faulty(mut self, faults: impl IntoIterator<Item = (String, Error)>) -> Self {
        self.faults.extend(faults);
        self
    }

    /// Returns an error if the table of that name cannot be used.
    ///
    /// - Errors: `Config`, as [`faulty`](Self::faulty) was told.
    pub fn check(&self, name: &str) -> Result<()> {
        self.faults
            .get(name)
            .map_or(Ok(()), |fault| Err(fault.clone()))
    }

    /// Returns a tool's table as its options; the defaults where nothing is written.
    ///
    /// - Errors: `Config` for a value that does not fit, and for a table that cannot be used.
    pub fn read<T: DeserializeOwned + Default>(&self, tool: &str) -> Result<T> {
        self.check(tool)?;
        let Some(table) = self.tables.get(tool) else {
            return Ok(T::default());
        };
        table.clone().into_typed().map_err(|cause: Error| {
            error!(Config, "[tools.{tool}]: {}", cause.message())
                .hint("`llmspell config validate` says where it stands")
        })
    }
}
