//! `State.list_backups`.

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backups;

/// Returns the backups, the newest first.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListBackups {}

/// What is known of a backup.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BackupInfo")]
pub(super) struct Listed {
    id: String,
    /// Seconds since 1970.
    created_at: i64,
    size_bytes: u64,
    /// How many values it holds.
    entry_count: usize,
    is_incremental: bool,
    incremental: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    schema_version: String,
    compression: &'static str,
}

pub(super) async fn list_backups(cx: Cx, _: ListBackups) -> Result<Vec<Listed>> {
    let all = backups(&cx)?.all().await?.into_iter();
    Ok(all
        .map(|meta| Listed {
            id: meta.id,
            created_at: meta.created_at,
            size_bytes: meta.size_bytes,
            entry_count: meta.entry_count,
            is_incremental: meta.parent.is_some(),
            incremental: meta.parent.is_some(),
            parent_id: meta.parent,
            description: meta.description,
            schema_version: meta.schema_version,
            compression: meta.compression.name(),
        })
        .collect())
}
