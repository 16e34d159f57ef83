//! Charges calls to budgets, and bounds how many effects are in flight.

use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{
    Call, Cx, Effect, Estimate, Kind, Layer, Next, Op, Reservation, Result, Usage, Value,
};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Reserves what a call may consume before it is dispatched and settles it afterwards; makes calls wait for one of
/// the run's slots.
///
/// Charged are ops that give an estimate, and each call of a tool as one tool call. A call that failed keeps its count
/// as request or tool call, and the tokens that it reported; a refused one costs nothing.
///
/// A slot is taken by tools and by calls that change the world. Waiting takes none: neither a model's answer, whose
/// provider has a limit of its own, nor a pause. Composite calls (effect `scope`) take none, nor do calls below one that
/// has a slot: they could wait for each other for ever.
///
/// - Order: before everything that costs; see [`stack`](super::stack).
/// - Defaults: 64 slots.
#[derive(Debug)]
pub(super) struct Slots {
    free: Option<Arc<Semaphore>>,
}

impl Slots {
    pub(super) fn new(most: usize) -> Self {
        let bounded = (1..=Semaphore::MAX_PERMITS).contains(&most);
        Self {
            free: bounded.then(|| Arc::new(Semaphore::new(most))),
        }
    }
}

impl Layer for Slots {
    fn applies(&self, op: &Op) -> bool {
        op.is_charged() || op.is_recorded()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let reads_by_tool = call.effect == Effect::Read && call.op.tool_info().is_some();
        let leaf = call.effect.needs_intent() || reads_by_tool;
        let free = self
            .free
            .as_ref()
            .filter(|_| leaf && !call.cx.is_in_flight());
        if free.is_none() && !call.op.is_charged() {
            return next.run(call);
        }
        Box::pin(limited(free, call, next))
    }
}

async fn limited(free: Option<&Arc<Semaphore>>, call: Call, next: Next<'_>) -> Result<Value> {
    let charge = Charge::reserve(&call)?;
    let _slot = match free {
        Some(free) => Some(slot(free, &call.cx).await?),
        None => None,
    };
    let cx = call.cx.clone();
    let outcome = next.run(call).await;
    if let Some(charge) = charge {
        charge.settle(&cx, outcome.as_ref().err().map(|error| error.kind()));
    }
    outcome
}

/// Waits for a slot, as long as the call may live.
async fn slot(free: &Arc<Semaphore>, cx: &Cx) -> Result<OwnedSemaphorePermit> {
    cx.mark_in_flight();
    if let Ok(slot) = free.clone().try_acquire_owned() {
        return Ok(slot);
    }
    tokio::select! {
        biased;
        reason = cx.cancel().cancelled() => Err(reason),
        error = deadline(cx) => Err(error),
        slot = free.clone().acquire_owned() => slot.map_err(|_| {
            llmspell_core::error!(Bug, "the slots of the run were closed")
        }),
    }
}

async fn deadline(cx: &Cx) -> llmspell_core::Error {
    let left = match cx.deadline() {
        Some(deadline) => deadline.saturating_sub(cx.host().clock.monotonic()),
        None => Duration::MAX,
    };
    if left == Duration::MAX {
        return std::future::pending().await;
    }
    cx.host().clock.sleep(left).await;
    llmspell_core::error!(
        Timeout,
        "no slot became free within {} ms",
        left.as_millis()
    )
    .with("limit_ms", left.as_millis())
    .hint("raise `runtime.max_concurrency`")
}

/// What a call was charged.
struct Charge {
    reservation: Reservation,
    estimated: bool,
}

impl Charge {
    fn reserve(call: &Call) -> Result<Option<Self>> {
        let estimate = call.op.estimate_with(&call.cx, &call.args);
        let tool_calls = u64::from(call.op.tool_info().is_some());
        if estimate.is_none() && tool_calls == 0 {
            return Ok(None);
        }
        let estimated = estimate.is_some();
        let mut estimate = estimate.unwrap_or(Estimate {
            // Unpriced is only what asks a model.
            cost_usd: Some(0.0),
            ..Estimate::default()
        });
        estimate.tool_calls += tool_calls;
        let reservation = call.cx.ledger().reserve(estimate)?;
        Ok(Some(Self {
            reservation,
            estimated,
        }))
    }

    fn settle(self, cx: &Cx, failed: Option<Kind>) {
        if failed == Some(Kind::Denied) {
            return;
        }
        // What calls below reported was charged there.
        let mut usage = if self.estimated {
            cx.own_usage()
        } else {
            Usage::default()
        };
        if failed.is_some() {
            if usage.total_tokens().is_none() {
                usage.input_tokens = Some(0);
            }
            usage.cost_usd.get_or_insert(0.0);
        }
        self.reservation.settle(&usage);
    }
}
