//! When the next turn is.

use std::time::Duration;

use llmspell_core::host::Rate;

/// Fewest times in a window: a rate of 0 is very slow, and no division by it.
const FEWEST: f64 = 1e-9;

/// When the next turn is, by the generic cell rate algorithm: each turn moves the moment up to which a window is taken, and
/// how far that moment may lie ahead is the window's burst. Who comes first goes first.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pace(Vec<Window>);

#[derive(Clone, Debug, PartialEq)]
struct Window {
    /// Seconds from turn to turn.
    every: f64,
    /// Turns that may come at once.
    burst: f64,
    /// The moment up to which turns are taken, in seconds.
    taken: f64,
}

impl Pace {
    pub(crate) fn new(rate: Rate) -> Self {
        let given = [
            (rate.per_second, 1.0),
            (rate.per_minute, 60.0),
            (rate.per_hour, 3600.0),
            (rate.per_day, 86_400.0),
        ];
        let given = given.into_iter();
        let mut windows: Vec<Window> = given
            .filter_map(|(count, seconds)| {
                let count = count?;
                Some(Window {
                    every: seconds / count.max(FEWEST),
                    burst: count.max(1.0),
                    taken: f64::MIN,
                })
            })
            .collect();
        if let (Some(shortest), Some(burst)) = (windows.first_mut(), rate.burst) {
            shortest.burst = f64::from(burst).max(1.0);
        }
        Self(windows)
    }

    /// Takes the next turn and returns how long it is until then.
    pub(crate) fn book(&mut self, now: Duration) -> Duration {
        let now = now.as_secs_f64();
        let at = self.0.iter().map(Window::next).fold(now, f64::max);
        for window in &mut self.0 {
            window.taken = window.taken.max(at) + window.every;
        }
        Duration::try_from_secs_f64(at - now).unwrap_or(Duration::MAX)
    }

    /// Gives the last turn back.
    pub(crate) fn unbook(&mut self) {
        for window in &mut self.0 {
            window.taken -= window.every;
        }
    }

    /// Returns whether this is as it was before its first turn.
    pub(crate) fn is_free(&self, now: Duration) -> bool {
        let now = now.as_secs_f64();
        self.0.iter().all(|window| window.taken <= now)
    }
}

impl Window {
    /// Returns the moment from which on the next turn may be taken.
    fn next(&self) -> f64 {
        self.taken - (self.burst - 1.0) * self.every
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate() -> Rate {
        Rate::default()
    }

    /// Takes turns at these moments and says how long each waits, in milliseconds.
    #[track_caller]
    fn check(rate: Rate, turns: &[(u64, u128)]) {
        let mut pace = Pace::new(rate);
        for (index, (at, wait)) in turns.iter().enumerate() {
            let got = pace.book(Duration::from_millis(*at)).as_millis();
            assert_eq!(got, *wait, "turn {index} at {at} ms");
        }
    }

    #[test]
    fn a_windows_worth_goes_at_once_and_the_rest_in_turn() {
        let two = Rate {
            per_second: Some(2.0),
            ..rate()
        };
        check(
            two,
            &[
                (0, 0),
                (0, 0),
                (0, 500),
                (0, 1000),
                (2000, 0),
                (2000, 0),
                (2000, 500),
            ],
        );
        let slow = Rate {
            per_minute: Some(0.5),
            ..rate()
        };
        check(slow, &[(0, 0), (0, 120_000)]);
    }

    #[test]
    fn a_burst_bounds_what_goes_at_once() {
        let one = Rate {
            per_minute: Some(60.0),
            burst: Some(1),
            ..rate()
        };
        check(one, &[(0, 0), (0, 1000), (0, 2000)]);
        let three = Rate {
            per_second: Some(1.0),
            burst: Some(3),
            ..rate()
        };
        check(three, &[(0, 0), (0, 0), (0, 0), (0, 1000)]);
    }

    #[test]
    fn all_bounds_hold_together() {
        let both = Rate {
            per_second: Some(1.0),
            per_minute: Some(3.0),
            ..rate()
        };
        check(both, &[(0, 0), (0, 1000), (0, 2000), (0, 20_000)]);
    }

    #[test]
    fn no_bound_bounds_nothing_and_zero_nearly_everything() {
        check(rate(), &[(0, 0), (0, 0)]);
        let never = Rate {
            per_day: Some(0.0),
            ..rate()
        };
        let mut pace = Pace::new(never);
        assert_eq!(pace.book(Duration::ZERO), Duration::ZERO);
        assert!(pace.book(Duration::ZERO) > Duration::from_secs(86_400));
    }

    #[test]
    fn what_is_given_back_can_be_used() {
        let one = Rate {
            per_minute: Some(1.0),
            ..rate()
        };
        let mut pace = Pace::new(one);
        assert!(pace.is_free(Duration::ZERO));
        pace.book(Duration::ZERO);
        assert_eq!(pace.book(Duration::ZERO), Duration::from_secs(60));
        pace.unbook();
        assert!(!pace.is_free(Duration::ZERO));
        assert_eq!(pace.book(Duration::ZERO), Duration::from_secs(60));
        assert!(pace.is_free(Duration::from_secs(121)));
    }
}
