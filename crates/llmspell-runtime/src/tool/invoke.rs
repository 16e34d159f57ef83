//! `Tool.invoke` and the calls of a tool table.

use llmspell_core::{Cx, Effect, Handle, Map, Op, Result, Value, View, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Envelope, Tools, call, get};

/// Calls a tool.
///
/// A failure of the tool is returned with `success = false`; an unknown tool and parameters of the wrong shape raise.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Invoke {
    /// The tool's name, its table or an item of `Tool.list()`.
    name: Value,
    /// The tool's parameters.
    #[serde(default)]
    params: Value,
    /// `raise = true` raises failures.
    #[serde(default)]
    options: Value,
}

pub(super) fn op() -> Op {
    Op::new("invoke", invoke)
        .aliases(&["execute", "execute_async"])
        .positional()
        .view(View::Envelope)
}

async fn invoke(cx: Cx, a: Invoke) -> Result<Value> {
    let Some(name) = get::name_of(&a.name) else {
        bail!(
            InvalidArgs,
            "the tool must be named by text, got {}",
            a.name.type_name()
        );
    };
    let raise = raise("tool.invoke", &a.options);
    let envelope = call::invoke(&cx, name, a.params).await?;
    answer(&cx, envelope, raise)
}

/// Calls the tool.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "describes what `execute` takes")]
pub(super) struct Execute {
    /// The tool.
    tool: Handle,
    /// Its parameters.
    #[serde(default)]
    params: Value,
    /// `raise = true` raises failures.
    #[serde(default)]
    options: Value,
}

pub(super) fn method() -> Op {
    Op::plain::<Execute, _, _>("execute", execute)
        .on("tool")
        .aliases(&["invoke"])
        .positional()
        .callable()
        .view(View::Envelope)
        .effect(Effect::Pure)
}

async fn execute(cx: Cx, args: Value) -> Result<Value> {
    let mut args = match args {
        Value::Map(args) => args,
        _ => Map::new(),
    };
    let mut take = |name| args.get_mut(name).map(std::mem::take).unwrap_or_default();
    let tool = match take("tool") {
        Value::Handle(tool) => tool,
        other => bail!(
            InvalidArgs,
            "parameter 'tool' must be a tool, got {}",
            other.type_name()
        ),
    };
    let (params, options) = (take("params"), take("options"));
    let raise = raise("tool.execute", &options);
    let envelope = call::invoke(&cx, &tool.id, params).await?;
    answer(&cx, envelope, raise)
}

/// Returns whether failures are to be raised, if the options say, and warns of options that there are not.
fn raise(op: &str, options: &Value) -> Option<bool> {
    for name in options.as_map()?.keys() {
        if name.as_str() != "raise" {
            tracing::warn!(target: "llmspell::args", op, "unknown option '{name}' (the only one is 'raise')");
        }
    }
    options.get("raise").and_then(Value::as_bool)
}

fn answer(cx: &Cx, envelope: Envelope, raise: Option<bool>) -> Result<Value> {
    if let Err(error) = &envelope.outcome {
        let raises = match raise {
            Some(raise) => raise,
            None => cx.part::<Tools>()?.options().raise_errors,
        };
        if raises {
            return Err(error.clone());
        }
    }
    Ok(envelope.into_value())
}
