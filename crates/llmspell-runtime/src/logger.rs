//! The global `Logger`.

use llmspell_core::value::to_json;
use llmspell_core::{Cx, Module, Op, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::event;

/// Returns the table of `Logger`.
pub fn module() -> Module {
    Module::new("logger", "Logger", "Structured records on standard error.")
        .op(Op::new("trace", trace).positional())
        .op(Op::new("debug", debug).positional())
        .op(Op::new("info", info).positional())
        .op(Op::new("warn", warn).positional())
        .op(Op::new("error", error).positional())
}

/// Writes a log record with the target `script`.
#[derive(Deserialize, JsonSchema)]
struct Record {
    /// The sentence.
    message: Value,
    /// Facts that belong to it.
    #[serde(default)]
    data: Option<Value>,
}

impl Record {
    fn message(&self) -> String {
        match &self.message {
            Value::Str(text) => text.clone(),
            other => to_json(other),
        }
    }

    fn data(&self) -> Option<String> {
        self.data.as_ref().map(to_json)
    }

    /// Warnings and errors are events as well.
    async fn announce(&self, cx: &Cx, kind: &str) {
        let facts = || {
            Value::from([
                ("message", self.message().into()),
                ("data", self.data.clone().unwrap_or_default()),
            ])
        };
        event::announce(cx, "runtime", kind, facts).await;
    }
}

macro_rules! level {
    ($name:ident $(, $event:literal)?) => {
        async fn $name(cx: Cx, record: Record) -> Result<()> {
            match record.data() {
                Some(data) => {
                    tracing::$name!(target: "script", session_id = cx.session(), data, "{}", record.message());
                }
                None => tracing::$name!(target: "script", session_id = cx.session(), "{}", record.message()),
            }
            $( record.announce(&cx, $event).await; )?
            Ok(())
        }
    };
}

level!(trace);
level!(debug);
level!(info);
level!(warn, "log.warn");
level!(error, "log.error");
