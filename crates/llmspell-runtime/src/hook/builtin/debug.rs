//! `DebugLogger`: every call of hooks, for whoever looks for a defect.

use std::iter::successors;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use llmspell_core::host::WriteMode;
use llmspell_core::value::{to_json, to_json_pretty};
use llmspell_core::{Cx, Map, Result, Value};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::{at_once, export};
use crate::host::resident_memory;
use crate::secret;

/// The file of the outputs `file` and `both`, in the working directory: one JSON object for each line.
const FILE: &str = "llmspell-debug.jsonl";

/// The target of the records of the outputs `console` and `both`. Who enables the hook wants to see them, so a log
/// shows this target unless its filter names it.
pub const TARGET: &str = "llmspell::debug_logger";

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Output {
    /// Standard error, as records of the target `llmspell::debug_logger`, whatever the level of the log.
    Console,
    File,
    Both,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    log_all_hooks: bool,
    log_context: bool,
    log_timing: bool,
    log_memory: bool,
    pretty_print: bool,
    /// How deep data is shown.
    max_depth: usize,
    /// Whether the calls are named that the point is within.
    include_stack_trace: bool,
    output: Output,
    /// Calls that are logged; later ones are not.
    max_traces: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_all_hooks: true,
            log_context: true,
            log_timing: true,
            log_memory: false,
            pretty_print: true,
            max_depth: 5,
            include_stack_trace: false,
            output: Output::Console,
            max_traces: 1000,
        }
    }
}

pub(super) struct DebugLogger {
    config: Config,
    file: Arc<Path>,
    traces: AtomicU64,
}

pub(super) fn new(config: Config) -> Result<DebugLogger> {
    Ok(DebugLogger {
        config,
        file: Path::new(FILE).into(),
        traces: AtomicU64::new(0),
    })
}

impl DebugLogger {
    /// Returns what is said of a call.
    fn facts(&self, cx: &Cx, context: &Context<'_>) -> Map {
        let config = &self.config;
        let mut facts = Map::from([
            ("point", context.point.name().into()),
            ("component", context.component.name.as_str().into()),
            ("attempt", context.attempt.into()),
        ]);
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                facts.insert(name, value);
            }
        };
        let took = context.data.get("duration_ms").cloned();
        put("duration_ms", took.filter(|_| config.log_timing));
        let memory = config.log_memory.then(resident_memory).flatten();
        put("memory_bytes", memory.map(Value::from));
        let stack = || {
            let calls = successors(Some(cx), |cx| cx.parent());
            let mut ids: Vec<String> = calls.map(|cx| cx.id().to_string()).collect();
            ids.dedup();
            ids.into_iter().map(Value::from).collect()
        };
        put("stack", config.include_stack_trace.then(stack));
        if config.log_context {
            let data = Value::Map((*context.data).clone());
            let data = secret::strike(&data, &*cx.host().secrets).unwrap_or(data);
            put("data", Some(shallow(&data, config.max_depth)));
        }
        facts
    }

    fn log(&self, facts: &Map) {
        // The macro has a `Value` of its own.
        let text = |name: &str| facts.get(name).map(to_json);
        let word = |name: &str| facts.get(name).and_then(Value::as_str);
        let (point, component) = (word("point"), word("component"));
        let data = facts
            .get("data")
            .map(|data| match self.config.pretty_print {
                true => to_json_pretty(data),
                false => to_json(data),
            });
        tracing::info!(
            target: TARGET,
            point,
            component,
            attempt = text("attempt"),
            duration_ms = text("duration_ms"),
            memory_bytes = text("memory_bytes"),
            stack = text("stack"),
            data,
            "hook point"
        );
    }
}

/// Returns a value whose deeper parts are left out.
fn shallow(value: &Value, depth: usize) -> Value {
    match value {
        Value::Map(members) if depth == 0 && !members.is_empty() => "{…}".into(),
        Value::List(items) if depth == 0 && !items.is_empty() => "[…]".into(),
        Value::Map(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| (name.clone(), shallow(value, depth - 1)));
            Value::Map(members.collect())
        }
        Value::List(items) => items.iter().map(|item| shallow(item, depth - 1)).collect(),
        other => other.clone(),
    }
}

impl Hook for DebugLogger {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let config = &self.config;
        let is_wanted =
            config.log_all_hooks && self.traces.fetch_add(1, Ordering::Relaxed) < config.max_traces;
        if !is_wanted {
            return at_once(Ok(Answer::Continue));
        }
        let facts = self.facts(cx, context);
        if config.output != Output::File {
            self.log(&facts);
        }
        if config.output == Output::Console {
            return at_once(Ok(Answer::Continue));
        }
        let line = format!("{}\n", to_json(&Value::Map(facts)));
        Box::pin(async move {
            export::write(cx, self.file.clone(), WriteMode::Append, line).await?;
            Ok(Answer::Continue)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn deep_parts_are_left_out() {
        let value: Value = json!({"a": {"b": [1, {"c": 2}], "e": []}, "d": 1}).into();
        let shown = |depth| shallow(&value, depth).to_serde_json();
        assert_eq!(shown(0), json!("{…}"));
        assert_eq!(shown(1), json!({"a": "{…}", "d": 1}));
        assert_eq!(shown(2), json!({"a": {"b": "[…]", "e": []}, "d": 1}));
        assert_eq!(shown(4), value.to_serde_json());
    }
}
