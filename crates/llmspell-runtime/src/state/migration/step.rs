//! Steps from one version to another.

use llmspell_core::Result;
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::transform::Transformation;
use crate::glob;

/// Names with `*` and `?`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Patterns {
    /// One text.
    One(String),
    /// Several, one of which must fit.
    Several(Vec<String>),
}

impl Default for Patterns {
    fn default() -> Self {
        Self::One("*".to_owned())
    }
}

impl Patterns {
    fn fits(&self, name: &str) -> bool {
        match self {
            Self::One(pattern) => glob::matches(pattern, name),
            Self::Several(patterns) => patterns.iter().any(|one| glob::matches(one, name)),
        }
    }
}

/// A step: which items it changes, and how.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) from: Version,
    pub(super) to: Version,
    keys: Patterns,
    scopes: Patterns,
    pub(super) transformations: Vec<Transformation>,
}

impl Step {
    pub(super) fn new(
        from: Version,
        to: Version,
        (keys, scopes): (Patterns, Patterns),
        transformations: Vec<Transformation>,
    ) -> Result<Self> {
        if from == to {
            return Err(llmspell_core::error!(
                InvalidArgs,
                "a step must lead to another version, got {from} twice"
            ));
        }
        Ok(Self {
            from,
            to,
            keys,
            scopes,
            transformations,
        })
    }

    /// Returns whether it changes the item of a key in a scope.
    pub(super) fn concerns(&self, scope: &str, key: &str) -> bool {
        self.keys.fits(key) && self.scopes.fits(scope)
    }
}
