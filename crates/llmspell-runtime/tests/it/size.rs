//! How many bytes a run of an agent writes.

use std::collections::HashSet;
use std::sync::Arc;

use llmspell_core::{Cx, Effect, Map, Op, Result, ToolInfo, Usage, Value};
use llmspell_runtime::session::{Choice, Options, Status};

use crate::journal::begin;
use crate::world::op;

/// Text of this length that looks like nothing else, and does not compress.
fn text(seed: u64, bytes: usize) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    let mut raw = vec![0; bytes];
    hasher.finalize_xof().fill(&mut raw);
    let letters = b"abcdefghijklmnopqrstuvwxyz ,.ABCDEFGHIJKLMNOPQRSTUVWXYZ012345678\n\"";
    raw.into_iter()
        .map(|byte| char::from(letters[usize::from(byte) % letters.len()]))
        .collect()
}

/// Counts the bytes of record form of each piece once.
#[derive(Default)]
struct Unique {
    seen: HashSet<String>,
    bytes: usize,
}

impl Unique {
    fn add(&mut self, value: &Value) {
        let record = llmspell_core::value::to_record(value);
        if self.seen.insert(record.clone()) {
            self.bytes += record.len();
        }
    }
}

fn tool_call(turn: i64) -> Value {
    Value::from([
        ("type", "tool_call".into()),
        (
            "id",
            format!("call_{}", text(turn as u64 + 10_000, 24)).into(),
        ),
        ("name", "file_search".into()),
        (
            "arguments",
            Value::from([
                ("pattern", text(turn as u64 + 20_000, 40).into()),
                ("path", format!("src/module_{turn}/lib.rs").into()),
                ("max_results", (turn % 50).into()),
            ]),
        ),
    ])
}

fn response(turn: i64) -> Value {
    Value::from([
        ("message", assistant(turn)),
        ("reason", "tool_calls".into()),
        (
            "usage",
            Value::from([
                ("input_tokens", (1_000 + 1_400 * turn).into()),
                ("output_tokens", 60.into()),
                ("cost_usd", 0.0004.into()),
            ]),
        ),
        (
            "response_id",
            format!("chatcmpl-{}", text(turn as u64 + 40_000, 29)).into(),
        ),
        (
            "request_id",
            format!("req_{}", text(turn as u64 + 45_000, 32)).into(),
        ),
        ("model", "gpt-4o-mini-2024-07-18".into()),
    ])
}

fn assistant(turn: i64) -> Value {
    let said = Value::from([
        ("type", "text".into()),
        ("text", text(turn as u64 + 30_000, 120).into()),
    ]);
    Value::from([
        ("role", "assistant".into()),
        ("parts", vec![said, tool_call(turn)].into()),
    ])
}

fn tool_result(turn: i64) -> Value {
    text(turn as u64, 5_000).into()
}

fn tool_message(turn: i64, result: &Value) -> Value {
    let part = Value::from([
        ("type", "tool_result".into()),
        ("id", tool_call(turn).get("id").cloned().unwrap()),
        ("name", "file_search".into()),
        ("content", result.clone()),
    ]);
    Value::from([("role", "tool".into()), ("parts", vec![part].into())])
}

async fn agent(cx: Cx, model: Arc<Op>, tool: Arc<Op>, tools: Value) -> Result<Value> {
    let mut messages = vec![Value::from([
        ("role", "user".into()),
        ("text", "find it".into()),
    ])];
    for turn in 0..100 {
        let request = Value::from([
            ("model", "gpt-4o-mini".into()),
            ("system", text(99_999, 1_500).into()),
            ("messages", messages.clone().into()),
            ("tools", tools.clone()),
            ("temperature", 0.2.into()),
        ]);
        let args = Value::from([
            ("target", "openai/gpt-4o-mini".into()),
            ("turn", turn.into()),
            ("request", request),
        ]);
        let answer = cx.call(&model, args).await?;
        let arguments = tool_call(turn)
            .get("arguments")
            .cloned()
            .unwrap_or_default();
        let result = cx.call(&tool, arguments).await?;
        messages.push(answer.get("message").cloned().unwrap_or_default());
        messages.push(tool_message(
            turn,
            result.get("data").unwrap_or(&Value::Null),
        ));
    }
    Ok("done".into())
}

#[tokio::test]
async fn an_agent_with_100_tool_calls_writes_its_unique_bytes_and_little_more() {
    let model = Arc::new(op(
        "model.complete",
        Effect::Read,
        |cx: Cx, args| async move {
            cx.report(&Usage {
                input_tokens: Some(1000),
                output_tokens: Some(60),
                cost_usd: Some(0.0004),
                ..Usage::default()
            });
            Ok(response(
                args.get("turn").and_then(Value::as_int).unwrap_or_default(),
            ))
        },
    ));
    let tool = Arc::new(
        op("file_search", Effect::Read, |_, args| async move {
            let turn = args.get("path").and_then(Value::as_str).unwrap_or_default();
            let turn = turn
                .trim_start_matches("src/module_")
                .trim_end_matches("/lib.rs");
            Ok(Value::from([
                ("operation", "search".into()),
                ("data", tool_result(turn.parse().unwrap_or_default())),
            ]))
        })
        .tool(ToolInfo::new("filesystem")),
    );
    let tools: Value = (0..6)
        .map(|number: i64| {
            Value::from([
                ("name", format!("tool_{number}").into()),
                (
                    "schema",
                    Value::from([("description", text(50_000 + number as u64, 700).into())]),
                ),
            ])
        })
        .collect();
    let mut unique = Unique::default();
    unique.add(&text(99_999, 1_500).into());
    unique.add(&tools);
    for turn in 0..100 {
        for piece in [
            response(turn),
            tool_call(turn).get("arguments").cloned().unwrap(),
            tool_result(turn),
        ] {
            unique.add(&piece);
        }
    }

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sessions.db");
    let (session, cx) = begin(Options {
        store: Choice::Url(format!("sqlite:{}", file.display())),
        ..Options::new("spell.lua", "", "lua")
    });
    let scope = {
        let (model, tool, tools) = (model.clone(), tool.clone(), tools.clone());
        Arc::new(op("agent.execute", Effect::Scope, move |cx, _| {
            agent(cx, model.clone(), tool.clone(), tools.clone())
        }))
    };
    cx.call(&scope, Map::new().into()).await.unwrap();
    assert_eq!(session.totals().calls, 201);
    session
        .finish(Status::Completed, Ok(&Value::Null))
        .await
        .unwrap();
    let bytes = std::fs::metadata(&file).unwrap().len() as usize;
    let ratio = bytes as f64 / unique.bytes as f64;
    assert!(
        ratio <= 1.3,
        "{bytes} bytes for {} unique: {ratio:.3}",
        unique.bytes
    );
}
