//! Removes sessions with all that is kept of them.

use std::collections::HashSet;

use llmspell_core::{Kind, Result, error};
use llmspell_store::{Batch, Store};

use super::meta::{self, Meta};
use super::record;
use super::script::{ACTIVE, ScriptSessions};
use super::work::{self, Holding};
use super::{Status, kept, snapshot};
use crate::journal::{Entry, emptied, log_name};

/// Removes a session, a run or one that a script made. One that there is not is fine.
///
/// - Errors: `InvalidState` for a run that is at work.
/// - Cancel: a second call removes what is left.
pub(super) async fn session(sessions: &ScriptSessions, id: &str) -> Result<()> {
    let store = sessions.store().await?;
    if id == sessions.run() {
        return Err(at_work(id));
    }
    if let Some(belongings) = sessions.belongings() {
        belongings.remove(id).await?;
    }
    from(&*store, id).await
}

/// As [`session`], without what others keep for it.
pub(super) async fn from(store: &dyn Store, id: &str) -> Result<()> {
    if let Some(bytes) = store.get(meta::key(id).as_bytes()).await? {
        return run(store, &Meta::read(id, &bytes)?).await;
    }
    let mut batch = Batch::new();
    for (run, _) in work::runs(store, id).await? {
        if !is_at_work(store, &run).await? {
            empty(store, &run, id).await?;
        }
        batch = batch.delete(work::key(id, &run));
    }
    let batch = batch
        .delete(record::key(id))
        .delete(format!("{ACTIVE}{id}"))
        .delete(snapshot::key(id))
        .delete(snapshot::archive_key(id))
        .delete(Holding::key(id));
    store.apply(batch).await.map(drop)
}

async fn run(store: &dyn Store, meta: &Meta) -> Result<()> {
    if meta.status() == Status::Running {
        return Err(at_work(&meta.id));
    }
    let id = &*meta.id;
    let batch = Batch::new()
        .delete_log(log_name(id))
        .delete_log(kept::log(id))
        .delete(kept::numbers(id))
        .delete(Holding::key(id))
        .delete(meta::started_key(meta.started_at, id))
        .delete(meta::key(id));
    store.apply(batch).await.map(drop)
}

fn at_work(id: &str) -> llmspell_core::Error {
    error!(InvalidState, "the session {id} is a run that is at work")
        .with("session", id)
        .hint("it can be deleted when it has ended")
}

async fn is_at_work(store: &dyn Store, run: &str) -> Result<bool> {
    match store.get(meta::key(run).as_bytes()).await? {
        Some(bytes) => Ok(Meta::read(run, &bytes)?.status() == Status::Running),
        None => Ok(false),
    }
}

/// Empties the entries of a run that has ended which are of calls for a session; all others keep their numbers.
async fn empty(store: &dyn Store, run: &str, session: &str) -> Result<()> {
    let log = log_name(run);
    let (mut lines, mut after) = (Vec::new(), 0);
    loop {
        let page = store.read_log(&log, after, 2_000).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.seq;
        lines.extend(page);
    }
    let entries: Result<Vec<Entry>> = lines
        .iter()
        .map(|line| Entry::read(run, line.seq, &line.bytes))
        .collect();
    let entries = entries?;
    let gone: HashSet<u64> = work::made_for(&entries, Some(session))
        .map(|entry| entry.seq)
        .collect();
    if gone.is_empty() {
        return Ok(());
    }
    let mut batch = Batch::new()
        .expect_len(log.clone(), after)
        .delete_log(log.clone());
    for (line, entry) in lines.into_iter().zip(&entries) {
        let bytes = match gone.contains(&entry.seq) {
            true => emptied(entry),
            false => line.bytes,
        };
        batch = batch.append(log.clone(), bytes);
    }
    match store.apply(batch).await {
        // The run goes on, and needs them.
        Err(grown) if grown.kind() == Kind::Conflict => Ok(()),
        applied => applied.map(drop),
    }
}
