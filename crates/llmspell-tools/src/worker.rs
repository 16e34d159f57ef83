//! Jobs in the worker process, seen from a tool.

use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use futures::StreamExt as _;
use futures::channel::mpsc::{UnboundedSender, unbounded};
use futures::future::join;
use llmspell_core::{Cx, Error, Files, Kind, Result, Value};

/// Runs a job in the worker for as long as the call may last, or `limit` if nothing bounds the call.
///
/// - Errors: the job's own; `Timeout`; `Limit` when the job exhausted memory or stack.
/// - Cancel: dropping the future kills the worker process.
pub(crate) async fn run(
    cx: &Cx,
    job: &'static str,
    request: Value,
    limit: Duration,
) -> Result<Value> {
    let host = cx.host();
    let left = cx
        .deadline()
        .map(|deadline| deadline.saturating_sub(host.clock.monotonic()));
    host.worker.run(job, request, left.unwrap_or(limit)).await
}

/// The worker as work with files asks it, on a thread that may wait.
pub(crate) struct Asking {
    requests: UnboundedSender<Value>,
    answers: Receiver<Result<Value>>,
}

impl Asking {
    /// Runs the job and waits for its answer.
    ///
    /// - Errors: those of [`run`]; `Cancelled` when the call has gone away.
    pub(crate) fn ask(&self, request: Value) -> Result<Value> {
        let gone = || Error::new(Kind::Cancelled, "nobody waits for the result");
        self.requests.unbounded_send(request).map_err(|_| gone())?;
        self.answers.recv().unwrap_or_else(|_| Err(gone()))
    }
}

/// Does work with files that asks the worker for one job as it goes, each time bounded as with [`run`].
///
/// - Cancel: the work is told at its next question, and by its context.
pub(crate) async fn asked<T: Send + 'static>(
    cx: &Cx,
    (job, limit): (&'static str, Duration),
    work: impl FnOnce(&dyn Files, &Cx, &Asking) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (requests, mut questions) = unbounded();
    let (answer, answers) = channel();
    let asking = Asking { requests, answers };
    let work = cx.files(move |files, cx| work(files, cx, &asking));
    // Ends with the work, which drops its side.
    let serve = async {
        while let Some(request) = questions.next().await {
            // Work that has ended meanwhile does not want the answer.
            let _ = answer.send(run(cx, job, request, limit).await);
        }
    };
    let (done, ()) = join(work, serve).await;
    done
}
