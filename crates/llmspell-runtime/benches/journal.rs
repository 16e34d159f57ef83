//! What recording costs: durable calls a second, resuming them, and the calls of an agent with a long conversation.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use futures::future::BoxFuture;
use llmspell_core::{Cx, Door, Effect, Host, Map, Op, Result, Value, Worker, error};
use llmspell_runtime::host::{RunEnvironment, SystemClock, SystemRandom};
use llmspell_runtime::journal::{Doubt, Redact};
use llmspell_runtime::layer;
use llmspell_runtime::session::{Choice, Choices, Options, Resumable, Session, Status};
use llmspell_store::Durability;

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

fn begin(url: String) -> (Session, Cx) {
    let options = Options {
        store: Choice::Url(url),
        ..Options::new("bench.lua", "", "lua")
    };
    let session = Session::begin(options, Arc::new(SystemClock)).unwrap();
    let cx = context(&session);
    (session, cx)
}

fn context(session: &Session) -> Cx {
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
    Cx::run("bench", Arc::new(Door::new(layers)), host).build()
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
    Value::Map(Map::from_iter(members))
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

/// Calls of the run that is resumed.
const CALLS: i64 = 10_000;

/// Resuming a run of 10,000 calls, all of which are answered: the journal is gone through once, and each outcome is decoded.
fn resume(c: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/bench.db", folder.path().display());
    let op = op("reads", Effect::Read);
    let ask = async |cx: &Cx| {
        for turn in 0..CALLS {
            cx.call(&op, map([("turn", turn.into())])).await.unwrap();
        }
    };
    let (session, cx) = begin(url.clone());
    wait(&runtime, async {
        ask(&cx).await;
        session
            .finish(Status::Completed, Ok(&Value::Null))
            .await
            .unwrap();
    });
    let choice = Choice::Url(url);
    c.bench_function("resume of 10,000 calls", |b| {
        b.iter(|| {
            wait(&runtime, async {
                let found = Resumable::find(&choice, "last").await.unwrap();
                let past = found.read(Doubt::Stop).await.unwrap();
                let (clock, redact) = (Arc::new(SystemClock), Redact::default());
                let session = past
                    .begin(
                        "",
                        &[],
                        Choices::default(),
                        redact,
                        Durability::Process,
                        clock,
                    )
                    .unwrap();
                session.claim().await.unwrap();
                ask(&context(&session)).await;
                assert_eq!(session.journal().answered(), Some(CALLS.unsigned_abs()));
                session
                    .finish(Status::Completed, Ok(&Value::Null))
                    .await
                    .unwrap();
            });
        });
    });
}

fn wait<T>(runtime: &tokio::runtime::Runtime, future: impl Future<Output = T>) -> T {
    runtime.block_on(future)
}

criterion_group!(benches, journal, resume);
criterion_main!(benches);
