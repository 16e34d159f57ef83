//! What a script sees of time, random numbers and the environment.
//!
//! None of it is a call in the journal: it is seen too often. The time and variables are sights, which the journal keeps
//! beside the calls; random numbers depend on a key of the run and the place where they are drawn, so nothing is kept of
//! them. A run that is resumed sees the same again.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{CallId, Cx, Effect, Module, Op, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::journal::{self, Journal};

/// Returns the ops behind the clock, random and environment functions of a language's own library.
///
/// Binders get them from the wiring, since a binder names no op.
pub fn module() -> Module {
    Module::hidden("clock", "Time, random seeds and environment variables.")
        .op(Op::new("now", now))
        .op(Op::new("processor", processor))
        .op(Op::new("sleep", sleep).effect(Effect::Read))
        .op(Op::new("seed", seed))
        .op(Op::new("variable", variable))
}

/// Returns the microseconds since 1970, in UTC.
#[derive(Deserialize, JsonSchema)]
struct Now {}

async fn now(cx: Cx, _: Now) -> Result<i64> {
    Ok(journal::now(&cx))
}

/// Returns the seconds of processor time that the process has used.
#[derive(Deserialize, JsonSchema)]
struct Processor {}

async fn processor(cx: Cx, _: Processor) -> Result<f64> {
    let look = || Value::from(cx.host().clock.processor().as_secs_f64());
    let Ok(journal) = cx.part::<Journal>() else {
        return Ok(cx.host().clock.processor().as_secs_f64());
    };
    let (seen, _) = journal.see(&cx, "clock.processor", "", look);
    Ok(seen.as_float().unwrap_or_default())
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
    Ok(i64::from_le_bytes(random(&cx, "clock.seed")))
}

/// Returns random bytes of the place: what is drawn, below which call, and how often before. They are the same when the
/// run is resumed.
pub(crate) fn random<const N: usize>(cx: &Cx, what: &str) -> [u8; N] {
    let content = CallId::content(cx.id(), what, "");
    let mut bytes = [0; N];
    let place = content.nth(cx.count(content));
    cx.host().random.fill_at(place, &mut bytes);
    bytes
}

/// Returns an environment variable, if it is set and the policy lets the spell see it.
#[derive(Deserialize, JsonSchema)]
struct Variable {
    /// The variable's name.
    name: String,
}

async fn variable(cx: Cx, args: Variable) -> Result<Value> {
    let value = cx.host().environment.var(&args.name);
    let journal = cx.part::<Journal>().ok();
    // A secret is not written, and is looked up again.
    let kept = journal.filter(|journal| {
        let secret = value.as_ref().is_some_and(|value| journal.is_secret(value));
        !secret
    });
    let Some(journal) = kept else {
        return Ok(value.into());
    };
    Ok(journal
        .see(&cx, "clock.variable", &args.name, || value.into())
        .0)
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
