//! JSON documents on their way in and out: values, the evaluator's values, and text.

use jaq_json::{Map as ValMap, Num, Val, read};
use llmspell_core::value::{MAX_DEPTH, from_json, to_json};
use llmspell_core::{Error, Kind, Map, Name, Result, Value, bail};

/// What a caller gave as input.
#[derive(Debug)]
pub(super) struct Document {
    /// The value.
    pub(super) value: Value,
    /// The text that it was parsed from, which keeps numbers as they were written.
    text: Option<String>,
    /// Whether a text was JSON; true for values.
    pub(super) parsed: bool,
}

impl Document {
    /// Reads an input: JSON text becomes its value, another text stays a text.
    ///
    /// - Errors: `Parse` with line and column if `strict` and the text is not JSON; `Limit` for deep nesting.
    pub(super) fn read(input: Value, strict: bool) -> Result<Self> {
        let text = match input {
            Value::Str(text) => text,
            Value::Bytes(bytes) => match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(bytes) => bail!(
                    Parse,
                    "the input is not UTF-8 from byte {}",
                    bytes.utf8_error().valid_up_to()
                ),
            },
            value => {
                return Ok(Self {
                    value,
                    text: None,
                    parsed: true,
                });
            }
        };
        match from_json(&text) {
            Ok(value) => Ok(Self {
                value,
                text: Some(text),
                parsed: true,
            }),
            Err(error) if error.message().contains("recursion limit") => {
                bail!(Limit, "the input is nested deeper than {MAX_DEPTH} levels")
            }
            // It is JSON, and no text that happens to be none.
            Err(error) if error.message().contains("number out of range") => Err(error),
            Err(error) if strict => Err(error),
            Err(_) => Ok(Self {
                value: Value::Str(text),
                text: None,
                parsed: false,
            }),
        }
    }

    /// Returns the value for the evaluator, numbers as exact as they were written.
    pub(super) fn to_val(&self) -> Val {
        match &self.text {
            Some(text) => {
                read::parse_single(text.as_bytes()).unwrap_or_else(|_| to_val(&self.value))
            }
            None => to_val(&self.value),
        }
    }
}

/// Reads a parameter that may be given as JSON text.
pub(super) fn lenient(value: Value) -> Value {
    match value {
        Value::Str(text) => from_json(&text).unwrap_or(Value::Str(text)),
        other => other,
    }
}

/// Returns the value for the evaluator.
pub(super) fn to_val(value: &Value) -> Val {
    match value {
        Value::Null | Value::Function(_) => Val::Null,
        Value::Bool(truth) => Val::Bool(*truth),
        Value::Int(number) => Val::Num(Num::from_integral(*number)),
        Value::Float(number) => Val::Num(Num::Float(*number)),
        Value::Str(text) => Val::utf8_str(text.clone().into_bytes()),
        Value::Bytes(bytes) => Val::byte_str(bytes.clone()),
        Value::List(items) => items.iter().map(to_val).collect(),
        Value::Map(members) => object(members),
        Value::Handle(handle) => object(&handle.to_map()),
    }
}

fn object(members: &Map) -> Val {
    let name = |name: &Name| Val::utf8_str(name.as_bytes().to_vec());
    Val::obj(
        members
            .iter()
            .map(|(key, value)| (name(key), to_val(value)))
            .collect::<ValMap>(),
    )
}

/// Returns what the evaluator made as a value, unless it is nested too deeply.
pub(super) fn to_value(val: &Val, depth: usize) -> Result<Value> {
    if depth > MAX_DEPTH {
        bail!(Limit, "a result is nested deeper than {MAX_DEPTH} levels");
    }
    Ok(match val {
        Val::Null => Value::Null,
        Val::Bool(truth) => Value::Bool(*truth),
        Val::Num(number) => number_value(number),
        Val::TStr(text) => Value::Str(String::from_utf8_lossy(text).into_owned()),
        Val::BStr(bytes) => Value::Bytes(bytes.to_vec()),
        Val::Arr(items) => items
            .iter()
            .map(|item| to_value(item, depth + 1))
            .collect::<Result<Vec<_>>>()?
            .into(),
        Val::Obj(members) => Value::Map(
            members
                .iter()
                .map(|(name, value)| Ok((key(name)?, to_value(value, depth + 1)?)))
                .collect::<Result<Map>>()?,
        ),
    })
}

fn number_value(number: &Num) -> Value {
    match number {
        Num::Int(number) => Value::from(*number),
        Num::Float(number) => Value::Float(*number),
        Num::BigInt(_) | Num::Dec(_) => {
            Value::Float(number.to_string().parse().unwrap_or(f64::NAN))
        }
    }
}

fn key(name: &Val) -> Result<String> {
    match name {
        Val::TStr(text) => Ok(String::from_utf8_lossy(text).into_owned()),
        other => bail!(
            Execution,
            "an object key must be a string, got {}",
            cut(&other.to_string())
        ),
    }
}

/// How text is laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Blanks per level; 0 writes everything on one line.
    pub(super) indent: usize,
    pub(super) sort_keys: bool,
}

/// Returns the JSON text; numbers that were read as text are written as they were read.
pub(super) fn to_text(val: &Val, layout: Layout) -> Result<String> {
    to_value(val, 0)?;
    let mut text = String::new();
    write(&mut text, val, layout, 0);
    Ok(text)
}

fn write(out: &mut String, val: &Val, layout: Layout, level: usize) {
    match val {
        Val::Arr(items) => sequence(out, ('[', ']'), layout, level, items.iter(), |out, item| {
            write(out, item, layout, level + 1);
        }),
        Val::Obj(members) => {
            let mut members: Vec<_> = members.iter().collect();
            if layout.sort_keys {
                members.sort_by(|left, right| left.0.cmp(right.0));
            }
            sequence(
                out,
                ('{', '}'),
                layout,
                level,
                members.into_iter(),
                |out, (name, value)| {
                    write(out, name, layout, level + 1);
                    out.push_str(if layout.indent > 0 { ": " } else { ":" });
                    write(out, value, layout, level + 1);
                },
            );
        }
        Val::Num(Num::BigInt(_) | Num::Dec(_)) => out.push_str(&val.to_string()),
        scalar => out.push_str(&to_json(&to_value(scalar, 0).unwrap_or_default())),
    }
}

fn sequence<T>(
    out: &mut String,
    (open, close): (char, char),
    layout: Layout,
    level: usize,
    items: impl ExactSizeIterator<Item = T>,
    mut item: impl FnMut(&mut String, T),
) {
    let empty = items.len() == 0;
    let line = |out: &mut String, level: usize| {
        if layout.indent > 0 && !empty {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', layout.indent * level));
        }
    };
    out.push(open);
    for (index, each) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, level + 1);
        item(out, each);
    }
    line(out, level);
    out.push(close);
}

/// Cuts a quoted value in a message.
pub(super) fn cut(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// Returns the error for an input of a wrong form.
pub(super) fn unfit(operation: &str, expected: &str, got: &Value) -> Error {
    Error::new(
        Kind::InvalidArgs,
        format!(
            "operation '{operation}' needs {expected}, got {}",
            got.type_name()
        ),
    )
    .with("parameter", "input")
    .with("expected", expected)
    .with("got", got.type_name())
}
