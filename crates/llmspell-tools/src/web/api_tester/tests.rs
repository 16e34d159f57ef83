use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get};
use llmspell_core::Kind;
use serde_json::json;

use super::*;
use crate::test_site::Site;
use crate::test_world::{Place, call_on, joined, refuses};

const USER: &str = r#"{"id":7,"name":"Ann","roles":["admin","dev"],"score":1.5,"none":null,"address":{"city":"Ulm"}}"#;

fn routes() -> Router {
    Router::new()
        .route(
            "/user",
            any(|| async { ([("content-type", "application/json")], USER) }),
        )
        .route("/text", get(|| async { "hello world" }))
        .route(
            "/status/{code}",
            any(|Path(code): Path<u16>| async move { StatusCode::from_u16(code).unwrap() }),
        )
        .route(
            "/users/{id}",
            get(|Path(id): Path<String>, headers: HeaderMap| async move {
                let token = headers
                    .get("authorization")
                    .map_or("", |value| value.to_str().unwrap());
                (
                    [("content-type", "application/json")],
                    format!(r#"{{"id":"{id}","token":"{token}"}}"#),
                )
            }),
        )
}

async fn run(args: serde_json::Value) -> Result<Outcome> {
    call_on(&Place::default().network().cx(), op(), args).await
}

#[tokio::test]
async fn a_test_tells_what_it_saw() {
    let site = Site::new(routes()).await;
    let outcome = run(json!({"input": site.url("/user"), "expected_status": 200, "extract": {"city": ".address.city"}})).await.unwrap();
    assert_eq!(
        (outcome.operation.as_str(), outcome.output.clone()),
        ("test", Some(true.into()))
    );
    let data = outcome.data.to_serde_json();
    assert_eq!(data["passed"], true);
    assert_eq!(data["failures"], json!([]));
    assert_eq!(data["checks"], 1);
    assert_eq!(data["status_code"], 200);
    assert_eq!(
        data["request"],
        json!({"method": "GET", "url": site.url("/user"), "timeout_ms": 30000})
    );
    assert_eq!(data["response"]["body"]["name"], "Ann");
    assert_eq!(data["response"]["body_is_json"], true);
    assert_eq!(data["response"]["status_text"], "OK");
    assert_eq!(data["response"]["is_success"], true);
    assert_eq!(data["response"]["size"], USER.len());
    assert!(data["timing"]["duration_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(data["variables"], json!({"city": "Ulm"}));
    assert_eq!(outcome.metadata["status_code"], 200.into());
}

#[tokio::test]
async fn without_checks_an_answer_is_enough() {
    let site = Site::new(routes()).await;
    let outcome = run(json!({"url": site.url("/status/500"), "retry": false}))
        .await
        .unwrap();
    assert_eq!(outcome.output, Some(true.into()));
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = run(json!({"url": format!("http://{nobody}/"), "retry": false}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Remote);
}

#[tokio::test]
async fn the_name_of_a_method_is_a_test_with_it() {
    let site = Site::new(routes()).await;
    for method in ["get", "POST", "put", "delete", "patch", "head", "options"] {
        let outcome = run(json!({"operation": method, "input": site.url("/user")}))
            .await
            .unwrap();
        assert_eq!(outcome.operation, "test");
        assert_eq!(site.last().method, method.to_uppercase());
    }
    run(json!({"operation": "post", "input": site.url("/user"), "json": {"a": 1}}))
        .await
        .unwrap();
    assert_eq!(site.last().json(), json!({"a": 1}));
    run(json!({"operation": "validate", "method": "PUT", "input": site.url("/user"), "form": {"a": 1}})).await.unwrap();
    assert_eq!(
        (site.last().method.as_str(), site.last().text()),
        ("PUT", "a=1")
    );
}

#[tokio::test]
async fn every_check_passes_and_fails() {
    let site = Site::new(routes()).await;
    let base = json!({"input": site.url("/user"), "retry": false});
    for good in [
        json!({"expected_status": "200-299"}),
        json!({"expected_headers": {"Content-Type": "application/json", "X-None": null}}),
        json!({"expected_headers": {"content-type": {"matches": "^application/"}}}),
        json!({"expected_body": "Ann"}),
        json!({"expected_body": {"score": 1.5, "id": 7.0, "name": "Ann", "roles": ["admin", "dev"], "none": null, "address": {"city": "Ulm"}}}),
        json!({"expected_schema": {"type": "object", "required": ["id"]}}),
        json!({"max_duration_ms": 60_000}),
        json!({"assertions": [{"path": ".id", "equals": 7}, {"path": "$.name", "not_equals": "Bob"}]}),
        json!({"assertions": [{"path": ".roles", "contains": "dev"}, {"path": ".name", "contains": "nn"}, {"path": ".address", "contains": {"city": "Ulm"}}]}),
        json!({"assertions": [{"path": ".name", "matches": "^A"}, {"path": ".none", "exists": false}, {"path": "$.address.city", "exists": true}]}),
        json!({"assertions": [{"path": ".id", "type": "integer"}, {"path": ".id", "type": "number"}, {"path": ".roles", "type": "array"}, {"path": ".none", "type": "null"}]}),
        json!({"assertions": [{"path": ".score", "greater": 1, "less": 2}, {"path": ".roles | length", "equals": 2.0}]}),
        json!({"assertions": [{"path": ".roles[]", "equals": ["admin", "dev"]}]}),
    ] {
        let outcome = run(joined(base.clone(), &good)).await.unwrap();
        assert_eq!(
            outcome.output,
            Some(true.into()),
            "{good}: {:?}",
            outcome.data
        );
    }
    for (bad, check, message) in [
        (
            json!({"expected_status": 404}),
            "status",
            "status: expected 404, got 200",
        ),
        (
            json!({"expected_headers": {"X-None": "1"}}),
            "header X-None",
            "header X-None: expected \"1\", got null",
        ),
        (
            json!({"expected_headers": {"content-type": null}}),
            "header content-type",
            "header content-type: expected null, got \"application/json\"",
        ),
        (json!({"expected_body": "Bob"}), "body", ""),
        (json!({"expected_body": {"id": 7}}), "body", ""),
        (
            json!({"expected_schema": {"required": ["age"]}}),
            "schema",
            "schema: the body: \"age\" is a required property",
        ),
        (
            json!({"assertions": [{"path": ".id", "equals": "7"}]}),
            ".id",
            ".id: expected equals \"7\", got 7",
        ),
        (
            json!({"assertions": [{"path": ".id", "greater": 7}]}),
            ".id",
            ".id: expected greater 7, got 7",
        ),
        (
            json!({"assertions": [{"path": ".name.first", "exists": true}]}),
            ".name.first",
            "",
        ),
        (
            json!({"extract": {"x": ".nope"}}),
            "extract x",
            "extract x: .nope gave nothing",
        ),
    ] {
        let outcome = run(joined(base.clone(), &bad)).await.unwrap();
        assert_eq!(outcome.output, Some(false.into()), "{bad}");
        let failures = outcome.data.get("failures").unwrap().to_serde_json();
        assert_eq!(failures[0]["check"], check, "{failures}");
        if !message.is_empty() {
            assert_eq!(failures[0]["message"], message);
        }
    }
}

#[tokio::test]
async fn a_mismatch_can_be_an_error() {
    let site = Site::new(routes()).await;
    let args = json!({
        "input": site.url("/user"), "expected_status": 201, "expected_body": "Bob", "fail_on_mismatch": true,
    });
    let error = run(args).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Execution);
    assert!(
        error.message().contains("status: expected 201, got 200"),
        "{error}"
    );
    assert_eq!(error.details()["data"].get("passed"), Some(&false.into()));
}

#[tokio::test]
async fn an_expected_status_is_not_tried_again() {
    let site = Site::new(routes()).await;
    let outcome = run(json!({"input": site.url("/status/503"), "expected_status": 503}))
        .await
        .unwrap();
    assert_eq!(outcome.output, Some(true.into()));
    assert_eq!(site.heard().len(), 1);
}

#[tokio::test]
async fn checks_that_make_no_sense_send_nothing() {
    let site = Site::new(routes()).await;
    for (bad, message) in [
        (
            json!({"assertions": [{"path": ".a["  , "exists": true}]}),
            "",
        ),
        (
            json!({"assertions": [{"path": ".a"}]}),
            "the assertion of '.a' says nothing: give one of equals, not_equals, contains, matches, exists, type, greater, less",
        ),
        (
            json!({"assertions": [{"equals": 1}]}),
            "an assertion needs a 'path': jq, or $.path",
        ),
        (
            json!({"assertions": [{"path": ".a", "equal": 1}]}),
            "unknown operator 'equal', expected one of: equals, not_equals, contains, matches, exists, type, greater, less",
        ),
        (
            json!({"assertions": [{"path": ".a", "matches": "("}]}),
            "'(' is no regular expression",
        ),
        (
            json!({"assertions": [{"path": ".a", "type": "text"}]}),
            "'type' must be one of: null, boolean, number, integer, string, array, object",
        ),
        (json!({"expected_schema": {"type": "nonsense"}}), ""),
        (
            json!({"expected_headers": {"x": {"match": "a"}}}),
            "expected_headers.x must be a text, null or {matches}",
        ),
        (json!({"expected_status": "ok"}), ""),
        (
            json!({"extract": {"x": 5}}),
            "extract.x must be jq, got integer",
        ),
        (json!({"max_duration_ms": -1}), ""),
        (
            json!({"body": 1, "json": 1}),
            "'body' and 'json' both say what the body is: give one of them",
        ),
        (
            json!({"operation": "post", "method": "GET"}),
            "operation 'POST' and method 'GET' differ",
        ),
    ] {
        let error = run(joined(json!({"input": site.url("/user")}), &bad))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs, "{bad}: {error:?}");
        if !message.is_empty() {
            assert_eq!(error.message(), message);
        }
    }
    assert!(site.heard().is_empty());
}

#[tokio::test]
async fn queries_without_end_are_stopped() {
    let site = Site::new(routes()).await;
    let endless = "[range(0; 1000000000)] | length";
    for args in [
        json!({"assertions": [{"path": endless, "exists": true}]}),
        json!({"assertions": [{"path": "def f: f + 1; f", "exists": true}]}),
        json!({"extract": {"x": endless}}),
    ] {
        let error = run(joined(json!({"input": site.url("/user")}), &args)).await;
        assert_eq!(error.unwrap_err().kind(), Kind::Limit);
    }
    let evil = json!({"input": site.url("/user"), "assertions": [{"path": ".name", "matches": "(a{1000}){1000}"}]});
    assert_eq!(run(evil).await.unwrap_err().kind(), Kind::InvalidArgs);
}

#[tokio::test]
async fn a_suite_hands_values_on() {
    let site = Site::new(routes()).await;
    let args = json!({
        "operation": "suite",
        "auth": {"type": "bearer", "token": "of-the-suite"},
        "requests": [
            {"name": "first", "url": site.url("/user"), "extract": {"id": ".id", "name": "$.name"}},
            {"name": "second", "input": site.url("/users/{{id}}"), "expected_body": {"id": "7", "token": "Bearer of-the-suite"}},
            {"input": site.url("/users/{{name}}"), "auth": {"type": "bearer", "token": "t-{{id}}"}, "assertions": [{"path": ".token", "equals": "Bearer t-7"}]},
        ],
    });
    let outcome = run(args).await.unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(outcome.output, Some(true.into()), "{data}");
    assert_eq!(
        (&data["total"], &data["failed"], &data["skipped"]),
        (&json!(3), &json!(0), &json!(0))
    );
    assert_eq!(data["variables"], json!({"id": 7, "name": "Ann"}));
    assert_eq!(data["results"][0]["name"], "first");
    assert_eq!(data["results"][1]["passed"], true);
    assert_eq!(outcome.metadata["message"], "3 of 3 tests passed".into());
}

#[tokio::test]
async fn a_suite_stops_at_the_first_failure_unless_told() {
    let site = Site::new(routes()).await;
    let requests = json!([
        {"name": "bad", "input": site.url("/text"), "expected_body": "bye"},
        {"input": site.url("/users/{{id}}")},
        {"input": "http://10.0.0.1/"},
        {"input": site.url("/text"), "expected_body": "hello"},
    ]);
    let outcome = run(json!({"operation": "suite", "requests": requests}))
        .await
        .unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["passed"], &data["failed"], &data["skipped"]),
        (&json!(false), &json!(1), &json!(3))
    );
    let all = run(json!({"operation": "suite", "requests": requests, "stop_on_failure": false}))
        .await
        .unwrap();
    let data = all.data.to_serde_json();
    assert_eq!(
        (&data["failed"], &data["results"].as_array().unwrap().len()),
        (&json!(3), &4)
    );
    assert_eq!(
        data["results"][1]["error"],
        "no request before has extracted 'id'"
    );
    assert_eq!(data["results"][2]["error_kind"], "denied");
    assert_eq!(data["results"][3]["passed"], true);
    let error = run(json!({"operation": "suite", "requests": requests, "fail_on_mismatch": true}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Execution);
    assert!(
        error
            .message()
            .starts_with("1 of 4 tests failed: bad: body: "),
        "{error}"
    );
}

#[tokio::test]
async fn what_a_server_says_cannot_inject_headers_or_leave() {
    let evil = r#"{"h":"x\r\nX-Evil: 1","u":"http://169.254.169.254/"}"#;
    let site = Site::new(routes().route(
        "/evil",
        get(move || async move { ([("content-type", "application/json")], evil) }),
    ))
    .await;
    let args = json!({
        "operation": "suite", "stop_on_failure": false,
        "requests": [
            {"input": site.url("/evil"), "extract": {"h": ".h", "u": ".u"}},
            {"input": site.url("/text"), "headers": {"X-It": "{{h}}"}},
            {"input": "{{u}}"},
        ],
    });
    let data = run(args).await.unwrap().data.to_serde_json();
    assert_eq!(data["results"][1]["error_kind"], "invalid_args");
    assert_eq!(data["results"][2]["error_kind"], "denied");
    assert_eq!(site.heard().len(), 1);
}

#[tokio::test]
async fn load_measures() {
    let most = Arc::new(AtomicUsize::new(0));
    let now = Arc::new(AtomicUsize::new(0));
    let (high, current) = (most.clone(), now.clone());
    let site = Site::new(Router::new().route(
        "/",
        get(move || {
            let (high, current) = (high.clone(), current.clone());
            async move {
                high.fetch_max(current.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                let turn = current.fetch_sub(1, Ordering::SeqCst);
                if turn == 0 {
                    StatusCode::BAD_GATEWAY
                } else {
                    StatusCode::OK
                }
            }
        }),
    ))
    .await;
    let args =
        json!({"operation": "benchmark", "input": site.url("/"), "count": 8, "concurrency": 4});
    let outcome = run(args).await.unwrap();
    assert_eq!(site.heard().len(), 8);
    assert!(most.load(Ordering::SeqCst) <= 4);
    let data = outcome.data.to_serde_json();
    assert_eq!(
        (&data["requests"], &data["errors"], &data["status_counts"]),
        (&json!(8), &json!(0), &json!({"200": 8}))
    );
    let latency = &data["latency"];
    let ms = |name: &str| latency[name].as_f64().unwrap();
    assert!(
        0.0 < ms("min")
            && ms("min") <= ms("p50")
            && ms("p50") <= ms("p99")
            && ms("p99") <= ms("max")
    );
    assert_eq!(outcome.output.unwrap().to_serde_json(), data["rps"]);
}

#[tokio::test]
async fn load_counts_what_is_not_expected() {
    let site = Site::new(routes()).await;
    let args = json!({"operation": "load", "input": site.url("/status/503"), "count": 2, "expected_status": 200});
    let data = run(args).await.unwrap().data.to_serde_json();
    assert_eq!(
        (&data["errors"], &data["status_counts"]),
        (&json!(2), &json!({"503": 2}))
    );
    assert_eq!(site.heard().len(), 2);
    let error = run(json!({"operation": "load", "input": "http://10.0.0.1/"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({}),
        "Missing required parameter 'input' for api_tester operation 'test'",
    );
    check(
        json!({"operation": "suite"}),
        "Missing required parameter 'requests' for api_tester operation 'suite'",
    );
    check(
        json!({"operation": "suite", "requests": []}),
        "parameter 'requests' must be between 1 and 1000, got 0",
    );
    check(
        json!({"operation": "suite", "requests": [{"input": "x", "methd": "GET"}]}),
        "requests[0]: unknown parameter 'methd' (did you mean 'method'?)",
    );
    check(
        json!({"operation": "load", "input": "http://x/", "count": 1001}),
        "parameter 'count' must be between 1 and 1000, got 1001",
    );
    check(
        json!({"operation": "load", "input": "http://x/", "concurrency": 21}),
        "parameter 'concurrency' must be between 1 and 20, got 21",
    );
    check(
        json!({"operation": "tset"}),
        "unknown operation 'tset', expected one of: test, suite, load",
    );
    check(
        json!({"input": 5}),
        "parameter 'input' must be string, got integer (5)",
    );
    check(
        json!({"input": "x", "expected_statuz": 5}),
        "unknown parameter 'expected_statuz' (did you mean 'expected_status'?)",
    );
}

#[test]
fn the_effect_is_that_of_the_worst_request() {
    let of = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(of(json!({"input": "x"})), Effect::Read);
    assert_eq!(of(json!({"operation": "POST"})), Effect::Once);
    assert_eq!(
        of(json!({"operation": "load", "method": "put"})),
        Effect::Idempotent
    );
    assert_eq!(
        of(json!({"operation": "suite", "requests": [{"input": "x"}, {"method": "DELETE"}]})),
        Effect::Idempotent
    );
    assert_eq!(
        of(json!({"operation": "suite", "requests": [{"operation": "post"}, {"method": "PUT"}]})),
        Effect::Once
    );
}

#[tokio::test]
async fn a_test_of_a_suite_can_have_a_limit_of_its_own() {
    let routes = routes().route("/slow", get(std::future::pending::<()>));
    let site = Site::new(routes).await;
    let args = json!({
        "operation": "suite", "stop_on_failure": false,
        "requests": [
            {"input": site.url("/slow"), "timeout_ms": 50, "retry": false},
            {"input": site.url("/text"), "timeout_ms": 5000.0},
        ],
    });
    let data = run(args).await.unwrap().data.to_serde_json();
    assert_eq!(data["results"][0]["error_kind"], "timeout");
    assert_eq!(data["results"][1]["passed"], true);
    let wrong = json!({"operation": "suite", "requests": [{"input": "x", "timeout_ms": 0}]});
    let error = run(wrong).await.unwrap_err();
    assert_eq!(
        error.message(),
        "requests[0]: parameter 'timeout_ms' must be between 1 and 3600000, got 0"
    );
}
