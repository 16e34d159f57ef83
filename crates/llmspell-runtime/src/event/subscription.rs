//! One subscription.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use llmspell_core::{Callback, Clock, Cx, Map, Result, Value};
use parking_lot::Mutex;
use tokio::sync::Notify;

use super::SOURCE;
use super::language::EventLanguage;
use super::message::Event;
use super::options::Overflow;
use super::pattern::Pattern;
use super::queue::{MOST_BYTES, Pushed, Queue};

/// Events in a queue from which on it counts as nearly full, and below which it does not any more.
const WATERMARKS: (usize, usize) = (8000, 2000);

/// What a subscriber wants.
#[derive(Debug)]
pub struct Wanted {
    /// Which events.
    pub patterns: Vec<Pattern>,
    /// Only events of this language.
    pub language: Option<EventLanguage>,
    /// Only events that pass.
    pub filter: Option<Filter>,
    /// What happens when the queue is full.
    pub overflow: Overflow,
    /// Most events that wait.
    pub capacity: usize,
    /// How long a publisher waits for room.
    pub block_timeout: Duration,
    /// Who is called with each event; otherwise they are received.
    pub handler: Option<Callback>,
    /// Whether it is no subscription of the script, so that scripts do not see it.
    pub internal: bool,
}

/// A condition on events.
#[derive(Clone, Debug)]
pub enum Filter {
    /// These paths of the data have these values.
    Data(Map),
    /// The function says yes. It is asked when the event is received.
    Function(Callback),
}

/// Who gets the events of some patterns, and those that wait for it.
#[derive(Debug)]
pub struct Subscription {
    pub(super) number: u64,
    pub(super) id: String,
    pub(super) wanted: Wanted,
    queue: Mutex<Queue>,
    arrived: Notify,
    room: Notify,
    /// How many publishers wait for room.
    blocked: AtomicUsize,
    high: AtomicBool,
    closed: AtomicBool,
    pub(super) received: AtomicU64,
    pub(super) dropped: AtomicU64,
}

/// How a delivery went.
#[derive(Debug, Default)]
pub(super) struct Delivery {
    pub(super) delivered: bool,
    /// How many events were dropped, this one or others for it.
    pub(super) dropped: u64,
    /// There was no room: the publisher waits or is told.
    pub(super) full: bool,
    /// The queue became nearly full with this event.
    pub(super) high: bool,
}

impl Subscription {
    pub(super) fn new(number: u64, wanted: Wanted) -> Self {
        Self {
            number,
            id: format!("sub_{number}"),
            queue: Mutex::new(Queue::new(wanted.capacity.max(1), MOST_BYTES)),
            wanted,
            arrived: Notify::new(),
            room: Notify::new(),
            blocked: AtomicUsize::new(0),
            high: AtomicBool::new(false),
            closed: AtomicBool::new(false),
            received: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
        }
    }

    /// Returns the id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns how many events wait.
    pub fn len(&self) -> usize {
        self.queue.lock().len()
    }

    /// Returns whether no event waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns whether nothing comes any more.
    pub fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Acquire)
    }

    /// Returns how many events were dropped.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// Ends the subscription: what waits is dropped, who waits is told. Returns how many events waited.
    pub(super) fn close(&self) -> usize {
        self.end();
        self.queue.lock().clear()
    }

    /// Ends the subscription: who waits is told.
    pub(super) fn end(&self) {
        self.closed.store(true, Ordering::Release);
        self.arrived.notify_waiters();
        self.arrived.notify_one();
        self.room.notify_waiters();
    }

    /// Returns whether it wants an event whose type fits.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let wanted = &self.wanted;
        if wanted
            .language
            .is_some_and(|language| language != event.source.language)
        {
            return false;
        }
        match &wanted.filter {
            Some(Filter::Data(paths)) => has_values(&event.data.value(), paths),
            _ => true,
        }
    }

    /// Puts an event into the queue, if there is room or the strategy makes some.
    pub(super) fn offer(&self, event: &Arc<Event>) -> Delivery {
        self.put(event, self.wanted.overflow)
    }

    /// Puts an event into the queue, or drops it.
    pub(super) fn put_or_drop(&self, event: &Arc<Event>) -> Delivery {
        self.put(event, Overflow::DropNewest)
    }

    fn put(&self, event: &Arc<Event>, overflow: Overflow) -> Delivery {
        if self.is_closed() {
            return Delivery::default();
        }
        let (pushed, length) = {
            let mut queue = self.queue.lock();
            let pushed = queue.push(event.clone(), overflow);
            (pushed, queue.len())
        };
        let (delivered, dropped) = match pushed {
            Pushed::Kept => (true, 0),
            Pushed::Displaced(others) => (true, others),
            Pushed::Dropped => (false, 1),
            Pushed::Full => (false, 0),
        };
        if delivered {
            self.arrived.notify_one();
        }
        if dropped > 0 {
            self.dropped.fetch_add(dropped, Ordering::Relaxed);
        }
        Delivery {
            delivered,
            dropped,
            full: pushed == Pushed::Full,
            high: length == WATERMARKS.0 && !self.high.swap(true, Ordering::Relaxed),
        }
    }

    /// Waits for room and puts the event into the queue; drops it when the time is over.
    pub(super) async fn put_or_wait(&self, event: &Arc<Event>, clock: &dyn Clock) -> Delivery {
        /// Also a publisher that is stopped waits no longer.
        struct Blocked<'a>(&'a AtomicUsize);
        impl Drop for Blocked<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::AcqRel);
            }
        }
        self.blocked.fetch_add(1, Ordering::AcqRel);
        let _blocked = Blocked(&self.blocked);
        let over = clock.sleep(self.wanted.block_timeout);
        tokio::pin!(over);
        loop {
            let room = self.room.notified();
            tokio::pin!(room);
            room.as_mut().enable();
            let delivery = self.offer(event);
            if !delivery.full {
                return delivery;
            }
            tokio::select! {
                () = room => {}
                () = &mut over => return self.put_or_drop(event),
            }
        }
    }

    /// Takes the event that is next, if one waits. Returns as well whether the queue is no longer nearly full with it.
    pub(super) fn take(&self, now: impl Fn() -> i64) -> Option<(Arc<Event>, bool)> {
        let mut low = false;
        loop {
            let (event, left) = {
                let mut queue = self.queue.lock();
                (queue.pop()?, queue.len())
            };
            if self.blocked.load(Ordering::Acquire) > 0 {
                self.room.notify_one();
            }
            low |=
                left <= WATERMARKS.1 && self.is_high() && self.high.swap(false, Ordering::Relaxed);
            if event.ttl().is_some() && event.is_stale(now()) {
                continue;
            }
            self.received.fetch_add(1, Ordering::Relaxed);
            return Some((event, low));
        }
    }

    /// Returns whether the queue was nearly full, and did not come below the lower mark since.
    fn is_high(&self) -> bool {
        self.high.load(Ordering::Relaxed)
    }

    /// Returns the number on the bus of the event that is next.
    pub(super) fn next(&self) -> Option<u64> {
        self.queue.lock().next()
    }

    /// Waits until an event may have arrived, or the subscription has ended.
    pub async fn wait(&self) {
        if self.is_closed() || !self.is_empty() {
            return;
        }
        self.arrived.notified().await;
    }

    /// Returns whether a function that filters lets the event pass; one that raises does not. What does not pass was not
    /// received.
    pub(super) async fn admits(&self, cx: &Cx, shown: &Value) -> Result<bool> {
        let Some(Filter::Function(filter)) = &self.wanted.filter else {
            return Ok(true);
        };
        let admitted = self.passes(cx, filter, shown).await;
        if !matches!(admitted, Ok(true)) {
            self.received.fetch_sub(1, Ordering::Relaxed);
        }
        admitted
    }

    async fn passes(&self, cx: &Cx, filter: &Callback, shown: &Value) -> Result<bool> {
        match filter.show(cx, shown.clone(), SOURCE).await {
            Ok(answer) => Ok(!matches!(answer, Value::Null | Value::Bool(false))),
            Err(error) => {
                cx.check()?;
                tracing::warn!(target: "llmspell::event", subscription = self.id, "a filter failed: {error}");
                Ok(false)
            }
        }
    }
}

/// Returns whether the data has these values at these dotted paths.
pub(crate) fn has_values(data: &Value, paths: &Map) -> bool {
    paths.iter().all(|(path, wanted)| {
        let found =
            path.split('.')
                .try_fold(data, |value, name| match (value, name.parse::<usize>()) {
                    (Value::List(items), Ok(index)) => items.get(index),
                    _ => value.get(name),
                });
        match (found, wanted) {
            (Some(Value::Int(left)), Value::Float(right)) => *left as f64 == *right,
            (Some(Value::Float(left)), Value::Int(right)) => *left == *right as f64,
            (found, wanted) => found.unwrap_or(&Value::Null) == wanted,
        }
    })
}
