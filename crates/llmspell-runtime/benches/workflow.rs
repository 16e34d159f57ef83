//! What a workflow costs beside what its steps do: a step around an empty tool, a hundred branches that wait, a loop of
//! ten thousand iterations.

#![allow(clippy::unwrap_used, missing_docs)]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use llmspell_core::{Cx, Effect, Module, Op, Outcome, ToolInfo, Value};
use llmspell_runtime::event::Bus;
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::layer;
use llmspell_runtime::session::{Choice, Session};
use llmspell_runtime::tool::{self, Tools};
use llmspell_runtime::workflow::{self, Workflows};
use serde_json::{Value as Json, json};

mod setup;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A tool that does nothing, and one that waits 50 ms.
fn tools() -> Module {
    let schema = || json!({"type": "object", "properties": {"n": {}}});
    let empty = Op::dynamic("empty", schema(), |_, _| async {
        Value::from_serialize(&Outcome::new("empty", 1))
    });
    let waits = Op::dynamic("waits", schema(), |cx: Cx, _| async move {
        cx.host().clock.sleep(Duration::from_millis(50)).await;
        Value::from_serialize(&Outcome::new("waits", 1))
    });
    let tool = |op: Op| op.effect(Effect::Read).tool(ToolInfo::new("utility"));
    Module::hidden("tools", "Tools.")
        .op(tool(empty))
        .op(tool(waits))
}

fn run(choice: Choice) -> (Session, Cx) {
    let session = setup::session(choice);
    let clock = Arc::new(SystemClock);
    let bus = Arc::new(Bus::new(Default::default(), session.id(), clock, 1));
    let layers = layer::stack(layer::Options {
        journal: session.journal(),
        max_concurrency: 0,
        events: Some(bus.clone()),
        ..layer::Options::default()
    });
    let tools_options = tool::Options {
        max_concurrent: 100,
        ..tool::Options::default()
    };
    let cx = setup::run(layers)
        .part(Arc::new(Tools::new(&[tools()], tools_options)))
        .part(Arc::new(Workflows::default()))
        .part(bus)
        .build();
    (session, cx)
}

/// Makes a workflow and returns it with the op that runs it.
async fn made(cx: &Cx, kind: &str, config: Json) -> (Value, Arc<Op>) {
    let module = workflow::module();
    let args = [("config", Value::from(config))].into_iter().collect();
    let workflow = cx.call(module.find(kind).unwrap(), args).await.unwrap();
    let mut ops = module.ops.iter();
    let execute = ops.find(|op| op.verb() == "execute" && op.method_of().is_some());
    (workflow, execute.unwrap().clone())
}

async fn execute(cx: &Cx, (workflow, op): &(Value, Arc<Op>)) {
    let args = [("workflow", workflow.clone())].into_iter().collect();
    let result = cx.call(op, args).await.unwrap();
    assert_eq!(result.get("success"), Some(&true.into()), "{result}");
}

fn steps(c: &mut Criterion) {
    const STEPS: usize = 100;
    let runtime = setup::executor(0);
    let steps: Vec<Json> = (0..STEPS)
        .map(|at| json!({"name": format!("s{at}"), "tool": "empty", "input": {"n": at}}))
        .collect();
    let mut group = c.benchmark_group("a step around an empty tool");
    group.throughput(Throughput::Elements(STEPS as u64));
    for (name, choice) in [
        ("no journal", Choice::Ephemeral),
        ("journal in memory", Choice::Url("memory:".to_owned())),
    ] {
        let (_session, cx) = run(choice);
        let workflow = runtime.block_on(made(&cx, "sequential", json!({"steps": steps.clone()})));
        group.bench_function(name, |b| {
            b.iter(|| runtime.block_on(execute(&cx, &workflow)))
        });
    }
    group.finish();
}

fn branches(c: &mut Criterion) {
    let runtime = setup::executor(2);
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/bench.db", folder.path().display());
    let (_session, cx) = run(Choice::Url(url));
    let branches: Vec<Json> = (0..100)
        .map(|at| json!({"name": format!("b{at}"), "tool": "waits", "input": {"n": at}}))
        .collect();
    let config = json!({"branches": branches, "max_concurrency": 100});
    let workflow = runtime.block_on(made(&cx, "parallel", config));
    c.bench_function("100 branches of 50 ms, journal in a file", |b| {
        b.iter(|| runtime.block_on(execute(&cx, &workflow)));
    });
}

fn iterations(c: &mut Criterion) {
    let runtime = setup::executor(0);
    let (_session, cx) = run(Choice::Ephemeral);
    let config = json!({
        "iterator": {"range": {"start": 1, "end": 10_000}},
        "aggregation_strategy": "none",
        "body": {"tool": "empty", "input": {"n": "{{loop:current_index}}"}},
    });
    let workflow = runtime.block_on(made(&cx, "loop", config));
    let mut group = c.benchmark_group("a loop");
    group
        .sample_size(10)
        .throughput(Throughput::Elements(10_000));
    group.bench_function("10,000 iterations", |b| {
        b.iter(|| runtime.block_on(execute(&cx, &workflow)));
    });
    group.finish();
}

criterion_group!(benches, steps, branches, iterations);
criterion_main!(benches);
