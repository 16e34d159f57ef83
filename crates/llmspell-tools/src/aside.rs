//! Long computations beside the event loop.

use futures::channel::oneshot;
use llmspell_core::{Error, Kind, Result};

/// Input that is computed at once, in bytes: well below a millisecond for every tool.
const QUICK: usize = 16 * 1024;

/// Runs `work`, whose effort grows with `size`: at once if that is small, else on a thread of its own.
///
/// - Errors: those of `work`; `Bug` if it panics.
/// - Cancel: the result is dropped; `work` itself must be bounded or check its context.
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

#[cfg(test)]
mod tests {
    use futures::executor::block_on;

    use super::*;

    #[test]
    fn large_work_runs_on_another_thread() {
        let here = std::thread::current().id();
        let ran_on = |size| block_on(aside(size, || Ok(std::thread::current().id()))).unwrap();
        assert_eq!(ran_on(QUICK), here);
        assert_ne!(ran_on(QUICK + 1), here);
    }

    #[test]
    fn errors_come_back() {
        let failed = block_on(aside(QUICK + 1, || {
            Err::<(), _>(Error::new(Kind::Execution, "no"))
        }));
        assert_eq!(failed.unwrap_err().message(), "no");
    }
}
