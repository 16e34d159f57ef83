//! What a tool says about the values of its parameters, beyond what their schema can say.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;

pub(crate) use llmspell_core::missing_parameter as missing;
use llmspell_core::{Error, Kind, Map, OTHER_CHOICES, Op, Outcome, Result, Value};
use schemars::transform::Transform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{Deserialize, DeserializeOwned, Deserializer, Error as _};
use serde_json::Value as Json;

/// Typed arguments that remember which of them were given.
pub(crate) struct Given<T> {
    /// The arguments.
    pub(crate) args: T,
    given: Map,
}

impl<T> Given<T> {
    /// Warns about each given parameter that `operation` does not use, unless it has its default value.
    ///
    /// `used` lists the names that the operation reads, separated by blanks. `op` makes the tool's op, for its defaults.
    pub(crate) fn warn(&self, op: fn() -> Op, used: &str, mut outcome: Outcome) -> Outcome {
        for (name, value) in &self.given {
            let reads = name == "operation" || used.split(' ').any(|known| known == name);
            if !reads && !is_default(&op(), name, value) {
                let operation = &outcome.operation;
                let warning = format!("operation '{operation}' does not use parameter '{name}'");
                outcome = outcome.warning(warning);
            }
        }
        outcome
    }
}

fn is_default(op: &Op, name: &str, value: &Value) -> bool {
    let default = op
        .shape()
        .field(name)
        .and_then(|field| field.default.clone());
    default.is_some_and(|default| Value::from(default) == *value)
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let given = value.as_map().map(scalars).unwrap_or_default();
        let args = value
            .into_typed()
            .map_err(|error| D::Error::custom(misfit(&error)))?;
        Ok(Self { args, given })
    }
}

/// Says which parameter does not fit its type.
pub(crate) fn misfit(error: &Error) -> String {
    match error.details().get("path").and_then(Value::as_str) {
        Some(path) => format!("parameter '{path}': {}", error.message()),
        None => error.message().to_owned(),
    }
}

/// Copies the names and what is cheap of the values.
fn scalars(args: &Map) -> Map {
    let scalar = |value: &Value| match value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => value.clone(),
        Value::Str(text) if text.len() < 64 => value.clone(),
        _ => Value::Null,
    };
    args.iter()
        .map(|(name, value)| (name.clone(), scalar(value)))
        .collect()
}

impl<T: JsonSchema> JsonSchema for Given<T> {
    fn schema_name() -> Cow<'static, str> {
        T::schema_name()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        T::json_schema(generator)
    }
}

/// Declares a parameter as one of the entries of a list of choices, of which each begins with the canonical name.
///
/// ```ignore
/// #[schemars(transform = choices(FORMATS))]
/// format: Option<String>,
/// ```
pub(crate) fn choices(entries: &[&'static [&'static str]]) -> impl Transform + use<> {
    let (names, others) = (names(entries), other_names(entries));
    move |schema: &mut Schema| {
        schema.insert("enum".to_owned(), names.clone().into());
        if !others.is_empty() {
            let others = others
                .iter()
                .map(|(other, name)| ((*other).to_owned(), (*name).into()));
            schema.insert(OTHER_CHOICES.to_owned(), Json::Object(others.collect()));
        }
    }
}

/// Returns the canonical name of each entry of a list of choices, for schemas and listings.
pub(crate) fn names(entries: &[&'static [&'static str]]) -> Vec<&'static str> {
    entries
        .iter()
        .filter_map(|entry| entry.first().copied())
        .collect()
}

/// Returns the further names of the entries of a list of choices, each with the canonical one, for schemas.
fn other_names(entries: &[&'static [&'static str]]) -> BTreeMap<&'static str, &'static str> {
    let others = entries.iter().filter_map(|entry| entry.split_first());
    others
        .flat_map(|(canonical, others)| others.iter().map(|other| (*other, *canonical)))
        .collect()
}

/// Returns whether one of these parameters is given.
pub(crate) fn is_given(args: &Value, names: &[&str]) -> bool {
    let given = |name: &&str| args.get(name).is_some_and(|value| !value.is_null());
    names.iter().any(given)
}

/// Takes the texts `true` and `false` for what they say, in a parameter that takes booleans and other texts.
pub(crate) fn whether(value: &Value) -> Value {
    match value.as_str().map(str::trim) {
        Some("true") => true.into(),
        Some("false") => false.into(),
        _ => value.clone(),
    }
}

/// Returns the path in a parameter that this operation cannot do without.
///
/// - Errors: `InvalidArgs` if it is missing or empty.
pub(crate) fn path<'a>(
    tool: &str,
    operation: &str,
    parameter: &'static str,
    given: Option<&'a String>,
) -> Result<&'a Path> {
    match given {
        None => Err(missing(tool, operation, parameter)),
        Some(path) if path.is_empty() => Err(refused(
            parameter,
            format!("parameter '{parameter}' is empty"),
        )),
        Some(path) => Ok(Path::new(path)),
    }
}

/// Returns the error for a value of another type than `expected`.
pub(crate) fn mistyped(
    parameter: &'static str,
    message: impl Into<Cow<'static, str>>,
    expected: &str,
    got: &Value,
) -> Error {
    refused(parameter, message)
        .with("expected", expected)
        .with("got", got.type_name())
        .misshapen()
}

/// Returns the error for a value that has the right type and is not allowed.
pub(crate) fn refused(parameter: &'static str, message: impl Into<Cow<'static, str>>) -> Error {
    Error::new(Kind::InvalidArgs, message).with("parameter", parameter)
}

/// Checks that a number lies within `range`.
///
/// - Errors: `InvalidArgs` naming the range.
pub(crate) fn within(
    parameter: &'static str,
    given: i64,
    range: RangeInclusive<i64>,
) -> Result<usize> {
    if !range.contains(&given) {
        let (least, most) = (range.start(), range.end());
        let allowed = match *most {
            i64::MAX => format!("{least} or more"),
            most => format!("between {least} and {most}"),
        };
        let message = format!("parameter '{parameter}' must be {allowed}, got {given}");
        return Err(refused(parameter, message).with("got", given));
    }
    usize::try_from(given).map_err(|_| {
        refused(
            parameter,
            format!("parameter '{parameter}' must not be negative"),
        )
    })
}

/// Checks that a text is at most `most` bytes long.
///
/// - Errors: `Limit` naming both sizes.
pub(crate) fn fits(parameter: &'static str, size: usize, most: usize) -> Result<()> {
    if size <= most {
        return Ok(());
    }
    let message =
        format!("parameter '{parameter}' is {size} bytes long, more than the limit of {most}");
    Err(Error::new(Kind::Limit, message)
        .with("parameter", parameter)
        .with("size", size)
        .with("limit", most))
}

/// Returns the bytes of a parameter that takes any text or bytes.
///
/// - Errors: `InvalidArgs` if it is something else.
pub(crate) fn octets(parameter: &'static str, value: Value) -> Result<Vec<u8>> {
    match value {
        Value::Str(text) => Ok(text.into_bytes()),
        Value::Bytes(bytes) => Ok(bytes),
        other => {
            let got = other.type_name();
            let message = format!("parameter '{parameter}' must be string, got {got}");
            Err(mistyped(parameter, message, "string", &other))
        }
    }
}

/// Returns the texts of a parameter that takes one or a list of them.
///
/// - Errors: `InvalidArgs` if one of them is something else.
pub(crate) fn texts<'a>(parameter: &'static str, value: &'a Value) -> Result<Vec<&'a str>> {
    let items = match value {
        Value::List(items) => items.as_slice(),
        // Lua has one empty table for both.
        Value::Map(map) if map.is_empty() => &[],
        one => std::slice::from_ref(one),
    };
    let text = |item: &'a Value| {
        item.as_str().ok_or_else(|| {
            let got = item.type_name();
            let message = format!("parameter '{parameter}' must list texts, got {got}");
            mistyped(parameter, message, "string", item)
        })
    };
    items.iter().map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_list_declares_choices_and_their_other_names() {
        let declared = |entries: &[&'static [&'static str]]| {
            let mut schema = schemars::json_schema!({"type": "string"});
            choices(entries).transform(&mut schema);
            schema.to_value()
        };
        assert_eq!(
            declared(&[&["up", "top"], &["down"]]),
            serde_json::json!({"type": "string", "enum": ["up", "down"], OTHER_CHOICES: {"top": "up"}})
        );
        assert_eq!(
            declared(&[&["up"]]),
            serde_json::json!({"type": "string", "enum": ["up"]})
        );
    }

    #[test]
    fn a_range_is_named() {
        assert_eq!(within("count", 3, 1..=5).unwrap(), 3);
        let error = within("count", 0, 1..=5).unwrap_err();
        assert_eq!(
            error.message(),
            "parameter 'count' must be between 1 and 5, got 0"
        );
        assert_eq!(
            within("count", 0, 1..=i64::MAX).unwrap_err().message(),
            "parameter 'count' must be 1 or more, got 0"
        );
        assert_eq!(
            within("start", -1, -2..=2).unwrap_err().kind(),
            Kind::InvalidArgs
        );
    }

    #[test]
    fn a_missing_parameter_names_tool_and_operation() {
        assert_eq!(
            missing("hash_calculator", "verify", "expected_hash").message(),
            "Missing required parameter 'expected_hash' for hash_calculator operation 'verify'"
        );
    }

    #[test]
    fn texts_are_one_or_several_or_none() {
        assert_eq!(texts("input", &"a".into()).unwrap(), ["a"]);
        assert_eq!(texts("input", &vec!["a", "b"].into()).unwrap(), ["a", "b"]);
        let none: [&str; 0] = [];
        assert_eq!(texts("input", &Value::Map(Map::new())).unwrap(), none);
        let error = texts("input", &Value::from([("a", 1.into())])).unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
    }

    #[test]
    fn sizes_are_limited() {
        assert!(fits("input", 10, 10).is_ok());
        assert_eq!(fits("input", 11, 10).unwrap_err().kind(), Kind::Limit);
    }
}
