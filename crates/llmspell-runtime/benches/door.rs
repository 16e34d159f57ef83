//! What a call costs on its way through all layers.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use llmspell_core::{Effect, Map, Op, ToolInfo, Value};
use llmspell_runtime::hook::{
    Answer, Answering, Context, Hook, Hooks, Point, Registration, Within,
};
use llmspell_runtime::layer;
use llmspell_runtime::session::Choice;

mod setup;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Nothing;

impl Hook for Nothing {
    fn call<'a>(&'a self, _: &'a Within<'a>, _: &'a mut Context<'_>) -> Answering<'a> {
        Box::pin(std::future::ready(Ok(Answer::Continue)))
    }
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
    let runtime = setup::executor(0);
    let _inside = runtime.enter();
    let args = || Value::from([("n", 1.into())]);

    let bare = setup::run(Vec::new()).build();
    let layers = layer::stack(layer::Options::default());
    let layered = setup::run(layers).build();
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
        let cx = setup::run(layers).build();
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
        let session = setup::session(Choice::Store(store));
        let layers = layer::stack(layer::Options {
            journal: session.journal(),
            ..layer::Options::default()
        });
        let cx = setup::run(layers).build();
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
