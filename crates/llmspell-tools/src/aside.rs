//! Long computations beside the event loop.

use futures::channel::oneshot;
use llmspell_core::{Cancel, Cx, Error, Kind, Result};

/// Input that is computed at once, in bytes: well below a millisecond for every tool.
const QUICK: usize = 16 * 1024;

/// Runs `work`, whose effort grows with `size`: at once if that is small, else on a thread of its own.
///
/// - Errors: those of `work`; `Bug` if it panics.
/// - Cancel: the result is dropped; `work` goes on to its end, which must come soon.
pub(crate) async fn aside<T: Send + 'static>(
    size: usize,
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    if size <= QUICK {
        return work();
    }
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name("llmspell-tool".to_owned())
        .spawn(move || sender.send(work()).ok())
        .map_err(|failure| {
            Error::new(Kind::Io, "cannot start a thread")
                .transient(true)
                .source(failure)
        })?;
    receiver.await.unwrap_or_else(|_| {
        Err(Error::new(
            Kind::Bug,
            "a computation ended without a result",
        ))
    })
}

/// As [`aside`], for work that asks its context now and then whether to go on.
///
/// - Cancel: the context that `work` gets is cancelled when the future is dropped.
pub(crate) async fn stoppable<T: Send + 'static>(
    cx: &Cx,
    size: usize,
    work: impl FnOnce(&Cx) -> Result<T> + Send + 'static,
) -> Result<T> {
    let own = cx.bounded(None, None);
    let _abandoned = Abandoned(own.clone());
    aside(size, move || work(&own)).await
}

/// Cancels a context when nobody waits for its work any more.
struct Abandoned(Cx);

impl Drop for Abandoned {
    fn drop(&mut self) {
        self.0
            .cancel()
            .cancel(Cancel::reason("nobody waits for the result"));
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::sync::mpsc;
    use std::task::{Context, Waker};

    use futures::executor::block_on;

    use super::*;
    use crate::test_world::cx;

    #[test]
    fn large_work_runs_on_another_thread() {
        let here = std::thread::current().id();
        let ran_on = |size| block_on(aside(size, || Ok(std::thread::current().id()))).unwrap();
        assert_eq!(ran_on(QUICK), here);
        assert_ne!(ran_on(QUICK + 1), here);
    }

    #[test]
    fn errors_and_panics_come_back() {
        let failed = block_on(aside(QUICK + 1, || {
            Err::<(), _>(Error::new(Kind::Execution, "no"))
        }));
        assert_eq!(failed.unwrap_err().message(), "no");
        let panicked = block_on(aside(QUICK + 1, || -> Result<()> {
            std::panic::resume_unwind(Box::new("on purpose"))
        }));
        assert_eq!(panicked.unwrap_err().kind(), Kind::Bug);
    }

    #[test]
    fn work_that_nobody_waits_for_is_told_to_stop() {
        let cx = cx();
        let (done, stopped) = mpsc::channel();
        let mut running = Box::pin(stoppable(&cx, QUICK + 1, move |cx| {
            while cx.check().is_ok() {
                std::thread::yield_now();
            }
            done.send(()).ok();
            Ok(())
        }));
        let polled = running
            .as_mut()
            .poll(&mut Context::from_waker(Waker::noop()));
        assert!(polled.is_pending());
        drop(running);
        stopped.recv().unwrap();
        assert!(cx.check().is_ok());
    }
}
