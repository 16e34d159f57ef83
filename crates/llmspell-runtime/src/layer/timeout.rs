//! Ends calls that were cancelled or have no time left.

use std::task::Poll;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Call, Cx, Effect, Error, Layer, Next, Op, Result, Value, error};

/// Stops the body of a call when the call is cancelled or its deadline passes: the body's future is dropped.
///
/// Composite calls (effect `scope`) are left alone: they see the errors of their own calls and end in good order. A
/// body that is ready at once pays for no race. Work over files that a stopped body had under way has a moment to end,
/// so that no draft of it is seen afterwards.
///
/// - Order: innermost, so that each attempt of a retried call is ended.
/// - Defaults: none; deadlines come from the run, the agent and the call ([`Cx::bounded`]).
#[derive(Debug)]
pub(super) struct Race;

impl Layer for Race {
    fn applies(&self, op: &Op) -> bool {
        op.declared_effect() != Effect::Scope
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        if call.effect == Effect::Scope {
            return next.run(call);
        }
        Box::pin(raced(call, next))
    }
}

async fn raced(call: Call, next: Next<'_>) -> Result<Value> {
    let cx = call.cx.clone();
    // What is not recorded does nothing to the world; the calls that it makes ask for the time themselves.
    let known = match call.op.is_recorded() {
        true => Some(time_left(&cx)?),
        false => cx.cancel().error().map_or(Ok(None), Err)?,
    };
    let mut body = next.run(call);
    if let Poll::Ready(outcome) = futures::poll!(&mut body) {
        return outcome;
    }
    let left = match known {
        Some(left) => left,
        None => time_left(&cx)?,
    };
    let reason = match left {
        None => tokio::select! {
            biased;
            reason = cx.cancel().cancelled() => reason,
            outcome = &mut body => return outcome,
        },
        Some(left) => tokio::select! {
            biased;
            reason = cx.cancel().cancelled() => reason,
            outcome = &mut body => return outcome,
            () = cx.host().clock.sleep(left) => timeout(left),
        },
    };
    // This tells the work to stop.
    drop(body);
    files_left(&cx).await;
    Err(reason)
}

/// Longest time that a stopped call waits for its work over files.
const FILES_WAIT: Duration = Duration::from_millis(80);

/// Waits until the work over files of a stopped call has ended, but not for long.
async fn files_left(cx: &Cx) {
    let clock = &cx.host().clock;
    let end = clock.monotonic().saturating_add(FILES_WAIT);
    while cx.is_at_files() && clock.monotonic() < end {
        clock.sleep(Duration::from_millis(2)).await;
    }
}

/// Returns the time until the deadline, if there is one.
fn time_left(cx: &Cx) -> Result<Option<Duration>> {
    if let Some(reason) = cx.cancel().error() {
        return Err(reason);
    }
    let Some(deadline) = cx.deadline() else {
        return Ok(None);
    };
    match deadline.checked_sub(cx.host().clock.monotonic()) {
        Some(left) if !left.is_zero() => Ok(Some(left)),
        _ => Err(error!(Timeout, "no time was left to begin").with("limit_ms", 0)),
    }
}

fn timeout(left: Duration) -> Error {
    let limit = left.as_millis();
    error!(Timeout, "stopped after {limit} ms, the time that it had").with("limit_ms", limit)
}
