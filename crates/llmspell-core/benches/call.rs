//! What a call costs before any layer: binding, checking, the context, the body.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use futures::FutureExt;
use llmspell_core::{Cx, Effect, Op, Result, Value, value};
use schemars::JsonSchema;
use serde::Deserialize;

#[path = "../tests/it/world.rs"]
mod world;

/// Nothing.
#[derive(Deserialize, JsonSchema)]
struct Nothing {}

async fn nothing(_: Cx, _: Nothing) -> Result<Value> {
    Ok(Value::Null)
}

fn calls(criterion: &mut Criterion) {
    let cx = world::cx(Vec::new());
    let pure = Arc::new(Op::new("nothing", nothing));
    let read = Arc::new(Op::new("nothing", nothing).effect(Effect::Read));
    criterion.bench_function("call a pure op", |b| {
        b.iter(|| cx.call(&pure, Value::Null).now_or_never().unwrap().unwrap());
    });
    criterion.bench_function("call a read op", |b| {
        b.iter(|| cx.call(&read, Value::Null).now_or_never().unwrap().unwrap());
    });
}

fn records(criterion: &mut Criterion) {
    let message = |n: usize| {
        Value::from_serialize(&std::collections::BTreeMap::from([
            ("role", "user".to_owned()),
            ("text", format!("{n} some words of a message ").repeat(20)),
        ]))
        .unwrap()
    };
    let conversation: Value = (0..50).map(message).collect();
    let text = value::to_record(&conversation);
    criterion.bench_function("write a record of 50 messages", |b| {
        b.iter(|| value::to_record(&conversation))
    });
    criterion.bench_function("read a record of 50 messages", |b| {
        b.iter(|| value::from_record(&text).unwrap())
    });
}

criterion_group!(benches, calls, records);
criterion_main!(benches);
