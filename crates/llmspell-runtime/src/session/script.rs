//! The sessions that the script of a run makes and uses: where they are, and how they stand.

mod changing;
mod choosing;
mod counting;

use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use llmspell_core::{Clock, Result, error};
use llmspell_store::Store;
use parking_lot::Mutex;
use uuid::Uuid;

use super::belongings::Belongings;
use super::bounds::{Bounds, Rules};
use super::meta::{self, Meta};
use super::record::{self, Record};
use super::stage::Stage;
use super::upkeep::Upkeep;
use super::{Choice, Session, Sessions, Status, Summary, stage_of};
use crate::event::Bus;
use crate::hook::Hooks;
use crate::journal::{Journal, Reader, Recorder, Redact};

pub(super) use changing::ACTIVE;

/// The sessions that the script of a run makes and uses, and which of them its calls are made for.
///
/// They live in the store in which the run is recorded; several runs and processes may use the same ones. In a run that
/// is recorded nowhere they live in memory, and end with it. Nothing is opened before the first of them.
///
/// - Errors of all async methods: `Unavailable` if the configuration switches sessions off; those of the store.
pub struct ScriptSessions {
    run: Arc<str>,
    recorder: Arc<Recorder>,
    journal: Arc<Journal>,
    lasts: bool,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) rules: Rules,
    /// What `set_current` named last.
    current: Mutex<Option<Arc<str>>>,
    /// They hold these sessions themselves.
    belongings: OnceLock<Weak<dyn Belongings>>,
    bus: OnceLock<Arc<Bus>>,
    hooks: OnceLock<Arc<Hooks>>,
    pub(super) upkeep: Upkeep,
}

/// What others need to know of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The id, a UUID.
    pub id: String,
    /// How it stands. A run that is at work is active.
    pub stage: Stage,
    /// What it may consume.
    pub bounds: Bounds,
}

impl ScriptSessions {
    pub(super) fn new(session: &Session, rules: Rules) -> Self {
        Self {
            run: session.id.as_str().into(),
            recorder: session.recorder.clone(),
            journal: session.journal.clone(),
            lasts: session.lasts,
            clock: session.clock.clone(),
            rules,
            current: Mutex::default(),
            belongings: OnceLock::new(),
            bus: OnceLock::new(),
            hooks: OnceLock::new(),
            upkeep: Upkeep::default(),
        }
    }

    /// Says where the events of the run are published, which are counted for the current session.
    pub fn heard_on(&self, bus: Arc<Bus>) {
        self.bus.get_or_init(|| bus);
    }

    /// Says which hooks the run has, whose calls are counted for the current session.
    pub fn hooked_by(&self, hooks: Arc<Hooks>) {
        self.hooks.get_or_init(|| hooks);
    }

    /// Says who keeps something for sessions beside them, as long as that lives. The first one counts.
    pub fn kept_by<T: Belongings + 'static>(&self, belongings: &Arc<T>) {
        let weak: Weak<T> = Arc::downgrade(belongings);
        self.belongings.get_or_init(|| weak);
    }

    pub(super) fn belongings(&self) -> Option<Arc<dyn Belongings>> {
        self.belongings.get()?.upgrade()
    }

    /// Returns the id of the run's own session.
    pub fn run(&self) -> &str {
        &self.run
    }

    /// Returns the session that the script chose, however it stands.
    pub fn current(&self) -> Option<Arc<str>> {
        self.current.lock().clone()
    }

    /// Returns the session that calls are made for at present: the chosen one if it is active, else the run's own.
    pub fn place(&self) -> Arc<str> {
        match self.journal.current().chosen() {
            Some(chosen) if chosen.is_active() => chosen.session.clone(),
            _ => self.run.clone(),
        }
    }

    /// Returns the store in which sessions are kept, opened if it was not. It is closed with the run.
    pub async fn store(&self) -> Result<Arc<dyn Store>> {
        self.check()?;
        self.recorder.open().await.cloned()
    }

    /// Returns an error if the configuration switches sessions off.
    pub(super) fn check(&self) -> Result<()> {
        match self.rules.enabled {
            true => Ok(()),
            false => {
                Err(error!(Unavailable, "sessions are disabled")
                    .hint("set `sessions.enabled = true`"))
            }
        }
    }

    pub(super) fn redact(&self) -> &Redact {
        self.recorder.redact()
    }

    /// Returns what is known of a session, a run or one that a script made; `None` if there is none of this id.
    ///
    /// - Errors: `InvalidArgs` for a text that is no id.
    pub async fn facts(&self, id: &str) -> Result<Option<Facts>> {
        let id = checked(id)?;
        if let Some(record) = self.look(&id).await? {
            let (stage, bounds) = (record.stage, record.bounds);
            return Ok(Some(Facts { id, stage, bounds }));
        }
        let stage = match id == *self.run {
            true => Some(Stage::Active),
            false => self.meta(&id).await?.map(|meta| stage_of(meta.status())),
        };
        let bounds = Bounds::of(&self.rules);
        Ok(stage.map(|stage| Facts { id, stage, bounds }))
    }

    /// As [`facts`](Self::facts), of a session that there is.
    ///
    /// - Errors: `NotFound`.
    pub async fn require(&self, id: &str) -> Result<Facts> {
        self.facts(id).await?.ok_or_else(|| missing(id))
    }

    /// As [`require`](Self::require), of a session that work can be done for.
    ///
    /// - Errors: `InvalidState` naming how it stands.
    pub async fn require_active(&self, id: &str) -> Result<Facts> {
        let facts = self.require(id).await?;
        match facts.stage {
            Stage::Active => Ok(facts),
            stage => Err(error!(
                InvalidState,
                "the session {} is {}, not active",
                facts.id,
                stage.name()
            )
            .with("session", facts.id.as_str())
            .with("status", stage.name())),
        }
    }

    pub(super) async fn reader(&self) -> Result<Reader> {
        Ok(Reader::new(self.store().await?))
    }

    /// Returns when all calls that have ended are stored.
    pub(super) async fn settle(&self) -> Result<()> {
        self.journal.settle().await
    }

    async fn meta(&self, run: &str) -> Result<Option<Meta>> {
        match self.store().await?.get(meta::key(run).as_bytes()).await? {
            Some(bytes) => Meta::read(run, &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the record of a session that a script made. One that is active for a run that is not at work waits.
    pub(super) async fn look(&self, id: &str) -> Result<Option<Record>> {
        let stored = self.store().await?.get(record::key(id).as_bytes()).await?;
        match stored {
            Some(bytes) => self.effective(Record::read(id, &bytes)?).await.map(Some),
            None => Ok(None),
        }
    }

    async fn effective(&self, mut record: Record) -> Result<Record> {
        if record.stage == Stage::Active && !self.is_at_work(&record.run).await? {
            record.stage = Stage::Suspended;
        }
        Ok(record)
    }

    /// Returns whether the process of a run is at it.
    async fn is_at_work(&self, run: &str) -> Result<bool> {
        if run == &*self.run {
            return Ok(true);
        }
        let meta = self.meta(run).await?;
        Ok(meta.is_some_and(|meta| meta.status() == Status::Running))
    }

    /// Returns a run as a line of a listing.
    pub(super) async fn run_of(&self, id: &str) -> Result<Option<Summary>> {
        self.listing().await?.summary_of(id).await
    }

    pub(super) async fn listing(&self) -> Result<Sessions> {
        Sessions::open(&Choice::Store(self.store().await?)).await
    }

    /// Returns every session that a script made, in the order of their ids.
    pub(super) async fn all(&self) -> Result<Vec<Record>> {
        let store = self.store().await?;
        let mut found = Vec::new();
        for record in record::all(&*store).await? {
            found.push(self.effective(record).await?);
        }
        Ok(found)
    }
}

impl fmt::Debug for ScriptSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ScriptSessions({})", self.run)
    }
}

/// Returns an id as it is stored.
///
/// - Errors: `InvalidArgs` for a text that is none.
pub(super) fn checked(id: &str) -> Result<String> {
    match Uuid::parse_str(id) {
        Ok(uuid) => Ok(uuid.hyphenated().to_string()),
        Err(_) => Err(error!(InvalidArgs, "Invalid session ID: {id}")
            .with("session", id)
            .hint("`Session.create` returns one, and `Session.list` shows those that there are")),
    }
}

pub(super) fn missing(id: &str) -> llmspell_core::Error {
    error!(NotFound, "Session not found: {id}").with("session", id)
}

#[cfg(test)]
mod tests;
