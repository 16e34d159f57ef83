//! The global `JSON`.

use llmspell_core::value::{from_json, to_json, to_json_pretty};
use llmspell_core::{Cx, Map, Module, Op, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

/// Returns the table of `JSON`. `JSON.null` and `JSON.array` are the binders'.
pub fn module() -> Module {
    Module::new("json", "JSON", "JSON text to values and back.")
        .op(Op::new("parse", parse)
            .positional()
            .immediate()
            .aliases(&["decode"]))
        .op(Op::new("stringify", stringify)
            .positional()
            .immediate()
            .aliases(&["encode"]))
}

/// Parses JSON text.
///
/// - Errors: `parse` with line and column for bad text, and for anything that is no text.
#[derive(Deserialize, JsonSchema)]
struct Parse {
    /// The text.
    text: Value,
}

async fn parse(_: Cx, args: Parse) -> Result<Value> {
    match &args.text {
        Value::Str(text) => from_json(text),
        Value::Bytes(_) => bail!(Parse, "not valid JSON: the text is not UTF-8"),
        other => bail!(
            Parse,
            "not valid JSON: expected text, got {}",
            other.type_name()
        ),
    }
}

/// Writes a value as JSON text, map keys sorted by their bytes.
///
/// - Errors: `invalid_args` for functions.
#[derive(Deserialize, JsonSchema)]
struct Stringify {
    /// The value; null when absent.
    #[serde(default)]
    value: Value,
    /// Indent by two spaces.
    #[serde(default)]
    pretty: bool,
}

async fn stringify(_: Cx, args: Stringify) -> Result<String> {
    let value = sorted(args.value.without_functions()?);
    Ok(if args.pretty {
        to_json_pretty(&value)
    } else {
        to_json(&value)
    })
}

fn sorted(value: Value) -> Value {
    match value {
        Value::List(items) => items.into_iter().map(sorted).collect(),
        Value::Map(map) => {
            let members = map.into_iter().map(|(name, value)| (name, sorted(value)));
            let mut map: Map = members.collect();
            map.sort_keys();
            Value::Map(map)
        }
        other => other,
    }
}
