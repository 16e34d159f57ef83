//! The event bus for as long as `LLMSPELL_SOAK_SECONDS` says, with memory that stays flat. Skipped without it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use llmspell_core::Value;
use llmspell_runtime::event::{Bus, Options, Overflow, Pattern, Priority, Publication, Wanted};
use llmspell_runtime::host::SystemClock;

/// How much memory may grow after the first fifth: what an allocator keeps, but nothing for each event.
const SLACK: u64 = 24 << 20;

fn wanted(pattern: &str, overflow: Overflow) -> Wanted {
    Wanted {
        patterns: vec![Pattern::new(pattern).unwrap()],
        language: None,
        filter: None,
        overflow,
        capacity: 1000,
        block_timeout: Duration::from_secs(30),
        handler: None,
        internal: false,
    }
}

fn draft(number: u64) -> Publication {
    let text = Value::from(format!("event {number}"));
    Publication {
        priority: if number.is_multiple_of(7) {
            Priority::High
        } else {
            Priority::Normal
        },
        ..Publication::of_runtime("soak", Value::List(vec![number.into(), text]))
    }
}

/// Returns the resident bytes of this process.
#[cfg(target_os = "linux")]
fn resident() -> u64 {
    let sizes = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = sizes.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

/// Publishers of the same and of ever new types; subscribers that read, that never read, that come and go.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn memory_stays_flat() {
    let Some(seconds) = std::env::var("LLMSPELL_SOAK_SECONDS").ok() else {
        return;
    };
    let seconds: u64 = seconds.parse().unwrap();
    let bus = Arc::new(Bus::new(
        Options::default(),
        "soak",
        Arc::new(SystemClock),
        7,
    ));
    let stop = Arc::new(AtomicBool::new(false));
    let received = Arc::new(AtomicU64::new(0));
    let mut tasks = Vec::new();
    let lazy: Vec<_> = [Overflow::DropOldest, Overflow::DropNewest, Overflow::Reject]
        .into_iter()
        .map(|overflow| bus.subscribe(wanted("**", overflow)).unwrap())
        .collect();
    let eager = bus.subscribe(wanted("work.*", Overflow::Block)).unwrap();
    for publisher in 0..4u64 {
        let (bus, stop) = (bus.clone(), stop.clone());
        tasks.push(tokio::spawn(async move {
            let mut number = 0u64;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let kind = match publisher {
                    0 => format!("new.{number}"),
                    _ => format!("work.{publisher}"),
                };
                // Whoever rejects says so; the others have the event.
                let _ = bus.publish(&kind, draft(number)).await;
                if number.is_multiple_of(64) {
                    tokio::task::yield_now().await;
                }
            }
        }));
    }
    {
        let (bus, stop, received, eager) =
            (bus.clone(), stop.clone(), received.clone(), eager.clone());
        tasks.push(tokio::spawn(async move {
            while !stop.load(Ordering::Relaxed) || !eager.is_empty() {
                match bus.next(&eager) {
                    Some(_) => drop(received.fetch_add(1, Ordering::Relaxed)),
                    None => {
                        let _ = tokio::time::timeout(Duration::from_millis(5), eager.wait()).await;
                    }
                }
            }
        }));
    }
    {
        let (bus, stop) = (bus.clone(), stop.clone());
        tasks.push(tokio::spawn(async move {
            let mut number = 0u64;
            while !stop.load(Ordering::Relaxed) {
                number += 1;
                let passing = bus.subscribe(wanted(
                    &format!("work.{}", number % 5),
                    Overflow::DropOldest,
                ));
                let passing = passing.unwrap();
                tokio::task::yield_now().await;
                bus.next(&passing);
                assert!(bus.unsubscribe(passing.id()));
            }
        }));
    }
    let part = Duration::from_secs(seconds) / 5;
    tokio::time::sleep(part).await;
    let early = resident();
    let mut most = early;
    for _ in 0..4 {
        tokio::time::sleep(part).await;
        most = most.max(resident());
    }
    stop.store(true, Ordering::Relaxed);
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(eager.dropped(), 0);
    assert!(lazy.iter().all(|lazy| lazy.len() == 1000));
    assert!(received.load(Ordering::Relaxed) > 0 && bus.published() > 1000);
    assert!(
        most <= early + SLACK,
        "memory grew from {early} to {most} bytes in {} events",
        bus.published()
    );
}

/// Ten million events for somebody who never reads: what is kept is a queue. Takes a minute without optimisation, so
/// `.ci/run` asks for it by name.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "takes a minute"]
fn ten_million_events_for_nobody() {
    let bus = Bus::new(Options::default(), "soak", Arc::new(SystemClock), 7);
    let lazy = bus.subscribe(wanted("n", Overflow::DropOldest)).unwrap();
    let mut early = 0;
    for number in 0..10_000_000u64 {
        bus.tell("n", draft(number));
        if number == 100_000 {
            early = resident();
        }
    }
    assert_eq!((lazy.len(), lazy.dropped()), (1000, 10_000_000 - 1000));
    assert!(resident() <= early + SLACK, "{} → {}", early, resident());
}
