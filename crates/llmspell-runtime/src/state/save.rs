//! `State.save`.

use llmspell_core::{Cx, Result, Scopes as _, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::{KeyArg, ScopeArg};
use super::change::Change;
use super::stored;

/// Keeps a value under a key, in place of the one that was there.
///
/// It is durable when this returns, as far as the store is. Values under keys that begin with `temp:` or `cache:` live in
/// memory only. Nothing is a value as well: it is kept as null.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Save {
    /// The scope; `global` by default.
    #[serde(default)]
    scope: ScopeArg,
    /// The key: 1 to 256 bytes without `..`, `\`, `//` and line ends, not beginning with `__` or `$$`.
    key: KeyArg,
    /// The value.
    #[serde(default)]
    value: Value,
}

pub(super) async fn save(cx: Cx, a: Save) -> Result<()> {
    let (stored, scope, key) = (stored(&cx)?, a.scope.0, a.key.0);
    let change = Change::begin(&cx, &stored, &scope, &key).await?;
    let new = change.is_heard().then(|| a.value.clone());
    stored.set(&scope, &key, a.value).await?;
    change.end(new).await;
    Ok(())
}
