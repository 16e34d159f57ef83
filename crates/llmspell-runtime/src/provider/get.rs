//! `Provider.get`.

use llmspell_core::{Cx, Result};
use llmspell_model::ProviderInfo;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Models;

/// Returns the provider of that name, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The name of an instance, a type or a synonym.
    name: String,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Option<ProviderInfo>> {
    Ok(cx.part::<Models>()?.providers().get(&a.name))
}
