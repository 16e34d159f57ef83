//! `State.get_storage_usage`.

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::backups;

/// Returns how many backups there are and how much they take.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetStorageUsage {}

/// How many backups there are and how much they take.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BackupUsage")]
pub(super) struct Usage {
    total_backups: usize,
    /// Bytes.
    total_size: u64,
    full_backups: usize,
    incremental_backups: usize,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_backup: Option<i64>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_backup: Option<i64>,
}

pub(super) async fn get_storage_usage(cx: Cx, _: GetStorageUsage) -> Result<Usage> {
    let all = backups(&cx)?.all().await?;
    let incremental = all.iter().filter(|meta| meta.parent.is_some()).count();
    Ok(Usage {
        total_backups: all.len(),
        total_size: all.iter().map(|meta| meta.size_bytes).sum(),
        full_backups: all.len() - incremental,
        incremental_backups: incremental,
        oldest_backup: all.last().map(|meta| meta.created_at),
        newest_backup: all.first().map(|meta| meta.created_at),
    })
}
