//! Makes the spans of telemetry.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Layer, Next, Op, Result, Value};

use crate::telemetry::{self, Telemetry};

/// Opens and ends the spans of agents, models, tools and workflows. A call without telemetry pays for one look at a flag.
///
/// - Order: right after the trace, so that durations are those that the caller sees.
pub(super) struct Spans {
    telemetry: Arc<Telemetry>,
}

impl Spans {
    pub(super) fn new(telemetry: Arc<Telemetry>) -> Self {
        Self { telemetry }
    }
}

impl Layer for Spans {
    fn applies(&self, op: &Op) -> bool {
        telemetry::concerns(op)
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let Some(open) = self.telemetry.open(&call) else {
            return next.run(call);
        };
        Box::pin(async move {
            let outcome = next.run(call).await;
            open.end(&outcome);
            outcome
        })
    }
}
