//! Whether an agent is well.

use llmspell_core::{Cx, Handle, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use super::lifecycle::State;
use super::moment;

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

/// Whether an agent is well.
#[derive(Serialize, JsonSchema)]
pub(super) struct Health {
    status: Status,
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

#[derive(Serialize, JsonSchema)]
enum Status {
    Healthy,
    Degraded,
    Unhealthy,
    Unknown,
}

pub(super) async fn get_health(cx: Cx, a: GetHealth) -> Result<Health> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let errors = agent.metrics.lock().recent_errors();
    let broken = agent.state() == State::Error;
    let last = agent.life(|life| life.last_error().map(str::to_owned));
    let failing = |errors: f64| format!("{:.0} % of the last executions failed", errors * 100.0);
    let (status, message) = match errors {
        _ if broken => (Status::Unhealthy, last),
        None => (Status::Unknown, None),
        Some(errors) if errors >= UNHEALTHY => (Status::Unhealthy, Some(failing(errors))),
        Some(errors) if errors >= DEGRADED => (Status::Degraded, Some(failing(errors))),
        Some(_) => (Status::Healthy, None),
    };
    Ok(Health {
        status,
        timestamp: moment::text(cx.host().clock.now()),
        message,
    })
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
