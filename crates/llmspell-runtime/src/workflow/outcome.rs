//! The result of one execution.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Error, Map, Value};

use super::done::{Done, Failure, Gave, milliseconds};
use super::flow::Flow;
use crate::agent::moment;

/// How an execution went.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) output: Value,
    /// What belongs to the kind: members of `data`.
    pub(super) facts: Map,
    /// Members of `metadata.extra`.
    pub(super) extra: Map,
    /// The steps in the order of execution.
    pub(super) steps: Vec<Arc<Done>>,
    /// What is found by name within: the steps, or the branches.
    pub(super) inner: Vec<Arc<Done>>,
    pub(super) counts: Counts,
    pub(super) failed: Option<Failed>,
    /// Notes of hooks for `metadata`.
    pub(super) notes: Map,
}

/// How many steps ran.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counts {
    pub(super) executed: u64,
    pub(super) succeeded: u64,
    pub(super) failed: u64,
}

/// Why an execution failed.
#[derive(Clone, Debug)]
pub(super) struct Failed {
    pub(super) error: Error,
    pub(super) location: String,
    pub(super) details: Map,
}

impl Counts {
    pub(super) fn add(&mut self, done: &Done) {
        if done.has_run() {
            self.executed += 1;
            self.succeeded += u64::from(done.is_success());
            self.failed += u64::from(!done.is_success());
        }
    }

    pub(super) fn of(steps: &[Arc<Done>]) -> Self {
        let mut counts = Self::default();
        steps.iter().for_each(|done| counts.add(done));
        counts
    }
}

impl Failed {
    /// Makes the failure that a step caused.
    pub(super) fn of(done: &Done, location: impl Into<String>) -> Self {
        let unknown = || Error::new(llmspell_core::Kind::Execution, "the step failed");
        let error = done.error.clone().unwrap_or_else(unknown);
        let mut details = error.details().clone();
        let mut put = |name: &str, value: Value| details.insert(name, value);
        put("step", Value::from(&*done.name));
        put("path", done.path().into());
        put("attempts", (done.retries + 1).into());
        Self {
            error,
            location: location.into(),
            details,
        }
    }
}

impl Outcome {
    pub(super) fn is_success(&self) -> bool {
        self.failed.is_none()
    }

    /// Takes what another target gave in place of this.
    pub(super) fn take(&mut self, gave: Result<Gave, Failure>) {
        match gave {
            Ok(gave) => {
                self.failed = None;
                self.output = gave.output;
            }
            Err(failure) => {
                self.failed = Some(Failed {
                    details: failure.error.details().clone(),
                    error: failure.error,
                    location: "redirect".to_owned(),
                });
            }
        }
    }

    /// Returns `{step = output}`.
    pub(super) fn outputs(&self) -> Value {
        let steps = self.steps.iter();
        Value::Map(
            steps
                .map(|done| (done.name.to_string(), done.output.clone()))
                .collect(),
        )
    }

    /// Returns `data`.
    fn data(&self) -> Map {
        let mut data = Map::new();
        data.insert("final_output", self.output.clone());
        data.insert("steps", self.step_results());
        data.insert("steps_executed", self.counts.executed.into());
        data.insert("outputs", self.outputs());
        data.extend(self.facts.clone());
        data
    }

    fn step_results(&self) -> Value {
        self.steps.iter().map(|done| done.to_value()).collect()
    }

    /// Returns the outcome as that of a step.
    pub(super) fn gave(self) -> Result<Gave, Failure> {
        let data = Value::Map(self.data());
        match self.failed {
            None => Ok(Gave {
                output: self.output,
                data,
                inner: self.inner,
            }),
            Some(failed) => Err(Failure {
                error: failed.error.with("location", failed.location),
                data,
                inner: self.inner,
            }),
        }
    }

    /// Returns the result that scripts see.
    pub(super) fn to_value(&self, flow: &Flow, began: i64, took: Duration) -> Value {
        let data = self.data();
        let kind = flow.plan.shape.name();
        let mut metadata = Map::from([
            ("start_time", moment::text(began).into()),
            (
                "end_time",
                moment::text(began.saturating_add(took.as_micros() as i64)).into(),
            ),
            ("steps_executed", self.counts.executed.into()),
            ("steps_succeeded", self.counts.succeeded.into()),
            ("steps_failed", self.counts.failed.into()),
            ("extra", Value::Map(self.extra.clone())),
        ]);
        metadata.extend(self.notes.clone());
        let forks = flow.forks.lock();
        if !forks.is_empty() {
            metadata.insert("forks", forks.iter().cloned().collect());
        }
        let mut result = Map::from([
            ("success", self.is_success().into()),
            ("workflow_type", kind.into()),
            ("workflow_name", Value::from(&*flow.plan.name)),
            ("workflow_id", Value::from(&*flow.workflow.id)),
            ("duration_ms", milliseconds(took)),
            ("output", self.output.clone()),
            ("step_results", self.step_results()),
            ("data", Value::Map(data)),
            ("metadata", Value::Map(metadata)),
        ]);
        if let Some(failed) = &self.failed {
            result.insert("error", failed.to_value(kind));
        }
        Value::Map(result)
    }
}

impl Failed {
    /// Returns `{error_type, kind, message, location, details}`.
    pub(super) fn to_value(&self, kind: &str) -> Value {
        let error_type = match kind {
            "sequential" => "SequentialExecutionError",
            "conditional" => "ConditionalExecutionError",
            "loop" => "LoopExecutionError",
            _ => "ParallelExecutionError",
        };
        Value::from([
            ("error_type", error_type.into()),
            ("kind", self.error.kind().name().into()),
            ("message", self.error.message().into()),
            ("location", self.location.as_str().into()),
            (
                "hints",
                self.error
                    .hints()
                    .iter()
                    .map(|hint| Value::from(hint.as_str()))
                    .collect(),
            ),
            ("details", Value::Map(self.details.clone())),
        ])
    }
}
