//! The door: the one place through which every call passes, and the layers around it.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures::FutureExt;
use futures::future::BoxFuture;

use crate::cx::Cx;
use crate::effect::Effect;
use crate::error::{Error, Kind, Result};
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
    /// Returns whether calls of this op concern the layer. It must depend on the op alone: the answer is remembered.
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
    /// Which of the layers the call has still to pass, as bits.
    left: u32,
}

impl<'a> Next<'a> {
    /// Passes the call on.
    pub fn run(mut self, call: Call) -> BoxFuture<'a, Result<Value>> {
        match self.layers.get(self.left.trailing_zeros() as usize) {
            Some(layer) => {
                self.left &= self.left - 1;
                layer.call(call, self)
            }
            None => call.op.run(call.cx, call.args),
        }
    }
}

/// Most layers of a door.
const MOST: usize = 24;

/// The numbers of doors.
static DOORS: AtomicU64 = AtomicU64::new(1);

/// The way that every call takes: arguments are checked, then the layers see it, then the body runs.
pub struct Door {
    layers: Vec<Arc<dyn Layer>>,
    /// Tells it from all other doors of the process.
    number: u64,
}

impl Default for Door {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Door {
    /// Creates a door with these layers, outermost first.
    ///
    /// - Panics: for more than 24 layers.
    pub fn new(layers: Vec<Arc<dyn Layer>>) -> Self {
        assert!(layers.len() <= MOST, "a door has at most {MOST} layers");
        let number = DOORS.fetch_add(1, Ordering::Relaxed);
        Self { layers, number }
    }

    /// Returns the layers that calls of this op concern, as bits.
    fn concerned(&self, op: &Op) -> u32 {
        let look = || {
            let layers = self.layers.iter().enumerate();
            layers
                .filter(|(_, layer)| layer.applies(op))
                .fold(0, |bits, (place, _)| bits | 1 << place)
        };
        op.concerns.of(self.number, look)
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
        if sink.is_none() && !op.is_recorded() && !op.is_charged() {
            return self.enter(cx, op, args).await;
        }
        let own = cx.below(sink)?;
        self.enter(&own, op, args).await
    }

    /// Makes the call that `own` is the context of, with arguments that were checked.
    pub(crate) async fn enter(&self, own: &Cx, op: &Arc<Op>, args: Value) -> Result<Value> {
        let call = Call {
            op: op.clone(),
            effect: op.effect_in(own, &args),
            args,
            cx: own.clone(),
        };
        let next = Next {
            left: self.concerned(op),
            layers: &self.layers,
        };
        let running = AssertUnwindSafe(async move { next.run(call).await });
        match running.catch_unwind().await {
            Ok(outcome) => outcome.map_err(|error| error.op(op.name())),
            Err(panic) => Err(bug(&*panic).op(op.name())),
        }
    }
}

/// Which layers of a door the calls of an op concern, as the op remembers it for the door that it passed last: the door's
/// number, and below it a bit for each layer.
#[derive(Default)]
pub(crate) struct Concerns(AtomicU64);

impl Concerns {
    fn of(&self, door: u64, look: impl FnOnce() -> u32) -> u32 {
        let known = self.0.load(Ordering::Relaxed);
        if known >> MOST == door {
            return (known & ((1 << MOST) - 1)) as u32;
        }
        let bits = look();
        self.0
            .store(door << MOST | u64::from(bits), Ordering::Relaxed);
        bits
    }
}

impl Clone for Concerns {
    /// A clone may become another op.
    fn clone(&self) -> Self {
        Self::default()
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
