//! Servers that do not answer, do not stop, or are not there. Each gives one clear error within its bounds.

use std::sync::atomic::Ordering;

use futures::StreamExt;
use serde_json::{Value, json};

use llmspell_core::{Error, Kind};
use llmspell_model::{Hidden, Overrides, Providers, ProvidersOptions, Request, Response, Target};

use crate::server::{Ending, Reply, Server};

fn chunk(text: &str) -> Vec<u8> {
    let event = json!({"id": "1", "choices": [{"index": 0, "delta": {"content": text}}]});
    format!("data: {event}\n\n").into_bytes()
}

fn whole(text: &str) -> Vec<u8> {
    let stop = json!({"id": "1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]});
    let end = format!("data: {stop}\n\ndata: [DONE]\n\n");
    [chunk(text), end.into_bytes()].concat()
}

fn events(body: Vec<u8>) -> Reply {
    Reply::new("text/event-stream", body)
}

async fn fails(server: &Server, options: Value) -> Error {
    let model = server.model_with("openai", "gpt-4o-mini", options);
    Response::read(model.stream(Request::new("", "hi")))
        .await
        .unwrap_err()
}

fn quick() -> Value {
    json!({"timeout_ms": 50})
}

#[tokio::test]
async fn a_server_that_never_answers() {
    let server = Server::start(events(Vec::new()).ending(Ending::Mute)).await;
    let error = fails(&server, quick()).await;
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(error.is_retryable());
    assert!(
        error.message().contains("did not answer within 50 ms"),
        "{error}"
    );
    assert_eq!(
        error.details().get("timeout_ms").unwrap().as_int(),
        Some(50)
    );
    server.seen.closed.notified().await;
}

#[tokio::test]
async fn a_server_that_stops_in_the_middle() {
    let server = Server::start(events(chunk("half")).ending(Ending::Stall)).await;
    let error = fails(&server, json!({"timeout_ms": 400})).await;
    assert_eq!(error.kind(), Kind::Timeout);
    assert!(
        error.message().contains("fell silent for 400 ms"),
        "{error}"
    );
    server.seen.closed.notified().await;
}

#[tokio::test]
async fn an_endless_stream_of_text() {
    let server = Server::start(events(chunk(&"word ".repeat(4000))).ending(Ending::Endless)).await;
    let error = fails(&server, json!({})).await;
    assert_eq!(error.kind(), Kind::Limit);
    assert!(
        error.message().contains("larger than 67108864 bytes"),
        "{error}"
    );
    assert!(!error.is_retryable());
    server.seen.closed.notified().await;
}

#[tokio::test]
async fn an_endless_stream_of_comments() {
    let server = Server::start(events(b": still there\n\n".to_vec()).ending(Ending::Endless)).await;
    let error = fails(&server, json!({"timeout_ms": 300})).await;
    // Either bound may be the first on a slow machine.
    assert!(
        matches!(error.kind(), Kind::Limit | Kind::Timeout),
        "{error}"
    );
    server.seen.closed.notified().await;
}

#[tokio::test]
async fn an_endless_line() {
    let server = Server::start(events(vec![b'x'; 1 << 16]).ending(Ending::Endless)).await;
    let error = fails(&server, json!({})).await;
    assert_eq!(error.kind(), Kind::Limit, "{error}");
}

#[tokio::test]
async fn an_endless_error_body() {
    let mut reply = Reply::new("text/html", vec![b'x'; 1 << 16]).ending(Ending::Endless);
    reply.status = 500;
    let server = Server::start(reply).await;
    let error = fails(&server, json!({})).await;
    assert_eq!(error.kind(), Kind::Remote);
    assert!(error.is_retryable());
    assert!(error.message().len() < 2000);
    server.seen.closed.notified().await;
}

fn call(arguments: &str, finish: Value) -> Vec<u8> {
    let function = json!({"name": "t", "arguments": arguments});
    let delta = json!({"tool_calls": [{"index": 0, "id": "c", "function": function}]});
    let event = json!({"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]});
    format!("data: {event}\n\n").into_bytes()
}

#[tokio::test]
async fn tool_arguments_that_only_open_brackets() {
    let mut pieces: Vec<u8> = (0..50_000)
        .flat_map(|_| call("[[[[", Value::Null))
        .collect();
    pieces.extend(call("", json!("tool_calls")));
    let whole = call(&"[".repeat(500_000), json!("tool_calls"));
    let long = call(&"1,".repeat(2 << 20), json!("tool_calls"));
    for body in [pieces, whole, long] {
        let server = Server::start(events(body)).await;
        let error = fails(&server, json!({})).await;
        assert_eq!(error.kind(), Kind::Limit, "{error}");
    }
}

#[tokio::test]
async fn an_announced_body_of_ten_gigabytes() {
    let reply = events(chunk("a")).header("content-length", "10000000000");
    let server = Server::start(reply.ending(Ending::Stall)).await;
    let error = fails(&server, json!({})).await;
    assert_eq!(error.kind(), Kind::Limit);
    server.seen.closed.notified().await;
}

#[tokio::test]
async fn noise_that_is_no_http() {
    use tokio::io::AsyncWriteExt;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let _ = stream.write_all(b"\x00\x01\x02 nonsense \r\n\r\n").await;
        }
    });
    let error = ask_at(&url).await;
    assert_eq!(error.kind(), Kind::Remote);
    assert!(error.is_retryable(), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = ask_at(&url).await;
    assert_eq!(error.kind(), Kind::Remote);
    assert!(error.is_retryable());
    assert!(
        error.message().contains("no connection to 127.0.0.1:"),
        "{error}"
    );
    assert!(error.hints()[0].contains(&url), "{error:?}");
}

async fn ask_at(url: &str) -> Error {
    let overrides = Overrides {
        api_key: Some(Hidden::from("test-key")),
        base_url: Some(url.to_owned()),
        ..Overrides::default()
    };
    let model = Providers::new(ProvidersOptions::default(), |_| None)
        .model_with(&Target::new("openai", "gpt-4o-mini"), &overrides)
        .unwrap();
    Response::read(model.stream(Request::new("", "hi")))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn a_missing_key_is_an_error_before_anything_is_sent() {
    let server = Server::start(events(whole("a"))).await;
    let overrides = Overrides {
        base_url: Some(server.url.clone()),
        ..Overrides::default()
    };
    let model = Providers::new(ProvidersOptions::default(), |_| None)
        .model_with(&Target::new("openai", "gpt-4o-mini"), &overrides)
        .unwrap();
    let error = Response::read(model.stream(Request::new("", "hi")))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Auth);
    assert!(error.message().contains("API key") && error.message().contains("OPENAI_API_KEY"));
    assert!(server.requests().await.is_empty());
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let server = Server::start(events(chunk("half")).ending(Ending::Stall)).await;
    let model = server.model("openai", "gpt-4o-mini");
    let mut stream = model.stream(Request::new("", "hi"));
    assert!(stream.next().await.unwrap().is_ok());
    drop(stream);
    server.seen.closed.notified().await;
}

#[tokio::test]
async fn nothing_is_sent_before_the_stream_is_polled() {
    let server = Server::start(events(whole("a"))).await;
    let model = server.model("openai", "gpt-4o-mini");
    let stream = model.stream(Request::new("", "hi"));
    tokio::task::yield_now().await;
    drop(stream);
    assert_eq!(server.seen.connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_connection_serves_many_requests() {
    let server = Server::start(events(whole("a"))).await;
    let model = server.model("openai", "gpt-4o-mini");
    for _ in 0..20 {
        let response = Response::read(model.stream(Request::new("", "hi")))
            .await
            .unwrap();
        assert_eq!(response.text(), "a");
    }
    let connections = server.seen.connections.load(Ordering::SeqCst);
    // A request may come before the end of the body before it is read; most do not.
    assert!(connections <= 10, "{connections}");
}

#[tokio::test]
async fn a_long_answer_is_read_whole() {
    let words: String = (0..20_000).map(|number| format!("w{number} ")).collect();
    let mut body: Vec<u8> = words.split_inclusive(' ').flat_map(chunk).collect();
    body.extend(whole(""));
    let server = Server::start(events(body)).await;
    let model = server.model("openai", "gpt-4o-mini");
    let response = Response::read(model.stream(Request::new("", "hi")))
        .await
        .unwrap();
    assert_eq!(response.text(), words);
}
