//! Calls the hooks of tools and agents.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Layer, Next, Op, Result, Value};

use crate::hook::{Frame, Hooks, OperationKind, run_with_hooks};

/// Calls the hooks before and after calls of tools and executions of agents, and does what they answer.
///
/// A call without a hook at its points pays for one look at a set of bits.
///
/// - Order: after the policy, outside of the journal; see [`stack`](super::stack).
pub(super) struct Hooked {
    hooks: Arc<Hooks>,
}

impl Hooked {
    pub(super) fn new(hooks: Arc<Hooks>) -> Self {
        Self { hooks }
    }
}

impl Layer for Hooked {
    fn applies(&self, op: &Op) -> bool {
        op.is_recorded()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let frame = Frame::of(&call.cx);
        let kind = OperationKind::of(&call.op).filter(|kind| self.hooks.any(kind.points()));
        let Some(frame) = frame else {
            return match kind {
                None => next.run(call),
                Some(kind) => run_with_hooks(&self.hooks, kind, call, next),
            };
        };
        let clock = call.cx.host().clock.clone();
        Box::pin(async move {
            // What a hook waits for is not its own time.
            let since = clock.monotonic();
            let outcome = match kind {
                None => next.run(call).await,
                Some(kind) => run_with_hooks(&self.hooks, kind, call, next).await,
            };
            frame.add(clock.monotonic().saturating_sub(since));
            outcome
        })
    }
}
