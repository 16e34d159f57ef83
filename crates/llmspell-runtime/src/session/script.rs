//! The sessions that the script of a run makes and uses.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use llmspell_core::{Clock, Kind, Result, error};
use llmspell_store::{Batch, Scan, Store};
use parking_lot::Mutex;
use uuid::Uuid;

use super::belongings::Belongings;
use super::bounds::{Bounds, Rules};
use super::meta::{self, Meta};
use super::record::{self, Record};
use super::stage::Stage;
use super::upkeep::Upkeep;
use super::work::{self, Holding, Work};
use super::{Choice, Session, Sessions, Status, Summary, stage_of};
use crate::event::Bus;
use crate::journal::{Attribution, Journal, Reader, Recorder, Redact, Totals};

/// Where it is noted which sessions are active: `active/ID`, with the run that made them so.
pub(super) const ACTIVE: &str = "active/";

/// A number that changes whenever a session becomes active, so that two processes do not both make the last one.
const ACTIVATIONS: &str = "activations";

/// How often a change is tried that others were faster with.
const TRIES: usize = 1000;

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
            upkeep: Upkeep::default(),
        }
    }

    /// Says where the events of the run are published, which are counted for the current session.
    pub fn heard_on(&self, bus: Arc<Bus>) {
        self.bus.get_or_init(|| bus);
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

    /// Makes calls for this session from now on; `None` for the run's own. It may stand in any way; while it is not active,
    /// calls are made for the run's own.
    ///
    /// - Errors: `InvalidArgs` for a text that is no id; `NotFound`.
    /// - Cancel: the session is chosen or not.
    /// - Replay: done again, since it changes the run alone.
    pub async fn set_current(&self, id: Option<&str>) -> Result<()> {
        let Some(id) = id else {
            *self.current.lock() = None;
            self.select(None);
            return Ok(());
        };
        let facts = self.require(id).await?;
        let record = self.look(&facts.id).await?;
        self.choose(&facts.id, record).await
    }

    /// As [`set_current`](Self::set_current), of a session that there is, or was, and that stood so if a script made it.
    pub(super) async fn choose(&self, id: &str, record: Option<Record>) -> Result<()> {
        let attribution = match record {
            Some(record) if self.look(id).await?.is_some() => {
                Some(self.attribution(&record).await?)
            }
            // The calls of a run are made for itself alone.
            _ => None,
        };
        *self.current.lock() = Some(id.into());
        self.select(attribution);
        Ok(())
    }

    fn select(&self, next: Option<Arc<Attribution>>) {
        let before = self.journal.current().choose(next.clone());
        let published = self.published();
        if let Some(before) = before {
            before.hear_no_more(published);
        }
        if let Some(next) = next {
            next.hear(published);
        }
    }

    fn published(&self) -> u64 {
        self.bus.get().map_or(0, |bus| bus.published())
    }

    /// Says that no more is done in this run, so that numbers can be written.
    pub fn end(&self) {
        self.select(None);
    }

    /// Returns the account of the calls that this run makes for a session, and notes that it makes some.
    async fn attribution(&self, record: &Record) -> Result<Arc<Attribution>> {
        let active = record.stage == Stage::Active;
        let known = self.journal.current().of(&record.id);
        if let Some(known) = known {
            known.set_active(active);
            return Ok(known);
        }
        let store = self.store().await?;
        let (mut base, mut others, mut noted) = ((Totals::default(), 0), 0, false);
        for (run, work) in work::runs(&*store, &record.id).await? {
            let totals = work::totals(&self.reader().await?, &record.id, &run, work).await?;
            if run == *self.run {
                (base, noted) = ((totals, work.events), true);
            } else {
                others += totals.calls;
            }
        }
        if !noted {
            let key = work::key(&record.id, &self.run);
            store
                .apply(Batch::new().put(key, Work::default().write()?))
                .await?;
        }
        let most = record.bounds.resource_limits.max_operations;
        let attribution = Attribution::new(&record.id, most, base, others);
        attribution.set_active(active);
        Ok(Arc::new(attribution))
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

    /// Keeps a new session. One of this id that is there already stays: the call that made it is made again.
    ///
    /// - Errors: `Limit` if as many sessions are active as may be.
    pub(super) async fn add(&self, record: &Record) -> Result<()> {
        // A run that records nothing before is recorded from its first session on.
        if self.lasts {
            self.journal.turn_on();
        }
        let store = self.store().await?;
        let key = record::key(&record.id);
        for _ in 0..TRIES {
            if store.get(key.as_bytes()).await?.is_some() {
                return Ok(());
            }
            let batch = Batch::new()
                .expect_absent(key.clone())
                .put(key.clone(), record.write()?);
            let batch = self.activate(&store, batch, &record.id).await?;
            match store.apply(batch).await {
                Err(lost) if lost.kind() == Kind::Conflict => {}
                applied => return applied.map(drop),
            }
        }
        Err(busy(&record.id))
    }

    /// Changes a session. `change` may be called several times, and says whether there is anything to write.
    ///
    /// - Errors: `NotFound`; those of `change`; `Limit` if it becomes active and as many are as may be.
    pub(super) async fn change(
        &self,
        id: &str,
        change: impl Fn(&mut Record) -> Result<bool>,
    ) -> Result<Record> {
        let store = self.store().await?;
        let key = record::key(id);
        for _ in 0..TRIES {
            let Some(before) = store.get(key.as_bytes()).await? else {
                return Err(missing(id));
            };
            let stored = Record::read(id, &before)?;
            let was_active = stored.stage == Stage::Active;
            let mut record = self.effective(stored).await?;
            let stage = record.stage;
            if !change(&mut record)? {
                self.note(&record);
                return Ok(record);
            }
            let mut batch = Batch::new().expect(key.clone(), before);
            if record.stage == Stage::Active && stage != Stage::Active {
                record.run = self.run.to_string();
                batch = self.activate(&store, batch, id).await?;
            } else if was_active && record.stage != Stage::Active {
                batch = batch.delete(format!("{ACTIVE}{id}"));
            }
            match store.apply(batch.put(key.clone(), record.write()?)).await {
                Ok(_) => {
                    self.note(&record);
                    return Ok(record);
                }
                Err(lost) if lost.kind() == Kind::Conflict => {}
                Err(failure) => return Err(failure),
            }
        }
        Err(busy(id))
    }

    /// Adds to a batch that a session becomes active.
    ///
    /// - Errors: `Limit` if as many are as may be.
    async fn activate(&self, store: &Arc<dyn Store>, batch: Batch, id: &str) -> Result<Batch> {
        let stored = store.get(ACTIVATIONS.as_bytes()).await?;
        let active = self.active(&**store, id).await?;
        let most = self.rules.max_sessions;
        if active >= most {
            return Err(
                error!(Limit, "there are {most} active sessions, which is the most")
                    .with("what", "max_sessions")
                    .with("limit", most)
                    .with("value", active.saturating_add(1))
                    .hint("complete or suspend some, or raise `sessions.max_sessions`"),
            );
        }
        let text = stored.as_deref().map(String::from_utf8_lossy);
        let before: u64 = text.and_then(|text| text.parse().ok()).unwrap_or(0);
        let batch = match stored {
            Some(stored) => batch.expect(ACTIVATIONS, stored),
            None => batch.expect_absent(ACTIVATIONS),
        };
        Ok(batch
            .put(ACTIVATIONS, before.wrapping_add(1).to_string())
            .put(format!("{ACTIVE}{id}"), self.run.as_bytes()))
    }

    /// Returns how many sessions are active, other than `id`.
    async fn active(&self, store: &dyn Store, id: &str) -> Result<u64> {
        let mut at_work: HashMap<String, bool> = HashMap::new();
        let mut count = 0;
        let mut scan = Scan::prefix(ACTIVE);
        loop {
            let page = store.scan(scan).await?;
            for (key, run) in &page.entries {
                let run = String::from_utf8_lossy(run).into_owned();
                let is_held = match at_work.get(&run) {
                    Some(known) => *known,
                    None => {
                        let found = self.is_at_work(&run).await?;
                        at_work.insert(run, found);
                        found
                    }
                };
                let own = key[ACTIVE.len()..] == *id.as_bytes();
                count += u64::from(is_held && !own);
            }
            match page.next {
                Some(next) => scan = Scan::prefix(ACTIVE).after(next),
                None => return Ok(count),
            }
        }
    }

    /// Lets calls know how the session stands now that they are made for. One that is over is no longer the current one.
    pub(super) fn note(&self, record: &Record) {
        if let Some(attribution) = self.journal.current().of(&record.id) {
            attribution.set_active(record.stage == Stage::Active);
        }
        if record.stage.is_over() {
            self.leave(&record.id);
        }
    }

    /// Makes calls for the run itself, if they were made for this session.
    pub(super) fn leave(&self, id: &str) {
        let mut current = self.current.lock();
        if current.as_deref() == Some(id) {
            *current = None;
            self.select(None);
        }
    }

    /// Forgets a session that is gone.
    pub(super) fn forget(&self, id: &str) {
        self.leave(id);
        self.journal.current().forget(id);
        self.upkeep.forget(id);
    }

    /// Returns when a call of this run was made for a session last, UTC microseconds since 1970; 0 if none was.
    pub(super) fn touched(&self, id: &str) -> i64 {
        let attribution = self.journal.current().of(id);
        attribution.map_or(0, |attribution| attribution.touched())
    }

    /// Returns when something was done for a session last; nothing while something is being done.
    pub(super) fn idle_since(&self, record: &Record) -> Option<i64> {
        match self.journal.current().of(&record.id) {
            Some(attribution) if attribution.is_busy() => None,
            Some(attribution) => Some(attribution.touched().max(record.updated_at)),
            None => Some(record.updated_at),
        }
    }

    /// Lets a session go to another stage.
    pub(super) async fn go(&self, id: &str, to: Stage, reason: Option<&str>) -> Result<Record> {
        let now = self.clock.now();
        self.change(id, |record| record.go(to, reason, now)).await
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

    /// Returns how many events were published while a session was the current one.
    pub(super) async fn events(&self, id: &str) -> Result<u64> {
        let own = self.journal.current().of(id).map(|attribution| {
            let chosen = self.journal.current().chosen();
            let chosen = chosen.is_some_and(|chosen| *chosen.session == *id);
            attribution.events(if chosen { self.published() } else { 0 })
        });
        let mut all = own.unwrap_or(0);
        for (run, work) in work::runs(&*self.store().await?, id).await? {
            if own.is_none() || run != *self.run {
                all += work.events;
            }
        }
        Ok(all)
    }

    /// Returns the numbers of a session's calls, and what it has.
    pub(super) async fn counts(&self, id: &str) -> Result<(Totals, Holding)> {
        let store = self.store().await?;
        let mut all = Totals::default();
        for (run, work) in work::runs(&*store, id).await? {
            let own = match run == *self.run {
                true => self.journal.current().of(id),
                false => None,
            };
            let totals = match own {
                Some(attribution) => attribution.totals(),
                None => work::totals(&self.reader().await?, id, &run, work).await?,
            };
            work::add(&mut all, &totals);
        }
        Ok((all, Holding::of(&*store, id).await?))
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

fn busy(id: &str) -> llmspell_core::Error {
    error!(
        Conflict,
        "the session {id} is changed by others all the time"
    )
    .with("session", id)
}

#[cfg(test)]
mod tests;
