//! Where kept events are read again.

use futures::future::BoxFuture;
use llmspell_core::{Result, Value};

/// The kept events of a run.
pub trait Archive: Send + Sync {
    /// Hands the kept events to `take`, oldest first, as scripts see them. Those on their way to the store are waited for.
    ///
    /// - Errors: what the store says; `Corrupt` for an event that is none.
    fn read<'a>(&'a self, take: Box<dyn FnMut(Value) + Send + 'a>) -> BoxFuture<'a, Result<()>>;

    /// As [`read`](Self::read), the events that earlier runs of the session's name kept, if it was given one.
    fn earlier<'a>(&'a self, take: Box<dyn FnMut(Value) + Send + 'a>) -> BoxFuture<'a, Result<()>>;
}
