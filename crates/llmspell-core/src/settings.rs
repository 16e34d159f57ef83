//! The configuration of single tools.

use std::collections::HashMap;

use serde::de::DeserializeOwned;

use crate::error;
use crate::error::{Error, Result};
use crate::value::Value;

/// The tables `[tools.NAME]` of a run. A tool reads its own with [`Cx::settings`](crate::Cx::settings).
#[derive(Debug, Default)]
pub struct ToolSettings(HashMap<String, Value>);

impl ToolSettings {
    /// Takes the tables, by canonical name.
    pub fn new(each: impl IntoIterator<Item = (String, Value)>) -> Self {
        Self(each.into_iter().collect())
    }

    /// Returns a tool's table as its options; the defaults where nothing is written.
    ///
    /// - Errors: `Config` for a value that does not fit.
    pub fn read<T: DeserializeOwned + Default>(&self, tool: &str) -> Result<T> {
        let Some(table) = self.0.get(tool) else {
            return Ok(T::default());
        };
        table.clone().into_typed().map_err(|cause: Error| {
            error!(Config, "[tools.{tool}]: {}", cause.message())
                .hint("`llmspell config validate` says where it stands")
        })
    }
}
