//! `State.load`.

use llmspell_core::{Cx, Effect, Result, Scopes as _, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::argument::{self, KeyArg, ScopeArg};
use super::stored;

/// Returns the value under a key, or nothing if there is none.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Load {
    /// The scope; `global` by default.
    #[serde(default)]
    scope: ScopeArg,
    /// The key.
    key: KeyArg,
}

pub(super) async fn load(cx: Cx, a: Load) -> Result<Value> {
    let found = stored(&cx)?.get(&a.scope.0, &a.key.0).await?;
    Ok(found.unwrap_or_default())
}

/// A secret is read anew by a resumed run: the journal does not have it.
pub(super) fn effect(cx: &Cx, args: &Value) -> Effect {
    match argument::is_sensitive(args) {
        true => Effect::Pure,
        false => super::effect(cx, args, Effect::Read),
    }
}
