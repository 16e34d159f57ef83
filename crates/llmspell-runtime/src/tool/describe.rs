//! The schema of a tool as scripts and the command line see it.

use llmspell_core::{Cx, Field, Handle, Map, Op, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Tools, get};

/// Returns the schema of a tool, or nothing.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetSchema {
    /// The name.
    name: Value,
}

pub(super) async fn get_schema(cx: Cx, a: GetSchema) -> Result<Value> {
    let tools = cx.part::<Tools>()?;
    let tool = get::name_of(&a.name).and_then(|name| tools.find(name));
    Ok(tool.map_or(Value::Null, |tool| {
        tool.handle()
            .fields
            .get("schema")
            .cloned()
            .unwrap_or_default()
    }))
}

/// What a tool takes and gives.
#[derive(JsonSchema)]
#[schemars(title = "ToolSchema")]
#[expect(dead_code, reason = "describes what `describe` makes")]
pub(super) struct Description {
    name: String,
    description: String,
    /// A list that can also be read by the names of the parameters.
    parameters: Vec<Parameter>,
    returns: String,
    operations: Vec<String>,
    category: String,
    version: String,
    security_level: String,
    effect: String,
}

/// A parameter of a tool.
#[derive(JsonSchema)]
#[schemars(title = "ToolParameter")]
#[expect(dead_code, reason = "describes what `parameter` makes")]
pub(super) struct Parameter {
    name: String,
    /// One of `string number integer boolean array object null any`.
    r#type: String,
    description: String,
    required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    default: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#enum: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    minimum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    maximum: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    synonyms: Option<Vec<String>>,
}

/// Returns the schema of the tool.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SchemaOfHandle {
    /// The tool.
    tool: Handle,
}

pub(super) async fn schema_of_handle(cx: Cx, a: SchemaOfHandle) -> Result<Value> {
    let tool = cx.part::<Tools>()?.require(&a.tool.id)?;
    Ok(tool
        .handle()
        .fields
        .get("schema")
        .cloned()
        .unwrap_or_default())
}

/// Returns `{name, description, parameters, returns, operations, category, security_level, effect}` of a tool's op.
pub fn describe(op: &Op) -> Value {
    let mut schema = Map::new();
    let mut put = |name: &str, value: Value| schema.insert(name, value);
    put("name", op.verb().into());
    put("description", op.docs().trim().into());
    put(
        "parameters",
        op.shape().fields().iter().map(parameter).collect(),
    );
    put(
        "returns",
        "{success, operation, data, output, error, error_kind, metadata}".into(),
    );
    if let Some(info) = op.tool_info() {
        put("operations", info.operations.clone().into());
        put("category", info.category.as_str().into());
        put("version", info.version.as_str().into());
        put("security_level", info.level.name().into());
    }
    put("effect", op.declared_effect().name().into());
    Value::Map(schema)
}

fn parameter(field: &Field) -> Value {
    let mut entry = Map::new();
    let mut put = |name: &str, value: Value| entry.insert(name, value);
    put("name", field.name.as_str().into());
    put("type", type_name(field).into());
    put("description", field.doc.as_str().into());
    put("required", field.required.into());
    if let Some(default) = &field.default {
        put("default", default.clone().into());
    }
    if !field.choices.is_empty() {
        put("enum", field.choices.clone().into());
    }
    for bound in ["minimum", "maximum"] {
        if let Some(limit) = field.keyword(bound) {
            put(bound, limit.clone().into());
        }
    }
    if !field.synonyms.is_empty() {
        put("synonyms", field.synonyms.clone().into());
    }
    Value::Map(entry)
}

fn type_name(field: &Field) -> &str {
    match field.types.as_slice() {
        [only] => only,
        [left, right] if is_number(left) && is_number(right) => "number",
        _ => "any",
    }
}

fn is_number(name: &str) -> bool {
    matches!(name, "integer" | "number")
}
