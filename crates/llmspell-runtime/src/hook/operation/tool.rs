//! Calls of tools, as hooks see them.

use llmspell_core::{Call, Cx, Map, Outcome, Result, Value};

use super::super::context::plain;
use crate::tool::Tools;

pub(super) fn facts(call: &Call) -> Map {
    let caller = if call.cx.is_by_model() {
        "agent"
    } else {
        "script"
    };
    let operation = call.args.get("operation").cloned();
    Map::from([
        ("tool_name", call.op.verb().into()),
        ("parameters", plain(&call.args)),
        (
            "operation",
            operation.unwrap_or_else(|| call.op.verb().into()),
        ),
        ("caller", caller.into()),
    ])
}

/// What only `ToolValidation` says.
pub(super) const VALIDATED: [&str; 3] = ["schema", "valid", "errors"];

/// Adds what only `ToolValidation` says. Parameters that do not fit never come so far.
pub(super) fn validated(call: &Call, data: &mut Map) {
    data.insert("schema", call.op.json_schema().into());
    data.insert("valid", true.into());
    data.insert("errors", Value::List(Vec::new()));
}

/// Returns the parameters as hooks left them; functions among them stay.
pub(super) fn arguments(call: &Call, data: &Map) -> Value {
    let (Value::Map(own), Some(Value::Map(new))) = (&call.args, data.get("parameters")) else {
        return data.get("parameters").cloned().unwrap_or_default();
    };
    let mut all = new.clone();
    for (name, value) in own {
        let shown = plain(value);
        // What hooks saw in a plainer form and left as it was is taken as it is.
        if matches!(value, Value::Function(_)) || new.get(name) == Some(&shown) {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Map(all)
}

pub(super) fn result_facts(facts: &Map, result: &Value) -> Map {
    let mut told = facts.clone();
    let data = result.get("data").cloned().unwrap_or_default();
    let output = result.get("output").cloned();
    told.insert("output", output.unwrap_or_else(|| data.clone()));
    told.insert("result", data);
    told.insert("success", true.into());
    told
}

pub(super) fn changed(mut result: Value, changed: impl Fn(&str) -> Option<Value>) -> Value {
    if let Value::Map(members) = &mut result {
        if let Some(data) = changed("result") {
            members.insert("data", data);
            // The primary value was one of the other data.
            members.shift_remove("output");
        }
        if let Some(output) = changed("output") {
            members.insert("output", output);
        }
    }
    result
}

/// Makes a result of data; what is a whole result already is taken as it is.
pub(super) fn replaced(call: &Call, data: Value) -> Value {
    let is_whole = data
        .get("operation")
        .is_some_and(|name| name.as_str().is_some())
        && data.get("data").is_some();
    if is_whole {
        return data;
    }
    let operation = call.args.get("operation").and_then(Value::as_str);
    let outcome = Outcome::new(operation.unwrap_or(call.op.verb()), data);
    outcome.into()
}

pub(super) async fn redirected(cx: &Cx, target: &str, args: Value) -> Result<Value> {
    let tool = cx.part::<Tools>()?.require(target)?;
    cx.call(tool.op(), args).await
}
