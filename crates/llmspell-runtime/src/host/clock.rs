//! The clock of this machine.

use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use futures::future::BoxFuture;
use llmspell_core::Clock;

/// The clock of this machine. The monotonic time counts from its first use in the process.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

static START: OnceLock<Instant> = OnceLock::new();

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the clock comes from"
    )]
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        // A clock before 1970 is not set at all; its error is no reason to stop.
        let since = since.unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }

    fn monotonic(&self) -> Duration {
        START.get_or_init(Instant::now).elapsed()
    }

    #[cfg(unix)]
    fn processor(&self) -> Duration {
        let mut time = libc::timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        // SAFETY: `time` is a valid place for the answer and outlives the call.
        let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) };
        if failed != 0 {
            return self.monotonic();
        }
        let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
    }

    #[cfg(not(unix))]
    fn processor(&self) -> Duration {
        self.monotonic()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_moves_forward() {
        let clock = SystemClock;
        // 2020, in microseconds.
        assert!(clock.now() > 1_577_836_800_000_000);
        let (before, used) = (clock.monotonic(), clock.processor());
        let sum: u64 = (0..100_000).map(std::hint::black_box).sum();
        assert!(sum > 0);
        assert!(clock.monotonic() > before);
        assert!(clock.processor() > used);
    }
}
