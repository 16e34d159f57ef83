//! What a run keeps between calls: open transactions, connections, the database in memory.

use std::collections::HashMap;
use std::sync::Arc;

use llmspell_core::{Cx, Error, Kind, Result, bail, error};
use parking_lot::Mutex;

use super::mysql::Mysql;
use super::postgres::Postgres;
use super::rows::Answer;
use super::session::{Embedded, Job, Session};
use super::sqlite::{self, Shared};
use super::statement::{Class, Dialect};
use super::target::{Location, Target};

/// Most transactions that are open at once (count).
const MAX_TRANSACTIONS: usize = 16;

/// What a run keeps between calls. It goes with the run, and with it every transaction that is still open.
#[derive(Default)]
pub(super) struct Live {
    /// Open transactions by name; none while a call uses one.
    transactions: Mutex<HashMap<String, Option<Open>>>,
    memory: Mutex<Option<Shared>>,
    idle: Mutex<HashMap<String, Vec<Session>>>,
}

/// An open transaction.
struct Open {
    session: Session,
    target: Target,
    read_only: bool,
}

impl Live {
    /// Takes an open transaction for one call.
    pub(super) fn transaction(self: Arc<Self>, tx: &str) -> Result<Taken> {
        let mut transactions = self.transactions.lock();
        let Some(slot) = transactions.get_mut(tx) else {
            bail!(NotFound, "no transaction '{tx:.60}' is open in this run");
        };
        let Some(open) = slot.take() else {
            bail!(Conflict, "another call uses the transaction '{tx}'");
        };
        drop(transactions);
        Ok(Taken {
            session: Some(open.session),
            target: open.target,
            read_only: open.read_only,
            tx: Some(tx.to_owned()),
            pooled: false,
            settled: true,
            live: self,
        })
    }

    /// Returns a connection that was kept, or a new one.
    pub(super) async fn session(
        &self,
        cx: Cx,
        target: &Target,
        write: bool,
        make: bool,
    ) -> Result<Session> {
        let kept = key(target).and_then(|key| {
            let mut idle = self.idle.lock();
            let kept = idle.get_mut(&key)?;
            std::iter::from_fn(|| kept.pop()).find(Session::is_reusable)
        });
        match kept {
            Some(session) => Ok(session),
            None => self.fresh(cx, target, write, make).await,
        }
    }

    /// Opens a connection; `write` and `make` say how a file is opened.
    pub(super) async fn fresh(
        &self,
        cx: Cx,
        target: &Target,
        write: bool,
        make: bool,
    ) -> Result<Session> {
        match &target.place {
            Location::Memory => {
                let mut memory = self.memory.lock();
                let shared = match &*memory {
                    Some(shared) => shared.clone(),
                    None => memory.insert(sqlite::open_memory()?).clone(),
                };
                Ok(Session::Sqlite(Embedded::new(shared, true)))
            }
            Location::File(path) => {
                let path = path.clone();
                let shared = cx
                    .files(move |files, _| sqlite::open_file(files, &path, write, make))
                    .await?;
                Ok(Session::Sqlite(Embedded::new(shared, false)))
            }
            Location::Postgres(server) => {
                Ok(Session::Postgres(Postgres::connect(cx, server).await?))
            }
            Location::Mysql(server) => {
                Ok(Session::Mysql(Box::new(Mysql::connect(cx, server).await?)))
            }
        }
    }

    /// Reserves a place for a transaction.
    ///
    /// - Errors: `Limit` if there are enough.
    pub(super) fn reserve(self: &Arc<Self>) -> Result<Slot> {
        let mut transactions = self.transactions.lock();
        if transactions.len() >= MAX_TRANSACTIONS {
            return Err(
                error!(Limit, "{MAX_TRANSACTIONS} transactions are open already")
                    .with("limit", MAX_TRANSACTIONS)
                    .hint("commit or roll back those that are done"),
            );
        }
        let name = format!(
            "reserved {}",
            (0..)
                .find(|count| !transactions.contains_key(&format!("reserved {count}")))
                .unwrap_or(0)
        );
        transactions.insert(name.clone(), None);
        Ok(Slot {
            live: self.clone(),
            name,
        })
    }
}

/// Returns what a connection must have in common to be used again; none for what is not kept.
fn key(target: &Target) -> Option<String> {
    match &target.place {
        Location::Memory | Location::File(_) => None,
        Location::Postgres(server) | Location::Mysql(server) => {
            Some(server.key(target.place.kind()))
        }
    }
}

/// A place for a transaction that is about to begin.
pub(super) struct Slot {
    live: Arc<Live>,
    name: String,
}

impl Slot {
    /// Keeps the transaction under its name.
    pub(super) fn fill(self, tx: &str, session: Session, target: Target, read_only: bool) {
        let open = Open {
            session,
            target,
            read_only,
        };
        self.live
            .transactions
            .lock()
            .insert(tx.to_owned(), Some(open));
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.live.transactions.lock().remove(&self.name);
    }
}

/// A connection that a call uses.
///
/// Dropped in the middle of something, it is closed, and what was open is rolled back by the server. A transaction that
/// was left in order goes back to its place.
pub(super) struct Taken {
    live: Arc<Live>,
    session: Option<Session>,
    target: Target,
    pub(super) read_only: bool,
    tx: Option<String>,
    pooled: bool,
    /// Nothing is under way on it.
    settled: bool,
}

impl Taken {
    pub(super) fn new(live: Arc<Live>, session: Session, target: Target, pooled: bool) -> Self {
        Self {
            live,
            session: Some(session),
            read_only: target.read_only,
            target,
            tx: None,
            pooled,
            settled: true,
        }
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Returns how the server reads SQL.
    pub(super) fn dialect(&self) -> Result<Dialect> {
        let session = self.session.as_ref().map(Session::dialect);
        session.ok_or_else(|| Error::new(Kind::Bug, "the connection is gone"))
    }

    /// Returns the connection for a piece of work, whose outcome must be told to [`settle`](Self::settle).
    pub(super) fn session(&mut self) -> Result<&mut Session> {
        self.settled = false;
        self.session
            .as_mut()
            .ok_or_else(|| Error::new(Kind::Bug, "the connection is gone"))
    }

    /// Takes note of how a piece of work ended.
    pub(super) fn settle<T>(&mut self, outcome: Result<T>) -> Result<T> {
        match &outcome {
            Ok(_) => self.settled = true,
            // In a transaction the caller decides what becomes of it.
            Err(error) => {
                let broken = matches!(
                    error.kind(),
                    Kind::Timeout | Kind::Cancelled | Kind::Remote | Kind::Bug
                );
                self.settled = self.tx.is_some() && !broken;
                if !self.settled {
                    self.session = None;
                }
            }
        }
        outcome
    }

    /// Keeps the connection for further calls, if that is wanted and it is as it was.
    pub(super) fn give_back(mut self, job: &Job<'_>, answer: &Answer) {
        if self.tx.is_some() {
            return;
        }
        let changed = job
            .classes
            .iter()
            .any(|class| matches!(class, Class::Other | Class::Pragma));
        let Some(key) = key(&self.target).filter(|_| self.pooled && !changed && !answer.truncated)
        else {
            return;
        };
        if let Some(session) = self.session.take().filter(Session::is_reusable) {
            let mut idle = self.live.idle.lock();
            let kept = idle.entry(key).or_default();
            if kept.len() < self.target.pool_size {
                kept.push(session);
            }
        }
    }

    /// Ends the use of a transaction that is no more.
    pub(super) fn close(mut self) {
        self.session = None;
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some(tx) = self.tx.take() else { return };
        let mut transactions = self.live.transactions.lock();
        match self.session.take().filter(|_| self.settled) {
            Some(session) => {
                let open = Open {
                    session,
                    target: self.target.clone(),
                    read_only: self.read_only,
                };
                transactions.insert(tx, Some(open));
            }
            None => {
                transactions.remove(&tx);
            }
        }
    }
}
