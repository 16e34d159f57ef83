//! What a call costs on its way through all layers.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use futures::future::BoxFuture;
use llmspell_core::{Cx, Door, Effect, Host, Map, Op, Result, ToolInfo, Value, Worker, error};
use llmspell_runtime::hook::{Answer, Context, Hook, Hooks, Point, Registration, Within};
use llmspell_runtime::host::{RunEnvironment, SystemClock, SystemRandom};
use llmspell_runtime::layer;
use llmspell_runtime::session::{Choice, Options, Session};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct NoWorker;

impl Worker for NoWorker {
    fn run(
        &self,
        _: &'static str,
        _: Value,
        _: std::time::Duration,
    ) -> BoxFuture<'static, Result<Value>> {
        Box::pin(std::future::ready(Err(error!(Unavailable, "no worker"))))
    }
}

struct Nothing;

impl Hook for Nothing {
    fn call<'a>(
        &'a self,
        _: &'a Within<'a>,
        _: &'a mut Context<'_>,
    ) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(std::future::ready(Ok(Answer::Continue)))
    }
}

fn host() -> Host {
    Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(NoWorker),
    )
}

fn op(name: &str, effect: Effect) -> Arc<Op> {
    let schema = serde_json::json!({"type": "object"});
    Arc::new(
        Op::dynamic(name, schema, |_, _| async { Ok(Value::Null) })
            .effect(effect)
            .open(),
    )
}

fn door(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter();
    let args = || Value::Map(Map::from_iter([("n".to_owned(), Value::from(1))]));

    let bare = Cx::run("bench", Arc::new(Door::default()), host()).build();
    let layers = layer::stack(layer::Options::default());
    let layered = Cx::run("bench", Arc::new(Door::new(layers)), host()).build();
    let pure = op("pure", Effect::Pure);
    for (name, cx) in [
        ("empty op, no layers", &bare),
        ("empty op, all layers", &layered),
    ] {
        c.bench_function(name, |b| {
            b.iter(|| {
                futures::FutureExt::now_or_never(cx.call(&pure, black_box(Value::Map(Map::new()))))
                    .unwrap()
                    .unwrap()
            });
        });
    }
    let idle = Arc::new(Hooks::default());
    let elsewhere = Arc::new(Hooks::default());
    let hooked = Arc::new(Hooks::default());
    for (hooks, point) in [
        (&elsewhere, "BeforeAgentExecution"),
        (&hooked, "BeforeToolExecution"),
    ] {
        let point = Point::parse(point).unwrap();
        hooks
            .register(point, Registration::new("none", Arc::new(Nothing)))
            .unwrap();
    }
    let tool = {
        let schema = serde_json::json!({"type": "object"});
        let op = Op::dynamic("tool", schema, |_, _| async { Ok(Value::Null) });
        Arc::new(op.open().tool(ToolInfo::new("utility")))
    };
    for (name, hooks) in [
        ("tool, no hooks", idle),
        ("tool, hooks elsewhere", elsewhere),
        ("tool, a hook in Rust", hooked),
    ] {
        let layers = layer::stack(layer::Options {
            hooks,
            ..layer::Options::default()
        });
        let cx = Cx::run("bench", Arc::new(Door::new(layers)), host()).build();
        c.bench_function(name, |b| {
            b.iter(|| {
                futures::FutureExt::now_or_never(cx.call(&tool, black_box(args())))
                    .unwrap()
                    .unwrap()
            });
        });
    }
    let read = op("read", Effect::Read);
    c.bench_function("read op, no journal", |b| {
        b.iter(|| {
            futures::FutureExt::now_or_never(layered.call(&read, black_box(args())))
                .unwrap()
                .unwrap()
        });
    });
    for (name, effect) in [
        ("read op, journal in memory", Effect::Read),
        ("once op, journal in memory", Effect::Once),
        ("scope op, journal in memory", Effect::Scope),
    ] {
        let store = llmspell_store::open("memory:", llmspell_store::Durability::Process).unwrap();
        let options = Options {
            store: Choice::Store(store),
            ..Options::new("bench.lua", "", "lua")
        };
        let session = Session::begin(options, Arc::new(SystemClock)).unwrap();
        let layers = layer::stack(layer::Options {
            journal: session.journal(),
            ..layer::Options::default()
        });
        let cx = Cx::run("bench", Arc::new(Door::new(layers)), host()).build();
        let op = op("read", effect);
        c.bench_function(name, |b| {
            b.iter(|| {
                futures::FutureExt::now_or_never(cx.call(&op, black_box(args())))
                    .unwrap()
                    .unwrap()
            });
        });
    }
}

criterion_group!(benches, door);
criterion_main!(benches);
