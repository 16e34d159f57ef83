//! Tools written in a spell.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{
    Callback, Cx, Effect, Error, Handle, Kind, Map, Op, Outcome, Result, Takes, ToolInfo, Value,
    bail, error,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value as Json, json};

use super::{Tools, folded};
use crate::agent::schema::Schema;

/// The types that a parameter may name.
const TYPES: [&str; 8] = [
    "string", "number", "integer", "boolean", "array", "object", "null", "any",
];

/// Defines a tool for the rest of the run and returns its table.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Define {
    /// The name, by which scripts and models call it.
    name: String,
    /// What it does and when to use it.
    #[serde(default)]
    description: String,
    /// Its parameters: a JSON Schema, or a list of `{name, type, description, required, default, enum}`.
    #[serde(default)]
    parameters: Value,
    /// The function: gets the table of parameters, returns the result.
    #[schemars(with = "Takes<Value>")]
    execute: Callback,
    /// The category in listings.
    category: Option<String>,
    /// Semantic version.
    version: Option<String>,
    /// Limit of a whole call, in milliseconds.
    timeout_ms: Option<u64>,
}

pub(super) async fn define(cx: Cx, a: Define) -> Result<Handle> {
    let tool = cx.part::<Tools>()?.add(script_tool(a)?)?;
    Ok(tool.handle())
}

/// Makes the op of a tool whose body is a function of the script.
///
/// - Errors: `InvalidArgs` for a bad name or bad parameters.
pub(crate) fn script_tool(definition: Define) -> Result<Op> {
    let Define {
        name,
        description,
        parameters,
        execute,
        category,
        version,
        timeout_ms,
    } = definition;
    if name.is_empty() || name.len() > 64 || name.chars().any(char::is_control) {
        bail!(
            InvalidArgs,
            "the name of a tool has 1 to 64 characters, got {} of them",
            name.len()
        );
    }
    let schema = schema(&name, &parameters)?;
    let checked = Arc::new(Schema::new(schema.clone()).map_err(|error| {
        error!(
            InvalidArgs,
            "the parameters of tool '{name}' are no JSON Schema: {}",
            error.message()
        )
    })?);
    let mut info = ToolInfo::new(category.unwrap_or_else(|| "utility".to_owned()));
    if let Some(version) = version {
        info.version = version;
    }
    if let Some(ms) = timeout_ms {
        info.timeout = Duration::from_millis(ms);
    }
    let operation = name.clone();
    let body = move |cx: Cx, params: Value| {
        let (execute, checked, operation) = (execute.clone(), checked.clone(), operation.clone());
        async move {
            let params = fitted(&checked, params)?;
            let call = execute.call(&cx, vec![params]);
            let returned = cx.unless_stopped(call).await?;
            let returned = returned.map_err(|error| failure(&cx, error))?;
            Value::from_serialize(&outcome(operation, returned)?)
        }
    };
    Ok(Op::dynamic(&name, schema, body)
        .doc(description)
        .effect(Effect::Scope)
        .tool(info))
}

/// Checks the parameters of a tool against its schema, and returns them as the function gets them: an empty table is the
/// list that the schema wants, a choice is spelt as in the schema.
///
/// - Errors: `InvalidArgs` saying what does not fit.
pub(super) fn fitted(schema: &Schema, mut params: Value) -> Result<Value> {
    fit(schema.json(), &mut params);
    schema.check(&params)?;
    Ok(params)
}

fn fit(schema: &Json, value: &mut Value) {
    let wants = |name: &str| match &schema["type"] {
        Json::String(only) => only == name,
        Json::Array(types) => types.iter().any(|one| one == name),
        _ => false,
    };
    match value {
        Value::Map(members) if members.is_empty() && wants("array") && !wants("object") => {
            *value = Value::List(Vec::new());
        }
        Value::List(items) if items.is_empty() && wants("object") && !wants("array") => {
            *value = Value::Map(Map::new());
        }
        Value::Map(members) => {
            for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
                if let Some(member) = members.get_mut(name) {
                    fit(schema, member);
                }
            }
        }
        Value::List(items) => items
            .iter_mut()
            .for_each(|item| fit(&schema["items"], item)),
        Value::Str(given) => {
            let choices = schema["enum"].as_array().into_iter().flatten();
            let choices: Vec<&str> = choices.filter_map(Json::as_str).collect();
            let same = |choice: &&&str| folded(choice) == folded(given);
            if !choices.contains(&given.as_str())
                && let Some(choice) = choices.iter().find(same)
            {
                *given = (*choice).to_owned();
            }
        }
        _ => {}
    }
}

/// Returns the JSON Schema that the parameters of a definition state.
fn schema(tool: &str, parameters: &Value) -> Result<Json> {
    let listed = match parameters {
        Value::Null => &[],
        Value::Map(map) if map.is_empty() => &[],
        Value::List(list) => list.as_slice(),
        Value::Map(_) => return object_schema(tool, parameters),
        other => bail!(
            InvalidArgs,
            "`parameters` of tool '{tool}' must be a JSON Schema or a list, got {}",
            other.type_name()
        ),
    };
    let (mut properties, mut required) = (serde_json::Map::new(), Vec::new());
    for (index, parameter) in listed.iter().enumerate() {
        let Some(name) = parameter.get("name").and_then(Value::as_str) else {
            bail!(
                InvalidArgs,
                "parameter {} of tool '{tool}' has no name",
                index + 1
            );
        };
        if parameter.get("required").and_then(Value::as_bool) == Some(true) {
            required.push(Json::from(name));
        }
        properties.insert(name.to_owned(), property(tool, name, parameter)?);
    }
    Ok(json!({
        "type": "object", "properties": properties, "required": required, "additionalProperties": false,
    }))
}

fn object_schema(tool: &str, parameters: &Value) -> Result<Json> {
    let mut schema = parameters.to_serde_json();
    let object = match &schema["type"] {
        Json::Null => true,
        Json::String(name) => name == "object",
        _ => false,
    };
    if !object {
        bail!(
            InvalidArgs,
            "the JSON Schema of tool '{tool}' must be of type object"
        );
    }
    schema["type"] = "object".into();
    Ok(schema)
}

fn property(tool: &str, name: &str, parameter: &Value) -> Result<Json> {
    let mut schema = serde_json::Map::new();
    match parameter
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or("any")
    {
        "any" => {}
        known if TYPES.contains(&known) => {
            schema.insert("type".to_owned(), known.into());
        }
        unknown => {
            let types = TYPES.join(", ");
            return Err(error!(
                InvalidArgs,
                "parameter '{name}' of tool '{tool}' has the unknown type '{unknown}'"
            )
            .hint(format!("the types are {types}")));
        }
    }
    for keyword in [
        "description",
        "default",
        "enum",
        "minimum",
        "maximum",
        "items",
        "properties",
    ] {
        if let Some(value) = parameter.get(keyword) {
            schema.insert(keyword.to_owned(), value.to_serde_json());
        }
    }
    Ok(Json::Object(schema))
}

fn failure(cx: &Cx, error: Error) -> Error {
    // What stopped the function may come back as an error of its own.
    if let Err(ended) = cx.check() {
        return ended;
    }
    if error.kind() == Kind::Script {
        return error;
    }
    let failed = Error::new(Kind::Script, error.message().to_owned())
        .with("kind", error.kind().name())
        .with("op", error.op_name().map(str::to_owned));
    error
        .hints()
        .iter()
        .fold(failed, |failed, hint| failed.hint(hint.as_str()))
}

/// Reads what the function returned: a table with `success` is a result, anything else its data.
fn outcome(operation: String, returned: Value) -> Result<Outcome> {
    let Value::Map(mut result) = returned else {
        return Ok(Outcome::new(operation, returned));
    };
    match result.get("success").and_then(Value::as_bool) {
        None => return Ok(Outcome::new(operation, result)),
        Some(true) => {}
        Some(false) => return Err(reported(&result)),
    }
    result.shift_remove("success");
    let mut take = |name: &str| result.shift_remove(name).filter(|value| !value.is_null());
    let (operation, output) = (
        take("operation")
            .and_then(|name| name.as_str().map(str::to_owned))
            .unwrap_or(operation),
        take("output"),
    );
    let metadata = match take("metadata") {
        Some(Value::Map(metadata)) => metadata,
        _ => Map::new(),
    };
    let data = match take("data").or_else(|| take("result")) {
        Some(data) => data,
        None if result.is_empty() => output.clone().unwrap_or_default(),
        None => Value::Map(result),
    };
    Ok(Outcome {
        operation,
        data,
        output,
        metadata,
    })
}

fn reported(result: &Map) -> Error {
    let text = |name: &str| result.get(name).and_then(Value::as_str);
    let kind = text("error_kind").and_then(Kind::from_name);
    let message = text("error")
        .or_else(|| text("message"))
        .unwrap_or("the tool reported a failure");
    let error = Error::new(kind.unwrap_or(Kind::Execution), message.to_owned());
    match result.get("data") {
        Some(data) => error.with("data", data.clone()),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(returned: Json, expected: Json) {
        let outcome = outcome("t".into(), returned.into()).unwrap();
        let seen = Value::from_serialize(&outcome).unwrap().to_serde_json();
        assert_eq!(seen, expected);
    }

    #[test]
    fn a_table_with_success_is_a_result() {
        check(json!(5), json!({"operation": "t", "data": 5}));
        check(json!({"a": 1}), json!({"operation": "t", "data": {"a": 1}}));
        check(
            json!({"success": true, "output": 1, "data": {"x": 2}, "metadata": {"m": 3}}),
            json!({"operation": "t", "data": {"x": 2}, "output": 1, "metadata": {"m": 3}}),
        );
        check(
            json!({"success": true, "rows": 2}),
            json!({"operation": "t", "data": {"rows": 2}}),
        );
        let failed: Value =
            json!({"success": false, "error": "no", "error_kind": "not_found"}).into();
        let error = outcome("t".into(), failed).unwrap_err();
        assert_eq!((error.kind(), error.message()), (Kind::NotFound, "no"));
    }

    #[test]
    fn parameters_take_the_form_that_the_schema_wants() {
        let schema = json!({"type": "object", "properties": {
            "list": {"type": "array", "items": {"enum": ["a-b", "C"]}},
            "table": {"type": "object", "properties": {"names": {"type": "array"}}},
        }});
        let schema = Schema::new(schema).unwrap();
        let fit = |params: Json| fitted(&schema, params.into()).map(|fit| fit.to_serde_json());
        assert_eq!(
            fit(json!({"list": {}, "table": []})).unwrap(),
            json!({"list": [], "table": {}})
        );
        assert_eq!(
            fit(json!({"list": ["A_B", "c"], "table": {"names": {}}})).unwrap(),
            json!({"list": ["a-b", "C"], "table": {"names": []}})
        );
        assert_eq!(
            fit(json!({"list": ["ab"]})).unwrap_err().kind(),
            Kind::InvalidArgs
        );
    }

    #[test]
    fn a_list_of_parameters_becomes_a_schema() {
        let listed: Value = json!([
            {"name": "n", "type": "integer", "required": true, "minimum": 1},
            {"name": "x", "type": "any", "description": "whatever"},
        ])
        .into();
        assert_eq!(
            schema("t", &listed).unwrap(),
            json!({
                "type": "object",
                "properties": {
                    "n": {"type": "integer", "minimum": 1},
                    "x": {"description": "whatever"},
                },
                "required": ["n"],
                "additionalProperties": false,
            })
        );
        let bad: Value = json!([{"name": "n", "type": "int"}]).into();
        assert_eq!(schema("t", &bad).unwrap_err().kind(), Kind::InvalidArgs);
    }
}
