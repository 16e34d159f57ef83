//! What was done for a session, and when.

use llmspell_core::{Cx, Result};

use super::super::record::Record;
use super::super::work::{self, Holding};
use super::ScriptSessions;
use crate::journal::{HookCalls, Totals};

impl ScriptSessions {
    /// Returns when a call of this run was made for a session last, UTC microseconds since 1970; 0 if none was.
    pub(in crate::session) fn touched(&self, id: &str) -> i64 {
        let attribution = self.journal.current().of(id);
        attribution.map_or(0, |attribution| attribution.touched())
    }

    /// Returns when something was done for a session last; nothing while something is being done.
    pub(in crate::session) fn idle_since(&self, record: &Record) -> Option<i64> {
        match self.journal.current().of(&record.id) {
            Some(attribution) if attribution.is_busy() => None,
            Some(attribution) => Some(attribution.touched().max(record.updated_at)),
            None => Some(record.updated_at),
        }
    }

    /// Lets the policies of a session warn of its end.
    pub(in crate::session) async fn warn(&self, cx: &Cx, record: &Record) {
        if let Some(attribution) = self.journal.current().of(&record.id) {
            attribution.warn(cx, self.clock.now()).await;
        }
    }

    /// Returns how many events were published while a session was the current one.
    pub(in crate::session) async fn events(&self, id: &str) -> Result<u64> {
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

    /// Returns the calls of hooks that were made for a session while it was the current one.
    pub(in crate::session) async fn hooks(&self, id: &str) -> Result<HookCalls> {
        let own = self.journal.current().of(id);
        let mut all = own.as_ref().map(|own| own.hooks()).unwrap_or_default();
        for (run, work) in work::runs(&*self.store().await?, id).await? {
            if own.is_none() || run != *self.run {
                all.add(&work.hooks);
            }
        }
        Ok(all)
    }

    /// Returns the numbers of a session's calls, and what it has.
    pub(in crate::session) async fn counts(&self, id: &str) -> Result<(Totals, Holding)> {
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
