//! How fast and how many requests go to one host.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::host::Rate;
use llmspell_core::{Error, Kind, Result, error};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::rules::NetworkRules;
use crate::rate::Pace;

/// Requests in a second, unless the configuration says otherwise.
const PER_SECOND: f64 = 10.0;

/// Requests to one host at the same time.
const AT_ONCE: usize = 16;

/// Hosts that are remembered before those without a trace are forgotten.
const HOSTS: usize = 1024;

/// The requests to each host.
#[derive(Debug)]
pub(super) struct Limiter {
    /// The moment from which turns are counted.
    began: Instant,
    hosts: Mutex<HashMap<String, Queue>>,
}

#[derive(Debug)]
struct Queue {
    pace: Pace,
    slots: Arc<Semaphore>,
}

/// A request's right to be under way.
pub(super) type Slot = OwnedSemaphorePermit;

impl Default for Limiter {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            hosts: Mutex::default(),
        }
    }
}

impl Limiter {
    /// Waits until a request to `host` may go.
    ///
    /// - Errors: `Timeout` with the phase `limiter` if that is after `until`, `RateLimited` if the rate of the host says not to
    ///   wait; nothing is waited for then.
    pub(super) async fn enter(
        &self,
        rules: &NetworkRules,
        host: &str,
        until: Instant,
    ) -> Result<Slot> {
        let (wait, slots) = self.reserve(rules, host, until)?;
        tokio::time::sleep(wait).await;
        match timeout_at(until, slots.acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            _ => Err(late(host)),
        }
    }

    fn reserve(
        &self,
        rules: &NetworkRules,
        host: &str,
        until: Instant,
    ) -> Result<(Duration, Arc<Semaphore>)> {
        let rates = &rules.rate_limits;
        let rate = rates.get(host).or_else(|| rates.get("*"));
        let rate = bounded(rate.copied().unwrap_or_default());
        let now = Instant::now();
        let passed = now.saturating_duration_since(self.began);
        let mut hosts = self.hosts.lock();
        if hosts.len() >= HOSTS && !hosts.contains_key(host) {
            hosts.retain(|_, queue| !queue.pace.is_free(passed) || queue.is_used());
        }
        let queue = hosts.entry(host.to_owned()).or_insert_with(|| Queue {
            pace: Pace::new(rate),
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        });
        let wait = queue.pace.book(passed);
        let refusal = match () {
            () if !wait.is_zero() && !rate.wait => limited(host, wait),
            () if now.checked_add(wait).is_none_or(|turn| turn >= until) => late(host),
            () => return Ok((wait, queue.slots.clone())),
        };
        queue.pace.unbook();
        Err(refusal)
    }
}

impl Queue {
    fn is_used(&self) -> bool {
        self.slots.available_permits() < AT_ONCE
    }
}

/// Returns the rate, with the usual bound if it has none.
fn bounded(rate: Rate) -> Rate {
    let bounds = [
        rate.per_second,
        rate.per_minute,
        rate.per_hour,
        rate.per_day,
    ];
    match bounds.iter().any(Option::is_some) {
        true => rate,
        false => Rate {
            per_second: Some(PER_SECOND),
            ..rate
        },
    }
}

fn late(host: &str) -> Error {
    let message = format!("the rate limit of host '{host}' leaves no time for the request");
    hinted(Error::new(Kind::Timeout, message).with("phase", "limiter"))
}

fn limited(host: &str, wait: Duration) -> Error {
    let error = error!(RateLimited, "the rate limit of host '{host}' is reached");
    hinted(error.with("retry_after_ms", wait.as_millis()))
}

fn hinted(error: Error) -> Error {
    error.hint("raise `security.network.rate_limits`, or ask less often")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn requests_wait_for_their_turn() {
        let limiter = Limiter::default();
        let mut rules = NetworkRules::default();
        let rate = Rate {
            per_second: Some(2.0),
            ..Rate::default()
        };
        rules.rate_limits.insert("slow".into(), rate);
        let until = Instant::now() + Duration::from_secs(3);
        let began = Instant::now();
        for (host, passed) in [
            ("slow", 0),
            ("slow", 0),
            ("slow", 500),
            ("fast", 500),
            ("slow", 1000),
        ] {
            drop(limiter.enter(&rules, host, until).await.unwrap());
            assert_eq!(began.elapsed().as_millis(), passed, "{host}");
        }
        let late = limiter.enter(&rules, "slow", began + Duration::from_millis(1400));
        assert_eq!(late.await.unwrap_err().kind(), llmspell_core::Kind::Timeout);
        assert_eq!(began.elapsed().as_millis(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_may_say_not_to_wait() {
        let limiter = Limiter::default();
        let mut rules = NetworkRules::default();
        let rate = Rate {
            per_minute: Some(1.0),
            wait: false,
            ..Rate::default()
        };
        rules.rate_limits.insert("*".into(), rate);
        let until = Instant::now() + Duration::from_secs(300);
        drop(limiter.enter(&rules, "a", until).await.unwrap());
        for _ in 0..2 {
            let refusal = limiter.enter(&rules, "a", until).await.unwrap_err();
            assert_eq!(refusal.kind(), llmspell_core::Kind::RateLimited);
            assert_eq!(refusal.details()["retry_after_ms"], 60_000.into());
        }
        drop(limiter.enter(&rules, "b", until).await.unwrap());
    }
}
