//! Lets calls of tools wait for their turn.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Layer, Next, Op, Result, Value};

use crate::rate::ToolRates;

/// Lets calls of tools wait for their turn, as `tools.rate_limit_per_minute` and `[tools.NAME] rate_limit` say. The wait is
/// part of the call's time.
///
/// - Order: inside of the journal, so that an answer from there needs no turn, and around retry: a call takes one turn
///   however often it is attempted.
/// - Defaults: no bounds.
#[derive(Debug)]
pub(super) struct Turnstile {
    rates: Arc<ToolRates>,
}

impl Turnstile {
    pub(super) fn new(rates: Arc<ToolRates>) -> Self {
        Self { rates }
    }
}

impl Layer for Turnstile {
    fn applies(&self, op: &Op) -> bool {
        op.tool_info().is_some() && self.rates.bounds_tools()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            self.rates.enter_tool(&call.cx, call.op.verb()).await?;
            next.run(call).await
        })
    }
}
