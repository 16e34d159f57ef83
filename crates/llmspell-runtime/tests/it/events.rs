//! The event bus under load: bounded, counted, in order.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Kind, Value};
use llmspell_runtime::event::{
    Bus, Options, Overflow, Pattern, Priority, Publication, Subscription, Wanted,
};
use llmspell_runtime::host::SystemClock;
use proptest::prelude::*;

fn bus(options: Options) -> Arc<Bus> {
    Arc::new(Bus::new(options, "test", Arc::new(SystemClock), 7))
}

fn wanted(pattern: &str, overflow: Overflow, capacity: usize) -> Wanted {
    Wanted {
        patterns: vec![Pattern::new(pattern).unwrap()],
        language: None,
        filter: None,
        overflow,
        capacity,
        block_timeout: Duration::from_secs(30),
        handler: None,
        internal: false,
    }
}

fn draft(number: i64, priority: Priority) -> Publication {
    Publication {
        priority,
        ..Publication::of_runtime("test", Value::Int(number))
    }
}

fn left(bus: &Bus, subscription: &Subscription) -> Vec<i64> {
    std::iter::from_fn(|| bus.next(subscription))
        .map(|event| event.data.value().as_int().unwrap())
        .collect()
}

#[test]
fn whoever_watches_from_outside_takes_no_place() {
    let bus = bus(Options {
        max_subscribers: 1,
        ..Options::default()
    });
    let outside = || Wanted {
        internal: true,
        ..wanted("n", Overflow::DropOldest, 1)
    };
    bus.subscribe(outside()).unwrap();
    bus.subscribe(wanted("n", Overflow::DropOldest, 1)).unwrap();
    bus.subscribe(outside()).unwrap();
    let error = bus
        .subscribe(wanted("n", Overflow::DropOldest, 1))
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
}

/// Ids count up: a script guesses those of others.
#[test]
fn whoever_watches_from_outside_is_not_found_by_its_id() {
    let bus = bus(Options::default());
    let outside = bus.subscribe(Wanted {
        internal: true,
        ..wanted("n", Overflow::DropOldest, 9)
    });
    let outside = outside.unwrap();
    assert!(!bus.unsubscribe(outside.id()));
    assert!(bus.find(outside.id()).is_none());
    bus.tell("n", draft(1, Priority::Normal));
    assert_eq!(left(&bus, &outside), [1]);
}

/// Who takes events slowly gets all of them; who takes none is left behind with what waits.
#[tokio::test(start_paused = true)]
async fn the_last_events_are_waited_for_as_long_as_they_are_taken() {
    let patience = Duration::from_secs(1);
    for (pause, lost) in [
        (Duration::from_millis(900), 0),
        (Duration::from_secs(60), 9),
    ] {
        let bus = bus(Options::default());
        let own = bus.subscribe(wanted("n", Overflow::Block, 20)).unwrap();
        for number in 0..10 {
            bus.tell("n", draft(number, Priority::Normal));
        }
        let (source, events) = (bus.clone(), own.clone());
        let task = tokio::spawn(async move {
            while source.next(&events).is_some() {
                tokio::time::sleep(pause).await;
            }
        });
        assert_eq!(bus.finish(&own, task, patience).await, lost);
    }
}

#[test]
fn a_subscriber_that_never_reads_costs_its_queue_only() {
    let bus = bus(Options::default());
    let lazy = bus
        .subscribe(wanted("n", Overflow::DropOldest, 100))
        .unwrap();
    for number in 0..50_000 {
        bus.tell("n", draft(number, Priority::Normal));
    }
    assert_eq!(lazy.len(), 100);
    assert_eq!(lazy.dropped(), 49_900);
    assert_eq!(left(&bus, &lazy), (49_900..50_000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_publisher_is_in_order_and_nothing_is_lost_with_block() {
    const EACH: i64 = 2_000;
    let bus = bus(Options::default());
    let own = bus.subscribe(wanted("p.*", Overflow::Block, 8)).unwrap();
    let publishing = (0..4).map(|publisher| {
        let bus = bus.clone();
        tokio::spawn(async move {
            for number in 0..EACH {
                let kind = format!("p.{publisher}");
                bus.publish(&kind, draft(number, Priority::Normal))
                    .await
                    .unwrap();
            }
        })
    });
    let publishing: Vec<_> = publishing.collect();
    let mut next = [0; 4];
    while next.iter().sum::<i64>() < 4 * EACH {
        let Some(event) = bus.next(&own) else {
            own.wait().await;
            continue;
        };
        let publisher: usize = event.kind[2..].parse().unwrap();
        assert_eq!(event.data.value().as_int(), Some(next[publisher]));
        next[publisher] += 1;
    }
    for publishing in publishing {
        publishing.await.unwrap();
    }
    assert_eq!(own.dropped(), 0);
}

/// Whatever the strategy, each event is received, waits, was dropped, or was refused; nothing is counted twice.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_are_exact_under_concurrent_publishers() {
    const EACH: i64 = 3_000;
    for overflow in [Overflow::DropOldest, Overflow::DropNewest, Overflow::Reject] {
        let bus = bus(Options::default());
        let own = bus.subscribe(wanted("p.*", overflow, 16)).unwrap();
        let publishing = (0..4).map(|publisher| {
            let bus = bus.clone();
            tokio::spawn(async move {
                let (mut refused, mut dropped) = (0, 0);
                for number in 0..EACH {
                    let kind = format!("p.{publisher}");
                    match bus.publish(&kind, draft(number, Priority::Normal)).await {
                        Ok(published) => dropped += published.dropped as u64,
                        Err(_) => refused += 1,
                    }
                }
                (refused, dropped)
            })
        });
        let publishing: Vec<_> = publishing.collect();
        let mut received = 0;
        while !publishing.iter().all(|publishing| publishing.is_finished()) {
            received += left(&bus, &own).len() as u64;
            tokio::task::yield_now().await;
        }
        let (mut refused, mut dropped) = (0, 0);
        for publishing in publishing {
            let (more_refused, more_dropped) = publishing.await.unwrap();
            refused += more_refused;
            dropped += more_dropped;
        }
        received += left(&bus, &own).len() as u64;
        assert_eq!(own.dropped(), dropped, "{overflow:?}");
        assert_eq!(
            received + dropped + refused,
            4 * EACH as u64,
            "{overflow:?}"
        );
        assert_eq!(
            refused > 0,
            overflow == Overflow::Reject && received < 4 * EACH as u64
        );
    }
}

#[tokio::test]
async fn who_rejects_tells_the_publisher_and_the_others_have_the_event() {
    let bus = bus(Options::default());
    let full = bus.subscribe(wanted("x", Overflow::Reject, 1)).unwrap();
    let other = bus.subscribe(wanted("x", Overflow::DropOldest, 9)).unwrap();
    bus.publish("x", draft(1, Priority::Normal)).await.unwrap();
    let refused = bus
        .publish("x", draft(2, Priority::Normal))
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Limit);
    assert_eq!((full.len(), other.len()), (1, 2));
}

#[test]
fn a_nearly_full_queue_is_told_once_and_once_again_when_it_is_not() {
    let bus = bus(Options::default());
    let lazy = bus
        .subscribe(wanted("n", Overflow::DropOldest, 10_000))
        .unwrap();
    let marks = bus
        .subscribe(wanted("event.queue.*", Overflow::DropOldest, 9))
        .unwrap();
    for number in 0..9_000 {
        bus.tell("n", draft(number, Priority::Normal));
    }
    left(&bus, &lazy);
    let told = std::iter::from_fn(|| bus.next(&marks)).map(|event| event.kind.to_string());
    assert_eq!(
        told.collect::<Vec<_>>(),
        ["event.queue.high", "event.queue.low"]
    );
}

#[test]
fn subscriptions_that_come_and_go_leave_nothing() {
    let bus = bus(Options::default());
    let stays = bus
        .subscribe(wanted("a.*", Overflow::DropOldest, 9))
        .unwrap();
    for number in 0..2_000 {
        let gone = bus.subscribe(wanted(&format!("a.{number}"), Overflow::DropOldest, 9));
        let gone = gone.unwrap();
        bus.tell(&format!("a.{number}"), draft(number, Priority::Normal));
        assert!(bus.unsubscribe(gone.id()));
        assert!(bus.next(&stays).is_some());
    }
    assert_eq!(bus.subscriptions().len(), 1);
}

fn priority() -> impl Strategy<Value = Priority> {
    prop_oneof![
        Just(Priority::Low),
        Just(Priority::Normal),
        Just(Priority::High),
        Just(Priority::Critical),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// A queue against a list: of the lowest priority the oldest, or the newest, goes.
    #[test]
    fn a_full_queue_drops_what_it_should(
        priorities in proptest::collection::vec(priority(), 0..40),
        capacity in 1usize..8,
        newest in any::<bool>(),
    ) {
        let overflow = if newest { Overflow::DropNewest } else { Overflow::DropOldest };
        let bus = bus(Options::default());
        let own = bus.subscribe(wanted("n", overflow, capacity)).unwrap();
        let mut expected: Vec<(i64, Priority)> = Vec::new();
        for (number, priority) in priorities.iter().enumerate() {
            bus.tell("n", draft(number as i64, *priority));
            expected.push((number as i64, *priority));
            if expected.len() > capacity {
                let lowest = expected.iter().map(|(_, priority)| *priority).min().unwrap();
                let mut of_lowest = expected.iter().enumerate().filter(|(_, (_, priority))| *priority == lowest);
                let goes = if newest { of_lowest.next_back() } else { of_lowest.next() };
                let index = goes.unwrap().0;
                expected.remove(index);
            }
        }
        let dropped = priorities.len().saturating_sub(capacity);
        prop_assert_eq!(own.dropped(), dropped as u64);
        let expected: Vec<i64> = expected.into_iter().map(|(number, _)| number).collect();
        prop_assert_eq!(left(&bus, &own), expected);
    }
}

/// Seven events of ten MiB do not wait at one subscription, however many it may have.
#[tokio::test]
async fn what_waits_is_bounded_in_bytes() {
    let large = |number: u8| {
        let text = String::from_utf8(vec![b'0' + number; 10 << 20]).unwrap();
        Publication::of_runtime("test", Value::from(text))
    };
    for (overflow, kept, dropped) in [
        (Overflow::DropOldest, "123456", 1),
        (Overflow::DropNewest, "012345", 1),
        (Overflow::Reject, "012345", 0),
        (Overflow::Block, "012345", 1),
    ] {
        let bus = bus(Options::default());
        let subscription = bus
            .subscribe(Wanted {
                block_timeout: Duration::from_millis(5),
                ..wanted("n", overflow, 10_000)
            })
            .unwrap();
        for number in 0..6 {
            bus.publish("n", large(number)).await.unwrap();
        }
        let last = bus.publish("n", large(6)).await;
        match (overflow, last) {
            (Overflow::Reject, Err(error)) => {
                assert_eq!(error.kind(), Kind::Limit);
                assert!(error.message().contains("67108864 bytes"), "{error}");
            }
            (Overflow::Reject, Ok(_)) => panic!("nothing was rejected"),
            (_, last) => assert_eq!(last.unwrap().dropped, 1),
        }
        assert_eq!(subscription.dropped(), dropped, "{overflow:?}");
        let first = std::iter::from_fn(|| bus.next(&subscription)).map(|event| {
            let text = event.data.value();
            text.as_str().unwrap()[..1].to_owned()
        });
        assert_eq!(first.collect::<String>(), kept, "{overflow:?}");
    }
}
