//! `ResourceLimiter`: memory, processor time and how much happens at the same time.

use std::collections::HashSet;
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use llmspell_core::{Cx, Result};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::not_negative;
use crate::host::resident_memory;

/// How often it is looked whether memory has become free.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Action {
    Cancel,
    Queue,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Resident memory of the process.
    max_memory_mb: u64,
    /// Processor time of the process since the hook was first called.
    max_cpu_seconds: f64,
    /// Operations at the same time; what an operation calls belongs to it.
    max_concurrent: usize,
    /// Operations that wait, for `queue`.
    max_queue_size: usize,
    /// How long one waits.
    timeout_ms: u64,
    action_on_limit: Action,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_memory_mb: 512,
            max_cpu_seconds: 60.0,
            max_concurrent: 10,
            max_queue_size: 100,
            timeout_ms: 30_000,
            action_on_limit: Action::Cancel,
        }
    }
}

pub(super) struct ResourceLimiter {
    config: Config,
    slots: Arc<Semaphore>,
    /// The operations that have a slot.
    holders: Arc<Mutex<HashSet<usize>>>,
    waiting: AtomicUsize,
    since: Mutex<Option<Duration>>,
}

pub(super) fn new(config: Config) -> Result<ResourceLimiter> {
    not_negative([("max_cpu_seconds", config.max_cpu_seconds)])?;
    let slots = config.max_concurrent.min(Semaphore::MAX_PERMITS);
    Ok(ResourceLimiter {
        slots: Arc::new(Semaphore::new(slots)),
        holders: Arc::default(),
        waiting: AtomicUsize::new(0),
        since: Mutex::default(),
        config,
    })
}

/// A slot, free again when the operation has ended in whatever way.
struct Slot {
    key: usize,
    holders: Arc<Mutex<HashSet<usize>>>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.holders.lock().remove(&self.key);
    }
}

/// A place in the queue.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    /// Takes a place, if there is one.
    fn enter(count: &'a AtomicUsize, most: usize) -> Option<Self> {
        let taken = count.fetch_add(1, Ordering::Relaxed);
        let place = Self(count);
        (taken < most).then_some(place)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl ResourceLimiter {
    /// Returns whether a call belongs to an operation that has a slot already.
    fn is_within(&self, cx: &Cx) -> bool {
        let holders = self.holders.lock();
        successors(Some(cx), |cx| cx.parent()).any(|cx| holders.contains(&cx.key()))
    }

    fn memory(&self) -> Option<String> {
        let most = self.config.max_memory_mb.saturating_mul(1 << 20);
        let used = resident_memory().filter(|used| *used > most)?;
        Some(format!(
            "{} MB of memory are used, at most {} may be",
            used >> 20,
            self.config.max_memory_mb
        ))
    }

    fn processor(&self, cx: &Cx) -> Option<String> {
        let now = cx.host().clock.processor();
        let since = *self.since.lock().get_or_insert(now);
        let used = now.saturating_sub(since).as_secs_f64();
        let most = self.config.max_cpu_seconds;
        (used > most)
            .then(|| format!("{used:.1} s of processor time are used, at most {most} may be"))
    }

    async fn admit(&self, cx: &Cx, context: &mut Context<'_>) -> Result<Answer> {
        if self.is_within(cx) {
            return Ok(Answer::Continue);
        }
        // Processor time does not come back, so nobody waits for it.
        if let Some(used) = self.processor(cx) {
            return Ok(Answer::Cancel(Some(used)));
        }
        let permit = match (self.memory(), self.slots.clone().try_acquire_owned()) {
            (None, Ok(permit)) => permit,
            (used, _) if self.config.action_on_limit == Action::Cancel => {
                return Ok(Answer::Cancel(Some(used.unwrap_or_else(|| self.busy()))));
            }
            (_, permit) => match self.queue(cx, permit.ok()).await? {
                Ok(permit) => permit,
                Err(refusal) => return Ok(Answer::Cancel(Some(refusal))),
            },
        };
        let key = cx.key();
        self.holders.lock().insert(key);
        context.holds.push(Arc::new(Slot {
            key,
            holders: self.holders.clone(),
            _permit: permit,
        }));
        Ok(Answer::Continue)
    }

    fn busy(&self) -> String {
        let most = self.config.max_concurrent;
        format!("operations under way: {most}, which is the most")
    }

    /// Waits for a slot, and until there is memory.
    async fn queue(
        &self,
        cx: &Cx,
        permit: Option<OwnedSemaphorePermit>,
    ) -> Result<Result<OwnedSemaphorePermit, String>> {
        let most = self.config.max_queue_size;
        let Some(_place) = Waiting::enter(&self.waiting, most) else {
            return Ok(Err(format!(
                "operations that wait: {most}, which is the most"
            )));
        };
        let clock = &cx.host().clock;
        let waited = async {
            let permit = match permit {
                Some(permit) => permit,
                None => match self.slots.clone().acquire_owned().await {
                    Ok(permit) => permit,
                    Err(_) => return Err(self.busy()),
                },
            };
            while self.memory().is_some() {
                clock.sleep(LOOK).await;
            }
            Ok(permit)
        };
        let limit = Duration::from_millis(self.config.timeout_ms);
        let waited = cx.unless_stopped(async {
            tokio::select! {
                waited = waited => waited,
                () = clock.sleep(limit) => Err(format!(
                    "{}, for {} ms", self.memory().unwrap_or_else(|| self.busy()), limit.as_millis()
                )),
            }
        });
        waited.await
    }
}

impl Hook for ResourceLimiter {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        Box::pin(self.admit(cx, context))
    }

    fn patience(&self) -> Option<Duration> {
        let queue = self.config.action_on_limit == Action::Queue;
        // It ends by itself before that.
        let limit = Duration::from_millis(self.config.timeout_ms).saturating_add(LOOK * 20);
        queue.then_some(limit)
    }
}
