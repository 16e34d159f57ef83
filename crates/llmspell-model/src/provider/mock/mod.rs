//! Models that answer offline and always the same.
//!
//! | model | answer |
//! |---|---|
//! | `echo` | the last text of the user |
//! | `tools` | calls the tools that the last text of the user names, then answers with their results |
//! | any other | `mock: ` and the last text of the user |
//!
//! With an output schema, the answer is the JSON in that text that fits the schema, else a minimal one made from it.
//! `responses` in the request's extra fields is a script that is played first; see [`script`](self::script).
//! Answers come word by word; words are counted as tokens; the cost is 0.

mod sample;
mod script;
mod tools;

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use futures::stream::{self, StreamExt};
use parking_lot::Mutex;
use serde_json::Value;

use llmspell_core::{Error, Result, Usage};

use self::script::{Line, Reply};
use crate::event::{End, Event, EventStream, Reason};
use crate::model::Model;
use crate::price::ModelInfo;
use crate::request::{Message, Part, Request, Role, ToolCall, ToolChoice};

/// Returns the catalogue's row of a mock model: everything for nothing.
pub(crate) fn info(model: &str) -> ModelInfo {
    let words = [
        "tools",
        "image",
        "audio",
        "video",
        "document",
        "reasoning",
        "structured",
    ];
    ModelInfo {
        id: model.to_owned(),
        input_price: Some(0.0),
        output_price: Some(0.0),
        capabilities: Some(words.map(str::to_owned).into()),
        ..ModelInfo::default()
    }
}

/// A mock model.
pub(crate) struct Mock {
    info: ModelInfo,
    responses: Option<Value>,
    /// How often an error of a script was raised for a conversation, so that a repetition finds the next line.
    raised: Mutex<HashMap<u64, usize>>,
}

impl Mock {
    /// Makes the model of this id; `responses` is the script for requests that bring none.
    pub(crate) fn new(info: ModelInfo, responses: Option<Value>) -> Self {
        Self {
            info,
            responses,
            raised: Mutex::default(),
        }
    }

    fn answer(&self, request: &Request) -> Result<Plan> {
        let script = request.extra.get("responses").or(self.responses.as_ref());
        if let Some(script) = script {
            let conversation = fingerprint(request);
            let mut raised = self.raised.lock();
            let times = raised.get(&conversation).copied().unwrap_or(0);
            match script::line(script, turns(request), times)? {
                Line::Reply(reply) => return Ok(Plan::scripted(*reply, request)),
                Line::Fail(error, delay) => {
                    // A script lives as long as its run; what is remembered of it stays small.
                    if raised.len() >= 10_000 {
                        raised.clear();
                    }
                    raised.insert(conversation, times + 1);
                    return Ok(Plan::failing(error, delay));
                }
                Line::Over => {}
            }
        }
        Ok(Plan::new(self.own_answer(request), request))
    }

    fn own_answer(&self, request: &Request) -> Vec<Part> {
        let may_call = request.tool_choice != Some(ToolChoice::None);
        if self.info.id == "tools" && may_call && !request.tools.is_empty() {
            let calls = tools::calls(request, turns(request));
            if !calls.is_empty() {
                return calls.into_iter().map(Part::ToolCall).collect();
            }
        }
        let prompt = request.last_user_text();
        if let Some(schema) = &request.schema {
            let fitting = sample::objects(&prompt)
                .into_iter()
                .find(|(_, found)| sample::fits(found, &schema.schema));
            let value = match fitting {
                Some((_, found)) => found,
                None => sample::minimal(&schema.schema),
            };
            return vec![Part::text(value.to_string())];
        }
        let text = match self.info.id.as_str() {
            "echo" => prompt.into_owned(),
            "tools" => tools::results(request).unwrap_or_else(|| format!("mock: {prompt}")),
            _ => format!("mock: {prompt}"),
        };
        vec![Part::text(text)]
    }
}

impl Model for Mock {
    fn info(&self) -> &ModelInfo {
        &self.info
    }

    fn stream(&self, request: Request) -> EventStream {
        let plan = self
            .answer(&request)
            .unwrap_or_else(|error| Plan::failing(error, Duration::ZERO));
        let Plan { delay, events } = plan;
        stream::once(async move {
            if !delay.is_zero() {
                tokio::time::sleep(delay).await;
            }
            stream::iter(events)
        })
        .flatten()
        .boxed()
    }
}

/// What a request is answered with.
struct Plan {
    delay: Duration,
    events: Vec<Result<Event>>,
}

impl Plan {
    fn failing(error: Error, delay: Duration) -> Self {
        Self {
            delay,
            events: vec![Err(error)],
        }
    }

    fn new(parts: Vec<Part>, request: &Request) -> Self {
        let calls = parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
        let reply = Reply {
            parts,
            reason: if calls {
                Reason::ToolCalls
            } else {
                Reason::Stop
            },
            usage: None,
            delay: Duration::ZERO,
        };
        Self::scripted(reply, request)
    }

    fn scripted(reply: Reply, request: &Request) -> Self {
        let usage = reply.usage.unwrap_or_else(|| count(request, &reply.parts));
        let mut events = Vec::new();
        let mut index = 0;
        for part in reply.parts {
            match part {
                Part::Text { text } => events.extend(words(&text).map(|text| Event::Text { text })),
                Part::Reasoning { text } => {
                    events.extend(words(&text).map(|text| Event::Reasoning { text }));
                }
                Part::ToolCall(call) => {
                    events.extend(call_events(index, call));
                    index += 1;
                }
                _ => {}
            }
        }
        events.push(Event::Usage(usage));
        events.push(Event::End(End {
            reason: reply.reason,
            response_id: Some(format!("mock-{:016x}", fingerprint(request))),
            model: Some(request.model.clone()).filter(|model| !model.is_empty()),
            ..End::default()
        }));
        Self {
            delay: reply.delay,
            events: events.into_iter().map(Ok).collect(),
        }
    }
}

fn call_events(index: usize, call: ToolCall) -> [Event; 3] {
    let name = call.name.clone();
    let delta = match &call.arguments {
        Value::String(text) => text.clone(),
        arguments => arguments.to_string(),
    };
    [
        Event::ToolCallStart { index, name },
        Event::ToolCallArguments { index, delta },
        Event::ToolCallEnd { index, call },
    ]
}

/// Returns how many turns the model had in this conversation.
fn turns(request: &Request) -> usize {
    let of_model = |message: &&Message| message.role == Role::Assistant;
    request.messages.iter().filter(of_model).count()
}

fn fingerprint(request: &Request) -> u64 {
    let mut hasher = DefaultHasher::new();
    request.system.hash(&mut hasher);
    // Messages are plain data, which always has a JSON form.
    serde_json::to_string(&request.messages)
        .unwrap_or_default()
        .hash(&mut hasher);
    hasher.finish()
}

/// Splits a text after the space behind each word; joined again, the pieces are the text.
fn words(text: &str) -> impl Iterator<Item = String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut in_gap = false;
    for c in text.chars() {
        match pieces.last_mut() {
            Some(piece) if c.is_whitespace() || !in_gap => piece.push(c),
            _ => pieces.push(c.into()),
        }
        in_gap = c.is_whitespace();
    }
    pieces.into_iter()
}

fn count(request: &Request, parts: &[Part]) -> Usage {
    let words = |text: &str| text.split_whitespace().count() as u64;
    let in_part = |part: &Part| match part {
        Part::Text { text } | Part::Reasoning { text } => words(text),
        Part::ToolCall(call) => words(&call.arguments.to_string()) + 1,
        Part::ToolResult(result) => words(&result.content),
        _ => 0,
    };
    let asked = request.messages.iter().flat_map(|message| &message.parts);
    let thought = parts
        .iter()
        .filter(|part| matches!(part, Part::Reasoning { .. }));
    Usage {
        input_tokens: Some(
            request.system.as_deref().map_or(0, words) + asked.map(in_part).sum::<u64>(),
        ),
        output_tokens: Some(parts.iter().map(in_part).sum()),
        cached_tokens: Some(0),
        cache_write_tokens: None,
        reasoning_tokens: Some(thought.map(in_part).sum()),
        cost_usd: Some(0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Response;
    use crate::request::{OutputSchema, ToolSpec};
    use llmspell_core::Kind;
    use serde_json::json;

    fn mock(id: &str) -> Mock {
        Mock::new(info(id), None)
    }

    fn scripted(prompt: &str, responses: Value) -> Request {
        let mut request = Request::new("m", prompt);
        request.extra.insert("responses".into(), responses);
        request
    }

    async fn ask(mock: &Mock, request: &Request) -> Result<Response> {
        Response::read(mock.stream(request.clone())).await
    }

    #[tokio::test]
    async fn echo_answers_with_the_prompt_and_others_with_a_prefix() {
        let request = Request::new("m", "What is 6*7?");
        assert_eq!(
            ask(&mock("echo"), &request).await.unwrap().text(),
            "What is 6*7?"
        );
        assert_eq!(
            ask(&mock("x"), &request).await.unwrap().text(),
            "mock: What is 6*7?"
        );
        assert_eq!(
            ask(&mock("tools"), &request).await.unwrap().text(),
            "mock: What is 6*7?"
        );
    }

    #[tokio::test]
    async fn answers_come_word_by_word_and_are_counted() {
        let request = Request::new("m", "one  two\nthree ");
        let events: Vec<Event> = mock("echo")
            .stream(request.clone())
            .map(Result::unwrap)
            .collect()
            .await;
        let pieces: Vec<&str> = events
            .iter()
            .filter_map(|event| match event {
                Event::Text { text } => Some(text.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(pieces, ["one  ", "two\n", "three "]);
        let usage = ask(&mock("echo"), &request).await.unwrap().usage;
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Some(3), Some(3))
        );
        assert_eq!(usage.cost_usd, Some(0.0));
    }

    #[tokio::test]
    async fn the_same_request_has_the_same_answer() {
        let request = Request::new("m", "hello");
        let first = ask(&mock("x"), &request).await.unwrap();
        assert_eq!(first, ask(&mock("x"), &request).await.unwrap());
    }

    #[tokio::test]
    async fn a_script_is_played_turn_by_turn_and_then_the_model_goes_on() {
        let script = json!(["first", {"text": "second", "usage": {"input_tokens": 7}}]);
        let mock = mock("x");
        let mut request = scripted("hi", script);
        for expected in ["first", "second", "mock: hi"] {
            let response = ask(&mock, &request).await.unwrap();
            assert_eq!(response.text(), expected);
            if expected == "second" {
                assert_eq!(response.usage.input_tokens, Some(7));
                assert_eq!(response.usage.output_tokens, None);
            }
            request.messages.push(response.message);
        }
    }

    #[tokio::test]
    async fn an_error_of_a_script_is_raised_once_and_the_repetition_goes_on() {
        let request = scripted(
            "hi",
            json!([{"error": {"kind": "rate_limited", "message": "slow down"}}, "ok"]),
        );
        let mock = mock("x");
        let error = ask(&mock, &request).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::RateLimited, "slow down")
        );
        assert!(error.is_retryable());
        assert_eq!(ask(&mock, &request).await.unwrap().text(), "ok");
    }

    #[tokio::test]
    async fn a_script_calls_tools_with_ids_of_its_own() {
        let script = json!([{"reasoning": "let me see", "text": "wait",
            "tool_calls": [{"name": "a", "arguments": {"x": 1}}, {"name": "b", "id": "own"}]}]);
        let response = ask(&mock("x"), &scripted("hi", script)).await.unwrap();
        assert_eq!(response.reason, Reason::ToolCalls);
        assert_eq!(response.reasoning(), "let me see");
        let calls: Vec<_> = response.message.tool_calls().cloned().collect();
        assert_eq!(calls[0].arguments, json!({"x": 1}));
        assert_eq!(calls[0].id, "call_0_0");
        assert_eq!(
            (calls[1].id.as_str(), &calls[1].arguments),
            ("own", &json!({}))
        );
        assert_eq!(response.usage.reasoning_tokens, Some(3));
    }

    #[tokio::test]
    async fn a_script_that_is_none_is_refused_with_its_place() {
        for (script, part) in [
            (json!("x"), "`responses` must be a list"),
            (json!(["a", 3]), "`responses[1]`"),
            (json!([{"txt": "a"}]), "txt"),
            (json!([{"error": {"kind": "nope"}}]), "nope"),
        ] {
            let mut request = scripted("hi", script);
            // Every line is read, not only the one that is due.
            request.messages.insert(0, Message::user("earlier"));
            let error = ask(&mock("x"), &request).await.unwrap_err();
            assert_eq!(error.kind(), Kind::InvalidArgs);
            assert!(error.message().contains(part), "{}", error.message());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_passes_before_the_answer() {
        let began = tokio::time::Instant::now();
        let script = json!([{"text": "late", "delay_ms": 1500}]);
        ask(&mock("x"), &scripted("hi", script)).await.unwrap();
        assert_eq!(began.elapsed(), Duration::from_millis(1500));
    }

    fn schema() -> OutputSchema {
        OutputSchema::new(json!({
            "type": "object",
            "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 18}},
            "required": ["name", "age"],
        }))
    }

    #[tokio::test]
    async fn a_schema_is_answered_with_json_that_fits() {
        let mut request = Request::new("m", "who?");
        request.schema = Some(schema());
        for id in ["echo", "tools", "x"] {
            let text = ask(&mock(id), &request).await.unwrap().text();
            let value: Value = serde_json::from_str(&text).unwrap();
            assert!(sample::fits(&value, &schema().schema), "{text}");
        }
        request.messages = vec![Message::user(
            r#"say {"age": 3} or {"name": "Ada", "age": 36}"#,
        )];
        let text = ask(&mock("echo"), &request).await.unwrap().text();
        assert_eq!(text, r#"{"name":"Ada","age":36}"#);
    }

    #[tokio::test]
    async fn the_tools_model_calls_and_then_answers_with_the_results() {
        let mut request = Request::new("m", r#"Use calculator {"expression": "6*7"} please"#);
        request.tools = vec![ToolSpec {
            name: "calculator".into(),
            description: String::new(),
            parameters: json!({"type": "object"}),
        }];
        let mock = mock("tools");
        let response = ask(&mock, &request).await.unwrap();
        let call = response.message.tool_calls().next().unwrap().clone();
        assert_eq!(call.arguments, json!({"expression": "6*7"}));
        request.messages.push(response.message);
        request.messages.push(Message::tool([call.answer("42")]));
        let response = ask(&mock, &request).await.unwrap();
        assert_eq!(
            (response.text().as_str(), response.reason),
            ("calculator: 42", Reason::Stop)
        );
    }
}
