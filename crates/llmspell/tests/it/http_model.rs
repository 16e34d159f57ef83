//! The binary against model servers on loopback: one that behaves, and some that do not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Answers one request: gets its JSON body and the connection to write to.
pub(crate) type Answer = fn(&Value, &mut TcpStream) -> std::io::Result<()>;

/// Starts a model server that speaks chat completions; it ends with the test process.
pub(crate) fn serve(answer: Answer) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/v1", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                let mut stream = stream;
                while let Some(body) = read_request(&mut stream) {
                    if answer(&body, &mut stream).is_err() {
                        return;
                    }
                }
            });
        }
    });
    url
}

fn read_request(stream: &mut TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

const HEAD: &str =
    "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";

fn chunk(stream: &mut TcpStream, text: &str) -> std::io::Result<()> {
    write!(stream, "{:x}\r\n{text}\r\n", text.len())
}

fn event(stream: &mut TcpStream, delta: Value, finish: Option<&str>) -> std::io::Result<()> {
    let choices = json!([{ "index": 0, "delta": delta, "finish_reason": finish }]);
    let event = json!({ "id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": choices });
    chunk(stream, &format!("data: {event}\n\n"))
}

/// Calls what the last user message asks for with `CALL:tool:{json}`, streams text otherwise.
pub(crate) fn good(request: &Value, stream: &mut TcpStream) -> std::io::Result<()> {
    let messages = request["messages"].as_array().unwrap();
    let last = messages.last().unwrap();
    let text = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|part| part["text"].as_str())
            .collect(),
    };
    stream.write_all(HEAD.as_bytes())?;
    let asked = text(last);
    let calls: Vec<&str> = asked
        .lines()
        .filter_map(|line| line.strip_prefix("CALL:"))
        .collect();
    if last["role"] == "user" && request["tools"].is_array() && !calls.is_empty() {
        for (index, call) in calls.iter().enumerate() {
            let (name, arguments) = call.split_once(':').unwrap();
            let (first, second) = arguments.split_at(arguments.len() / 2);
            let function = json!({ "name": name, "arguments": first });
            let start = json!({ "index": index, "id": format!("call_{index}"), "type": "function", "function": function });
            event(stream, json!({ "tool_calls": [start] }), None)?;
            let rest = json!({ "index": index, "function": { "arguments": second } });
            event(stream, json!({ "tool_calls": [rest] }), None)?;
        }
        event(stream, json!({}), Some("tool_calls"))?;
    } else {
        let answer = if !request["response_format"].is_null() {
            r#"{"customer":"ACME","boxes":23}"#.to_owned()
        } else {
            format!("The last word was: {asked}")
        };
        for word in answer.split_inclusive(' ') {
            event(stream, json!({ "content": word }), None)?;
        }
        event(stream, json!({}), Some("stop"))?;
    }
    let usage = json!({ "prompt_tokens": 11, "completion_tokens": 7, "total_tokens": 18 });
    chunk(
        stream,
        &format!(
            "data: {}\n\n",
            json!({ "id": "c1", "object": "chat.completion.chunk", "created": 0, "model": "m", "choices": [], "usage": usage })
        ),
    )?;
    chunk(stream, "data: [DONE]\n\n")?;
    stream.write_all(b"0\r\n\r\n")
}

fn silent(_: &Value, _: &mut TcpStream) -> std::io::Result<()> {
    loop {
        std::thread::park();
    }
}

fn garbage(_: &Value, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(b"\x00\xff\xfe this is not HTTP at all\r\n\r\n")?;
    Err(std::io::ErrorKind::Other.into())
}

fn broken_json(_: &Value, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(HEAD.as_bytes())?;
    chunk(stream, "data: {\"choices\": [nonsense\n\n")?;
    stream.write_all(b"0\r\n\r\n")
}

/// Says that 10 GB follow and sends until nobody listens.
fn huge_body(_: &Value, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10737418240\r\n\r\n",
    )?;
    let block = vec![b' '; 1 << 20];
    loop {
        stream.write_all(&block)?;
    }
}

/// Streams words without end.
fn endless(_: &Value, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(HEAD.as_bytes())?;
    let words = "more ".repeat(2_000);
    loop {
        event(stream, json!({ "content": words }), None)?;
    }
}

fn cut_off(_: &Value, stream: &mut TcpStream) -> std::io::Result<()> {
    stream.write_all(HEAD.as_bytes())?;
    event(stream, json!({ "content": "half an ans" }), None)?;
    Err(std::io::ErrorKind::Other.into())
}

fn run(url: &str, args: &[&str]) -> (Output, Duration) {
    let home = tempfile::tempdir().unwrap();
    let start = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_llmspell"))
        .arg("--no-config")
        .args(args)
        .env_clear()
        .env("HOME", home.path())
        .env("OPENAI_API_KEY", "dummy")
        .env("OPENAI_BASE_URL", url)
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .output()
        .unwrap();
    (output, start.elapsed())
}

#[test]
fn the_quickstart_talks_to_a_real_server() {
    let (output, _) = run(&serve(good), &["run", "examples/quickstart.lua"]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{stdout}\n{stderr}");
    assert!(stdout.contains("calculator       -> 391"), "{stdout}");
    assert!(stdout.contains("turns: 2, notes: 1"), "{stdout}");
    assert!(
        stdout.contains(r#"{"boxes":23,"customer":"ACME"}"#),
        "{stdout}"
    );
    assert!(stdout.contains("TOOLS WORK WITHOUT AN AGENT"), "{stdout}");
    assert!(stdout.contains("ACME pays 391 (3 steps)"), "{stdout}");
    assert!(!stderr.contains("mock"), "{stderr}");
}

#[test]
fn the_cost_tracker_knows_what_input_and_output_cost() {
    let code = "Hook.enable_builtin('CostTracker')
local m = Agent.create{ name = 'a', model = 'openai/gpt-4o-mini' }:execute('hello').metadata
return string.format('%.9f %.9f %.9f', m.cost_input, m.cost_output, m.cost_total)";
    let (output, _) = run(&serve(good), &["exec", code]);
    let stdout = String::from_utf8(output.stdout).unwrap();
    // 11 tokens at $0.15 and 7 at $0.60 per million.
    assert_eq!(stdout.trim(), "0.000001650 0.000004200 0.000005850");
}

const ASK: &str = "local ok, e = pcall(function()
  return Agent.create{ name = 'a', model = 'openai/gpt-4o-mini', timeout_ms = 3000 }:execute('hello')
end)
print(ok, ok and '' or e.kind)
print(Tool.calculator{ input = '6*7' }.output)";

/// Whatever the server does, the spell gets an error of its own and goes on.
fn survives(answer: Answer, kinds: &[&str]) {
    let (output, took) = run(
        &serve(answer),
        &["--set", "providers.max_retries=0", "exec", ASK],
    );
    let stdout = String::from_utf8(output.stdout).unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{stdout}\n{stderr}");
    let mut lines = stdout.lines();
    let first = lines.next().unwrap();
    assert!(
        kinds.iter().any(|kind| first == format!("false\t{kind}")),
        "{first}\n{stderr}"
    );
    assert_eq!(lines.next(), Some("42"));
    assert!(took < Duration::from_secs(30), "it took {took:?}");
}

#[test]
fn a_server_that_never_answers_is_left() {
    survives(silent, &["timeout"]);
}

#[test]
fn garbage_is_an_error() {
    survives(garbage, &["remote"]);
}

#[test]
fn broken_json_is_an_error() {
    survives(broken_json, &["remote", "parse"]);
}

#[test]
fn a_body_of_10_gb_is_cut() {
    survives(huge_body, &["limit", "remote"]);
}

#[test]
fn an_endless_stream_is_cut() {
    survives(endless, &["limit", "timeout"]);
}

#[test]
fn a_stream_that_breaks_off_is_no_short_answer() {
    survives(cut_off, &["remote"]);
}
