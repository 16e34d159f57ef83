//! What an agent did, measured.

use std::collections::VecDeque;
use std::time::Duration;

use llmspell_core::{Cx, Handle, Map, Result, Usage, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::agents::Agents;
use super::instance::Agent;
use super::table;
use crate::tool::Tools;

/// Executions that tell whether an agent is well.
const RECENT: usize = 20;

/// The counts of one agent.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    pub(super) active: u64,
    pub(super) tool_invocations: u64,
    total: u64,
    failed: u64,
    usage: Usage,
    elapsed: Duration,
    processor: Duration,
    recent: VecDeque<bool>,
}

/// An execution that ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) success: bool,
    pub(super) tools: u64,
    pub(super) usage: Usage,
    pub(super) elapsed: Duration,
    pub(super) processor: Duration,
}

impl Metrics {
    pub(super) fn ended(&mut self, ended: Ended) {
        self.active = self.active.saturating_sub(1);
        self.total += 1;
        self.failed += u64::from(!ended.success);
        self.tool_invocations += ended.tools;
        self.usage.add(&ended.usage);
        self.elapsed += ended.elapsed;
        self.processor += ended.processor;
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(ended.success);
    }

    /// Returns which share of the last executions failed; nothing before the first.
    pub(super) fn recent_errors(&self) -> Option<f64> {
        let failed = self.recent.iter().filter(|success| !**success).count();
        (!self.recent.is_empty()).then(|| failed as f64 / self.recent.len() as f64)
    }

    fn performance(&self) -> Map {
        let share = |part: u64| match self.total {
            0 => 0.0,
            total => part as f64 / total as f64,
        };
        let average = match self.total {
            0 => 0.0,
            total => self.elapsed.as_secs_f64() * 1e3 / total as f64,
        };
        table([
            ("total_executions", self.total.into()),
            ("avg_execution_time_ms", average.into()),
            ("success_rate", share(self.total - self.failed).into()),
            ("error_rate", share(self.failed).into()),
        ])
    }
}

/// Returns what an agent did and consumes.
pub(super) fn of(cx: &Cx, agent: &Agent) -> Map {
    let memory = agent.conversation.lock().bytes();
    let run = cx.host().clock.processor().as_secs_f64();
    let metrics = agent.metrics.lock();
    let own = metrics.processor.as_secs_f64();
    let share = if run > 0.0 {
        (own / run * 100.0).min(100.0)
    } else {
        0.0
    };
    table([
        ("agent_id", agent.id.as_str().into()),
        ("requests_total", metrics.total.into()),
        ("requests_failed", metrics.failed.into()),
        ("requests_active", metrics.active.into()),
        ("tool_invocations", metrics.tool_invocations.into()),
        (
            "tokens_total",
            metrics.usage.total_tokens().unwrap_or(0).into(),
        ),
        ("cost_usd", metrics.usage.cost_usd.unwrap_or(0.0).into()),
        ("memory_bytes", memory.into()),
        ("cpu_percent", share.into()),
    ])
}

/// Returns every number that an alert may watch.
pub(super) fn numbers(cx: &Cx, agent: &Agent) -> Map {
    let mut numbers = of(cx, agent);
    numbers.extend(agent.metrics.lock().performance());
    numbers.retain(|_, value| value.as_float().is_some());
    numbers
}

/// Returns counts of executions, tools, tokens and money, and what the agent consumes of memory and processor.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetMetrics {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_metrics(cx: Cx, a: GetMetrics) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    Ok(Value::Map(of(&cx, &agent)))
}

/// Returns `{total_executions, avg_execution_time_ms, success_rate, error_rate}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetPerformance {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_performance(cx: Cx, a: GetPerformance) -> Result<Value> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let metrics = agent.metrics.lock();
    Ok(Value::Map(metrics.performance()))
}

/// Returns what all agents of the run have in common: `{active_agents, total_tools, performance}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetBridgeMetrics {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_bridge_metrics(cx: Cx, a: GetBridgeMetrics) -> Result<Value> {
    let agents = cx.part::<Agents>()?;
    agents.of(&a.agent)?;
    let all = agents.all();
    let bytes: usize = all
        .iter()
        .map(|agent| agent.conversation.lock().bytes())
        .sum();
    let clock = &cx.host().clock;
    let uptime = agents.uptime(&cx).as_secs_f64();
    let busy = clock.processor().as_secs_f64();
    let percent = if uptime > 0.0 {
        busy / uptime * 100.0
    } else {
        0.0
    };
    let performance = table([
        ("memory_usage_mb", (bytes as f64 / 1024.0 / 1024.0).into()),
        ("cpu_usage_percent", percent.into()),
        ("uptime_seconds", uptime.into()),
    ]);
    Ok(Value::Map(table([
        ("active_agents", all.len().into()),
        ("total_tools", cx.part::<Tools>()?.names().len().into()),
        ("performance", performance.into()),
    ])))
}
