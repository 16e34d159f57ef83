//! Streams that a spell leaves open.

use llmspell_core::Value;
use llmspell_runtime::agent::Agents;
use serde_json::json;

use crate::spell::Spell;

#[tokio::test]
async fn the_end_of_a_spell_ends_its_streams() {
    let spell = Spell::new();
    let agent = spell.agent(json!({"model": "mock/x", "settings": {"responses": [{"delay_ms": 3_600_000, "text": "late"}]}})).await;
    let stream = spell.on(&agent, "stream", ["x".into()]).await.unwrap();
    let active = async || {
        let metrics = spell.on(&agent, "get_metrics", []).await.unwrap();
        metrics.get("requests_active").cloned().unwrap()
    };
    while active().await != Value::Int(1) {
        tokio::task::yield_now().await;
    }
    spell.cx.part::<Agents>().unwrap().close();
    while active().await != Value::Int(0) {
        tokio::task::yield_now().await;
    }
    assert_eq!(spell.on(&stream, "next", []).await.unwrap(), Value::Null);
}
