//! The bus: who gets an event, in which order, and what was published.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultDirectRateLimiter, RateLimiter};
use llmspell_core::{Clock, Error, Name, Result, Value, error};
use parking_lot::{Mutex, RwLock};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use uuid::{Builder, Uuid};

use super::archive::Archive;
use super::facts::Facts;
use super::language::EventLanguage;
use super::matcher::Matcher;
use super::message::{Event, More, Priority, Publisher};
use super::options::Options;
use super::outbox::Outbox;
use super::queue::MOST_BYTES;
use super::subscription::{Delivery, Subscription, Wanted};

/// Who publishes what nobody signs.
pub(super) const SCRIPT: &str = "script";

/// Events that `Event.query` finds without a store, and how much memory they take at most (bytes).
const RECENT: usize = 10_000;
const RECENT_BYTES: usize = 64 << 20;

/// How long the last events may take on their way out of a run that has ended.
const LAST_EVENTS: Duration = Duration::from_secs(30);

/// Event types whose subscribers are remembered.
const MOST_ROUTES: usize = 4096;

/// The event bus of one run, shared by scripts and the runtime.
///
/// Events are in order for each subscription; every subscription whose patterns fit gets each event once, and only
/// events that were published after it was made.
pub struct Bus {
    pub(super) options: Options,
    clock: Arc<dyn Clock>,
    instance: Arc<str>,
    salt: u64,
    routes: RwLock<Routes>,
    /// How often subscriptions came or went; changed with the routes only.
    changes: AtomicU64,
    recent: Mutex<Recent>,
    limiter: Option<DefaultDirectRateLimiter>,
    /// Who keeps events that are to be kept, and where they are read again.
    keeper: OnceLock<(Arc<Subscription>, Arc<dyn Archive>)>,
    pub(super) dropped: AtomicU64,
    pub(super) refused: AtomicU64,
    /// Told when an event waits for a handler.
    pub(super) handlers: Notify,
    /// Held while a handler runs.
    pub(super) handling: tokio::sync::Mutex<()>,
    /// Whether no handler is called any more.
    pub(super) handled: AtomicBool,
    /// What a handler ended the script with, which may have come to its end meanwhile.
    pub(super) exit: Mutex<Option<Error>>,
    /// Events about which hooks are still to be asked.
    pub(super) outbox: Outbox,
}

#[derive(Default)]
struct Routes {
    matcher: Matcher,
    subscriptions: BTreeMap<u64, Arc<Subscription>>,
    known: HashMap<Arc<str>, Route, foldhash::fast::RandomState>,
    made: u64,
}

/// The subscriptions of an event's type, if there are any.
type Route = Option<Arc<[Arc<Subscription>]>>;

/// The last events, each with how much memory it takes.
#[derive(Default)]
struct Recent {
    events: VecDeque<(Arc<Event>, usize)>,
    bytes: usize,
    published: u64,
}

/// What a publisher says about an event.
#[derive(Clone, Debug)]
pub struct Publication {
    /// What it says.
    pub data: Facts,
    /// Who publishes it; the script if absent.
    pub component: Option<Name>,
    /// The publisher's language.
    pub language: EventLanguage,
    /// What it belongs to; something new if absent.
    pub correlation: Option<Uuid>,
    /// Who is dropped first.
    pub priority: Priority,
    /// What few events have.
    pub more: Option<Box<More>>,
}

impl Publication {
    /// Makes an event of the runtime.
    pub fn of_runtime(component: &str, data: impl Into<Facts>) -> Self {
        Self {
            data: data.into(),
            component: Some(component.into()),
            language: EventLanguage::Rust,
            correlation: None,
            priority: Priority::Normal,
            more: None,
        }
    }

    /// Returns roughly how much memory it takes (bytes).
    fn footprint(&self) -> usize {
        let more = self.more.as_ref().map(|more| more.metadata.footprint());
        size_of::<Event>() + self.data.footprint() + more.unwrap_or_default()
    }
}

/// What became of a published event.
#[derive(Debug)]
pub struct Published {
    /// The event.
    pub event: Arc<Event>,
    /// How many subscriptions got it.
    pub delivered: usize,
    /// How many events were dropped for want of room.
    pub dropped: usize,
    /// A subscription that does not take more.
    refused: Option<Arc<Subscription>>,
    /// Subscriptions for which the publisher waits.
    full: Vec<Arc<Subscription>>,
}

impl Bus {
    /// Makes the bus of a run. `salt` makes the ids of its events its own.
    pub fn new(options: Options, instance: &str, clock: Arc<dyn Clock>, salt: u64) -> Self {
        Self {
            limiter: options.quota().map(RateLimiter::direct),
            options,
            clock,
            instance: instance.into(),
            salt,
            keeper: OnceLock::new(),
            routes: RwLock::default(),
            changes: AtomicU64::new(0),
            recent: Mutex::default(),
            dropped: AtomicU64::new(0),
            refused: AtomicU64::new(0),
            handlers: Notify::new(),
            handling: tokio::sync::Mutex::default(),
            handled: AtomicBool::new(false),
            exit: Mutex::default(),
            outbox: Outbox::default(),
        }
    }

    /// Adds a subscription.
    ///
    /// - Errors: `Limit` if there are too many.
    pub fn subscribe(&self, wanted: Wanted) -> Result<Arc<Subscription>> {
        let most = self.options.max_subscribers;
        let mut routes = self.routes.write();
        // Whoever watches a run from outside takes no place of the spell's.
        let of_spell = |own: &&Arc<Subscription>| !own.wanted.internal;
        let count = routes.subscriptions.values().filter(of_spell).count();
        if !wanted.internal && count >= most {
            return Err(
                error!(Limit, "there are {most} subscriptions, which is the most")
                    .with("limit", most)
                    .with("value", most + 1)
                    .hint(
                        "unsubscribe what is no longer needed, or raise `events.max_subscribers`",
                    ),
            );
        }
        routes.made += 1;
        let number = routes.made;
        let subscription = Arc::new(Subscription::new(number, wanted));
        for pattern in &subscription.wanted.patterns {
            routes.matcher.add(pattern, number);
        }
        routes.subscriptions.insert(number, subscription.clone());
        self.changed(&mut routes);
        Ok(subscription)
    }

    /// Ends a subscription of the script; what waits for it is dropped. Returns false if there is none of that id.
    pub fn unsubscribe(&self, id: &str) -> bool {
        let Some(subscription) = self.find(id) else {
            return false;
        };
        let known = self.remove(&subscription);
        subscription.close();
        known
    }

    /// Lets a subscription have the events that say that they are to be kept.
    pub(crate) fn keep_with(&self, subscription: Arc<Subscription>, archive: Arc<dyn Archive>) {
        // A run has one store.
        let _ = self.keeper.set((subscription, archive));
    }

    /// Returns where kept events are read again.
    pub(super) fn archive(&self) -> Option<&Arc<dyn Archive>> {
        self.keeper.get().map(|(_, archive)| archive)
    }

    /// Ends a subscription but lets what waits be received.
    pub fn retire(&self, subscription: &Subscription) {
        self.remove(subscription);
        subscription.end();
    }

    /// Ends a subscription and waits until the task that takes its events has taken the last one, as long as it gets on:
    /// one event at least within `patience`, and all within half a minute. What waits then is dropped; returns how many.
    pub async fn finish(
        &self,
        subscription: &Subscription,
        mut task: JoinHandle<()>,
        patience: Duration,
    ) -> usize {
        self.retire(subscription);
        let all = async {
            let mut waits = subscription.len();
            while tokio::time::timeout(patience, &mut task).await.is_err() {
                let before = std::mem::replace(&mut waits, subscription.len());
                if waits >= before {
                    return;
                }
            }
        };
        // Whether the time is over or not: what waits still is counted.
        let _ = tokio::time::timeout(LAST_EVENTS, all).await;
        subscription.close()
    }

    /// Forgets who gets what, after subscriptions came or went.
    fn changed(&self, routes: &mut Routes) {
        routes.known.clear();
        self.changes.fetch_add(1, Ordering::Release);
    }

    fn remove(&self, subscription: &Subscription) -> bool {
        let mut routes = self.routes.write();
        let known = routes.subscriptions.remove(&subscription.number).is_some();
        for pattern in &subscription.wanted.patterns {
            routes.matcher.remove(pattern, subscription.number);
        }
        self.changed(&mut routes);
        routes.sweep();
        known
    }

    /// Takes the event that is next for a subscription, if one waits.
    pub fn next(&self, subscription: &Subscription) -> Option<Arc<Event>> {
        let (event, low) = subscription.take(|| self.now())?;
        if low {
            self.watermark("event.queue.low", subscription, &event.kind);
        }
        Some(event)
    }

    /// Returns the subscription of the script that has an id. Ids can be guessed: others' are not found.
    pub fn find(&self, id: &str) -> Option<Arc<Subscription>> {
        let number: u64 = id.strip_prefix("sub_")?.parse().ok()?;
        let routes = self.routes.read();
        let found = routes.subscriptions.get(&number);
        found.filter(|found| !found.wanted.internal).cloned()
    }

    /// Returns the subscriptions of scripts in the order of their making.
    pub fn subscriptions(&self) -> Vec<Arc<Subscription>> {
        let routes = self.routes.read();
        let all = routes.subscriptions.values();
        all.filter(|own| !own.wanted.internal).cloned().collect()
    }

    /// Returns whether anybody has subscribed to events of this type.
    pub(crate) fn is_heard(&self, kind: &str) -> bool {
        self.options.enabled && self.route(kind).1.is_some()
    }

    /// Returns whether the runtime's own events are published.
    pub fn takes_runtime(&self) -> bool {
        self.options.enabled && self.options.emit_runtime
    }

    /// Returns whether anybody hears one of the runtime's own events of these types. What was found is remembered in
    /// `known` until subscriptions come or go.
    pub(crate) fn tells_runtime(&self, kinds: &[&str], known: &AtomicU64) -> bool {
        let changes = self.changes.load(Ordering::Acquire) + 1;
        let found = known.load(Ordering::Relaxed);
        if found >> 1 == changes {
            return found & 1 != 0;
        }
        let heard = self.takes_runtime() && kinds.iter().any(|kind| self.is_heard(kind));
        known.store(changes << 1 | u64::from(heard), Ordering::Relaxed);
        heard
    }

    /// Returns how many events were published.
    pub fn published(&self) -> u64 {
        self.recent.lock().published
    }

    /// Returns the last events, oldest first.
    pub(super) fn recent(&self) -> Vec<Arc<Event>> {
        let recent = self.recent.lock();
        let events = recent.events.iter().map(|(event, _)| event.clone());
        events.collect()
    }

    /// Returns the present moment, in microseconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.clock.now()
    }

    /// Returns whether the publisher may go on now.
    ///
    /// - Errors: `RateLimited` if scripts publish more than the configuration allows.
    pub(super) fn admit(&self) -> Result<()> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        limiter.check().map_err(|refused| {
            self.refused.fetch_add(1, Ordering::Relaxed);
            let wait = refused.wait_time_from(DefaultClock::default().now());
            let every = refused.quota().replenish_interval().as_secs_f64();
            let rate = (1.0 / every).round() as u64;
            error!(
                RateLimited,
                "more than {rate} events per second were published"
            )
            .with("limit", rate)
            .with("retry_after_ms", wait.as_millis() as u64)
            .hint("publish less often, or raise `events.rate_limit_per_second`")
        })
    }

    /// Posts an event, and waits where a queue is full and its subscriber wants no event lost.
    async fn post_and_wait(&self, kind: &str, draft: Publication) -> Published {
        let mut published = self.post(kind, draft);
        if !published.full.is_empty() {
            // Rare, so whoever publishes does not carry what it needs.
            Box::pin(self.wait_for_room(&mut published)).await;
        }
        published
    }

    async fn wait_for_room(&self, published: &mut Published) {
        for subscription in std::mem::take(&mut published.full) {
            let delivery = subscription
                .put_or_wait(&published.event, &*self.clock)
                .await;
            self.count(&subscription, &delivery, published);
        }
    }

    /// Publishes an event, and waits for subscribers that want no event lost.
    ///
    /// - Errors: `Limit` if the queue of a subscription that rejects is full; the others have the event.
    /// - Cancel: dropping the future drops the event for those that were waited for.
    pub async fn publish(&self, kind: &str, draft: Publication) -> Result<Published> {
        let mut published = self.post_and_wait(kind, draft).await;
        match published.refused.take() {
            None => Ok(published),
            Some(subscription) => Err(refusal(kind, &subscription)),
        }
    }

    /// Publishes an event of the runtime, and waits for subscribers that want no event lost. Who rejects loses it.
    pub(super) async fn announce(&self, kind: &str, draft: Publication) -> Published {
        let mut published = self.post_and_wait(kind, draft).await;
        if let Some(subscription) = published.refused.take() {
            let delivery = subscription.put_or_drop(&published.event);
            self.count(&subscription, &delivery, &mut published);
        }
        published
    }

    /// Publishes an event without waiting: where there is no room, it is dropped.
    pub fn tell(&self, kind: &str, draft: Publication) -> Published {
        let mut published = self.post(kind, draft);
        let mut full = std::mem::take(&mut published.full);
        full.extend(published.refused.take());
        for subscription in full {
            let delivery = subscription.put_or_drop(&published.event);
            self.count(&subscription, &delivery, &mut published);
        }
        published
    }

    fn post(&self, kind: &str, draft: Publication) -> Published {
        let (kind, subscriptions) = self.route(kind);
        let event = self.enter(kind, draft);
        let mut published = Published {
            event,
            delivered: 0,
            dropped: 0,
            refused: None,
            full: Vec::new(),
        };
        if !self.options.enabled {
            return published;
        }
        let wants_keeping = published
            .event
            .more
            .as_ref()
            .is_some_and(|more| more.persistent);
        let keeper = self.keeper.get().filter(|_| wants_keeping);
        if let Some((keeper, _)) = keeper
            && !subscriptions
                .iter()
                .any(|all| all.iter().any(|own| own.number == keeper.number))
            && keeper.offer(&published.event).full
        {
            published.full.push(keeper.clone());
        }
        for subscription in subscriptions.iter().flat_map(|all| &**all) {
            if !subscription.wants(&published.event) {
                continue;
            }
            let delivery = subscription.offer(&published.event);
            match subscription.wanted.overflow {
                _ if !delivery.full => self.count(subscription, &delivery, &mut published),
                super::options::Overflow::Reject => {
                    published
                        .refused
                        .get_or_insert_with(|| subscription.clone());
                }
                _ => published.full.push(subscription.clone()),
            }
        }
        published
    }

    /// Notes what became of an event at one subscription.
    fn count(&self, subscription: &Arc<Subscription>, delivery: &Delivery, all: &mut Published) {
        all.delivered += usize::from(delivery.delivered);
        if delivery.dropped > 0 {
            all.dropped += usize::try_from(delivery.dropped).unwrap_or(usize::MAX);
            self.dropped.fetch_add(delivery.dropped, Ordering::Relaxed);
        }
        if delivery.delivered && subscription.wanted.handler.is_some() {
            self.handlers.notify_one();
        }
        if delivery.high {
            self.watermark("event.queue.high", subscription, &all.event.kind);
        }
    }

    /// Says that a queue became nearly full, or is no longer. No hook is asked: what is said is about the bus itself,
    /// and is no part of an operation.
    pub(super) fn watermark(&self, kind: &str, subscription: &Subscription, cause: &str) {
        // An event about queues must not lead to more of them.
        if cause.starts_with("event.queue.") {
            return;
        }
        let data = Value::from([
            ("subscription_id", subscription.id().into()),
            ("queue_size", subscription.len().into()),
        ]);
        self.tell(kind, Publication::of_runtime("event", data));
    }

    /// Returns the type and the subscriptions that it fits.
    fn route(&self, kind: &str) -> (Arc<str>, Route) {
        let (found, changes) = {
            let routes = self.routes.read();
            if let Some((kind, to)) = routes.known.get_key_value(kind) {
                return (kind.clone(), to.clone());
            }
            (routes.find(kind), self.changes.load(Ordering::Acquire))
        };
        let kind: Arc<str> = kind.into();
        let mut routes = self.routes.write();
        if self.changes.load(Ordering::Acquire) != changes {
            let found = routes.find(&kind);
            return (kind, found);
        }
        if routes.known.len() >= MOST_ROUTES {
            routes.known.clear();
        }
        routes.known.insert(kind.clone(), found.clone());
        (kind, found)
    }

    /// Gives an event its number and keeps it for queries.
    fn enter(&self, kind: Arc<str>, draft: Publication) -> Arc<Event> {
        let micros = self.clock.now();
        let bytes = draft.footprint();
        let source = Publisher {
            component: draft.component.unwrap_or(Name::const_new(SCRIPT)),
            instance: self.instance.clone(),
            language: draft.language,
        };
        let mut recent = self.recent.lock();
        recent.published += 1;
        let sequence = recent.published;
        let event = Arc::new(Event {
            sequence,
            id: self.uuid(sequence),
            correlation: draft.correlation.unwrap_or_else(|| self.uuid(!sequence)),
            kind,
            data: draft.data,
            micros,
            source,
            priority: draft.priority,
            bytes,
            more: draft.more,
        });
        let oldest = recent.make_room(bytes);
        recent.bytes += bytes;
        recent.events.push_back((event.clone(), bytes));
        drop(recent);
        // Freed after the lock.
        drop(oldest);
        event
    }

    /// Makes an id that the same spell gets again.
    fn uuid(&self, number: u64) -> Uuid {
        let (high, low) = (
            mixed(self.salt ^ number),
            mixed(self.salt.rotate_left(32) ^ number),
        );
        let bytes = (u128::from(high) << 64 | u128::from(low)).to_be_bytes();
        Builder::from_random_bytes(bytes).into_uuid()
    }
}

impl Recent {
    /// Takes the oldest events away for which there is no place beside one that takes so many bytes.
    fn make_room(&mut self, bytes: usize) -> Vec<(Arc<Event>, usize)> {
        let (mut left, mut gone) = (self.bytes, 0);
        for (_, own) in &self.events {
            if self.events.len() - gone < RECENT && left + bytes <= RECENT_BYTES {
                break;
            }
            left -= own;
            gone += 1;
        }
        self.bytes = left;
        self.events.drain(..gone).collect()
    }
}

impl Routes {
    fn find(&self, kind: &str) -> Route {
        let numbers = self.matcher.find(kind).into_iter();
        let found: Vec<_> = numbers
            .filter_map(|number| self.subscriptions.get(&number).cloned())
            .collect();
        (!found.is_empty()).then(|| found.into())
    }

    /// Makes the tree anew when most of it is of subscriptions that are gone.
    fn sweep(&mut self) {
        if self.matcher.removed() < 64.max(2 * self.subscriptions.len()) {
            return;
        }
        let mut matcher = Matcher::default();
        for (number, subscription) in &self.subscriptions {
            for pattern in &subscription.wanted.patterns {
                matcher.add(pattern, *number);
            }
        }
        self.matcher = matcher;
    }
}

fn refusal(kind: &str, subscription: &Subscription) -> Error {
    let (id, most) = (subscription.id(), subscription.wanted.capacity);
    let waiting = subscription.len();
    let error = match waiting < most {
        // So it was the bytes.
        true => error!(
            Limit,
            "the event '{kind}' was rejected: with it, {} events for the subscription {id} would take more than {MOST_BYTES} bytes",
            waiting + 1
        )
        .with("limit", MOST_BYTES)
        .hint("receive what waits, publish less in one event, or choose another `backpressure`"),
        false => error!(
            Limit,
            "the event '{kind}' was rejected: {most} events wait for the subscription {id}"
        )
        .with("limit", most)
        .with("value", most + 1)
        .hint("receive what waits, raise `max_queue_size`, or choose another `backpressure`"),
    };
    error.with("subscription_id", id)
}

/// Spreads a number over 64 bits (splitmix64).
fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

impl fmt::Debug for Bus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bus({} events)", self.published())
    }
}
