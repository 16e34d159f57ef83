use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::any;
use serde_json::json;

use super::*;
use crate::test_site::Site;
use crate::test_world::{NOW, Place, call_on, fails, joined, refuses};

/// Answers 503 so many times, then 200.
fn flaky(failures: usize) -> Router {
    let turn = Arc::new(AtomicUsize::new(0));
    Router::new().route(
        "/hook",
        any(move || {
            let done = turn.fetch_add(1, Ordering::Relaxed) >= failures;
            async move {
                let kind = [("content-type", "application/json"), ("retry-after", "0")];
                match done {
                    true => (StatusCode::OK, kind, r#"{"ok":true}"#),
                    false => (StatusCode::SERVICE_UNAVAILABLE, kind, r#"{"ok":false}"#),
                }
            }
        }),
    )
}

async fn run(args: serde_json::Value) -> Result<Outcome> {
    call_on(&Place::default().network().cx(), op(), args).await
}

#[tokio::test]
async fn an_event_is_delivered() {
    let site = Site::new(flaky(0)).await;
    let outcome = run(json!({"input": site.url("/hook"), "payload": {"event": "x", "n": 1}}))
        .await
        .unwrap();
    let heard = site.last();
    assert_eq!(
        (heard.method.as_str(), heard.text()),
        ("POST", "{\"event\":\"x\",\"n\":1}")
    );
    assert_eq!(heard.header("content-type"), "application/json");
    let mut data = outcome.data.to_serde_json();
    assert_eq!(data["idempotency_key"], heard.header("idempotency-key"));
    assert_eq!(data["idempotency_key"].as_str().unwrap().len(), 36);
    assert_eq!(
        data["response"]["headers"]["content-type"],
        "application/json"
    );
    data["response"]["headers"].take();
    assert_eq!(
        data["response"],
        json!({"body": "{\"ok\":true}", "json": {"ok": true}, "headers": null, "body_is_json": true})
    );
    assert_eq!(
        (&data["success"], &data["status_code"], &data["status_text"]),
        (&json!(true), &json!(200), &json!("OK"))
    );
    assert_eq!(
        (&data["retry_count"], &data["retries_attempted"]),
        (&json!(0), &json!(0))
    );
    assert_eq!(data["attempts"][0]["status_code"], 200);
    assert_eq!(data["webhook_url"], site.url("/hook"));
    assert!(data["response_time_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(outcome.operation, "call");
    assert_eq!(outcome.output.unwrap().to_serde_json(), json!({"ok": true}));
}

#[tokio::test]
async fn synonyms_mean_the_same() {
    let site = Site::new(flaky(0)).await;
    for (url, payload) in [
        ("url", "body"),
        ("webhook_url", "data"),
        ("input", "payload"),
    ] {
        run(json!({url: site.url("/hook"), payload: "text", "operation": "send"}))
            .await
            .unwrap();
        let heard = site.last();
        assert_eq!(
            (heard.text(), heard.header("content-type")),
            ("text", "text/plain; charset=utf-8")
        );
    }
    for args in [
        json!({"retries": 0}),
        json!({"retry_count": 0}),
        json!({"retry_delay": 1}),
        json!({"timeout_ms": 5000}),
        json!({"timeout": 2.5}),
        json!({"timeout_seconds": 3}),
    ] {
        let all = joined(json!({"input": site.url("/hook")}), &args);
        run(all).await.unwrap();
        assert_eq!(site.last().text(), "{}");
    }
}

#[tokio::test]
async fn every_method_carries_the_payload_but_get() {
    let site = Site::new(flaky(0)).await;
    for method in ["POST", "put", "PATCH", "DELETE", "GET"] {
        run(json!({"input": site.url("/hook"), "payload": {"a": 1}, "method": method}))
            .await
            .unwrap();
        let heard = site.last();
        assert_eq!(heard.method, method.to_uppercase());
        assert_eq!(heard.text(), if method == "GET" { "" } else { "{\"a\":1}" });
    }
}

#[tokio::test]
async fn it_is_sent_again_with_the_same_key() {
    let site = Site::new(flaky(2)).await;
    let outcome = run(json!({"input": site.url("/hook"), "retry_delay_ms": 1}))
        .await
        .unwrap();
    let heard = site.heard();
    assert_eq!(heard.len(), 3);
    let keys: Vec<_> = heard
        .iter()
        .map(|heard| heard.header("idempotency-key"))
        .collect();
    assert!(keys.iter().all(|key| *key == keys[0] && !key.is_empty()));
    assert_eq!(outcome.data.get("retry_count"), Some(&2.into()));
    assert_eq!(outcome.metadata["attempts"], 3.into());
    let attempts = outcome.data.get("attempts").unwrap().to_serde_json();
    let statuses: Vec<_> = attempts
        .as_array()
        .unwrap()
        .iter()
        .map(|attempt| attempt["status_code"].clone())
        .collect();
    assert_eq!(statuses, [503, 503, 200]);
}

#[tokio::test]
async fn a_final_failure_tells_what_happened() {
    let site = Site::new(flaky(99)).await;
    let error = run(json!({"input": site.url("/hook"), "max_retries": 1, "retry_delay_ms": 1}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Remote);
    assert_eq!(
        error.message(),
        format!(
            "POST {} answered 503 after 2 attempts, expected 200-299",
            site.url("/hook")
        )
    );
    assert_eq!(error.details()["status"], 503.into());
    let told = error.details()["metadata"].to_serde_json();
    assert_eq!(
        (&told["url"], &told["attempts"], &told["status_code"]),
        (&json!(site.url("/hook")), &json!(2), &json!(503))
    );
    let data = error.details()["data"].to_serde_json();
    assert_eq!(
        (
            &data["success"],
            &data["retry_count"],
            &data["response"]["json"]
        ),
        (&json!(false), &json!(1), &json!({"ok": false}))
    );
    for (args, sent) in [
        (json!({"retry_on_status": [500]}), 1),
        (json!({"retry": false}), 1),
        (json!({"retry": "false"}), 1),
        (
            json!({"retry": {"max_attempts": 2, "initial_delay_ms": 0, "retry_on_status": 503}}),
            2,
        ),
        (
            json!({"retry": {"max_attempts": 2, "initial_delay_ms": 0}}),
            2,
        ),
        (json!({"expected_status": 503}), 1),
    ] {
        let before = site.heard().len();
        let all = joined(json!({"input": site.url("/hook")}), &args);
        assert_eq!(
            run(all).await.is_ok(),
            args.get("expected_status").is_some()
        );
        assert_eq!(site.heard().len() - before, sent, "{args}");
    }
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error =
        run(json!({"input": format!("http://{nobody}/"), "max_retries": 1, "retry_delay_ms": 0}))
            .await
            .unwrap_err();
    assert_eq!(
        (error.kind(), &error.details()["phase"]),
        (Kind::Remote, &"connect".into())
    );
    assert_eq!(error.details()["attempts"], 2.into());
}

#[tokio::test]
async fn a_refusal_of_the_policy_is_not_tried_again() {
    let error = run(json!({"input": "http://10.0.0.1/hook"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(error.details().get("attempts"), Some(&1.into()));
}

#[tokio::test]
async fn keys_are_as_asked() {
    let site = Site::new(flaky(0)).await;
    let key = |args| {
        let mut all = json!({"input": site.url("/hook"), "idempotency_key": args});
        if all["idempotency_key"].is_null() {
            all = json!({"input": site.url("/hook"), "headers": {"Idempotency-Key": "of the header"}});
        }
        let site = &site;
        async move {
            run(all).await.unwrap();
            let heard = site.last();
            assert!(heard.headers.get_all("idempotency-key").iter().count() <= 1);
            heard.header("idempotency-key").to_owned()
        }
    };
    assert_eq!(key(json!("mine")).await, "mine");
    assert_eq!(key(json!(true)).await.len(), 36);
    assert_eq!(key(json!("true")).await.len(), 36);
    assert_eq!(key(json!(false)).await, "");
    assert_eq!(key(json!("false")).await, "");
    assert_eq!(key(json!(null)).await, "of the header");
}

#[tokio::test]
async fn signatures_are_those_that_receivers_compute() {
    let site = Site::new(flaky(0)).await;
    let sign = |sign: serde_json::Value| {
        let args = json!({"input": site.url("/hook"), "payload": "Hello, World!", "sign": sign});
        let site = &site;
        async move {
            run(args).await.unwrap();
            site.last()
        }
    };
    // The example of GitHub's documentation.
    let secret = "It's a Secret to Everybody";
    let heard = sign(json!({"secret": secret})).await;
    assert_eq!(
        heard.header("x-signature-256"),
        "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    );
    let heard =
        sign(json!({"secret": "key", "algorithm": "SHA1", "header": "X-Hub-Signature"})).await;
    assert!(heard.header("x-hub-signature").starts_with("sha1="));
    assert_eq!(heard.header("x-hub-signature").len(), 45);
    let heard = sign(json!({"secret": "key", "timestamp_header": "X-Time", "header": "X-Sign", "format": "t={timestamp},v1={base64}"})).await;
    let now = (NOW / 1_000_000).to_string();
    assert_eq!(heard.header("x-time"), now);
    let expected = {
        use hmac::{KeyInit, Mac};
        let mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(b"key").unwrap();
        let code = mac
            .chain_update(format!("{now}.Hello, World!"))
            .finalize()
            .into_bytes();
        format!("t={now},v1={}", data_encoding::BASE64.encode(&code))
    };
    assert_eq!(heard.header("x-sign"), expected);
}

#[tokio::test]
async fn presets_shape_the_payload() {
    let site = Site::new(flaky(0)).await;
    run(json!({"input": site.url("/hook"), "payload": "hi", "preset": "slack"}))
        .await
        .unwrap();
    assert_eq!(site.last().json(), json!({"text": "hi"}));
    let cx = Place::default()
        .network()
        .settings(
            "webhook_caller",
            json!({"presets": {"mine": {"m": "<{{text}}>"}}}),
        )
        .cx();
    call_on(
        &cx,
        op(),
        json!({"input": site.url("/hook"), "payload": {"text": "hi"}, "preset": "mine"}),
    )
    .await
    .unwrap();
    assert_eq!(site.last().json(), json!({"m": "<hi>"}));
}

#[tokio::test]
async fn the_configuration_narrows() {
    let site = Site::new(flaky(9)).await;
    let cx = Place::default()
        .network()
        .settings(
            "webhook_caller",
            json!({"allow_hosts": ["hooks.example.com"]}),
        )
        .cx();
    let error = call_on(&cx, op(), json!({"input": site.url("/hook")}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Denied,
            "a webhook of host '127.0.0.1' is not permitted"
        )
    );
    assert!(site.heard().is_empty());
    let cx = Place::default()
        .network()
        .settings(
            "webhook_caller",
            json!({"allow_hosts": [site.host()], "max_retries": 0}),
        )
        .cx();
    call_on(&cx, op(), json!({"input": site.url("/hook")}))
        .await
        .unwrap_err();
    assert_eq!(site.heard().len(), 1);
}

#[tokio::test]
async fn secrets_are_not_shown() {
    let site = Site::new(flaky(0)).await;
    let args = json!({
        "input": site.url("/hook"), "sign": {"secret": "very-secret"},
        "auth": {"type": "api_key", "key": "very-secret", "query_name": "key"},
    });
    let outcome = run(args).await.unwrap();
    assert_eq!(site.last().path, "/hook?key=very-secret");
    let shown = format!("{} {}", outcome.data, Value::Map(outcome.metadata));
    assert!(!shown.contains("very-secret"), "{shown}");
    for sign in [
        json!({"secret": "very-secret", "algorithm": "md5"}),
        json!({"secret": "very-secret", "format": "x"}),
        json!({"secret": ["very-secret"]}),
        json!({"secret": "very-secret", "x": 1}),
    ] {
        let error = fails(op(), json!({"input": "http://127.0.0.1/", "sign": sign}));
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(!format!("{error:?}").contains("very-secret"), "{error:?}");
    }
}

#[tokio::test]
async fn header_injection_is_refused() {
    let site = Site::new(flaky(0)).await;
    for args in [
        json!({"idempotency_key": "a\r\nX-Evil: 1"}),
        json!({"sign": {"secret": "s", "header": "X\r\nX-Evil"}}),
        json!({"sign": {"secret": "s", "format": "{hex}\r\nX-Evil: 1"}}),
    ] {
        let all = joined(json!({"input": site.url("/hook")}), &args);
        assert_eq!(run(all).await.unwrap_err().kind(), Kind::InvalidArgs);
    }
    assert!(site.heard().is_empty());
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_given_up() {
    let site = Site::new(Router::new().route("/hook", any(std::future::pending::<()>))).await;
    let args = json!({"input": site.url("/hook"), "timeout_ms": 50, "max_retries": 1, "retry_delay_ms": 0});
    let error = run(args).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Timeout);
    assert_eq!(error.details()["attempts"], 2.into());
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    let url = "http://127.0.0.1:9/";
    check(
        json!({}),
        "Missing required parameter 'input' for webhook_caller",
    );
    check(
        json!({"input": url, "method": "HEAD"}),
        "unknown method 'HEAD', expected one of: POST, PUT, PATCH, GET, DELETE",
    );
    check(
        json!({"input": url, "operation": "post"}),
        "unknown operation 'post', expected one of: call",
    );
    check(
        json!({"input": url, "max_retries": 11}),
        "parameter 'max_retries' must be between 0 and 10, got 11",
    );
    check(
        json!({"input": url, "timeout_ms": 0}),
        "parameter 'attempt_timeout_ms' must be between 1 and 120000, got 0",
    );
    check(
        json!({"input": url, "timeout": 121}),
        "parameter 'timeout' is in seconds and at most 120, got 121",
    );
    check(
        json!({"input": url, "timeout": 1, "timeout_ms": 1000}),
        "'attempt_timeout_ms' and 'timeout' say the same: give one of them",
    );
    check(
        json!({"input": url, "retry_on_status": [99]}),
        "parameter 'retry_on_status' must be between 100 and 599, got 99",
    );
    check(
        json!({"input": url, "idempotency_key": ""}),
        "parameter 'idempotency_key' must not be empty",
    );
    check(
        json!({"input": url, "sign": {}}),
        "sign: missing field `secret`",
    );
    check(
        json!({"input": url, "paylod": {}}),
        "unknown parameter 'paylod' (did you mean 'payload'?)",
    );
}
