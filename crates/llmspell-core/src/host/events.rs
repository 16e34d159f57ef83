//! The event bus of a run, as ops see it.

use futures::future::BoxFuture;

use crate::cx::Cx;
use crate::error::Result;
use crate::value::Value;

/// The event bus of a run. What an op publishes goes the way of what a spell publishes, its hooks included.
pub trait Events: Send + Sync {
    /// Publishes an event of the type `name` with the facts `data`, in the name of `source`, and returns when every
    /// subscription has it.
    ///
    /// The event belongs to what caused the call of `cx`. It may be published from work that goes on beside the calls.
    ///
    /// - Errors: `Limit` if a subscription rejects it, `RateLimited` if the bus takes no more at the moment, `Cancelled` if
    ///   a hook forbids it.
    /// - Cancel: dropping the future drops the event for the subscriptions that were waited for.
    /// - Replay: nothing is published by a call whose result is taken from the journal.
    fn publish<'a>(
        &'a self,
        cx: &'a Cx,
        source: &'a str,
        name: &'a str,
        data: Value,
    ) -> BoxFuture<'a, Result<()>>;
}
