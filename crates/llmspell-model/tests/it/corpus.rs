//! The corpus of stream shapes: what a server sends, and what must come out, as data.
//!
//! `tests/corpus/<family>.json` names a provider type, a model and a list of cases. A case has
//! - `events`: objects sent as one event each (or one line each for a protocol of lines), or texts sent as an event's data;
//!   or `body`, sent as it is,
//! - `split`: bytes per piece of the body; `crlf`: line ends; `end`: `clean`, `cut`; `status`, `headers`, `content_type`
//!   (empty: none),
//! - `request`: members of the request beside one text of the user,
//! - `expect`: members of the answer; or `error`: kind, whether a repetition helps, part of the message, details.
//!
//! The corpus knows nothing of how an answer is read, so that it can judge any implementation.

use std::path::Path;

use futures::StreamExt;
use serde_json::{Map, Value, json};

use llmspell_model::{Event, Request, Response};

use crate::server::{Ending, Reply, Server};

macro_rules! families {
    ($($name:ident),+ $(,)?) => {
        $(
            #[tokio::test]
            async fn $name() {
                run(stringify!($name)).await;
            }
        )+

        /// Every file of the corpus is run.
        #[test]
        fn every_file_is_run() {
            let known = [$(stringify!($name)),+];
            for entry in std::fs::read_dir(folder()).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                assert!(known.contains(&name.trim_end_matches(".json")), "{name}");
            }
        }
    };
}

families!(
    openai_chat,
    openai_responses,
    anthropic,
    gemini,
    ollama,
    cohere,
    compatible
);

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

async fn run(family: &str) {
    let text = std::fs::read_to_string(folder().join(format!("{family}.json"))).unwrap();
    let file: Value = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for case in file["cases"].as_array().unwrap() {
        if let Err(difference) = check(&file, case).await {
            wrong.push(format!("{family}: {}\n{difference}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

async fn check(file: &Value, case: &Value) -> Result<(), String> {
    let server = Server::start(reply(file, case)).await;
    let (kind, model) = (
        file["provider"].as_str().unwrap(),
        file["model"].as_str().unwrap(),
    );
    let model = server.model(kind, model);
    let mut request = json!({"model": model.info().id, "messages": [
        {"role": "user", "parts": [{"type": "text", "text": "hi"}]},
    ]});
    for (name, value) in case["request"].as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    let request: Request = serde_json::from_value(request).unwrap();
    let mut events = Vec::new();
    let mut failed = None;
    let mut stream = model.stream(request);
    while let Some(event) = stream.next().await {
        match event {
            Ok(event) => events.push(event),
            Err(error) => failed = Some(error),
        }
    }
    if let Some(expected) = case.get("error") {
        let Some(error) = failed else {
            return Err(format!("no error, but {events:?}"));
        };
        return same(&failure(&error, expected), expected);
    }
    if let Some(error) = failed {
        return Err(format!("{error:?}"));
    }
    let streamed = told(&events);
    let events = futures::stream::iter(events.into_iter().map(Ok)).boxed();
    let response = Response::read(events)
        .await
        .map_err(|error| format!("{error:?}"))?;
    let answer = answer(&response);
    for part in ["text", "reasoning", "calls"] {
        // What was streamed is what was answered, unless the provider words its end otherwise.
        if case.get("restated").is_none() && streamed[part] != answer[part] {
            return Err(format!(
                "{part} streamed: {}\nanswered: {}",
                streamed[part], answer[part]
            ));
        }
    }
    same(&pick(&answer, &case["expect"]), &case["expect"])
}

fn same(found: &Value, expected: &Value) -> Result<(), String> {
    match found == expected {
        true => Ok(()),
        false => Err(format!("   found: {found}\nexpected: {expected}")),
    }
}

/// Returns those members of a value that are expected, and all that are unexpectedly there of `calls` and `usage`.
fn pick(found: &Value, expected: &Value) -> Value {
    let names = expected.as_object().unwrap().keys();
    Value::Object(
        names
            .map(|name| (name.clone(), found[name].clone()))
            .collect(),
    )
}

fn answer(response: &Response) -> Value {
    let calls = response.message.tool_calls();
    json!({
        "text": response.text(),
        "reasoning": response.reasoning(),
        "calls": calls.map(|call| json!([call.name, call.arguments])).collect::<Vec<_>>(),
        "ids": response.message.tool_calls().map(|call| call.id.clone()).collect::<Vec<_>>(),
        "reason": response.reason.as_str(),
        "usage": response.usage,
        "response_id": response.response_id,
        "request_id": response.request_id,
        "model": response.model,
        "native": response.message.native.is_some(),
    })
}

/// Puts together what the events alone say.
fn told(events: &[Event]) -> Value {
    let (mut text, mut reasoning) = (String::new(), String::new());
    let (mut calls, mut open) = (Map::new(), Map::new());
    for event in events {
        match event {
            Event::Text { text: piece } => text.push_str(piece),
            Event::Reasoning { text: piece } => reasoning.push_str(piece),
            Event::ToolCallStart { index, name } => {
                open.insert(index.to_string(), json!(name));
            }
            Event::ToolCallArguments { index, .. } => {
                assert!(
                    open.contains_key(&index.to_string()),
                    "arguments before the start"
                );
            }
            Event::ToolCallEnd { index, call } => {
                assert_eq!(open[&index.to_string()], json!(call.name));
                calls.insert(format!("{index:03}"), json!([call.name, call.arguments]));
            }
            Event::Usage(_) | Event::End(_) => {}
        }
    }
    calls.sort_keys();
    json!({"text": text, "reasoning": reasoning, "calls": calls.values().collect::<Vec<_>>()})
}

fn failure(error: &llmspell_core::Error, expected: &Value) -> Value {
    let mut found = Map::new();
    for (name, value) in expected.as_object().unwrap() {
        let told = match name.as_str() {
            "kind" => json!(error.kind().name()),
            "retryable" => json!(error.is_retryable()),
            "contains" => {
                let part = value.as_str().unwrap();
                match error.message().contains(part) {
                    true => value.clone(),
                    false => json!(error.message()),
                }
            }
            detail => match error.details().get(detail) {
                Some(detail) => serde_json::to_value(detail).unwrap(),
                None => Value::Null,
            },
        };
        found.insert(name.clone(), told);
    }
    Value::Object(found)
}

fn reply(file: &Value, case: &Value) -> Reply {
    let lines = file["framing"] == "lines";
    let mut body = match case.get("body") {
        Some(body) => body.as_str().unwrap().to_owned(),
        None => case["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| frame(event, lines))
            .collect(),
    };
    if case["crlf"] == true {
        body = body.replace('\n', "\r\n");
    }
    let status = case["status"].as_u64().unwrap_or(200) as u16;
    let content_type = match (lines, status) {
        (_, 400..) => "application/json",
        (true, _) => "application/x-ndjson",
        (false, _) => "text/event-stream",
    };
    let mut reply = Reply::new(case["content_type"].as_str().unwrap_or(content_type), "");
    reply.status = status;
    if case["content_type"] == "" {
        reply.headers.clear();
    }
    let size = case["split"].as_u64().unwrap_or(u64::MAX).min(1 << 20) as usize;
    reply.pieces = body.as_bytes().chunks(size).map(<[u8]>::to_vec).collect();
    for (name, value) in case["headers"].as_object().into_iter().flatten() {
        reply = reply.header(name, value.as_str().unwrap());
    }
    reply.ending(match case["end"].as_str() {
        Some("cut") => Ending::Cut,
        _ => Ending::Clean,
    })
}

fn frame(event: &Value, lines: bool) -> String {
    let data = match event {
        Value::String(text) => text.clone(),
        event => event.to_string(),
    };
    match (lines, event["type"].as_str()) {
        (true, _) => format!("{data}\n"),
        (false, Some(name)) => format!("event: {name}\ndata: {data}\n\n"),
        (false, None) => format!("data: {data}\n\n"),
    }
}
