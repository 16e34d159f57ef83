//! Tools that no built-in one is like.

use llmspell_core::Value;
use serde_json::json;

use crate::spell::Spell;

#[tokio::test]
async fn a_tool_above_the_granted_level_is_refused() {
    let spell = Spell::new();
    let params = json!({"a": 1}).into();
    let answer = spell.call("tool.invoke", ["danger".into(), params]).await;
    let answer = answer.unwrap();
    assert_eq!(answer.get("error_kind").unwrap(), &Value::from("denied"));
}

#[tokio::test]
async fn the_largest_member_of_the_data_is_cut() {
    let options = json!({"max_output_bytes": 100, "preview_bytes": 5});
    let spell = Spell::with(json!({}), options, Vec::new());
    let params = json!({"a": 1000}).into();
    let answer = spell.call("tool.invoke", ["big".into(), params]).await;
    let answer = answer.unwrap().to_serde_json();
    assert_eq!(
        answer["data"]["text"],
        json!({"truncated": true, "size": 1000, "preview": "xxxxx"})
    );
    assert_eq!(answer["metadata"]["truncated"], true);
}
