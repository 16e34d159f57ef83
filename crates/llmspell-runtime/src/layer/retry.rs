//! Repeats attempts that failed for a passing reason.

use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Backoff, Call, Cx, Error, Layer, Next, Op, Result, Value};

/// Repeats a call as its op's backoff says, if the error can pass.
///
/// A pause that the failed service asked for (`details.retry_after_ms`) wins over the computed one; neither exceeds
/// the backoff's longest. A pause that would outlast the call's deadline is not begun: the error is returned at once.
/// An error after several attempts has the detail `attempts`.
///
/// - Order: inside the journal, which records one outcome for all attempts, and around the timeout.
/// - Defaults: none; each op has its own backoff or is not repeated.
#[derive(Debug)]
pub(super) struct Repeat;

impl Layer for Repeat {
    fn applies(&self, op: &Op) -> bool {
        op.is_retried()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        match call.op.backoff_with(&call.cx, &call.args) {
            Some(backoff) if backoff.max_attempts > 1 => Box::pin(repeated(backoff, call, next)),
            _ => next.run(call),
        }
    }
}

async fn repeated(backoff: Backoff, call: Call, next: Next<'_>) -> Result<Value> {
    let cx = call.cx.clone();
    for attempt in 1..backoff.max_attempts {
        cx.set_attempts(attempt);
        let again = Call {
            op: call.op.clone(),
            args: call.args.clone(),
            cx: cx.clone(),
            effect: call.effect,
        };
        let error = match next.run(again).await {
            Err(error) if error.is_retryable() => error,
            outcome => return outcome.map_err(|error| counted(error, attempt)),
        };
        let pause = pause(&backoff, &error, attempt, &cx);
        if !fits(&cx, pause) {
            return Err(counted(error, attempt));
        }
        tracing::warn!(
            target: "llmspell::calls",
            op = call.op.name(),
            attempt,
            kind = error.kind().name(),
            pause_ms = pause.as_millis() as u64,
            "the call is repeated",
        );
        if call.op.name() == "model.complete" {
            let facts = || {
                Value::from([
                    (
                        "model",
                        call.args.get("target").cloned().unwrap_or_default(),
                    ),
                    ("attempt", attempt.into()),
                    ("delay_ms", pause.as_millis().into()),
                ])
            };
            crate::event::announce(&cx, "model", "model.retry", facts).await;
        }
        tokio::select! {
            biased;
            reason = cx.cancel().cancelled() => return Err(counted(reason, attempt)),
            () = cx.host().clock.sleep(pause) => {}
        }
    }
    cx.set_attempts(backoff.max_attempts);
    let outcome = next.run(call).await;
    outcome.map_err(|error| counted(error, backoff.max_attempts))
}

fn counted(error: Error, attempts: u32) -> Error {
    if attempts > 1 {
        error.with("attempts", attempts)
    } else {
        error
    }
}

fn pause(backoff: &Backoff, error: &Error, failed: u32, cx: &Cx) -> Duration {
    let asked = error.details().get("retry_after_ms");
    let asked = asked
        .and_then(Value::as_float)
        .and_then(|ms| Duration::try_from_secs_f64(ms / 1000.0).ok());
    match asked {
        Some(asked) => asked.min(backoff.max),
        None => {
            let chance = cx.host().random.next() as f64 / u64::MAX as f64;
            backoff.pause(failed, chance)
        }
    }
}

/// Returns whether the call still has time after such a pause.
fn fits(cx: &Cx, pause: Duration) -> bool {
    if cx.cancel().is_cancelled() {
        return false;
    }
    cx.deadline()
        .is_none_or(|deadline| cx.host().clock.monotonic().saturating_add(pause) < deadline)
}
