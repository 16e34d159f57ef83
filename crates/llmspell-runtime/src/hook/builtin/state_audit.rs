//! `StateAudit`: every write of state is logged.

use llmspell_core::value::to_record;
use llmspell_core::{Result, Value};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::at_once;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {}

/// Logs who wrote what where, never the value.
pub(super) struct StateAudit;

pub(super) fn new(_: Config) -> Result<StateAudit> {
    Ok(StateAudit)
}

impl Hook for StateAudit {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let value = context.data.get("value").unwrap_or(&Value::Null);
        tracing::info!(
            target: "llmspell::audit",
            scope = context.text("scope"),
            key = context.text("key"),
            operation = context.text("operation"),
            bytes = to_record(value).len(),
            correlation = %context.correlation(),
            "state was written"
        );
        at_once(Ok(Answer::Continue))
    }
}
