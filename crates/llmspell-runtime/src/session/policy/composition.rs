//! What several policies decide together.

use llmspell_core::{Error, Result, Value, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What several policies decide together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(title = "SessionPolicyComposition")]
pub(super) enum Composition {
    /// They are asked one after the other, and the first that refuses decides.
    #[default]
    Sequential,
    /// All are asked, and one that refuses is enough.
    Parallel,
    /// All are asked, and a call is made if this share of them allows it.
    Voting(f64),
}

impl Composition {
    /// Reads a name, or `{type = "voting", threshold}`.
    pub(super) fn read(written: Value) -> Result<Self> {
        let (name, threshold) = match &written {
            Value::Null => return Ok(Self::default()),
            Value::Str(name) => (name.as_str(), None),
            table => {
                let threshold = table.get("threshold").and_then(Value::as_float);
                let name = table.get("type").and_then(Value::as_str);
                (name.unwrap_or_default(), threshold)
            }
        };
        match (name, threshold.unwrap_or(0.5)) {
            ("sequential", _) => Ok(Self::Sequential),
            ("parallel", _) => Ok(Self::Parallel),
            ("voting", share) if (0.0..=1.0).contains(&share) => Ok(Self::Voting(share)),
            _ => Err(error!(
                InvalidArgs,
                "`config.policies.composition` must be 'sequential', 'parallel' or {{type = 'voting', threshold}} with a \
                 share from 0 to 1"
            )),
        }
    }

    /// Returns whether a refusal decides before others are asked.
    pub(super) fn stops_early(self) -> bool {
        self == Self::Sequential
    }

    /// Returns what the refusals of `asked` policies mean, the most important one first.
    ///
    /// - Errors: that one, if the call may not be made.
    pub(super) fn decide(self, refusals: Vec<Error>, asked: usize) -> Result<()> {
        let allowed = asked.saturating_sub(refusals.len());
        let is_enough = match self {
            Self::Voting(share) => allowed as f64 >= share * asked as f64,
            Self::Sequential | Self::Parallel => false,
        };
        match refusals.into_iter().next() {
            Some(refusal) if !is_enough => Err(refusal),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_share_of_those_that_allow_may_be_enough() {
        let refused = |count: usize| vec![Error::new(Kind::Limit, "no"); count];
        for (composition, refusals, allowed) in [
            (Composition::Sequential, 0, true),
            (Composition::Sequential, 1, false),
            (Composition::Parallel, 1, false),
            (Composition::Voting(0.5), 1, true),
            (Composition::Voting(0.5), 2, false),
            (Composition::Voting(0.9), 1, false),
        ] {
            let decided = composition.decide(refused(refusals), 3);
            assert_eq!(decided.is_ok(), allowed, "{composition:?} {refusals}");
        }
    }

    #[test]
    fn it_is_written_as_a_name_or_a_table() {
        let read = |written: serde_json::Value| Composition::read(written.into());
        assert_eq!(read(json!("parallel")).unwrap(), Composition::Parallel);
        assert_eq!(read(json!("voting")).unwrap(), Composition::Voting(0.5));
        let table = json!({"type": "voting", "threshold": 0.7});
        assert_eq!(read(table).unwrap(), Composition::Voting(0.7));
        assert!(read(json!({"type": "voting", "threshold": 2})).is_err());
        assert!(read(json!(5)).is_err());
    }
}
