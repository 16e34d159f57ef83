//! What an agent did, measured.

use std::collections::VecDeque;
use std::time::Duration;

use llmspell_core::{Cx, Handle, Map, Result, Usage, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::agents::Agents;
use super::instance::Agent;
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

    fn performance(&self) -> Performance {
        let share = |part: u64| match self.total {
            0 => 0.0,
            total => part as f64 / total as f64,
        };
        let average = match self.total {
            0 => 0.0,
            total => self.elapsed.as_secs_f64() * 1e3 / total as f64,
        };
        Performance {
            total_executions: self.total,
            avg_execution_time_ms: average,
            success_rate: share(self.total - self.failed),
            error_rate: share(self.failed),
        }
    }
}

/// What an agent did and consumes.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "AgentMetrics")]
pub(super) struct Counts {
    agent_id: String,
    /// Executions.
    requests_total: u64,
    requests_failed: u64,
    requests_active: u64,
    tool_invocations: u64,
    tokens_total: u64,
    cost_usd: f64,
    /// Size of the conversation.
    memory_bytes: usize,
    /// Share of the processor time of the run.
    cpu_percent: f64,
}

/// How an agent's executions went.
#[derive(Serialize, JsonSchema)]
pub(super) struct Performance {
    total_executions: u64,
    avg_execution_time_ms: f64,
    success_rate: f64,
    error_rate: f64,
}

/// Returns what an agent did and consumes.
pub(super) fn of(cx: &Cx, agent: &Agent) -> Counts {
    let memory = agent.conversation.lock().bytes();
    let run = cx.host().clock.processor().as_secs_f64();
    let metrics = agent.metrics.lock();
    let own = metrics.processor.as_secs_f64();
    let share = if run > 0.0 {
        (own / run * 100.0).min(100.0)
    } else {
        0.0
    };
    Counts {
        agent_id: agent.id.clone(),
        requests_total: metrics.total,
        requests_failed: metrics.failed,
        requests_active: metrics.active,
        tool_invocations: metrics.tool_invocations,
        tokens_total: metrics.usage.total_tokens().unwrap_or(0),
        cost_usd: metrics.usage.cost_usd.unwrap_or(0.0),
        memory_bytes: memory,
        cpu_percent: share,
    }
}

/// Returns every number that an alert may watch.
pub(super) fn numbers(cx: &Cx, agent: &Agent) -> Map {
    let counts = Value::from_serialize(&of(cx, agent));
    let performance = Value::from_serialize(&agent.metrics.lock().performance());
    let members = [counts, performance]
        .into_iter()
        .flat_map(|part| match part {
            Ok(Value::Map(members)) => members,
            _ => Map::new(),
        });
    members
        .filter(|(_, value)| value.as_float().is_some())
        .collect()
}

/// Returns counts of executions, tools, tokens and money, and what the agent consumes of memory and processor.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetMetrics {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_metrics(cx: Cx, a: GetMetrics) -> Result<Counts> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    Ok(of(&cx, &agent))
}

/// Returns `{total_executions, avg_execution_time_ms, success_rate, error_rate}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetPerformance {
    /// The agent.
    agent: Handle,
}

pub(super) async fn get_performance(cx: Cx, a: GetPerformance) -> Result<Performance> {
    let agent = cx.part::<Agents>()?.of(&a.agent)?;
    let metrics = agent.metrics.lock();
    Ok(metrics.performance())
}

/// Returns what all agents of the run have in common: `{active_agents, total_tools, performance}`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetBridgeMetrics {
    /// The agent.
    agent: Handle,
}

/// What all agents of the run have in common.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shared {
    active_agents: usize,
    total_tools: usize,
    performance: Load,
}

/// What the run consumes.
#[derive(Serialize, JsonSchema)]
struct Load {
    memory_usage_mb: f64,
    cpu_usage_percent: f64,
    uptime_seconds: f64,
}

pub(super) async fn get_bridge_metrics(cx: Cx, a: GetBridgeMetrics) -> Result<Shared> {
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
    Ok(Shared {
        active_agents: all.len(),
        total_tools: cx.part::<Tools>()?.names().len(),
        performance: Load {
            memory_usage_mb: bytes as f64 / 1024.0 / 1024.0,
            cpu_usage_percent: percent,
            uptime_seconds: uptime,
        },
    })
}
