//! What time does to sessions: they are suspended, fail, are saved, and are removed long after their end.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmspell_core::{Cx, Kind, Result};
use llmspell_store::Batch;
use parking_lot::Mutex;

use super::action::Action;
use super::calls::Seen;
use super::erase;
use super::record::{Record, count, micros};
use super::script::ScriptSessions;
use super::snapshot;
use super::stage::Stage;

/// The longest time between two looks.
const LONGEST: Duration = Duration::from_secs(3600);

/// The shortest time between two looks.
const SHORTEST: Duration = Duration::from_secs(1);

/// When the last session was looked for that need not be kept: UTC microseconds since 1970.
const CLEANED: &str = "cleaned";

/// Why a session failed that lived too long.
const TOO_LONG: &str = "Session exceeded maximum duration limit";

/// What a run attends to.
#[derive(Debug, Default)]
pub(super) struct Upkeep {
    begun: AtomicBool,
    /// When sessions were saved last, UTC microseconds since 1970.
    saved: Mutex<HashMap<String, i64>>,
}

impl Upkeep {
    pub(super) fn forget(&self, id: &str) {
        self.saved.lock().remove(id);
    }
}

impl ScriptSessions {
    /// Returns a session that a script made, after what time alone does to it.
    pub(super) async fn settled(&self, cx: &Cx, id: &str) -> Result<Option<Record>> {
        match self.look(id).await? {
            Some(record) => self.after_time(cx, record).await.map(Some),
            None => Ok(None),
        }
    }

    /// Lets time do to a session what it does.
    pub(super) async fn after_time(&self, cx: &Cx, record: Record) -> Result<Record> {
        // Whoever made it active sees to it.
        if record.stage == Stage::Active && record.run != self.run() {
            return Ok(record);
        }
        match record.due(self.clock.now(), self.idle_since(&record)) {
            Some(Stage::Failed) => self.time_out(cx, record).await,
            Some(_) => self.lay_by(cx, record).await,
            None => Ok(record),
        }
    }

    async fn time_out(&self, cx: &Cx, before: Record) -> Result<Record> {
        let record = match self.go(&before.id, Stage::Failed, Some(TOO_LONG)).await {
            // Others were faster.
            Err(other) if other.kind() == Kind::InvalidState => {
                return Ok(self.look(&before.id).await?.unwrap_or(before));
            }
            gone => gone?,
        };
        let seen = Seen::of(self, &record).await?;
        Action::Timeout.call_hooks(cx, &seen).await?;
        Action::Timeout.say(cx, &seen, Some(before.stage)).await?;
        Ok(record)
    }

    async fn lay_by(&self, cx: &Cx, before: Record) -> Result<Record> {
        let seen = Seen::of(self, &before).await?;
        if Action::Suspend.call_hooks(cx, &seen).await.is_err() {
            // It stays active, as if something had been done for it.
            let now = self.clock.now();
            let touch = |record: &mut Record| {
                record.updated_at = now;
                Ok(true)
            };
            return self.change(&before.id, touch).await;
        }
        let record = match self.go(&before.id, Stage::Suspended, None).await {
            Err(other) if other.kind() == Kind::InvalidState => {
                return Ok(self.look(&before.id).await?.unwrap_or(before));
            }
            gone => gone?,
        };
        let seen = Seen::of(self, &record).await?;
        Action::Suspend.say(cx, &seen, Some(Stage::Active)).await?;
        Ok(record)
    }

    /// Attends to the sessions of the run from now on, if that was not begun.
    pub(super) fn attend(&self, cx: &Cx) {
        if self.upkeep.begun.swap(true, Ordering::AcqRel) {
            return;
        }
        // A run that has nothing to do work beside has its sessions looked after whenever they are used.
        if let Err(why) = cx.beside(attend) {
            tracing::debug!(target: "llmspell::session", "sessions are not attended to: {why}");
        }
    }

    /// Does what is due, and returns how long nothing will be.
    async fn tend(&self, cx: &Cx) -> Result<Duration> {
        self.clean(cx).await?;
        let mut next = LONGEST;
        for record in self.all().await? {
            if record.run != self.run() {
                continue;
            }
            let record = self.after_time(cx, record).await?;
            if record.stage == Stage::Active {
                self.warn(cx, &record).await;
                self.save_when_due(cx, &record).await?;
                next = next.min(self.next(&record));
            }
        }
        Ok(next.max(SHORTEST))
    }

    async fn save_when_due(&self, cx: &Cx, record: &Record) -> Result<()> {
        let (now, every) = (self.clock.now(), record.bounds.auto_save_interval_secs);
        let last = *self
            .upkeep
            .saved
            .lock()
            .entry(record.id.clone())
            .or_insert(record.created_at);
        if every == 0 || now.saturating_sub(last) < micros(every) {
            return Ok(());
        }
        self.upkeep.saved.lock().insert(record.id.clone(), now);
        // Not as calls: a run that is resumed saves anew.
        let seen = Seen::of(self, record).await?;
        if Action::AutoSave.call_hooks(cx, &seen).await.is_ok() {
            snapshot::store(self, &record.id).await?;
            Action::AutoSave.say(cx, &seen, None).await?;
        }
        Ok(())
    }

    /// Returns how long nothing will be due for an active session.
    fn next(&self, record: &Record) -> Duration {
        let (now, bounds) = (self.clock.now(), &record.bounds);
        let saved = self.upkeep.saved.lock().get(&record.id).copied();
        let begins = [
            (Some(record.created_at), bounds.longest()),
            (self.idle_since(record), bounds.longest_idle()),
            (saved, bounds.auto_save_interval_secs),
        ];
        let left = begins.into_iter().filter_map(|(begin, secs)| {
            let due = begin?.saturating_add(micros(secs));
            (secs > 0).then(|| due.saturating_sub(now).max(0))
        });
        let warning = bounds
            .policies
            .next_warning(now.saturating_sub(record.created_at));
        let left = left.chain(warning).min().map(i64::cast_unsigned);
        left.map_or(LONGEST, Duration::from_micros)
    }

    /// Removes what need not be kept, once an hour for all processes.
    async fn clean(&self, cx: &Cx) -> Result<()> {
        let (store, now) = (self.store().await?, self.clock.now());
        let before = store.get(CLEANED.as_bytes()).await?;
        let text = before.as_deref().map(String::from_utf8_lossy);
        let last: i64 = text.and_then(|text| text.parse().ok()).unwrap_or(0);
        let hour = count(u64::try_from(LONGEST.as_micros()).unwrap_or(u64::MAX));
        if now.saturating_sub(last) < hour {
            return Ok(());
        }
        let batch = match before {
            Some(before) => Batch::new().expect(CLEANED, before),
            None => Batch::new().expect_absent(CLEANED),
        };
        match store.apply(batch.put(CLEANED, now.to_string())).await {
            Err(lost) if lost.kind() == Kind::Conflict => return Ok(()),
            written => written?,
        };
        for record in self.all().await? {
            if record.expires_at().is_some_and(|at| at <= now) {
                cx.check()?;
                self.forget(&record.id);
                snapshot::retire(self, record).await?;
            }
        }
        let days = self.rules.retention_days;
        let time = now.saturating_sub(micros(days.saturating_mul(86_400)));
        for run in self.listing().await?.ended_before(time).await? {
            cx.check()?;
            erase::session(self, &run).await?;
        }
        Ok(())
    }
}

async fn attend(cx: Cx) {
    let Ok(sessions) = cx.part::<ScriptSessions>() else {
        return;
    };
    loop {
        let wait = match sessions.tend(&cx).await {
            Ok(wait) => wait,
            Err(failure) => {
                tracing::warn!(target: "llmspell::session", "sessions could not be attended to: {failure}");
                LONGEST
            }
        };
        cx.host().clock.sleep(wait).await;
    }
}

#[cfg(test)]
mod tests;
