//! Which runs worked for a session that a script made, and what the session has.
//!
//! That a run `R` works for a session `S` is the key `work/S/R`, written before the first of its calls; when the run ends it
//! gets their numbers. The calls themselves stand in the journal of the run, and name the session.

use std::collections::HashSet;

use llmspell_core::{Result, error};
use llmspell_store::{Scan, Store};
use serde::{Deserialize, Serialize};

use crate::journal::{Entry, HookCalls, Reader, Said, Totals};

/// The value of the key `work/S/R`, as JSON: what the first `upto` entries of the run's journal say of the session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Work {
    pub(super) upto: u64,
    pub(super) totals: Totals,
    /// Events that were published while it was the current session.
    pub(super) events: u64,
    /// Calls of hooks while it was.
    pub(super) hooks: HookCalls,
}

impl Work {
    pub(super) fn write(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|cause| error!(Bug, "the work for a session cannot be written").source(cause))
    }

    fn read(session: &str, bytes: &[u8]) -> Result<Self> {
        read(session, bytes)
    }
}

/// What a session has of artifacts. Whoever keeps artifacts writes it, in the batch that adds or removes one, under
/// [`Holding::key`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Holding {
    /// How many.
    pub artifacts: u64,
    /// Bytes of their contents.
    pub bytes: u64,
}

impl Holding {
    /// Returns the key that holds it: `holding/SESSION`.
    pub fn key(session: &str) -> String {
        format!("holding/{session}")
    }

    /// Returns the value of the key, JSON.
    pub fn write(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|cause| error!(Bug, "what a session has cannot be written").source(cause))
    }

    /// Reads the value of the key.
    ///
    /// - Errors: `Corrupt`.
    pub fn read(session: &str, bytes: &[u8]) -> Result<Self> {
        read(session, bytes)
    }

    /// Returns what a session has; nothing if nobody wrote anything.
    ///
    /// - Errors: `Corrupt`; those of the store.
    pub async fn of(store: &dyn Store, session: &str) -> Result<Self> {
        match store.get(Self::key(session).as_bytes()).await? {
            Some(bytes) => Self::read(session, &bytes),
            None => Ok(Self::default()),
        }
    }
}

fn read<T: for<'a> Deserialize<'a>>(session: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|failure| {
        error!(
            Corrupt,
            "what is kept of the session {session} is damaged: {failure}"
        )
        .with("session", session)
    })
}

pub(super) fn key(session: &str, run: &str) -> String {
    format!("{}{run}", prefix(session))
}

pub(super) fn prefix(session: &str) -> String {
    format!("work/{session}/")
}

/// Returns the runs that worked for a session, with their numbers as far as they are written.
pub(super) async fn runs(store: &dyn Store, session: &str) -> Result<Vec<(String, Work)>> {
    let prefix = prefix(session);
    let mut found = Vec::new();
    let mut scan = Scan::prefix(prefix.clone());
    loop {
        let page = store.scan(scan).await?;
        for (key, value) in &page.entries {
            let run = String::from_utf8_lossy(&key[prefix.len()..]).into_owned();
            found.push((run, Work::read(session, value)?));
        }
        match page.next {
            Some(next) => scan = Scan::prefix(prefix.clone()).after(next),
            None => return Ok(found),
        }
    }
}

/// Returns the numbers of the calls that a run made for a session, with what is in its journal only.
pub(super) async fn totals(
    reader: &Reader,
    session: &str,
    run: &str,
    work: Work,
) -> Result<Totals> {
    let entries = reader.entries_after(run, work.upto).await?;
    let mut totals = work.totals;
    add(&mut totals, &count(&entries, Some(session)));
    Ok(totals)
}

pub(super) fn add(totals: &mut Totals, more: &Totals) {
    totals.calls += more.calls;
    totals.failed += more.failed;
    totals.usage.add(&more.usage);
    totals.unpriced += more.unpriced;
}

/// Returns the numbers of the calls that entries tell of: all, or those made for a session.
pub(super) fn count(entries: &[Entry], session: Option<&str>) -> Totals {
    let mut totals = Totals::default();
    for entry in made_for(entries, session) {
        totals.calls += u64::from(matches!(entry.said, Said::Begin | Said::Call))
            + u64::from(entry.said == Said::Gone && !entry.op.is_empty());
        // What was emptied tells of nothing.
        let given_up = entry.said == Said::Gone && entry.took_us.is_some();
        totals.failed += u64::from(entry.error.is_some() || given_up);
        totals.add_usage(&entry.usage);
    }
    totals
}

/// Returns the entries of calls that were made for a session, or all.
pub(super) fn made_for<'a>(
    entries: &'a [Entry],
    session: Option<&'a str>,
) -> impl Iterator<Item = &'a Entry> {
    let mut ids = HashSet::new();
    entries.iter().filter(move |entry| match session {
        None => true,
        // A later entry of a call does not repeat what the first one says.
        Some(session) if entry.session.as_deref() == Some(session) => {
            ids.insert(entry.id);
            true
        }
        Some(_) => entry.op.is_empty() && ids.contains(&entry.id),
    })
}

/// Returns the entries of the calls that were made for a session, or of a run, in the order of their times.
pub(super) async fn entries(
    store: &dyn Store,
    reader: &Reader,
    id: &str,
) -> Result<Vec<(String, Entry)>> {
    if store.get(super::meta::key(id).as_bytes()).await?.is_some() {
        let entries = reader.entries(id).await?;
        return Ok(entries
            .into_iter()
            .map(|entry| (id.to_owned(), entry))
            .collect());
    }
    let mut all = Vec::new();
    for (run, _) in runs(store, id).await? {
        let entries = reader.entries(&run).await?;
        let own = made_for(&entries, Some(id)).cloned();
        all.extend(own.map(|entry| (run.clone(), entry)));
    }
    all.sort_by_key(|(_, entry)| entry.at);
    Ok(all)
}
