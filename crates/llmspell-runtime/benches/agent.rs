//! What a run of an agent costs beside its model: two questions and one tool call, and how much memory many runs take.

#![allow(clippy::unwrap_used, missing_docs, clippy::print_stderr)]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use llmspell_core::{Cx, Effect, Module, Op, Outcome, ToolInfo, Value};
use llmspell_model::{Providers, ProvidersOptions};
use llmspell_runtime::agent::{self, Agents};
use llmspell_runtime::layer;
use llmspell_runtime::model::{Limiters, Models};
use llmspell_runtime::session::{Choice, Session};
use llmspell_runtime::tool::Tools;
use serde_json::json;

mod setup;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn add() -> Module {
    let schema = json!({
        "type": "object",
        "properties": {"a": {"type": "integer", "description": "One number."}, "b": {"type": "integer"}},
        "required": ["a", "b"],
    });
    let op = Op::dynamic("add", schema, |_, args| async move {
        let number = |name: &str| args.get(name).and_then(Value::as_int).unwrap_or(0);
        Value::from_serialize(&Outcome::new("add", number("a") + number("b")))
    });
    Module::hidden("tools", "Tools.").op(op.effect(Effect::Read).tool(ToolInfo::new("utility")))
}

fn run(url: &str) -> (Session, Cx) {
    let session = setup::session(Choice::Url(url.to_owned()));
    let layers = layer::stack(layer::Options {
        journal: session.journal(),
        max_concurrency: 0,
        ..layer::Options::default()
    });
    let providers = Arc::new(Providers::new(ProvidersOptions::default(), |_| None));
    let cx = setup::run(layers)
        .part(Arc::new(Models::new(
            providers,
            Arc::new(Limiters::default()),
        )))
        .part(Arc::new(Agents::default()))
        .part(Arc::new(Tools::new(&[add()], Default::default())))
        .build();
    (session, cx)
}

fn op(verb: &str) -> Arc<Op> {
    let ops = agent::module().ops;
    ops.iter().find(|op| op.verb() == verb).unwrap().clone()
}

async fn create(cx: &Cx, name: &str, settings: serde_json::Value) -> Value {
    let cfg = json!({"name": name, "model": "mock/tools", "tools": ["add"], "settings": settings});
    cx.call(&op("create"), cfg.into()).await.unwrap()
}

fn one(c: &mut Criterion) {
    let runtime = setup::executor(0);
    let folder = tempfile::tempdir().unwrap();
    let file = format!("sqlite:{}/bench.db", folder.path().display());
    for (name, url) in [
        ("journal in memory", "memory:"),
        ("journal in a file", file.as_str()),
    ] {
        let (_session, cx) = run(url);
        let (execute, clear) = (op("execute"), op("clear_conversation"));
        let agent = runtime.block_on(create(&cx, "a", json!({})));
        let mut count = 0;
        c.bench_function(&format!("an agent run with one tool call, {name}"), |b| {
            b.iter(|| {
                count += 1;
                let input = Value::from(format!("add {{\"a\": {count}, \"b\": 2}}"));
                let args = Value::from([("agent", agent.clone()), ("input", input)]);
                let running = async {
                    let answer = cx.call(&execute, args).await.unwrap();
                    cx.call(&clear, Value::from([("agent", agent.clone())]))
                        .await
                        .unwrap();
                    answer
                };
                runtime.block_on(running)
            });
        });
    }
}

fn many(_: &mut Criterion) {
    let runtime = setup::executor(2);
    let (_session, cx) = run("memory:");
    let began = std::time::Instant::now();
    let execute = op("execute");
    let before = resident();
    runtime.block_on(async {
        let mut tasks = Vec::new();
        for n in 0..1000 {
            let slow = json!({"responses": [
                {"delay_ms": 200, "tool_calls": [{"name": "add", "arguments": {"a": n, "b": 1}}]},
                {"delay_ms": 200, "text": "done"},
            ]});
            let agent = create(&cx, &format!("agent {n}"), slow).await;
            let (cx, execute) = (cx.clone(), execute.clone());
            tasks.push(tokio::spawn(async move {
                cx.call(
                    &execute,
                    Value::from([("agent", agent), ("input", "go".into())]),
                )
                .await
                .unwrap()
            }));
        }
        futures::future::join_all(tasks).await;
    });
    let (elapsed, grown) = (began.elapsed(), resident().saturating_sub(before));
    eprintln!("1,000 agents, 2 answers of 200 ms each: {elapsed:?}, {grown} KiB more resident");
}

/// Returns the resident memory in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    line.split_whitespace()
        .nth(1)
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

criterion_group!(benches, one, many);
criterion_main!(benches);
