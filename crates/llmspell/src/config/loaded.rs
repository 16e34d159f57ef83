//! A configuration in force.

use std::path::PathBuf;

use llmspell_core::{Error, Result};
use llmspell_runtime::journal::Redact;
use serde_json::Value as Json;

use super::unset::Unset;
use super::{Config, defaults, redact};

/// A configuration in force.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The options.
    pub config: Config,
    /// The directory for data.
    pub data_dir: PathBuf,
    /// The environment, `.env` included if it is read.
    pub variables: Vec<(String, String)>,
    /// What is struck out of everything that is written.
    pub redact: Redact,
    /// The configuration file in force, the nearest of several, if there is one.
    pub file: Option<PathBuf>,
    pub(super) unset: Vec<Unset>,
    pub(super) written: Json,
}

impl Loaded {
    /// Checks that no key of these sections names a variable that is not set. Those of single tools concern nobody else,
    /// see [`faulty_tools`](Self::faulty_tools).
    ///
    /// - Errors: `Config` naming key and variable.
    pub fn require(&self, sections: &[&str]) -> Result<()> {
        let of = |key: &str, section: &str| {
            key.strip_prefix(section)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let mut unset = self.unset.iter().filter(|unset| unset.tool().is_none());
        let missing = unset.find(|unset| sections.iter().any(|section| of(&unset.key, section)));
        missing.map_or(Ok(()), |missing| Err(missing.error()))
    }

    /// Returns the tools whose tables name variables that are not set, with the error for who uses them.
    pub fn faulty_tools(&self) -> impl Iterator<Item = (String, Error)> {
        let faulty = self.unset.iter();
        faulty.filter_map(|unset| Some((unset.tool()?.to_owned(), unset.error())))
    }

    /// Returns the keys whose variable is not set, each with the variable.
    pub fn unset(&self) -> impl Iterator<Item = (&str, &str)> {
        self.unset
            .iter()
            .map(|unset| (unset.key.as_str(), unset.variable.as_str()))
    }

    /// Returns the effective configuration with all defaults, secrets hidden.
    pub fn effective(&self) -> Json {
        let mut effective = defaults::below(&self.written);
        if let Some(storage) = effective["storage"].as_object_mut() {
            storage.insert("dir".into(), self.data_dir.display().to_string().into());
        }
        redact(&mut effective);
        effective
    }
}
