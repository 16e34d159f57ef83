//! The hooks of an agent's beginning and end.

use std::time::Duration;

use llmspell_core::{Cx, Map, Result, Value};

use super::agents::Agents;
use super::instance::Agent;
use super::lifecycle::{self, Event, State};
use super::metrics;
use crate::hook::{Component, Context, Hooks, Named, Point};

/// Lets an event happen; the first one makes the agent ready, and hooks are told before and after that.
///
/// - Errors: `Cancelled` if a hook forbids it; `InvalidState` if the event is not possible.
pub(super) async fn enter(cx: &Cx, agent: &Agent, event: Event) -> Result<bool> {
    let cx = &cx.as_operation();
    let first = agent.state() == State::Uninitialized;
    let hooks = cx.part::<Hooks>().ok().filter(|_| first);
    let Some(hooks) = hooks else {
        return change(cx, agent, event).await;
    };
    let before = Point::Named(Named::BeforeAgentInit);
    let permitted = hooks.permit(cx, before.clone(), || {
        context(cx, agent, before, facts(agent))
    });
    permitted.await?;
    let since = cx.host().clock.monotonic();
    let changed = change(cx, agent, event).await?;
    let took = cx.host().clock.monotonic().saturating_sub(since);
    let after = Point::Named(Named::AfterAgentInit);
    let told = hooks.notice(cx, after.clone(), || {
        let mut data = facts(agent);
        data.insert("duration_ms", milliseconds(took));
        context(cx, agent, after, data)
    });
    told.await;
    Ok(changed)
}

/// Lets an event happen; hooks of all states that it leaves and reaches are asked before, and may forbid it.
///
/// The end of an execution is no event that could be forbidden, see [`ended`].
///
/// - Errors: `Cancelled` if a hook forbids it; `InvalidState` if the event is not possible.
pub(super) async fn change(cx: &Cx, agent: &Agent, event: Event) -> Result<bool> {
    let cx = &cx.as_operation();
    let custom = |name: &str| Point::Custom(format!("custom:{name}").into());
    let hooks = cx.part::<Hooks>().ok();
    let Some(hooks) = hooks.filter(|hooks| hooks.has_custom()) else {
        return apply(cx, agent, event).await;
    };
    let from = agent.state();
    let lifecycle::Step::Through(states) = lifecycle::step(from, event) else {
        return apply(cx, agent, event).await;
    };
    let to = states.last().copied().unwrap_or(from);
    let mut before = Vec::new();
    if event == Event::Terminate {
        before.push(("before_agent_terminate".to_owned(), "terminate", from, to));
    }
    let starts = std::iter::once(&from).chain(states);
    for (&from, &to) in starts.zip(states) {
        before.push((
            format!("agent_state_{}_exit", from.name()),
            "exit",
            from,
            to,
        ));
        before.push((
            format!("agent_state_{}_enter", to.name()),
            "enter",
            from,
            to,
        ));
    }
    for (name, phase, from, to) in before {
        let point = custom(&name);
        let permitted = hooks.permit(cx, point.clone(), || {
            context(cx, agent, point, told(agent, from, to, phase))
        });
        permitted.await?;
    }
    let changed = apply(cx, agent, event).await?;
    let after = match event {
        Event::Pause => "agent_paused",
        Event::Recover => "agent_recovering",
        _ => return Ok(changed),
    };
    let point = custom(after);
    let said = hooks.notice(cx, point.clone(), || {
        context(cx, agent, point, told(agent, from, to, "after"))
    });
    said.await;
    Ok(changed)
}

async fn apply(cx: &Cx, agent: &Agent, event: Event) -> Result<bool> {
    let moved = agent.apply(cx, event)?;
    agent.announce_states(cx, &moved).await;
    Ok(moved.is_some())
}

/// Tells hooks of the states that the end of an execution left and reached. It has happened: nobody is asked.
pub(super) async fn ended(cx: &Cx, agent: &Agent) {
    let hooks = cx.part::<Hooks>().ok();
    let Some(hooks) = hooks.filter(|hooks| hooks.has_custom()) else {
        return;
    };
    let (from, to) = (State::Running, agent.state());
    for (name, phase) in [
        (format!("agent_state_{}_exit", from.name()), "exit"),
        (format!("agent_state_{}_enter", to.name()), "enter"),
    ] {
        let point = Point::Custom(format!("custom:{name}").into());
        let told = hooks.notice(cx, point.clone(), || {
            context(cx, agent, point, told(agent, from, to, phase))
        });
        told.await;
    }
}

/// Returns what hooks of an agent's states are told.
fn told(agent: &Agent, from: State, to: State, phase: &str) -> Map {
    Map::from([
        ("agent_id", agent.id.as_str().into()),
        ("from_state", from.name().into()),
        ("to_state", to.name().into()),
        ("transition_phase", phase.into()),
    ])
}

/// Ends an agent; hooks are told before and after that.
///
/// - Errors: `Cancelled` if a hook forbids it.
pub(super) async fn end(cx: &Cx, agent: &Agent, reason: &str) -> Result<()> {
    if agent.state() == State::Terminated {
        return Ok(());
    }
    let cx = &cx.as_operation();
    let hooks = cx.part::<Hooks>().unwrap_or_default();
    let before = Point::Named(Named::BeforeAgentShutdown);
    let permitted = hooks.permit(cx, before.clone(), || {
        let data = Map::from([
            ("agent_name", agent.name().into()),
            ("reason", reason.into()),
        ]);
        context(cx, agent, before, data)
    });
    permitted.await?;
    change(cx, agent, Event::Terminate).await?;
    let after = Point::Named(Named::AfterAgentShutdown);
    let told = hooks.notice(cx, after.clone(), || {
        let numbers = metrics::numbers(cx, agent);
        let data = Map::from([
            ("agent_name", agent.name().into()),
            ("metrics", Value::Map(numbers)),
        ]);
        context(cx, agent, after, data)
    });
    told.await;
    Ok(())
}

/// Tells hooks of the end of the agents that are still there when the script has ended.
pub async fn end_all(cx: &Cx) {
    let (Ok(hooks), Ok(agents)) = (cx.part::<Hooks>(), cx.part::<Agents>()) else {
        return;
    };
    let points = [Named::BeforeAgentShutdown, Named::AfterAgentShutdown];
    if !points.iter().any(|point| hooks.has(&Point::Named(*point))) {
        return;
    }
    for agent in agents.all() {
        // The script has ended: a hook that forbids it comes too late.
        if let Err(refusal) = end(cx, &agent, "end of script").await {
            tracing::debug!(target: "llmspell::hook", agent = agent.name(), "{refusal}");
        }
    }
}

fn context<'a>(cx: &'a Cx, agent: &Agent, point: Point, data: Map) -> Context<'a> {
    let component = Component {
        kind: "Agent",
        name: agent.name().into(),
        id: agent.id.as_str().into(),
    };
    Context::new(cx, point, component, data)
}

fn facts(agent: &Agent) -> Map {
    let settings = &agent.settings;
    let config = Map::from([
        ("description", settings.description.as_str().into()),
        ("system_prompt", settings.system_prompt.as_str().into()),
        ("timeout_ms", settings.timeout.as_millis().into()),
    ]);
    Map::from([
        ("agent_name", agent.name().into()),
        ("agent_type", agent.agent_type().name().into()),
        ("model", agent.model().into()),
        ("config", Value::Map(config)),
    ])
}

fn milliseconds(time: Duration) -> Value {
    (time.as_secs_f64() * 1000.0).into()
}
