//! The one path of every tool call, whoever makes it.

use std::time::Duration;

use llmspell_core::{
    CallId, Cx, Effect, Error, Kind, Op, Outcome, Result, ToolSettings, Value, error,
};

use super::parameters::{self, Common};
use super::spill::{self, Called};
use super::{Envelope, Tool, Tools};
use crate::journal::Journal;

/// Calls the tool of that name.
///
/// - Errors: `NotFound` for an unknown tool, `InvalidArgs` for parameters of the wrong shape; a hook's or the caller's
///   own cancellation. Every other failure is in the envelope.
pub async fn invoke(cx: &Cx, name: &str, params: Value) -> Result<Envelope> {
    let tools = cx.part::<Tools>()?;
    let tool = tools.require(name)?;
    call(cx, &tools, &tool, params).await
}

/// Calls a tool that may be private to an agent.
pub(crate) async fn call(cx: &Cx, tools: &Tools, tool: &Tool, params: Value) -> Result<Envelope> {
    let op = tool.op();
    let (params, common) = parameters::split(op, params).map_err(|error| complaint(tool, error))?;
    let (params, _) = op
        .prepare(Value::Map(params))
        .and_then(|prepared| op.check_needs(&prepared.0).map(|()| prepared))
        .map_err(|error| complaint(tool, error))?;
    let mut envelope = Envelope {
        tool: tool.name().to_owned(),
        operation: operation(tool, &params),
        outcome: Ok(Outcome::default()),
        duration: Duration::ZERO,
        call_id: CallId::ROOT,
        model_output_bytes: tools.options().model_output_bytes,
    };
    let clock = cx.host().clock.clone();
    let began = clock.monotonic();
    let outcome = match refusal(cx, tool, &common) {
        Some(refusal) => {
            envelope.call_id = unmade(cx, tool);
            Err(refusal.op(op.name()))
        }
        None => {
            let declared = tools
                .options()
                .timeout(tool.name(), tool.info().timeout_with(&params));
            let limit = common.timeout.unwrap_or(declared);
            let limit = (limit, began.saturating_add(limit));
            let (id, outcome) = run(cx, tools, tool, params, limit).await;
            envelope.call_id = id;
            outcome
        }
    };
    // A call that the journal answered took as long as it did.
    let journal = cx.part_ref::<Journal>();
    let recorded = journal.and_then(|journal| journal.took(envelope.call_id));
    envelope.duration = recorded.unwrap_or_else(|| clock.monotonic().saturating_sub(began));
    envelope.outcome = match outcome {
        Ok(mut outcome) => {
            envelope.operation.clone_from(&outcome.operation);
            let called = Called {
                tool,
                id: envelope.call_id,
            };
            let options = tools.options();
            let settled = match spill::is_settled(options, &common, called.tool, &outcome) {
                true => Ok(()),
                // Few results are kept or cut: the rest need no room for what that waits for.
                false => Box::pin(spill::settle(cx, options, &common, &called, &mut outcome)).await,
            };
            settled.map(|()| outcome)
        }
        Err(error) => Err(error),
    };
    if let Err(error) = envelope.outcome {
        canonical(op, &mut envelope.operation);
        let error = placed(tool, &envelope.operation, error);
        raised(cx, &error)?;
        envelope.outcome = Err(error);
    }
    Ok(envelope)
}

/// Makes the call, which has so much time and must have ended then.
async fn run(
    cx: &Cx,
    tools: &Tools,
    tool: &Tool,
    params: Value,
    (limit, deadline): (Duration, Duration),
) -> (CallId, Result<Outcome>) {
    let op = tool.op();
    // A tool made of other calls holds no slot, or calls within calls could use up all of them and wait for ever.
    let _slot = match op.declared_effect() {
        Effect::Scope => None,
        _ => match tools.slots.try_acquire() {
            Ok(slot) => Some(slot),
            Err(_) => {
                let waiting = cx.bounded(Some(limit), None);
                match waiting.unless_stopped(tools.slots.acquire()).await {
                    Ok(slot) => slot.ok(),
                    Err(error) => return (unmade(cx, tool), Err(error)),
                }
            }
        },
    };
    let host = tools.host(tool.name());
    let (id, outcome) = cx.call_until((limit, deadline), host, op, params).await;
    (id, outcome_of(cx, tool, limit, deadline, outcome))
}

/// Returns the id of a call that is refused before it is made, so that answers can be told apart.
fn unmade(cx: &Cx, tool: &Tool) -> CallId {
    let content = CallId::content(cx.id(), tool.op().name(), "refused");
    content.nth(cx.count(content))
}

/// Takes what the tool answered.
fn outcome_of(
    cx: &Cx,
    tool: &Tool,
    limit: Duration,
    deadline: Duration,
    outcome: Result<Value>,
) -> Result<Outcome> {
    // What ended the caller, or what the tool waited for, has other ways out.
    let is_late = || cx.host().clock.monotonic() >= deadline && cx.check().is_ok();
    let outcome = outcome.map_err(|error| match is_late() {
        true => late(tool, limit, error),
        false => error,
    });
    let mut outcome = Outcome::from_value(outcome?).map_err(|error| {
        Error::new(Kind::Bug, "the tool's result is not one").with("cause", error.to_string())
    })?;
    if outcome.operation.is_empty() {
        outcome.operation = tool.name().to_owned();
    }
    Ok(outcome)
}

/// Says of a call that its own limit ended how it gets more time.
fn late(tool: &Tool, limit: Duration, error: Error) -> Error {
    if error.kind() != Kind::Timeout || !error.hints().is_empty() {
        return error;
    }
    // What the tool itself waited for had only the rest of the time.
    let error = error.with_new("limit_ms", limit.as_millis());
    error.hint(format!(
        "give it more time with `timeout_ms`, or with `tools.{}.timeout_ms`",
        tool.name()
    ))
}

fn refusal(cx: &Cx, tool: &Tool, common: &Common) -> Option<Error> {
    let name = tool.name();
    if !tool.is_enabled() {
        let refusal = error!(Unavailable, "Tool '{name}' is disabled");
        return Some(refusal.hint(format!("set `enabled = true` in [tools.{name}]")));
    }
    let settings = cx.part_ref::<ToolSettings>();
    let fault = settings.and_then(|settings| settings.check(name).err());
    fault.or_else(|| common.refusal.clone())
}

/// Raises what no envelope may swallow: parameters of the wrong shape, which the schema could not tell, a hook's
/// cancellation and the end of the caller itself.
fn raised(cx: &Cx, error: &Error) -> Result<()> {
    let by_hook = error.kind() == Kind::Cancelled && error.details().contains_key("hook");
    if by_hook || error.is_misshapen() {
        return Err(error.clone());
    }
    cx.check()
}

/// Names the operation in an error of the tool itself: `tool:NAME.OPERATION`.
fn placed(tool: &Tool, operation: &str, error: Error) -> Error {
    let own = tool.op().name();
    let is_named = operation != tool.name();
    let error = match error.is_misshapen() {
        true if is_named => complaint(tool, error).with("operation", operation.to_owned()),
        true => complaint(tool, error),
        false => error,
    };
    if is_named && error.op_name().is_none_or(|op| op == own) {
        return error.with_op(format!("{own}.{operation}"));
    }
    error
}

fn complaint(tool: &Tool, error: Error) -> Error {
    error.with("tool", tool.name())
}

/// Returns the operation that is asked for, or the one that the tool does unasked.
fn operation(tool: &Tool, params: &Value) -> String {
    let usual = || {
        let field = tool.op().shape().field("operation")?;
        field.default.as_ref()?.as_str()
    };
    let told = tool.info().operation_of.and_then(|told| told(params));
    told.or_else(|| params.get("operation").and_then(Value::as_str))
        .or_else(usual)
        .unwrap_or_else(|| tool.name())
        .to_owned()
}

/// Replaces what a caller may write for an operation by its name. A call that succeeds says it by itself.
fn canonical(op: &Op, operation: &mut String) {
    let field = op.shape().field("operation");
    if let Some(name) = field.and_then(|field| field.choice(operation)) {
        *operation = name.to_owned();
    }
}
