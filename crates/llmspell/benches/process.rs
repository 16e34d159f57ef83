//! Whole-process measurements, side by side with a hand-written loop in the same run:
//! `cargo bench -p llmspell --bench process`.
//!
//! A model server on loopback answers with one tool call, then with text, after a fixed latency. Each figure is the
//! median of several processes; processor time and peak memory are the kernel's (`wait4`).

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a bench talks to people"
)]

use std::convert::Infallible;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Path;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use futures::StreamExt;

/// What one process cost.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    processor: Duration,
    peak_kb: i64,
}

fn main() {
    if let Some(mode) =
        std::env::args().find_map(|arg| arg.strip_prefix("loop=").map(str::to_owned))
    {
        return by_hand(&mode);
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime
        .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
        .unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new().route("/{latency}/v1/chat/completions", post(complete));
    runtime.spawn(async move { axum::serve(listener, router).await.unwrap() });
    let url = |latency: u64| format!("http://{address}/{latency}/v1");
    let folder = tempfile::tempdir().unwrap();

    let start = median(30, || spell(folder.path(), &url(0), "print(1)"));
    row("cold start, exec 'print(1)'", start, 1);

    let one = format!("{SETUP} ask(1)");
    let many = format!("{SETUP} for n = 1, 300 do ask(n) end");
    let base = median(10, || spell(folder.path(), &url(0), &one));
    row(
        "one agent run with one tool call, process included",
        base,
        1,
    );
    let runs = median(5, || spell(folder.path(), &url(0), &many));
    let each = Cost {
        wall: runs.wall.saturating_sub(base.wall) / 299,
        processor: runs.processor.saturating_sub(base.processor) / 299,
        peak_kb: runs.peak_kb,
    };
    row(
        "each of 300 agent runs with one tool call, journal on",
        each,
        1,
    );
    row(
        "  the same two requests by hand (reqwest)",
        median(5, || hand(&url(0), 300, 1)),
        300,
    );

    let fan = format!(
        "{SETUP} local jobs = {{}} for n = 1, 1000 do jobs[n] = function() return ask(n) end end
         Async.all(jobs, {{ limit = 1000 }})"
    );
    row(
        "1,000 agent runs at once, 200 ms model",
        median(3, || spell(folder.path(), &url(200), &fan)),
        1,
    );
    row(
        "  the same requests by hand (reqwest)",
        median(3, || hand(&url(200), 1000, 1000)),
        1,
    );
}

const SETUP: &str = "local function ask(n)
  local agent = Agent.create { name = 'a' .. n, model = 'openai/gpt-4o-mini', tools = { 'calculator' } }
  return agent:execute('What is 6*7?').text
end";

fn row(name: &str, cost: Cost, runs: u32) {
    println!(
        "{name:<54} wall {:>9.3} ms   cpu {:>9.3} ms   peak {:>6.1} MB",
        cost.wall.as_secs_f64() * 1e3 / f64::from(runs),
        cost.processor.as_secs_f64() * 1e3 / f64::from(runs),
        cost.peak_kb as f64 / 1024.0,
    );
}

fn median(times: usize, mut measure: impl FnMut() -> Cost) -> Cost {
    let mut costs: Vec<Cost> = (0..times).map(|_| measure()).collect();
    let wall = {
        costs.sort_by_key(|cost| cost.wall);
        costs[times / 2].wall
    };
    let processor = {
        costs.sort_by_key(|cost| cost.processor);
        costs[times / 2].processor
    };
    let peak_kb = {
        costs.sort_by_key(|cost| cost.peak_kb);
        costs[times / 2].peak_kb
    };
    Cost {
        wall,
        processor,
        peak_kb,
    }
}

fn spell(folder: &std::path::Path, url: &str, code: &str) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_llmspell"));
    command.args(["--no-config", "exec", "--timeout", "60", code]);
    command
        .env_clear()
        .env("HOME", folder)
        .env("OPENAI_API_KEY", "dummy")
        .env("OPENAI_BASE_URL", url);
    cost(command.current_dir(folder))
}

fn hand(url: &str, runs: usize, at_once: usize) -> Cost {
    let mut command = Command::new(std::env::current_exe().unwrap());
    cost(command.arg(format!("loop={runs},{at_once},{url}")))
}

#[expect(clippy::zombie_processes, reason = "`wait4` waits for it")]
fn cost(command: &mut Command) -> Cost {
    let start = Instant::now();
    let child = command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let pid = i32::try_from(child.id()).unwrap();
    let mut status = 0;
    // SAFETY: all-zero bytes are a valid `rusage`, which has only numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `pid` is our own child, nobody else waits for it, and both pointers are valid for the call.
    let waited = unsafe { libc::wait4(pid, &raw mut status, 0, &raw mut usage) };
    let wall = start.elapsed();
    if waited != pid || status != 0 {
        let mut text = String::new();
        std::io::Read::read_to_string(&mut child.stderr.unwrap(), &mut text).unwrap();
        panic!("the measured process failed: {text}");
    }
    let time = |time: libc::timeval| {
        Duration::from_secs(u64::try_from(time.tv_sec).unwrap())
            + Duration::from_micros(u64::try_from(time.tv_usec).unwrap())
    };
    Cost {
        wall,
        processor: time(usage.ru_utime) + time(usage.ru_stime),
        peak_kb: usage.ru_maxrss,
    }
}

/// Answers as a streaming chat model: a tool call first, text once a tool has answered.
async fn complete(Path(latency): Path<u64>, body: String) -> Response {
    tokio::time::sleep(Duration::from_millis(latency)).await;
    let request: serde_json::Value = serde_json::from_str(&body).unwrap();
    let answered = request["messages"].as_array().unwrap().last().unwrap()["role"] == "tool";
    let chunk = |delta: serde_json::Value, finish: Option<&str>| {
        let choices = serde_json::json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
        let chunk = serde_json::json!({ "id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "gpt-4o-mini", "choices": choices });
        format!("data: {chunk}\n\n")
    };
    let mut parts = vec![chunk(
        serde_json::json!({ "role": "assistant", "content": "" }),
        None,
    )];
    if answered {
        parts.extend(
            ["It ", "is ", "42."].map(|word| chunk(serde_json::json!({ "content": word }), None)),
        );
        parts.push(chunk(serde_json::json!({}), Some("stop")));
    } else {
        let call = serde_json::json!({ "index": 0, "id": "call_1", "type": "function", "function": { "name": "calculator", "arguments": "{\"input\":\"6*7\"}" } });
        parts.push(chunk(serde_json::json!({ "tool_calls": [call] }), None));
        parts.push(chunk(serde_json::json!({}), Some("tool_calls")));
    }
    parts.push("data: {\"id\":\"c1\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"gpt-4o-mini\",\"choices\":[],\"usage\":{\"prompt_tokens\":11,\"completion_tokens\":7,\"total_tokens\":18}}\n\n".into());
    parts.push("data: [DONE]\n\n".into());
    let stream = futures::stream::iter(parts).map(Ok::<_, Infallible>);
    (
        [(CONTENT_TYPE, "text/event-stream")],
        axum::body::Body::from_stream(stream),
    )
        .into_response()
}

/// The same requests without any framework: post, read the stream, post again.
fn by_hand(mode: &str) {
    let (runs, rest) = mode.split_once(',').unwrap();
    let (at_once, url) = rest.split_once(',').unwrap();
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let ask = |_: usize| {
            let (client, url) = (client.clone(), format!("{url}/chat/completions"));
            async move {
                let user = serde_json::json!({ "role": "user", "content": "What is 6*7?" });
                let call = serde_json::json!({ "role": "assistant", "tool_calls": [{ "id": "call_1", "type": "function", "function": { "name": "calculator", "arguments": "{\"input\":\"6*7\"}" } }] });
                let result = serde_json::json!({ "role": "tool", "tool_call_id": "call_1", "content": "42" });
                for messages in [vec![user.clone()], vec![user, call, result]] {
                    let body = serde_json::json!({ "model": "gpt-4o-mini", "stream": true, "messages": messages });
                    let answer = client.post(&url).bearer_auth("dummy").json(&body).send().await.unwrap();
                    let text = answer.text().await.unwrap();
                    let mut chunks = 0;
                    for data in text.lines().filter_map(|line| line.strip_prefix("data: ")) {
                        if data != "[DONE]" {
                            let _: serde_json::Value = serde_json::from_str(data).unwrap();
                            chunks += 1;
                        }
                    }
                    assert!(chunks > 2, "{text}");
                }
            }
        };
        futures::stream::iter(0..runs.parse().unwrap()).for_each_concurrent(at_once.parse::<usize>().unwrap(), ask).await;
    });
}
