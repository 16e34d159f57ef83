//! Finding one tool.

use llmspell_core::{Cx, Handle, Op, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::Tools;

/// Returns the tool table of that name, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The name, or an item of `Tool.list()`.
    name: Value,
}

pub(super) fn op() -> Op {
    Op::new("get", get)
        .aliases(&["get_by_name"])
        .positional()
        .immediate()
}

async fn get(cx: Cx, a: Get) -> Result<Option<Handle>> {
    let tools = cx.part::<Tools>()?;
    let tool = name_of(&a.name).and_then(|name| tools.find(name));
    Ok(tool.map(|tool| tool.handle()))
}

/// Returns whether there is a tool of that name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Exists {
    /// The name.
    name: Value,
}

pub(super) async fn exists(cx: Cx, a: Exists) -> Result<bool> {
    let tools = cx.part::<Tools>()?;
    Ok(name_of(&a.name).is_some_and(|name| tools.find(name).is_some()))
}

/// Returns the tool's name, given as text, as a tool table or as an item of a listing.
pub(crate) fn name_of(value: &Value) -> Option<&str> {
    match value {
        Value::Str(name) => Some(name),
        Value::Handle(handle) if &*handle.kind == "tool" => Some(&handle.id),
        other => other.get("name").and_then(Value::as_str),
    }
}
