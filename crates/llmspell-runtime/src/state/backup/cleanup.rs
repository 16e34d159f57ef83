//! `State.cleanup_backups`.

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::retention::{Swept, sweep};
use super::{backups, say};

/// Deletes the backups that neither their age nor their number keeps.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CleanupBackups {
    /// Only say what would be deleted.
    #[serde(default)]
    dry_run: bool,
}

/// How a cleanup went.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BackupCleanup")]
pub(super) struct Cleaned {
    success: bool,
    dry_run: bool,
    deleted_count: usize,
    retained_count: usize,
    /// Bytes.
    space_freed: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn cleanup_backups(cx: Cx, a: CleanupBackups) -> Result<Cleaned> {
    let backups = backups(&cx)?;
    let dry_run = a.dry_run;
    say(&cx, "cleanup.started", || {
        Value::from([("dry_run", dry_run.into())])
    })
    .await;
    let (swept, error) = match sweep(&cx, &backups, None, dry_run).await {
        Ok(swept) => (swept, None),
        Err(error) => (Swept::default(), Some(error.message().to_owned())),
    };
    say(&cx, "cleanup.completed", || {
        Value::from([
            ("dry_run", dry_run.into()),
            ("deleted_count", swept.deleted.into()),
            ("space_freed", swept.freed.into()),
        ])
    })
    .await;
    Ok(Cleaned {
        success: error.is_none(),
        dry_run,
        deleted_count: swept.deleted,
        retained_count: swept.retained,
        space_freed: swept.freed,
        error,
    })
}
