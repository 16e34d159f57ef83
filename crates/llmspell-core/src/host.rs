//! The outside world as ops see it. An op reaches clock, random numbers, environment and worker processes only here.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;

use crate::error::Result;
use crate::value::Value;

/// Time.
pub trait Clock: Send + Sync {
    /// Returns microseconds since 1970 in UTC.
    fn now(&self) -> i64;

    /// Returns the time since some fixed moment; never goes back.
    fn monotonic(&self) -> Duration;

    /// Returns the processor time that this process has used.
    fn processor(&self) -> Duration;

    /// Waits.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// Random bytes.
pub trait Random: Send + Sync {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]);

    /// Returns a random number.
    fn next(&self) -> u64 {
        let mut bytes = [0; 8];
        self.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }
}

/// Environment variables, as far as the policy lets a spell see them.
pub trait Environment: Send + Sync {
    /// Returns the value of an allowed variable; `None` if it is unset or denied.
    fn var(&self, name: &str) -> Option<String>;
}

/// A confined process that evaluates hostile input.
pub trait Worker: Send + Sync {
    /// Runs the job of that name over `input` and returns its result.
    ///
    /// - Errors: the job's own; `Timeout` when `limit` has passed; `Limit` when the job exhausted memory or stack.
    ///   The worker process is replaced then; the runtime never dies with it.
    /// - Cancel: dropping the future kills the worker process.
    fn run(
        &self,
        job: &'static str,
        input: Value,
        limit: Duration,
    ) -> BoxFuture<'static, Result<Value>>;
}

/// The world of one run.
#[derive(Clone)]
pub struct Host {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// Environment variables.
    pub environment: Arc<dyn Environment>,
    /// The confined worker processes.
    pub worker: Arc<dyn Worker>,
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
