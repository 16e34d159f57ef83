//! `State.delete`.

use llmspell_core::{Cx, Result, Scopes as _};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::{KeyArg, ScopeArg};
use super::change::Change;
use super::stored;

/// Removes the value under a key. That there is none is no error.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Delete {
    /// The scope; `global` by default.
    #[serde(default)]
    scope: ScopeArg,
    /// The key.
    key: KeyArg,
}

pub(super) async fn delete(cx: Cx, a: Delete) -> Result<()> {
    let (stored, scope, key) = (stored(&cx)?, a.scope.0, a.key.0);
    let change = Change::begin(&cx, &stored, &scope, &key).await?;
    if stored.delete(&scope, &key).await? {
        change.end(None).await;
    }
    Ok(())
}
