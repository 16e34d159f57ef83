//! Tools that keep failing are left alone for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Result, Value, error};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::breaker::{Breaker, State, Thresholds};

/// Tools and hosts whose failures are remembered before those that do not fail are forgotten.
const MOST: usize = 4096;

/// Parameters that may hold the address that a tool asks.
const ADDRESSES: [&str; 2] = ["input", "url"];

/// `[tools.NAME] circuit_breaker`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Circuit {
    /// Failures within the window that open it.
    #[schemars(range(min = 1))]
    pub failures: u32,
    /// Seconds for which a failure counts.
    #[schemars(range(min = 1))]
    pub window_s: u64,
    /// Seconds for which it stays open; then one call tries, and closes it if that succeeds.
    #[schemars(range(min = 1))]
    pub open_s: u64,
}

impl Default for Circuit {
    fn default() -> Self {
        Self {
            failures: 5,
            window_s: 60,
            open_s: 30,
        }
    }
}

impl Circuit {
    /// Checks the numbers.
    ///
    /// - Errors: `Config` for one that is 0.
    pub fn check(&self) -> Result<()> {
        let numbers = [
            ("failures", self.failures.into()),
            ("window_s", self.window_s),
            ("open_s", self.open_s),
        ];
        match numbers.iter().find(|(_, number)| *number == 0) {
            Some((name, _)) => Err(error!(Config, "`{name}` must be above 0, got 0")),
            None => Ok(()),
        }
    }

    fn thresholds(&self) -> Thresholds {
        Thresholds {
            failures: self.failures,
            successes: 1,
            window: Duration::from_secs(self.window_s),
            open: Duration::from_secs(self.open_s),
            slow_calls: u32::MAX,
            slow: Duration::MAX,
        }
    }
}

/// The circuit breakers of a run's tools: one for each tool that has one, or for each host that such a tool asks.
#[derive(Debug, Default)]
pub struct ToolBreakers {
    circuits: HashMap<String, Circuit>,
    /// By tool and host.
    breakers: Arc<Mutex<HashMap<String, Breaker>>>,
}

impl ToolBreakers {
    pub(super) fn new(circuits: HashMap<String, Circuit>) -> Self {
        Self {
            circuits,
            breakers: Arc::default(),
        }
    }

    /// Returns whether a tool has one.
    pub(crate) fn has(&self, tool: &str) -> bool {
        self.circuits.contains_key(tool)
    }

    /// Lets a call of a tool with these parameters begin; what it gives must be told how the call ended.
    ///
    /// - Errors: `Unavailable` while the circuit is open.
    pub(crate) fn admit(&self, cx: &Cx, tool: &str, params: &Value) -> Result<Option<Admitted>> {
        let Some(circuit) = self.circuits.get(tool) else {
            return Ok(None);
        };
        let host = host(params);
        let key = format!("{tool}/{}", host.as_deref().unwrap_or_default());
        let now = cx.host().clock.monotonic();
        let mut breakers = self.breakers.lock();
        if breakers.len() >= MOST && !breakers.contains_key(&key) {
            breakers.retain(|_, breaker| breaker.state() != State::Closed);
        }
        let breaker = breakers
            .entry(key.clone())
            .or_insert_with(|| Breaker::new(circuit.thresholds()));
        match breaker.admit(now).0 {
            true => Ok(Some(Admitted {
                breakers: self.breakers.clone(),
                key,
                end: None,
            })),
            false => Err(refusal(tool, host.as_deref(), circuit)),
        }
    }
}

/// A call that was let through. One that is dropped without having ended was given up, which counts as nothing.
pub(crate) struct Admitted {
    breakers: Arc<Mutex<HashMap<String, Breaker>>>,
    key: String,
    /// When it ended, and whether well; `None` counts as nothing.
    end: Option<(Duration, bool)>,
}

impl Admitted {
    /// Notes how the call ended.
    pub(crate) fn ended(mut self, cx: &Cx, outcome: &Result<Value>) {
        let success = outcome.is_ok();
        let says = outcome.as_ref().err().is_none_or(counts);
        self.end = says.then(|| (cx.host().clock.monotonic(), success));
    }
}

impl Drop for Admitted {
    fn drop(&mut self) {
        let mut breakers = self.breakers.lock();
        let Some(breaker) = breakers.get_mut(&self.key) else {
            return;
        };
        match self.end {
            Some((now, success)) => drop(breaker.note(now, success, Duration::ZERO)),
            None => breaker.give_up(),
        }
    }
}

/// Returns whether an error says that the tool or what it asked is in trouble, and not that it was asked for nonsense.
fn counts(error: &Error) -> bool {
    !matches!(
        error.kind(),
        Kind::InvalidArgs
            | Kind::Parse
            | Kind::NotFound
            | Kind::Exists
            | Kind::InvalidState
            | Kind::Denied
            | Kind::Config
            | Kind::Cancelled
            | Kind::Limit
    )
}

/// Returns the host that a call asks, if its parameters name one.
fn host(params: &Value) -> Option<String> {
    let mut texts = ADDRESSES
        .iter()
        .filter_map(|name| params.get(name)?.as_str());
    let url = texts.find_map(|text| url::Url::parse(text).ok())?;
    let host = url.host_str()?;
    Some(
        url.port()
            .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")),
    )
}

fn refusal(tool: &str, host: Option<&str>, circuit: &Circuit) -> Error {
    let whom = host.map_or(String::new(), |host| format!(" for {host}"));
    let Circuit {
        failures, open_s, ..
    } = circuit;
    error!(
        Unavailable,
        "circuit breaker open: the tool '{tool}' failed {failures} times{whom} and is left alone for {open_s} s"
    )
    .hint(format!(
        "wait, or change `tools.{tool}.circuit_breaker`"
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_counts_as_a_failure() {
        for (kind, counted) in [
            (Kind::Timeout, true),
            (Kind::Io, true),
            (Kind::Remote, true),
            (Kind::InvalidArgs, false),
            (Kind::Denied, false),
            (Kind::Cancelled, false),
        ] {
            assert_eq!(counts(&Error::new(kind, "x")), counted, "{kind:?}");
        }
    }

    #[test]
    fn hosts_of_calls() {
        let host = |params: serde_json::Value| host(&params.into());
        assert_eq!(
            host(json!({"url": "https://a.example:8/x"})).as_deref(),
            Some("a.example:8")
        );
        assert_eq!(
            host(json!({"input": "https://a.example/x"})).as_deref(),
            Some("a.example")
        );
        assert_eq!(host(json!({"url": "no url"})), None);
        assert_eq!(host(json!({"input": "1"})), None);
    }
}
