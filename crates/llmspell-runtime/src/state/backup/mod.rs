//! Backups: what all scopes hold at one moment, in files that are checked before they are used.
//!
//! A backup is `<id>.backup`, the content (module `content`), and `<id>.meta`, what is known of it (module `meta`). The
//! latter is written last, both under another name first: a backup without it does not exist. An incremental one holds
//! what is different from its parent, so what it stands for is read from the full one at the beginning of the chain on.

mod chain;
mod cleanup;
mod compression;
mod content;
mod create;
mod delete;
mod directory;
mod encryption;
mod list;
mod meta;
mod options;
mod restore;
mod retention;
mod usage;
mod validate;

use std::path::PathBuf;
use std::sync::Arc;

use llmspell_core::{Cx, Effect, Error, Module, Op, Result, Value, error};

pub use compression::Compression;
pub use content::{Content, decode, encode};
pub use encryption::Passphrase;
pub use options::Options;

pub(super) use create::create;
use directory::Directory;
use meta::Meta;

use crate::event;

/// The functions that a run without backups does not have.
pub const FUNCTIONS: &[&str] = &[
    "create_backup",
    "backup",
    "list_backups",
    "restore_backup",
    "validate_backup",
    "delete_backup",
    "get_storage_usage",
    "cleanup_backups",
];

/// Adds the functions.
pub(super) fn add_to(module: Module) -> Module {
    module
        .op(writes(Op::new("create_backup", create::create_backup)).positional())
        .op(writes(Op::new("backup", create::backup)))
        .op(reads(Op::new("list_backups", list::list_backups)))
        .op(Op::new("restore_backup", restore::restore_backup)
            .aliases(&["restore"])
            .positional()
            .effect(Effect::Idempotent)
            // What is in memory only is restored again by a resumed run.
            .effect_here(|cx, args| super::effect(cx, args, Effect::Idempotent)))
        .op(reads(Op::new("validate_backup", validate::validate_backup)).positional())
        .op(writes(Op::new("delete_backup", delete::delete_backup)).positional())
        .op(reads(Op::new(
            "get_storage_usage",
            usage::get_storage_usage,
        )))
        .op(writes(Op::new("cleanup_backups", cleanup::cleanup_backups)))
}

fn reads(op: Op) -> Op {
    op.effect(Effect::Read)
}

fn writes(op: Op) -> Op {
    op.effect(Effect::Idempotent)
}

/// The backups of a run's state.
#[derive(Clone, Debug)]
pub struct Backups {
    options: Options,
    directory: Directory,
}

impl Backups {
    /// Keeps backups in the directory of the options, which is made by the first of them.
    pub fn new(options: Options) -> Self {
        Self {
            directory: Directory::new(PathBuf::from(&options.backup_dir)),
            options,
        }
    }

    /// Encrypts backups from now on; those that are not encrypted can be read as before.
    #[must_use]
    pub fn encrypted(mut self, passphrase: Passphrase) -> Self {
        self.directory = self.directory.encrypted(passphrase);
        self
    }

    /// Does work with files on a thread that may wait.
    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Directory) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let directory = self.directory.clone();
        let done = tokio::task::spawn_blocking(move || work(&directory)).await;
        done.map_err(|failure| error!(Bug, "work on backups died: {failure}"))?
    }

    /// Returns all backups, the newest first.
    async fn all(&self) -> Result<Vec<Meta>> {
        self.work(Directory::all).await
    }
}

/// Returns the backups of the run.
///
/// - Errors: `Unavailable` if the configuration switches them off.
fn backups(cx: &Cx) -> Result<Arc<Backups>> {
    cx.part::<Backups>().map_err(|_| {
        error!(Unavailable, "backups of state are switched off")
            .hint("set `state.backup_enabled = true`")
    })
}

/// Publishes an event about backups.
async fn say(cx: &Cx, kind: &str, facts: impl FnOnce() -> Value) {
    event::announce_tagged(cx, "backup", kind, "backup", facts).await;
}

/// Returns the facts of an event about a failure.
fn failure(id: Option<&str>, error: &Error) -> Value {
    Value::from([
        ("backup_id", id.map(str::to_owned).into()),
        ("error", error.message().into()),
        ("error_kind", error.kind().name().into()),
    ])
}
