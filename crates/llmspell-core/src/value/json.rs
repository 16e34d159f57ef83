//! Values as JSON text, in two forms: plain, for people, scripts and models; and the record form, which loses nothing.

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::{Handle, MAX_DEPTH, Map, Value};
use crate::error::{Error, Kind, Result};

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Returns the plain JSON text, compact, members in insertion order.
///
/// Bytes become base64 text, NaN and infinities null, handles `{kind, id}` and functions `"<function>"`.
pub fn to_json(value: &Value) -> String {
    serde_json::to_string(&Plain(value)).unwrap_or_else(|_| "null".to_owned())
}

/// Returns the plain JSON text, indented by two spaces.
pub fn to_json_pretty(value: &Value) -> String {
    serde_json::to_string_pretty(&Plain(value)).unwrap_or_else(|_| "null".to_owned())
}

/// Parses plain JSON text.
///
/// - Errors: `Parse` with `line` and `column` for bad text and for nesting deeper than [`MAX_DEPTH`].
pub fn from_json(text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|failure| {
        let (line, column) = (failure.line(), failure.column());
        let mut message = failure.to_string();
        if let Some(end) = message.rfind(" at line ") {
            message.truncate(end);
        }
        crate::error!(
            Parse,
            "not valid JSON: {message} at line {line}, column {column}"
        )
        .with("line", line)
        .with("column", column)
    })
}

struct Plain<'a>(&'a Value);

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null => serializer.serialize_unit(),
            Value::Bool(truth) => serializer.serialize_bool(*truth),
            Value::Int(number) => serializer.serialize_i64(*number),
            Value::Float(number) => serializer.serialize_f64(*number),
            Value::Str(text) => serializer.serialize_str(text),
            Value::Bytes(bytes) => serializer.serialize_str(&base64(bytes)),
            Value::List(items) => serializer.collect_seq(items.iter().map(Plain)),
            Value::Map(map) => {
                serializer.collect_map(map.iter().map(|(name, value)| (name, Plain(value))))
            }
            Value::Handle(handle) => serializer.collect_map(handle.to_map()),
            Value::Function(_) => serializer.serialize_str("<function>"),
        }
    }
}

/// Returns the record form: JSON text from which [`from_record`] restores an equal value.
///
/// Bytes, numbers that JSON lacks, handles and maps that look like one of these are written as a map with one member
/// whose name starts with `$`. A function is written by name and comes back as that text.
pub fn to_record(value: &Value) -> String {
    serde_json::to_string(&Record(value)).unwrap_or_else(|_| "null".to_owned())
}

/// Restores a value from its record form.
///
/// - Errors: `Corrupt` if the text is not a record.
pub fn from_record(text: &str) -> Result<Value> {
    let plain: Value = serde_json::from_str(text).map_err(|failure| {
        Error::new(
            Kind::Corrupt,
            format!("a stored value is damaged: {failure}"),
        )
    })?;
    restore(plain)
}

/// Restores a value from its record form that was parsed as plain JSON already.
///
/// - Errors: `Corrupt` if it is not a record.
pub fn restore_record(plain: Value) -> Result<Value> {
    restore(plain)
}

struct Record<'a>(&'a Value);

impl Serialize for Record<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        fn tagged<S: Serializer, T: Serialize>(
            serializer: S,
            tag: &str,
            content: T,
        ) -> Result<S::Ok, S::Error> {
            let mut map = serializer.serialize_map(Some(1))?;
            map.serialize_entry(tag, &content)?;
            map.end()
        }
        match self.0 {
            Value::Float(number) if !number.is_finite() => {
                tagged(serializer, "$float", number.to_string())
            }
            Value::Bytes(bytes) => tagged(serializer, "$bytes", base64(bytes)),
            Value::List(items) => serializer.collect_seq(items.iter().map(Record)),
            Value::Map(map) if looks_tagged(map) => tagged(serializer, "$map", Members(map)),
            Value::Map(map) => Members(map).serialize(serializer),
            Value::Handle(handle) => {
                let mut whole = handle.to_map();
                whole.insert("fields", Value::Map(handle.fields.clone()));
                tagged(serializer, "$handle", Members(&whole))
            }
            Value::Function(callback) => tagged(serializer, "$function", callback.name()),
            plain => Plain(plain).serialize(serializer),
        }
    }
}

struct Members<'a>(&'a Map);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Record(value))))
    }
}

fn looks_tagged(map: &Map) -> bool {
    map.len() == 1 && map.keys().all(|name| name.starts_with('$'))
}

fn restore(value: Value) -> Result<Value> {
    match value {
        Value::List(items) => items
            .into_iter()
            .map(restore)
            .collect::<Result<Vec<_>>>()
            .map(Value::List),
        Value::Map(mut map) if looks_tagged(&map) => {
            let Some((tag, content)) = map.pop() else {
                return Ok(Value::Map(map));
            };
            restore_tagged(&tag, content)
        }
        Value::Map(map) => restore_members(map).map(Value::Map),
        plain => Ok(plain),
    }
}

fn restore_members(map: Map) -> Result<Map> {
    map.into_iter()
        .map(|(name, value)| Ok((name, restore(value)?)))
        .collect()
}

fn restore_tagged(tag: &str, content: Value) -> Result<Value> {
    let corrupt = || {
        crate::error!(
            Corrupt,
            "a stored value has a member '{tag}' that cannot be read"
        )
    };
    match (tag, content) {
        ("$bytes", Value::Str(text)) => STANDARD
            .decode(text)
            .map(Value::Bytes)
            .map_err(|_| corrupt()),
        ("$float", Value::Str(text)) => text.parse().map(Value::Float).map_err(|_| corrupt()),
        ("$map", Value::Map(map)) => restore_members(map).map(Value::Map),
        ("$function", Value::Str(name)) => Ok(Value::Str(name)),
        ("$handle", Value::Map(map)) => {
            let map = restore_members(map)?;
            match (map.get("kind"), map.get("id"), map.get("fields")) {
                (Some(Value::Str(kind)), Some(Value::Str(id)), Some(Value::Map(fields))) => {
                    Ok(Value::Handle(Handle::new(kind, id, fields.clone())))
                }
                _ => Err(corrupt()),
            }
        }
        _ => Err(corrupt()),
    }
}

const _: () = assert!(
    MAX_DEPTH == 128,
    "serde_json's own recursion limit is the same"
);
