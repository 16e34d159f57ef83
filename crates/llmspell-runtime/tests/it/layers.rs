//! Trace, limits, policy, retry and timeout around real calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{
    Backoff, Cancel, Clock, Cx, Door, Effect, Error, Estimate, Host, Kind, Level, Limits, Map,
    Observer, Op, ToolInfo, Value, error,
};
use llmspell_runtime::host::{FileRules, SystemClock, SystemFiles};
use llmspell_runtime::layer::{self, Options, Policy};
use parking_lot::Mutex;

use crate::world::{self, HandClock, echo, flaky, limited, model, op, plain, run};

fn thrice(_: &Cx, _: &Value) -> Backoff {
    Backoff {
        max_attempts: 3,
        initial: Duration::from_millis(100),
        max: Duration::from_secs(2),
        jitter: 0.0,
        ..Backoff::default()
    }
}

fn remote() -> Error {
    error!(Remote, "status 503").transient(true)
}

#[tokio::test]
async fn passing_errors_are_retried_with_growing_pauses() {
    let clock = Arc::new(HandClock::default());
    let cx = run(Options::default(), clock.clone()).build();
    let (op, count) = flaky(2, remote);
    let answer = cx
        .call(&Arc::new(op.retry(thrice)), Map::new().into())
        .await;
    assert_eq!(answer.unwrap(), Value::from(3));
    assert_eq!(count.load(Ordering::SeqCst), 3);
    assert_eq!(
        *clock.slept.lock(),
        [Duration::from_millis(100), Duration::from_millis(200)]
    );
}

#[tokio::test]
async fn the_last_error_counts_the_attempts() {
    let cx = run(Options::default(), Arc::new(HandClock::default())).build();
    let (op, count) = flaky(9, remote);
    let error = cx
        .call(&Arc::new(op.retry(thrice)), Map::new().into())
        .await
        .unwrap_err();
    assert_eq!(error.details().get("attempts"), Some(&Value::from(3)));
    assert_eq!(count.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn lasting_errors_are_not_retried() {
    let cx = run(Options::default(), Arc::new(HandClock::default())).build();
    let (op, count) = flaky(9, || error!(Auth, "no API key"));
    let error = cx
        .call(&Arc::new(op.retry(thrice)), Map::new().into())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(error.details().get("attempts"), None);
    assert_eq!(count.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_service_says_how_long_to_wait_up_to_the_bound() {
    let clock = Arc::new(HandClock::default());
    let cx = run(Options::default(), clock.clone()).build();
    let (op, _) = flaky(1, || {
        error!(RateLimited, "slow down").with("retry_after_ms", 1500)
    });
    cx.call(&Arc::new(op.retry(thrice)), Map::new().into())
        .await
        .unwrap();
    let (op, _) = flaky(1, || {
        error!(RateLimited, "slow down").with("retry_after_ms", 60_000)
    });
    cx.call(&Arc::new(op.retry(thrice)), Map::new().into())
        .await
        .unwrap();
    assert_eq!(
        *clock.slept.lock(),
        [Duration::from_millis(1500), Duration::from_secs(2)]
    );
}

#[tokio::test]
async fn a_pause_that_outlasts_the_deadline_is_not_begun() {
    let clock = Arc::new(HandClock::default());
    let cx = run(Options::default(), clock.clone()).build();
    let cx = cx.bounded(Some(Duration::from_millis(50)), None);
    let (op, count) = flaky(9, remote);
    let error = cx
        .call(&Arc::new(op.retry(thrice)), Map::new().into())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Remote);
    assert_eq!(count.load(Ordering::SeqCst), 1);
    assert!(clock.slept.lock().is_empty());
}

#[tokio::test]
async fn a_leaf_ends_at_its_deadline_and_its_body_is_dropped() {
    let dropped = Arc::new(AtomicUsize::new(0));
    struct Count(Arc<AtomicUsize>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let seen = dropped.clone();
    let stuck = Arc::new(op("stuck", Effect::Once, move |_, _| {
        let count = Count(seen.clone());
        async move {
            let _count = count;
            std::future::pending().await
        }
    }));
    let cx = run(Options::default(), Arc::new(HandClock::default())).build();
    let bounded = cx.bounded(Some(Duration::from_millis(250)), None);
    let error = bounded.call(&stuck, Map::new().into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(error.details().get("limit_ms"), Some(&Value::from(250)));
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    // The clock stands at the deadline now: nothing begins any more.
    let error = bounded.call(&stuck, Map::new().into()).await.unwrap_err();
    assert_eq!(error.message(), "no time was left to begin");
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn cancelling_ends_leaves_with_the_reason_and_scopes_end_themselves() {
    let cancel = Cancel::new();
    let cx = run(Options::default(), Arc::new(SystemClock))
        .cancel(cancel.clone())
        .build();
    let stuck = Arc::new(op("stuck", Effect::Once, |_, _| std::future::pending()));
    let inner = stuck.clone();
    let scope = Arc::new(op("agent.execute", Effect::Scope, move |cx, _| {
        let inner = inner.clone();
        async move {
            let error = cx.call(&inner, Map::new().into()).await.unwrap_err();
            Ok(Value::from(format!("tidied up after: {}", error.message())))
        }
    }));
    let running = cx.call(&scope, Map::new().into());
    let stop = async { cancel.cancel(Cancel::reason("interrupted")) };
    let (outcome, ()) = tokio::join!(running, stop);
    assert_eq!(
        outcome.unwrap(),
        Value::from("tidied up after: interrupted")
    );
}

#[tokio::test]
async fn a_parallel_fan_out_cannot_overshoot() {
    fn thousand(_: &Cx, _: &Value) -> Estimate {
        Estimate {
            tokens: 1000,
            cost_usd: Some(0.01),
            requests: 1,
            tool_calls: 0,
        }
    }
    let limits = Limits {
        tokens: Some(2500),
        ..Limits::default()
    };
    let cx = limited(Options::default(), limits);
    let stuck = Arc::new(model().estimate(thousand));
    let args = || {
        Value::from([
            ("input", 900.into()),
            ("output", 50.into()),
            ("cost", 0.002.into()),
        ])
    };
    let calls = (0..10).map(|_| cx.call(&stuck, args()));
    let outcomes = futures::future::join_all(calls).await;
    // Each settles at 950 as soon as it ends, so 1,000 more fit once: 950 + 950 + 1000 exceeds.
    let spent = cx.ledger().spent();
    assert!(spent.tokens <= 2500, "{spent:?}");
    let failed: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    assert_eq!(failed.len(), 8);
    assert!(failed.iter().all(|error| error.kind() == Kind::Limit));
    assert_eq!(spent.requests, 2);
    assert!((spent.cost_usd.unwrap() - 0.004).abs() < 1e-9);
}

#[tokio::test]
async fn tool_calls_count_also_when_they_fail_but_not_when_they_are_refused() {
    let limits = Limits {
        tool_calls: Some(2),
        ..Limits::default()
    };
    let policy = Policy {
        deny: vec!["tool:secret_*".into()],
        ..Policy::default()
    };
    let options = Options {
        policy: Arc::new(policy),
        ..Options::default()
    };
    let cx = limited(options, limits);
    let tool = |name: &str| -> Arc<Op> {
        let body = |_, _| async { Err(error!(Execution, "division by zero")) };
        Arc::new(op(name, Effect::Pure, body).tool(ToolInfo::new("utility").level(Level::Safe)))
    };
    let refused = cx
        .call(&tool("secret_reader"), Map::new().into())
        .await
        .unwrap_err();
    assert_eq!(refused.kind(), Kind::Denied);
    assert!(refused.message().contains("not permitted"));
    for _ in 0..2 {
        let error = cx
            .call(&tool("calculator"), Map::new().into())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Execution);
    }
    let error = cx
        .call(&tool("calculator"), Map::new().into())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(
        error.details().get("what"),
        Some(&Value::from("tool_calls"))
    );
}

#[tokio::test]
async fn usage_of_calls_below_is_not_charged_twice() {
    fn ten(_: &Cx, _: &Value) -> Estimate {
        Estimate {
            tokens: 10,
            cost_usd: Some(0.0),
            requests: 1,
            tool_calls: 0,
        }
    }
    let inner = Arc::new(model().estimate(ten));
    let tool = Arc::new(
        op("researcher", Effect::Read, move |cx, _| {
            let inner = inner.clone();
            async move {
                cx.call(
                    &inner,
                    Value::from([("input", 7.into()), ("output", 1.into())]),
                )
                .await
            }
        })
        .tool(ToolInfo::new("agents")),
    );
    let cx = limited(Options::default(), Limits::default());
    cx.call(&tool, Map::new().into()).await.unwrap();
    let spent = cx.ledger().spent();
    assert_eq!((spent.tokens, spent.requests, spent.tool_calls), (8, 1, 1));
}

#[tokio::test]
async fn effects_in_flight_are_bounded_and_nested_ones_do_not_wait_for_each_other() {
    let options = Options {
        max_concurrency: 2,
        ..Options::default()
    };
    let cx = plain(options);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let fetch = |effect| {
        let (busy, peak) = (now.clone(), most.clone());
        let fetch = op("fetch", effect, move |_, _| {
            let (busy, peak) = (busy.clone(), peak.clone());
            async move {
                peak.fetch_max(busy.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                for _ in 0..4 {
                    tokio::task::yield_now().await;
                }
                busy.fetch_sub(1, Ordering::SeqCst);
                Ok(Value::Null)
            }
        });
        Arc::new(fetch)
    };
    let leaf = fetch(Effect::Idempotent);
    let calls = (0..20).map(|_| cx.call(&leaf, Map::new().into()));
    futures::future::join_all(calls).await;
    assert_eq!(most.swap(0, Ordering::SeqCst), 2);
    // Waiting for an answer is no effect.
    let plain = fetch(Effect::Read);
    let calls = (0..20).map(|_| cx.call(&plain, Map::new().into()));
    futures::future::join_all(calls).await;
    assert_eq!(most.swap(0, Ordering::SeqCst), 20);
    // Each holds a slot and calls another effect.
    let inner = leaf.clone();
    let nested = Arc::new(op("tool", Effect::Once, move |cx, _| {
        let inner = inner.clone();
        async move {
            tokio::task::yield_now().await;
            cx.bounded(None, None).call(&inner, Map::new().into()).await
        }
    }));
    let calls = (0..20).map(|_| cx.call(&nested, Map::new().into()));
    let outcomes = futures::future::join_all(calls).await;
    assert!(outcomes.iter().all(Result::is_ok));
    // Scopes need no slot.
    let inner = leaf.clone();
    let scope = Arc::new(op("agent.execute", Effect::Scope, move |cx, _| {
        let inner = inner.clone();
        async move { cx.call(&inner, Map::new().into()).await }
    }));
    let calls = (0..20).map(|_| cx.call(&scope, Map::new().into()));
    assert!(
        futures::future::join_all(calls)
            .await
            .iter()
            .all(Result::is_ok)
    );
}

#[tokio::test]
async fn waiting_for_a_slot_ends_with_the_call() {
    let cancel = Cancel::new();
    let options = Options {
        max_concurrency: 1,
        ..Options::default()
    };
    let cx = run(options, Arc::new(SystemClock))
        .cancel(cancel.clone())
        .build();
    let stuck = Arc::new(op("stuck", Effect::Once, |_, _| std::future::pending()));
    let both = futures::future::join(
        cx.call(&stuck, Map::new().into()),
        cx.call(&stuck, Map::new().into()),
    );
    let (outcomes, ()) = tokio::join!(both, async { cancel.cancel(Cancel::reason("stop")) });
    assert_eq!(outcomes.0.unwrap_err().kind(), Kind::Cancelled);
    assert_eq!(outcomes.1.unwrap_err().kind(), Kind::Cancelled);
}

#[derive(Default)]
struct Seen(Mutex<Vec<String>>);

impl Observer for Seen {
    fn started(&self, _: &Cx, op: &Op, args: &Value) {
        self.0.lock().push(format!("started {} {args}", op.name()));
    }
    fn ended(&self, _: &Cx, op: &Op, outcome: Result<&Value, &Error>, _: Duration) {
        let outcome = match outcome {
            Ok(value) => value.to_string(),
            Err(error) => error.kind().to_string(),
        };
        self.0.lock().push(format!("ended {} {outcome}", op.name()));
    }
}

#[tokio::test]
async fn observers_see_begin_and_end_of_every_call_that_matters() {
    let seen = Arc::new(Seen::default());
    let cx = run(Options::default(), Arc::new(SystemClock))
        .observer(seen.clone())
        .build();
    cx.call(&echo("read", Effect::Read), Value::from([("a", 1.into())]))
        .await
        .unwrap();
    cx.call(&echo("pure", Effect::Pure), Map::new().into())
        .await
        .unwrap();
    let panics = Arc::new(op("panics", Effect::Read, |_, _| async { panic!("oh") }));
    cx.call(&panics, Map::new().into()).await.unwrap_err();
    let stuck = Arc::new(op("stuck", Effect::Once, |_, _| std::future::pending()));
    let dropped = cx.call(&stuck, Map::new().into());
    assert!(futures::FutureExt::now_or_never(dropped).is_none());
    assert_eq!(
        *seen.0.lock(),
        [
            "started read {\"a\":1}",
            "ended read {\"a\":1}",
            "started panics {}",
            "ended panics bug",
            "started stuck {}",
            "ended stuck cancelled",
        ]
    );
}

/// A clock that stands still, while its sleeps take their time: no wait is over too soon on a busy machine.
struct StandingClock;

impl Clock for StandingClock {
    fn now(&self) -> i64 {
        0
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn processor(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        SystemClock.sleep(duration)
    }
}

#[tokio::test]
async fn a_call_that_is_stopped_waits_for_its_work_over_files() {
    let dir = tempfile::tempdir().unwrap();
    let files = SystemFiles::new(
        FileRules::default(),
        dir.path().into(),
        dir.path().join("own"),
    );
    let host = Host {
        files: Arc::new(files),
        ..world::host(Arc::new(StandingClock))
    };
    let door = Arc::new(Door::new(layer::stack(Options::default())));
    let cx = Cx::run("test", door, host).build();
    let tidied = Arc::new(AtomicUsize::new(0));
    let seen = tidied.clone();
    let slow = Arc::new(op("slow", Effect::Once, move |cx: Cx, _| {
        let tidied = seen.clone();
        async move {
            cx.files(move |_, cx| {
                while cx.check().is_ok() {
                    std::thread::yield_now();
                }
                // What a draft of a large file takes to go.
                std::thread::park_timeout(Duration::from_millis(10));
                tidied.fetch_add(1, Ordering::SeqCst);
                Ok(Value::Null)
            })
            .await
        }
    }));
    let bounded = cx.bounded(Some(Duration::from_millis(20)), None);
    let error = bounded.call(&slow, Map::new().into()).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(tidied.load(Ordering::SeqCst), 1);
    let stopped = cx.bounded(None, None);
    let stop = stopped.cancel().clone();
    let call = stopped.call(&slow, Map::new().into());
    let (error, ()) = futures::join!(call, async {
        tokio::task::yield_now().await;
        stop.cancel(Cancel::reason("enough"));
    });
    assert_eq!(error.unwrap_err().kind(), Kind::Cancelled);
    assert_eq!(tidied.load(Ordering::SeqCst), 2);
}
