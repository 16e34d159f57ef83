//! `Provider.list`.

use llmspell_core::{Cx, Result};
use llmspell_model::ProviderInfo;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::Models;

/// Lists the providers that can be used, sorted by name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {}

pub(super) async fn list(cx: Cx, _: List) -> Result<Vec<ProviderInfo>> {
    Ok(cx.part::<Models>()?.providers().list())
}
