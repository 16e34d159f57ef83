//! What recording costs: durable calls a second, and the calls of an agent with a long conversation.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures::future::BoxFuture;
use llmspell_core::{Cx, Door, Effect, Host, Map, Op, Result, Value, Worker, error};
use llmspell_runtime::host::{RunEnvironment, SystemClock, SystemRandom};
use llmspell_runtime::layer;
use llmspell_runtime::session::{Choice, Options, Session};

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

fn begin(url: String) -> (Session, Cx) {
    let options = Options {
        store: Choice::Url(url),
        ..Options::new("bench.lua", "", "lua")
    };
    let session = Session::begin(options, Arc::new(SystemClock)).unwrap();
    let layers = layer::stack(layer::Options {
        journal: session.journal(),
        max_concurrency: 0,
        ..layer::Options::default()
    });
    let host = Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(NoWorker),
    );
    (
        session,
        Cx::run("bench", Arc::new(Door::new(layers)), host).build(),
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

fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(Map::from_iter(members.map(|(name, value)| (name, value))))
}

fn journal(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (session, cx) = begin(format!("sqlite:{}/bench.db", folder.path().display()));
    let journal = session.journal();

    // Effects wait for their intent and their outcome; reads are stored behind the run's back, so the end is waited for.
    for (name, effect) in [("reads", Effect::Read), ("effects", Effect::Once)] {
        let op = op(name, effect);
        let mut group = c.benchmark_group(format!("durable {name}"));
        for parallel in [1_u64, 100] {
            group.throughput(Throughput::Elements(1000));
            group.bench_function(format!("{parallel} at once"), |b| {
                b.iter(|| {
                    let tasks = (0..parallel).map(|task| {
                        let (cx, op) = (cx.clone(), op.clone());
                        runtime.spawn(async move {
                            for turn in 0..1000 / parallel {
                                let args = map([("task", task.into()), ("turn", turn.into())]);
                                cx.call(&op, args).await.unwrap();
                            }
                        })
                    });
                    wait(&runtime, async {
                        futures::future::join_all(tasks).await;
                        journal.settle().await.unwrap();
                    });
                });
            });
        }
        group.finish();
    }

    let mut group = c.benchmark_group("a model call");
    let model = op("model.complete", Effect::Read);
    for messages in [10_usize, 200] {
        let conversation: Vec<Value> = (0..messages)
            .map(|turn| {
                let text = format!("{turn} what was found ").repeat(120);
                map([
                    ("role", "tool".into()),
                    ("parts", vec![map([("text", text.into())])].into()),
                ])
            })
            .collect();
        group.bench_function(format!("after {messages} messages of 2.5 KB"), |b| {
            let mut turn = 0_i64;
            b.iter_batched(
                || {
                    turn += 1;
                    let mut all = conversation.clone();
                    all.push(Value::from(turn));
                    map([("request", map([("messages", all.into())]))])
                },
                |args| wait(&runtime, cx.call(&model, args)).unwrap(),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn wait<T>(runtime: &tokio::runtime::Runtime, future: impl Future<Output = T>) -> T {
    runtime.block_on(future)
}

criterion_group!(benches, journal);
criterion_main!(benches);
