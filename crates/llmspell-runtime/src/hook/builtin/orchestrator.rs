//! `WorkflowOrchestrator`: how workflows deal with failures and slow steps, without a word in the workflow.

use std::time::Duration;

use llmspell_core::value::to_record;
use llmspell_core::{Cx, Map, Result, Value, bail};
use serde::{Deserialize, Serialize};

use super::super::answer::{Again, Answer};
use super::super::cache::Cache;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::{Named, Point};
use super::at_once;
use crate::event;

/// How long the result of a step is kept.
const KEPT: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum OnFailure {
    /// What was done is undone, as far as steps say how.
    Rollback,
    /// A step that fails gives nothing, and the next one runs.
    Continue,
    /// The workflow fails, and nothing is undone.
    Abort,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Whether checkpoints are published, as `workflow.checkpoint`.
    enable_checkpoints: bool,
    /// Steps from one checkpoint to the next.
    checkpoint_interval: u64,
    enable_parallelism: bool,
    max_parallel: u32,
    /// Whether a step with the same input is not run twice.
    enable_caching: bool,
    /// Whether a step that failed for a passing reason is tried again, up to three times.
    enable_retry: bool,
    /// Seconds; a step's own shorter limit stays.
    timeout_per_step: f64,
    on_failure: OnFailure,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enable_checkpoints: true,
            checkpoint_interval: 5,
            enable_parallelism: false,
            max_parallel: 4,
            enable_caching: false,
            enable_retry: true,
            timeout_per_step: 300.0,
            on_failure: OnFailure::Rollback,
        }
    }
}

pub(super) struct WorkflowOrchestrator {
    config: Config,
    cache: Cache,
}

pub(super) fn new(config: Config) -> Result<WorkflowOrchestrator> {
    let usual = Config::default();
    // What runs at the same time is part of a workflow's plan, which no hook changes.
    if (config.enable_parallelism, config.max_parallel)
        != (usual.enable_parallelism, usual.max_parallel)
    {
        bail!(
            InvalidArgs,
            "`enable_parallelism` and `max_parallel` are up to the workflow: make it parallel and set its `max_concurrency`"
        );
    }
    if config.checkpoint_interval == 0 {
        bail!(InvalidArgs, "`checkpoint_interval` must be positive, got 0");
    }
    if config.timeout_per_step.is_nan() || config.timeout_per_step <= 0.0 {
        bail!(
            InvalidArgs,
            "`timeout_per_step` must be positive, got {}",
            config.timeout_per_step
        );
    }
    Ok(WorkflowOrchestrator {
        config,
        cache: Cache::default(),
    })
}

impl WorkflowOrchestrator {
    fn key(context: &Context<'_>, input: Option<&Value>) -> String {
        let step = context.text("stage_name").unwrap_or_default();
        let input = input.map(to_record).unwrap_or_default();
        format!("{}:{step}:{input}", context.component.id)
    }

    fn before(&self, context: &mut Context<'_>) -> Answer {
        let Some(Value::Map(mut step)) = context.data.get("step").cloned() else {
            return Answer::Continue;
        };
        if self.config.enable_caching
            && let Some(known) = self.cache.get(&Self::key(context, step.get("input")))
        {
            return Answer::Replace(known);
        }
        let most = self.config.timeout_per_step * 1000.0;
        let own = step.get("timeout_ms").and_then(Value::as_float);
        if own.is_some_and(|own| own <= most) {
            return Answer::Continue;
        }
        step.insert("timeout_ms", most.into());
        Answer::Modified(Map::from([("step", Value::Map(step))]))
    }

    fn after(&self, context: &Context<'_>) {
        if self.config.enable_caching
            && let Some(step) = context.data.get("step")
        {
            let output = step.get("output").cloned().unwrap_or_default();
            let kept = Map::from([("output", output)]);
            let key = Self::key(context, step.get("input"));
            self.cache.put(&key, Value::Map(kept), KEPT);
        }
    }

    fn checkpoint(&self, cx: &Cx, context: &Context<'_>) {
        let completed = context.data.get("steps_completed").and_then(Value::as_int);
        let completed = completed.unwrap_or(0).unsigned_abs();
        if self.config.enable_checkpoints
            && completed.is_multiple_of(self.config.checkpoint_interval)
        {
            event::tell(cx, "workflow", "workflow.checkpoint", || {
                let of = |name: &str| context.data.get(name).cloned().unwrap_or_default();
                Value::from([
                    ("workflow_id", of("workflow_id")),
                    ("workflow_name", of("workflow_name")),
                    ("workflow_type", of("workflow_type")),
                    ("checkpoint_name", of("checkpoint_name")),
                    ("steps_completed", completed.into()),
                ])
            });
        }
    }

    fn failed(&self, context: &Context<'_>) -> Answer {
        if context.text("stage_name").is_none() {
            return Answer::Continue;
        }
        let kind = context.text("error_kind").unwrap_or_default();
        let passes = matches!(kind, "timeout" | "rate_limited" | "remote" | "io");
        let attempt = context.data.get("attempt").and_then(Value::as_int);
        if self.config.enable_retry && passes && attempt.is_some_and(|attempt| attempt < 3) {
            return Answer::Retry(Box::new(Again {
                delay: Duration::from_millis(100),
                grows: true,
                max_attempts: 3,
                jitter: 0.0,
                fallback: None,
            }));
        }
        match self.config.on_failure {
            OnFailure::Continue => Answer::Replace(Value::from([("output", "".into())])),
            OnFailure::Rollback | OnFailure::Abort => Answer::Continue,
        }
    }

    fn answer(&self, cx: &Cx, context: &mut Context<'_>) -> Answer {
        let Point::Named(point) = context.point else {
            return Answer::Continue;
        };
        match point {
            Named::BeforeWorkflowStage => self.before(context),
            Named::AfterWorkflowStage => {
                self.after(context);
                Answer::Continue
            }
            Named::WorkflowCheckpoint => {
                self.checkpoint(cx, context);
                Answer::Continue
            }
            Named::WorkflowError => self.failed(context),
            Named::WorkflowRollback if self.config.on_failure == OnFailure::Abort => {
                Answer::Cancel(Some("`on_failure` is abort".to_owned()))
            }
            _ => Answer::Continue,
        }
    }
}

impl Hook for WorkflowOrchestrator {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(Ok(self.answer(cx, context)))
    }
}
