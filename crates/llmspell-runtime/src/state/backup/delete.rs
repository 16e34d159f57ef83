//! `State.delete_backup`.

use llmspell_core::{Cx, Result, Value, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::directory::Directory;
use super::{backups, say};

/// Deletes a backup. One that a younger one builds on stays.
#[derive(Deserialize, JsonSchema)]
pub(super) struct DeleteBackup {
    /// The backup.
    id: String,
}

/// How a deletion went.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BackupDeletion")]
pub(super) struct Deleted {
    success: bool,
    backup_id: String,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    space_freed: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<&'static str>,
}

pub(super) async fn delete_backup(cx: Cx, a: DeleteBackup) -> Result<Deleted> {
    let backups = backups(&cx)?;
    let id = a.id.clone();
    let freed = backups.work(move |directory| remove(directory, &id)).await;
    let (freed, error) = match freed {
        Ok(freed) => {
            say(&cx, "backup.deleted", || {
                Value::from([
                    ("backup_id", a.id.as_str().into()),
                    ("space_freed", freed.into()),
                ])
            })
            .await;
            (Some(freed), None)
        }
        Err(error) => (None, Some(error)),
    };
    Ok(Deleted {
        success: error.is_none(),
        backup_id: a.id,
        space_freed: freed,
        error_kind: error.as_ref().map(|error| error.kind().name()),
        error: error.map(|error| error.message().to_owned()),
    })
}

fn remove(directory: &Directory, id: &str) -> Result<u64> {
    let meta = directory.known(id)?;
    let all = directory.all()?;
    if let Some(child) = all.iter().find(|other| other.parent.as_deref() == Some(id)) {
        return Err(error!(
            InvalidState,
            "the backup '{}' builds on '{id}'; delete that one first", child.id
        ));
    }
    directory.remove(id)?;
    Ok(meta.size_bytes)
}
