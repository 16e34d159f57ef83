//! How a session that a script made stands, and what may follow.

use std::str::FromStr;

use llmspell_core::{Error, Result, error, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a session stands that a script made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Work is done for it.
    Active,
    /// It waits to be resumed.
    Suspended,
    /// It ended well.
    Completed,
    /// It ended otherwise.
    Failed,
    /// It ended, and was put away.
    Archived,
}

impl Stage {
    const ALL: [Self; 5] = [
        Self::Active,
        Self::Suspended,
        Self::Completed,
        Self::Failed,
        Self::Archived,
    ];

    /// Returns the name that scripts see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Archived => "archived",
        }
    }

    /// Returns whether nothing can be done for it any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Archived)
    }

    /// Returns whether going to `to` changes anything.
    ///
    /// - Errors: `InvalidState` naming both, if it is not possible.
    pub fn step(self, to: Self) -> Result<bool> {
        match (self, to) {
            (Self::Active, Self::Active)
            | (Self::Suspended, Self::Suspended)
            | (Self::Archived, Self::Archived) => Ok(false),
            (Self::Active, Self::Suspended)
            | (Self::Suspended, Self::Active)
            | (Self::Active | Self::Suspended, Self::Completed | Self::Failed)
            | (Self::Completed | Self::Failed, Self::Archived) => Ok(true),
            _ => Err(error!(
                InvalidState,
                "Invalid session state transition from {} to {}",
                self.name(),
                to.name()
            )
            .with("from", self.name())
            .with("to", to.name())),
        }
    }
}

impl FromStr for Stage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL
            .into_iter()
            .find(|stage| stage.name().eq_ignore_ascii_case(text));
        known.ok_or_else(|| {
            let names = Self::ALL.map(Self::name);
            let error = error!(
                InvalidArgs,
                "no status is named '{text}'; known are {}",
                names.join(", ")
            );
            match nearest(text, names).first() {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of the contract, a row for each stage: to active, suspended, completed, failed, archived.
    #[test]
    fn transitions() {
        let rows = Stage::ALL.map(|from| {
            Stage::ALL.map(|to| match from.step(to) {
                Ok(true) => "goes",
                Ok(false) => "stays",
                Err(_) => "no",
            })
        });
        assert_eq!(
            rows,
            [
                ["stays", "goes", "goes", "goes", "no"],
                ["goes", "stays", "goes", "goes", "no"],
                ["no", "no", "no", "no", "goes"],
                ["no", "no", "no", "no", "goes"],
                ["no", "no", "no", "no", "stays"],
            ]
        );
        let error = Stage::Completed.step(Stage::Active).unwrap_err();
        assert_eq!(
            error.message(),
            "Invalid session state transition from completed to active"
        );
    }

    #[test]
    fn names_and_back() {
        for stage in Stage::ALL {
            assert_eq!(stage.name().parse::<Stage>().unwrap(), stage);
        }
        let error = "compleated".parse::<Stage>().unwrap_err();
        assert_eq!(error.hints(), ["did you mean 'completed'?"]);
    }
}
