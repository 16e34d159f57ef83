//! Runs for tests: ops of every effect, the layers around them, a clock that is moved by hand.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::host::Closed;
use llmspell_core::{Clock, Cx, Door, Effect, Host, Limits, Op, Result, RunBuilder, Usage, Value};
use llmspell_runtime::host::{RunEnvironment, SystemClock, SystemRandom};
use llmspell_runtime::layer;
use parking_lot::Mutex;

/// A clock whose sleeps end at once and move it.
#[derive(Default)]
pub(crate) struct HandClock {
    at: Mutex<Duration>,
    pub(crate) slept: Mutex<Vec<Duration>>,
}

impl Clock for HandClock {
    fn now(&self) -> i64 {
        1_700_000_000_000_000 + self.at.lock().as_micros() as i64
    }
    fn monotonic(&self) -> Duration {
        *self.at.lock()
    }
    fn processor(&self) -> Duration {
        *self.at.lock()
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        self.slept.lock().push(duration);
        *self.at.lock() += duration;
        Box::pin(std::future::ready(()))
    }
}

pub(crate) fn host(clock: Arc<dyn Clock>) -> Host {
    Host::closed(
        clock,
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    )
}

/// Puts a run together with these layers.
pub(crate) fn run(options: layer::Options, clock: Arc<dyn Clock>) -> RunBuilder {
    let door = Arc::new(Door::new(layer::stack(options)));
    Cx::run("test", door, host(clock))
}

pub(crate) fn plain(options: layer::Options) -> Cx {
    run(options, Arc::new(SystemClock)).build()
}

pub(crate) fn limited(options: layer::Options, limits: Limits) -> Cx {
    run(options, Arc::new(SystemClock)).limits(limits).build()
}

fn any() -> serde_json::Value {
    serde_json::json!({"type": "object"})
}

/// An op that does what the function says.
pub(crate) fn op<F, Fut>(name: &str, effect: Effect, body: F) -> Op
where
    F: Fn(Cx, Value) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Value>> + Send + 'static,
{
    Op::dynamic(name, any(), body).effect(effect).open()
}

/// An op that returns its arguments.
pub(crate) fn echo(name: &str, effect: Effect) -> Arc<Op> {
    Arc::new(op(name, effect, |_, args| async move { Ok(args) }))
}

/// An op that fails so often before it succeeds, and counts its attempts.
pub(crate) fn flaky(failures: u32, error: fn() -> llmspell_core::Error) -> (Op, Arc<AtomicU32>) {
    let count = Arc::new(AtomicU32::new(0));
    let seen = count.clone();
    let op = op("flaky", Effect::Read, move |_, _| {
        let attempt = seen.fetch_add(1, Ordering::SeqCst) + 1;
        async move {
            if attempt <= failures {
                return Err(error());
            }
            Ok(Value::from(attempt))
        }
    });
    (op, count)
}

/// A model that reports what its arguments say.
pub(crate) fn model() -> Op {
    op("model.complete", Effect::Read, |cx, args| async move {
        let number = |name: &str| args.get(name).and_then(Value::as_int).map(|n| n as u64);
        cx.report(&Usage {
            input_tokens: number("input"),
            output_tokens: number("output"),
            cost_usd: args.get("cost").and_then(Value::as_float),
            ..Usage::default()
        });
        Ok(Value::from("answer"))
    })
}
