//! The hooks of a run, and how those of a point are called.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use llmspell_core::{Cx, Error, Map, Result, Value, error};
use parking_lot::{Mutex, RwLock};
use uuid::Builder;

use super::answer::{Again, Answer, Branch, Cached};
use super::builtin::Builtins;
use super::cache::Cache;
use super::context::{Component, Context};
use super::entry::{Entry, Ran, Registration, nanos};
use super::frame::Frame;
use super::options::Options;
use super::point::{Named, Nature, Point};
use crate::breaker::State;
use crate::event::{Bus, Publication, milliseconds};
use crate::journal::Attribution;

/// The hooks of one run: functions of scripts, hooks in Rust, and the built-in ones.
///
/// At each point they run one after the other: the smaller priority first, of equal ones the one that was registered
/// first.
pub struct Hooks {
    pub(super) options: Options,
    /// The points that have hooks, as bits: what a call pays that has none.
    active: AtomicU64,
    chains: RwLock<BTreeMap<Point, Chain>>,
    registered: AtomicU64,
    pub(super) cache: Cache,
    pub(super) builtins: Mutex<Builtins>,
    /// What `SystemStartup` said, for hooks that come later.
    pub(super) started: Mutex<Option<Map>>,
    too_deep: AtomicBool,
    /// The time that hooks took, in nanoseconds, where it is bounded, and when the first one was called.
    spent: AtomicU64,
    first: OnceLock<Duration>,
    too_slow: AtomicBool,
    /// The session whose calls of hooks are counted, and whether there is one.
    counted: Mutex<Option<Arc<Attribution>>>,
    counts: AtomicBool,
    /// Whether anybody hears of hooks, as the bus found last.
    heard: AtomicU64,
}

/// The priority from which on hooks pause when all of them take too much time.
const LOW: i32 = 100;

type Chain = Arc<[Arc<Entry>]>;

/// What the hooks of a point answered, beyond changing what they were told.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) decision: Decision,
    /// The hook that decided.
    pub(crate) hook: String,
    /// Operations to run beside, with the hook that wants them.
    pub(crate) forks: Vec<(Branch, u64)>,
    /// Where the result is to be stored.
    pub(crate) store: Vec<(String, Duration)>,
}

/// What happens to the operation.
#[derive(Debug, Default)]
pub(crate) enum Decision {
    /// It goes on.
    #[default]
    Go,
    /// It is left out.
    Skip(Option<String>),
    /// It is stopped.
    Cancel(Option<String>),
    /// Another target runs instead.
    Redirect(String),
    /// This is its result.
    Replace(Value),
    /// Once more.
    Retry(Again),
}

impl Hooks {
    /// Stores a result for hooks that answer with it later.
    pub(crate) fn store(&self, keys: &[(String, Duration)], result: &Value) {
        for (key, ttl) in keys {
            self.cache.put(key, result.clone(), *ttl);
        }
    }

    /// Makes the part of a run that holds its hooks.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            active: AtomicU64::new(0),
            chains: RwLock::default(),
            registered: AtomicU64::new(0),
            cache: Cache::default(),
            builtins: Mutex::default(),
            started: Mutex::default(),
            too_deep: AtomicBool::new(false),
            spent: AtomicU64::new(0),
            first: OnceLock::new(),
            too_slow: AtomicBool::new(false),
            counted: Mutex::default(),
            counts: AtomicBool::new(false),
            heard: AtomicU64::new(0),
        }
    }

    /// Counts calls of hooks for this session from now on, or for none.
    pub(crate) fn count_for(&self, session: Option<Arc<Attribution>>) {
        self.counts.store(session.is_some(), Ordering::Release);
        *self.counted.lock() = session;
    }

    fn note_call(&self, cx: &Cx) {
        if self.counts.load(Ordering::Acquire)
            && let Some(session) = &*self.counted.lock()
        {
            session.count_hook(|| cx.host().clock.now());
        }
    }

    /// Returns whether any hook is registered at one of these points, given as bits.
    #[inline]
    pub(crate) fn any(&self, points: u64) -> bool {
        self.active.load(Ordering::Relaxed) & points != 0
    }

    /// Returns whether a hook is registered at a point.
    #[inline]
    pub(crate) fn has(&self, point: &Point) -> bool {
        self.any(point.bit())
            && match point {
                Point::Named(_) => true,
                // These share one bit.
                Point::Custom(_) => self.chains.read().contains_key(point),
            }
    }

    /// Returns whether a hook is registered at a point that scripts name.
    #[inline]
    pub(crate) fn has_custom(&self) -> bool {
        self.any(Point::CUSTOM)
    }

    /// Adds a hook at a point and returns its id.
    ///
    /// - Errors: `Exists` for a name that is used at that point; `Limit` if there are too many hooks.
    pub fn register(&self, point: Point, registration: Registration) -> Result<String> {
        Ok(self.add(point, registration)?.id.clone())
    }

    pub(super) fn add(&self, point: Point, registration: Registration) -> Result<Arc<Entry>> {
        let mut chains = self.chains.write();
        let most = self.options.max_hooks;
        if chains.values().map(|chain| chain.len()).sum::<usize>() >= most {
            return Err(error!(Limit, "there are {most} hooks, which is the most")
                .with("limit", most)
                .with("value", most + 1)
                .hint("unregister what is no longer needed, or raise `hooks.max_hooks`"));
        }
        let chain = chains.entry(point.clone()).or_default();
        if let Some(name) = &registration.name
            && chain.iter().any(|entry| entry.name == *name)
        {
            return Err(
                error!(Exists, "a hook named '{name}' exists already at {point}")
                    .with("hook", name.as_str())
                    .hint("choose another name, or unregister that one"),
            );
        }
        let number = self.registered.fetch_add(1, Ordering::Relaxed) + 1;
        let mut thresholds = self.options.thresholds(match &point {
            Point::Named(named) => named.component(),
            Point::Custom(_) => "",
        });
        // A hook that says how long it may take, since it asks a person, is not slow before that.
        thresholds.slow = registration.timeout.unwrap_or(thresholds.slow);
        let place =
            llmspell_core::CallId::content(llmspell_core::CallId::ROOT, "hook", point.name());
        let bytes = place.nth(u32::try_from(number).unwrap_or(u32::MAX)).0;
        let entry = Arc::new(Entry::new(
            number,
            Builder::from_random_bytes(bytes).into_uuid().to_string(),
            point.clone(),
            thresholds,
            Duration::from_millis(self.options.timeout_ms),
            registration,
        ));
        let mut entries: Vec<_> = chain.iter().cloned().collect();
        entries.push(entry.clone());
        entries.sort_by_key(|entry| (entry.priority, entry.number));
        *chain = entries.into();
        if self.options.enabled {
            self.active.fetch_or(point.bit(), Ordering::Relaxed);
        }
        Ok(entry)
    }

    /// Removes the hooks for which `gone` is true and returns how many there were.
    pub(super) fn remove(&self, gone: impl Fn(&Entry) -> bool) -> usize {
        let mut chains = self.chains.write();
        let mut removed = 0;
        for chain in chains.values_mut() {
            let (out, kept): (Vec<_>, Vec<_>) =
                chain.iter().cloned().partition(|entry| gone(entry));
            for entry in &out {
                entry.gone.store(true, Ordering::Release);
            }
            removed += out.len();
            if !out.is_empty() {
                *chain = kept.into();
            }
        }
        chains.retain(|_, chain| !chain.is_empty());
        let active = chains.keys().fold(0, |bits, point| bits | point.bit());
        if self.options.enabled {
            self.active.store(active, Ordering::Relaxed);
        }
        removed
    }

    /// Removes the hook of an id. Returns false if there is none.
    pub fn unregister(&self, id: &str) -> bool {
        self.remove(|entry| entry.id == id) > 0
    }

    /// Returns the hooks in the order of the points, then of their priority.
    pub(super) fn all(&self) -> Vec<Arc<Entry>> {
        let chains = self.chains.read();
        chains
            .values()
            .flat_map(|chain| chain.iter().cloned())
            .collect()
    }

    fn chain(&self, point: &Point) -> Option<Chain> {
        self.chains.read().get(point).cloned()
    }

    /// Returns how many hooks are registered at a point.
    pub(crate) fn count(&self, point: &Point) -> usize {
        self.chain(point).map_or(0, |chain| chain.len())
    }

    /// Tells a hook of `SystemStartup` that is registered when the runtime is up already.
    pub(super) async fn tell_late(&self, cx: &Cx, entry: &Entry) {
        let begun = self.started.lock().clone();
        if let (Point::Named(Named::SystemStartup), Some(data)) = (&entry.point, begun) {
            let component = Component::new("System", "runtime");
            let mut context = Context::new(cx, entry.point.clone(), component, data);
            let now = cx.host().clock.monotonic();
            entry.run(cx, &mut context, None, now).await;
        }
    }

    /// Calls the hooks of a point, if there are any. `make` makes the context.
    ///
    /// For points that only say what happened: answers are read and forgotten.
    pub(crate) async fn notice<'a>(
        &self,
        cx: &'a Cx,
        point: Point,
        make: impl FnOnce() -> Context<'a>,
    ) {
        if self.has(&point) {
            let mut context = make();
            if let Some(outcome) = self.fire(cx, &mut context).await {
                super::fork::run_all(cx, outcome.forks).await;
            }
        }
    }

    /// Calls the hooks of a point that can prevent something, and returns the data as they left it.
    ///
    /// - Errors: `Cancelled` with the hook's reason.
    pub(crate) async fn permit<'a>(
        &self,
        cx: &'a Cx,
        point: Point,
        make: impl FnOnce() -> Context<'a>,
    ) -> Result<Option<Map>> {
        if !self.has(&point) {
            return Ok(None);
        }
        let mut context = make();
        if let Some(outcome) = self.fire(cx, &mut context).await {
            super::fork::run_all(cx, outcome.forks).await;
            if let Decision::Cancel(reason) = outcome.decision {
                return Err(cancelled(reason, &outcome.hook, &context.point));
            }
        }
        Ok(Some(context.data.into_map()))
    }

    /// Calls the hooks of the context's point one after the other until one decides. Nothing is returned if none answered
    /// more than what is changed in the context.
    pub(crate) async fn fire(&self, cx: &Cx, context: &mut Context<'_>) -> Option<Box<Outcome>> {
        let chain = self.chain(&context.point)?;
        let outer = Frame::of(cx);
        if outer.as_ref().is_some_and(|outer| outer.is_deepest()) {
            self.warn_of_depth(&context.point);
            return None;
        }
        let mut outcome = None;
        let bus = cx.part_ref::<Bus>();
        let bus = bus.filter(|bus| bus.tells_runtime(&EVENTS, &self.heard));
        let tell = Teller::new(bus, context);
        tell.batch(BATCH_STARTED, chain.len());
        for entry in &*chain {
            let started_it = outer.as_ref().is_some_and(|outer| outer.has(entry.number));
            if started_it || entry.gone.load(Ordering::Acquire) {
                continue;
            }
            let now = cx.host().clock.monotonic();
            if entry.priority >= LOW && self.is_overdrawn(now) {
                continue;
            }
            let (admitted, change) = entry.breaker.admit(now);
            tell.breaker(entry, change);
            if !admitted {
                if entry.fail_closed {
                    let reason = format!("the hook '{}' is out of order", entry.name);
                    Outcome::decide(&mut outcome, entry, Decision::Cancel(Some(reason)));
                    break;
                }
                continue;
            }
            tell.start(entry);
            self.note_call(cx);
            let Ran {
                answer,
                took,
                change,
            } = entry.run(cx, context, outer.as_ref(), now).await;
            if self.options.max_overhead > 0.0 {
                self.spent.fetch_add(nanos(took), Ordering::Relaxed);
            }
            tell.complete(entry, answer.as_ref(), took);
            tell.breaker(entry, change);
            let answer = match answer {
                Ok(answer) => answer,
                Err(error) if entry.fail_closed => {
                    let reason = format!("the hook '{}' failed: {}", entry.name, error.message());
                    Outcome::decide(&mut outcome, entry, Decision::Cancel(Some(reason)));
                    break;
                }
                Err(_) => continue,
            };
            if self.take(answer, entry, context, &mut outcome) {
                break;
            }
        }
        tell.batch(BATCH_COMPLETED, chain.len());
        outcome
    }

    /// Does what an answer says to the context and the outcome. Returns whether it decided.
    fn take(
        &self,
        answer: Answer,
        entry: &Entry,
        context: &mut Context<'_>,
        outcome: &mut Option<Box<Outcome>>,
    ) -> bool {
        let before = context.point.nature() == Nature::Before;
        let decision = match answer {
            Answer::Continue => return false,
            Answer::Modified(data) => {
                context.data.extend(data);
                return false;
            }
            Answer::Fork(branches) => {
                let wanted = branches.into_iter().map(|branch| (branch, entry.number));
                outcome.get_or_insert_default().forks.extend(wanted);
                return false;
            }
            Answer::Skipped(_) if !before => return false,
            Answer::Skipped(reason) => Decision::Skip(reason),
            Answer::Cache(wanted) => {
                let Cached { key, ttl, result } = *wanted;
                match (context.point.nature(), result) {
                    (Nature::After, result) => {
                        let result = result.unwrap_or_else(|| whole(context));
                        self.cache.put(&key, result, ttl);
                        return false;
                    }
                    (Nature::Before, Some(result)) => {
                        self.cache.put(&key, result.clone(), ttl);
                        Decision::Replace(result)
                    }
                    (_, _) => match self.cache.get(&key) {
                        Some(result) => Decision::Replace(result),
                        None => {
                            if before {
                                outcome.get_or_insert_default().store.push((key, ttl));
                            }
                            return false;
                        }
                    },
                }
            }
            Answer::Cancel(reason) => Decision::Cancel(reason),
            Answer::Redirect(target) => Decision::Redirect(target),
            Answer::Replace(data) => Decision::Replace(data),
            Answer::Retry(again) => Decision::Retry(*again),
        };
        Outcome::decide(outcome, entry, decision);
        true
    }

    /// Returns whether hooks took a larger share of the run's time than they may; low priorities pause then.
    fn is_overdrawn(&self, now: Duration) -> bool {
        let most = self.options.max_overhead;
        let began = *self.first.get_or_init(|| now);
        if most <= 0.0 {
            return false;
        }
        let spent = Duration::from_nanos(self.spent.load(Ordering::Relaxed));
        let elapsed = now.saturating_sub(began);
        let overdrawn = spent.as_secs_f64() > most * elapsed.as_secs_f64();
        if overdrawn && elapsed > Duration::ZERO && !self.too_slow.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "llmspell::hook",
                spent_ms = spent.as_millis() as u64,
                elapsed_ms = elapsed.as_millis() as u64,
                "hooks take more of the run's time than `hooks.max_overhead` allows: those of low priority pause"
            );
        }
        overdrawn
    }

    fn warn_of_depth(&self, point: &Point) {
        if !self.too_deep.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "llmspell::hook",
                point = point.name(),
                "hooks are nested 8 deep; what they call from here on runs without hooks"
            );
        }
    }
}

/// Returns the result of an operation that succeeded, all of what a later one answers with.
fn whole(context: &Context<'_>) -> Value {
    let of = |name: &str| context.data.get(name).cloned().unwrap_or_default();
    match context.component.kind {
        "Tool" if context.call.is_none() => of("tools"),
        "Tool" | "Agent" => super::builtin::kept(context),
        "State" => of("value"),
        _ => of("result"),
    }
}

impl Outcome {
    fn decide(outcome: &mut Option<Box<Self>>, entry: &Entry, decision: Decision) {
        let outcome = outcome.get_or_insert_default();
        outcome.decision = decision;
        outcome.hook.clone_from(&entry.name);
    }
}

/// Returns the error of an operation that a hook stopped.
pub(crate) fn cancelled(reason: Option<String>, hook: &str, point: &Point) -> Error {
    let reason = reason.unwrap_or_else(|| format!("Cancelled by hook {hook}"));
    error!(Cancelled, "{reason}")
        .with("hook", hook)
        .with("hook_point", point.name())
}

/// The types of the events about hooks.
const EVENTS: [&str; 7] = [
    BATCH_STARTED,
    BATCH_COMPLETED,
    STARTED,
    COMPLETED,
    CLOSED,
    OPENED,
    HALF_OPEN,
];
const BATCH_STARTED: &str = "hook.batch_execution.start";
const BATCH_COMPLETED: &str = "hook.batch_execution.complete";
const STARTED: &str = "hook.execution.start";
const COMPLETED: &str = "hook.execution.complete";
const CLOSED: &str = "hook.breaker.closed";
const OPENED: &str = "hook.breaker.opened";
const HALF_OPEN: &str = "hook.breaker.half_open";

/// Publishes the events about hooks, which are only made if somebody listens.
struct Teller<'a> {
    bus: Option<&'a Bus>,
    point: String,
    correlation: uuid::Uuid,
}

impl<'a> Teller<'a> {
    fn new(bus: Option<&'a Bus>, context: &Context<'_>) -> Self {
        Self {
            // The name is only needed if somebody may hear it.
            point: bus.map_or_else(String::new, |_| context.point.name().to_owned()),
            correlation: bus.map_or_else(uuid::Uuid::nil, |_| context.correlation()),
            bus,
        }
    }

    #[inline]
    fn tell(&self, kind: &str, facts: impl FnOnce(&str) -> Value) {
        if let Some(bus) = self.bus {
            self.publish(bus, kind, facts);
        }
    }

    #[cold]
    fn publish(&self, bus: &Bus, kind: &str, facts: impl FnOnce(&str) -> Value) {
        if bus.is_heard(kind) {
            let draft = Publication::of_runtime("hook", facts(&self.point));
            bus.tell(
                kind,
                Publication {
                    correlation: Some(self.correlation),
                    ..draft
                },
            );
        }
    }

    #[inline]
    fn batch(&self, kind: &str, hooks: usize) {
        self.tell(kind, |point| {
            Value::from([("point", point.into()), ("hooks", hooks.into())])
        });
    }

    #[inline]
    fn start(&self, entry: &Entry) {
        self.tell(STARTED, |point| {
            Value::from([
                ("hook", entry.name.as_str().into()),
                ("point", point.into()),
            ])
        });
    }

    #[inline]
    fn complete(&self, entry: &Entry, answer: Result<&Answer, &Error>, took: Duration) {
        self.tell(COMPLETED, |point| {
            let result = match answer {
                Ok(answer) => answer.name(),
                Err(_) => "error",
            };
            Value::from([
                ("hook", entry.name.as_str().into()),
                ("point", point.into()),
                ("result", result.into()),
                ("duration_ms", milliseconds(took).into()),
            ])
        });
    }

    #[inline]
    fn breaker(&self, entry: &Entry, change: Option<State>) {
        let kind = match change {
            None => return,
            Some(State::Closed) => CLOSED,
            Some(State::Open) => OPENED,
            Some(State::HalfOpen) => HALF_OPEN,
        };
        self.tell(kind, |point| {
            Value::from([
                ("hook", entry.name.as_str().into()),
                ("point", point.into()),
            ])
        });
    }
}

impl Default for Hooks {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hooks({})", self.all().len())
    }
}
