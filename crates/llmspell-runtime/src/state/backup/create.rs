//! `State.create_backup` and `State.backup`.

use llmspell_core::{Cx, Error, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::migration::VERSION;
use super::super::{key, stored};
use super::chain::{Whole, difference, lineage, whole};
use super::content::{Content, counts, encode};
use super::directory::checksum;
use super::meta::{Meta, covers, new_id};
use super::{Backups, backups, failure, retention, say};

/// Makes a backup of every scope, as it is at this moment.
///
/// Keys that begin with `temp:` or `cache:` are left out. What goes wrong is told in the result.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CreateBackup {
    /// Whether it holds only what is different from the newest one; or a table `{incremental, description,
    /// include_patterns}`.
    #[serde(default)]
    incremental: Value,
}

/// Makes a full backup of every scope and returns its id.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Backup {
    /// What it is for.
    description: Option<String>,
    /// Which keys it holds, with `*` and `?`, as `KEY` or `SCOPE/KEY`; all by default.
    #[serde(default)]
    include_patterns: Vec<String>,
}

/// What a backup is to be.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Wish {
    pub(super) incremental: bool,
    pub(super) description: Option<String>,
    pub(super) include_patterns: Vec<String>,
}

/// How a backup went.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "BackupResult")]
pub(super) struct Created {
    success: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    size_bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entry_count: Option<usize>,
    incremental: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<&'static str>,
}

pub(super) async fn create_backup(cx: Cx, a: CreateBackup) -> Result<Created> {
    let backups = backups(&cx)?;
    let wish = match a.incremental {
        Value::Null => Wish::default(),
        Value::Bool(incremental) => Wish {
            incremental,
            ..Wish::default()
        },
        table @ Value::Map(_) => table.into_typed()?,
        other => bail!(
            InvalidArgs,
            "`incremental` must be boolean or a table, got {}",
            other.type_name()
        ),
    };
    let incremental = wish.incremental;
    Ok(match made(&cx, &backups, wish, None).await {
        Ok(meta) => Created {
            success: true,
            backup_id: Some(meta.id),
            size_bytes: Some(meta.size_bytes),
            entry_count: Some(meta.entry_count),
            incremental: meta.parent.is_some(),
            parent_id: meta.parent,
            error: None,
            error_kind: None,
        },
        Err(error) => Created {
            success: false,
            backup_id: None,
            size_bytes: None,
            entry_count: None,
            incremental,
            parent_id: None,
            error: Some(error.message().to_owned()),
            error_kind: Some(error.kind().name()),
        },
    })
}

pub(super) async fn backup(cx: Cx, a: Backup) -> Result<String> {
    let backups = backups(&cx)?;
    let wish = Wish {
        incremental: false,
        description: a.description,
        include_patterns: a.include_patterns,
    };
    Ok(made(&cx, &backups, wish, None).await?.id)
}

/// Makes a full backup for another operation and returns its id.
///
/// - Errors: those of store and files.
pub(in crate::state) async fn create(cx: &Cx, backups: &Backups, about: String) -> Result<String> {
    let wish = Wish {
        description: Some(about),
        ..Wish::default()
    };
    Ok(made(cx, backups, wish, None).await?.id)
}

/// Makes a backup and applies the rules of retention; `spared` is not removed by them.
///
/// - Errors: `Conflict` if others write all the time; `Corrupt` if it builds on a damaged one; those of store and files.
/// - Cancel: the backup exists, whole, or not.
pub(super) async fn made(
    cx: &Cx,
    backups: &Backups,
    wish: Wish,
    spared: Option<String>,
) -> Result<Meta> {
    let incremental = wish.incremental;
    say(cx, "backup.started", || {
        Value::from([("incremental", incremental.into())])
    })
    .await;
    let made = write(cx, backups, wish).await;
    if made.is_ok()
        && let Err(failure) = retention::apply(cx, backups, spared).await
    {
        // The backup is there; that old ones are as well harms nobody.
        tracing::warn!(target: "llmspell::state", "old backups could not be removed: {failure}");
    }
    match &made {
        Ok(meta) => {
            say(cx, "backup.completed", || {
                Value::from([
                    ("backup_id", meta.id.as_str().into()),
                    ("size_bytes", meta.size_bytes.into()),
                    ("entry_count", meta.entry_count.into()),
                    ("incremental", meta.parent.is_some().into()),
                ])
            })
            .await
        }
        Err(error) => say(cx, "backup.failed", || failure(None, error)).await,
    }
    made
}

async fn write(cx: &Cx, backups: &Backups, wish: Wish) -> Result<Meta> {
    let mut held = Whole::new();
    for (name, record) in stored(cx)?.snapshot().await? {
        let place = key::read(&name);
        let is_wanted =
            place.is_none_or(|(scope, key)| covers(&wish.include_patterns, &scope, &key));
        if is_wanted {
            held.insert(text(name)?, text(record)?);
        }
    }
    say(cx, "backup.progress", || {
        Value::from([("entries_read", held.len().into())])
    })
    .await;
    let options = backups.options.clone();
    let now = cx.host().clock.now();
    let id = new_id(now.div_euclid(1_000_000), cx.host().random.next());
    let work = move |directory: &super::Directory| {
        let builds = wish.incremental && options.incremental_enabled;
        let parent = match builds && wish.include_patterns.is_empty() {
            true => directory.all()?.into_iter().find(Meta::is_whole),
            false => None,
        };
        let schema_version = schema_version(&held);
        let content: Content = match &parent {
            Some(parent) => {
                let before = whole(directory, &lineage(directory, &parent.id)?, true)?;
                difference(&before, held)
            }
            None => held
                .into_iter()
                .map(|(name, record)| (name, Some(record)))
                .collect(),
        };
        let (entry_count, removed_count) = counts(&content);
        let bytes = encode(&content)?;
        let content_bytes = bytes.len() as u64;
        let compression = options.compression();
        let packed = compression.pack(bytes, options.compression_level)?;
        let (packed, encryption) = directory.passphrase.seal(&id, packed)?;
        let meta = Meta {
            id,
            parent: parent.map(|parent| parent.id),
            created_at: now.div_euclid(1_000_000),
            created_at_us: now,
            size_bytes: packed.len() as u64,
            content_bytes,
            entry_count,
            removed_count,
            schema_version,
            compression,
            encryption,
            sha256: checksum(&packed),
            description: wish.description,
            include_patterns: wish.include_patterns,
        };
        directory.write(&meta, &packed)?;
        Ok(meta)
    };
    backups.work(work).await
}

/// Returns the version of what is held; a store that was never migrated has the first one.
pub(super) fn schema_version(held: &Whole) -> String {
    let name = std::str::from_utf8(VERSION).unwrap_or_default();
    held.get(name)
        .map_or_else(|| "1.0.0".to_owned(), Clone::clone)
}

fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes)
        .map_err(|_| -> Error { error!(Corrupt, "the state holds what is no text") })
}
