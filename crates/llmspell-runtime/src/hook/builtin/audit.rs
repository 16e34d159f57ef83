//! `AuditLogger`: a record of every operation.

use std::path::Path;
use std::sync::Arc;

use llmspell_core::host::WriteMode;
use llmspell_core::value::to_json;
use llmspell_core::{Cx, Files, Kind, Result, Value, error};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::{at_once, export};
use crate::agent::moment;
use crate::event;
use crate::secret;

/// Microseconds.
const DAY: i64 = 24 * 3_600_000_000;

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
    /// `log` (target `llmspell::audit`), `event` (`audit.record`), and files: `file:PATH`, one JSON object for each line.
    destinations: Vec<String>,
    /// Days after which records leave the files.
    retention_days: u32,
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
            destinations: vec!["log".to_owned()],
            retention_days: 30,
            max_data_size: 1024,
        }
    }
}

pub(super) struct AuditLogger {
    config: Config,
    logs: bool,
    publishes: bool,
    files: Vec<Arc<Path>>,
    /// Whether old records left the files already.
    swept: tokio::sync::Mutex<bool>,
}

pub(super) fn new(config: Config) -> Result<AuditLogger> {
    let (mut logs, mut publishes, mut files) = (false, false, Vec::new());
    for destination in &config.destinations {
        match destination.as_str() {
            "log" => logs = true,
            "event" => publishes = true,
            other => match other.strip_prefix("file:").filter(|path| !path.is_empty()) {
                Some(path) => files.push(Path::new(path).into()),
                None => {
                    return Err(error!(InvalidArgs, "'{other}' is no destination")
                        .hint("write 'log', 'event' or 'file:PATH'"));
                }
            },
        }
    }
    Ok(AuditLogger {
        config,
        logs,
        publishes,
        files,
        swept: tokio::sync::Mutex::new(false),
    })
}

impl AuditLogger {
    fn shown(&self, wanted: bool, value: Option<&Value>, cx: &Cx) -> Option<String> {
        let value = value.filter(|_| wanted)?;
        let hidden = match self.config.redact_sensitive {
            true => secret::strike(value, &*cx.host().secrets).unwrap_or_else(|| hide(value)),
            false => value.clone(),
        };
        let mut text = to_json(&hidden);
        if text.len() > self.config.max_data_size {
            let mut end = self.config.max_data_size;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push('…');
        }
        Some(text)
    }

    /// Writes a record to the log and the bus, and returns it for the files.
    fn record(&self, cx: &Cx, context: &Context<'_>) -> Option<Value> {
        let input = self.shown(self.config.include_input, input(context).as_ref(), cx);
        let output = self.shown(self.config.include_output, context.data.get("output"), cx);
        let metadata = Value::Map(context.all_metadata());
        let metadata = self.shown(self.config.include_metadata, Some(&metadata), cx);
        let error = context.text("error_message");
        let (point, component) = (context.point.name(), context.component.name.as_str());
        let correlation = context.correlation();
        macro_rules! write {
            ($level:ident) => {
                tracing::$level!(
                    target: "llmspell::audit",
                    point, component, %correlation, input, output, metadata, error,
                )
            };
        }
        match self.config.log_level {
            _ if !self.logs => {}
            Level::Trace => write!(trace),
            Level::Debug => write!(debug),
            Level::Info => write!(info),
            Level::Warn => write!(warn),
            Level::Error => write!(error),
        }
        if !self.publishes && self.files.is_empty() {
            return None;
        }
        let record = Value::from([
            ("timestamp", moment::text(cx.host().clock.now()).into()),
            ("point", point.into()),
            ("component", component.into()),
            ("correlation_id", correlation.to_string().into()),
            ("input", input.into()),
            ("output", output.into()),
            ("metadata", metadata.into()),
            ("error", error.into()),
        ]);
        if self.publishes {
            event::tell(cx, "audit", "audit.record", || record.clone());
        }
        Some(record)
    }

    /// Appends a record to the files; the first one takes the old ones out.
    async fn keep(&self, cx: &Cx, record: Value) -> Result<()> {
        let mut swept = self.swept.lock().await;
        let is_first = !std::mem::replace(&mut *swept, true);
        for file in &self.files {
            if is_first {
                self.sweep(cx, file.clone()).await?;
            }
            let line = format!("{}\n", to_json(&record));
            export::write(cx, file.clone(), WriteMode::Append, line).await?;
        }
        Ok(())
    }

    /// Takes records out that are too old. What is no record stays.
    async fn sweep(&self, cx: &Cx, file: Arc<Path>) -> Result<()> {
        let days = i64::from(self.config.retention_days);
        let oldest = cx.host().clock.now() - days * DAY;
        let work = move |files: &dyn Files, _: &Cx| {
            let text = match files.read_text(&file, None) {
                Err(missing) if missing.kind() == Kind::NotFound => return Ok(()),
                text => text?,
            };
            let is_kept = |line: &&str| {
                let record: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
                let at = record["timestamp"].as_str();
                let at = at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
                at.is_none_or(|at| at.as_microsecond() >= oldest)
            };
            let kept: Vec<&str> = text.lines().filter(is_kept).collect();
            if kept.len() == text.lines().count() {
                return Ok(());
            }
            let mut kept = kept.join("\n");
            if !kept.is_empty() {
                kept.push('\n');
            }
            files
                .write(&file, WriteMode::Replace, kept.as_bytes())
                .map(drop)
        };
        cx.files(work).await
    }
}

/// Returns what an operation was given: parameters, a prompt, or where and what of state.
fn input(context: &Context<'_>) -> Option<Value> {
    let of = |name: &str| context.data.get(name).cloned();
    if context.component.kind == "State" {
        let members = ["scope", "key", "value", "operation"];
        let members = members.map(|name| Some((name.to_owned(), of(name)?)));
        return Some(Value::Map(members.into_iter().flatten().collect()));
    }
    of("parameters").or_else(|| of("prompt"))
}

/// Hides members whose name says that they are secret.
fn hide(value: &Value) -> Value {
    match value {
        Value::Map(members) => Value::Map(
            members
                .iter()
                .map(
                    |(name, value)| match !is_count(value) && secret::is_name(name) {
                        true => (name.clone(), "***".into()),
                        false => (name.clone(), hide(value)),
                    },
                )
                .collect(),
        ),
        Value::List(items) => items.iter().map(hide).collect(),
        other => other.clone(),
    }
}

/// Returns whether a value is one that `tokens` and such have where they are counted.
fn is_count(value: &Value) -> bool {
    matches!(value, Value::Int(_) | Value::Float(_))
}

impl Hook for AuditLogger {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        match self.record(cx, context).filter(|_| !self.files.is_empty()) {
            None => at_once(Ok(Answer::Continue)),
            Some(record) => Box::pin(async move {
                self.keep(cx, record).await?;
                Ok(Answer::Continue)
            }),
        }
    }
}
