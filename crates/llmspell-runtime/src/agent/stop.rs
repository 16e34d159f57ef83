//! Waiting that ends when the call must.

use std::future::{Future, pending};

use llmspell_core::{Cx, Error, Kind, Result};

/// Waits for `work`, but no longer than the call may take.
///
/// - Errors: the reason of the cancellation, or `Timeout` at the deadline; `work` is dropped then.
pub(crate) async fn unless_stopped<F: Future>(cx: &Cx, work: F) -> Result<F::Output> {
    let deadline = async {
        match cx.deadline() {
            Some(deadline) => {
                let clock = &cx.host().clock;
                clock
                    .sleep(deadline.saturating_sub(clock.monotonic()))
                    .await;
            }
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        outcome = work => Ok(outcome),
        reason = cx.cancel().cancelled() => Err(reason),
        () = deadline => Err(Error::new(Kind::Timeout, "the deadline has passed")),
    }
}
