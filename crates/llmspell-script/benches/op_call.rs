//! What calls from Lua and JavaScript cost. Run with `cargo bench -p llmspell-script`.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use llmspell_core::{
    Callback, Clock, Cx, Door, Environment, Host, Module, Op, Random, Result, Value, Worker,
};
use llmspell_script::{
    Engine, FileOps, HostOps, InputOps, JavaScript, JavaScriptOptions, Lua, LuaOptions, Output,
    Script, Stream,
};
use schemars::JsonSchema;
use serde::Deserialize;

struct World(Instant);

impl Clock for World {
    fn now(&self) -> i64 {
        0
    }
    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
    fn processor(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

impl Random for World {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

impl Environment for World {
    fn var(&self, _: &str) -> Option<String> {
        None
    }
}

impl Worker for World {
    fn run(&self, _: &'static str, _: Value, _: Duration) -> BoxFuture<'static, Result<Value>> {
        Box::pin(async { Ok(Value::Null) })
    }
}

impl Output for World {
    fn write(&self, _: Stream, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

/// Nothing.
#[derive(Deserialize, JsonSchema)]
struct Empty {}

/// Any value.
#[derive(Deserialize, JsonSchema)]
struct Any {
    /// The value.
    #[serde(default)]
    value: Value,
}

/// A function.
#[derive(Deserialize, JsonSchema)]
struct Apply {
    /// The function.
    f: Callback,
}

/// Seconds.
#[derive(Deserialize, JsonSchema)]
struct Sleep {
    /// How long.
    seconds: f64,
}

fn parts() -> (Vec<Module>, HostOps, Arc<dyn Output>) {
    let module = Module::new("bench", "Bench", "Ops to measure.")
        .op(Op::new("empty", |_: Cx, _: Empty| async { Ok(()) }))
        .op(Op::new("at_once", |_: Cx, _: Empty| async { Ok(()) }).immediate())
        .op(Op::new("echo", |_: Cx, a: Any| async move { Ok(a.value) }).positional())
        .op(Op::new("take", |_: Cx, _: Any| async move { Ok(()) }))
        .op(Op::new("pending", |_: Cx, _: Empty| async {
            tokio::task::yield_now().await;
            Ok(())
        }))
        .op(Op::new("apply", |cx: Cx, a: Apply| async move {
            a.f.call(&cx, Vec::new()).await
        }))
        .op(Op::new("sleep", |cx: Cx, a: Sleep| async move {
            cx.host()
                .clock
                .sleep(Duration::from_secs_f64(a.seconds))
                .await;
            Ok(())
        }));
    let op = module.find("empty").unwrap().clone();
    let host = HostOps {
        now: op.clone(),
        processor: op.clone(),
        sleep: op.clone(),
        seed: op.clone(),
        variable: op.clone(),
        input: InputOps {
            recall: op.clone(),
            note: op.clone(),
        },
        fetch: op.clone(),
        files: FileOps {
            open: op.clone(),
            read: op.clone(),
            write: op.clone(),
            size: op.clone(),
            remove: op.clone(),
            rename: op.clone(),
            temp: op,
        },
    };
    let output = Arc::new(World(Instant::now()));
    (vec![module], host, output)
}

fn cx() -> Cx {
    let world = || World(Instant::now());
    let host = Host::closed(
        Arc::new(world()),
        Arc::new(world()),
        Arc::new(world()),
        Arc::new(world()),
    );
    Cx::run("bench", Arc::new(Door::default()), host).build()
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let (modules, host, output) = parts();
    println!("--- lua");
    let options = LuaOptions::default();
    lua(&Lua::new(&modules, host.clone(), options, output.clone())).await;
    println!("--- javascript");
    javascript(&JavaScript::new(
        &modules,
        host,
        JavaScriptOptions::default(),
        output,
    ))
    .await;
}

/// Runs a piece of code `count` times in a loop and prints what one turn cost.
async fn measure(engine: &dyn Engine, name: &str, source: String, count: u32) {
    let started = Instant::now();
    engine
        .run(cx(), Script::new("bench", source))
        .await
        .unwrap();
    let each = started.elapsed().as_secs_f64() * 1e9 / f64::from(count);
    println!("{name:<27} {each:>9.0} ns");
}

async fn runs(engine: &dyn Engine, source: &str) {
    let started = Instant::now();
    let turns = 500;
    for _ in 0..turns {
        engine
            .run(cx(), Script::new("empty", source))
            .await
            .unwrap();
    }
    println!(
        "run of an empty script      {:>9.1} us",
        started.elapsed().as_secs_f64() * 1e6 / f64::from(turns)
    );
}

async fn whole(engine: &dyn Engine, name: &str, source: &str) {
    let started = Instant::now();
    engine
        .run(cx(), Script::new("bench", source))
        .await
        .unwrap();
    println!(
        "{name:<31} {:>5.1} ms",
        started.elapsed().as_secs_f64() * 1e3
    );
}

async fn lua(engine: &Lua) {
    runs(engine, "return 1").await;
    let data = "local data = {} for i = 1, 100 do data[i] = {id = i, name = 'item ' .. i, score = i / 2} end ";
    for (name, before, call, count) in [
        ("empty loop", "local f = function() end", "f()", 1_000_000),
        ("empty op", "local f = Bench.empty", "f()", 300_000),
        (
            "op with one number",
            "local f = Bench.echo",
            "f(i)",
            300_000,
        ),
        (
            "op with a table",
            "local f = Bench.take",
            "f{value = i}",
            300_000,
        ),
        ("echo of 100 records", data, "Bench.echo(data)", 2_000),
        (
            "op that is not ready",
            "local f = Bench.pending",
            "f()",
            20_000,
        ),
        (
            "op that calls a function",
            "local g = function() end local f = Bench.apply",
            "f(g)",
            100_000,
        ),
        (
            "op in a coroutine.wrap",
            "local f = coroutine.wrap(function() while true do coroutine.yield(Bench.empty()) end end)",
            "f()",
            200_000,
        ),
        (
            "string.find",
            "local s = ('x'):rep(100) .. 'needle'",
            "s:find('ne+dle')",
            300_000,
        ),
        ("print", "", "print('hello', i)", 300_000),
    ] {
        let source = format!("{before} for i = 1, {count} do {call} end");
        measure(engine, name, source, count).await;
    }
    whole(engine, "1000 functions that wait 200 ms", "local t = {} for i = 1, 1000 do t[i] = function() Bench.sleep(0.2) return i end end return #Async.all(t)").await;
    whole(engine, "fib(30)", "local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end return fib(30)").await;
}

async fn javascript(engine: &JavaScript) {
    runs(engine, "export default 1").await;
    let data = "const data = Array.from({ length: 100 }, (_, i) => ({ id: i, name: 'item ' + i, score: i / 2 }));";
    for (name, before, call, count) in [
        ("empty loop", "const f = () => {};", "f()", 1_000_000),
        ("await of a value", "", "await i", 300_000),
        ("empty op", "const f = Bench.empty;", "await f()", 300_000),
        (
            "empty op that never waits",
            "const f = Bench.at_once;",
            "f()",
            300_000,
        ),
        (
            "op with one number",
            "const f = Bench.echo;",
            "await f(i)",
            300_000,
        ),
        (
            "op with an object",
            "const f = Bench.take;",
            "await f({ value: i })",
            300_000,
        ),
        ("echo of 100 records", data, "await Bench.echo(data)", 2_000),
        (
            "op that is not ready",
            "const f = Bench.pending;",
            "await f()",
            20_000,
        ),
        (
            "op that calls a function",
            "const g = () => {}; const f = Bench.apply;",
            "await f(g)",
            20_000,
        ),
        ("console.log", "", "console.log('hello', i)", 300_000),
    ] {
        let source = format!("{before} for (let i = 0; i < {count}; i++) {{ {call} }}");
        measure(engine, name, source, count).await;
    }
    whole(
        engine,
        "1000 promises that wait 200 ms",
        "await Promise.all(Array.from({ length: 1000 }, () => Bench.sleep(0.2)))",
    )
    .await;
    whole(
        engine,
        "fib(30)",
        "const fib = (n) => n < 2 ? n : fib(n - 1) + fib(n - 2); fib(30)",
    )
    .await;
}
