//! Requests to stop a task, and the errors that say why it stopped.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use llmspell_core::{Error, Kind};
use parking_lot::Mutex;

/// A request to stop a task and everything that it started.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    set: AtomicBool,
    hard: AtomicBool,
    error: Mutex<Option<Error>>,
    parent: Option<Arc<Stop>>,
    task: AtomicU64,
}

impl Stop {
    pub(crate) fn below(parent: Option<Arc<Stop>>) -> Arc<Self> {
        Arc::new(Self {
            parent,
            ..Self::default()
        })
    }

    /// Asks to stop; the calls under way may end first. The first reason stays.
    pub(crate) fn soft(&self, error: Error) {
        self.error.lock().get_or_insert(error);
        self.set.store(true, Ordering::Release);
    }

    /// Asks to stop at once, abandoning the calls under way. The first reason stays.
    pub(crate) fn hard(&self, error: Error) {
        self.hard.store(true, Ordering::Release);
        self.soft(error);
    }

    /// Says which task this stops.
    pub(crate) fn set_task(&self, task: u64) {
        self.task.store(task, Ordering::Release);
    }

    /// Returns the task that this stops; 0 if it has not begun.
    pub(crate) fn task(&self) -> u64 {
        self.task.load(Ordering::Acquire)
    }

    /// Whether this or a stop above it was asked for.
    pub(crate) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire) || self.parent.as_deref().is_some_and(Stop::is_set)
    }

    /// Whether the calls under way are to be abandoned.
    pub(crate) fn is_hard(&self) -> bool {
        self.hard.load(Ordering::Acquire) || self.parent.as_deref().is_some_and(Stop::is_hard)
    }

    /// The reason.
    pub(crate) fn error(&self) -> Option<Error> {
        if self.set.load(Ordering::Acquire) {
            return self.error.lock().clone();
        }
        self.parent.as_deref().and_then(Stop::error)
    }
}

/// The error of a task that nobody waits for any more.
pub(crate) fn abandoned() -> Error {
    Error::new(Kind::Cancelled, "the call was given up")
}

/// The error of a function whose interpreter has ended.
pub(crate) fn ended() -> Error {
    Error::new(Kind::Cancelled, "the run has ended")
}

/// The error of a function that is asked for by name and does not exist.
pub(crate) fn no_function(name: &str) -> Error {
    Error::new(
        Kind::NotFound,
        format!("the script has no global function '{name}'"),
    )
    .hint("a local function has no name outside of its script: give the function itself")
}

/// The error of a script that used up its memory; `key` is the setting of the limit.
pub(crate) fn out_of_memory(max_memory: usize, key: &str) -> Error {
    llmspell_core::error!(
        Limit,
        "the script needs more than its {} MiB of memory",
        max_memory >> 20
    )
    .with("what", "memory")
    .with("limit", max_memory)
    .hint(format!(
        "raise `{key}` and `runtime.max_memory` (--max-memory), or keep less at once"
    ))
}
