//! How fast a store acknowledges batches of one log append, and reads them back: `cargo bench -p llmspell-store`.
#![allow(clippy::print_stdout, clippy::unwrap_used)]
#![allow(
    clippy::disallowed_methods,
    reason = "`tokio::main` is made of `block_on`"
)]

use std::sync::Arc;
use std::time::Instant;

use llmspell_store::{Batch, Durability, Store, hash, open};

const TASKS: usize = 100;

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| format!("sqlite:{}", folder.path().join(name).display());
    rate(
        "sqlite, process: open, one batch and close",
        50,
        cycle(&file("cycle.db")),
    )
    .await;
    measure("memory", "memory:", Durability::Process, 200_000, 200_000).await;
    measure(
        "sqlite, process",
        &file("process.db"),
        Durability::Process,
        50_000,
        300_000,
    )
    .await;
    measure(
        "sqlite, power",
        &file("power.db"),
        Durability::Power,
        500,
        20_000,
    )
    .await;
}

/// Measures a store, unless the command line names others.
async fn measure(name: &str, url: &str, durability: Durability, alone: usize, together: usize) {
    let asked: Vec<_> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    if !asked.is_empty() && !asked.iter().any(|part| name.contains(part)) {
        return;
    }
    let store = open(url, durability).unwrap();
    rate(
        &format!("{name}: one task"),
        alone,
        append(Arc::clone(&store), "one".into(), alone),
    )
    .await;
    let tasks = async {
        let one = |task| append(Arc::clone(&store), format!("many/{task}"), together / TASKS);
        let tasks: Vec<_> = (0..TASKS).map(|task| tokio::spawn(one(task))).collect();
        for task in tasks {
            task.await.unwrap();
        }
    };
    rate(&format!("{name}: {TASKS} tasks"), together, tasks).await;
    let steps = together / 20;
    rate(
        &format!("{name}: intent, blob of 5 kB and outcome, one task"),
        steps,
        journal(&*store, steps),
    )
    .await;
    rate(
        &format!("{name}: log entries read"),
        alone,
        read(&*store, "one"),
    )
    .await;
    rate(&format!("{name}: get"), 2000, get(&*store)).await;
    let began = Instant::now();
    store.close().await.unwrap();
    println!(
        "{name}: closed in {:.1} ms",
        began.elapsed().as_secs_f64() * 1e3
    );
}

async fn rate(what: &str, count: usize, work: impl Future<Output = ()>) {
    let began = Instant::now();
    work.await;
    let took = began.elapsed();
    let each = took.as_secs_f64() / count as f64;
    println!("{what}: {:.0}/s, {:.1} µs each", 1.0 / each, each * 1e6);
}

async fn append(store: Arc<dyn Store>, log: String, count: usize) {
    let log: Arc<str> = log.into();
    for _ in 0..count {
        store
            .apply(Batch::new().append(Arc::clone(&log), [b'x'; 150]))
            .await
            .unwrap();
    }
}

async fn journal(store: &dyn Store, count: usize) {
    let log: Arc<str> = "journal".into();
    for number in 0..count {
        store
            .apply(Batch::new().append(Arc::clone(&log), [b'i'; 100]))
            .await
            .unwrap();
        let result = number.to_le_bytes().repeat(625);
        let batch = Batch::new()
            .blob(hash(&result), result)
            .append(Arc::clone(&log), [b'o'; 100]);
        store.apply(batch).await.unwrap();
    }
}

async fn cycle(url: &str) {
    for _ in 0..50 {
        let store = open(url, Durability::Process).unwrap();
        store
            .apply(Batch::new().append("log", "entry"))
            .await
            .unwrap();
        store.close().await.unwrap();
    }
}

async fn read(store: &dyn Store, log: &str) {
    let mut after = 0;
    while let Some(last) = store.read_log(log, after, 10_000).await.unwrap().last() {
        after = last.seq;
    }
    assert_eq!(after, store.log_len(log).await.unwrap());
}

async fn get(store: &dyn Store) {
    for _ in 0..2000 {
        assert_eq!(store.get(b"key").await.unwrap(), None);
    }
}
