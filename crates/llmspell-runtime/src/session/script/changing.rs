//! Changes of sessions, each one batch that fails if others were faster.

use std::collections::HashMap;
use std::sync::Arc;

use llmspell_core::{Error, Kind, Result, error};
use llmspell_store::{Batch, Scan, Store};

use super::super::record::{self, Record};
use super::super::stage::Stage;
use super::{ScriptSessions, missing};

/// Where it is noted which sessions are active: `active/ID`, with the run that made them so.
pub(in crate::session) const ACTIVE: &str = "active/";

/// A number that changes whenever a session becomes active, so that two processes do not both make the last one.
const ACTIVATIONS: &str = "activations";

/// How often a change is tried that others were faster with.
const TRIES: usize = 1000;

impl ScriptSessions {
    /// Keeps a new session. One of this id that is there already stays: the call that made it is made again.
    ///
    /// - Errors: `Limit` if as many sessions are active as may be.
    pub(in crate::session) async fn add(&self, record: &Record) -> Result<()> {
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
    pub(in crate::session) async fn change(
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
    pub(in crate::session) fn note(&self, record: &Record) {
        if let Some(attribution) = self.journal.current().of(&record.id) {
            attribution.set_active(record.stage == Stage::Active);
            attribution.note_change(record.updated_at);
            attribution.tell(record.told());
        }
        if record.stage.is_over() {
            self.leave(&record.id);
        }
    }

    /// Lets a session go to another stage.
    pub(in crate::session) async fn go(
        &self,
        id: &str,
        to: Stage,
        reason: Option<&str>,
    ) -> Result<Record> {
        let now = self.clock.now();
        self.change(id, |record| record.go(to, reason, now)).await
    }
}

fn busy(id: &str) -> Error {
    error!(
        Conflict,
        "the session {id} is changed by others all the time"
    )
    .with("session", id)
}
