//! What calls carry that were made within hooks.

use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use llmspell_core::{Cx, Result, error};

/// Hooks within hooks, after which calls run without any.
const DEEPEST: u32 = 8;

/// Redirections of one operation.
const MOST_HOPS: u32 = 5;

/// Returns the context for the target of a redirection.
///
/// - Errors: `Limit` for the sixth of one operation.
pub(crate) fn hop(cx: &Cx, target: &str) -> Result<Cx> {
    let outer = Frame::of(cx);
    match Frame::redirected(outer.as_ref()) {
        Some(frame) => Ok(cx.carrying(frame)),
        None => Err(error!(
            Limit,
            "'{target}' would be the sixth target of a redirection"
        )
        .with("limit", MOST_HOPS)
        .with("what", "redirects")
        .hint("two hooks may redirect to each other")),
    }
}

/// The hooks that a call is within.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// The hook, which is not called for what it started itself; none in the frame of a redirection.
    hook: Option<u64>,
    outer: Option<Arc<Self>>,
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
    pub(super) fn within(outer: Option<&Arc<Self>>, hook: u64) -> Arc<Self> {
        Arc::new(Self {
            hook: Some(hook),
            outer: outer.cloned(),
            depth: outer.map_or(0, |outer| outer.depth) + 1,
            hops: outer.map_or(0, |outer| outer.hops),
            outside: AtomicU64::new(0),
        })
    }

    /// Returns the frame for the target of a redirection, or nothing if there were too many.
    fn redirected(outer: Option<&Arc<Self>>) -> Option<Arc<Self>> {
        let hops = outer.map_or(0, |outer| outer.hops) + 1;
        (hops <= MOST_HOPS).then(|| {
            Arc::new(Self {
                hook: None,
                outer: outer.cloned(),
                depth: outer.map_or(0, |outer| outer.depth),
                hops,
                outside: AtomicU64::new(0),
            })
        })
    }

    pub(super) fn has(&self, hook: u64) -> bool {
        std::iter::successors(Some(self), |frame| frame.outer.as_deref())
            .any(|frame| frame.hook == Some(hook))
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

/// What a hook calls with: a [`Cx`] of its own, below which the hook is not called again and whose time ends with the
/// hook's. It is made when the hook first needs it; most hooks call nothing.
pub struct Within<'a> {
    cx: &'a Cx,
    outer: Option<&'a Arc<Frame>>,
    hook: u64,
    deadline: Duration,
    own: OnceLock<(Cx, Arc<Frame>)>,
}

impl<'a> Within<'a> {
    pub(super) fn new(
        cx: &'a Cx,
        outer: Option<&'a Arc<Frame>>,
        hook: u64,
        deadline: Duration,
    ) -> Self {
        Self {
            cx,
            outer,
            hook,
            deadline,
            own: OnceLock::new(),
        }
    }

    /// Returns the time that the hook spent in calls of the runtime.
    pub(super) fn outside(&self) -> Duration {
        let own = self.own.get();
        own.map_or(Duration::ZERO, |(_, frame)| frame.outside())
    }
}

impl Deref for Within<'_> {
    type Target = Cx;

    fn deref(&self) -> &Cx {
        let own = self.own.get_or_init(|| {
            let frame = Frame::within(self.outer, self.hook);
            let cx = self.cx.carrying_until(frame.clone(), self.deadline);
            (cx, frame)
        });
        &own.0
    }
}

impl std::fmt::Debug for Within<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Within({})", self.hook)
    }
}
