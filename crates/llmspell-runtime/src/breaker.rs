//! Circuit breakers: what keeps failing is left alone for a while, then tried.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// When something that fails or is slow is left alone, and when it is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thresholds {
    /// Failures within the window that open the breaker.
    pub failures: u32,
    /// Successes in a row that close it again.
    pub successes: u32,
    /// How long a failure counts.
    pub window: Duration,
    /// How long it stays open.
    pub open: Duration,
    /// Slow calls within the window that open it.
    pub slow_calls: u32,
    /// From which time on a call is slow.
    pub slow: Duration,
}

/// Named thresholds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// 3 failures in 30 s, 15 s open.
    #[default]
    Default,
    /// 2 failures in 20 s, 10 s open.
    ProductionOptimized,
    /// 5 failures in 60 s, 30 s open.
    Conservative,
}

impl Preset {
    /// Returns the thresholds.
    pub const fn thresholds(self) -> Thresholds {
        let (failures, successes, window, open, slow_calls, slow) = match self {
            Self::Default => (3, 2, 30, 15, 2, 50),
            Self::ProductionOptimized => (2, 1, 20, 10, 1, 25),
            Self::Conservative => (5, 3, 60, 30, 3, 100),
        };
        Thresholds {
            failures,
            successes,
            window: Duration::from_secs(window),
            open: Duration::from_secs(open),
            slow_calls,
            slow: Duration::from_millis(slow),
        }
    }
}

/// How a breaker stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is called.
    Closed,
    /// It is left alone.
    Open,
    /// It is tried.
    HalfOpen,
}

impl State {
    /// Returns the name in listings and events.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Open => "open",
            Self::HalfOpen => "half_open",
        }
    }
}

/// One circuit breaker. Times are those of the monotonic clock.
#[derive(Debug)]
pub(crate) struct Breaker {
    thresholds: Thresholds,
    state: State,
    failures: VecDeque<Duration>,
    slow: VecDeque<Duration>,
    opened: Duration,
    successes: u32,
    /// Whether the one call that tries is under way.
    probing: bool,
}

impl Breaker {
    pub(crate) fn new(thresholds: Thresholds) -> Self {
        Self {
            thresholds,
            state: State::Closed,
            failures: VecDeque::new(),
            slow: VecDeque::new(),
            opened: Duration::ZERO,
            successes: 0,
            probing: false,
        }
    }

    pub(crate) fn state(&self) -> State {
        self.state
    }

    /// Returns whether a call may be made now, and the state if it changed with that.
    pub(crate) fn admit(&mut self, now: Duration) -> (bool, Option<State>) {
        let mut change = None;
        if self.state == State::Open {
            if now.saturating_sub(self.opened) < self.thresholds.open {
                return (false, None);
            }
            (self.successes, self.probing) = (0, false);
            change = self.turn(State::HalfOpen);
        }
        if self.state == State::HalfOpen {
            // One probe at a time.
            if std::mem::replace(&mut self.probing, true) {
                return (false, change);
            }
        }
        (true, change)
    }

    /// Notes how a call went, and returns the state if it changed with that.
    pub(crate) fn note(&mut self, now: Duration, success: bool, took: Duration) -> Option<State> {
        let Thresholds { window, slow, .. } = self.thresholds;
        if self.state == State::HalfOpen {
            self.probing = false;
            if !success {
                return self.open(now);
            }
            self.successes += 1;
            if self.successes >= self.thresholds.successes {
                self.failures.clear();
                self.slow.clear();
                return self.turn(State::Closed);
            }
            return None;
        }
        if self.state == State::Open || success && took < slow {
            return None;
        }
        let (times, most) = match success {
            false => (&mut self.failures, self.thresholds.failures),
            true => (&mut self.slow, self.thresholds.slow_calls),
        };
        while times
            .front()
            .is_some_and(|at| now.saturating_sub(*at) > window)
        {
            times.pop_front();
        }
        times.push_back(now);
        match times.len() >= most as usize {
            true => self.open(now),
            false => None,
        }
    }

    /// Notes that a call was given up before it ended.
    pub(crate) fn give_up(&mut self) {
        self.probing = false;
    }

    fn open(&mut self, now: Duration) -> Option<State> {
        self.opened = now;
        self.turn(State::Open)
    }

    fn turn(&mut self, state: State) -> Option<State> {
        self.state = state;
        Some(state)
    }
}

/// A circuit breaker that many calls ask. As long as it is closed and they go well, none waits for another.
#[derive(Debug)]
pub(crate) struct Shared {
    breaker: Mutex<Breaker>,
    /// Whether it is closed, as of its last change.
    closed: AtomicBool,
    /// From which time on a call is slow.
    slow: Duration,
}

impl Shared {
    pub(crate) fn new(thresholds: Thresholds) -> Self {
        Self {
            breaker: Mutex::new(Breaker::new(thresholds)),
            closed: AtomicBool::new(true),
            slow: thresholds.slow,
        }
    }

    pub(crate) fn state(&self) -> State {
        self.breaker.lock().state()
    }

    /// As [`Breaker::admit`].
    pub(crate) fn admit(&self, now: Duration) -> (bool, Option<State>) {
        match self.closed.load(Ordering::Acquire) {
            true => (true, None),
            false => self.with(|breaker| breaker.admit(now)),
        }
    }

    /// As [`Breaker::note`].
    pub(crate) fn note(&self, now: Duration, success: bool, took: Duration) -> Option<State> {
        // What a closed one forgets is not told to it.
        match success && took < self.slow && self.closed.load(Ordering::Acquire) {
            true => None,
            false => self.with(|breaker| breaker.note(now, success, took)),
        }
    }

    fn with<R>(&self, act: impl FnOnce(&mut Breaker) -> R) -> R {
        let mut breaker = self.breaker.lock();
        let done = act(&mut breaker);
        let closed = breaker.state() == State::Closed;
        self.closed.store(closed, Ordering::Release);
        done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUICK: Duration = Duration::from_millis(1);
    const SLOW: Duration = Duration::from_millis(60);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(1000 + seconds)
    }

    fn breaker() -> Breaker {
        Breaker::new(Preset::Default.thresholds())
    }

    #[test]
    fn failures_within_the_window_open_it() {
        let mut breaker = breaker();
        assert_eq!(breaker.note(at(0), false, QUICK), None);
        assert_eq!(breaker.note(at(31), false, QUICK), None);
        assert_eq!(breaker.note(at(32), false, QUICK), None);
        assert_eq!(breaker.note(at(33), false, QUICK), Some(State::Open));
        assert_eq!(breaker.admit(at(40)), (false, None));
    }

    #[test]
    fn a_shared_one_opens_probes_and_closes_as_well() {
        let shared = Shared::new(Preset::Default.thresholds());
        assert_eq!(shared.admit(at(0)), (true, None));
        assert_eq!(shared.note(at(0), true, QUICK), None);
        assert_eq!(shared.note(at(1), true, SLOW), None);
        assert_eq!(shared.note(at(2), true, SLOW), Some(State::Open));
        assert_eq!(shared.admit(at(3)), (false, None));
        assert_eq!(shared.admit(at(17)), (true, Some(State::HalfOpen)));
        assert_eq!(shared.note(at(17), true, QUICK), None);
        assert_eq!(shared.admit(at(17)), (true, None));
        assert_eq!(shared.note(at(17), true, QUICK), Some(State::Closed));
        assert_eq!(shared.admit(at(17)), (true, None));
        assert_eq!(shared.state(), State::Closed);
    }

    #[test]
    fn slow_calls_open_it() {
        let mut breaker = breaker();
        assert_eq!(breaker.note(at(0), true, SLOW), None);
        assert_eq!(breaker.note(at(1), true, QUICK), None);
        assert_eq!(breaker.note(at(2), true, SLOW), Some(State::Open));
    }

    #[test]
    fn successes_close_it_again_and_a_failure_does_not() {
        let mut breaker = breaker();
        for _ in 0..3 {
            breaker.note(at(0), false, QUICK);
        }
        assert_eq!(breaker.admit(at(15)), (true, Some(State::HalfOpen)));
        assert_eq!(breaker.admit(at(15)), (false, None));
        assert_eq!(breaker.note(at(15), false, QUICK), Some(State::Open));
        assert_eq!(breaker.admit(at(20)), (false, None));
        assert_eq!(breaker.admit(at(30)), (true, Some(State::HalfOpen)));
        assert_eq!(breaker.note(at(30), true, QUICK), None);
        assert_eq!(breaker.admit(at(30)), (true, None));
        assert_eq!(breaker.note(at(30), true, QUICK), Some(State::Closed));
        assert_eq!(breaker.note(at(31), false, QUICK), None);
    }
}
