//! Bounds on how often something may be done per minute, and how often at once.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Result, error};
use llmspell_model::RateLimit;
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The window of every rate, in microseconds.
const MINUTE: f64 = 60e6;

/// The limiters of all provider instances, shared by all runs of the process.
#[derive(Debug, Default)]
pub struct Limiters(Mutex<HashMap<String, Arc<Limiter>>>);

impl Limiters {
    /// Returns the limiter of an instance, made with these bounds when first asked for.
    pub(super) fn of(&self, instance: &str, bounds: RateLimit) -> Arc<Limiter> {
        let mut limiters = self.0.lock();
        if let Some(limiter) = limiters
            .get(instance)
            .filter(|known| known.bounds == bounds)
        {
            return limiter.clone();
        }
        let limiter = Arc::new(Limiter::new(instance, bounds));
        limiters.insert(instance.to_owned(), limiter.clone());
        limiter
    }
}

/// A token bucket each for requests and tokens, a whole minute deep, and a count of what is under way.
///
/// Who comes when there is no room waits for his turn, in the order of coming.
pub struct Limiter {
    name: String,
    bounds: RateLimit,
    clock: Mutex<Books>,
    slots: Option<Arc<Semaphore>>,
}

/// Moments in microseconds since 1970 up to which the room is taken.
#[derive(Default)]
struct Books {
    requests: f64,
    tokens: f64,
    closed: f64,
}

/// Room that was made for one request.
pub struct Admission {
    limiter: Arc<Limiter>,
    tokens: u64,
    _slot: Option<OwnedSemaphorePermit>,
}

impl Limiter {
    /// Makes a limiter; `name` says in errors whose it is.
    pub fn new(name: impl Into<String>, bounds: RateLimit) -> Self {
        let slots = bounds.concurrent.map(|count| {
            let count = usize::try_from(count).unwrap_or(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(count.clamp(1, Semaphore::MAX_PERMITS)))
        });
        Self {
            name: name.into(),
            bounds,
            clock: Mutex::default(),
            slots,
        }
    }

    /// Waits until one request of about `tokens` tokens may be made.
    ///
    /// - Errors: `RateLimited` with `retry_after_ms` if the wait would outlast the deadline of `cx`.
    /// - Cancel: safe; room that was not used is given back.
    pub async fn admit(self: &Arc<Self>, cx: &Cx, tokens: u64) -> Result<Admission> {
        let slot = match &self.slots {
            Some(slots) => {
                let waiting = slots.clone().acquire_owned();
                cx.unless_stopped(waiting).await?.ok()
            }
            None => None,
        };
        let now = cx.host().clock.now() as f64;
        let wait = self.book(now, tokens);
        let admission = Admission {
            limiter: self.clone(),
            tokens,
            _slot: slot,
        };
        if wait.is_zero() {
            return Ok(admission);
        }
        let room = cx
            .deadline()
            .map(|deadline| deadline.saturating_sub(cx.host().clock.monotonic()));
        if room.is_some_and(|room| wait > room) {
            self.unbook(tokens, true);
            return Err(
                error!(RateLimited, "the rate limit of {} is reached", self.name)
                    .with("retry_after_ms", wait.as_millis())
                    .hint("wait, or raise `rate_limit`"),
            );
        }
        let mut unused = Unused(Some(&admission));
        cx.unless_stopped(cx.host().clock.sleep(wait)).await?;
        unused.0 = None;
        drop(unused);
        Ok(admission)
    }

    /// Lets nobody in for a while, because the service asked for it.
    pub fn close(&self, cx: &Cx, pause: Duration) {
        let until = cx.host().clock.now() as f64 + pause.as_micros() as f64;
        let mut books = self.clock.lock();
        books.closed = books.closed.max(until);
    }

    /// Takes the room and returns how long to wait for it.
    fn book(&self, now: f64, tokens: u64) -> Duration {
        let mut books = self.clock.lock();
        let closed = books.closed;
        let mut free = closed.max(now);
        if let Some(rate) = self.bounds.rpm {
            free = free.max(take(&mut books.requests, now, 1.0, f64::from(rate)));
        }
        if let Some(rate) = self.bounds.tpm {
            free = free.max(take(&mut books.tokens, now, tokens as f64, rate as f64));
        }
        Duration::from_micros((free - now).max(0.0) as u64)
    }

    fn unbook(&self, tokens: u64, request: bool) {
        let mut books = self.clock.lock();
        if let (Some(rate), true) = (self.bounds.rpm, request) {
            books.requests -= MINUTE / f64::from(rate.max(1));
        }
        if let Some(rate) = self.bounds.tpm {
            books.tokens -= tokens as f64 * MINUTE / (rate.max(1) as f64);
        }
    }
}

/// Moves the moment up to which a bucket is taken by `units`, and returns when they are free to use. A bucket that was
/// not used holds a minute's worth; more than that at once is let through when the bucket is full.
fn take(until: &mut f64, now: f64, units: f64, rate: f64) -> f64 {
    // A clock that was set back must not close the bucket.
    if *until > now + 60.0 * MINUTE {
        *until = now;
    }
    let begin = until.max(now);
    let cost = units * MINUTE / rate.max(1.0);
    *until = begin + cost;
    begin + cost.min(MINUTE) - MINUTE
}

impl Admission {
    /// Corrects the guess by what was really used.
    pub fn settle(self, tokens: Option<u64>) {
        let (Some(used), Some(rate)) = (tokens, self.limiter.bounds.tpm) else {
            return;
        };
        let more = used as f64 - self.tokens as f64;
        self.limiter.clock.lock().tokens += more * MINUTE / (rate.max(1) as f64);
    }
}

/// Gives room back if its wait is dropped.
struct Unused<'a>(Option<&'a Admission>);

impl Drop for Unused<'_> {
    fn drop(&mut self) {
        if let Some(admission) = self.0 {
            admission.limiter.unbook(admission.tokens, true);
        }
    }
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Limiter({}, {:?})", self.name, self.bounds)
    }
}

impl fmt::Debug for Admission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Admission({})", self.limiter.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter(rpm: Option<u32>, tpm: Option<u64>) -> Limiter {
        Limiter::new(
            "t",
            RateLimit {
                rpm,
                tpm,
                concurrent: None,
            },
        )
    }

    #[test]
    fn a_minutes_worth_goes_at_once_and_then_in_turn() {
        let limiter = limiter(Some(2), None);
        let now = 1e15;
        assert_eq!(limiter.book(now, 0), Duration::ZERO);
        assert_eq!(limiter.book(now, 0), Duration::ZERO);
        assert_eq!(limiter.book(now, 0), Duration::from_secs(30));
        assert_eq!(limiter.book(now, 0), Duration::from_secs(60));
        assert_eq!(limiter.book(now + 120e6, 0), Duration::ZERO);
    }

    #[test]
    fn a_request_of_more_tokens_than_a_minute_has_waits_for_a_full_bucket_only() {
        let limiter = limiter(None, Some(100));
        let now = 1e15;
        assert_eq!(limiter.book(now, 1000), Duration::ZERO);
        assert_eq!(limiter.book(now + 540e6, 50), Duration::from_secs(30));
    }

    #[test]
    fn what_is_given_back_can_be_used() {
        let limiter = limiter(Some(1), None);
        let now = 1e15;
        assert_eq!(limiter.book(now, 0), Duration::ZERO);
        assert_eq!(limiter.book(now, 0), Duration::from_secs(60));
        limiter.unbook(0, true);
        assert_eq!(limiter.book(now, 0), Duration::from_secs(60));
    }

    #[test]
    fn a_clock_set_back_does_not_close_the_bucket() {
        let limiter = limiter(Some(1), None);
        assert_eq!(limiter.book(1e15, 0), Duration::ZERO);
        assert_eq!(limiter.book(1e14, 0), Duration::ZERO);
    }
}
