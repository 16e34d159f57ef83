//! Checking parameters without a call.

use llmspell_core::{Cx, Result, Value, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Tools, get, parameters};

/// Checks parameters without calling the tool: `{valid, errors, parameters}`.
///
/// `errors` is a list of error objects; `parameters` are those that the tool would get.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Validate {
    /// The tool's name.
    name: Value,
    /// The parameters.
    #[serde(default)]
    params: Value,
}

/// What a check found.
#[derive(Serialize, JsonSchema)]
pub(super) struct Report {
    valid: bool,
    /// Error objects.
    errors: Vec<Value>,
    /// The parameters that the tool would get.
    parameters: Value,
}

pub(super) async fn validate(cx: Cx, a: Validate) -> Result<Report> {
    let Some(name) = get::name_of(&a.name) else {
        bail!(
            InvalidArgs,
            "the tool must be named by text, got {}",
            a.name.type_name()
        );
    };
    let tool = cx.part::<Tools>()?.require(name)?;
    let checked = parameters::split(tool.op(), a.params).and_then(|(params, common)| {
        let (params, _) = tool.op().prepare(Value::Map(params))?;
        match common.refusal {
            Some(refusal) => Err(refusal),
            None => Ok(params),
        }
    });
    let (valid, errors, parameters) = match checked {
        Ok(params) => (true, Vec::new(), params),
        Err(error) => (false, vec![error.to_value()], Value::Null),
    };
    Ok(Report {
        valid,
        errors,
        parameters,
    })
}
