//! `State.validate_backup`.

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::chain::{lineage, read, whole};
use super::directory::{Directory, checksum};
use super::{backups, say};

/// Says whether a backup, and each that it builds on, is as it was written.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ValidateBackup {
    /// The backup.
    id: String,
}

/// Whether a backup is as it was written.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BackupCheck")]
pub(super) struct Checked {
    pub(super) is_valid: bool,
    /// Whether the files have the checksums that they were written with.
    checksum_valid: bool,
    /// Whether everything in them can be read and nothing is missing.
    integrity_valid: bool,
    backup_id: String,
    errors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn validate_backup(cx: Cx, a: ValidateBackup) -> Result<Checked> {
    let backups = backups(&cx)?;
    let facts = || Value::from([("backup_id", a.id.as_str().into())]);
    say(&cx, "validation.started", facts).await;
    let id = a.id.clone();
    let checked = backups
        .work(move |directory| Ok(check(directory, id)))
        .await?;
    say(&cx, "validation.completed", || {
        Value::from([
            ("backup_id", a.id.as_str().into()),
            ("is_valid", checked.is_valid.into()),
        ])
    })
    .await;
    Ok(checked)
}

fn check(directory: &Directory, id: String) -> Checked {
    let mut checked = Checked {
        is_valid: false,
        checksum_valid: false,
        integrity_valid: false,
        backup_id: id,
        errors: Vec::new(),
        error: None,
    };
    match lineage(directory, &checked.backup_id) {
        Err(error) => checked.errors.push(error.message().to_owned()),
        Ok(lineage) => {
            checked.checksum_valid = true;
            checked.integrity_valid = true;
            for meta in &lineage {
                let is_same = directory
                    .read(&meta.id)
                    .is_ok_and(|packed| checksum(&packed) == meta.sha256);
                checked.checksum_valid &= is_same;
                if !is_same {
                    let why = format!("the checksum of the backup '{}' is wrong", meta.id);
                    checked.errors.push(why);
                }
                if let Err(error) = read(directory, meta, false) {
                    checked.integrity_valid = false;
                    checked.errors.push(error.message().to_owned());
                }
            }
            checked.integrity_valid &= whole(directory, &lineage, false).is_ok();
        }
    }
    checked.is_valid = checked.errors.is_empty();
    checked.error = checked.errors.first().cloned();
    checked
}
