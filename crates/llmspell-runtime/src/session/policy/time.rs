//! How long a session may live and lie idle.

use llmspell_core::{Error, Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::record::micros;

/// How long a session may live and lie idle: calls are refused first, and after the grace time does to it what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "SessionTimeoutPolicy")]
pub(super) struct Timeout {
    /// Seconds after its begin from which on calls are refused; 0 is never.
    max_session_duration: u64,
    /// Seconds without work after which calls are refused; 0 is never.
    idle_timeout: u64,
    /// Seconds from then until it fails, or is suspended.
    grace: u64,
    /// How many seconds before the end of its life warnings are published.
    warnings: Vec<u64>,
}

impl Default for Timeout {
    fn default() -> Self {
        Self {
            max_session_duration: 3600,
            idle_timeout: 900,
            grace: 60,
            warnings: vec![300, 60],
        }
    }
}

impl Timeout {
    /// Returns after how many seconds the session fails, and after how many without work it is suspended.
    pub(super) fn ends(&self) -> (Option<u64>, Option<u64>) {
        let end = |secs: u64| (secs > 0).then(|| secs.saturating_add(self.grace));
        (end(self.max_session_duration), end(self.idle_timeout))
    }

    /// Asks whether a call may be made by a session of this age that has been idle so long, in microseconds.
    pub(super) fn permit(&self, age: i64, idle: i64) -> Result<()> {
        let late = |text: &str, limit: u64| -> Error {
            error!(Timeout, "{text}")
                .with("policy", "timeout")
                .with("limit_secs", limit)
        };
        let over = |time: i64, limit: u64| limit > 0 && time >= micros(limit);
        if over(age, self.max_session_duration) {
            let limit = self.max_session_duration;
            return Err(late("Session exceeded maximum duration limit", limit));
        }
        if over(idle, self.idle_timeout) {
            return Err(late("Session idle timeout exceeded", self.idle_timeout));
        }
        Ok(())
    }

    /// Returns how many warnings are due at this age, in microseconds, and the seconds that are left.
    pub(super) fn warned(&self, age: i64) -> (usize, u64) {
        let left = micros(self.max_session_duration).saturating_sub(age).max(0);
        let is_near = |secs: &&u64| self.max_session_duration > 0 && left <= micros(**secs);
        let due = self.warnings.iter().filter(is_near);
        (due.count(), left.cast_unsigned().div_ceil(1_000_000))
    }

    /// Returns how long it is until the next warning at this age, in microseconds.
    pub(super) fn next_warning(&self, age: i64) -> Option<i64> {
        let left = micros(self.max_session_duration).saturating_sub(age);
        let until = self.warnings.iter().map(|secs| left - micros(*secs));
        until.filter(|until| *until > 0).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn age_and_idleness_are_refused_by_name() {
        let policy = Timeout::default();
        let said = |age, idle| policy.permit(micros(age), micros(idle)).err();
        assert_eq!(said(3599, 899), None);
        let old = said(3600, 0).unwrap();
        assert_eq!(old.message(), "Session exceeded maximum duration limit");
        let idle = said(10, 900).unwrap();
        assert_eq!(idle.message(), "Session idle timeout exceeded");
    }

    #[test]
    fn warnings_come_before_the_end() {
        let policy = Timeout::default();
        assert_eq!(policy.warned(micros(3299)), (0, 301));
        assert_eq!(policy.warned(micros(3300)), (1, 300));
        assert_eq!(policy.warned(micros(3541)), (2, 59));
        assert_eq!(policy.warned(micros(9999)), (2, 0));
        assert_eq!(policy.next_warning(micros(3000)), Some(micros(300)));
        assert_eq!(policy.next_warning(micros(3400)), Some(micros(140)));
        assert_eq!(policy.next_warning(micros(3550)), None);
    }

    #[test]
    fn nothing_is_late_without_a_limit() {
        let policy = Timeout {
            max_session_duration: 0,
            idle_timeout: 0,
            ..Timeout::default()
        };
        assert_eq!(policy.permit(micros(99_999), micros(99_999)), Ok(()));
        assert_eq!(policy.ends(), (None, None));
        assert_eq!((policy.warned(0).0, policy.next_warning(0)), (0, None));
    }
}
