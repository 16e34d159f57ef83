//! What recording costs: durable calls a second, resuming them, and the calls of an agent with a long conversation.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use llmspell_core::{Cx, Effect, Op, Value};
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::journal::{Doubt, Redact};
use llmspell_runtime::layer;
use llmspell_runtime::session::{Choice, Choices, Resumable, Session, Status};
use llmspell_store::Durability;

mod setup;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn begin(url: String) -> (Session, Cx) {
    let session = setup::session(Choice::Url(url));
    let cx = context(&session);
    (session, cx)
}

fn context(session: &Session) -> Cx {
    let layers = layer::stack(layer::Options {
        journal: session.journal(),
        max_concurrency: 0,
        ..layer::Options::default()
    });
    setup::run(layers).build()
}

fn op(name: &str, effect: Effect) -> Arc<Op> {
    let schema = serde_json::json!({"type": "object"});
    Arc::new(
        Op::dynamic(name, schema, |_, _| async { Ok(Value::Null) })
            .effect(effect)
            .open(),
    )
}

fn journal(c: &mut Criterion) {
    let runtime = setup::executor(2);
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
                                let args =
                                    Value::from([("task", task.into()), ("turn", turn.into())]);
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
                Value::from([
                    ("role", "tool".into()),
                    ("parts", vec![Value::from([("text", text.into())])].into()),
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
                    Value::from([("request", Value::from([("messages", all.into())]))])
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
    let runtime = setup::executor(2);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/bench.db", folder.path().display());
    let op = op("reads", Effect::Read);
    let ask = async |cx: &Cx| {
        for turn in 0..CALLS {
            cx.call(&op, Value::from([("turn", turn.into())]))
                .await
                .unwrap();
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
