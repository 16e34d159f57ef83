//! How fast and how many requests go to one host.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Result, error};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};

use super::rules::{NetworkRules, Rate};

/// Requests in a second, unless the configuration says otherwise.
const PER_SECOND: f64 = 10.0;

/// Requests to one host at the same time.
const AT_ONCE: usize = 16;

/// Hosts that are remembered before those without a trace are forgotten.
const HOSTS: usize = 1024;

/// The requests to each host.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<HashMap<String, Bucket>>);

#[derive(Debug)]
struct Bucket {
    /// How many requests may go at once; below 0 those that wait.
    tokens: f64,
    at: Instant,
    slots: Arc<Semaphore>,
}

/// A request's right to be under way.
pub(super) type Slot = OwnedSemaphorePermit;

impl Limiter {
    /// Waits until a request to `host` may go.
    ///
    /// - Errors: `Timeout` with the phase `limiter` if that is after `until`; nothing is waited for then.
    pub(super) async fn enter(
        &self,
        rules: &NetworkRules,
        host: &str,
        until: Instant,
    ) -> Result<Slot> {
        let late = || {
            error!(
                Timeout,
                "the rate limit of host '{host}' leaves no time for the request"
            )
            .with("phase", "limiter")
            .hint("raise `security.network.rate_limits`, or ask less often")
        };
        let (wait, slots) = self.reserve(rules, host, until).ok_or_else(late)?;
        tokio::time::sleep(wait).await;
        match timeout_at(until, slots.acquire_owned()).await {
            Ok(Ok(slot)) => Ok(slot),
            _ => Err(late()),
        }
    }

    fn reserve(
        &self,
        rules: &NetworkRules,
        host: &str,
        until: Instant,
    ) -> Option<(Duration, Arc<Semaphore>)> {
        let rates = &rules.rate_limits;
        let rate = rates.get(host).or_else(|| rates.get("*"));
        let (per_second, burst) = pace(rate.copied().unwrap_or_default());
        let now = Instant::now();
        let mut buckets = self.0.lock();
        if buckets.len() >= HOSTS {
            buckets.retain(|_, bucket| now - bucket.at < Duration::from_secs(60));
        }
        let bucket = buckets.entry(host.to_owned()).or_insert_with(|| Bucket {
            tokens: burst,
            at: now,
            slots: Arc::new(Semaphore::new(AT_ONCE)),
        });
        let gained = (now - bucket.at).as_secs_f64() * per_second;
        let tokens = (bucket.tokens + gained).min(burst) - 1.0;
        let wait = Duration::try_from_secs_f64((-tokens / per_second).max(0.0)).ok()?;
        if now + wait >= until {
            return None;
        }
        (bucket.tokens, bucket.at) = (tokens, now);
        Some((wait, bucket.slots.clone()))
    }
}

/// Returns requests in a second, and how many need not wait after a pause.
fn pace(rate: Rate) -> (f64, f64) {
    let per_minute = rate.per_minute.map(|count| count / 60.0);
    let slower = match (rate.per_second, per_minute) {
        (Some(left), Some(right)) => left.min(right),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => PER_SECOND,
    };
    let per_second = slower.max(1e-6);
    let burst = rate.burst.map_or(per_second, f64::from);
    (per_second, burst.max(1.0))
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
}
