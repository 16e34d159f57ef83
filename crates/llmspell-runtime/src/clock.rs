//! What a script sees of time, random numbers and the environment, as ops, so that it is recorded and replays.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Effect, Module, Op, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

/// Returns the ops behind the clock, random and environment functions of a language's own library.
///
/// Binders get them from the wiring, since a binder names no op.
pub fn module() -> Module {
    Module::hidden("clock", "Time, random seeds and environment variables.")
        .op(Op::new("now", now).effect(Effect::Read))
        .op(Op::new("processor", processor).effect(Effect::Read))
        .op(Op::new("sleep", sleep).effect(Effect::Read))
        .op(Op::new("seed", seed).effect(Effect::Read))
        .op(Op::new("variable", variable).effect(Effect::Read))
}

/// Returns the microseconds since 1970, in UTC.
#[derive(Deserialize, JsonSchema)]
struct Now {}

async fn now(cx: Cx, _: Now) -> Result<i64> {
    Ok(cx.host().clock.now())
}

/// Returns the seconds of processor time that the process has used.
#[derive(Deserialize, JsonSchema)]
struct Processor {}

async fn processor(cx: Cx, _: Processor) -> Result<f64> {
    Ok(cx.host().clock.processor().as_secs_f64())
}

/// Waits. A recorded wait is not waited for again.
#[derive(Deserialize, JsonSchema)]
pub(crate) struct Sleep {
    /// Seconds, fractions allowed.
    pub(crate) seconds: f64,
}

pub(crate) async fn sleep(cx: Cx, args: Sleep) -> Result<()> {
    let Ok(duration) = Duration::try_from_secs_f64(args.seconds) else {
        bail!(
            InvalidArgs,
            "'seconds' must be a number from 0 on, got {}",
            args.seconds
        );
    };
    cx.host().clock.sleep(duration).await;
    Ok(())
}

/// Returns a random number to start a generator from.
#[derive(Deserialize, JsonSchema)]
struct Seed {}

async fn seed(cx: Cx, _: Seed) -> Result<i64> {
    Ok(cx.host().random.next().cast_signed())
}

/// Returns an environment variable, if it is set and the policy lets the spell see it.
#[derive(Deserialize, JsonSchema)]
struct Variable {
    /// The variable's name.
    name: String,
}

async fn variable(cx: Cx, args: Variable) -> Result<Value> {
    Ok(cx.host().environment.var(&args.name).into())
}

/// Returns the op of a module with that verb.
///
/// # Panics
/// If there is none, which only a typing error in the wiring can cause.
pub fn op(module: &Module, verb: &str) -> Arc<Op> {
    match module.find(verb) {
        Some(op) => op.clone(),
        None => unreachable!("the module {} has no op '{verb}'", module.name),
    }
}
