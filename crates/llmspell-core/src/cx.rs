//! The per-call context.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::future::pending;
use std::hash::{BuildHasherDefault, Hasher};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::Duration;

use futures::future::{Either, select};
use parking_lot::Mutex;
use serde::de::DeserializeOwned;

use crate::budget::{Ledger, Limits};
use crate::cancel::Cancel;
use crate::door::Door;
use crate::error::{Error, Kind, Result};
use crate::host::Host;
use crate::id::CallId;
use crate::observer::Observer;
use crate::op::Op;
use crate::settings::ToolSettings;
use crate::sink::{Flow, Sink};
use crate::usage::Usage;
use crate::value::Value;

/// What the ids are derived from that calls share which the spell caused by one call of its own.
static ORIGIN: LazyLock<CallId> = LazyLock::new(|| CallId::content(CallId::ROOT, "origin", ""));

/// Deepest nesting of calls; a spell, its agents, their tools and sub-agents together.
const MAX_CALL_DEPTH: u32 = 100;

/// What all calls of one run share: the door, the world, and the live objects of each part of the runtime.
pub struct Run {
    id: String,
    door: Arc<Door>,
    host: Host,
    parts: ByType,
    kept: Mutex<ByType>,
    cancel: Cancel,
    observers: Vec<Arc<dyn Observer>>,
}

/// Values by their types, whose ids are digests.
type ByType = HashMap<TypeId, Arc<dyn Any + Send + Sync>, BuildHasherDefault<Digest>>;

/// Puts a run together.
pub struct RunBuilder {
    run: Run,
    limits: Limits,
}

impl RunBuilder {
    /// Adds the live objects of one part of the runtime, found again by type with [`Cx::part`].
    #[must_use]
    pub fn part<T: Any + Send + Sync>(mut self, part: Arc<T>) -> Self {
        self.run.parts.insert(TypeId::of::<T>(), part);
        self
    }

    /// Adds someone who watches the calls.
    #[must_use]
    pub fn observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.run.observers.push(observer);
        self
    }

    /// Sets the node whose cancelling stops the run.
    #[must_use]
    pub fn cancel(mut self, cancel: Cancel) -> Self {
        self.run.cancel = cancel;
        self
    }

    /// Sets the budget of the run.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Returns the root context, that of the spell itself.
    pub fn build(self) -> Cx {
        Cx(Arc::new(Scope {
            ledger: Ledger::new("the run", self.limits, None),
            cancel: self.run.cancel.clone(),
            run: Arc::new(self.run),
            id: OnceLock::from(CallId::ROOT),
            parent: None,
            depth: 0,
            is_call: true,
            by_model: false,
            deadline: None,
            limit: None,
            host: None,
            sink: None,
            carried: None,
            origin: OnceLock::new(),
            again: None,
            usage: Mutex::default(),
            own_usage: Mutex::default(),
            counts: Mutex::default(),
            in_flight: AtomicBool::new(false),
            at_files: AtomicU32::new(0),
            attempts: AtomicU32::new(1),
        }))
    }
}

/// The context of one call: its place in the tree of calls, what may stop it, what it may consume, and the world.
///
/// Cloning is cheap; clones are the same call.
#[derive(Clone)]
pub struct Cx(Arc<Scope>);

struct Scope {
    run: Arc<Run>,
    id: OnceLock<CallId>,
    parent: Option<Cx>,
    depth: u32,
    /// False for a part of a call that only has limits or a place of its own, see [`Cx::bounded`] and [`Cx::apart`].
    is_call: bool,
    by_model: bool,
    cancel: Cancel,
    /// When this call must have ended because its caller must.
    deadline: Option<Duration>,
    /// The time that this call itself may take, see [`Cx::call_until`].
    limit: Option<Limit>,
    /// The world of this call, if it is a narrower one than that of the run.
    host: Option<Arc<Host>>,
    ledger: Arc<Ledger>,
    sink: Option<Sink>,
    /// What layers gave to this call and those below it.
    carried: Option<Arc<dyn Any + Send + Sync>>,
    origin: OnceLock<CallId>,
    /// The key of the call that this is a further attempt of.
    again: Option<usize>,
    usage: Mutex<Usage>,
    own_usage: Mutex<Usage>,
    counts: Mutex<HashMap<CallId, u32, BuildHasherDefault<Digest>>>,
    in_flight: AtomicBool,
    /// How many pieces of work over files are under way.
    at_files: AtomicU32,
    attempts: AtomicU32,
}

/// The time that one call may take, which can be moved while it is under way.
struct Limit {
    length: Duration,
    /// When it is over, in nanoseconds of the monotonic clock.
    end: AtomicU64,
}

impl Limit {
    fn new(length: Duration, end: Duration) -> Self {
        Self {
            length,
            end: AtomicU64::new(nanos(end)),
        }
    }

    fn end(&self) -> Duration {
        Duration::from_nanos(self.end.load(Ordering::Relaxed))
    }

    fn set(&self, end: Duration) {
        self.end.store(nanos(end), Ordering::Relaxed);
    }
}

fn overdue() -> Error {
    Error::new(Kind::Timeout, "the deadline has passed")
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Takes ids, which are digests, as their own hashes.
#[derive(Default)]
struct Digest(u64);

impl Hasher for Digest {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Cx {
    /// Starts a run with this id, the layers of `door` and the world of `host`.
    pub fn run(id: impl Into<String>, door: Arc<Door>, host: Host) -> RunBuilder {
        RunBuilder {
            run: Run {
                id: id.into(),
                door,
                host,
                parts: ByType::default(),
                kept: Mutex::default(),
                cancel: Cancel::new(),
                observers: Vec::new(),
            },
            limits: Limits::default(),
        }
    }

    /// Calls an op through the door, below this call.
    ///
    /// - Errors: whatever the op or a layer says; `InvalidArgs` before any layer runs if the arguments do not fit.
    /// - Cancel: dropping the future stops the call.
    pub async fn call(&self, op: &Arc<Op>, args: Value) -> Result<Value> {
        self.0.run.door.call(self, op, args, None).await
    }

    /// Calls an op with arguments that [`Op::prepare`] gave, and returns the call's id as well, for callers that show it.
    pub async fn call_prepared(&self, op: &Arc<Op>, args: Value) -> (CallId, Result<Value>) {
        self.entered(self.below(None), op, args).await
    }

    /// As [`call_prepared`](Self::call_prepared), for a call that may take `limit` and must have ended at `deadline` on the
    /// monotonic clock, or when this one must; in another world if one is given.
    ///
    /// What a call waits for that is not its own doing can be added to its time, see [`prolong`](Self::prolong).
    pub async fn call_until(
        &self,
        (limit, deadline): (Duration, Duration),
        host: Option<Arc<Host>>,
        op: &Arc<Op>,
        args: Value,
    ) -> (CallId, Result<Value>) {
        let own = self.room_below().map(|()| {
            let parts = self.scope_parts(self.0.depth + 1, None);
            Cx(Arc::new(Scope {
                limit: Some(Limit::new(limit, deadline)),
                host: host.or(parts.host),
                ..parts
            }))
        });
        self.entered(own, op, args).await
    }

    async fn entered(&self, own: Result<Cx>, op: &Arc<Op>, args: Value) -> (CallId, Result<Value>) {
        match own {
            Ok(own) => {
                let outcome = self.0.run.door.enter(&own, op, args).await;
                (own.id(), outcome)
            }
            Err(error) => (self.id(), Err(error)),
        }
    }

    /// Calls an op that hands out pieces of its result to `sink` before it ends.
    pub async fn call_streaming(&self, op: &Arc<Op>, args: Value, sink: Sink) -> Result<Value> {
        self.0.run.door.call(self, op, args, Some(sink)).await
    }

    /// Returns the session's id.
    pub fn session(&self) -> &str {
        &self.0.run.id
    }

    /// Returns the world.
    pub fn host(&self) -> &Host {
        self.0.host.as_deref().unwrap_or(&self.0.run.host)
    }

    /// Returns the configuration of a tool, `[tools.NAME]`, as the tool's own options; the defaults of `T` where
    /// nothing is written.
    ///
    /// - Errors: `Config` for a value that does not fit.
    pub fn settings<T: DeserializeOwned + Default>(&self, tool: &str) -> Result<T> {
        match self.part::<ToolSettings>() {
            Ok(settings) => settings.read(tool),
            Err(_) => Ok(T::default()),
        }
    }

    /// Returns the live objects of one part of the runtime.
    ///
    /// - Errors: `Unavailable` if this run was put together without that part.
    pub fn part<T: Any + Send + Sync>(&self) -> Result<Arc<T>> {
        let part = self.0.run.parts.get(&TypeId::of::<T>());
        part.and_then(|part| part.clone().downcast::<T>().ok())
            .ok_or_else(|| {
                crate::error!(
                    Unavailable,
                    "this run has no {}",
                    std::any::type_name::<T>()
                )
            })
    }

    /// Returns the live objects of one part of the runtime, if this run has that part; for what every call asks.
    pub fn part_ref<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.0.run.parts.get(&TypeId::of::<T>())?.downcast_ref()
    }

    /// Returns what the run keeps of this type for an op: its open watches, jobs, transactions. The first use makes it.
    ///
    /// It is dropped with the run. What it starts ends with the run by [`Cx::beside`] or by its own `Drop`; a context in
    /// it would keep the run alive for ever.
    pub fn kept<T: Any + Send + Sync + Default>(&self) -> Arc<T> {
        let mut kept = self.0.run.kept.lock();
        let slot = kept.entry(TypeId::of::<T>());
        let slot = slot.or_insert_with(|| Arc::new(T::default()));
        slot.clone()
            .downcast::<T>()
            .expect("the slot of a type holds that type")
    }

    /// Starts work that goes on when this call has ended. It stops when the run is stopped or ends.
    ///
    /// `work` gets a context of its own, without this call's deadline.
    ///
    /// - Errors: `Denied` where a run has nothing to run it with.
    pub fn beside<F>(&self, work: impl FnOnce(Cx) -> F) -> Result<()>
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let own = Cx(Arc::new(Scope {
            cancel: self.0.run.cancel.child(),
            deadline: None,
            is_call: false,
            ..self.scope_parts(self.0.depth, None)
        }));
        let stop = own.cancel().clone();
        let work = work(own);
        self.host().tasks.spawn(Box::pin(async move {
            let stopped = std::pin::pin!(stop.cancelled());
            futures::future::select(Box::pin(work), stopped).await;
        }))
    }

    /// Returns this call as one that goes on although it was stopped: for what is still to be said at the end of a run,
    /// which whoever says it must bound.
    #[must_use]
    pub fn after_stop(&self) -> Cx {
        Cx(Arc::new(Scope {
            cancel: Cancel::new(),
            deadline: None,
            is_call: false,
            ..self.scope_parts(self.0.depth, None)
        }))
    }

    /// Returns the id of this call, from which those of the calls below are derived; the parent's for calls that are not
    /// recorded, the place of a part that has one of its own.
    pub fn id(&self) -> CallId {
        match (self.0.id.get(), &self.0.parent) {
            (Some(id), _) => *id,
            (None, Some(parent)) => parent.id(),
            (None, None) => CallId::ROOT,
        }
    }

    /// Returns the id of the call that this one is, or is a part of; see [`apart`](Self::apart).
    pub fn call_id(&self) -> CallId {
        let call = self
            .scopes()
            .find(|scope| scope.is_call && scope.id.get().is_some());
        let id = call.and_then(|scope| scope.id.get());
        id.copied().unwrap_or(CallId::ROOT)
    }

    /// Gives this call its id. The first id stays.
    pub fn set_id(&self, id: CallId) {
        self.0.id.get_or_init(|| id);
    }

    /// Returns what all calls share that the spell caused by one call of its own: the id of that call's place, which is
    /// known before the call is recorded. For the spell itself it is its own each time, but see
    /// [`as_operation`](Self::as_operation).
    pub fn origin(&self) -> CallId {
        let spell = |cx: &Cx| ORIGIN.nth(cx.count(*ORIGIN));
        let mut outermost = self;
        while let Some(above) = outermost.parent().filter(|above| above.depth() > 0) {
            outermost = above;
        }
        if let Some(known) = outermost.known_origin() {
            return known;
        }
        match outermost.parent() {
            Some(root) if outermost.depth() > 0 => *outermost.0.origin.get_or_init(|| spell(root)),
            _ => spell(outermost),
        }
    }

    fn known_origin(&self) -> Option<CallId> {
        self.scopes().find_map(|scope| scope.origin.get().copied())
    }

    /// Returns this call as one operation: all that is done with what is returned has the same
    /// [`origin`](Self::origin), also where it is the spell itself, since calls that are not recorded have no context
    /// of their own.
    #[must_use]
    pub fn as_operation(&self) -> Cx {
        if self.depth() > 0 || self.known_origin().is_some() {
            return self.clone();
        }
        Cx(Arc::new(Scope {
            origin: OnceLock::from(self.origin()),
            is_call: false,
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// Returns this call with something that the calls below it carry as well, in place of what was carried before.
    #[must_use]
    pub fn carrying(&self, carried: Arc<dyn Any + Send + Sync>) -> Cx {
        Cx(Arc::new(Scope {
            is_call: false,
            carried: Some(carried),
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// As [`carrying`](Self::carrying), for work beside the call that must have ended at `deadline` on the monotonic clock,
    /// or when the caller must: the call's own time does not bound it.
    #[must_use]
    pub fn carrying_until(&self, carried: Arc<dyn Any + Send + Sync>, deadline: Duration) -> Cx {
        let earlier = self.0.deadline.map_or(deadline, |own| own.min(deadline));
        Cx(Arc::new(Scope {
            is_call: false,
            carried: Some(carried),
            deadline: Some(earlier),
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// Returns what this call carries, if it is of that type.
    pub fn carried<T: Any + Send + Sync>(&self) -> Option<Arc<T>> {
        self.0.carried.clone()?.downcast::<T>().ok()
    }

    /// Returns whether this call carries anything.
    pub fn carries(&self) -> bool {
        self.0.carried.is_some()
    }

    /// Returns this call as a further one of the same caller, which has no id yet. It has the time that is left of this one.
    #[must_use]
    pub fn again(&self) -> Cx {
        let limit = self.0.limit.as_ref();
        Cx(Arc::new(Scope {
            parent: self.0.parent.clone(),
            again: Some(self.key()),
            deadline: self.0.deadline,
            limit: limit.map(|limit| Limit::new(limit.length, limit.end())),
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// Returns a number that tells this call from all others that are under way. Parts of a call have that of the whole, a
    /// further attempt that of the first.
    ///
    /// Another call may get it when this one, with all its clones and the calls below it, is gone.
    pub fn key(&self) -> usize {
        let call = self.scopes().find(|scope| scope.is_call);
        let call = call.unwrap_or(&self.0);
        call.again.unwrap_or(std::ptr::from_ref(call) as usize)
    }

    /// Returns the context of the call that made this one.
    pub fn parent(&self) -> Option<&Cx> {
        self.0.parent.as_ref()
    }

    /// Returns how deep in the tree of calls this one stands; the spell itself is 0.
    pub fn depth(&self) -> u32 {
        self.0.depth
    }

    /// Counts one more call with this content below this one and returns how many there were before.
    pub fn count(&self, content: CallId) -> u32 {
        if let (None, Some(parent)) = (self.0.id.get(), &self.0.parent) {
            return parent.count(content);
        }
        let mut counts = self.0.counts.lock();
        let count = counts.entry(content).or_insert(0);
        *count += 1;
        *count - 1
    }

    /// Returns what may stop this call.
    pub fn cancel(&self) -> &Cancel {
        &self.0.cancel
    }

    /// Returns the moment, on the monotonic clock, at which this call must have ended.
    pub fn deadline(&self) -> Option<Duration> {
        let own = self.0.limit.as_ref().map(Limit::end);
        match (self.0.deadline, own) {
            (Some(caller), Some(own)) => Some(caller.min(own)),
            (caller, own) => own.or(caller),
        }
    }

    /// Adds to the time that this call itself may take, if that is limited: it waited for something that is not its own.
    pub fn prolong(&self, by: Duration) {
        if let Some(limit) = &self.0.limit {
            limit.set(limit.end().saturating_add(by));
        }
    }

    /// Gives this call the whole time that it may take once more.
    pub fn renew(&self) {
        if let Some(limit) = &self.0.limit {
            let now = self.host().clock.monotonic();
            limit.set(now.saturating_add(limit.length));
        }
    }

    /// Returns whether this call has used up the time that it itself may take, while its caller has time left.
    pub fn is_overdue(&self) -> bool {
        let Some(limit) = &self.0.limit else {
            return false;
        };
        let now = self.host().clock.monotonic();
        let may_go_on = self.0.deadline.is_none_or(|deadline| now < deadline);
        now >= limit.end() && may_go_on && !self.0.cancel.is_cancelled()
    }

    /// Returns the account that this call is charged to.
    pub fn ledger(&self) -> &Arc<Ledger> {
        &self.0.ledger
    }

    /// Returns an error if this call was asked to stop or its deadline has passed.
    pub fn check(&self) -> Result<()> {
        if let Some(error) = self.0.cancel.error() {
            return Err(error);
        }
        match self.deadline() {
            Some(deadline) if self.host().clock.monotonic() >= deadline => Err(overdue()),
            _ => Ok(()),
        }
    }

    /// Waits for `work`, but no longer than this call may take.
    ///
    /// - Errors: the reason of the cancellation, or `Timeout` at the deadline; `work` is dropped then.
    pub async fn unless_stopped<F: Future>(&self, work: F) -> Result<F::Output> {
        let deadline = async {
            let Some(deadline) = self.deadline() else {
                return pending().await;
            };
            let clock = &self.host().clock;
            let left = deadline.saturating_sub(clock.monotonic());
            clock.sleep(left).await;
            overdue()
        };
        let (work, cancelled, deadline) =
            (pin!(work), pin!(self.0.cancel.cancelled()), pin!(deadline));
        match select(work, select(cancelled, deadline)).await {
            Either::Left((outcome, _)) => Ok(outcome),
            Either::Right((reason, _)) => Err(reason.factor_first().0),
        }
    }

    /// Reports what this call consumed. Layers see it when the call ends; so do all calls above.
    pub fn report(&self, usage: &Usage) {
        let call = self.scopes().find(|scope| scope.is_call);
        if let Some(call) = call {
            call.own_usage.lock().add(usage);
        }
        for scope in self.scopes() {
            scope.usage.lock().add(usage);
        }
    }

    /// Returns what was reported for this call itself, without the calls below it.
    pub fn own_usage(&self) -> Usage {
        *self.0.own_usage.lock()
    }

    /// Says that this call counts as work in flight, so that calls below it need no slot of their own.
    pub fn mark_in_flight(&self) {
        self.0.in_flight.store(true, Ordering::Relaxed);
    }

    /// Returns whether this call, or one above it, counts as work in flight.
    pub fn is_in_flight(&self) -> bool {
        self.scopes()
            .any(|scope| scope.in_flight.load(Ordering::Relaxed))
    }

    /// Says how often the body was begun so far.
    pub fn set_attempts(&self, attempts: u32) {
        self.0.attempts.store(attempts, Ordering::Relaxed);
    }

    /// Returns how often the body was begun; 1 unless a retry rule repeated it.
    pub fn attempts(&self) -> u32 {
        self.0.attempts.load(Ordering::Relaxed)
    }

    /// Returns this scope and those around it, innermost first.
    fn scopes(&self) -> impl Iterator<Item = &Scope> {
        std::iter::successors(Some(&*self.0), |scope| {
            scope.parent.as_ref().map(|parent| &*parent.0)
        })
    }

    /// Returns what was reported for this call and those below it.
    pub fn usage(&self) -> Usage {
        *self.0.usage.lock()
    }

    /// Hands out a piece of the result, if anyone listens.
    pub async fn emit(&self, piece: Value) -> Result<Flow> {
        for observer in self.observers() {
            observer.piece(self, &piece);
        }
        match &self.0.sink {
            Some(sink) => sink.send(piece).await,
            None => Ok(Flow::Continue),
        }
    }

    /// Returns whether anyone listens to the pieces of this call.
    pub fn streams(&self) -> bool {
        self.0.sink.is_some() || !self.observers().is_empty()
    }

    /// Returns those who watch the calls of the run.
    pub fn observers(&self) -> &[Arc<dyn Observer>] {
        &self.0.run.observers
    }

    /// Returns the receiver of this call's pieces.
    pub fn sink(&self) -> Option<&Sink> {
        self.0.sink.as_ref()
    }

    /// Returns the context for a call below this one.
    ///
    /// - Errors: `Limit` past 100 calls within calls, which only an endless recursion reaches.
    pub(crate) fn below(&self, sink: Option<Sink>) -> Result<Cx> {
        self.room_below()?;
        Ok(Cx(Arc::new(self.scope_parts(self.0.depth + 1, sink))))
    }

    fn room_below(&self) -> Result<()> {
        if self.0.depth < MAX_CALL_DEPTH {
            return Ok(());
        }
        Err(
            Error::new(Kind::Limit, "calls are nested deeper than 100 levels")
                .with("limit", MAX_CALL_DEPTH)
                .hint("an agent, tool or hook calls itself without end"),
        )
    }

    /// Returns this call with its own stop, deadline and account: for work that has limits of its own.
    ///
    /// `timeout` counts from now; the earlier deadline wins. Calls below are charged to `ledger` as well.
    #[must_use]
    pub fn bounded(&self, timeout: Option<Duration>, ledger: Option<Arc<Ledger>>) -> Cx {
        let own = timeout.map(|timeout| self.host().clock.monotonic().saturating_add(timeout));
        let deadline = match (self.deadline(), own) {
            (Some(left), Some(right)) => Some(left.min(right)),
            (left, right) => left.or(right),
        };
        Cx(Arc::new(Scope {
            cancel: self.0.cancel.child(),
            deadline,
            ledger: ledger.unwrap_or_else(|| self.0.ledger.clone()),
            is_call: false,
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// Returns a part of this call with a place of its own: what is called, seen and drawn below it has ids that do not
    /// depend on what the rest of the call does meanwhile. For functions that run side by side.
    #[must_use]
    pub fn apart(&self, place: CallId) -> Cx {
        Cx(Arc::new(Scope {
            id: OnceLock::from(place),
            is_call: false,
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// Returns this call as one whose calls below were chosen by a model, for which the policy may grant less.
    #[must_use]
    pub fn by_model(&self) -> Cx {
        Cx(Arc::new(Scope {
            is_call: false,
            by_model: true,
            ..self.scope_parts(self.0.depth, self.0.sink.clone())
        }))
    }

    /// Returns whether a model chose this call or one above it.
    pub fn is_by_model(&self) -> bool {
        self.0.by_model
    }

    fn scope_parts(&self, depth: u32, sink: Option<Sink>) -> Scope {
        Scope {
            run: self.0.run.clone(),
            id: OnceLock::new(),
            parent: Some(self.clone()),
            depth,
            is_call: true,
            by_model: self.0.by_model,
            cancel: self.0.cancel.clone(),
            deadline: self.deadline(),
            limit: None,
            host: self.0.host.clone(),
            ledger: self.0.ledger.clone(),
            sink,
            carried: self.0.carried.clone(),
            origin: OnceLock::new(),
            again: None,
            usage: Mutex::default(),
            own_usage: Mutex::default(),
            counts: Mutex::default(),
            in_flight: AtomicBool::new(false),
            at_files: AtomicU32::new(0),
            attempts: AtomicU32::new(1),
        }
    }

    /// Returns how many pieces of work over files this call has under way.
    pub(crate) fn at_files(&self) -> &AtomicU32 {
        let mut scope = &self.0;
        while let (false, Some(parent)) = (scope.is_call, &scope.parent) {
            scope = &parent.0;
        }
        &scope.at_files
    }
}

impl std::fmt::Debug for Cx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Cx({})", self.id())
    }
}
