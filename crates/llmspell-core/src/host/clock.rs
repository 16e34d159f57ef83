//! Time.

use std::time::Duration;

use futures::future::BoxFuture;

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
