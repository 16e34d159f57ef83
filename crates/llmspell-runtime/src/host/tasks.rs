//! Work beside the calls, on the threads of the runtime.

use futures::future::BoxFuture;
use llmspell_core::{Result, Tasks, error};

/// Runs work on the threads of the runtime that it is started from.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemTasks;

impl Tasks for SystemTasks {
    fn spawn(&self, task: BoxFuture<'static, ()>) -> Result<()> {
        let threads = tokio::runtime::Handle::try_current()
            .map_err(|cause| error!(Denied, "work beside a call is not possible here: {cause}"))?;
        threads.spawn(task);
        Ok(())
    }
}
