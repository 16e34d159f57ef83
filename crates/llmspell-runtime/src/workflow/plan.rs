//! A workflow as it was written, checked and ready to run.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Callback, Handle, Map, Value};

use super::condition::Condition;
use super::fields::Remark;
use super::instance::Workflow;
use super::template::Template;

/// A workflow, or one within another.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) name: Arc<str>,
    pub(super) description: String,
    pub(super) shape: Shape,
    pub(super) strategy: Strategy,
    pub(super) timeout: Duration,
    pub(super) calls: Calls,
    /// What reading it found odd.
    pub(super) warnings: Vec<Remark>,
}

/// The four kinds.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    Sequential(Sequential),
    Parallel(Parallel),
    Conditional(Conditional),
    Loop(Loop),
}

/// The functions that are told how an execution goes.
#[derive(Clone, Debug, Default)]
pub(super) struct Calls {
    pub(super) on_start: Option<Callback>,
    pub(super) on_complete: Option<Callback>,
    pub(super) on_error: Option<Callback>,
    /// After a step, a branch or an iteration.
    pub(super) on_part: Option<Callback>,
    pub(super) before_stage: Option<Callback>,
    pub(super) after_stage: Option<Callback>,
}

/// Steps one after the other.
#[derive(Clone, Debug)]
pub(super) struct Sequential {
    pub(super) steps: Vec<Arc<Step>>,
    pub(super) handler: Option<Handler>,
}

/// Branches at the same time.
#[derive(Clone, Debug)]
pub(super) struct Parallel {
    pub(super) branches: Vec<Branch>,
    pub(super) max_concurrency: usize,
    pub(super) fail_fast: bool,
    pub(super) join: Join,
    pub(super) post_steps: Vec<Arc<Step>>,
}

/// What follows from the ends of branches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    /// All of them are waited for.
    All,
    /// The first that succeeds wins.
    Any,
    /// As `All`, and the maps that they give become one.
    Merge,
    /// As `All`, and no failure counts.
    None,
}

/// Branches of which some run.
#[derive(Clone, Debug)]
pub(super) struct Conditional {
    pub(super) branches: Vec<Branch>,
    pub(super) default: Option<Branch>,
    pub(super) pre_steps: Vec<Arc<Step>>,
    pub(super) all_matching: bool,
    pub(super) default_on_no_match: bool,
}

/// Steps that run together.
#[derive(Clone, Debug)]
pub(super) struct Branch {
    pub(super) name: Arc<str>,
    pub(super) steps: Vec<Arc<Step>>,
    pub(super) required: bool,
    pub(super) condition: Condition,
    pub(super) timeout: Option<Duration>,
}

/// Steps again and again.
#[derive(Clone, Debug)]
pub(super) struct Loop {
    pub(super) over: Over,
    pub(super) body: Vec<Arc<Step>>,
    pub(super) max_iterations: u64,
    pub(super) breaks: Vec<Condition>,
    pub(super) batch: usize,
    pub(super) aggregation: Aggregation,
    /// Pause between two iterations.
    pub(super) delay: Duration,
}

/// What a loop goes over.
#[derive(Clone, Debug)]
pub(super) enum Over {
    /// Whole numbers, both ends included.
    Range {
        start: i64,
        end: i64,
        step: i64,
    },
    Collection(Template),
    While(Condition),
}

/// What becomes of the results of iterations.
#[derive(Clone, Debug)]
pub(super) enum Aggregation {
    All,
    Outputs,
    Last,
    FirstN(usize),
    LastN(usize),
    Summary,
    Nothing,
    Custom(Callback),
}

/// One step.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) name: Arc<str>,
    /// From 1.
    pub(super) index: usize,
    pub(super) work: Work,
    pub(super) input: Template,
    pub(super) condition: Option<Condition>,
    pub(super) skip: Option<Condition>,
    pub(super) on_error: Option<Callback>,
    pub(super) retry: Option<Retry>,
    pub(super) timeout: Option<Duration>,
    pub(super) compensate: Option<Arc<Step>>,
    /// Where it stands in the configuration, as a JSON pointer.
    pub(super) pointer: String,
    /// Members that mean nothing to the runtime; functions see them.
    pub(super) extra: Map,
}

/// What a step does.
#[derive(Clone, Debug)]
pub(super) enum Work {
    Tool(String),
    Agent(Who),
    Function(Callback),
    /// A workflow that was made before.
    Workflow(Arc<Workflow>),
    /// A workflow that is written in place.
    Inline(Arc<Plan>),
}

/// An agent.
#[derive(Clone, Debug)]
pub(super) enum Who {
    Named(String),
    Handle(Handle),
}

/// How a failed step is repeated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Retry {
    pub(super) max_attempts: u32,
    pub(super) backoff: Duration,
    pub(super) factor: f64,
    pub(super) max: Duration,
}

/// What a failed step means for the rest.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Strategy {
    FailFast,
    Continue,
    Retry(Retry),
}

/// What a sequential workflow does with failed steps.
#[derive(Clone, Debug)]
pub(super) enum Handler {
    Function(Callback),
    Strategy(Strategy),
}

impl Shape {
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Sequential(_) => "sequential",
            Self::Parallel(_) => "parallel",
            Self::Conditional(_) => "conditional",
            Self::Loop(_) => "loop",
        }
    }
}

impl Plan {
    /// Returns the lists of steps.
    pub(super) fn lists(&self) -> Vec<&[Arc<Step>]> {
        match &self.shape {
            Shape::Sequential(plan) => vec![plan.steps.as_slice()],
            Shape::Loop(plan) => vec![plan.body.as_slice()],
            Shape::Parallel(plan) => {
                let branches = plan.branches.iter();
                let mut lists: Vec<_> = branches.map(|branch| branch.steps.as_slice()).collect();
                lists.push(plan.post_steps.as_slice());
                lists
            }
            Shape::Conditional(plan) => {
                let mut lists = vec![plan.pre_steps.as_slice()];
                let branches = plan.branches.iter().chain(&plan.default);
                lists.extend(branches.map(|branch| branch.steps.as_slice()));
                lists
            }
        }
    }

    /// Returns how many steps are written, those of workflows within included.
    pub(super) fn step_count(&self) -> usize {
        let steps = self.lists().into_iter().flatten();
        steps
            .map(|step| match &step.work {
                Work::Inline(plan) => 1 + plan.step_count(),
                _ => 1,
            })
            .sum()
    }

    /// Returns how deep workflows are nested; 1 for one without others.
    pub(super) fn depth(&self) -> usize {
        let steps = self.lists().into_iter().flatten();
        let inner = steps.map(|step| match &step.work {
            Work::Inline(plan) => plan.depth(),
            Work::Workflow(workflow) => workflow.plan.depth(),
            _ => 0,
        });
        1 + inner.max().unwrap_or(0)
    }
}

impl Step {
    /// Returns how long one attempt may take.
    pub(super) fn limit(&self) -> Duration {
        self.timeout.unwrap_or(self.work.timeout())
    }
}

impl Work {
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Tool(_) => "tool",
            Self::Agent(_) => "agent",
            Self::Function(_) => "function",
            Self::Workflow(_) => "workflow",
            Self::Inline(plan) => plan.shape.name(),
        }
    }

    /// Returns how long a step may take that does not say.
    pub(super) const fn timeout(&self) -> Duration {
        match self {
            Self::Tool(_) | Self::Function(_) => Duration::from_secs(30),
            Self::Agent(_) | Self::Workflow(_) | Self::Inline(_) => Duration::from_secs(300),
        }
    }
}

impl Who {
    /// Reads a name or an agent.
    pub(super) fn read(value: &Value) -> Option<Self> {
        match value {
            Value::Str(name) => Some(Self::Named(name.clone())),
            Value::Handle(handle) if &*handle.kind == "agent" => Some(Self::Handle(handle.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named(name) => f.write_str(name),
            Self::Handle(handle) => {
                let name = handle.fields.get("name").and_then(Value::as_str);
                f.write_str(name.unwrap_or(&handle.id))
            }
        }
    }
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            backoff: Duration::from_secs(1),
            factor: 2.0,
            max: Duration::from_secs(60),
        }
    }
}

impl Retry {
    /// Returns the pause after so many failed attempts.
    pub(super) fn pause(&self, failed: u32) -> Duration {
        let backoff = llmspell_core::Backoff {
            max_attempts: self.max_attempts,
            initial: self.backoff,
            factor: self.factor,
            max: self.max,
            jitter: 0.0,
        };
        backoff.pause(failed, 0.5)
    }
}
