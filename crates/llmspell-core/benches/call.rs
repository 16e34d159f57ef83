//! What a call costs before any layer: binding, checking, the context, the body.

#![allow(missing_docs, clippy::unwrap_used)]

use std::sync::Arc;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use futures::FutureExt;
use futures::future::BoxFuture;
use llmspell_core::{
    Clock, Cx, Door, Effect, Environment, Host, Op, Random, Result, Value, Worker, bail, value,
};
use schemars::JsonSchema;
use serde::Deserialize;

struct Nowhere;

impl Clock for Nowhere {
    fn now(&self) -> i64 {
        0
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn processor(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(std::future::ready(()))
    }
}

impl Random for Nowhere {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(4);
    }
}

impl Environment for Nowhere {
    fn var(&self, _: &str) -> Option<String> {
        None
    }
}

impl Worker for Nowhere {
    fn run(&self, job: &'static str, _: Value, _: Duration) -> BoxFuture<'static, Result<Value>> {
        Box::pin(async move { bail!(Unavailable, "no worker for {job}") })
    }
}

/// Nothing.
#[derive(Deserialize, JsonSchema)]
struct Nothing {}

async fn nothing(_: Cx, _: Nothing) -> Result<Value> {
    Ok(Value::Null)
}

fn calls(criterion: &mut Criterion) {
    let nowhere = Arc::new(Nowhere);
    let host = Host {
        clock: nowhere.clone(),
        random: nowhere.clone(),
        environment: nowhere.clone(),
        worker: nowhere,
    };
    let cx = Cx::run("bench", Arc::new(Door::default()), host).build();
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
