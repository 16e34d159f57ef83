//! The workflows of a run.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::{Callback, Cx, Handle, Result, Value, error, nearest};
use parking_lot::Mutex;

use super::instance::Workflow;
use super::read;

/// Executions that are remembered.
const HISTORY: usize = 100;

/// The workflows of one run, and what their executions were like.
#[derive(Default)]
pub struct Workflows {
    known: Mutex<Known>,
    history: Mutex<VecDeque<Ended>>,
    handler: Mutex<Option<Callback>>,
    debug: AtomicBool,
}

#[derive(Default)]
struct Known {
    workflows: IndexMap<Arc<str>, Arc<Workflow>>,
    /// How many were made of each kind, for their names.
    made: HashMap<String, u64>,
    names: HashMap<String, Arc<str>>,
}

/// An execution that ended.
#[derive(Clone)]
pub(super) struct Ended {
    pub(super) workflow: Arc<Workflow>,
    pub(super) success: bool,
    /// In microseconds since 1970.
    pub(super) began: i64,
    pub(super) took: Duration,
}

impl Workflows {
    /// Makes a workflow and adds it to those of the run; its name now means it.
    ///
    /// - Errors: `InvalidArgs` naming workflow, step and member.
    pub(super) fn make(&self, cx: &Cx, kind: &str, config: Value) -> Result<Arc<Workflow>> {
        let since = cx.host().clock.monotonic();
        let name = {
            let mut known = self.known.lock();
            let made = known.made.entry(kind.to_owned()).or_insert(0);
            *made += 1;
            format!("{kind}_{made}")
        };
        let plan = read::plan(cx, kind, config, &name)?;
        for warning in &plan.warnings {
            tracing::warn!(target: "llmspell::workflow", "{}", warning.text);
        }
        let took = cx.host().clock.monotonic().saturating_sub(since);
        let workflow = Workflow::new(cx, plan, took);
        let mut known = self.known.lock();
        known
            .names
            .insert(workflow.name().to_owned(), workflow.id.clone());
        known
            .workflows
            .insert(workflow.id.clone(), workflow.clone());
        Ok(workflow)
    }

    /// Returns all workflows in the order of their making.
    pub(super) fn all(&self) -> Vec<Arc<Workflow>> {
        self.known.lock().workflows.values().cloned().collect()
    }

    /// Returns the workflow of an id or a name.
    pub(super) fn find(&self, name: &str) -> Option<Arc<Workflow>> {
        let known = self.known.lock();
        let id = known.names.get(name).map_or(name, |id| &**id);
        known.workflows.get(id).cloned()
    }

    /// Returns the workflow that an id or a name must mean.
    ///
    /// - Errors: `NotFound` with the nearest name.
    pub(super) fn require(&self, name: &str) -> Result<Arc<Workflow>> {
        self.find(name).ok_or_else(|| {
            let error = error!(NotFound, "Workflow '{name}' not found").with("workflow", name);
            let known = self.known.lock();
            match nearest(name, known.names.keys().map(String::as_str)).first() {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error,
            }
        })
    }

    /// Returns the workflow of a handle.
    ///
    /// - Errors: `NotFound` if it was removed.
    pub(super) fn of(&self, handle: &Handle) -> Result<Arc<Workflow>> {
        if !matches!(&*handle.kind, "workflow" | "workflow_state") {
            return Err(error!(
                InvalidArgs,
                "expected a workflow, got a {}", handle.kind
            ));
        }
        let known = self.known.lock();
        known.workflows.get(&handle.id).cloned().ok_or_else(|| {
            let name = handle.fields.get("name").and_then(Value::as_str);
            match name {
                Some(name) => error!(NotFound, "workflow '{name}' was removed"),
                None => error!(NotFound, "Workflow '{}' not found", handle.id),
            }
        })
    }

    /// Removes a workflow; false if there is none of that id.
    pub(super) fn remove(&self, id: &str) -> bool {
        let mut known = self.known.lock();
        known.names.retain(|_, named| &**named != id);
        known.workflows.shift_remove(id).is_some()
    }

    /// Removes all workflows.
    pub(super) fn clear(&self) {
        let mut known = self.known.lock();
        known.workflows.clear();
        known.names.clear();
    }

    /// Remembers an execution.
    pub(super) fn note(&self, ended: Ended) {
        let mut history = self.history.lock();
        if history.len() == HISTORY {
            history.pop_front();
        }
        history.push_back(ended);
    }

    /// Returns the last executions, the newest first.
    pub(super) fn history(&self, limit: usize) -> Vec<Ended> {
        let history = self.history.lock();
        history.iter().rev().take(limit).cloned().collect()
    }

    /// Returns who decides about failed workflows that have no function of their own.
    pub(super) fn default_handler(&self) -> Option<Callback> {
        self.handler.lock().clone()
    }

    pub(super) fn set_default_handler(&self, handler: Option<Callback>) {
        *self.handler.lock() = handler;
    }

    /// Returns whether inputs and outputs of steps are logged.
    pub(super) fn is_debug(&self) -> bool {
        self.debug.load(Ordering::Relaxed)
    }

    pub(super) fn set_debug(&self, on: bool) {
        self.debug.store(on, Ordering::Relaxed);
    }
}

impl fmt::Debug for Workflows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}
