//! Confined processes that evaluate hostile input.

use std::time::Duration;

use futures::future::BoxFuture;

use crate::error::Result;
use crate::value::Value;

/// A confined process that evaluates hostile input.
pub trait Worker: Send + Sync {
    /// Runs the job of that name over `input` and returns its result.
    ///
    /// The job gets what stands in `input` and nothing else: the bytes of a file are a [`Value::Bytes`] in it, which
    /// crosses to the worker as it is.
    ///
    /// - Errors: the job's own; `Timeout` when `limit` has passed; `Limit` when the job exhausted memory or stack.
    ///   The worker process is replaced then; the runtime never dies with it.
    /// - Cancel: dropping the future kills the worker process.
    fn run(
        &self,
        job: &'static str,
        input: Value,
        limit: Duration,
    ) -> BoxFuture<'static, Result<Value>>;
}
