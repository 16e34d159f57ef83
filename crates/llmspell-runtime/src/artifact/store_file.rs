//! `Artifact.store_file`.

use std::path::Path;

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::id::Id;
use super::kind::USER_INPUT;
use super::save::{Made, save};
use super::store::Noted;
use super::stored::Artifacts;
use crate::file;

/// Stores a file of the sandbox as an artifact named after it, and returns its id.
#[derive(Deserialize, JsonSchema)]
pub(super) struct StoreFile {
    /// The session; the current one if absent or empty.
    session_id: Option<String>,
    /// The file.
    path: String,
    /// The type.
    #[serde(rename = "type", default = "user_input")]
    kind: String,
    /// As in `store`.
    #[serde(default)]
    metadata: Value,
}

fn user_input() -> String {
    USER_INPUT.to_owned()
}

pub(super) async fn store_file(cx: Cx, a: StoreFile) -> Result<Id> {
    let session = a.session_id.as_deref();
    let noted = Noted::read(&cx, "artifact.store_file", session, a.metadata).await?;
    let most = cx.part::<Artifacts>()?.options().max_bytes;
    let content = file::read_whole(&cx, &a.path, most).await;
    let content = content.map_err(|error| error.with_op("artifact.store_file"))?;
    let name = Path::new(&a.path).file_name().unwrap_or_default();
    let made = Made {
        session: a.session_id,
        kind: a.kind,
        name: name.to_string_lossy().into_owned(),
        is_text: std::str::from_utf8(&content).is_ok(),
        content: content.into(),
        mime_type: noted.mime_type,
        tags: noted.tags,
        custom: noted.custom,
        parent: noted.parent,
        created_by: "script".to_owned(),
    };
    Ok(save(&cx, made).await?.id)
}
