//! For which session the calls of a run are made.

use std::sync::Arc;

use llmspell_core::Result;
use llmspell_store::Batch;

use super::super::policy::Guard;
use super::super::record::Record;
use super::super::stage::Stage;
use super::super::work::{self, Work};
use super::ScriptSessions;
use crate::journal::{Attribution, Totals};

impl ScriptSessions {
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
    pub(in crate::session) async fn choose(&self, id: &str, record: Option<Record>) -> Result<()> {
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
        if let Some(hooks) = self.hooks.get() {
            hooks.count_for(next.clone());
        }
        if let Some(next) = next {
            next.hear(published);
        }
    }

    pub(super) fn published(&self) -> u64 {
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
        let (mut base, mut others, mut noted) = (<(Totals, _, _)>::default(), 0, false);
        for (run, work) in work::runs(&*store, &record.id).await? {
            let totals = work::totals(&self.reader().await?, &record.id, &run, work).await?;
            if run == *self.run {
                (base, noted) = ((totals, work.events, work.hooks), true);
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
        let most = record.bounds.resource_limits.clone();
        let guard = Guard::new(&record.bounds.policies, record.created_at);
        let attribution = Attribution::new(&record.id, most, base, others).guarded_by(guard);
        attribution.set_active(active);
        attribution.note_change(record.updated_at);
        attribution.tell(record.told());
        Ok(Arc::new(attribution))
    }

    /// Makes calls for the run itself, if they were made for this session.
    pub(in crate::session) fn leave(&self, id: &str) {
        let mut current = self.current.lock();
        if current.as_deref() == Some(id) {
            *current = None;
            self.select(None);
        }
    }

    /// Forgets a session that is gone.
    pub(in crate::session) fn forget(&self, id: &str) {
        self.leave(id);
        self.journal.current().forget(id);
        self.upkeep.forget(id);
    }
}
