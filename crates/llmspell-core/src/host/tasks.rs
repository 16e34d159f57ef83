//! Work that goes on beside the calls of a run.

use futures::future::BoxFuture;

use crate::error::Result;

/// Work that goes on beside the calls of a run. Ops start it with [`Cx::beside`](crate::Cx::beside), which ends it with
/// the run.
pub trait Tasks: Send + Sync {
    /// Runs `task` until it ends by itself.
    ///
    /// - Errors: `Denied` where a run has nothing to run it with.
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<()>;
}
