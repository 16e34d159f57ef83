//! `State.all`.

use std::collections::BTreeMap;

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::ScopeArg;
use super::stored;

/// Returns the values of a scope under their keys, sorted by key.
///
/// In a run that is resumed, values under keys that say `secret`, `token`, `credential` or `password` are `[REDACTED]`,
/// since the journal does not have them; `State.load` has.
#[derive(Deserialize, JsonSchema)]
pub(super) struct All {
    /// The scope; `global` by default.
    #[serde(default)]
    scope: ScopeArg,
}

pub(super) async fn all(cx: Cx, a: All) -> Result<BTreeMap<String, Value>> {
    stored(&cx)?.entries(&a.scope.0).await
}
