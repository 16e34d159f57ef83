//! `State.scope`: the names of scopes.

use llmspell_core::{Cx, Module, Op, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::{GLOBAL, KeyArg};

/// Returns the scope of that id.
#[derive(Deserialize, JsonSchema)]
struct Of {
    /// The id.
    id: KeyArg,
}

/// Adds `scope.Global` and the functions `scope.Agent(id)`, `scope.User(id)` and so on.
pub(super) fn add_to(module: Module) -> Module {
    macro_rules! of {
        ($name:literal, $kind:literal) => {
            Op::new(concat!("scope.", $name), |_: Cx, a: Of| async move {
                Result::Ok(format!(concat!($kind, ":{}"), a.id.0))
            })
            .doc(concat!("Returns the scope `", $kind, ":ID`."))
            .positional()
            .immediate()
        };
    }
    module
        .constant("scope.Global", GLOBAL)
        .op(of!("Agent", "agent"))
        .op(of!("Workflow", "workflow"))
        .op(of!("Step", "step"))
        .op(of!("Session", "session"))
        .op(of!("User", "user"))
        .op(of!("Custom", "custom"))
}
