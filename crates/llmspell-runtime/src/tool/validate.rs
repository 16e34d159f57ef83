//! Checking parameters without a call.

use llmspell_core::{Cx, Effect, Op, Result, Value, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Tools, define, get, parameters};
use crate::agent::schema::Schema;

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
    let checked = check(tool.op(), a.params);
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

/// Checks parameters as a call does before the tool runs, as far as what the tool says about them tells. Returns those that
/// the tool would get.
///
/// - Errors: `InvalidArgs` for what a call would raise or refuse.
pub fn check(op: &Op, params: Value) -> Result<Value> {
    let (params, common) = parameters::split(op, params)?;
    let refused = common.refusal.map_or(Ok(()), Err);
    let checked = op.prepare(Value::Map(params)).and_then(|(params, _)| {
        refused?;
        match op.declared_effect() {
            // A tool of the spell: its schema says everything.
            Effect::Scope => define::fitted(&Schema::new(op.shape().json_schema())?, params),
            _ => op.check(&params).map(|()| params),
        }
    });
    checked.map_err(|error| error.op(op.name()).with("tool", op.verb().to_owned()))
}
