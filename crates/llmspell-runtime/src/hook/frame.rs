//! What calls carry that were made within hooks.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use llmspell_core::{Cx, Result, error};

/// Hooks within hooks, after which calls run without any.
const DEEPEST: u32 = 8;

/// Redirections of one operation.
const MOST_HOPS: u32 = 5;

/// The hooks that a call is within.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// Hooks that are not called for what they started themselves.
    hooks: Vec<u64>,
    depth: u32,
    hops: u32,
    /// Time that the hook spent in calls of the runtime, in nanoseconds.
    outside: AtomicU64,
}

impl Frame {
    /// Returns the frame of a call.
    pub(crate) fn of(cx: &Cx) -> Option<Arc<Self>> {
        if cx.carries() { cx.carried() } else { None }
    }

    /// Returns the frame for what a hook does.
    pub(super) fn within(outer: Option<&Self>, hook: u64) -> Arc<Self> {
        let mut hooks = outer.map_or_else(Vec::new, |outer| outer.hooks.clone());
        hooks.push(hook);
        Arc::new(Self {
            hooks,
            depth: outer.map_or(0, |outer| outer.depth) + 1,
            hops: outer.map_or(0, |outer| outer.hops),
            outside: AtomicU64::new(0),
        })
    }

    /// Returns the context of a call for the target of a redirection.
    ///
    /// - Errors: `Limit` if there were too many.
    pub(crate) fn redirected(cx: &Cx, target: &str) -> Result<Cx> {
        let outer = Self::of(cx);
        let hops = outer.as_ref().map_or(0, |outer| outer.hops) + 1;
        if hops > MOST_HOPS {
            return Err(error!(
                Limit,
                "'{target}' would be the sixth target of a redirection"
            )
            .with("limit", MOST_HOPS)
            .with("what", "redirects")
            .hint("two hooks may redirect to each other"));
        }
        Ok(cx.carrying(Arc::new(Self {
            hooks: outer
                .as_ref()
                .map_or_else(Vec::new, |outer| outer.hooks.clone()),
            depth: outer.map_or(0, |outer| outer.depth),
            hops,
            outside: AtomicU64::new(0),
        })))
    }

    pub(super) fn has(&self, hook: u64) -> bool {
        self.hooks.contains(&hook)
    }

    pub(super) fn is_deepest(&self) -> bool {
        self.depth >= DEEPEST
    }

    /// Notes time that was spent in a call of the runtime.
    pub(crate) fn add(&self, time: Duration) {
        let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.outside.fetch_add(nanos, Ordering::Relaxed);
    }

    pub(super) fn outside(&self) -> Duration {
        Duration::from_nanos(self.outside.load(Ordering::Relaxed))
    }
}
