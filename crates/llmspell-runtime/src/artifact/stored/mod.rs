//! Artifacts in a store.
//!
//! An artifact of a session `S` is the key `artifact/S/SEQ` with its [`Artifact`], and three keys by which it is found:
//! `artifact-name/S/NAME/VERSION`, `artifact-time/TIME/S/SEQ` and `artifact-content/HASH/S/SEQ`. Numbers are 16 hex digits;
//! `%` and `/` in names are written `%25` and `%2F`. `holding/S` has the numbers of the session's artifacts and stays
//! when they are gone, so that no number is given twice. `artifact-call/RUN/CALL` leads to what a call of a run made.
//!
//! A content is stored once, however many artifacts have it: the key `content/HASH` says how many, `content/HASH/N` are
//! its chunks. The last artifact that is deleted takes it along.
//!
//! Each change is one batch that demands that what it was computed from is still so, and is computed anew if not. So
//! several processes can write to one store, and one that dies leaves a change done or not done.

mod cache;
mod content;
mod find;
mod grant;
mod keep;
mod query;
mod record;
mod remove;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use futures::future::BoxFuture;
use llmspell_core::{Kind, Map, Result, Value};
use llmspell_store::{Batch, Store};

use super::id::Id;
use super::options::Options;
use super::shown;
use crate::session::{Belongings, ScriptSessions};
use cache::Cache;
use record::{Content, Shelf};

pub use query::Query;
pub use record::{Artifact, Permission};

/// How often a change is computed anew because another process was faster.
const ATTEMPTS: u32 = 1000;

/// What is to be an artifact, beside its content.
#[derive(Clone, Debug)]
pub struct New {
    /// The session that gets it.
    pub session: String,
    /// The type.
    pub kind: String,
    /// The name.
    pub name: String,
    /// The MIME type.
    pub mime_type: String,
    /// Whether the content was given as text; it must be UTF-8 then.
    pub is_text: bool,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What else is noted.
    pub custom: Map,
    /// What it was made from.
    pub parent: Option<Id>,
    /// Agent, tool or script.
    pub created_by: Option<String>,
    /// UTC microseconds since 1970.
    pub created_at: i64,
    /// What the session may have, where that is less than the options say.
    pub most: Option<Totals>,
    /// A key without which there is no session: an artifact of one that is being deleted would be there for ever.
    pub session_key: Option<String>,
    /// The call that makes it, with its run. Storing again for the same call returns what it has made.
    pub call: Option<String>,
}

/// The numbers of a session's artifacts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Artifacts (count).
    pub count: u64,
    /// Bytes of their contents, each counted whole.
    pub bytes: u64,
}

/// The artifacts of all sessions of a store.
pub struct Artifacts {
    place: Place,
    options: Options,
    cache: Cache,
    /// Held while a change is computed and written, so that only other processes can be faster.
    writing: tokio::sync::Mutex<()>,
}

/// Where the store is.
#[derive(Clone, Debug)]
enum Place {
    Open(Arc<dyn Store>),
    Run(Arc<ScriptSessions>),
}

impl Artifacts {
    /// Keeps artifacts in an open store.
    pub fn open(store: Arc<dyn Store>, options: Options) -> Self {
        Self::new(Place::Open(store), options)
    }

    /// Keeps those of a run in the store of its sessions, which is opened by the first who needs it.
    pub fn of_run(sessions: Arc<ScriptSessions>, options: Options) -> Self {
        Self::new(Place::Run(sessions), options)
    }

    fn new(place: Place, options: Options) -> Self {
        Self {
            place,
            options,
            cache: Cache::default(),
            writing: tokio::sync::Mutex::new(()),
        }
    }

    /// Returns the bounds.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Returns the store.
    ///
    /// - Errors: `Unavailable` if the configuration switches sessions off; those of opening it.
    async fn store(&self) -> Result<Arc<dyn Store>> {
        match &self.place {
            Place::Open(store) => Ok(store.clone()),
            Place::Run(sessions) => sessions.store().await,
        }
    }

    /// Returns the content of an artifact.
    ///
    /// - Errors: `NotFound` if it was deleted meanwhile; `Corrupt` if it is damaged.
    pub async fn content(&self, artifact: &Artifact) -> Result<Bytes> {
        let hash = &artifact.id.content_hash;
        if let Some(content) = self.cache.get(hash) {
            return Ok(content);
        }
        match content::read(&*self.store().await?, hash).await? {
            Some(content) => {
                self.cache.put(hash, content.clone());
                Ok(content)
            }
            None => Err(find::missing(&(&artifact.id).into())),
        }
    }

    /// Returns the numbers of a session's artifacts.
    pub async fn totals(&self, session: &str) -> Result<Totals> {
        let (shelf, _) = self.shelf(session).await?;
        Ok(Totals {
            count: shelf.artifacts,
            bytes: shelf.bytes,
        })
    }

    /// Returns the numbers of a session's artifacts, and how they are written.
    async fn shelf(&self, session: &str) -> Result<(Shelf, Written)> {
        let key = record::shelf_key(session);
        let (shelf, written) = self.record("the artifacts of a session", key).await?;
        Ok((shelf.unwrap_or_default(), written))
    }

    /// Returns the record of a content, and how it is written.
    async fn stored_content(&self, hash: &str) -> Result<(Option<Content>, Written)> {
        self.record("a content", record::content_key(hash)).await
    }

    async fn record<T: serde::de::DeserializeOwned>(
        &self,
        what: &str,
        key: String,
    ) -> Result<(Option<T>, Written)> {
        let value = self.store().await?.get(key.as_bytes()).await?;
        let record = value.as_deref().map(|bytes| record::read(what, bytes));
        Ok((record.transpose()?, Written { key, value }))
    }

    /// Computes and writes a change until no other process was faster.
    ///
    /// - Errors: those of computing it; `Conflict` if others are faster without end.
    async fn change<'a, T>(&self, compute: impl Fn() -> Computed<'a, T> + Send) -> Result<T> {
        let _alone = self.writing.lock().await;
        let store = self.store().await?;
        let mut attempt = 0;
        loop {
            let (outcome, batch) = compute().await?;
            let Some(batch) = batch else {
                return Ok(outcome);
            };
            attempt += 1;
            match store.apply(batch).await {
                Ok(_) => return Ok(outcome),
                Err(error) if error.kind() == Kind::Conflict && attempt < ATTEMPTS => {}
                Err(error) => return Err(error),
            }
        }
    }
}

/// What a change gives, and its batch if there is anything to write.
type Computed<'a, T> = BoxFuture<'a, Result<(T, Option<Batch>)>>;

/// A key and the value that a change was computed from.
struct Written {
    key: String,
    value: Option<Vec<u8>>,
}

impl Written {
    /// Demands that the key still has that value.
    fn expected(&self, batch: Batch) -> Batch {
        match &self.value {
            Some(value) => batch.expect(self.key.as_str(), value.as_slice()),
            None => batch.expect_absent(self.key.as_str()),
        }
    }
}

/// Artifacts go with their session.
impl Belongings for Artifacts {
    fn remove<'a>(&'a self, session: &'a str) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.remove_all(session))
    }

    fn export<'a>(&'a self, session: &'a str) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let mut all = Vec::new();
            for artifact in self.list(session).await? {
                let content = self.content(&artifact).await?;
                all.push(shown::exported(&artifact, content));
            }
            Ok(Value::List(all))
        })
    }
}

impl fmt::Debug for Artifacts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Artifacts({:?})", self.place)
    }
}

#[cfg(test)]
mod tests;
