//! Lua 5.4: one VM per run, on a thread of its own.

mod binder;
mod callback;
mod complete;
mod date;
mod error;
mod host;
mod input;
mod limits;
mod pattern;
mod random;
mod references;
mod require;
mod stdlib;
mod strings;
mod tables;
mod task;
mod value;
mod vm;
mod wait;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use llmspell_core::{Cx, Error, Kind, Module, Op, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use self::callback::Caller;
use self::limits::Stop;
use self::vm::{Event, Job};
use crate::engine::{Engine, Interpreter, Output, Script};

/// Stack of a VM's thread. Only what is used counts.
const STACK_BYTES: usize = 32 << 20;
/// Lua's own bound on calls within one another that go through C functions.
const LUA_MAX_STACK: u32 = 200;
/// How long a script that was asked to stop may take before its thread is left behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much of Lua's standard library scripts get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stdlib {
    /// `string table math utf8 coroutine` and the safe basic functions.
    None,
    /// `None`, and `os`, `io`, `require`, `dofile`, `load` of text, under the policy of the run.
    #[default]
    Safe,
    /// `Safe`, and `debug`, through which a script can reach around its limits: for trusted scripts only.
    Full,
}

/// What a Lua script may use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct LuaOptions {
    /// How much of the standard library scripts get.
    pub stdlib: Stdlib,
    /// Most memory of a script (bytes).
    pub max_memory: usize,
    /// Most instructions of a script (count); 0 is no limit. Looked at every thousand.
    pub max_instructions: u64,
    /// Most calls within one another that go through C functions, such as `string.gsub` and coroutines (count). Lua
    /// 5.4 fixes this at 200; another value is accepted with a warning and changes nothing.
    pub max_stack: u32,
    /// Where `require` looks, relative to the script; `?` is the module's name.
    pub package_paths: Vec<String>,
    /// Whether stacks of uncaught errors show local variables.
    pub debug: bool,
    /// Whether reading a global that was never set raises.
    pub strict_globals: bool,
}

impl Default for LuaOptions {
    fn default() -> Self {
        Self {
            stdlib: Stdlib::Safe,
            max_memory: 256 << 20,
            max_instructions: 0,
            max_stack: LUA_MAX_STACK,
            package_paths: ["./?.lua", "./?/init.lua", "./lib/?.lua"]
                .map(str::to_owned)
                .to_vec(),
            debug: false,
            strict_globals: false,
        }
    }
}

/// The ops behind the parts of the standard library that look at the world, so that runs can be repeated.
#[derive(Clone, Debug)]
pub struct HostOps {
    /// Returns microseconds since 1970. For `os.time` and `os.date`.
    pub now: Arc<Op>,
    /// Returns the processor seconds of the process. For `os.clock`.
    pub processor: Arc<Op>,
    /// Waits for `seconds`. For `os.execute("sleep N")`.
    pub sleep: Arc<Op>,
    /// Returns a seed for random numbers. For `math.random`.
    pub seed: Arc<Op>,
    /// Returns the environment variable `name`, or null. For `os.getenv`.
    pub variable: Arc<Op>,
}

/// What a VM is made of.
#[derive(Clone)]
struct Setup {
    id: u64,
    modules: Arc<[Module]>,
    host: HostOps,
    options: LuaOptions,
    output: Arc<dyn Output>,
    runtime: Handle,
}

/// The Lua engine: modules as globals of Lua 5.4.
#[derive(Clone)]
pub struct Lua {
    modules: Arc<[Module]>,
    host: HostOps,
    options: LuaOptions,
    output: Arc<dyn Output>,
}

impl Lua {
    /// Creates an engine whose scripts see these modules.
    pub fn new(
        modules: &[Module],
        host: HostOps,
        options: LuaOptions,
        output: Arc<dyn Output>,
    ) -> Self {
        Self {
            modules: modules.into(),
            host,
            options,
            output,
        }
    }
}

impl Engine for Lua {
    fn name(&self) -> &'static str {
        "lua"
    }

    fn open(&self) -> Result<Arc<dyn Interpreter>> {
        static NUMBERS: AtomicU64 = AtomicU64::new(1);
        let runtime = Handle::try_current().map_err(|_| {
            Error::new(
                Kind::Unavailable,
                "a script needs a tokio runtime to run on",
            )
        })?;
        let setup = Setup {
            id: NUMBERS.fetch_add(1, Ordering::Relaxed),
            modules: self.modules.clone(),
            host: self.host.clone(),
            options: self.options.clone(),
            output: self.output.clone(),
            runtime,
        };
        if self.options.max_stack != LUA_MAX_STACK {
            tracing::warn!(
                target: "llmspell::script",
                "engines.lua.max_stack: Lua 5.4 fixes the depth of C calls at {LUA_MAX_STACK}"
            );
        }
        let (events, inbox) = channel();
        let own = events.clone();
        std::thread::Builder::new()
            .name("lua".into())
            .stack_size(STACK_BYTES)
            .spawn(move || vm::serve(setup, own, inbox))
            .map_err(|failure| {
                llmspell_core::error!(
                    Unavailable,
                    "no thread for a script can be started: {failure}"
                )
            })?;
        Ok(Arc::new(Remote { events }))
    }

    fn run(&self, cx: Cx, script: Script) -> BoxFuture<'static, Result<Vec<Value>>> {
        let opened = self.open();
        Box::pin(async move {
            let interpreter = opened?;
            interpreter.eval(cx, script).await
        })
    }

    fn check(&self, script: &Script) -> Result<()> {
        let mut chunks = error::Chunks::default();
        let name = chunks.add(&script.name);
        let lua = scratch()?;
        let compile = |source: &str| require::compile_in(&lua, &name, source).map(drop);
        if script.expression && compile(&format!("return {}", script.source)).is_ok() {
            return Ok(());
        }
        compile(&script.source).map_err(|failure| error::of_syntax(&chunks, &failure))
    }

    fn is_incomplete(&self, source: &str) -> bool {
        let Ok(lua) = scratch() else {
            return false;
        };
        let compile = |source: &str| require::compile_in(&lua, "=input", source);
        if compile(&format!("return {source}")).is_ok() {
            return false;
        }
        matches!(
            compile(source),
            Err(mlua::Error::SyntaxError {
                incomplete_input: true,
                ..
            })
        )
    }
}

/// A VM that only compiles.
fn scratch() -> Result<mlua::Lua> {
    mlua::Lua::new_with(mlua::StdLib::NONE, mlua::LuaOptions::default())
        .map_err(|failure| Error::new(Kind::Unavailable, failure.to_string()))
}

/// An interpreter as other threads see it.
struct Remote {
    events: Sender<Event>,
}

impl Drop for Remote {
    fn drop(&mut self) {
        // A VM that has ended already needs no telling.
        let _ = self.events.send(Event::End);
    }
}

impl Interpreter for Remote {
    fn eval(&self, cx: Cx, script: Script) -> BoxFuture<'static, Result<Vec<Value>>> {
        let events = self.events.clone();
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let stop = Stop::below(None);
            let mut caller = Caller {
                stop: stop.clone(),
                events: events.clone(),
                waiting: true,
            };
            let job = Job {
                cx: cx.clone(),
                script,
                stop: stop.clone(),
                reply,
            };
            events.send(Event::Eval(job)).map_err(|_| limits::ended())?;
            let outcome = supervise(&cx, &stop, &events, answer).await;
            caller.waiting = false;
            outcome
        })
    }

    fn complete(&self, prefix: &str) -> BoxFuture<'static, Vec<String>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.events.send(Event::Complete(prefix.to_owned(), reply));
        Box::pin(async move {
            match sent {
                Ok(()) => answer.await.unwrap_or_default(),
                Err(_) => Vec::new(),
            }
        })
    }
}

type Answer = oneshot::Receiver<Result<Vec<Value>>>;

/// Waits for the script, asks it to stop when its context says so, and does not wait for ever then.
async fn supervise(
    cx: &Cx,
    stop: &Stop,
    events: &Sender<Event>,
    answer: Answer,
) -> Result<Vec<Value>> {
    let lost = |_| {
        Err(Error::new(
            Kind::Unavailable,
            "the interpreter ended before the script did",
        ))
    };
    let told = std::pin::pin!(asked_to_stop(cx));
    let (error, answer) = match select(answer, told).await {
        Either::Left((outcome, _)) => return outcome.unwrap_or_else(lost),
        Either::Right((error, answer)) => (error, answer),
    };
    stop.soft(error.clone());
    // A VM that has ended has dropped the reply, which ends the wait below.
    let _ = events.send(Event::Wake);
    let patience = cx.host().clock.sleep(PATIENCE);
    match select(answer, patience).await {
        Either::Left((outcome, _)) => outcome.unwrap_or(Err(error)),
        Either::Right(((), _)) => Err(error),
    }
}

/// Ends when the context is cancelled or its deadline has passed, with the reason.
async fn asked_to_stop(cx: &Cx) -> Error {
    let cancelled = std::pin::pin!(cx.cancel().cancelled());
    let Some(deadline) = cx.deadline() else {
        return cancelled.await;
    };
    let clock = &cx.host().clock;
    loop {
        if let Err(error) = cx.check() {
            return error;
        }
        let left = deadline.saturating_sub(clock.monotonic());
        let cancelled = std::pin::pin!(cx.cancel().cancelled());
        if let Either::Left((error, _)) = select(cancelled, clock.sleep(left)).await {
            return error;
        }
    }
}
