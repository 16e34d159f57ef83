//! How fast the requests of a run to one host may follow each other.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// Most hosts that are remembered.
const MOST_HOSTS: usize = 1_000;

/// For each host, what it may still be sent at once. A minute's requests may come in a burst.
#[derive(Default)]
pub(super) struct Rates(Mutex<HashMap<String, Bucket>>);

struct Bucket {
    left: f64,
    at: Duration,
}

impl Rates {
    /// Takes a place among the requests to `host` and returns how long it is until its turn.
    pub(super) fn enter(&self, host: String, per_minute: f64, now: Duration) -> Duration {
        let mut hosts = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let refilled = |bucket: &Bucket| {
            let passed = now.saturating_sub(bucket.at).as_secs_f64();
            (bucket.left + passed * per_minute / 60.0).min(per_minute.max(1.0))
        };
        if hosts.len() >= MOST_HOSTS {
            // One that is full again is as one that never was.
            hosts.retain(|_, bucket| refilled(bucket) < per_minute);
        }
        let bucket = hosts.entry(host).or_insert(Bucket {
            left: per_minute.max(1.0),
            at: now,
        });
        bucket.left = refilled(bucket) - 1.0;
        bucket.at = now;
        let seconds = (-bucket.left).max(0.0) * 60.0 / per_minute;
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_the_rest_waits() {
        let rates = Rates::default();
        let enter =
            |host: &str, seconds| rates.enter(host.into(), 60.0, Duration::from_secs(seconds));
        for _ in 0..60 {
            assert_eq!(enter("a", 0), Duration::ZERO);
        }
        assert_eq!(enter("a", 0), Duration::from_secs(1));
        assert_eq!(enter("a", 0), Duration::from_secs(2));
        assert_eq!(enter("b", 0), Duration::ZERO);
        assert_eq!(enter("a", 10), Duration::ZERO);
    }

    #[test]
    fn slow_rates_let_the_first_one_through() {
        let rates = Rates::default();
        let enter = || rates.enter("a".into(), 0.5, Duration::ZERO);
        assert_eq!(enter(), Duration::ZERO);
        assert_eq!(enter(), Duration::from_secs(120));
    }
}
