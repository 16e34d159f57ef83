//! Asks the policies of sessions.

use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Call, Layer, Next, Op, Result, Value};

use crate::journal::Journal;

/// Asks the policies of the session that a call is made for, if the script chose one that has any.
///
/// Another call pays for one look at which session is chosen.
///
/// - Order: right around the journal, since what a policy refuses is no operation of the session.
/// - Defaults: no policies.
#[derive(Debug)]
pub(super) struct Policed {
    journal: Arc<Journal>,
}

impl Policed {
    pub(super) fn new(journal: Arc<Journal>) -> Self {
        Self { journal }
    }
}

impl Layer for Policed {
    fn applies(&self, op: &Op) -> bool {
        op.is_recorded()
    }

    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        match self.journal.current().guarded(call.op.name()) {
            None => next.run(call),
            Some(session) => Box::pin(async move {
                session.admit(&call).await?;
                next.run(call).await
            }),
        }
    }
}
