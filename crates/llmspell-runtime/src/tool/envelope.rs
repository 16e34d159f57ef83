//! What every tool call answers.

use std::time::Duration;

use llmspell_core::value::to_json;
use llmspell_core::{CallId, Error, Map, Outcome, Value};

use super::cap;

/// The answer of a tool call, whether it succeeded or not.
#[derive(Clone, Debug)]
pub struct Envelope {
    /// Canonical name of the tool.
    pub tool: String,
    /// Canonical name of the operation that ran or was asked for.
    pub operation: String,
    /// What the tool returned.
    pub outcome: Result<Outcome, Error>,
    /// How long the call took.
    pub duration: Duration,
    /// The call in the journal.
    pub call_id: CallId,
    pub(super) model_output_bytes: usize,
}

impl Envelope {
    /// Returns whether the tool did what was asked.
    pub fn is_success(&self) -> bool {
        self.outcome.is_ok()
    }

    /// Returns the form that scripts see. Its derived members (`text`, `result`, read-through to `data`) are the
    /// binder's.
    pub fn into_value(self) -> Value {
        let success = self.is_success();
        let (data, output, error, kind, mut metadata) = match self.outcome {
            Ok(outcome) => {
                let output = outcome.output.unwrap_or_else(|| outcome.data.clone());
                (
                    outcome.data,
                    output,
                    Value::Null,
                    Value::Null,
                    outcome.metadata,
                )
            }
            Err(error) => (
                error.details().get("data").cloned().unwrap_or_default(),
                Value::Null,
                sentence(&error).into(),
                error.kind().name().into(),
                failure(&error),
            ),
        };
        metadata.extend([
            ("duration_ms", self.duration.as_millis().into()),
            ("tool", self.tool.into()),
            ("call_id", self.call_id.hex().into()),
        ]);
        Value::from(Map::from([
            ("success", success.into()),
            ("operation", self.operation.into()),
            ("data", data),
            ("output", output),
            ("error", error),
            ("error_kind", kind),
            ("metadata", metadata.into()),
        ]))
    }

    /// Returns the primary value, natural type; what the model would read for a failure.
    pub fn primary(&self) -> Value {
        match &self.outcome {
            Ok(outcome) => outcome.primary().clone(),
            Err(error) => told(error),
        }
    }

    /// Returns the text that a model gets, and whether it tells of a failure.
    ///
    /// The text is the primary value, or the compact JSON of `data` when that is a table. A text that is too long ends
    /// with a note that says so.
    pub fn for_model(&self) -> (String, bool) {
        match &self.outcome {
            Ok(outcome) => (self.clipped(model_text(outcome)), false),
            Err(error) => (self.clipped(to_json(&told(error))), true),
        }
    }

    fn clipped(&self, text: String) -> String {
        let (max, length) = (self.model_output_bytes, text.len());
        if length <= max {
            return text;
        }
        let kept = cap::clip(&text, max);
        format!(
            "{kept}\n[cut: these are the first {} of {length} bytes]",
            kept.len()
        )
    }
}

fn model_text(outcome: &Outcome) -> String {
    match outcome.primary() {
        Value::Str(text) => text.clone(),
        Value::Map(_) | Value::List(_) | Value::Null => to_json(&outcome.data),
        scalar => to_json(scalar),
    }
}

/// Returns what a model reads of a failure: `{error, error_kind, hint?}`.
pub(crate) fn told(error: &Error) -> Value {
    let mut told = Map::from([
        ("error", Value::from(error.message_alone())),
        ("error_kind", error.kind().name().into()),
    ]);
    if !error.hints().is_empty() {
        told.insert("hint", error.hints().join("; ").into());
    }
    if let Some(data) = error.details().get("data") {
        told.insert("data", data.clone());
    }
    Value::Map(told)
}

fn sentence(error: &Error) -> String {
    match error.hints().first() {
        Some(hint) => format!("{} ({hint})", error.message_alone()),
        None => error.message().to_owned(),
    }
}

/// Returns the facts around a failure.
fn failure(error: &Error) -> Map {
    let mut metadata = Map::new();
    if !error.hints().is_empty() {
        let hints = error.hints().iter().map(|hint| Value::from(hint.as_str()));
        metadata.insert("hints", hints.collect());
    }
    let mut details = error.details().clone();
    details.shift_remove("data");
    // What hooks noted of the call.
    if let Some(Value::Map(noted)) = details.shift_remove("metadata") {
        metadata.extend(noted);
    }
    if !details.is_empty() {
        metadata.insert("details", Value::Map(details));
    }
    metadata
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::error;
    use serde_json::json;

    fn envelope(outcome: Result<Outcome, Error>) -> Envelope {
        Envelope {
            tool: "t".into(),
            operation: "run".into(),
            outcome,
            duration: Duration::from_micros(2500),
            call_id: CallId::ROOT,
            model_output_bytes: 20,
        }
    }

    #[track_caller]
    fn told_of(outcome: Outcome, text: &str) {
        assert_eq!(envelope(Ok(outcome)).for_model(), (text.to_owned(), false));
    }

    #[test]
    fn models_read_the_primary_value_or_the_data() {
        told_of(Outcome::new("run", 6), "6");
        told_of(Outcome::new("run", Map::new()).output("plain"), "plain");
        let data: Value = json!({"a": [1]}).into();
        told_of(Outcome::new("run", data.clone()), r#"{"a":[1]}"#);
        told_of(
            Outcome::new("run", data).output(json!({"b": 1})),
            r#"{"a":[1]}"#,
        );
        told_of(
            Outcome::new("run", "0123456789012345678901234"),
            "01234567890123456789\n[cut: these are the first 20 of 25 bytes]",
        );
    }

    #[test]
    fn a_failure_is_told_with_its_way_out() {
        let mut failed = envelope(Err(error!(NotFound, "no file 'x'").hint("try 'y'")));
        failed.model_output_bytes = 1000;
        assert_eq!(
            failed.for_model(),
            (
                r#"{"error":"no file 'x'","error_kind":"not_found","hint":"try 'y'"}"#.to_owned(),
                true
            )
        );
        let seen = failed.into_value().to_serde_json();
        assert_eq!(seen["error"], "no file 'x' (try 'y')");
        assert_eq!(seen["output"], json!(null));
        assert_eq!(seen["metadata"]["duration_ms"], 2);
    }

    #[test]
    fn a_failure_may_bring_data_and_metadata() {
        let error = error!(Remote, "it answered 404")
            .with("status", 404)
            .with("data", 5)
            .with("metadata", Map::from([("attempts", 2.into())]));
        let seen = envelope(Err(error)).into_value().to_serde_json();
        assert_eq!(seen["data"], 5);
        assert_eq!(seen["metadata"]["attempts"], 2);
        assert_eq!(seen["metadata"]["details"], json!({"status": 404}));
    }
}
