//! `State.compare_and_set`.

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::{KeyArg, ScopeArg};
use super::change::Change;
use super::stored;

/// Keeps a value under a key if the one that is there is the expected one, and returns whether it was.
///
/// Nobody, in whatever process, can change the value between the comparison and the write. Nothing is expected of a key
/// that has no value or a null. Numbers are compared by what they count, maps without regard to order.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CompareAndSet {
    /// The scope.
    #[serde(default)]
    scope: ScopeArg,
    /// The key.
    key: KeyArg,
    /// The value that must be there.
    #[serde(default)]
    expected: Value,
    /// The value that takes its place.
    #[serde(default)]
    value: Value,
}

pub(super) async fn compare_and_set(cx: Cx, a: CompareAndSet) -> Result<bool> {
    let (stored, scope, key) = (stored(&cx)?, a.scope.0, a.key.0);
    let change = Change::begin(&cx, &stored, &scope, &key).await?;
    let new = change.is_heard().then(|| a.value.clone());
    let won = stored
        .compare_and_set(&scope, &key, &a.expected, a.value)
        .await?;
    if won {
        change.end(new).await;
    }
    Ok(won)
}
