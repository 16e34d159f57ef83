//! What a call does to the world, which decides how the journal treats it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The effect class of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Computes, or changes only the memory of the run. Recorded only if the op is a tool; always run again.
    Pure,
    /// Looks at the world. Recorded; run again after a crash without an outcome.
    Read,
    /// Changes the world, and doing it twice is the same as once. Recorded with an intent.
    Idempotent,
    /// Changes the world under a stable idempotency key. Recorded with an intent.
    Keyed,
    /// Changes the world each time. Recorded with an intent; never silently repeated.
    Once,
    /// Consists of other calls. Recorded as a node of the tree; run again on resume, its calls answer for themselves.
    Scope,
}

impl Effect {
    /// Returns the name that scripts, schemas and the journal see.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Keyed => "keyed",
            Self::Once => "once",
            Self::Scope => "scope",
        }
    }

    /// Returns whether the call is written before it is dispatched.
    pub const fn needs_intent(self) -> bool {
        matches!(self, Self::Idempotent | Self::Keyed | Self::Once)
    }
}
