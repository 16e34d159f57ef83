//! `State.restore_backup`.

use std::collections::BTreeMap;

use llmspell_core::{Cx, Error, Result, Value, error};
use llmspell_store::Batch;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::migration::VERSION;
use super::super::{key, stored};
use super::chain::{Whole, lineage, whole};
use super::create::{Wish, made, schema_version};
use super::meta::Meta;
use super::{Backups, backups, failure, say};

/// Puts the state back as a backup has it, all of it or nothing.
///
/// The files are checked first, and a backup is made of what is there. What goes wrong is told in the result; nothing has
/// changed then. Keys that begin with `temp:` or `cache:` stay as they are.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RestoreBackup {
    /// The backup.
    id: String,
    /// `{mode, dry_run, backup_first, verify}`.
    #[serde(default)]
    options: Options,
}

/// How it is put back.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// Whether keys that the backup does not have are removed.
    mode: Mode,
    /// Only say what would change.
    dry_run: bool,
    /// Make a backup of what is there.
    backup_first: bool,
    /// Compare the checksums of the files.
    verify: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Mode {
    /// They are.
    Exact,
    /// They stay.
    Merge,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            mode: Mode::Exact,
            dry_run: false,
            backup_first: true,
            verify: true,
        }
    }
}

/// How a restore went.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "RestoreResult")]
pub(super) struct Restored {
    success: bool,
    backup_id: String,
    /// How many values the backup has.
    #[serde(skip_serializing_if = "Option::is_none")]
    entries_restored: Option<usize>,
    /// How many keys were removed that it does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    entries_removed: Option<usize>,
    /// The backup of what was there before.
    #[serde(skip_serializing_if = "Option::is_none")]
    safety_backup_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<&'static str>,
}

impl Restored {
    fn failed(id: String, error: &Error) -> Self {
        Self {
            success: false,
            backup_id: id,
            entries_restored: None,
            entries_removed: None,
            safety_backup_id: None,
            dry_run: None,
            error: Some(error.message().to_owned()),
            error_kind: Some(error.kind().name()),
        }
    }
}

pub(super) async fn restore_backup(cx: Cx, a: RestoreBackup) -> Result<Restored> {
    let backups = backups(&cx)?;
    let facts = || Value::from([("backup_id", a.id.as_str().into())]);
    say(&cx, "restore.started", facts).await;
    let restored = restore(&cx, &backups, &a.id, a.options).await;
    Ok(match restored {
        Ok(restored) => {
            say(&cx, "restore.completed", || {
                Value::from([
                    ("backup_id", a.id.as_str().into()),
                    ("entries_restored", restored.entries_restored.into()),
                    ("entries_removed", restored.entries_removed.into()),
                ])
            })
            .await;
            restored
        }
        Err(error) => {
            say(&cx, "restore.failed", || failure(Some(&a.id), &error)).await;
            // Nothing was written, so this is over as soon as it begins.
            say(&cx, "rollback.started", facts).await;
            say(&cx, "rollback.completed", facts).await;
            Restored::failed(a.id, &error)
        }
    })
}

async fn restore(cx: &Cx, backups: &Backups, id: &str, how: Options) -> Result<Restored> {
    let wanted = id.to_owned();
    let verify = how.verify;
    let (meta, held) = backups
        .work(move |directory| {
            let lineage = lineage(directory, &wanted)?;
            let held = whole(directory, &lineage, verify)?;
            Ok((lineage[0].clone(), held))
        })
        .await?;
    say(cx, "restore.progress", || {
        Value::from([("entries_read", held.len().into())])
    })
    .await;
    let stored = stored(cx)?;
    let present: Whole = stored
        .snapshot()
        .await?
        .into_iter()
        .map(|(name, record)| (lossy(name), lossy(record)))
        .collect();
    check_version(&meta, &held, &present, how.mode)?;
    let mut safety_backup_id = None;
    if how.backup_first && !how.dry_run {
        let wish = Wish {
            description: Some(format!("before the restore of {id}")),
            ..Wish::default()
        };
        let made = made(cx, backups, wish, Some(id.to_owned())).await?;
        safety_backup_id = Some(made.id);
    }
    let gone = match how.mode {
        Mode::Exact => gone(&meta, &held, &present),
        Mode::Merge => Vec::new(),
    };
    let entries = held.keys().filter(|name| is_value(name)).count();
    let removed = gone.iter().filter(|name| is_value(name)).count();
    if !how.dry_run {
        let mut batch = Batch::new();
        for (name, record) in held {
            if present.get(&name) != Some(&record) {
                batch = batch.put(name, record);
            }
        }
        for name in gone {
            batch = batch.delete(name);
        }
        stored.lasting().await?.apply(batch).await?;
    }
    Ok(Restored {
        success: true,
        backup_id: id.to_owned(),
        entries_restored: Some(entries),
        entries_removed: Some(removed),
        safety_backup_id,
        dry_run: Some(how.dry_run),
        error: None,
        error_kind: None,
    })
}

/// Returns the names that are there and not in the backup, as far as it is about them.
fn gone(meta: &Meta, held: &BTreeMap<String, String>, present: &Whole) -> Vec<String> {
    let is_gone = |name: &&String| {
        let covered = match key::read(name.as_bytes()) {
            Some((scope, key)) => meta.covers(&scope, &key),
            None => meta.is_whole(),
        };
        covered && !held.contains_key(*name)
    };
    present.keys().filter(is_gone).cloned().collect()
}

/// Values of different versions do not go together.
fn check_version(meta: &Meta, held: &Whole, present: &Whole, mode: Mode) -> Result<()> {
    let (own, there) = (schema_version(held), schema_version(present));
    if own == there || (mode == Mode::Exact && meta.is_whole()) {
        return Ok(());
    }
    Err(error!(
        InvalidState,
        "the backup has version {own} of the schema, the state {there}"
    )
    .hint("migrate the state first, or restore a whole backup with mode 'exact'"))
}

fn is_value(name: &str) -> bool {
    name.as_bytes() != VERSION
}

fn lossy(bytes: Vec<u8>) -> String {
    String::from_utf8_lossy(&bytes).into_owned()
}
