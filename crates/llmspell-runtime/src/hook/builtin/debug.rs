//! `DebugLogger`: every call of hooks, for whoever looks for a defect.

use futures::future::BoxFuture;
use llmspell_core::value::{to_json, to_json_pretty};
use llmspell_core::{Cx, Result, Value};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::Hook;
use super::at_once;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    log_all_hooks: bool,
    log_context: bool,
    log_timing: bool,
    pretty_print: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_all_hooks: true,
            log_context: true,
            log_timing: true,
            pretty_print: true,
        }
    }
}

pub(super) struct DebugLogger(Config);

pub(super) fn new(config: Config) -> Result<DebugLogger> {
    Ok(DebugLogger(config))
}

impl Hook for DebugLogger {
    fn call<'a>(&'a self, _: &'a Cx, context: &'a mut Context) -> BoxFuture<'a, Result<Answer>> {
        let config = &self.0;
        if config.log_all_hooks {
            let data = Value::Map(context.data.clone());
            let shown = match (config.log_context, config.pretty_print) {
                (false, _) => None,
                (true, true) => Some(to_json_pretty(&data)),
                (true, false) => Some(to_json(&data)),
            };
            let took = context.data.get("duration_ms").and_then(Value::as_float);
            tracing::debug!(
                target: "llmspell::hook",
                point = context.point.name(),
                component = context.component.name,
                attempt = context.attempt,
                duration_ms = took.filter(|_| config.log_timing),
                data = shown,
                "hook point"
            );
        }
        at_once(Ok(Answer::Continue))
    }
}
