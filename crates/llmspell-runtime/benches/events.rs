//! How fast events go from a publisher to a subscriber.

#![allow(clippy::unwrap_used, missing_docs)]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use llmspell_core::Value;
use llmspell_runtime::event::{Bus, Options, Overflow, Pattern, Publication, Wanted};
use llmspell_runtime::host::SystemClock;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn wanted(pattern: &str) -> Wanted {
    Wanted {
        patterns: vec![Pattern::new(pattern).unwrap()],
        language: None,
        filter: None,
        overflow: Overflow::DropOldest,
        capacity: 10_000,
        block_timeout: Duration::from_secs(1),
        handler: None,
        internal: false,
    }
}

fn bus() -> Bus {
    let options = Options {
        max_subscribers: 10_000,
        ..Options::default()
    };
    Bus::new(options, "bench", Arc::new(SystemClock), 7)
}

fn draft() -> Publication {
    Publication {
        component: None,
        ..Publication::of_runtime("bench", Value::Int(1))
    }
}

fn events(c: &mut Criterion) {
    let mut group = c.benchmark_group("events");
    group.throughput(Throughput::Elements(1));
    group.bench_function("publish and take, 1,000 others", |b| {
        let bus = bus();
        for number in 0..1000 {
            bus.subscribe(wanted(&format!("other.{number}.*"))).unwrap();
        }
        let own = bus.subscribe(wanted("order.*")).unwrap();
        b.iter(|| {
            bus.tell("order.created", draft());
            black_box(bus.next(&own)).unwrap()
        });
    });
    group.bench_function("publish, a subscriber that never reads", |b| {
        let bus = bus();
        bus.subscribe(wanted("order.*")).unwrap();
        b.iter(|| bus.tell("order.created", draft()));
    });
    group.bench_function(
        "publish and take, a new type each time, 1,000 others",
        |b| {
            let bus = bus();
            for number in 0..1000 {
                bus.subscribe(wanted(&format!("other.{number}.*"))).unwrap();
            }
            let own = bus.subscribe(wanted("order.*")).unwrap();
            let mut number = 0u64;
            b.iter_batched(
                || {
                    number += 1;
                    format!("order.{number}")
                },
                |kind| {
                    bus.tell(&kind, draft());
                    black_box(bus.next(&own)).unwrap()
                },
                BatchSize::SmallInput,
            );
        },
    );
    group.finish();
}

criterion_group!(benches, events);
criterion_main!(benches);
