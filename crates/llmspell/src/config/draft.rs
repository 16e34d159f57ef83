//! A configuration that was read, merged and checked, but perhaps is wrong.

use std::path::PathBuf;
use std::sync::Arc;

use llmspell_core::{Error, Kind, Result, bail};
use llmspell_runtime::journal::Redact;

use super::check::{self, Finding, Severity};
use super::layers::{Layers, Selection};
use super::tree::{Document, Item, Tree};
use super::unset::{self, Unset};
use super::{Config, Loaded, Names, Surroundings, built_in, redact, rules, schema, tools};

/// A configuration that was read, merged and checked, with all findings.
#[derive(Debug)]
pub struct Draft {
    /// What the findings are about.
    pub tree: Tree,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// The files in force, the weaker first.
    pub files: Vec<Arc<Document>>,
    /// The profile in force.
    pub profile: Option<String>,
    /// The directory for data.
    pub data_dir: PathBuf,
    /// The environment, `.env` included if it is read.
    pub variables: Vec<(String, String)>,
    unset: Vec<Unset>,
    config: Option<Config>,
}

impl Draft {
    /// Finds, merges and checks the configuration.
    ///
    /// - Errors: `Config` if a file cannot be read or is no TOML, a profile is unknown, two places contradict each
    ///   other. What is wrong with single keys is a finding.
    pub fn read(request: &Selection, surroundings: &Surroundings, names: &Names) -> Result<Self> {
        let Layers {
            mut tree,
            files,
            profile,
            variables,
        } = Layers::read(request, surroundings, names)?;
        let data_dir = built_in::expand(&mut tree, &variables, surroundings);
        let mut unset = Unset::all(&tree);
        let mut findings = Vec::new();
        // The usual start has nothing to check: no schema is built then.
        if tree.as_table().is_some_and(|table| !table.is_empty()) {
            unset::put_off(&mut tree);
            // A key that an account does without is its own affair.
            unset.retain(|unset| unset.tool().is_none() || tree.get(unset.node()).is_some());
            let schema = tools::describe(schema::<Config>(), &tree, names);
            findings = check::check(&mut tree, &schema);
        }
        let config = options(&tree, &mut findings, names);
        Ok(Self {
            tree,
            findings,
            files,
            profile,
            data_dir,
            variables,
            unset,
            config,
        })
    }

    /// Returns whether unknown keys are errors.
    pub fn is_strict(&self) -> bool {
        matches!(
            self.tree.get("config.strict").map(|node| &node.item),
            Some(Item::Bool(true))
        )
    }

    /// Returns the configuration, if there is no error in it.
    ///
    /// - Errors: `Config` with file, line and column of the first error, or of the first unknown key if those are
    ///   errors.
    pub fn load(self) -> Result<Loaded> {
        let strict = self.is_strict();
        let fatal = self.findings.iter().find(|own| own.is_fatal(strict));
        if let Some(finding) = fatal {
            let error = match &finding.origin {
                Some(origin) => origin.error(finding.message.clone()),
                None => Error::new(Kind::Config, finding.message.clone()),
            };
            return Err(match &finding.suggestion {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            });
        }
        let Some(config) = self.config else {
            bail!(Bug, "the configuration has neither errors nor options");
        };
        let written = self.tree.to_json().unwrap_or_default();
        let policy = config.security.environment.policy();
        let extra = &config.security.secrets.extra;
        let hidden = self.variables.iter();
        let hidden = hidden
            .filter(|(name, value)| policy.is_secret(name, value, extra))
            .cloned();
        Ok(Loaded {
            redact: Redact::new(hidden.chain(redact::secrets(&written))),
            config,
            data_dir: self.data_dir,
            variables: self.variables,
            file: self.files.last().map(|file| file.path.clone()),
            unset: self.unset,
            written,
        })
    }
}

/// Reads the options, if nothing is wrong with them so far, and adds what is noticed.
fn options(tree: &Tree, findings: &mut Vec<Finding>, names: &Names) -> Option<Config> {
    if findings
        .iter()
        .any(|finding| finding.severity != Severity::Warning)
    {
        return None;
    }
    match typed(tree) {
        Ok(config) => {
            findings.extend(rules::rules(tree, &config, names));
            Some(config)
        }
        Err(finding) => {
            findings.push(finding);
            None
        }
    }
}

/// Reads the options from a tree that fits their schema.
fn typed(tree: &Tree) -> Result<Config, Finding> {
    let json = tree.to_json().unwrap_or_default();
    serde_path_to_error::deserialize(json).map_err(|failure| {
        let path = failure.path().to_string();
        let origin = tree.get(&path).map_or(&tree.origin, |node| &node.origin);
        Finding::error(&path, format!("'{path}': {}", failure.inner()), origin)
    })
}
