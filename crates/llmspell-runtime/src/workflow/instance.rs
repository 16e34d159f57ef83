//! One workflow of a run.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use llmspell_core::{CallId, Cx, Handle, Value};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Serialize;

use super::metrics::Metrics;
use super::outline::Outline;
use super::plan::{Aggregation, Plan, Shape, Strategy, Work};

/// What a handle of kind `workflow` means.
pub(super) struct Workflow {
    pub(super) id: Arc<str>,
    pub(super) plan: Arc<Plan>,
    pub(super) handle: Handle,
    pub(super) state_handle: Handle,
    pub(super) metrics: Mutex<Metrics>,
    /// In microseconds since 1970.
    pub(super) created: i64,
    /// How long the making took.
    pub(super) making: Duration,
    outline: OnceLock<Value>,
}

/// A workflow: a plan that can be run any number of times.
#[derive(Serialize, JsonSchema)]
pub(super) struct Face {
    id: String,
    name: String,
    /// `sequential`, `parallel`, `conditional` or `loop`.
    #[serde(rename = "type")]
    kind: &'static str,
}

/// What the executions of a workflow share.
#[derive(Serialize, JsonSchema)]
pub(super) struct StateFace {
    workflow_id: String,
}

impl Workflow {
    pub(super) fn new(cx: &Cx, plan: Plan, making: Duration) -> Arc<Self> {
        // The same spell gives it the same id.
        let place = CallId::content(cx.id(), "workflow.id", "");
        let bytes = place.nth(cx.count(place)).0;
        let uuid = uuid::Builder::from_random_bytes(bytes).into_uuid();
        let id: Arc<str> = format!("workflow_{uuid}").into();
        let face = Face {
            id: id.to_string(),
            name: plan.name.to_string(),
            kind: plan.shape.name(),
        };
        let state = StateFace {
            workflow_id: id.to_string(),
        };
        Arc::new(Self {
            handle: Handle::with("workflow", &id, &face),
            state_handle: Handle::with("workflow_state", &id, &state),
            id,
            plan: Arc::new(plan),
            metrics: Mutex::default(),
            created: cx.host().clock.now(),
            making,
            outline: OnceLock::new(),
        })
    }

    /// Returns its outline as data.
    pub(super) fn outline(&self) -> &Value {
        self.outline.get_or_init(|| {
            // An outline is plain data, which always has a form as a value.
            Value::from_serialize(&Outline::of(&self.plan)).unwrap_or_default()
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.plan.name
    }

    /// Returns the scope of what its executions share.
    pub(super) fn scope(&self) -> String {
        format!("workflow:{}", self.id)
    }

    /// Returns words for what it makes use of.
    pub(super) fn features(&self) -> Vec<&'static str> {
        let plan = &self.plan;
        let steps = || plan.lists().into_iter().flatten();
        let mut features = Vec::new();
        let mut note = |is_so: bool, word: &'static str| {
            if is_so {
                features.push(word);
            }
        };
        let retries = matches!(plan.strategy, Strategy::Retry(_));
        note(retries || steps().any(|step| step.retry.is_some()), "retry");
        note(plan.depth() > 1, "nested");
        note(
            steps().any(|step| step.condition.is_some() || step.skip.is_some()),
            "conditions",
        );
        note(
            steps().any(|step| step.compensate.is_some()),
            "compensation",
        );
        note(
            steps().any(|step| matches!(step.work, Work::Agent(_))),
            "agents",
        );
        note(matches!(plan.strategy, Strategy::Continue), "continue");
        match &plan.shape {
            Shape::Parallel(parallel) => {
                note(true, "max_concurrency");
                note(parallel.fail_fast, "fail_fast");
                note(!parallel.post_steps.is_empty(), "post_steps");
            }
            Shape::Conditional(conditional) => {
                note(conditional.default.is_some(), "default_branch");
                note(conditional.all_matching, "execute_all_matching");
            }
            Shape::Loop(plan) => {
                note(!plan.breaks.is_empty(), "break_conditions");
                note(plan.batch > 1, "batch");
                note(!matches!(plan.aggregation, Aggregation::All), "aggregation");
            }
            Shape::Sequential(_) => {}
        }
        features
    }
}

impl fmt::Debug for Workflow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Workflow({})", self.name())
    }
}
