//! How often calls may be made for sessions.

use std::time::Duration;

use llmspell_core::host::Rate;
use llmspell_core::{Call, Cx, Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rate::Turns;

/// How often calls may be made for a session. Numbers are calls in a window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "SessionRatePolicy")]
pub(super) struct RateLimit {
    /// Calls for all sessions of the process.
    global: f64,
    /// Calls for this session.
    session: f64,
    /// Calls of one kind for this session.
    per_operation: PerOperation,
    /// How many windows' worth may be made at once.
    burst: f64,
    /// The window, in seconds.
    window: u64,
    /// What becomes of a call that comes too early.
    action: Action,
}

/// Calls of one kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(title = "SessionOperationRates")]
pub(super) struct PerOperation {
    /// Requests to models.
    llm_call: f64,
    /// Calls of tools.
    tool_execution: f64,
    /// Writes of state.
    state_update: f64,
}

/// What becomes of a call that comes too early.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(title = "SessionRateAction")]
pub(super) enum Action {
    /// It is refused.
    #[default]
    Cancel,
    /// It waits.
    Retry,
}

impl Default for RateLimit {
    fn default() -> Self {
        Self {
            global: 1000.0,
            session: 100.0,
            per_operation: PerOperation::default(),
            burst: 1.5,
            window: 60,
            action: Action::default(),
        }
    }
}

impl Default for PerOperation {
    fn default() -> Self {
        Self {
            llm_call: 60.0,
            tool_execution: 120.0,
            state_update: 300.0,
        }
    }
}

impl RateLimit {
    /// Takes a turn of each rate that the call meets, and waits for it if that is wanted.
    ///
    /// - Errors: `RateLimited` with the time until the next turn.
    pub(super) async fn enter(&self, call: &Call, session: &str) -> Result<()> {
        let turns = Turns::of_process();
        let mut taken: Vec<String> = Vec::new();
        for (key, what, count) in self.bounds(call, session) {
            let now = call.cx.host().clock.monotonic();
            let wait = turns.book(&key, self.rate(count), now);
            taken.push(key);
            let outcome = match (wait.is_zero(), self.action) {
                (true, _) => Ok(()),
                (false, Action::Retry) => pause(&call.cx, wait).await,
                (false, Action::Cancel) => Err(error!(
                    RateLimited,
                    "the rate limit of {what} is reached: {count} in {} s", self.window
                )
                .with("policy", "rate_limit")
                .with("retry_after_ms", wait.as_millis())
                .hint("wait, or raise the policy 'rate_limit' of the session")),
            };
            if let Err(refusal) = outcome {
                taken.iter().for_each(|key| turns.unbook(key));
                return Err(refusal);
            }
        }
        Ok(())
    }

    /// Returns the rates that a call meets: for whom turns are kept, what that is called, how many calls.
    fn bounds(&self, call: &Call, session: &str) -> Vec<(String, String, f64)> {
        let own = |kind: &str, what: &str, count| {
            let key = format!("session/{session}/{kind}");
            (key, format!("{what} for the session"), count)
        };
        let each = &self.per_operation;
        let mut bounds = vec![
            (
                "sessions".to_owned(),
                "all sessions".to_owned(),
                self.global,
            ),
            own("calls", "calls", self.session),
        ];
        bounds.extend(match call.op.name() {
            "model.complete" => Some(own("llm_call", "requests to models", each.llm_call)),
            "state.save" | "state.delete" | "state.compare_and_set" => {
                Some(own("state_update", "writes of state", each.state_update))
            }
            _ if call.op.tool_info().is_some() => {
                Some(own("tool_execution", "calls of tools", each.tool_execution))
            }
            _ => None,
        });
        bounds
    }

    fn rate(&self, count: f64) -> Rate {
        let burst = (count * self.burst).max(1.0);
        Rate {
            per_second: Some(count / self.window.max(1) as f64),
            burst: Some(burst.min(f64::from(u32::MAX)) as u32),
            wait: true,
            ..Rate::default()
        }
    }
}

async fn pause(cx: &Cx, wait: Duration) -> Result<()> {
    cx.unless_stopped(cx.host().clock.sleep(wait)).await
}
