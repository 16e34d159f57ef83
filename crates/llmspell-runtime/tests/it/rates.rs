//! Tools and services that may be used only so often.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::host::Rate;
use llmspell_core::{Effect, Kind, Map, Op, Rates, Result, ToolInfo, Value};
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::layer::Options;
use llmspell_runtime::rate::{ToolRates, Turns};

use crate::world::{HandClock, op, run};

fn tool(name: &str) -> Arc<Op> {
    let op = op(name, Effect::Read, |_, _| async { Ok(Value::Null) });
    Arc::new(op.tool(ToolInfo::new("utility")))
}

fn options(rates: ToolRates) -> Options {
    Options {
        rates: Arc::new(rates),
        ..Options::default()
    }
}

fn seconds(slept: &[u64]) -> Vec<Duration> {
    slept
        .iter()
        .map(|count| Duration::from_secs(*count))
        .collect()
}

#[tokio::test]
async fn calls_beyond_the_rate_wait_for_their_turn() {
    let clock = Arc::new(HandClock::default());
    let rates = ToolRates {
        all: Some(Rate::per_minute(3.0)),
        tools: HashMap::from([("slow".to_owned(), Rate::per_minute(1.0))]),
        ..ToolRates::default()
    };
    let cx = run(options(rates), clock.clone()).build();
    for name in ["slow", "quick", "quick"] {
        cx.call(&tool(name), Map::new().into()).await.unwrap();
    }
    assert!(clock.slept.lock().is_empty());
    cx.call(&tool("slow"), Map::new().into()).await.unwrap();
    assert_eq!(*clock.slept.lock(), seconds(&[60]));
}

#[tokio::test]
async fn a_rate_that_does_not_wait_says_when_to_come_again() {
    let rate = Rate {
        wait: false,
        ..Rate::per_minute(2.0)
    };
    let rates = ToolRates {
        tools: HashMap::from([("t".to_owned(), rate)]),
        ..ToolRates::default()
    };
    let cx = run(options(rates), Arc::new(HandClock::default())).build();
    let call = || async { cx.call(&tool("t"), Map::new().into()).await };
    for _ in 0..2 {
        call().await.unwrap();
    }
    // What is refused takes no turn.
    for _ in 0..2 {
        let refusal = call().await.unwrap_err();
        assert_eq!(refusal.kind(), Kind::RateLimited);
        assert_eq!(
            refusal.message(),
            "the rate limit of the tool 't' is reached"
        );
        assert_eq!(refusal.details()["retry_after_ms"], 30_000.into());
    }
}

#[tokio::test]
async fn a_turn_after_the_deadline_is_not_waited_for() {
    let clock = Arc::new(HandClock::default());
    let rates = ToolRates {
        tools: HashMap::from([("t".to_owned(), Rate::per_minute(1.0))]),
        ..ToolRates::default()
    };
    let cx = run(options(rates), clock.clone()).build();
    let bounded = cx.bounded(Some(Duration::from_secs(59)), None);
    bounded.call(&tool("t"), Map::new().into()).await.unwrap();
    let refusal = bounded
        .call(&tool("t"), Map::new().into())
        .await
        .unwrap_err();
    assert_eq!(refusal.kind(), Kind::Timeout);
    assert!(refusal.message().contains("rate limit"), "{refusal}");
    assert!(clock.slept.lock().is_empty());
}

#[tokio::test]
async fn runs_share_the_turns() {
    let turns = Arc::new(Turns::default());
    let rates = || ToolRates {
        all: Some(Rate::per_minute(1.0)),
        turns: turns.clone(),
        ..ToolRates::default()
    };
    let clock = Arc::new(HandClock::default());
    for _ in 0..2 {
        let cx = run(options(rates()), clock.clone()).build();
        cx.call(&tool("t"), Map::new().into()).await.unwrap();
    }
    assert_eq!(*clock.slept.lock(), seconds(&[60]));
}

#[tokio::test]
async fn services_have_rates_for_all_tools_and_for_one() -> Result<()> {
    let clock = Arc::new(HandClock::default());
    let rates = ToolRates {
        services: HashMap::from([("brave".to_owned(), Rate::per_minute(2.0))]),
        ..ToolRates::default()
    };
    let cx = run(Options::default(), clock.clone()).build();
    let own = Some(Rate::per_minute(1.0));
    rates.enter(&cx, "web_search", "brave", own).await?;
    rates.enter(&cx, "other", "brave", None).await?;
    rates.enter(&cx, "other", "google", None).await?;
    assert!(clock.slept.lock().is_empty());
    // Its own turn comes after a minute, and by then the service is free.
    rates.enter(&cx, "web_search", "brave", own).await?;
    assert_eq!(*clock.slept.lock(), seconds(&[60]));
    Ok(())
}

#[tokio::test]
async fn a_turn_that_nobody_waits_for_is_given_back() {
    let turns = Arc::new(Turns::default());
    let rates = |wait| ToolRates {
        all: Some(Rate {
            wait,
            ..Rate::per_minute(1.0)
        }),
        turns: turns.clone(),
        ..ToolRates::default()
    };
    let patient = run(options(rates(true)), Arc::new(SystemClock)).build();
    patient.call(&tool("t"), Map::new().into()).await.unwrap();
    let (op, impatient) = (tool("t"), run(options(rates(false)), Arc::new(SystemClock)));
    let mut waiting = Box::pin(patient.call(&op, Map::new().into()));
    assert!(futures::poll!(waiting.as_mut()).is_pending());
    drop(waiting);
    let refusal = impatient
        .build()
        .call(&op, Map::new().into())
        .await
        .unwrap_err();
    let wait = refusal.details()["retry_after_ms"].as_int().unwrap();
    assert!(wait <= 60_000, "{wait}");
}
