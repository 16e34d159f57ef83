//! The rate of a provider.

use std::time::Duration;

use serde_json::json;

use crate::spell::Spell;
use crate::world::HandClock;

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
