//! The one interface to every model.

use std::sync::Arc;

use crate::event::EventStream;
use crate::price::ModelInfo;
use crate::request::Request;

/// A model that answers requests.
///
/// Implementations keep no conversation: a request holds all of it. They do not retry, log or limit; errors say whether
/// a repetition can help ([`llmspell_core::Error::is_retryable`]) and, where the provider said so, when
/// (`retry_after_ms` in the details).
pub trait Model: Send + Sync {
    /// Returns what is known about the model: limits, prices, capabilities.
    fn info(&self) -> &ModelInfo;

    /// Asks the model. Nothing is sent before the stream is first polled; [`Request::model`] is ignored, because the
    /// implementation is bound to a model.
    ///
    /// - Errors: the last item of the stream. `Auth`, `RateLimited`, `Remote`, `Timeout`, `Limit`, `NotFound`,
    ///   `InvalidArgs`, `Config`.
    /// - Cancel: dropping the stream closes the connection.
    fn stream(&self, request: Request) -> EventStream;
}

impl<M: Model + ?Sized> Model for Arc<M> {
    fn info(&self) -> &ModelInfo {
        (**self).info()
    }

    fn stream(&self, request: Request) -> EventStream {
        (**self).stream(request)
    }
}
