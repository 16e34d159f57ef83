//! The methods that move an agent from state to state, and its past.

use llmspell_core::{Cx, Handle, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::hooked;
use super::instance::moment;
use super::lifecycle::{Event, Past, Times};

macro_rules! transitions {
    ($( $(#[doc = $doc:literal])+ $args:ident $verb:ident $event:ident; )+) => { $(
        $(#[doc = $doc])+
        #[derive(Deserialize, JsonSchema)]
        pub(super) struct $args {
            /// The agent.
            agent: Handle,
        }

        pub(super) async fn $verb(cx: Cx, a: $args) -> Result<()> {
            let agent = cx.part::<Agents>()?.of(&a.agent)?;
            hooked::change(&cx, &agent, Event::$event).await?;
            Ok(())
        }
    )+ };
}

transitions! {
    /// Makes the agent run until it is stopped.
    Start start Start;
    /// Lets a running turn finish and holds the next one.
    Pause pause Pause;
    /// Lets a paused agent go on.
    Resume resume Resume;
    /// Makes the agent ready again.
    Stop stop Stop;
    /// Makes an agent in the state Error ready again and clears its last error.
    Recover recover Recover;
}

/// Makes the agent ready.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Initialize {
    /// The agent.
    agent: Handle,
}

pub(super) async fn initialize(cx: Cx, a: Initialize) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    hooked::enter(&cx, &agent, Event::Initialize).await?;
    Ok(())
}

/// Ends the agent and cancels what it is doing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Terminate {
    /// The agent.
    agent: Handle,
}

pub(super) async fn terminate(cx: Cx, a: Terminate) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    hooked::end(&cx, &agent, "terminate").await
}

/// Puts the agent into the state Error.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SetError {
    /// The agent.
    agent: Handle,
    /// What is wrong.
    #[serde(default)]
    message: String,
}

pub(super) async fn set_error(cx: Cx, a: SetError) -> Result<()> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    hooked::change(&cx, &agent, Event::SetError).await?;
    agent.store_error(&a.message);
    Ok(())
}

/// Returns the transitions, oldest first: `{from, to, timestamp, elapsed, reason}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetStateHistory {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_state_history(cx: Cx, a: GetStateHistory) -> Result<Vec<Past>> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    Ok(agent.life(|life| life.history()))
}

/// Returns where the agent stands and how long it was in which state.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetStateMetrics {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_state_metrics(cx: Cx, a: GetStateMetrics) -> Result<Times> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let now = moment(&cx);
    Ok(agent.life(|life| life.metrics(now)))
}

/// Returns the last error, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetLastError {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_last_error(cx: Cx, a: GetLastError) -> Result<Option<String>> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    Ok(agent.life(|life| life.last_error().map(str::to_owned)))
}

/// Returns how often the agent was recovered.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetRecoveryAttempts {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_recovery_attempts(cx: Cx, a: GetRecoveryAttempts) -> Result<u32> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    Ok(agent.life(|life| life.recoveries()))
}
