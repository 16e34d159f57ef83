//! What the calls of a session may consume.

use llmspell_core::{Error, Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the calls of a session may consume. A refused call changes nothing: the session stays active.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "SessionResourcePolicy")]
pub(super) struct Resource {
    /// Memory of the process, in bytes.
    max_memory_bytes: u64,
    /// Tokens of all its calls.
    max_tokens: u64,
    /// Tokens that one call may take.
    max_tokens_per_operation: u64,
    /// Calls (count).
    max_operations: u64,
    /// What its calls may cost.
    max_cost_usd: f64,
    /// At which shares of a limit warnings are published.
    alert_levels: Vec<f64>,
}

impl Default for Resource {
    fn default() -> Self {
        Self {
            max_memory_bytes: 1 << 30,
            max_tokens: 1_000_000,
            max_tokens_per_operation: 100_000,
            max_operations: 10_000,
            max_cost_usd: 100.0,
            alert_levels: vec![0.5, 0.75, 0.9],
        }
    }
}

/// What a session has consumed, and what a call wants.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Consumed {
    pub(super) memory: u64,
    pub(super) tokens: u64,
    pub(super) operations: u64,
    pub(super) cost_usd: f64,
    /// Tokens that the call may take at most.
    pub(super) wanted: u64,
}

impl Resource {
    /// Returns the limits that there are, with what is consumed of each.
    fn limits(&self, consumed: &Consumed) -> [(&'static str, f64, f64); 4] {
        [
            (
                "memory_bytes",
                consumed.memory as f64,
                self.max_memory_bytes as f64,
            ),
            ("tokens", consumed.tokens as f64, self.max_tokens as f64),
            (
                "operations",
                consumed.operations as f64,
                self.max_operations as f64,
            ),
            ("cost_usd", consumed.cost_usd, self.max_cost_usd),
        ]
    }

    /// Asks whether a call may be made.
    pub(super) fn permit(&self, consumed: &Consumed) -> Result<()> {
        let full = |what: &str, limit: f64, value: f64| -> Error {
            error!(
                Limit,
                "the session has used {value} of {limit} {what}, which its policy allows"
            )
            .with("policy", "resource")
            .with("limit", limit)
            .with("value", value)
            .hint(format!("raise `max_{what}` of the policy 'resource'"))
        };
        for (what, value, limit) in self.limits(consumed) {
            if value >= limit {
                return Err(full(what, limit, value));
            }
        }
        let (wanted, most) = (consumed.wanted, self.max_tokens_per_operation);
        if wanted > most {
            return Err(error!(
                Limit,
                "the call may take {wanted} tokens, more than the {most} that the session's policy allows"
            )
            .with("policy", "resource")
            .with("limit", most)
            .with("value", wanted)
            .hint("ask for fewer with `max_tokens`, or raise `max_tokens_per_operation` of the policy 'resource'"));
        }
        Ok(())
    }

    /// Returns for each limit how many levels are reached, and what is left of it.
    pub(super) fn reached(&self, consumed: &Consumed) -> [(&'static str, usize, f64); 4] {
        self.limits(consumed).map(|(what, value, limit)| {
            let levels = self.alert_levels.iter();
            let reached = levels.filter(|level| value >= limit * **level).count();
            (what, reached, (limit - value).max(0.0))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_is_refused() {
        let policy = Resource {
            max_tokens: 100,
            max_operations: 3,
            ..Resource::default()
        };
        let said = |consumed: Consumed| policy.permit(&consumed).err();
        assert!(said(Consumed::default()).is_none());
        let tokens = Consumed {
            tokens: 100,
            ..Consumed::default()
        };
        assert_eq!(
            said(tokens).unwrap().message(),
            "the session has used 100 of 100 tokens, which its policy allows"
        );
        let large = Consumed {
            wanted: 100_001,
            ..Consumed::default()
        };
        assert!(
            said(large)
                .unwrap()
                .message()
                .starts_with("the call may take 100001 tokens")
        );
        let half = Consumed {
            tokens: 76,
            operations: 2,
            ..Consumed::default()
        };
        let reached = policy.reached(&half).map(|(_, reached, _)| reached);
        assert_eq!(reached, [0, 2, 1, 0]);
    }
}
