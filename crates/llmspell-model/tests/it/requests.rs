//! What is sent to each family of providers.

use serde_json::{Value, json};

use llmspell_model::{
    Media, Message, OutputSchema, Part, Request, Response, Role, ToolCall, ToolChoice, ToolResult,
    ToolSpec,
};

use crate::server::{Recorded, Reply, Server};

/// Sends a request and returns what arrived; what comes back does not matter.
async fn sent(kind: &str, model: &str, options: Value, request: Request) -> Recorded {
    let server = Server::start(Reply::json(400, json!({"error": {"message": "enough"}}))).await;
    let model = server.model_with(kind, model, options);
    let error = Response::read(model.stream(request)).await.unwrap_err();
    let mut requests = server.requests().await;
    assert_eq!(requests.len(), 1, "{error:?}");
    requests.remove(0)
}

fn weather() -> ToolSpec {
    ToolSpec {
        name: "weather".into(),
        description: "Tells the weather.".into(),
        parameters: json!({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}),
    }
}

/// A conversation with everything in it.
fn conversation() -> Request {
    let call = ToolCall {
        id: "call_1".into(),
        name: "weather".into(),
        arguments: json!({"city": "Paris"}),
    };
    Request {
        system: Some("Be brief.".into()),
        messages: vec![
            Message::new(
                Role::User,
                vec![
                    Part::text("What is this?"),
                    Part::Image(Media::base64("image/png", "iVBORw0=")),
                ],
            ),
            Message::new(
                Role::Assistant,
                vec![Part::text("Paris."), Part::ToolCall(call.clone())],
            ),
            Message::tool([call.answer("sunny")]),
        ],
        tools: vec![weather()],
        temperature: Some(0.5),
        max_tokens: Some(100),
        top_p: Some(0.9),
        stop: vec!["END".into()],
        seed: Some(7),
        ..Request::default()
    }
}

#[tokio::test]
async fn openai_chat() {
    let request = sent("openai", "gpt-4o-mini", json!({}), conversation()).await;
    assert_eq!(request.path, "/chat/completions");
    assert_eq!(request.header("authorization"), Some("Bearer test-key"));
    assert_eq!(
        request.body,
        json!({
            "model": "gpt-4o-mini",
            "messages": [
                {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
                {"role": "user", "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0=", "detail": "auto"}},
                ]},
                {"role": "assistant", "content": "Paris.", "tool_calls": [
                    {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Paris\"}"}},
                ]},
                {"role": "tool", "tool_call_id": "call_1", "content": "sunny"},
            ],
            "tools": [{"type": "function", "function": {
                "name": "weather",
                "description": "Tells the weather.",
                "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            }}],
            "temperature": 0.5,
            "max_tokens": 100,
            "top_p": 0.9,
            "stop": ["END"],
            "seed": 7,
            "stream": true,
            "stream_options": {"include_usage": true},
        })
    );
}

#[tokio::test]
async fn openai_responses() {
    let request = sent("openai", "gpt-5-pro", json!({}), conversation()).await;
    assert_eq!(request.path, "/responses");
    assert_eq!(request.body["model"], "gpt-5-pro");
    assert_eq!(request.body["instructions"], "Be brief.");
    assert_eq!(request.body["stream"], true);
    assert_eq!(request.body["max_output_tokens"], 100);
    assert_eq!(request.body["tools"][0]["name"], "weather");
    let input = request.body["input"].as_array().unwrap();
    assert_eq!(input[0]["role"], "user");
    assert_eq!(input[1]["content"][0]["type"], "input_image");
    let call = input
        .iter()
        .find(|item| item["type"] == "function_call")
        .unwrap();
    assert_eq!(
        (&call["call_id"], &call["arguments"]),
        (&json!("call_1"), &json!("{\"city\":\"Paris\"}"))
    );
    let result = input
        .iter()
        .find(|item| item["type"] == "function_call_output")
        .unwrap();
    assert_eq!(
        (&result["call_id"], &result["output"]),
        (&json!("call_1"), &json!("sunny"))
    );
}

#[tokio::test]
async fn anthropic() {
    let request = sent("anthropic", "claude-sonnet-4-5", json!({}), conversation()).await;
    assert_eq!(request.path, "/v1/messages");
    assert_eq!(request.header("x-api-key"), Some("test-key"));
    assert!(request.header("anthropic-version").is_some());
    // This model takes a temperature or top_p, not both, and no seed: what it cannot take is left out.
    let marker = json!({"type": "ephemeral"});
    assert_eq!(
        request.body,
        json!({
            "model": "claude-sonnet-4-5",
            "max_tokens": 100,
            "system": [{"type": "text", "text": "Be brief.", "cache_control": marker}],
            "messages": [
                {"role": "user", "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0="}},
                ]},
                {"role": "assistant", "content": [
                    {"type": "text", "text": "Paris."},
                    {"type": "tool_use", "id": "call_1", "name": "weather", "input": {"city": "Paris"}},
                ]},
                {"role": "user", "content": [
                    {"type": "tool_result", "tool_use_id": "call_1", "content": [{"type": "text", "text": "sunny"}], "cache_control": marker},
                ]},
            ],
            "tools": [{
                "name": "weather",
                "description": "Tells the weather.",
                "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
                "cache_control": marker,
            }],
            "temperature": 0.5,
            "tool_choice": {"type": "auto"},
            "stop_sequences": ["END"],
            "stream": true,
        })
    );
}

#[tokio::test]
async fn gemini() {
    let request = sent("gemini", "gemini-2.5-flash", json!({}), conversation()).await;
    assert_eq!(
        request.path,
        "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse"
    );
    assert_eq!(request.header("x-goog-api-key"), Some("test-key"));
    let body = &request.body;
    assert_eq!(body["systemInstruction"]["parts"][0]["text"], "Be brief.");
    assert_eq!(
        body["contents"][0]["parts"][1]["inlineData"]["data"],
        "iVBORw0="
    );
    assert_eq!(body["contents"][1]["role"], "model");
    assert_eq!(
        body["contents"][1]["parts"][1]["functionCall"]["args"],
        json!({"city": "Paris"})
    );
    assert_eq!(
        body["contents"][2]["parts"][0]["functionResponse"]["name"],
        "weather"
    );
    assert_eq!(body["generationConfig"]["maxOutputTokens"], 100);
    assert_eq!(body["generationConfig"]["stopSequences"], json!(["END"]));
    assert_eq!(body["generationConfig"]["seed"], 7);
}

#[tokio::test]
async fn ollama() {
    let request = sent("ollama", "llama3.2", json!({}), conversation()).await;
    assert_eq!(request.path, "/api/chat");
    let body = &request.body;
    assert_eq!(body["stream"], true);
    assert_eq!(
        body["messages"][0],
        json!({"role": "system", "content": "Be brief."})
    );
    assert_eq!(
        body["messages"][2]["tool_calls"][0]["function"]["arguments"],
        json!({"city": "Paris"})
    );
    assert_eq!(body["messages"][3]["content"], "sunny");
    assert_eq!(body["options"]["num_predict"], 100);
    assert_eq!(body["options"]["temperature"], 0.5);
    assert_eq!(body["options"]["seed"], 7);
}

#[tokio::test]
async fn cohere() {
    let request = sent("cohere", "command-a-03-2025", json!({}), conversation()).await;
    assert_eq!(request.path, "/v2/chat");
    assert_eq!(request.header("authorization"), Some("Bearer test-key"));
    let body = &request.body;
    assert_eq!(body["stream"], true);
    assert_eq!(
        body["messages"][2]["tool_calls"][0]["function"]["arguments"],
        "{\"city\":\"Paris\"}"
    );
    assert_eq!(body["messages"][3]["tool_call_id"], "call_1");
    assert_eq!(body["max_tokens"], 100);
    assert_eq!(body["p"], 0.9);
}

#[tokio::test]
async fn every_service_has_its_address_and_key() {
    for (kind, model, path) in [
        ("groq", "m", "/chat/completions"),
        ("mistral", "m", "/v1/chat/completions"),
        ("deepseek", "m", "/chat/completions"),
        ("openrouter", "a/b", "/chat/completions"),
        ("together", "a/b", "/v1/chat/completions"),
        ("fireworks", "accounts/x", "/chat/completions"),
        ("perplexity", "sonar", "/chat/completions"),
        ("xai", "grok-4.3", "/v1/chat/completions"),
        ("bedrock", "m", "/chat/completions"),
        ("vertex", "m", "/chat/completions"),
        ("openai_compatible", "m", "/chat/completions"),
    ] {
        let request = sent(kind, model, json!({}), Request::new("", "hi")).await;
        assert_eq!(request.path, path, "{kind}");
        assert_eq!(
            request.header("authorization"),
            Some("Bearer test-key"),
            "{kind}"
        );
        assert_eq!(request.body["model"], model, "{kind}");
    }
}

#[tokio::test]
async fn azure_names_the_deployment_in_the_address() {
    let options = json!({"deployment": "prod", "api_version": "2025-01-01"});
    let request = sent("azure_openai", "gpt-4o", options, Request::new("", "hi")).await;
    assert_eq!(
        request.path,
        "/openai/deployments/prod/chat/completions?api-version=2025-01-01"
    );
    assert_eq!(request.header("api-key"), Some("test-key"));
}

#[tokio::test]
async fn configuration_is_sent_unless_the_request_says_otherwise() {
    let options = json!({
        "temperature": 0.1,
        "max_tokens": 5,
        "headers": {"x-team": "blue"},
        "extra_body": {"user": "u1", "logit_bias": {}},
        "organization": "org-1",
    });
    let mut asked = Request::new("", "hi");
    asked.temperature = Some(0.9);
    asked.extra.insert("user".into(), json!("u2"));
    let request = sent("openai", "gpt-4o-mini", options, asked).await;
    assert_eq!(request.header("x-team"), Some("blue"));
    assert_eq!(request.header("openai-organization"), Some("org-1"));
    assert_eq!(request.body["temperature"], 0.9);
    assert_eq!(request.body["max_tokens"], 5);
    assert_eq!(request.body["user"], "u2");
    assert_eq!(request.body["logit_bias"], json!({}));
}

#[tokio::test]
async fn a_schema_is_sent_beside_tools() {
    let mut asked = Request::new("", "hi");
    asked.tools = vec![weather()];
    asked.tool_choice = Some(ToolChoice::Required);
    asked.schema = Some(OutputSchema::new(
        json!({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}),
    ));
    let request = sent("openai", "gpt-4o-mini", json!({}), asked).await;
    let format = &request.body["response_format"];
    assert_eq!(format["type"], "json_schema");
    assert_eq!(format["json_schema"]["name"], "answer");
    assert_eq!(format["json_schema"]["schema"]["required"], json!(["a"]));
    assert_eq!(request.body["tool_choice"], "required");
}

#[tokio::test]
async fn a_schema_is_not_sent_to_a_model_that_refuses_it() {
    let mut asked = Request::new("", "hi");
    asked.schema = Some(OutputSchema::new(json!({"type": "object"})));
    let request = sent("anthropic", "claude-3-haiku-20240307", json!({}), asked).await;
    let text = request.body.to_string();
    assert!(!text.contains("schema"), "{text}");
}

#[tokio::test]
async fn calls_stay_calls_when_no_tools_are_on_offer() {
    let mut asked = conversation();
    asked.tools.clear();
    let request = sent("openai", "gpt-4o-mini", json!({}), asked).await;
    assert_eq!(request.body["messages"][2]["tool_calls"][0]["id"], "call_1");
    assert_eq!(request.body["tool_choice"], "none");
    assert_eq!(request.body["tools"][0]["function"]["name"], "weather");
}

#[tokio::test]
async fn a_call_without_a_result_gets_one() {
    let mut asked = conversation();
    asked.messages.pop();
    asked.messages.push(Message::user("never mind"));
    let request = sent("openai", "gpt-4o-mini", json!({}), asked).await;
    let messages = request.body["messages"].as_array().unwrap();
    assert_eq!(messages[3]["role"], "tool");
    assert_eq!(messages[3]["tool_call_id"], "call_1");
    assert_eq!(
        messages[4],
        json!({"role": "user", "content": "never mind"})
    );
}

#[tokio::test]
async fn failed_results_and_pictures_of_tools_reach_the_model() {
    let mut asked = conversation();
    let answer = asked.messages[1]
        .tool_calls()
        .next()
        .unwrap()
        .answer("no network");
    asked.messages[2] = Message::tool([ToolResult {
        images: vec![Media::base64("image/png", "iVBORw0=")],
        is_error: true,
        ..answer
    }]);
    let request = sent("anthropic", "claude-sonnet-4-5", json!({}), asked).await;
    let result = &request.body["messages"][2]["content"][0];
    assert_eq!(result["is_error"], true);
    assert_eq!(result["content"][0]["text"], "no network");
    assert_eq!(result["content"][1]["type"], "image");
}

/// The events of a turn whose thinking is signed.
fn signed_turn() -> Vec<u8> {
    [
        json!({"type": "message_start", "message": {"id": "m", "type": "message", "role": "assistant", "model": "claude-sonnet-4-5", "content": [], "usage": {"input_tokens": 1, "output_tokens": 1}}}),
        json!({"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": "", "signature": ""}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "hm"}}),
        json!({"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "sig=="}}),
        json!({"type": "content_block_stop", "index": 0}),
        json!({"type": "content_block_start", "index": 1, "content_block": {"type": "redacted_thinking", "data": "enc=="}}),
        json!({"type": "content_block_stop", "index": 1}),
        json!({"type": "content_block_start", "index": 2, "content_block": {"type": "tool_use", "id": "t1", "name": "weather", "input": {}}}),
        json!({"type": "content_block_delta", "index": 2, "delta": {"type": "input_json_delta", "partial_json": "{\"city\":\"Paris\"}"}}),
        json!({"type": "content_block_stop", "index": 2}),
        json!({"type": "message_delta", "delta": {"stop_reason": "tool_use"}, "usage": {"output_tokens": 5}}),
        json!({"type": "message_stop"}),
    ]
    .iter()
    .flat_map(|event| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap()).into_bytes())
    .collect()
}

/// Has a turn with signed thinking, lets `change` edit the stored form of the conversation, and sends it again.
async fn replayed(kind: &str, model: &str, change: impl FnOnce(&mut Message)) -> Value {
    let server = Server::start(Reply::new("text/event-stream", signed_turn())).await;
    let mut asked = Request::new("", "weather?");
    asked.tools = vec![weather()];
    let first = server
        .model("anthropic", "claude-sonnet-4-5")
        .stream(asked.clone());
    let response = Response::read(first).await.unwrap();
    // As the journal keeps it.
    let stored = serde_json::to_string(&response).unwrap();
    let mut turn = serde_json::from_str::<Response>(&stored).unwrap().message;
    let result = turn.tool_calls().next().unwrap().answer("sunny");
    change(&mut turn);
    asked.messages.push(turn);
    asked.messages.push(Message::tool([result]));
    sent(kind, model, json!({}), asked).await.body["messages"][1].clone()
}

#[tokio::test]
async fn signed_thinking_goes_back_as_it_came() {
    let turn = replayed("anthropic", "claude-sonnet-4-5", |_| {}).await;
    assert_eq!(
        turn["content"],
        json!([
            {"type": "thinking", "thinking": "hm", "signature": "sig=="},
            {"type": "redacted_thinking", "data": "enc=="},
            {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Paris"}},
        ])
    );
}

#[tokio::test]
async fn an_edited_turn_goes_back_without_signatures() {
    let turn = replayed("anthropic", "claude-sonnet-4-5", |turn| {
        turn.parts.insert(1, Part::text("I looked."));
    })
    .await;
    let text = turn.to_string();
    assert!(
        text.contains("I looked.") && !text.contains("sig=="),
        "{text}"
    );
}

#[tokio::test]
async fn another_provider_gets_no_signatures() {
    let turn = replayed("openai", "gpt-4o-mini", |_| {}).await;
    let text = turn.to_string();
    assert!(!text.contains("sig==") && !text.contains("enc=="), "{text}");
    assert_eq!(turn["tool_calls"][0]["function"]["name"], "weather");
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_before_anything_is_sent() {
    let server = Server::start(Reply::json(400, json!({}))).await;
    let model = server.model("openai", "gpt-4o-mini");
    let no_message = Request::default();
    let mut odd_type = Request::new("", "hi");
    odd_type.messages[0]
        .parts
        .push(Part::Image(Media::base64("image/x-odd", "AA==")));
    let mut nameless = Request::new("", "hi");
    nameless.tools = vec![ToolSpec {
        name: String::new(),
        ..weather()
    }];
    for request in [no_message, odd_type, nameless] {
        let error = Response::read(model.stream(request)).await.unwrap_err();
        assert_eq!(error.kind(), llmspell_core::Kind::InvalidArgs, "{error:?}");
    }
    assert!(server.requests().await.is_empty());
}
