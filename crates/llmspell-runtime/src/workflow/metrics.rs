//! How executions went, measured.

use std::time::Duration;

use llmspell_core::{Cx, Handle, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::workflows::Workflows;
use crate::agent::moment;

/// The counts of one workflow.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    total: u64,
    successful: u64,
    elapsed: Duration,
    last: Option<i64>,
}

impl Metrics {
    pub(super) fn ended(&mut self, success: bool, took: Duration, began: i64) {
        self.total += 1;
        self.successful += u64::from(success);
        self.elapsed += took;
        self.last = Some(began);
    }
}

/// Returns how the executions of the workflow went.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetMetrics {
    /// The workflow.
    workflow: Handle,
}

/// How the executions of a workflow went.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "WorkflowMetrics")]
pub(super) struct Measured {
    workflow_id: String,
    execution: Executions,
}

/// Counts of executions.
#[derive(Serialize, JsonSchema)]
struct Executions {
    total_executions: u64,
    successful_executions: u64,
    failed_executions: u64,
    average_duration_ms: f64,
    /// When the last one began.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_execution_time: Option<String>,
}

pub(super) async fn get_metrics(cx: Cx, a: GetMetrics) -> Result<Measured> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    let metrics = workflow.metrics.lock();
    Ok(Measured {
        workflow_id: workflow.id.to_string(),
        execution: Executions {
            total_executions: metrics.total,
            successful_executions: metrics.successful,
            failed_executions: metrics.total - metrics.successful,
            average_duration_ms: mean(metrics.elapsed, metrics.total),
            last_execution_time: metrics.last.map(moment::text),
        },
    })
}

fn mean(sum: Duration, count: u64) -> f64 {
    sum.as_secs_f64() * 1e3 / count.max(1) as f64
}

/// Returns the last executions, the newest first.
#[derive(Deserialize, JsonSchema)]
pub(super) struct History {
    /// Most of them.
    #[serde(default = "hundred")]
    limit: usize,
}

fn hundred() -> usize {
    100
}

/// An execution that ended.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "WorkflowExecution")]
pub(super) struct Executed {
    workflow_id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    success: bool,
    started_at: String,
    duration_ms: u64,
}

pub(super) async fn history(cx: Cx, a: History) -> Result<Vec<Executed>> {
    let ended = cx.part::<Workflows>()?.history(a.limit).into_iter();
    let shown = ended.map(|ended| Executed {
        workflow_id: ended.workflow.id.to_string(),
        name: ended.workflow.name().to_owned(),
        kind: ended.workflow.plan.shape.name(),
        success: ended.success,
        started_at: moment::text(ended.began),
        duration_ms: u64::try_from(ended.took.as_millis()).unwrap_or(u64::MAX),
    });
    Ok(shown.collect())
}

/// Returns how fast workflows are made and run, over the last 100 executions.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Performance {}

/// How fast workflows are.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "WorkflowPerformance")]
pub(super) struct Speed {
    executions: usize,
    success_rate: f64,
    avg_creation_ms: f64,
    avg_execution_ms: f64,
    p99_duration_ms: f64,
}

pub(super) async fn performance(cx: Cx, _: Performance) -> Result<Speed> {
    let workflows = cx.part::<Workflows>()?;
    let ended = workflows.history(usize::MAX);
    let mut times: Vec<Duration> = ended.iter().map(|ended| ended.took).collect();
    times.sort_unstable();
    let made = workflows.all();
    let succeeded = ended.iter().filter(|ended| ended.success).count();
    let p99 = (times.len() * 99).div_ceil(100).max(1) - 1;
    Ok(Speed {
        executions: ended.len(),
        success_rate: succeeded as f64 / ended.len().max(1) as f64,
        avg_creation_ms: mean(
            made.iter().map(|workflow| workflow.making).sum(),
            made.len() as u64,
        ),
        avg_execution_ms: mean(times.iter().sum(), times.len() as u64),
        p99_duration_ms: times.get(p99).map_or(0.0, |time| time.as_secs_f64() * 1e3),
    })
}
