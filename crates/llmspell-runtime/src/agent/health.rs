//! Whether an agent is well.

use llmspell_core::{Cx, Handle, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::lifecycle::State;
use super::{moment, table};

/// Share of failed executions from which on an agent is `Degraded`.
const DEGRADED: f64 = 0.2;

/// Share of failed executions from which on an agent is `Unhealthy`.
const UNHEALTHY: f64 = 0.5;

/// Returns `{status, message?, timestamp}`; the status is `Healthy`, `Degraded`, `Unhealthy` or `Unknown`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetHealth {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_health(cx: Cx, a: GetHealth) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let errors = agent.metrics.lock().recent_errors();
    let broken = agent.state() == State::Error;
    let last = agent.life(|life| life.last_error().map(str::to_owned));
    let failing = |errors: f64| format!("{:.0} % of the last executions failed", errors * 100.0);
    let (status, message) = match errors {
        _ if broken => ("Unhealthy", last),
        None => ("Unknown", None),
        Some(errors) if errors >= UNHEALTHY => ("Unhealthy", Some(failing(errors))),
        Some(errors) if errors >= DEGRADED => ("Degraded", Some(failing(errors))),
        Some(_) => ("Healthy", None),
    };
    let mut health = table([("status", status.into()), ("timestamp", moment::now(&cx))]);
    if let Some(message) = message {
        health.insert("message".to_owned(), message.into());
    }
    Ok(Value::Map(health))
}

/// Returns whether the agent is ready, running or paused.
#[derive(Deserialize, JsonSchema)]
pub(super) struct IsHealthy {
    /// The agent.
    agent: Handle,
}

pub(super) async fn is_healthy(cx: Cx, a: IsHealthy) -> Result<bool> {
    let state = cx.part::<Agents>()?.of(&a.agent)?.state();
    Ok(matches!(
        state,
        State::Ready | State::Running | State::Paused
    ))
}
