//! How a failed call is repeated.

use std::time::Duration;

/// Attempts and the pauses between them. A pause that the failed service asked for wins over the computed one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    /// Most attempts, the first included.
    pub max_attempts: u32,
    /// Pause after the first failure.
    pub initial: Duration,
    /// What each further pause is multiplied by.
    pub factor: f64,
    /// Longest pause, also of one that the service asked for.
    pub max: Duration,
    /// Share by which a pause is shortened or lengthened at random: 0.2 is ±20 %.
    pub jitter: f64,
}

impl Default for Backoff {
    /// Three attempts, 500 ms doubling to 30 s, ±20 %.
    fn default() -> Self {
        Self {
            max_attempts: 3,
            initial: Duration::from_millis(500),
            factor: 2.0,
            max: Duration::from_secs(30),
            jitter: 0.2,
        }
    }
}

impl Backoff {
    /// Returns the pause after the `failed`th attempt (from 1); `chance` is a random number from 0 to 1.
    pub fn pause(&self, failed: u32, chance: f64) -> Duration {
        let exponent = i32::try_from(failed.saturating_sub(1)).unwrap_or(i32::MAX);
        let plain = self.initial.as_secs_f64() * self.factor.powi(exponent);
        let spread = 1.0 + self.jitter * (2.0 * chance - 1.0);
        Duration::try_from_secs_f64(plain * spread)
            .unwrap_or(self.max)
            .min(self.max)
    }
}
