//! What a request to a model costs, next to a hand-written loop over the same HTTP client.
//!
//! The server is this program started again, so that the CPU time measured is the client's alone.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::StreamExt;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use llmspell_model::{
    Hidden, Message, Model, Overrides, Providers, ProvidersOptions, Request, Response, Target,
    ToolSpec,
};

#[tokio::main]
async fn main() {
    let mut args = std::env::args().skip(1);
    match (args.next().as_deref(), args.next()) {
        (Some("serve"), Some(latency)) => serve(latency.parse().unwrap()).await,
        _ => measure().await,
    }
}

/// Answers every request after a while: with a tool call, or with text if a tool has answered already.
async fn serve(latency_ms: u64) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut out = std::io::stdout();
    writeln!(out, "{}", listener.local_addr().unwrap()).unwrap();
    out.flush().unwrap();
    let call = events(
        &[
            json!({"role": "assistant", "content": null}),
            json!({"tool_calls": [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "calculator", "arguments": ""}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "{\"expres"}}]}),
            json!({"tool_calls": [{"index": 0, "function": {"arguments": "sion\": \"6*7\"}"}}]}),
        ],
        "tool_calls",
    );
    let words: Vec<Value> = "The answer to your question is forty two."
        .split_inclusive(' ')
        .map(|word| json!({"content": word}))
        .collect();
    let text = events(&words, "stop");
    while let Ok((mut stream, _)) = listener.accept().await {
        stream.set_nodelay(true).unwrap();
        let (call, text) = (call.clone(), text.clone());
        tokio::spawn(async move {
            let mut bytes = Vec::new();
            loop {
                let request = loop {
                    if let Some(request) = complete(&bytes) {
                        break request;
                    }
                    let mut piece = [0; 16 << 10];
                    match stream.read(&mut piece).await {
                        Ok(0) | Err(_) => return,
                        Ok(read) => bytes.extend_from_slice(&piece[..read]),
                    }
                };
                let answered =
                    String::from_utf8_lossy(&bytes[..request]).contains("\"role\":\"tool\"");
                bytes.drain(..request);
                if latency_ms > 0 {
                    tokio::time::sleep(Duration::from_millis(latency_ms)).await;
                }
                let body = if answered { &text } else { &call };
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n",
                    body.len()
                );
                let reply = [head.as_bytes(), body.as_bytes(), b"\r\n0\r\n\r\n"].concat();
                if stream.write_all(&reply).await.is_err() {
                    return;
                }
            }
        });
    }
}

fn complete(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_ascii_lowercase();
    let length = text
        .split("content-length: ")
        .nth(1)?
        .split("\r\n")
        .next()?;
    let whole = head + length.parse::<usize>().ok()?;
    (bytes.len() >= whole).then_some(whole)
}

fn events(deltas: &[Value], reason: &str) -> String {
    let chunk = |delta: &Value, reason: Value, usage: Value| {
        let choices = json!([{"index": 0, "delta": delta, "finish_reason": reason}]);
        let event = json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices, "usage": usage});
        format!("data: {event}\n\n")
    };
    let usage = json!({"prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18});
    let body: String = deltas
        .iter()
        .map(|delta| chunk(delta, Value::Null, Value::Null))
        .collect();
    body + &chunk(&json!({}), reason.into(), Value::Null)
        + &chunk(&json!({}), Value::Null, usage)
        + "data: [DONE]\n\n"
}

struct Other {
    process: Child,
    url: String,
}

impl Other {
    fn start(latency_ms: u64) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["serve", &latency_ms.to_string()])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        let url = format!("http://{}", address.trim());
        Self { process, url }
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// CPU time of this process so far.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let after = stat.rsplit(") ").next().unwrap();
    let fields: Vec<&str> = after.split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn asked() -> Request {
    let mut request = Request::new("m", "What is 6*7? Use the calculator.");
    request.system = Some("You are a helpful agent.".into());
    request.tools = vec![ToolSpec {
        name: "calculator".into(),
        description: "Evaluates an expression.".into(),
        parameters: json!({"type": "object", "properties": {"expression": {"type": "string"}}, "required": ["expression"]}),
    }];
    request
}

/// One agent run: a request that is answered with a tool call, and one with its result.
async fn run(model: &Arc<dyn Model>) {
    let mut request = asked();
    let response = Response::read(model.stream(request.clone())).await.unwrap();
    let result = response.message.tool_calls().next().unwrap().answer("42");
    request.messages.push(response.message);
    request.messages.push(Message::tool([result]));
    let response = Response::read(model.stream(request)).await.unwrap();
    assert_eq!(response.text(), "The answer to your question is forty two.");
    assert_eq!(response.usage.input_tokens, Some(11));
}

/// The same by hand: two posts, and the text of every event.
async fn by_hand(client: &reqwest::Client, url: &str) {
    let mut messages = vec![
        json!({"role": "system", "content": "You are a helpful agent."}),
        json!({"role": "user", "content": "What is 6*7? Use the calculator."}),
    ];
    for turn in 0..2 {
        let body = json!({"model": "m", "messages": messages, "stream": true});
        let request = client
            .post(format!("{url}/chat/completions"))
            .header("content-type", "application/json")
            .body(body.to_string());
        let mut pieces = request.send().await.unwrap().bytes_stream();
        let mut text = Vec::new();
        while let Some(piece) = pieces.next().await {
            text.extend_from_slice(&piece.unwrap());
        }
        let text = String::from_utf8(text).unwrap();
        let events = text.lines().filter_map(|line| line.strip_prefix("data: {"));
        let read: Vec<Value> = events
            .map(|event| serde_json::from_str(&format!("{{{event}")).unwrap())
            .collect();
        assert!(!read.is_empty());
        if turn == 0 {
            messages.push(json!({"role": "assistant", "content": "", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "calculator", "arguments": "{}"}}]}));
            messages.push(json!({"role": "tool", "tool_call_id": "call_1", "content": "42"}));
        }
    }
}

fn model(url: &str) -> Arc<dyn Model> {
    let overrides = Overrides {
        api_key: Some(Hidden::from("k")),
        base_url: Some(url.to_owned()),
        ..Overrides::default()
    };
    Providers::new(ProvidersOptions::default(), |_| None)
        .model_with(&Target::new("openai", "gpt-4o-mini"), &overrides)
        .unwrap()
}

/// Most memory held since this was last asked, in MB.
fn peak_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let kilobytes: f64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    kilobytes / 1024.0
}

/// Runs and prints, unless the command line asks for `ours` or `theirs` only.
async fn timed(name: &str, count: usize, runs: impl Future<Output = ()>) {
    let theirs = name.contains("by hand");
    let skipped = if theirs { "ours" } else { "theirs" };
    if std::env::args().any(|arg| arg == skipped) {
        return;
    }
    peak_mb();
    let (before, began) = (cpu(), Instant::now());
    runs.await;
    let (wall, cpu) = (began.elapsed(), cpu() - before);
    println!(
        "{name:<44} wall {:>8.1} ms   CPU per run {:>7.3} ms   peak {:>6.1} MB",
        wall.as_secs_f64() * 1e3,
        cpu.as_secs_f64() * 1e3 / count as f64,
        peak_mb()
    );
}

async fn measure() {
    const RUNS: usize = 3000;
    let fast = Other::start(0);
    let model_at_once = model(&fast.url);
    // The first run also installs the provider of cryptography that the other client needs.
    run(&model_at_once).await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    by_hand(&client, &fast.url).await;
    timed("one after the other, by hand", RUNS, async {
        for _ in 0..RUNS {
            by_hand(&client, &fast.url).await;
        }
    })
    .await;
    timed("one after the other", RUNS, async {
        for _ in 0..RUNS {
            run(&model_at_once).await;
        }
    })
    .await;
    drop(fast);

    const MANY: usize = 1000;
    let slow = Other::start(200);
    let model_in_time = model(&slow.url);
    let client = reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap();
    for round in ["cold", "warm"] {
        timed(
            &format!("1000 at a time, 200 ms, by hand, {round}"),
            MANY,
            async {
                let runs = (0..MANY).map(|_| by_hand(&client, &slow.url));
                futures::future::join_all(runs).await;
            },
        )
        .await;
        timed(&format!("1000 at a time, 200 ms, {round}"), MANY, async {
            let runs = (0..MANY).map(|_| run(&model_in_time));
            futures::future::join_all(runs).await;
        })
        .await;
    }
}
