//! Jobs in the worker process, seen from a tool.

use std::time::Duration;

use llmspell_core::{Cx, Result, Value};

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
