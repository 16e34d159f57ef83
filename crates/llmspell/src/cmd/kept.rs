//! What the commands about state share: calls of the functions of `State` on the configured store.

use std::sync::Arc;

use llmspell::config::{Backend, Loaded};
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Cx, Map, Op, Result, Value, error};
use llmspell_script::Script;

use super::{given, unrecorded};
use crate::desk::Desk;
use crate::exit::Failure;

/// Reads the configuration with these switches of `[state]` on.
///
/// - Errors: `Config` (exit 78) if values are kept in memory, where a command finds none.
pub(super) fn load(desk: &mut Desk, switches: &[&str]) -> Result<Loaded, Failure> {
    let on = |name: &&str| ("the command".to_owned(), format!("state.{name}=true"));
    let loaded = desk.load(switches.iter().map(on).collect())?;
    loaded.require(&["state"])?;
    if loaded.config.state.backend == Backend::Memory {
        let refusal = error!(
            Config,
            "`state.backend` is 'memory', which ends with each run"
        );
        return Err(refusal
            .hint("set `state.backend = \"sqlite\"`, or LLMSPELL_STATE_BACKEND=sqlite")
            .into());
    }
    Ok(loaded)
}

/// Does work in a run of its own, which is not recorded.
pub(super) fn within<T>(
    loaded: &Loaded,
    work: impl AsyncFnOnce(Cx) -> Result<T>,
) -> Result<T, Failure> {
    let script = Script::new("state", "");
    let done = unrecorded::within(loaded, &script, async |world| {
        work(world.cx().clone()).await
    });
    Ok(done?)
}

/// Calls a function of `State` with arguments by name.
pub(super) async fn call<const N: usize>(
    cx: &Cx,
    verb: &str,
    args: [(&str, Value); N],
) -> Result<Value> {
    let args = args.into_iter();
    let args: Map = args.collect();
    cx.call(&function(verb)?, Value::Map(args)).await
}

fn function(verb: &str) -> Result<Arc<Op>> {
    let modules = llmspell::modules();
    let state = modules.iter().find(|module| module.name == "state");
    let found = state.and_then(|state| state.find(verb)).cloned();
    found.ok_or_else(|| error!(Bug, "State has no function '{verb}'"))
}

/// Ends with code 1 if a result says that it did not succeed.
pub(super) fn succeeded(result: &Value) -> Result<(), Failure> {
    if result.get("success").and_then(Value::as_bool) != Some(false) {
        return Ok(());
    }
    let text = |name: &str| result.get(name).and_then(Value::as_str);
    let kind = text("error_kind").and_then(llmspell_core::Kind::from_name);
    let error = llmspell_core::Error::new(
        kind.unwrap_or(llmspell_core::Kind::Execution),
        text("error").unwrap_or_default().to_owned(),
    );
    Err(Failure::with_code(error, 1))
}

/// Returns text that stands for a value: `-` is standard input, and with `json` it is JSON.
pub(super) fn written(text: &str, json: bool) -> Result<Value, Failure> {
    let text = given::text_or_input(text)?;
    match json {
        true => from_json(&text)
            .map_err(|error| Failure::with_code(error.hint("VALUE is JSON with --json"), 2)),
        false => Ok(text.into()),
    }
}

/// Shows a value on one line: a text as it is, anything else as JSON.
pub(super) fn line(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => to_json(other),
    }
}
