//! Pieces of a result that a call hands out before it ends.

use std::sync::Arc;

use futures::future::BoxFuture;

use crate::error::Result;
use crate::value::Value;

/// What a receiver of pieces wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Go on.
    Continue,
    /// End early, with what there is so far.
    Stop,
}

/// Receives the pieces of a streaming call, in order. The call waits for each send, which is the backpressure.
#[derive(Clone)]
pub struct Sink(Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Flow>> + Send + Sync>);

impl Sink {
    /// Wraps the function that receives each piece.
    pub fn new(
        receive: impl Fn(Value) -> BoxFuture<'static, Result<Flow>> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(receive))
    }

    /// Hands out one piece.
    ///
    /// - Errors: what the receiver raised; the call must then end with that error.
    pub async fn send(&self, piece: Value) -> Result<Flow> {
        (self.0)(piece).await
    }
}

impl std::fmt::Debug for Sink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sink")
    }
}
