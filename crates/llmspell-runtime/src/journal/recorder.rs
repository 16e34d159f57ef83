//! Writes the journal of one session to its store.

use std::sync::Arc;

use llmspell_core::value::to_record;
use llmspell_core::{CallId, Clock, Error, Result, Usage, Value};
use llmspell_store::{Batch, Durability, Hash, Store};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::backlog::Backlog;
use super::chunk::{Encoded, Fresh, encode};
use super::entry::write_saw;
use super::history::Found;
use super::redact::Redact;
use super::seen::Seen;
use super::sights::Sights;

/// Where a session is stored.
#[derive(Clone, Debug)]
pub(crate) enum Place {
    Url(String, Durability),
    Open(Arc<dyn Store>),
}

/// What the calls of a session were, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Recorded calls.
    pub calls: u64,
    /// Of these, calls that failed.
    pub failed: u64,
    /// What they reported, each once.
    pub usage: Usage,
    /// Calls that reported tokens and whose price is unknown.
    pub unpriced: u64,
}

impl Totals {
    pub(crate) fn add_usage(&mut self, usage: &Usage) {
        self.usage.add(usage);
        self.unpriced += u64::from(usage.total_tokens().is_some() && usage.cost_usd.is_none());
    }
}

/// The way from the calls of one session to its store, which is opened when the first of them is written.
///
/// A store that cannot be opened is not tried again: each call that is to be recorded fails with the same error.
pub(crate) struct Recorder {
    place: Place,
    session: String,
    log: Arc<str>,
    /// What is written before everything else.
    first: Mutex<Option<Batch>>,
    opened: OnceCell<Result<Arc<dyn Store>>>,
    /// Entries that were handed over.
    len: Mutex<u64>,
    backlog: Backlog,
    seen: Seen,
    redact: Redact,
    totals: Mutex<Totals>,
    sights: Sights,
    clock: Arc<dyn Clock>,
}

impl Recorder {
    pub(crate) fn new(
        place: Place,
        session: &str,
        first: Batch,
        redact: Redact,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self {
            place,
            session: session.to_owned(),
            log: log_name(session).into(),
            first: Mutex::new(Some(first)),
            opened: OnceCell::new(),
            len: Mutex::new(0),
            backlog: Backlog::default(),
            seen: Seen::default(),
            redact,
            totals: Mutex::default(),
            sights: Sights::default(),
            clock,
        }
    }

    /// Goes on with a journal in a store that is open.
    pub(super) fn go_on(self, store: Arc<dyn Store>, found: Found) -> Self {
        Self {
            first: Mutex::default(),
            opened: OnceCell::new_with(Some(Ok(store))),
            len: Mutex::new(found.len),
            totals: Mutex::new(found.totals),
            sights: Sights::of(found.sights),
            ..self
        }
    }

    /// Returns what is seen at a place, and whether an earlier process saw it there; see [`Sights`].
    pub(super) fn see(
        &self,
        at: (&'static str, CallId, CallId),
        look: impl FnOnce() -> Value,
    ) -> (Value, bool) {
        self.sights.see(at, look)
    }

    /// Returns what an earlier process saw next at a place.
    pub(super) fn recall(&self, place: CallId) -> Option<Value> {
        self.sights.recall(place)
    }

    /// Returns the store, if anything was written to it.
    pub(crate) fn opened(&self) -> Option<&Arc<dyn Store>> {
        self.opened.get()?.as_ref().ok()
    }

    pub(crate) fn totals(&self) -> Totals {
        *self.totals.lock()
    }

    /// Returns how many entries were handed over.
    pub(crate) fn len(&self) -> u64 {
        *self.len.lock()
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Totals)) {
        change(&mut self.totals.lock());
    }

    pub(crate) fn redact(&self) -> &Redact {
        &self.redact
    }

    /// Encodes a value, whose record form is `record`.
    pub(super) fn encode(&self, value: &Value, record: String) -> Result<Encoded> {
        encode(value, record, &self.seen, &self.redact)
    }

    /// Encodes for the metadata of the session, beside its journal.
    pub(crate) fn text(&self, value: &Value, batch: Batch) -> Result<(String, Batch)> {
        let encoded = self.encode(value, to_record(value))?;
        let batch = encoded
            .fresh
            .blobs
            .into_iter()
            .fold(batch, |batch, (hash, bytes)| batch.blob(hash, bytes));
        Ok((encoded.text, batch))
    }

    /// Appends an entry and returns when the store has acknowledged it and all before it.
    pub(super) async fn append(&self, line: Vec<u8>, fresh: Fresh) -> Result<()> {
        let store = self.open().await?;
        self.push(store, line, fresh, Haste::Now);
        self.settled(store).await
    }

    /// Appends an entry behind the caller's back: it is in the journal before all that are appended later, and a store
    /// that could not write it fails all of them. Waits only if the store has fallen far behind.
    pub(super) async fn send(&self, line: Vec<u8>, fresh: Fresh) -> Result<()> {
        let store = self.open().await?;
        self.backlog.check().map_err(|error| self.failed(error))?;
        self.push(store, line, fresh, Haste::Later);
        match self.backlog.is_long() {
            true => self.settled(store).await,
            false => Ok(()),
        }
    }

    /// As [`send`](Self::send), from where nothing can be waited for. Writes nothing if the store was never opened.
    pub(super) fn send_now(&self, line: Vec<u8>) {
        if let Some(store) = self.opened() {
            self.push(store, line, Fresh::default(), Haste::Later);
        }
    }

    /// Returns when all that was appended is stored.
    pub(crate) async fn settle(&self) -> Result<()> {
        if let Some(store) = self.opened() {
            self.push_saw(store);
        }
        match self.opened() {
            Some(store) if !self.backlog.is_empty() => self.settled(store).await,
            _ => self.backlog.check().map_err(|error| self.failed(error)),
        }
    }

    /// As [`settle`](Self::settle), on a thread that may wait. An error is told by what is appended next.
    pub(crate) fn settle_here(&self) {
        let Some(store) = self.opened() else {
            return;
        };
        self.push_saw(store);
        if self.backlog.is_empty() {
            return;
        }
        let (tell, told) = std::sync::mpsc::sync_channel(1);
        store.submit(
            Batch::new(),
            Box::new(move |_| {
                // Always heard: the receiver waits below.
                let _ = tell.send(());
            }),
        );
        // A store that died of a defect tells nothing.
        told.recv().ok();
    }

    async fn settled(&self, store: &Arc<dyn Store>) -> Result<()> {
        let settled = store.apply(Batch::new()).await;
        let settled = self.backlog.check().and(settled);
        settled.map(drop).map_err(|error| self.failed(error))
    }

    fn push(&self, store: &Arc<dyn Store>, line: Vec<u8>, fresh: Fresh, haste: Haste) {
        let Fresh { blobs, lists } = fresh;
        let hashes: Vec<Hash> = blobs.iter().map(|(hash, _)| *hash).collect();
        let bytes = line.len() + blobs.iter().map(|(_, blob)| blob.len()).sum::<usize>();
        let batch = blobs
            .into_iter()
            .fold(Batch::new(), |batch, (hash, bytes)| batch.blob(hash, bytes));
        let waiting = self.backlog.add(bytes);
        let done = Box::new(move |applied: Result<_>| waiting.end(applied.err()));
        // The entries get their numbers in the order in which they are handed over.
        let mut len = self.len.lock();
        let mut batch = batch.expect_len(self.log.clone(), *len);
        for line in self.saw().into_iter().chain([line]) {
            batch = batch.append(self.log.clone(), line);
            *len += 1;
        }
        // What comes later can count on the blobs: it is written only if this was.
        if !hashes.is_empty() || !lists.is_empty() {
            self.seen.add(hashes, lists);
        }
        store.submit(
            match haste {
                Haste::Now => batch,
                Haste::Later => batch.patient(),
            },
            done,
        );
    }

    /// Returns the entries of what was seen since the last entry: what follows may depend on it.
    fn saw(&self) -> Vec<Vec<u8>> {
        let fresh = self.sights.take();
        let lines = fresh.into_iter().map(|fresh| {
            let values = to_record(&fresh.values);
            write_saw(
                fresh.what,
                fresh.place,
                fresh.parent,
                self.clock.now(),
                &values,
            )
        });
        lines.collect()
    }

    /// Writes what was seen since the last entry.
    fn push_saw(&self, store: &Arc<dyn Store>) {
        if self.sights.is_empty() {
            return;
        }
        let mut len = self.len.lock();
        let mut batch = Batch::new().expect_len(self.log.clone(), *len);
        for line in self.saw() {
            batch = batch.append(self.log.clone(), line);
            *len += 1;
        }
        let waiting = self.backlog.add(0);
        store.submit(
            batch.patient(),
            Box::new(move |applied: Result<_>| waiting.end(applied.err())),
        );
    }

    /// Opens the store, if that was not done yet.
    pub(crate) async fn open(&self) -> Result<&Arc<dyn Store>> {
        let opened = match self.opened.get() {
            Some(opened) => opened,
            None => self.opened.get_or_init(|| self.begin()).await,
        };
        opened.as_ref().map_err(Clone::clone)
    }

    /// Opens the store and writes that the session exists.
    async fn begin(&self) -> Result<Arc<dyn Store>> {
        let store = match &self.place {
            Place::Open(store) => store.clone(),
            Place::Url(url, durability) => open_store(url, *durability)
                .await
                .map_err(|error| self.unopened(error))?,
        };
        let first = self.first.lock().take().unwrap_or_default();
        store
            .apply(first)
            .await
            .map_err(|error| self.failed(error))?;
        Ok(store)
    }

    fn unopened(&self, error: Error) -> Error {
        error.hint(
            "the run is recorded there; choose another place with `--store URL`, or none with `--ephemeral`",
        )
    }

    fn failed(&self, error: Error) -> Error {
        error
            .with("session", self.session.as_str())
            .hint("the call could not be written to the journal of the run")
    }
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.session)
    }
}

/// Whether somebody waits for an entry.
enum Haste {
    Now,
    Later,
}

/// Opens a store where waiting for its files blocks no one else.
pub(crate) async fn open_store(url: &str, durability: Durability) -> Result<Arc<dyn Store>> {
    if tokio::runtime::Handle::try_current().is_err() {
        return llmspell_store::open(url, durability);
    }
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || llmspell_store::open(&url, durability))
        .await
        .unwrap_or_else(|cause| {
            Err(llmspell_core::error!(Bug, "opening the store failed").source(cause))
        })
}

/// Returns the name of the log that holds the journal of a session.
pub(crate) fn log_name(session: &str) -> String {
    format!("journal/{session}")
}
