//! Streaming is a view of the one loop: same answer, same conversation.

use std::sync::Arc;

use llmspell_core::{Kind, Value};
use llmspell_runtime::agent::{Agents, Options};
use llmspell_runtime::host::SystemClock;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};

use crate::spell::{Spell, function};

fn replies() -> Json {
    json!([{"tool_calls": [{"name": "add", "arguments": {"a": 1}}, {"name": "fail", "arguments": {"a": 1}}]}, "that makes one"])
}

/// Returns the function that keeps what it is called with, and what it kept.
fn keeper(stop_at: Option<usize>) -> (Value, Arc<Mutex<Vec<Json>>>) {
    let kept = Arc::new(Mutex::new(Vec::new()));
    let chunks = kept.clone();
    let callback = function(move |_, args| {
        let mut chunks = chunks.lock();
        chunks.push(args[0].to_serde_json());
        let stop = Some(chunks.len()) == stop_at;
        std::future::ready(Ok(if stop { false.into() } else { Value::Null }))
    });
    (callback, kept)
}

/// Removes what differs from run to run.
fn without_times(mut answer: Json) -> Json {
    answer.as_object_mut().unwrap().remove("chunks_received");
    answer["metadata"]["execution_time_ms"] = Json::Null;
    answer["metadata"]["agent_id"] = Json::Null;
    answer["metadata"]["agent_name"] = Json::Null;
    for call in answer["tool_calls"].as_array_mut().unwrap() {
        call["duration_ms"] = Json::Null;
    }
    answer
}

#[tokio::test]
async fn a_streamed_answer_is_the_same_answer() {
    let spell = Spell::new();
    let plain = spell.scripted("a", replies(), json!(["add", "fail"])).await;
    let whole = spell.ask(&plain, json!("go")).await;
    let watched = spell.scripted("b", replies(), json!(["add", "fail"])).await;
    let (callback, chunks) = keeper(None);
    let answer = spell
        .on(&watched, "invoke_stream", ["go".into(), callback])
        .await
        .unwrap()
        .to_serde_json();
    let chunks = chunks.lock().clone();
    assert_eq!(answer["chunks_received"], chunks.len());
    // The usage counts words of the system prompt, and both names are one word.
    assert_eq!(without_times(answer), without_times(whole.clone()));
    let text: String = chunks
        .iter()
        .map(|chunk| chunk["text"].as_str().unwrap())
        .collect();
    assert_eq!(whole["text"], text);
    let types: Vec<&str> = chunks
        .iter()
        .map(|chunk| chunk["type"].as_str().unwrap())
        .collect();
    assert_eq!(
        types,
        [
            "tool_call",
            "tool_call",
            "usage",
            "tool_result",
            "tool_result",
            "text",
            "text",
            "text",
            "usage",
            "end"
        ]
    );
    let indices: Vec<usize> = chunks
        .iter()
        .map(|chunk| chunk["index"].as_u64().unwrap() as usize)
        .collect();
    assert_eq!(indices, (0..10).collect::<Vec<_>>());
    assert_eq!(chunks[0]["tool_call"]["name"], "add");
    assert_eq!(chunks[3]["tool_result"]["success"], true);
    let said = |messages: Vec<Json>| {
        messages
            .into_iter()
            .map(|m| m["content"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        said(spell.conversation(&plain).await),
        said(spell.conversation(&watched).await)
    );
}

#[tokio::test]
async fn a_callback_stops_the_answer() {
    let spell = Spell::new();
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let (callback, chunks) = keeper(Some(2));
    let answer = spell
        .on(&agent, "invoke_stream", ["one two three".into(), callback])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        (&answer["finish_reason"], &answer["text"]),
        (&json!("stopped"), &json!("one two "))
    );
    assert_eq!(chunks.lock().len(), 2);
    assert_eq!(spell.conversation(&agent).await[1]["content"], "one two ");

    // Stopping at a tool call leaves it out; stopping at its result keeps both.
    for (stop_at, kept) in [(1, 0), (4, 4)] {
        let agent = spell
            .scripted(&format!("s{stop_at}"), replies(), json!(["add", "fail"]))
            .await;
        let (callback, _) = keeper(Some(stop_at));
        let answer = spell
            .on(&agent, "invoke_stream", ["go".into(), callback])
            .await
            .unwrap();
        assert_eq!(
            answer.get("finish_reason").unwrap(),
            &Value::from("stopped")
        );
        assert_eq!(spell.conversation(&agent).await.len(), kept);
    }
}

#[tokio::test]
async fn a_stream_is_read_to_its_end() {
    let spell = Spell::new();
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let stream = spell
        .on(&agent, "stream", ["one two".into()])
        .await
        .unwrap();
    let done = async || spell.on(&stream, "is_done", []).await.unwrap();
    assert_eq!(done().await, false.into());
    let first = spell.on(&stream, "next", []).await.unwrap();
    assert_eq!(first.get("text").unwrap(), &Value::from("one "));
    let rest = spell
        .on(&stream, "collect", [])
        .await
        .unwrap()
        .to_serde_json();
    let types: Vec<&Json> = rest
        .as_array()
        .unwrap()
        .iter()
        .map(|chunk| &chunk["type"])
        .collect();
    assert_eq!(types, ["text", "usage", "end"]);
    assert_eq!(done().await, true.into());
    assert_eq!(spell.on(&stream, "next", []).await.unwrap(), Value::Null);
    assert_eq!(spell.conversation(&agent).await.len(), 2);
}

#[tokio::test]
async fn the_error_of_a_stream_is_raised_where_it_is_read() {
    let spell = Spell::new();
    let agent = spell
        .scripted("a", json!([{"error": {"kind": "auth"}}]), json!([]))
        .await;
    let stream = spell.on(&agent, "stream", ["x".into()]).await.unwrap();
    let error = spell.on(&stream, "next", []).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert_eq!(spell.on(&stream, "next", []).await.unwrap(), Value::Null);
    assert_eq!(spell.on(&stream, "is_done", []).await.unwrap(), true.into());
}

#[tokio::test]
async fn closing_a_stream_frees_the_agent() {
    let spell = Spell::new();
    let long = vec!["word"; 2000].join(" ");
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let stream = spell.on(&agent, "stream", [long.into()]).await.unwrap();
    spell.on(&stream, "next", []).await.unwrap();
    spell.on(&stream, "close", []).await.unwrap();
    assert_eq!(spell.on(&stream, "next", []).await.unwrap(), Value::Null);
    let answer = spell.ask(&agent, json!("free")).await;
    assert_eq!(answer["text"], "free");
    spell.conversation(&agent).await;
}

#[tokio::test]
async fn a_composite_streams_what_it_answers() {
    let spell = Spell::new();
    spell
        .agent(json!({"name": "one", "model": "mock/echo"}))
        .await;
    spell.agent(json!({"name": "two", "model": "mock/x"})).await;
    for routing in ["sequential", "parallel", "round_robin"] {
        let cfg = json!({"routing_strategy": routing});
        let args = [routing.into(), json!(["one", "two"]).into(), cfg.into()];
        let composite = spell.call("agent.create_composite", args).await.unwrap();
        let (callback, chunks) = keeper(None);
        let answer = spell
            .on(&composite, "invoke_stream", ["hi you".into(), callback])
            .await
            .unwrap();
        let text: String = chunks
            .lock()
            .iter()
            .map(|chunk| chunk["text"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(answer.get("text").unwrap(), &Value::from(text), "{routing}");
        assert_eq!(chunks.lock().last().unwrap()["type"], "end");
        assert_eq!(
            chunks
                .lock()
                .iter()
                .filter(|chunk| chunk["type"] == "end")
                .count(),
            1
        );
    }
}

#[tokio::test]
async fn without_streaming_an_answer_comes_in_one_piece() {
    let builder = crate::world::run(Default::default(), Arc::new(SystemClock));
    let whole = Options {
        enable_streaming: false,
        ..Options::default()
    };
    let spell = Spell::assembled(
        builder,
        Agents::new(whole),
        json!({}),
        json!({}),
        Vec::new(),
    );
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let (callback, chunks) = keeper(None);
    spell
        .on(&agent, "invoke_stream", ["one two three".into(), callback])
        .await
        .unwrap();
    let texts: Vec<Json> = chunks
        .lock()
        .iter()
        .map(|chunk| chunk["text"].clone())
        .collect();
    assert_eq!(texts, ["one two three", "", ""]);
}

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
