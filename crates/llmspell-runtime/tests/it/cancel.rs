//! Wherever an execution is broken off, the conversation stays valid and the agent usable.

use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use futures::future::poll_fn;
use llmspell_core::{Cancel, Error, Kind, Outcome, Value};
use serde_json::{Value as Json, json};
use tokio::sync::Notify;

use crate::spell::{Spell, function, tool_op};

async fn pause(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

/// A tool that suspends as often as its parameter says.
fn slow() -> llmspell_core::Op {
    tool_op("slow", |_, args| async move {
        let times = args.get("a").and_then(Value::as_int).unwrap();
        pause(times as usize).await;
        Ok(Outcome::new("slow", times))
    })
}

fn replies() -> Json {
    json!([
        {"text": "let me see", "tool_calls": [
            {"name": "slow", "arguments": {"a": 3}}, {"name": "slow", "arguments": {"a": 1}},
            {"name": "slow", "arguments": {"a": 2}},
        ]},
        {"tool_calls": [{"name": "slow", "arguments": {"a": 2}}]},
        "all done",
    ])
}

/// Polls `work` so often, then drops it. Returns whether it ended before.
async fn polled(work: impl Future<Output = ()>, mut times: usize) -> bool {
    let mut work = pin!(work);
    poll_fn(|cx| {
        if times == 0 {
            return Poll::Ready(false);
        }
        times -= 1;
        // Whoever waits is asked again at once: everything here is ready after some polls.
        cx.waker().wake_by_ref();
        work.as_mut().poll(cx).map(|()| true)
    })
    .await
}

#[tokio::test]
async fn dropped_at_any_await() {
    let mut lengths = std::collections::BTreeSet::new();
    for polls in 1.. {
        let spell = Spell::tools(vec![slow()]);
        let agent = spell.scripted("a", replies(), json!(["slow"])).await;
        let suspends = function(|_, _| async {
            pause(1).await;
            Ok(Value::Null)
        });
        let running = async {
            spell
                .on(&agent, "invoke_stream", ["go".into(), suspends])
                .await
                .unwrap();
        };
        let ended = polled(running, polls).await;
        let length = spell.conversation(&agent).await.len();
        lengths.insert(length);
        let state = spell.on(&agent, "get_agent_state", []).await.unwrap();
        assert!(
            state == "Ready".into() || state == "Uninitialized".into(),
            "{state}"
        );
        let metrics = spell
            .on(&agent, "get_metrics", [])
            .await
            .unwrap()
            .to_serde_json();
        assert_eq!(metrics["requests_active"], 0);
        assert_eq!(
            metrics["requests_failed"].as_u64().unwrap(),
            u64::from(!ended)
        );
        // The agent goes on where it was left.
        spell.ask(&agent, json!("again")).await;
        spell.conversation(&agent).await;
        if ended {
            break;
        }
    }
    // Nothing, one exchange, two exchanges, all of it.
    assert_eq!(lengths.into_iter().collect::<Vec<_>>(), [0, 5, 7, 8]);
}

#[tokio::test]
async fn cancelled_while_tools_run() {
    let (begun, never) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begin, wait) = (begun.clone(), never.clone());
    let stuck = tool_op("stuck", move |_, args| {
        let (begin, wait) = (begin.clone(), wait.clone());
        async move {
            if args.get("a") == Some(&Value::Int(1)) {
                begin.notify_one();
                wait.notified().await;
            }
            Ok(Outcome::new("stuck", "quick"))
        }
    });
    let cancel = Cancel::new();
    let builder = crate::world::run(
        Default::default(),
        Arc::new(llmspell_runtime::host::SystemClock),
    );
    let spell = Spell::within(
        builder.cancel(cancel.clone()),
        json!({}),
        json!({}),
        vec![stuck],
    );
    let calls = json!([{"tool_calls": [{"name": "stuck", "arguments": {"a": 2}}, {"name": "stuck", "arguments": {"a": 1}}]}]);
    let agent = spell.scripted("a", calls, json!(["stuck"])).await;
    let stop = async {
        begun.notified().await;
        cancel.cancel(Cancel::reason("enough"));
    };
    let (outcome, ()) = tokio::join!(spell.on(&agent, "execute", ["go".into()]), stop);
    let error: Error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Cancelled, "enough"));
    drop(never);
}

#[tokio::test]
async fn terminating_cancels_what_runs_and_keeps_what_was_said() {
    let begun = Arc::new(Notify::new());
    let begin = begun.clone();
    let stuck = tool_op("stuck", move |_, _| {
        begin.notify_one();
        std::future::pending()
    });
    let spell = Spell::tools(vec![stuck]);
    let calls = json!([{"tool_calls": [{"name": "stuck", "arguments": {"a": 1}}]}]);
    let agent = spell.scripted("a", calls, json!(["stuck"])).await;
    let stop = async {
        begun.notified().await;
        spell.on(&agent, "terminate", []).await.unwrap();
    };
    let (outcome, ()) = tokio::join!(spell.on(&agent, "execute", ["go".into()]), stop);
    let error = outcome.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Cancelled, "agent 'a' was terminated")
    );
    let said = spell.conversation(&agent).await;
    assert!(
        said[2]["content"].as_str().unwrap().contains("cancelled"),
        "{said:#?}"
    );
    assert_eq!(
        spell.on(&agent, "get_agent_state", []).await.unwrap(),
        "Terminated".into()
    );
}

#[tokio::test]
async fn pausing_holds_the_next_turn() {
    let (begun, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let (begin, wait) = (begun.clone(), go.clone());
    let gate = tool_op("gate", move |_, _| {
        let (begin, wait) = (begin.clone(), wait.clone());
        async move {
            begin.notify_one();
            wait.notified().await;
            Ok(Outcome::new("gate", true))
        }
    });
    let spell = Spell::tools(vec![gate]);
    let calls = json!([{"tool_calls": [{"name": "gate", "arguments": {"a": 1}}]}, "done"]);
    let agent = spell.scripted("a", calls, json!(["gate"])).await;
    let running = spell.on(&agent, "execute", ["go".into()]);
    let other = async {
        begun.notified().await;
        spell.on(&agent, "pause", []).await.unwrap();
        go.notify_one();
        pause(50).await;
        let metrics = spell.on(&agent, "get_metrics", []).await.unwrap();
        assert_eq!(metrics.get("requests_active").unwrap(), &Value::Int(1));
        spell.on(&agent, "resume", []).await.unwrap();
    };
    let (answer, ()) = tokio::join!(running, other);
    assert_eq!(answer.unwrap().get("text").unwrap(), &Value::from("done"));
    assert_eq!(
        spell.on(&agent, "get_agent_state", []).await.unwrap(),
        "Ready".into()
    );
}

#[tokio::test]
async fn executions_of_one_agent_take_turns() {
    let spell = Spell::tools(vec![slow()]);
    let agent = spell
        .agent(json!({"model": "mock/tools", "tools": ["slow"]}))
        .await;
    let asked: Vec<Value> = (1..=5)
        .map(|n| format!("slow {{\"a\": {}}}", 6 - n).into())
        .collect();
    let running = asked
        .iter()
        .map(|prompt| spell.on(&agent, "execute", [prompt.clone()]));
    let answers = futures::future::try_join_all(running).await.unwrap();
    assert_eq!(answers.len(), 5);
    let said = spell.conversation(&agent).await;
    let prompts: Vec<Value> = said
        .iter()
        .filter(|m| m["role"] == "user")
        .map(|m| m["content"].clone().into())
        .collect();
    assert_eq!(prompts, asked);
    assert_eq!(said.len(), 20);
}

#[tokio::test]
async fn an_execution_ends_at_its_deadline() {
    let stuck = tool_op("stuck", |_, _| std::future::pending());
    let spell = Spell::tools(vec![stuck]);
    let agent = spell
        .agent(json!({
            "model": "mock/x", "tools": ["stuck"], "timeout_ms": 1,
            "settings": {"responses": [{"tool_calls": [{"name": "stuck", "arguments": {"a": 1}}]}]},
        }))
        .await;
    let error = spell
        .on(&agent, "execute", ["go".into()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    spell.conversation(&agent).await;
    assert_eq!(
        spell.on(&agent, "get_agent_state", []).await.unwrap(),
        "Ready".into()
    );
}
