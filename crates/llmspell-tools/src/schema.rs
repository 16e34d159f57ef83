//! JSON Schema checks, bounded and without reaching out.

use std::error::Error as StdError;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{PatternOptions, Retrieve, Uri, ValidationError, Validator};
use llmspell_core::value::{MAX_DEPTH, from_json};
use llmspell_core::{Error, Kind, Map, Result, Value, bail};

/// Longest message that is kept, in characters: the library quotes the whole value.
const MESSAGE_LENGTH: usize = 300;

/// Largest compiled pattern, in bytes.
const PATTERN_BYTES: usize = 1 << 20;

/// One way in which a value does not fit a schema.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Violation {
    /// JSON Pointer of the value.
    pub(crate) path: String,
    /// JSON Pointer of the keyword in the schema.
    pub(crate) schema_path: String,
    /// The keyword: `minimum`.
    pub(crate) keyword: String,
    /// What is wrong.
    pub(crate) message: String,
    /// The value.
    pub(crate) value: Value,
}

impl Violation {
    /// Returns the violation as `{path, schema_path, message, keyword, value}`.
    pub(crate) fn into_value(self) -> Value {
        Value::from([
            ("path", self.path.into()),
            ("schema_path", self.schema_path.into()),
            ("message", self.message.into()),
            ("keyword", self.keyword.into()),
            ("value", self.value),
        ])
    }
}

/// Checks `value` against `schema`, an object or its JSON text, and returns at most `most` violations.
///
/// The draft is the one that `$schema` names (4, 6, 7, 2019-09, 2020-12), else 2020-12. Formats are checked, patterns
/// take linear time.
///
/// - Errors: `InvalidArgs` if the schema is none; `Denied` if it refers to a remote one; `Limit` past 128 levels.
pub(crate) fn violations(schema: &Value, value: &Value, most: usize) -> Result<Vec<Violation>> {
    let schema = object(schema)?;
    shallow("schema", &schema)?;
    shallow("value", value)?;
    let validator = compile(&schema.to_serde_json())?;
    let json = value.to_serde_json();
    Ok(validator
        .iter_errors(&json)
        .take(most)
        .map(violation)
        .collect())
}

/// Reads a schema that was given as JSON text.
pub(crate) fn object(schema: &Value) -> Result<Value> {
    let schema = match schema {
        Value::Str(text) => from_json(text).map_err(|error| {
            Error::new(
                Kind::InvalidArgs,
                format!("the schema is {}", error.message()),
            )
            .with("parameter", "schema")
        })?,
        Value::List(items) if items.is_empty() => Value::Map(Map::new()),
        other => other.clone(),
    };
    match schema {
        Value::Map(_) | Value::Bool(_) => Ok(schema),
        other => bail!(
            InvalidArgs,
            "a schema must be an object, got {}",
            other.type_name()
        ),
    }
}

/// Refuses values that are nested deeper than any value may be.
pub(crate) fn shallow(what: &str, value: &Value) -> Result<()> {
    if value.depth() > MAX_DEPTH {
        bail!(Limit, "the {what} is nested deeper than {MAX_DEPTH} levels");
    }
    Ok(())
}

struct Nowhere;

impl Retrieve for Nowhere {
    fn retrieve(
        &self,
        uri: &Uri<String>,
    ) -> Result<serde_json::Value, Box<dyn StdError + Send + Sync>> {
        Err(
            format!("schema '{uri}' is not part of this schema; loading others is not permitted")
                .into(),
        )
    }
}

fn compile(schema: &serde_json::Value) -> Result<Validator> {
    jsonschema::options()
        .with_retriever(Nowhere)
        .should_validate_formats(true)
        .with_pattern_options(
            PatternOptions::regex()
                .size_limit(PATTERN_BYTES)
                .dfa_size_limit(PATTERN_BYTES),
        )
        .build(schema)
        .map_err(|failure| refusal(&failure))
}

fn refusal(failure: &ValidationError<'_>) -> Error {
    let message = cut(&failure.to_string());
    let kind = match failure.kind() {
        ValidationErrorKind::Referencing(_) if message.contains("not permitted") => Kind::Denied,
        _ => Kind::InvalidArgs,
    };
    Error::new(kind, format!("the schema is not valid: {message}"))
        .with("parameter", "schema")
        .with("schema_path", failure.instance_path().to_string())
}

fn violation(error: ValidationError<'_>) -> Violation {
    Violation {
        path: error.instance_path().to_string(),
        schema_path: error.schema_path().to_string(),
        keyword: error.kind().keyword().to_owned(),
        message: cut(&error.to_string()),
        value: error.instance().as_ref().clone().into(),
    }
}

fn cut(message: &str) -> String {
    match message.char_indices().nth(MESSAGE_LENGTH) {
        Some((end, _)) => format!("{}…", &message[..end]),
        None => message.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: serde_json::Value, value: serde_json::Value) -> Result<Vec<Violation>> {
        violations(&schema.into(), &value.into(), 100)
    }

    #[test]
    fn violations_name_path_keyword_and_value() {
        let schema =
            json!({"type": "object", "properties": {"age": {"type": "integer", "minimum": 18}}});
        assert_eq!(check(schema.clone(), json!({"age": 20})).unwrap(), []);
        let found = check(schema, json!({"age": 3})).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].path, "/age");
        assert_eq!(found[0].schema_path, "/properties/age/minimum");
        assert_eq!(found[0].keyword, "minimum");
        assert_eq!(found[0].value, Value::Int(3));
        assert!(found[0].message.contains("18"), "{}", found[0].message);
    }

    #[test]
    fn the_draft_follows_the_schema_keyword() {
        let tuple = |draft: &str| json!({"$schema": draft, "items": [{"type": "string"}], "prefixItems": [{"type": "integer"}]});
        let seven = check(tuple("http://json-schema.org/draft-07/schema#"), json!([1])).unwrap();
        assert_eq!(seven[0].keyword, "type");
        let exclusive = json!({"$schema": "http://json-schema.org/draft-04/schema#", "minimum": 1, "exclusiveMinimum": true});
        assert_eq!(check(exclusive, json!(1)).unwrap().len(), 1);
        assert_eq!(
            check(json!({"prefixItems": [{"type": "integer"}]}), json!(["a"]))
                .unwrap()
                .len(),
            1
        );
    }

    #[test]
    fn formats_are_checked_and_text_is_read() {
        let schema = Value::from(r#"{"format": "email"}"#);
        assert_eq!(violations(&schema, &"nobody".into(), 10).unwrap().len(), 1);
        assert_eq!(
            violations(&schema, &"a@example.com".into(), 10).unwrap(),
            []
        );
    }

    #[test]
    fn remote_references_are_refused() {
        for uri in [
            "https://example.com/s.json",
            "http://127.0.0.1:9/s.json",
            "file:///etc/passwd",
        ] {
            let error = check(json!({"$ref": uri}), json!(1)).unwrap_err();
            assert_eq!(error.kind(), Kind::Denied, "{error:?}");
            assert!(error.message().contains("not permitted"), "{error:?}");
        }
        assert_eq!(
            check(
                json!({"$ref": "#/$defs/a", "$defs": {"a": {"const": 1}}}),
                json!(2)
            )
            .unwrap()
            .len(),
            1
        );
    }

    #[test]
    fn wrong_schemas_and_deep_ones_are_refused() {
        assert_eq!(
            check(json!({"type": "nonsense"}), json!(1))
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
        assert_eq!(
            check(json!(5), json!(1)).unwrap_err().kind(),
            Kind::InvalidArgs
        );
        assert_eq!(
            check(json!("{"), json!(1)).unwrap_err().kind(),
            Kind::InvalidArgs
        );
        let mut deep = Value::Map(Map::new());
        for _ in 0..20_000 {
            deep = Value::from([("not", deep)]);
        }
        let deep = std::mem::ManuallyDrop::new(deep);
        let error = shallow("schema", &deep).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert_eq!(
            error.message(),
            "the schema is nested deeper than 128 levels"
        );
    }

    #[test]
    fn patterns_take_linear_time_and_bounded_space() {
        let schema = json!({"pattern": "^(a+)+$"});
        assert_eq!(
            check(schema, json!("a".repeat(50_000) + "!"))
                .unwrap()
                .len(),
            1
        );
        assert_eq!(
            check(json!({"pattern": "(a{1000}){1000}"}), json!("a"))
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
    }

    #[test]
    fn only_so_many_violations_are_returned() {
        let schema = Value::from(json!({"items": {"type": "string"}}));
        let found = violations(&schema, &json!([1, 2, 3, 4]).into(), 2).unwrap();
        assert_eq!(found.len(), 2);
    }
}
