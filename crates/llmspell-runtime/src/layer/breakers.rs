//! Leaves tools alone that keep failing.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Layer, Next, Op, Result, Value};

use crate::tool::ToolBreakers;

/// Refuses calls of tools that keep failing, as `[tools.NAME] circuit_breaker` says.
///
/// - Order: inside of the journal, so that an answer from there is no success, and around `rates`, so that a refused call
///   takes no turn. However often a call is attempted, it fails or succeeds once.
/// - Defaults: no tool has one.
#[derive(Debug)]
pub(super) struct Circuits {
    breakers: Arc<ToolBreakers>,
}

impl Circuits {
    pub(super) fn new(breakers: Arc<ToolBreakers>) -> Self {
        Self { breakers }
    }
}

impl Layer for Circuits {
    fn applies(&self, op: &Op) -> bool {
        op.tool_info().is_some() && self.breakers.has(op.verb())
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            let cx = call.cx.clone();
            let admitted = self.breakers.admit(&cx, call.op.verb(), &call.args)?;
            let outcome = next.run(call).await;
            if let Some(admitted) = admitted {
                admitted.ended(&cx, &outcome);
            }
            outcome
        })
    }
}
