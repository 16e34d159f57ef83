//! What the engines have in common: a VM lives on a thread of its own, and all that comes from outside is an event in
//! its inbox.
//!
//! A call of an op is polled once where the script makes it. If it is not ready, it goes on on the runtime's threads
//! and its end comes back as an event. A function that the script handed out is a request in the same inbox.

mod call;
mod callback;
mod current;
mod frame;
mod gauge;
mod input;
mod numbers;
mod output;
mod remote;
mod stop;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Module, Result, Value};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

pub(crate) use self::call::{Begun, begin};
pub(crate) use self::callback::{Args, Function, Local, Request, Target, enter, leave};
pub(crate) use self::current::Current;
pub(crate) use self::frame::{Frame, place};
pub(crate) use self::gauge::Gauge;
pub(crate) use self::input::{Input, Origin, Want};
pub(crate) use self::numbers::ByNumber;
pub(crate) use self::output::write;
pub(crate) use self::stop::{Stop, abandoned, ended, no_function, out_of_memory};
use crate::engine::{Interpreter, Output, Script};
use crate::host_ops::HostOps;

/// How long calls that are under way may take to end once their script was asked to stop.
pub(crate) const GRACE: Duration = Duration::from_secs(2);

/// What comes in from outside.
pub(crate) enum Event {
    /// Run a script.
    Eval(Job),
    /// Call a function of a script.
    Call(Request),
    /// A call has ended.
    Done(u64, Result<Value>),
    /// Nobody will call this function again.
    Release(i64),
    /// Nobody waits for the task of this stop any more.
    Kill(Arc<Stop>),
    /// List the ways to complete a word.
    Complete(String, oneshot::Sender<Vec<String>>),
    /// Look at the stops again.
    Wake,
    /// The interpreter was dropped.
    End,
}

/// A script to run.
pub(crate) struct Job {
    pub(crate) cx: Cx,
    pub(crate) script: Script,
    pub(crate) stop: Arc<Stop>,
    pub(crate) reply: oneshot::Sender<Result<Vec<Value>>>,
}

/// What an engine is made of, whatever its language.
#[derive(Clone)]
pub(crate) struct Parts<O> {
    pub(crate) modules: Arc<[Module]>,
    pub(crate) host: HostOps,
    pub(crate) options: O,
    pub(crate) output: Arc<dyn Output>,
}

/// What a VM is made of.
pub(crate) struct Setup<O> {
    pub(crate) id: u64,
    pub(crate) modules: Arc<[Module]>,
    pub(crate) host: HostOps,
    pub(crate) options: O,
    pub(crate) output: Arc<dyn Output>,
    pub(crate) runtime: Handle,
    pub(crate) gauge: Arc<Gauge>,
}

/// Starts the thread of a VM, which `serve` makes and serves until it is told to end.
///
/// - Errors: `Unavailable` outside a tokio runtime or if no thread can be started.
pub(crate) fn open<O: Clone + Send + 'static>(
    name: &str,
    stack_bytes: usize,
    parts: &Parts<O>,
    serve: fn(Setup<O>, Sender<Event>, Receiver<Event>),
) -> Result<Arc<dyn Interpreter>> {
    static NUMBERS: AtomicU64 = AtomicU64::new(1);
    let runtime = Handle::try_current().map_err(|_| {
        Error::new(
            Kind::Unavailable,
            "a script needs a tokio runtime to run on",
        )
    })?;
    let (parts, gauge) = (parts.clone(), Arc::new(Gauge::default()));
    let id = NUMBERS.fetch_add(1, Ordering::Relaxed);
    let setup = Setup {
        id,
        modules: parts.modules,
        host: parts.host,
        options: parts.options,
        output: parts.output,
        runtime,
        gauge: gauge.clone(),
    };
    let (events, inbox) = channel();
    let own = events.clone();
    std::thread::Builder::new()
        .name(name.to_owned())
        .stack_size(stack_bytes)
        .spawn(move || serve(setup, own, inbox))
        .map_err(|failure| {
            llmspell_core::error!(
                Unavailable,
                "no thread for a script can be started: {failure}"
            )
        })?;
    Ok(remote::interpreter(id, events, gauge))
}

/// Answers everything with the error that kept a VM from being made.
pub(crate) fn refuse(error: &Error, inbox: &Receiver<Event>) {
    while let Ok(event) = inbox.recv() {
        match event {
            Event::Eval(job) => drop(job.reply.send(Err(error.clone()))),
            Event::End => return,
            _ => {}
        }
    }
}
