//! `AuditLogger`: a record of every operation.

use futures::future::BoxFuture;
use llmspell_core::value::to_json;
use llmspell_core::{Cx, Result, Value};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::Hook;
use super::at_once;
use crate::secret;

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Level {
    Trace,
    Debug,
    Info,
    Warn,
    Error,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    log_level: Level,
    include_input: bool,
    include_output: bool,
    include_metadata: bool,
    redact_sensitive: bool,
    /// Most bytes of input and output, each.
    max_data_size: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            log_level: Level::Info,
            include_input: true,
            include_output: false,
            include_metadata: true,
            redact_sensitive: true,
            max_data_size: 1024,
        }
    }
}

pub(super) struct AuditLogger(Config);

pub(super) fn new(config: Config) -> Result<AuditLogger> {
    Ok(AuditLogger(config))
}

impl AuditLogger {
    fn shown(&self, wanted: bool, value: Option<&Value>, cx: &Cx) -> Option<String> {
        let value = value.filter(|_| wanted)?;
        let hidden = match self.0.redact_sensitive {
            true => secret::strike(value, &*cx.host().secrets).unwrap_or_else(|| hide(value)),
            false => value.clone(),
        };
        let mut text = to_json(&hidden);
        if text.len() > self.0.max_data_size {
            let mut end = self.0.max_data_size;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push('…');
        }
        Some(text)
    }

    fn record(&self, cx: &Cx, context: &Context) {
        let input = context
            .data
            .get("parameters")
            .or_else(|| context.data.get("prompt"));
        let input = self.shown(self.0.include_input, input, cx);
        let output = self.shown(self.0.include_output, context.data.get("output"), cx);
        let metadata = Value::Map(context.metadata.clone());
        let metadata = self.shown(self.0.include_metadata, Some(&metadata), cx);
        let error = context.text("error_message");
        let (point, component) = (context.point.name(), context.component.name.as_str());
        let correlation = context.correlation;
        macro_rules! write {
            ($level:ident) => {
                tracing::$level!(
                    target: "llmspell::audit",
                    point, component, %correlation, input, output, metadata, error,
                )
            };
        }
        match self.0.log_level {
            Level::Trace => write!(trace),
            Level::Debug => write!(debug),
            Level::Info => write!(info),
            Level::Warn => write!(warn),
            Level::Error => write!(error),
        }
    }
}

/// Hides members whose name says that they are secret.
fn hide(value: &Value) -> Value {
    match value {
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(|(name, value)| match secret::is_name(name) {
                    true => (name.clone(), "***".into()),
                    false => (name.clone(), hide(value)),
                })
                .collect(),
        ),
        Value::List(items) => items.iter().map(hide).collect(),
        other => other.clone(),
    }
}

impl Hook for AuditLogger {
    fn call<'a>(&'a self, cx: &'a Cx, context: &'a mut Context) -> BoxFuture<'a, Result<Answer>> {
        self.record(cx, context);
        at_once(Ok(Answer::Continue))
    }
}
