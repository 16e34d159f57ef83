//! For which session the calls of a run are made.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use llmspell_core::{Call, Clock, Cx, Error, Map, Result, error};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::recorder::Totals;
use crate::host::resident_memory;
use crate::session::{Guard, Resources};

/// The ops whose calls are about sessions; they are the run's own.
const OWN: &str = "session.";

/// Calls between two looks at what the process uses; a look costs as much as a small call.
const LOOK: u64 = 16;

/// The session that the calls of a run are made for, if it is not the run's own.
#[derive(Debug, Default)]
pub(crate) struct Current(Mutex<Inner>);

#[derive(Debug, Default)]
struct Inner {
    chosen: Option<Arc<Attribution>>,
    /// What hooks are told of the run's own.
    own: Option<Arc<Map>>,
    /// Every session that calls of the run were made for.
    all: HashMap<Arc<str>, Arc<Attribution>>,
}

impl Current {
    /// Chooses the session that calls are made for from now on, and returns the one before. `None` is the run's own.
    pub(crate) fn choose(&self, attribution: Option<Arc<Attribution>>) -> Option<Arc<Attribution>> {
        let mut inner = self.0.lock();
        if let Some(attribution) = &attribution {
            inner
                .all
                .insert(attribution.session.clone(), attribution.clone());
        }
        std::mem::replace(&mut inner.chosen, attribution)
    }

    /// Returns the chosen one.
    pub(crate) fn chosen(&self) -> Option<Arc<Attribution>> {
        self.0.lock().chosen.clone()
    }

    /// Returns what hooks are told of the session that calls are made for: `own` makes it for the run's own.
    pub(crate) fn told(&self, own: impl FnOnce() -> Arc<Map>) -> Arc<Map> {
        let mut inner = self.0.lock();
        match &inner.chosen {
            Some(chosen) if chosen.is_active() => chosen.told.lock().clone(),
            _ => inner.own.get_or_insert_with(own).clone(),
        }
    }

    /// Returns the numbers of a session that calls of this run were made for.
    pub(crate) fn of(&self, session: &str) -> Option<Arc<Attribution>> {
        self.0.lock().all.get(session).cloned()
    }

    /// Returns all sessions that calls of this run were made for.
    pub(crate) fn all(&self) -> Vec<Arc<Attribution>> {
        self.0.lock().all.values().cloned().collect()
    }

    /// Forgets a session that is gone.
    pub(crate) fn forget(&self, session: &str) {
        let mut inner = self.0.lock();
        inner.all.remove(session);
        if inner
            .chosen
            .as_ref()
            .is_some_and(|chosen| *chosen.session == *session)
        {
            inner.chosen = None;
        }
    }

    /// Returns the chosen session if it is active and has policies, and a call of this op would be its own.
    pub(crate) fn guarded(&self, op: &str) -> Option<Arc<Attribution>> {
        let inner = self.0.lock();
        let chosen = inner.chosen.as_ref()?;
        let is_asked = chosen.guard.is_some() && chosen.is_active() && !op.starts_with(OWN);
        is_asked.then(|| chosen.clone())
    }

    /// Notes that a call of an op begins. Returns nothing if it is the run's own.
    ///
    /// - Errors: `Limit` if the session has used what it may use.
    pub(super) fn enter(&self, op: &str, clock: &dyn Clock) -> Result<Option<Attributed>> {
        let Some(chosen) = self.chosen() else {
            return Ok(None);
        };
        if op.starts_with(OWN) || !chosen.is_active() {
            return Ok(None);
        }
        chosen.enter(clock).map(Some)
    }
}

/// A session that calls of a run are made for, and their numbers.
#[derive(Debug)]
pub(crate) struct Attribution {
    pub(crate) session: Arc<str>,
    active: AtomicBool,
    most: Resources,
    /// The processor time of the process at the first call.
    processor: OnceLock<Duration>,
    /// Calls that began, those of other runs included.
    begun: AtomicU64,
    in_flight: AtomicU64,
    /// When a call began or ended last, UTC microseconds since 1970.
    touched: AtomicI64,
    /// When the session itself was changed last.
    changed: AtomicI64,
    totals: Mutex<Totals>,
    /// Events that were published while it was chosen; while it is, less what was published before.
    events: AtomicU64,
    hooks: Mutex<HookCalls>,
    /// What hooks are told of it, as metadata of what is done for it.
    told: Mutex<Arc<Map>>,
    guard: Option<Guard>,
}

/// Calls of hooks that were made for a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct HookCalls {
    pub(crate) count: u64,
    /// When the first one was made, UTC microseconds since 1970.
    pub(crate) first: i64,
    /// When the last one was made.
    pub(crate) last: i64,
}

impl HookCalls {
    /// Adds others.
    pub(crate) fn add(&mut self, more: &Self) {
        if more.count == 0 {
            return;
        }
        self.first = match self.count {
            0 => more.first,
            _ => self.first.min(more.first),
        };
        self.last = self.last.max(more.last);
        self.count += more.count;
    }
}

impl Attribution {
    /// Begins with what earlier processes of this run counted. `others` is how many calls other runs made for it.
    pub(crate) fn new(
        session: &str,
        most: Resources,
        (base, events, hooks): (Totals, u64, HookCalls),
        others: u64,
    ) -> Self {
        Self {
            session: session.into(),
            active: AtomicBool::new(false),
            most,
            processor: OnceLock::new(),
            begun: AtomicU64::new(base.calls + others),
            in_flight: AtomicU64::new(0),
            touched: AtomicI64::new(0),
            changed: AtomicI64::new(0),
            totals: Mutex::new(base),
            events: AtomicU64::new(events),
            hooks: Mutex::new(hooks),
            told: Mutex::default(),
            guard: None,
        }
    }

    /// Has policies asked before each call.
    #[must_use]
    pub(crate) fn guarded_by(self, guard: Option<Guard>) -> Self {
        Self { guard, ..self }
    }

    /// Asks the policies of the session whether a call may be made.
    ///
    /// - Errors: what they refuse with.
    pub(crate) async fn admit(&self, call: &Call) -> Result<()> {
        match &self.guard {
            Some(guard) => guard.admit(call, self).await,
            None => Ok(()),
        }
    }

    /// Publishes what the policies of the session have to say at `now`.
    pub(crate) async fn warn(&self, cx: &Cx, now: i64) {
        if let Some(guard) = &self.guard {
            guard.warn(cx, self, now).await;
        }
    }

    /// Returns how many calls began, those of other runs included.
    pub(crate) fn begun(&self) -> u64 {
        self.begun.load(Ordering::Acquire)
    }

    /// Says what hooks are told of the session.
    pub(crate) fn tell(&self, told: Map) {
        *self.told.lock() = Arc::new(told);
    }

    /// Says that the session was made or changed at this time, UTC microseconds since 1970.
    pub(crate) fn note_change(&self, at: i64) {
        self.changed.fetch_max(at, Ordering::AcqRel);
    }

    /// Returns when something was done for the session or with it last.
    pub(crate) fn used_at(&self) -> i64 {
        self.touched().max(self.changed.load(Ordering::Acquire))
    }

    /// Counts a call of a hook at `now`, if the session is active.
    pub(crate) fn count_hook(&self, now: impl FnOnce() -> i64) {
        if self.is_active() {
            let now = now();
            self.hooks.lock().add(&HookCalls {
                count: 1,
                first: now,
                last: now,
            });
        }
    }

    /// Returns the calls of hooks that were made for it.
    pub(crate) fn hooks(&self) -> HookCalls {
        *self.hooks.lock()
    }

    /// Counts events from now on, when so many were published.
    pub(crate) fn hear(&self, published: u64) {
        self.events.fetch_sub(published, Ordering::AcqRel);
    }

    /// Counts events no longer, when so many were published.
    pub(crate) fn hear_no_more(&self, published: u64) {
        self.events.fetch_add(published, Ordering::AcqRel);
    }

    /// Returns how many events were counted. `published` is 0 unless it is the chosen one.
    pub(crate) fn events(&self, published: u64) -> u64 {
        self.events.load(Ordering::Acquire).wrapping_add(published)
    }

    /// Says whether the session is active: calls are made for one that is not by the run itself.
    pub(crate) fn set_active(&self, active: bool) {
        self.active.store(active, Ordering::Release);
    }

    pub(crate) fn is_active(&self) -> bool {
        self.active.load(Ordering::Acquire)
    }

    /// Returns whether a call is under way.
    pub(crate) fn is_busy(&self) -> bool {
        self.in_flight.load(Ordering::Acquire) > 0
    }

    /// Returns when a call began or ended last, UTC microseconds since 1970; 0 if there was none.
    pub(crate) fn touched(&self) -> i64 {
        self.touched.load(Ordering::Acquire)
    }

    /// Returns the numbers of the calls that have ended, of this run alone.
    pub(crate) fn totals(&self) -> Totals {
        *self.totals.lock()
    }

    fn enter(self: &Arc<Self>, clock: &dyn Clock) -> Result<Attributed> {
        let before = self.begun.fetch_add(1, Ordering::AcqRel);
        if let Err(error) = self.within(before, clock) {
            self.begun.fetch_sub(1, Ordering::AcqRel);
            return Err(error);
        }
        self.in_flight.fetch_add(1, Ordering::AcqRel);
        self.touched.fetch_max(clock.now(), Ordering::AcqRel);
        Ok(Attributed(self.clone()))
    }

    fn within(&self, before: u64, clock: &dyn Clock) -> Result<()> {
        let (session, most) = (&self.session, &self.most);
        if before >= most.max_operations {
            let most = most.max_operations;
            let text = format!("the session {session} has {most} operations, which is the most");
            return Err(self.exceeded("max_operations", text, most, most.saturating_add(1)));
        }
        if !before.is_multiple_of(LOOK) {
            return Ok(());
        }
        let bytes = resident_memory().unwrap_or(0);
        if bytes > most.max_memory_bytes {
            let most = most.max_memory_bytes;
            let text =
                format!("the session {session} may use {most} bytes of memory, {bytes} are used");
            return Err(self.exceeded("max_memory_bytes", text, most, bytes));
        }
        let now = clock.processor();
        let used = now.saturating_sub(*self.processor.get_or_init(|| now));
        if used > Duration::from_secs(most.max_cpu_seconds) {
            let most = most.max_cpu_seconds;
            let text = format!(
                "the session {session} has used {most} s of processor time, which is the most"
            );
            return Err(self.exceeded("max_cpu_seconds", text, most, used.as_secs()));
        }
        Ok(())
    }

    fn exceeded(&self, what: &'static str, text: String, most: u64, value: u64) -> Error {
        error!(Limit, "{text}")
            .with("what", what)
            .with("limit", most)
            .with("value", value)
            .with("session", self.session.to_string())
            .hint(format!(
                "raise `config.resource_limits.{what}` when the session is created"
            ))
    }
}

/// A call that is made for a session, until it ends.
#[derive(Debug)]
pub(crate) struct Attributed(Arc<Attribution>);

impl Attributed {
    pub(super) fn session(&self) -> &str {
        &self.0.session
    }

    /// Counts the call, which has ended at `now`.
    pub(super) fn count(&self, now: i64, change: impl FnOnce(&mut Totals)) {
        change(&mut self.0.totals.lock());
        self.0.touched.fetch_max(now, Ordering::AcqRel);
    }
}

impl Drop for Attributed {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use futures::future::BoxFuture;
    use llmspell_core::Kind;

    use super::*;

    /// A clock that stands; so much processor time is used.
    struct At(i64, u64);

    impl Clock for At {
        fn now(&self) -> i64 {
            self.0
        }
        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }
        fn processor(&self) -> Duration {
            Duration::from_millis(self.1)
        }
        fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    fn operations(most: u64) -> Resources {
        Resources {
            max_operations: most,
            max_memory_bytes: u64::MAX,
            ..Resources::default()
        }
    }

    fn chosen(most: Resources) -> (Current, Arc<Attribution>) {
        let attribution = Arc::new(Attribution::new("s", most, Default::default(), 0));
        attribution.set_active(true);
        let current = Current::default();
        current.choose(Some(attribution.clone()));
        (current, attribution)
    }

    #[test]
    fn calls_belong_to_the_chosen_session_while_it_is_active() {
        let (current, attribution) = chosen(operations(10));
        let call = current.enter("tool:x", &At(5, 0)).unwrap().unwrap();
        assert_eq!(call.session(), "s");
        assert!(attribution.is_busy());
        call.count(9, |totals| totals.calls += 1);
        drop(call);
        assert!(!attribution.is_busy());
        assert_eq!((attribution.touched(), attribution.totals().calls), (9, 1));
        let later = At(6, 0);
        assert!(current.enter("session.complete", &later).unwrap().is_none());
        attribution.set_active(false);
        assert!(current.enter("tool:x", &later).unwrap().is_none());
        attribution.set_active(true);
        current.choose(None);
        assert!(current.enter("tool:x", &later).unwrap().is_none());
        assert_eq!(current.of("s").unwrap().totals().calls, 1);
        current.forget("s");
        assert!(current.of("s").is_none());
    }

    #[test]
    fn calls_of_hooks_are_counted_while_it_is_active() {
        let (_, attribution) = chosen(operations(1));
        attribution.count_hook(|| 5);
        attribution.count_hook(|| 9);
        attribution.set_active(false);
        attribution.count_hook(|| 12);
        let mut hooks = HookCalls::default();
        hooks.add(&attribution.hooks());
        hooks.add(&HookCalls::default());
        let (count, first, last) = (2, 5, 9);
        assert_eq!(hooks, HookCalls { count, first, last });
    }

    #[test]
    fn a_session_has_so_many_calls() {
        let (current, _) = chosen(operations(2));
        for _ in 0..2 {
            assert!(current.enter("tool:x", &At(1, 0)).unwrap().is_some());
        }
        let error = current.enter("tool:x", &At(1, 0)).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert_eq!(
            error.message(),
            "the session s has 2 operations, which is the most"
        );
    }

    #[test]
    fn a_session_has_so_much_of_the_processor() {
        let (current, _) = chosen(Resources {
            max_cpu_seconds: 2,
            ..operations(100)
        });
        // What was used before the first call is not the session's, and not every call looks.
        for _ in 0..LOOK {
            current.enter("tool:x", &At(1, 9000)).unwrap();
        }
        current.enter("tool:x", &At(1, 11_000)).unwrap();
        for _ in 1..LOOK {
            current.enter("tool:x", &At(1, 11_001)).unwrap();
        }
        for _ in 0..2 {
            let error = current.enter("tool:x", &At(1, 11_001)).unwrap_err();
            assert_eq!(
                error.message(),
                "the session s has used 2 s of processor time, which is the most"
            );
            assert_eq!(error.details()["what"], "max_cpu_seconds".into());
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_session_has_so_much_memory() {
        let (current, _) = chosen(Resources {
            max_memory_bytes: 1,
            ..operations(100)
        });
        let error = current.enter("tool:x", &At(1, 0)).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert_eq!(error.details()["what"], "max_memory_bytes".into());
    }
}
