//! The door: the one place through which every call passes, and the layers around it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::cx::Cx;
use crate::effect::Effect;
use crate::error::{Error, Kind, Result};
use crate::id::CallId;
use crate::op::Op;
use crate::sink::Sink;
use crate::value::Value;

/// One call on its way through the layers.
#[derive(Debug)]
pub struct Call {
    /// What is called.
    pub op: Arc<Op>,
    /// The arguments, checked against the op's schema.
    pub args: Value,
    /// The context of this call.
    pub cx: Cx,
    /// What the call does to the world.
    pub effect: Effect,
}

/// Something that wraps calls: tracing, budgets, permissions, the journal, retries, timeouts.
///
/// A layer sees each call for which [`Layer::applies`] is true, may change it, answer it or refuse it, and otherwise
/// passes it on with [`Next::run`], possibly several times.
pub trait Layer: Send + Sync {
    /// Returns whether calls of this op concern the layer. Asked at each call, so it must be cheap and must depend
    /// on the op alone.
    fn applies(&self, op: &Op) -> bool {
        let _ = op;
        true
    }

    /// Handles one call.
    ///
    /// - Cancel: the future may be dropped at any await; the layer must leave its own books in order then.
    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>>;
}

/// The rest of the way: the layers further in, and the body of the op.
#[derive(Clone, Copy)]
pub struct Next<'a> {
    layers: &'a [Arc<dyn Layer>],
}

impl<'a> Next<'a> {
    /// Passes the call on.
    pub fn run(mut self, call: Call) -> BoxFuture<'a, Result<Value>> {
        while let Some((layer, rest)) = self.layers.split_first() {
            self.layers = rest;
            if layer.applies(&call.op) {
                return layer.call(call, self);
            }
        }
        call.op.run(call.cx, call.args)
    }
}

/// The way that every call takes: arguments are checked, then the layers see it, then the body runs.
#[derive(Default)]
pub struct Door {
    layers: Vec<Arc<dyn Layer>>,
}

impl Door {
    /// Creates a door with these layers, outermost first.
    pub fn new(layers: Vec<Arc<dyn Layer>>) -> Self {
        Self { layers }
    }

    /// Makes one call below `cx`. A panic on the way becomes an error of kind `bug`.
    pub(crate) async fn call(
        &self,
        cx: &Cx,
        op: &Arc<Op>,
        args: Value,
        sink: Option<Sink>,
    ) -> Result<Value> {
        let (args, warnings) = op.prepare(args)?;
        for warning in warnings {
            tracing::warn!(target: "llmspell::args", op = op.name(), "{warning}");
        }
        let mut unused = CallId::ROOT;
        self.enter(cx, op, args, sink, &mut unused).await
    }

    /// Makes one call below `cx`, with arguments that were checked, and writes its id to `id` when it ends.
    pub(crate) async fn enter(
        &self,
        cx: &Cx,
        op: &Arc<Op>,
        args: Value,
        sink: Option<Sink>,
        id: &mut CallId,
    ) -> Result<Value> {
        let effect = op.effect_in(cx, &args);
        let plain = sink.is_none() && !op.is_recorded() && !op.is_charged();
        let own = if plain { cx.clone() } else { cx.below(sink)? };
        let call = Call {
            op: op.clone(),
            args,
            cx: own.clone(),
            effect,
        };
        let running = AssertUnwindSafe(async move {
            Next {
                layers: &self.layers,
            }
            .run(call)
            .await
        });
        let outcome = running.catch_unwind().await;
        *id = own.id();
        match outcome {
            Ok(outcome) => outcome.map_err(|error| error.op(op.name())),
            Err(panic) => Err(bug(&*panic).op(op.name())),
        }
    }
}

fn bug(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::new(Kind::Bug, format!("a defect in the runtime: {text}"))
        .hint("please report this with the spell that caused it")
}

impl std::fmt::Debug for Door {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Door({} layers)", self.layers.len())
    }
}
