//! Writes the journal of one session to its store.

use std::sync::Arc;

use futures::FutureExt;
use llmspell_core::{Error, Result, Usage, Value};
use llmspell_store::{Batch, Durability, Hash, Store};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;

use super::chunk::{Digest, Encoded, Fresh, Known, encode};
use super::redact::Redact;
use super::seen::Seen;

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
#[derive(Debug)]
pub(crate) struct Recorder {
    place: Place,
    session: String,
    log: Arc<str>,
    /// What is written before everything else.
    first: Mutex<Option<Batch>>,
    opened: OnceCell<Result<Arc<dyn Store>>>,
    seen: Seen,
    redact: Redact,
    totals: Mutex<Totals>,
}

impl Recorder {
    pub(crate) fn new(place: Place, session: &str, first: Batch, redact: Redact) -> Self {
        Self {
            place,
            session: session.to_owned(),
            log: log_name(session).into(),
            first: Mutex::new(Some(first)),
            opened: OnceCell::new(),
            seen: Seen::default(),
            redact,
            totals: Mutex::default(),
        }
    }

    /// Returns the store, if anything was written to it.
    pub(crate) fn opened(&self) -> Option<&Arc<dyn Store>> {
        self.opened.get()?.as_ref().ok()
    }

    pub(crate) fn totals(&self) -> Totals {
        *self.totals.lock()
    }

    pub(super) fn count(&self, change: impl FnOnce(&mut Totals)) {
        change(&mut self.totals.lock());
    }

    pub(crate) fn redact(&self) -> &Redact {
        &self.redact
    }

    pub(super) fn encode(&self, value: &Value, record: Option<String>) -> Result<Encoded> {
        encode(value, record, &self.seen, &self.redact)
    }

    /// Encodes for the metadata of the session, beside its journal.
    pub(crate) fn text(&self, value: &Value, batch: Batch) -> Result<(String, Batch)> {
        let encoded = self.encode(value, None)?;
        let batch = encoded
            .fresh
            .blobs
            .into_iter()
            .fold(batch, |batch, (hash, bytes)| batch.blob(hash, bytes));
        Ok((encoded.text, batch))
    }

    /// Appends an entry and returns when the store has acknowledged it.
    pub(super) async fn append(&self, line: Vec<u8>, fresh: Fresh) -> Result<()> {
        let store = self.open().await?;
        let sent = Sent::new(&fresh);
        store
            .apply(self.batch(line, fresh))
            .await
            .map_err(|error| self.failed(error))?;
        sent.stored(&self.seen);
        Ok(())
    }

    /// Appends an entry without waiting. It is in the journal before all that are appended later.
    pub(super) async fn send(&self, line: Vec<u8>, fresh: Fresh) -> Result<()> {
        let store = self.open().await?;
        self.push(store, line, fresh)
    }

    /// As [`send`](Self::send), from where nothing can be waited for. Writes nothing if the store was never opened.
    pub(super) fn send_now(&self, line: Vec<u8>) {
        if let Some(store) = self.opened() {
            // No one is left who could be told.
            self.push(store, line, Fresh::default()).ok();
        }
    }

    fn push(&self, store: &Arc<dyn Store>, line: Vec<u8>, fresh: Fresh) -> Result<()> {
        let sent = Sent::new(&fresh);
        // A batch is on its way, and has its place among the others, once its future was polled.
        match store.apply(self.batch(line, fresh)).now_or_never() {
            Some(Ok(_)) => sent.stored(&self.seen),
            Some(Err(error)) => return Err(self.failed(error)),
            // Not acknowledged, so a later entry brings the blobs along once more.
            None => {}
        }
        Ok(())
    }

    fn batch(&self, line: Vec<u8>, fresh: Fresh) -> Batch {
        let blobs = fresh.blobs.into_iter();
        blobs
            .fold(Batch::new(), |batch, (hash, bytes)| batch.blob(hash, bytes))
            .append(self.log.clone(), line)
    }

    async fn open(&self) -> Result<&Arc<dyn Store>> {
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

/// What was sent to the store, to be remembered once it is acknowledged.
struct Sent {
    blobs: Vec<Hash>,
    lists: Vec<(Digest, Known)>,
}

impl Sent {
    fn new(fresh: &Fresh) -> Self {
        Self {
            blobs: fresh.blobs.iter().map(|(hash, _)| *hash).collect(),
            lists: fresh.lists.clone(),
        }
    }

    fn stored(self, seen: &Seen) {
        if !self.blobs.is_empty() || !self.lists.is_empty() {
            seen.add(self.blobs, self.lists);
        }
    }
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
