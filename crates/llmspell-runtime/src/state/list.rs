//! `State.list`.

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::ScopeArg;
use super::stored;

/// Returns the keys of a scope, sorted.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {
    /// The scope; `global` by default.
    #[serde(default)]
    scope: ScopeArg,
}

pub(super) async fn list(cx: Cx, a: List) -> Result<Vec<String>> {
    stored(&cx)?.keys(&a.scope.0).await
}
