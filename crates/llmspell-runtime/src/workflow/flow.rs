//! An execution under way: whose it is, and where its calls stand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use llmspell_core::{Cx, Map, Result, Value};
use parking_lot::Mutex;

use super::done::Done;
use super::instance::Workflow;
use super::plan::{Plan, Step};
use super::scope::Scope;
use super::state;
use super::workflows::Workflows;
use crate::hook::Hooks;
use crate::state::OwnScopes;

/// An execution of a workflow, or of one within it. Cloning is cheap.
#[derive(Clone)]
pub(super) struct Flow {
    /// Calls of steps stand below it.
    pub(super) cx: Cx,
    pub(super) plan: Arc<Plan>,
    /// The workflow itself; for one that is written in place the one around it.
    pub(super) workflow: Arc<Workflow>,
    pub(super) hooks: Arc<Hooks>,
    pub(super) workflows: Arc<Workflows>,
    /// What is to be undone should the workflow fail.
    pub(super) undo: Arc<Mutex<Vec<Undo>>>,
    completed: Arc<AtomicU64>,
    pub(super) is_outermost: bool,
    trail: Trail,
    branch: Option<Arc<str>>,
    /// What became of the operations that hooks started beside.
    pub(super) forks: Arc<Mutex<Vec<Value>>>,
}

/// The names from the outermost workflow down to a step, for whoever watches.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Arc<[Arc<str>]>);

impl Trail {
    fn then(&self, name: &Arc<str>) -> Self {
        Self(self.0.iter().chain([name]).cloned().collect())
    }

    pub(super) fn names(&self) -> Vec<&str> {
        self.0.iter().map(|name| &**name).collect()
    }

    pub(super) fn to_value(&self) -> Value {
        self.0.iter().map(|name| Value::from(&**name)).collect()
    }
}

/// A step that succeeded and can be compensated, with what could be seen then.
pub(super) struct Undo {
    pub(super) plan: Arc<Plan>,
    pub(super) step: Arc<Step>,
    pub(super) scope: Scope,
}

impl Flow {
    /// Makes an execution; `trail` leads to the step that it is, if it is one.
    pub(super) fn new(
        cx: Cx,
        workflow: Arc<Workflow>,
        workflows: Arc<Workflows>,
        trail: Trail,
    ) -> Self {
        Self {
            trail: match trail.0.is_empty() {
                true => trail.then(&workflow.plan.name),
                false => trail,
            },
            hooks: cx.part::<Hooks>().unwrap_or_default(),
            plan: workflow.plan.clone(),
            workflow,
            workflows,
            branch: None,
            forks: Arc::default(),
            undo: Arc::default(),
            completed: Arc::default(),
            is_outermost: true,
            cx,
        }
    }

    /// Returns the execution with its calls at another place.
    pub(super) fn at(&self, cx: Cx) -> Self {
        Self { cx, ..self.clone() }
    }

    /// Returns the execution of a workflow that is written within this one, in the place of a step.
    pub(super) fn within(&self, plan: Arc<Plan>, step: &Arc<str>) -> Self {
        Self {
            plan,
            is_outermost: false,
            trail: self.trail.then(step),
            ..self.clone()
        }
    }

    /// Returns the execution within a branch.
    pub(super) fn along(&self, branch: &Arc<str>) -> Self {
        Self {
            trail: self.trail.then(branch),
            branch: Some(branch.clone()),
            ..self.clone()
        }
    }

    /// Returns the innermost branch.
    pub(super) fn branch(&self) -> Option<&str> {
        self.branch.as_deref()
    }

    /// Returns the names down to here, or to a step.
    pub(super) fn trail(&self, step: Option<&Arc<str>>) -> Trail {
        match step {
            Some(step) => self.trail.then(step),
            None => self.trail.clone(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.cx.host().clock.monotonic()
    }

    /// Counts a step that ended well, and returns how many there are.
    pub(super) fn count(&self) -> u64 {
        self.completed.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(super) fn completed(&self) -> u64 {
        self.completed.load(Ordering::Relaxed)
    }

    /// Returns a value of a scope of `State`, without a scope that of the workflow or the global one; null if there is
    /// none.
    pub(super) async fn state(&self, scope: Option<&str>, key: &str) -> Result<Value> {
        match scope {
            Some(scope) => OwnScopes::of(&self.cx).load(scope, key).await,
            None => state::look_up(&self.cx, &self.workflow, key).await,
        }
    }

    /// Returns what is shared under a name: a variable of the loop, a member of the input, the workflow's state, the
    /// global one; null if there is none.
    pub(super) async fn shared(&self, scope: &Scope, key: &str) -> Result<Value> {
        match scope.given(key) {
            Some(given) => Ok(given),
            None => self.state(None, key).await,
        }
    }

    /// Returns the second argument of functions.
    pub(super) fn state_handle(&self) -> Value {
        self.workflow.state_handle.clone().into()
    }

    /// Returns `{id, name, type}`.
    pub(super) fn identity(&self) -> Map {
        let mut identity = Map::new();
        identity.insert("id", Value::from(&*self.workflow.id));
        identity.insert("name", Value::from(&*self.plan.name));
        identity.insert("type", self.plan.shape.name().into());
        identity
    }

    /// Returns the first argument of functions.
    pub(super) fn context(&self, scope: &Scope, step: Option<(&Step, &Value)>) -> Value {
        let mut context = Map::new();
        let mut put = |name: &str, value: Value| context.insert(name, value);
        put("input", (*scope.input).clone());
        let shown = scope.shown();
        put("results", shown.clone());
        put("steps", shown);
        put("workflow", Value::Map(self.identity()));
        if !scope.branches.is_empty() {
            let branches = scope.branches.iter();
            let branches = branches.map(|(name, done)| (name.to_string(), done.brief()));
            put("branches", branches.collect());
        }
        if let Some(turn) = &scope.turn {
            let shown = turn.shown();
            for name in ["current_item", "current_value", "current_index", "batch"] {
                if let Some(value) = shown.get(name) {
                    put(name, value.clone());
                }
            }
            put("loop", Value::Map(shown));
        }
        if let Some((step, params)) = step {
            put("params", params.clone());
            let mut about = step.extra.clone();
            about.insert("name", Value::from(&*step.name));
            about.insert("index", step.index.into());
            put("step", Value::Map(about));
        }
        Value::Map(context)
    }

    /// Notes what was resolved and what came of it, if the script wants to see that.
    pub(super) fn debug(&self, step: &Step, input: &Value, done: &Done) {
        if self.workflows.is_debug() {
            tracing::debug!(
                target: "llmspell::workflow",
                workflow = &*self.plan.name,
                step = &*step.name,
                success = done.is_success(),
                "input {input}, output {}",
                done.output
            );
        }
    }
}
