//! Shows calls to logs and observers.

use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Call, Cancel, Cx, Error, Kind, Layer, Next, Op, Result, Value};
use std::sync::Arc;
use tracing::{Instrument, Level};

/// Gives each recorded or charged call a span and a line at `debug`, and tells the run's observers.
///
/// The line has sizes and kinds, never contents. If nobody listens, the call passes through without a cost.
///
/// - Order: outermost, so that durations are those that the caller sees.
#[derive(Debug)]
pub(super) struct Trace;

impl Layer for Trace {
    fn applies(&self, op: &Op) -> bool {
        op.is_recorded() || op.is_charged()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let logged = tracing::enabled!(target: "llmspell::calls", Level::DEBUG);
        if !logged && call.cx.observers().is_empty() {
            return next.run(call);
        }
        Box::pin(observed(call, next))
    }
}

async fn observed(call: Call, next: Next<'_>) -> Result<Value> {
    let span = tracing::debug_span!(target: "llmspell::calls", "call", op = call.op.name());
    let watched = Watched::start(&call);
    let outcome = next.run(call).instrument(span).await;
    watched.end(&outcome);
    outcome
}

/// A call that observers have seen begin, and will see end, also if it is dropped.
struct Watched {
    cx: Cx,
    op: Arc<Op>,
    since: Duration,
    ended: bool,
}

impl Watched {
    fn start(call: &Call) -> Self {
        for observer in call.cx.observers() {
            observer.started(&call.cx, &call.op, &call.args);
        }
        Self {
            cx: call.cx.clone(),
            op: call.op.clone(),
            since: call.cx.host().clock.monotonic(),
            ended: false,
        }
    }

    fn end(mut self, outcome: &Result<Value>) {
        self.tell(outcome.as_ref());
    }

    fn tell(&mut self, outcome: Result<&Value, &Error>) {
        self.ended = true;
        let elapsed = self.cx.host().clock.monotonic().saturating_sub(self.since);
        let kind = outcome.err().map(|error| error.kind().name());
        tracing::debug!(
            target: "llmspell::calls",
            op = self.op.name(),
            id = %self.cx.id(),
            duration_ms = elapsed.as_secs_f64() * 1000.0,
            attempts = self.cx.attempts(),
            success = kind.is_none(),
            kind,
        );
        for observer in self.cx.observers() {
            observer.ended(&self.cx, &self.op, outcome, elapsed);
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let error = match self.cx.cancel().error() {
            _ if std::thread::panicking() => Error::new(Kind::Bug, "the call panicked"),
            Some(reason) => reason,
            None => Cancel::reason("the caller stopped waiting"),
        };
        self.tell(Err(&error));
    }
}
