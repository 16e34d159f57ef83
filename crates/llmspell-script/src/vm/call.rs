//! Calls of ops: polled once where the script makes them, then carried on on the runtime's threads.

use std::panic::AssertUnwindSafe;
use std::sync::mpsc::Sender;
use std::task::Poll;

use futures::FutureExt;
use futures::future::BoxFuture;
use llmspell_core::{Error, Kind, Result, Value, poll_in_foreground};
use tokio::runtime::Handle;
use tokio::task::AbortHandle;

use super::Event;

/// What a call gave at its first poll.
pub(crate) enum Begun {
    Ready(Result<Value>),
    /// It goes on elsewhere and ends with [`Event::Done`] of the token.
    Running(u64, AbortHandle),
}

/// Polls a call once here; if it is not ready, it goes on on the runtime's threads and its end comes as
/// [`Event::Done`] with the token that `token` gives.
pub(crate) fn begin(
    runtime: &Handle,
    events: &Sender<Event>,
    token: impl FnOnce() -> u64,
    mut call: BoxFuture<'static, Result<Value>>,
) -> Begun {
    if let Poll::Ready(outcome) = poll_in_foreground(call.as_mut()) {
        return Begun::Ready(outcome);
    }
    let (token, events) = (token(), events.clone());
    let running = runtime.spawn(async move {
        let outcome = AssertUnwindSafe(call).catch_unwind().await;
        let outcome =
            outcome.unwrap_or_else(|_| Err(Error::new(Kind::Bug, "a defect in the runtime")));
        // A VM that has ended does not want the outcome.
        let _ = events.send(Event::Done(token, outcome));
    });
    Begun::Running(token, running.abort_handle())
}
