//! JSON Schemas of answers and of the parameters of a spell's own tools.

use llmspell_core::{Error, Kind, Result, Value, error};
use serde_json::Value as Json;

/// Most complaints that are told at once.
const TOLD: usize = 5;

/// A compiled JSON Schema. Nothing is ever fetched: references may only point into the schema itself.
pub(crate) struct Schema {
    json: Json,
    validator: jsonschema::Validator,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// - Errors: `InvalidArgs` if it is no valid JSON Schema or refers to another document.
    pub(crate) fn new(json: Json) -> Result<Self> {
        let patterns = jsonschema::PatternOptions::regex();
        let compiled = jsonschema::options()
            .with_pattern_options(patterns)
            .build(&json);
        match compiled {
            Ok(validator) => Ok(Self { json, validator }),
            Err(failure) => {
                let place = failure.instance_path().to_string();
                let place = match place.as_str() {
                    "" => String::new(),
                    place => format!(" (at {place})"),
                };
                Err(error!(
                    InvalidArgs,
                    "not a valid JSON Schema{place}: {failure}"
                ))
            }
        }
    }

    /// Reads the schema that a script gave.
    pub(crate) fn from_value(value: &Value) -> Result<Self> {
        match value {
            Value::Map(_) => Self::new(value.to_serde_json()),
            other => Err(error!(
                InvalidArgs,
                "the schema must be a JSON Schema, got {}",
                other.type_name()
            )),
        }
    }

    /// Returns the schema itself.
    pub(crate) fn json(&self) -> &Json {
        &self.json
    }

    /// Returns what is wrong with a value, in sentences; nothing if it fits.
    pub(crate) fn complaints(&self, json: &Json) -> Vec<String> {
        let failures = self.validator.iter_errors(json).take(TOLD);
        failures
            .map(|failure| match failure.instance_path().to_string() {
                path if path.is_empty() => failure.to_string(),
                path => format!("at {path}: {failure}"),
            })
            .collect()
    }

    /// Checks a value.
    ///
    /// - Errors: `InvalidArgs` with the complaints.
    pub(crate) fn check(&self, value: &Value) -> Result<()> {
        match self.complaints(&value.to_serde_json()).as_slice() {
            [] => Ok(()),
            complaints => Err(Error::new(Kind::InvalidArgs, complaints.join("; "))),
        }
    }
}

/// Reads the JSON of an answer; a fence of Markdown around it is accepted.
pub(crate) fn parse(text: &str) -> Result<Json, String> {
    let text = text.trim();
    let bare = text
        .strip_prefix("```")
        .and_then(|rest| rest.strip_suffix("```"))
        .map(|inner| inner.split_once('\n').map_or(inner, |(_, body)| body));
    serde_json::from_str(bare.unwrap_or(text))
        .map_err(|failure| format!("not valid JSON: {failure}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn complaints_name_the_place() {
        let schema = Schema::new(json!({
            "type": "object",
            "properties": {"n": {"type": "integer"}},
            "required": ["n", "m"],
        }))
        .unwrap();
        assert!(schema.complaints(&json!({"n": 1, "m": 2})).is_empty());
        let complaints = schema.complaints(&json!({"n": "x"})).join("\n");
        assert!(complaints.contains("at /n:"), "{complaints}");
        assert!(
            complaints.contains("\"m\" is a required property"),
            "{complaints}"
        );
    }

    #[test]
    fn a_foreign_document_is_never_fetched() {
        for reference in ["http://127.0.0.1:1/x.json", "file:///etc/passwd"] {
            assert!(Schema::new(json!({"$ref": reference})).is_err());
        }
    }

    #[test]
    fn a_fence_is_taken_off() {
        assert_eq!(parse("```json\n{\"a\":1}\n```"), Ok(json!({"a": 1})));
        assert_eq!(parse(" {\"a\":1} "), Ok(json!({"a": 1})));
        assert!(parse("Sure! {\"a\":1}").is_err());
    }
}
