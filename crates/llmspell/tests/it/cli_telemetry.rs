//! Telemetry of the binary, as a collector on loopback gets it.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::routing::post;
use parking_lot::Mutex;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;

use crate::place::{Ended, Place};

/// What a collector got: path, header `x-team`, document.
type Got = Arc<Mutex<Vec<(String, String, Json)>>>;

/// Starts a collector that ends with the test.
async fn collector() -> (String, Got) {
    let got = Got::default();
    let take = |State(got): State<Got>, uri: Uri, headers: HeaderMap, body: String| async move {
        assert_eq!(headers["content-type"], "application/json");
        let team = headers.get("x-team").and_then(|team| team.to_str().ok());
        let team = team.unwrap_or_default().to_owned();
        let document = serde_json::from_str(&body).unwrap();
        got.lock().push((uri.path().to_owned(), team, document));
        (StatusCode::OK, r#"{"partialSuccess":{}}"#)
    };
    let routes = Router::new()
        .route("/v1/traces", post(take))
        .route("/v1/metrics", post(take))
        .with_state(got.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    (url, got)
}

async fn run(place: Place, args: &'static [&'static str]) -> Ended {
    tokio::task::spawn_blocking(move || place.run(args))
        .await
        .unwrap()
}

/// A span as the protocol carries it, read.
#[derive(Debug)]
struct Span {
    name: String,
    kind: u64,
    trace: String,
    id: String,
    parent: Option<String>,
    attributes: BTreeMap<String, Json>,
    status: Json,
}

fn hexadecimal(json: &Json, digits: usize) -> String {
    let text = json.as_str().unwrap();
    let right = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(right && text.bytes().any(|byte| byte != b'0'), "{text}");
    text.to_owned()
}

fn number(json: &Json) -> u64 {
    json.as_str().unwrap().parse().unwrap()
}

/// Reads an `AnyValue`.
fn any(value: &Json) -> Json {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match kind.as_str() {
        "intValue" => number(value).into(),
        "arrayValue" => value["values"]
            .as_array()
            .unwrap()
            .iter()
            .map(any)
            .collect(),
        "stringValue" | "boolValue" | "doubleValue" => value.clone(),
        other => panic!("{other}"),
    }
}

fn attributes(json: &Json) -> BTreeMap<String, Json> {
    let pairs = json.as_array().unwrap().iter();
    pairs
        .map(|pair| {
            (
                pair["key"].as_str().unwrap().to_owned(),
                any(&pair["value"]),
            )
        })
        .collect()
}

fn spans(got: &Got) -> Vec<Span> {
    let mut spans = Vec::new();
    for (path, _, request) in &*got.lock() {
        if path != "/v1/traces" {
            continue;
        }
        for span in request["resourceSpans"][0]["scopeSpans"][0]["spans"]
            .as_array()
            .unwrap()
        {
            assert!(number(&span["startTimeUnixNano"]) <= number(&span["endTimeUnixNano"]));
            spans.push(Span {
                name: span["name"].as_str().unwrap().to_owned(),
                kind: span["kind"].as_u64().unwrap(),
                trace: hexadecimal(&span["traceId"], 32),
                id: hexadecimal(&span["spanId"], 16),
                parent: span.get("parentSpanId").map(|id| hexadecimal(id, 16)),
                attributes: attributes(&span["attributes"]),
                status: span["status"].clone(),
            });
        }
    }
    spans
}

const SPELL: &str = r#"
local agent = Agent.create {
  name = "clerk",
  model = "mock/any",
  tools = { "calculator" },
  temperature = 0.5,
  settings = { responses = { { tool_calls = { { name = "calculator", arguments = { input = "6 * 7" } } } }, "It is 42." } },
}
local flow = Workflow.sequential { name = "sum", steps = { { name = "ask", execute = function() return agent:execute("my secret question").text end } } }
flow:execute()
Tool.calculator { input = "1 / 0" }
"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn spans_follow_the_conventions_for_generative_ai() {
    let (url, got) = collector().await;
    let config = format!(
        "[telemetry]\notlp_endpoint = '{url}'\nservice_name = 'spells'\nheaders = {{ x-team = 'blue-team-key' }}\n"
    );
    let place = Place::new()
        .with("llmspell.toml", &config)
        .with("spell.lua", SPELL);
    let ended = run(place, &["-q", "run", "spell.lua"]).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let spans = spans(&got);
    let one = |name: &str| {
        let mut found = spans.iter().filter(|span| span.name == name);
        let span = found.next().unwrap_or_else(|| panic!("{name}: {spans:#?}"));
        assert!(found.next().is_none(), "{name} twice");
        span
    };
    let root = one("spell spell.lua");
    assert!(root.parent.is_none() && spans.iter().all(|span| span.trace == root.trace));
    let below = |span: &Span, above: &Span| span.parent.as_deref() == Some(above.id.as_str());

    let flow = one("invoke_workflow sum");
    let agent = one("invoke_agent clerk");
    assert!(below(flow, root));
    let of = |span: &Span, name: &str| span.attributes.get(name).cloned();
    assert_eq!(agent.kind, 1);
    assert_eq!(
        of(agent, "gen_ai.operation.name"),
        Some("invoke_agent".into())
    );
    assert_eq!(of(agent, "gen_ai.agent.name"), Some("clerk".into()));
    assert_eq!(of(agent, "gen_ai.provider.name"), Some("mock".into()));

    let inferences: Vec<&Span> = spans
        .iter()
        .filter(|span| span.name == "chat any")
        .collect();
    assert_eq!(inferences.len(), 2);
    for inference in &inferences {
        assert!(below(inference, agent));
        assert_eq!(inference.kind, 3);
        assert_eq!(of(inference, "gen_ai.request.model"), Some("any".into()));
        assert_eq!(
            of(inference, "gen_ai.request.temperature"),
            Some(json!(0.5))
        );
        assert!(
            of(inference, "gen_ai.usage.input_tokens")
                .unwrap()
                .as_u64()
                .unwrap()
                > 0
        );
        assert!(
            of(inference, "gen_ai.usage.output_tokens")
                .unwrap()
                .is_u64()
        );
    }
    let reasons = inferences
        .iter()
        .map(|span| of(span, "gen_ai.response.finish_reasons").unwrap());
    let reasons: Vec<Json> = reasons.collect();
    assert!(reasons.contains(&json!(["stop"])), "{reasons:?}");
    // Usage stands at inferences alone.
    for span in spans.iter().filter(|span| !span.name.starts_with("chat")) {
        assert!(
            !span.attributes.keys().any(|name| name.contains("usage")),
            "{span:?}"
        );
    }

    let tools: Vec<&Span> = spans
        .iter()
        .filter(|span| span.name == "execute_tool calculator")
        .collect();
    assert_eq!(tools.len(), 2);
    let (inner, outer): (Vec<&Span>, Vec<&Span>) =
        tools.into_iter().partition(|tool| below(tool, agent));
    assert_eq!((inner.len(), outer.len()), (1, 1));
    assert_eq!(inner[0].status, json!({}));
    assert!(below(outer[0], root));
    assert_eq!(outer[0].status["code"], 2);
    assert!(of(outer[0], "error.type").is_some());

    let got = got.lock();
    let everything = format!("{got:?}");
    assert!(
        !everything.contains("secret question"),
        "contents were sent"
    );
    assert!(got.iter().all(|(_, team, _)| team == "blue-team-key"));
    let (_, _, traces) = got.iter().find(|(path, ..)| path == "/v1/traces").unwrap();
    let resource = attributes(&traces["resourceSpans"][0]["resource"]["attributes"]);
    assert_eq!(resource["service.name"], "spells");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_histograms() {
    let (url, got) = collector().await;
    let place = Place::new()
        .with(
            "llmspell.toml",
            &format!("[telemetry]\notlp_endpoint = '{url}/'\n"),
        )
        .with("spell.lua", SPELL);
    assert_eq!(
        run(place, &["run", "--ephemeral", "spell.lua"]).await.code,
        0
    );
    let got = got.lock();
    let (_, _, request) = got.iter().find(|(path, ..)| path == "/v1/metrics").unwrap();
    let metrics = request["resourceMetrics"][0]["scopeMetrics"][0]["metrics"]
        .as_array()
        .unwrap();
    let points = |name: &str| {
        let metric = metrics.iter().find(|metric| metric["name"] == name);
        let histogram = &metric.unwrap()["histogram"];
        assert_eq!(histogram["aggregationTemporality"], 2);
        histogram["dataPoints"].as_array().unwrap().clone()
    };
    let chat = |points: Vec<Json>, kind: Option<&str>| {
        let mut points = points.into_iter();
        let fits = |point: &Json| {
            let own = attributes(&point["attributes"]);
            own["gen_ai.operation.name"] == "chat"
                && own.get("gen_ai.token.type").and_then(Json::as_str) == kind
        };
        points.find(fits).unwrap()
    };
    for point in [
        chat(points("gen_ai.client.operation.duration"), None),
        chat(points("gen_ai.client.token.usage"), Some("input")),
    ] {
        assert_eq!(number(&point["count"]), 2);
        let counts = point["bucketCounts"].as_array().unwrap();
        assert_eq!(counts.iter().map(number).sum::<u64>(), 2);
        assert_eq!(
            counts.len(),
            point["explicitBounds"].as_array().unwrap().len() + 1
        );
        assert!(point["sum"].as_f64().unwrap() > 0.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_gone_fails_no_run() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let place = Place::new()
        .with(
            "llmspell.toml",
            &format!("[telemetry]\notlp_endpoint = '{url}'\n"),
        )
        .with("spell.lua", "Tool.calculator { input = '1' } return 7");
    let ended = run(place, &["run", "--ephemeral", "spell.lua"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "7\n"));
    assert!(
        ended.stderr.contains("telemetry could not be sent"),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("lost=2"), "{}", ended.stderr);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_never_answers_keeps_no_run() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let place = Place::new()
        .with(
            "llmspell.toml",
            &format!("[telemetry]\notlp_endpoint = '{url}'\n"),
        )
        .with("spell.lua", "return 7");
    let ended = run(place, &["run", "--ephemeral", "spell.lua"]).await;
    drop(listener);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "7\n"));
    assert!(
        ended.stderr.contains("could not be sent in time"),
        "{}",
        ended.stderr
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hook_of_the_spell_sends_spans_where_the_policy_lets_it() {
    let (url, got) = collector().await;
    let spell = format!(
        "Hook.enable_builtin('TracingIntegrator', {{ endpoint = '{url}', service_name = 'own', span_attributes = {{ team = 'blue' }} }})
Tool.calculator {{ input = '1' }}"
    );
    let place = Place::new().with("spell.lua", &spell).with(
        "allowed.toml",
        "[security.network]\nallow_hosts = ['127.0.0.1']\n",
    );
    let refused = place.run(&["run", "--ephemeral", "spell.lua"]);
    assert_eq!(refused.code, 0);
    assert!(
        refused.stderr.contains("private address"),
        "{}",
        refused.stderr
    );
    assert!(got.lock().is_empty());
    let args = &[
        "--config",
        "allowed.toml",
        "run",
        "--ephemeral",
        "spell.lua",
    ];
    let ended = run(place, args).await;
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""));
    let spans = spans(&got);
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["execute_tool calculator", "spell"]);
    assert_eq!(spans[0].attributes["team"], "blue");
    assert_eq!(spans[0].parent.as_ref(), Some(&spans[1].id));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_of_hooks_go_to_a_file_for_prometheus() {
    let place = Place::new()
        .with(
            "llmspell.toml",
            "[hooks.builtin.MetricsCollector]\nexport_format = 'prometheus'\nexport_endpoint = 'llmspell.prom'\nlabels = { team = 'blue' }\n",
        )
        .with("spell.lua", "Tool.calculator { input = '1' } return Hook.metrics('prometheus')");
    let ended = place.run(&["run", "--ephemeral", "spell.lua"]);
    let line = "llmspell_operations_total{operation=\"tool:calculator\",outcome=\"succeeded\",team=\"blue\"} 1\n";
    assert!(
        ended.stdout.contains(line),
        "{}\n{}",
        ended.stdout,
        ended.stderr
    );
    let written = std::fs::read_to_string(place.path("llmspell.prom")).unwrap();
    assert!(written.contains(line), "{written}");
    assert!(written.contains("# TYPE llmspell_operation_duration_seconds summary\n"));
}

#[test]
fn an_endpoint_that_is_none_is_found_before_the_run() {
    let place = Place::new().with("spell.lua", "return 7").with(
        "llmspell.toml",
        "[telemetry]\notlp_endpoint = 'localhost:4318'\n",
    );
    let ended = place.run(&["run", "spell.lua"]);
    assert_ne!(ended.code, 0);
    assert!(
        ended.stderr.contains("telemetry.otlp_endpoint"),
        "{}",
        ended.stderr
    );
    let place = place.with(
        "llmspell.toml",
        "[telemetry]\notlp_endpoint = 'https://otlp.example.com'\n[security]\nallow_network_access = false\n",
    );
    let ended = place.run(&["run", "spell.lua"]);
    assert!(
        ended.stderr.contains("names another machine"),
        "{}",
        ended.stderr
    );
}

#[test]
fn headers_are_secrets() {
    let place = Place::new()
        .with(
            "llmspell.toml",
            "[telemetry]\nheaders = { x-team = 'blue-team-key' }\n",
        )
        .with(
            "spell.lua",
            "print(Config.get('telemetry.headers.x-team')) print('blue-team-key')",
        );
    let ended = place.run(&["config", "show"]);
    assert!(!ended.stdout.contains("blue-team-key"), "{}", ended.stdout);
    let ended = place.run(&["run", "spell.lua"]);
    assert!(ended.stdout.starts_with("***\n"), "{}", ended.stdout);
}
