//! Providers as scripts see them, and the op that asks models.

use std::time::Duration;

use llmspell_core::{Kind, Value};
use serde_json::json;

use crate::spell::Spell;
use crate::world::HandClock;

#[tokio::test]
async fn providers_are_listed_and_found() {
    let spell = Spell::new();
    let list = spell
        .call("provider.list", [])
        .await
        .unwrap()
        .to_serde_json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"mock") && names.is_sorted(), "{names:?}");
    let mock = spell
        .call("provider.get", ["mock".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        (&mock["type"], &mock["has_key"]),
        (&json!("mock"), &json!(true))
    );
    assert_eq!(mock["capabilities"]["supports_tools"], true);
    assert_eq!(
        spell.call("provider.get", ["nobody".into()]).await.unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn a_provider_is_validated_by_one_request() {
    let options = json!({"dead": {"type": "custom", "base_url": "http://127.0.0.1:9/v1", "model": "m", "max_retries": 0}});
    let spell = Spell::with(options, json!({}), Vec::new());
    let report = spell
        .call("provider.validate", ["mock".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(report["ok"], true);
    assert!(report["latency_ms"].is_u64());
    let report = spell
        .call("provider.validate", ["dead".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(report["ok"], false);
    assert!(report["error"].is_string(), "{report}");
    let error = spell
        .call("provider.validate", ["nobody".into()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
}

#[tokio::test]
async fn another_model_answers_when_the_first_fails_for_good() {
    let failing =
        json!([{"error": {"kind": "remote", "message": "down"}}, {"error": {"kind": "remote"}}]);
    let options = json!({
        "first": {"type": "mock", "max_retries": 1, "extra_body": {"responses": failing}, "fallback": ["mock/echo"]},
    });
    let spell = Spell::with(options, json!({}), Vec::new());
    let agent = spell.agent(json!({"model": "first/x"})).await;
    let answer = spell.ask(&agent, json!("hello")).await;
    assert_eq!(
        (&answer["text"], &answer["model"]),
        (&json!("hello"), &json!("mock/echo"))
    );
}

#[tokio::test]
async fn the_rate_limit_of_a_provider_holds_for_all_agents() {
    let options = json!({"slow": {"type": "mock", "max_retries": 0, "rate_limit": {"rpm": 1}}});
    let spell = Spell::with(options, json!({}), Vec::new());
    let first = spell.agent(json!({"model": "slow/echo"})).await;
    let second = spell
        .agent(json!({"model": "slow/echo", "timeout_ms": 1000}))
        .await;
    spell.ask(&first, json!("a")).await;
    let error = spell
        .on(&second, "execute", ["b".into()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
    assert!(error.details().contains_key("retry_after_ms"));
}

#[tokio::test]
async fn who_is_over_the_rate_waits_for_his_turn() {
    let clock = std::sync::Arc::new(HandClock::default());
    let builder = crate::world::run(Default::default(), clock.clone());
    let options = json!({"slow": {"type": "mock", "rate_limit": {"rpm": 2}}});
    let spell = Spell::within(builder, options, json!({}), Vec::new());
    let agent = spell.agent(json!({"model": "slow/echo"})).await;
    for _ in 0..3 {
        spell.ask(&agent, json!("x")).await;
    }
    assert_eq!(*clock.slept.lock(), [Duration::from_secs(30)]);
}
