//! Calls the hooks of limits, refusals and slow operations.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Layer, Next, Op, Result, Value};

use crate::hook::{self, Hooks, OperationKind};

/// Calls the hooks of `ResourceLimitExceeded`, `SecurityViolation` and `PerformanceThresholdExceeded`, where a call that is
/// about to fail for its own reason, not for that of a call within it, or that took long, gives occasion.
///
/// - Order: around limits and policy, whose errors it shows.
pub(super) struct Alarms {
    hooks: Arc<Hooks>,
}

impl Alarms {
    pub(super) fn new(hooks: Arc<Hooks>) -> Self {
        Self { hooks }
    }
}

impl Layer for Alarms {
    fn applies(&self, _: &Op) -> bool {
        true
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        match self.hooks.any(hook::alarms()) {
            false => next.run(call),
            true => Box::pin(watched(&self.hooks, call, next)),
        }
    }
}

async fn watched(hooks: &Hooks, call: Call, next: Next<'_>) -> Result<Value> {
    let (cx, op) = (call.cx.clone(), call.op.clone());
    let clock = cx.host().clock.clone();
    let since = clock.monotonic();
    let outcome = next.run(call).await;
    if let Err(error) = &outcome
        && error.op_name().is_none_or(|own| own == op.name())
    {
        hook::limit_met(&cx, hooks, op.name(), error).await;
        hook::violation(&cx, hooks, op.name(), error).await;
    }
    if let Some(kind) = OperationKind::of(&op) {
        let took = clock.monotonic().saturating_sub(since);
        hook::slow(&cx, hooks, op.name(), took, kind == OperationKind::Agent).await;
    }
    outcome
}
