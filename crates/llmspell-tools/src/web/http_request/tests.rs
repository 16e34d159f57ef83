use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::{AppendHeaders, Redirect};
use axum::routing::{any, get};
use llmspell_runtime::host::NetworkRules;
use serde_json::json;

use super::*;
use crate::test_site::{Site, packed};
use crate::test_world::{Place, call_on, joined, refuses};

async fn run(args: serde_json::Value) -> Result<Outcome> {
    call_on(&Place::default().network().cx(), op(), args).await
}

async fn fine(args: serde_json::Value) -> Outcome {
    run(args).await.unwrap()
}

fn routes() -> Router {
    Router::new()
        .route("/", any(|| async { "hello" }))
        .route(
            "/json",
            any(|| async { ([("content-type", "application/json")], r#"{"a":[1,2]}"#) }),
        )
        .route(
            "/status/{code}",
            any(
                |axum::extract::Path(code): axum::extract::Path<u16>| async move {
                    (StatusCode::from_u16(code).unwrap(), "the body")
                },
            ),
        )
        .route("/to", get(|| async { Redirect::temporary("/json") }))
        .route(
            "/image",
            get(|| async { ([("content-type", "image/png")], b"\x89PNG".to_vec()) }),
        )
        .route("/empty", get(|| async { StatusCode::NO_CONTENT }))
        .route(
            "/cookies",
            get(|| async {
                (
                    AppendHeaders([("set-cookie", "a=1"), ("set-cookie", "b=2")]),
                    "",
                )
            }),
        )
}

#[tokio::test]
async fn an_answer_is_told_in_full() {
    let site = Site::new(routes()).await;
    let outcome = fine(json!({"input": site.url("/to")})).await;
    let mut data = outcome.data.to_serde_json();
    let headers = data["headers"].take();
    assert_eq!(headers["content-type"], "application/json");
    assert_eq!(
        data,
        json!({
            "status_code": 200, "status": 200, "status_text": "OK", "ok": true, "headers": null,
            "content_type": "application/json", "url": site.url("/json"),
            "redirects": [{"status": 307, "url": site.url("/json")}],
            "timestamp": "2026-01-02T03:04:05Z",
            "body": {"a": [1, 2]}, "body_text": "{\"a\":[1,2]}", "size": 11,
        })
    );
    assert_eq!(outcome.operation, "get");
    assert_eq!(
        outcome.output.unwrap().to_serde_json(),
        json!({"a": [1, 2]})
    );
    let metadata = Value::Map(outcome.metadata).to_serde_json();
    let message = metadata["message"].as_str().unwrap();
    let start = format!("GET {} answered 200 in ", site.url("/json"));
    assert!(message.starts_with(&start), "{message}");
    assert_eq!(metadata["url"], site.url("/json"));
    assert_eq!(metadata["attempts"], 1);
    assert_eq!(metadata["status_code"], 200);
    assert_eq!(metadata["bytes"], 11);
    assert_eq!(metadata["redirects"][0]["status"], 307);
    assert!(metadata["timing"]["first_byte_ms"].as_f64().unwrap() > 0.0);
    assert_eq!(metadata["timing"]["tls_ms"], json!(null));
}

#[tokio::test]
async fn every_method_is_sent() {
    let site = Site::new(routes()).await;
    for (method, _) in METHODS.iter().map(|names| (names[0], ())) {
        fine(json!({"input": site.url("/"), "method": method.to_lowercase()})).await;
        assert_eq!(site.last().method, method);
        let outcome =
            fine(json!({"input": site.url("/"), "operation": method.to_lowercase()})).await;
        assert_eq!(site.last().method, method);
        assert_eq!(outcome.operation, method.to_lowercase());
    }
    fine(json!({"input": site.url("/"), "operation": "request", "method": "PUT"})).await;
    assert_eq!(site.last().method, "PUT");
    let head = fine(json!({"input": site.url("/json"), "method": "HEAD"})).await;
    assert_eq!(
        (head.output, head.data.get("size")),
        (Some("".into()), Some(&0.into()))
    );
}

#[tokio::test]
async fn synonyms_mean_the_same() {
    let site = Site::new(routes()).await;
    for name in ["url", "uri", "endpoint", "input"] {
        assert_eq!(
            fine(json!({name: site.url("/")})).await.output,
            Some("hello".into())
        );
    }
    for name in ["data", "payload", "body"] {
        fine(json!({"url": site.url("/"), "method": "POST", name: "x"})).await;
        assert_eq!(site.last().body, b"x");
    }
    fine(json!({"url": site.url("/"), "params": {"a": 1}})).await;
    assert_eq!(site.last().path, "/?a=1");
}

#[tokio::test]
async fn bodies_are_written_as_asked() {
    let site = Site::new(routes()).await;
    let url = site.url("/");
    for (args, kind, body) in [
        (json!({"body": {"a": 1}}), "application/json", "{\"a\":1}"),
        (
            json!({"body": "{\"a\": 1}"}),
            "application/json",
            "{\"a\": 1}",
        ),
        (
            json!({"body": "plain"}),
            "text/plain; charset=utf-8",
            "plain",
        ),
        (
            json!({"body": "{}", "headers": {"Content-Type": "text/x"}}),
            "text/x",
            "{}",
        ),
        (json!({"json": "plain"}), "application/json", "\"plain\""),
        (json!({"json": [1]}), "application/json", "[1]"),
        (
            json!({"form": {"a": "x y", "b": [1, 2]}}),
            "application/x-www-form-urlencoded",
            "a=x+y&b=1&b=2",
        ),
        (
            json!({"body": "aGk=", "body_encoding": "base64"}),
            "application/octet-stream",
            "hi",
        ),
        (json!({"body": [1, 2]}), "application/json", "[1,2]"),
    ] {
        let all = joined(json!({"input": url, "method": "POST"}), &args);
        fine(all).await;
        let heard = site.last();
        assert_eq!((heard.header("content-type"), heard.text()), (kind, body));
    }
    let bytes = Value::from([
        ("input", url.as_str().into()),
        ("method", "POST".into()),
        ("body", Value::Bytes(vec![0, 255])),
    ]);
    let cx = Place::default().network().cx();
    cx.call(&Arc::new(op()), bytes).await.unwrap();
    assert_eq!(site.last().body, [0, 255]);
}

#[tokio::test]
async fn parts_and_files_are_sent() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.txt"), "from a file").unwrap();
    let site = Site::new(routes()).await;
    let args = json!({
        "input": site.url("/"), "method": "POST",
        "multipart": [
            {"name": "plain", "value": "text"},
            {"name": "table", "value": {"a": 1}},
            {"name": "file", "path": "a.txt", "content_type": "text/plain"},
        ],
    });
    call_on(&Place::at(dir.path()).cx(), op(), args)
        .await
        .unwrap();
    let heard = site.last();
    let (kind, boundary) = heard
        .header("content-type")
        .split_once("; boundary=")
        .unwrap();
    assert_eq!(kind, "multipart/form-data");
    let expected = format!(
        "--{boundary}\r\ncontent-disposition: form-data; name=\"plain\"\r\n\r\ntext\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"table\"\r\ncontent-type: application/json\r\n\r\n{{\"a\":1}}\r\n\
         --{boundary}\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\ncontent-type: text/plain\r\n\r\nfrom a file\r\n\
         --{boundary}--\r\n"
    );
    assert_eq!(heard.text(), expected);
    let outside = json!({"input": site.url("/"), "method": "POST", "multipart": [{"name": "f", "path": "/etc/passwd"}]});
    let error = call_on(&Place::at(dir.path()).cx(), op(), outside)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert_eq!(site.heard().len(), 1);
}

#[tokio::test]
async fn cookies_are_sent_and_received() {
    let site = Site::new(routes()).await;
    let outcome =
        fine(json!({"input": site.url("/cookies"), "cookies": {"id": "x1", "n": 2}})).await;
    assert_eq!(site.last().header("cookie"), "id=x1; n=2");
    let headers = outcome.data.get("headers").unwrap();
    assert_eq!(
        headers.get("set-cookie").unwrap().to_serde_json(),
        json!(["a=1", "b=2"])
    );
    let both = json!({"input": site.url("/"), "cookies": {"a": 1}, "headers": {"cookie": "b=2"}});
    assert_eq!(run(both).await.unwrap_err().kind(), Kind::InvalidArgs);
}

#[tokio::test]
async fn bodies_are_read_as_asked() {
    let site = Site::new(routes()).await;
    let output = |path: &str, kind: &str| {
        let args = json!({"input": site.url(path), "response_type": kind});
        async move { fine(args).await.output.unwrap().to_serde_json() }
    };
    assert_eq!(output("/json", "text").await, "{\"a\":[1,2]}");
    assert_eq!(output("/json", "base64").await, "eyJhIjpbMSwyXX0=");
    assert_eq!(output("/image", "auto").await, "iVBORw==");
    assert_eq!(output("/empty", "auto").await, "");
    let image = fine(json!({"input": site.url("/image")})).await;
    assert_eq!(image.data.get("body_encoding"), Some(&"base64".into()));
    assert_eq!(image.data.get("body_text"), Some(&Value::Null));
    let error = run(json!({"input": site.url("/"), "response_type": "json"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Parse);
}

#[tokio::test]
async fn statuses_are_answers_unless_said_otherwise() {
    let site = Site::new(routes()).await;
    let url = site.url("/status/404");
    let outcome = fine(json!({"input": url})).await;
    assert_eq!(outcome.data.get("ok"), Some(&false.into()));
    assert_eq!(outcome.data.get("status_text"), Some(&"Not Found".into()));
    for args in [
        json!({"expected_status": "200-299"}),
        json!({"fail_on_error": true}),
        json!({"expected_status": [200, 204]}),
    ] {
        let all = joined(json!({"input": url}), &args);
        let error = run(all).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Remote);
        assert_eq!(error.details()["status"], 404.into());
        assert_eq!(
            error.details()["data"].get("body"),
            Some(&"the body".into())
        );
        assert!(!error.is_retryable());
        assert!(
            error
                .message()
                .starts_with(&format!("GET {url} answered 404, expected "))
        );
    }
    fine(json!({"input": url, "expected_status": "200-299,404", "fail_on_error": true})).await;
    let html = json!({"input": url, "response_type": "json", "fail_on_error": true});
    assert_eq!(run(html).await.unwrap_err().kind(), Kind::Remote);
}

#[tokio::test]
async fn harmless_requests_are_repeated_and_others_only_if_asked() {
    let count = Arc::new(AtomicUsize::new(0));
    let seen = count.clone();
    let site = Site::new(Router::new().route(
        "/",
        any(move || {
            let turn = seen.fetch_add(1, Ordering::Relaxed);
            async move {
                match turn % 2 {
                    0 => (
                        StatusCode::SERVICE_UNAVAILABLE,
                        [("retry-after", "0")],
                        "later",
                    ),
                    _ => (StatusCode::OK, [("retry-after", "0")], "now"),
                }
            }
        }),
    ))
    .await;
    let url = site.url("/");
    for (args, attempts) in [
        (json!({"method": "GET"}), 2),
        (json!({"method": "PUT"}), 2),
        (json!({"method": "POST", "retry": {"max_attempts": 2}}), 2),
        (
            json!({"method": "POST", "headers": {"Idempotency-Key": "k"}}),
            2,
        ),
        (json!({"method": "POST"}), 1),
        (json!({"method": "PATCH"}), 1),
        (json!({"method": "GET", "retry": false}), 1),
        (json!({"method": "GET", "retry": {"max_attempts": 1}}), 1),
    ] {
        count.store(0, Ordering::Relaxed);
        let all = joined(json!({"input": url}), &args);
        let outcome = fine(all).await;
        assert_eq!(outcome.metadata["attempts"], attempts.into(), "{args}");
        assert_eq!(count.load(Ordering::Relaxed), attempts, "{args}");
    }
}

#[tokio::test]
async fn bodies_are_saved_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..3_000_000_u32).map(|place| place as u8).collect();
    let body = large.clone();
    let site = Site::new(routes().route("/large", get(move || async move { body }))).await;
    let cx = Place::at(dir.path()).cx();
    let save = |args| {
        let cx = cx.clone();
        async move { call_on(&cx, op(), args).await }
    };
    let outcome = save(json!({"input": site.url("/large"), "save_to": "large.bin"}))
        .await
        .unwrap();
    let path = dir.path().canonicalize().unwrap().join("large.bin");
    assert_eq!(
        outcome.data.get("path"),
        Some(&path.display().to_string().into())
    );
    assert_eq!(outcome.data.get("size"), Some(&3_000_000.into()));
    assert_eq!(outcome.metadata["bytes"], 3_000_000.into());
    assert!(std::fs::read(&path).unwrap() == large);
    let cut = json!({"input": site.url("/large"), "save_to": "cut.bin", "max_bytes": 1000});
    assert_eq!(save(cut).await.unwrap_err().kind(), Kind::Limit);
    assert!(!dir.path().join("cut.bin").exists());
    let failed = json!({"input": site.url("/status/500"), "save_to": "no.txt", "expected_status": 200, "retry": false});
    let error = save(failed).await.unwrap_err();
    assert_eq!(
        error.details()["data"].get("body"),
        Some(&"the body".into())
    );
    assert!(!dir.path().join("no.txt").exists());
    let error = save(json!({"input": site.url("/"), "save_to": "../x"}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}

#[tokio::test]
async fn large_answers_are_cut() {
    let site = Site::new(Router::new().route(
        "/",
        get(|| async {
            (
                [("content-type", "application/json")],
                format!("[{}1]", "1,".repeat(5000)),
            )
        }),
    ))
    .await;
    let outcome = fine(json!({"input": site.url("/"), "max_bytes": 101})).await;
    assert_eq!(outcome.data.get("size"), Some(&101.into()));
    assert_eq!(outcome.metadata["truncated"], true.into());
    assert_eq!(
        outcome.metadata["warnings"].to_serde_json(),
        json!(["the answer is larger than 101 bytes; the rest was not read"])
    );
}

#[tokio::test]
async fn broken_answers_are_errors_of_the_remote() {
    let site = Site::raw(|path| match path {
        "/short" => b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort".to_vec(),
        "/garbage" => b"this is no HTTP\r\n\r\n".to_vec(),
        "/none" => Vec::new(),
        _ => {
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".to_vec()
        }
    })
    .await;
    assert_eq!(
        fine(json!({"input": site.url("/chunked")})).await.output,
        Some("hello".into())
    );
    for (path, phase) in [("/short", "body"), ("/garbage", "send"), ("/none", "send")] {
        let error = run(json!({"input": site.url(path), "retry": false}))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Remote, "{error:?}");
        assert_eq!(error.details()["phase"], phase.into(), "{error:?}");
    }
    let again = json!({"input": site.url("/short"), "retry": {"initial_delay_ms": 0}});
    let error = run(again).await.unwrap_err();
    assert_eq!(error.details()["attempts"], 3.into(), "{error:?}");
    let nobody = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap();
    let error = run(json!({"input": format!("http://{nobody}/"), "retry": false}))
        .await
        .unwrap_err();
    assert_eq!(error.details()["phase"], "connect".into());
}

#[tokio::test]
async fn compressed_answers_are_unpacked() {
    let mut bodies = HashMap::new();
    for encoding in ["gzip", "deflate", "br"] {
        bodies.insert(
            format!("/{encoding}"),
            packed(b"{\"packed\":true}", encoding).await,
        );
    }
    let site = Site::raw(move |path| {
        let body = &bodies[path];
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-encoding: {}\r\ncontent-length: {}\r\n\r\n",
            &path[1..], body.len()
        );
        [head.as_bytes(), body].concat()
    })
    .await;
    for encoding in ["gzip", "deflate", "br"] {
        let outcome = fine(json!({"input": site.url(&format!("/{encoding}"))})).await;
        assert_eq!(
            outcome.output.unwrap().to_serde_json(),
            json!({"packed": true})
        );
        assert_eq!(
            outcome.data.get("headers").unwrap().get("content-encoding"),
            None
        );
    }
}

#[tokio::test]
async fn ssrf_to_private_addresses_is_refused() {
    let cx = Place::default()
        .network_rules(NetworkRules {
            proxy: Some(String::new()),
            ..NetworkRules::default()
        })
        .cx();
    for url in [
        "http://127.0.0.1:1/",
        "http://[::1]/",
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://localhost/",
    ] {
        let error = call_on(&cx, op(), json!({"input": url})).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{url}");
        assert!(error.message().contains("not permitted"), "{error}");
    }
    for url in [
        "file:///etc/passwd",
        "ftp://example.com/",
        "http://user:hunter22@example.com/",
    ] {
        let error = call_on(&cx, op(), json!({"input": url})).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Denied, "{url}");
        assert!(!format!("{error:?}").contains("hunter22"));
    }
}

#[tokio::test]
async fn secrets_do_not_follow_redirects_to_other_hosts() {
    let other = Site::new(routes()).await;
    let target = other.url("/");
    let site = Site::new(Router::new().route(
        "/",
        get(move || async move { Redirect::temporary(&target) }),
    ))
    .await;
    let args = json!({
        "input": site.url("/"),
        "auth": {"type": "bearer", "token": "very-secret"},
        "cookies": {"session": "very-secret"},
        "headers": {"X-Api-Key": "very-secret", "X-Plain": "1"},
    });
    fine(args).await;
    assert_eq!(site.last().header("authorization"), "Bearer very-secret");
    let heard = other.last();
    assert!(
        !format!("{:?}", heard.headers).contains("very-secret"),
        "{heard:?}"
    );
    assert_eq!(heard.header("x-plain"), "1");
    for auth in [
        json!({"type": "api_key", "key": "very-secret", "header_name": "X-Odd"}),
        json!({"type": "custom", "headers": {"X-Odd": "very-secret", "X-Other": ["very-secret"]}}),
    ] {
        fine(json!({"input": site.url("/"), "auth": auth, "headers": {"X-Plain": "1"}})).await;
        assert_eq!(site.last().header("x-odd"), "very-secret");
        let heard = other.last();
        let headers = format!("{:?}", heard.headers);
        assert!(!headers.contains("very-secret"), "{auth}: {headers}");
        assert_eq!(heard.header("x-plain"), "1");
    }
}

#[tokio::test]
async fn secret_leak_in_errors_is_prevented() {
    let args = json!({
        "input": "http://127.0.0.1:9/?a=1", "retry": false,
        "auth": {"type": "api_key", "key": "very-secret", "query_name": "key"},
        "headers": {"X-Api-Key": "very-secret"},
    });
    let error = run(args).await.unwrap_err();
    let shown = format!("{error:?} {}", error.to_value());
    assert!(!shown.contains("very-secret"), "{shown}");
}

#[tokio::test]
async fn the_configuration_is_heeded() {
    let site = Site::new(routes()).await;
    let with = |settings| {
        Place::default()
            .network()
            .settings("http_request", settings)
            .cx()
    };
    let cx = with(
        json!({"allowed_methods": ["get"], "default_headers": {"X-From": "spell", "X-Two": 2}, "forbidden_headers": ["X-No"]}),
    );
    let plain = json!({"input": site.url("/"), "headers": {"x-two": "mine"}});
    call_on(&cx, op(), plain).await.unwrap();
    let heard = site.last();
    assert_eq!(
        (heard.header("x-from"), heard.header("x-two")),
        ("spell", "mine")
    );
    let error = call_on(&cx, op(), json!({"input": site.url("/"), "method": "POST"}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Denied, "method POST is not permitted")
    );
    for args in [
        json!({"headers": {"x-no": "1"}}),
        json!({"auth": {"type": "custom", "headers": {"X-NO": "1"}}}),
    ] {
        let all = joined(json!({"input": site.url("/")}), &args);
        assert_eq!(
            call_on(&cx, op(), all).await.unwrap_err().kind(),
            Kind::Denied
        );
    }
    let usual = run(json!({"input": site.url("/"), "headers": {"Host": "elsewhere"}}))
        .await
        .unwrap_err();
    assert_eq!(
        (usual.kind(), usual.message()),
        (Kind::Denied, "header 'Host' is not permitted")
    );
    let wrong = call_on(
        &with(json!({"rate_limited": "fast"})),
        op(),
        json!({"input": site.url("/")}),
    )
    .await;
    assert_eq!(wrong.unwrap_err().kind(), Kind::Config);
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({}),
        "Missing required parameter 'input' for http_request",
    );
    check(
        json!({"input": 5}),
        "parameter 'input' must be string, got integer (5)",
    );
    check(
        json!({"input": "x", "methd": "GET"}),
        "unknown parameter 'methd' (did you mean 'method'?)",
    );
    check(
        json!({"input": "x", "method": "FETCH"}),
        "unknown method 'FETCH', expected one of: GET, POST, PUT, DELETE, PATCH, HEAD, OPTIONS",
    );
    check(
        json!({"input": "x", "operation": "post", "method": "GET"}),
        "operation 'post' and method 'GET' differ",
    );
    check(
        json!({"input": "http://x/", "body": "a", "json": 1}),
        "'body' and 'json' both say what the body is: give one of them",
    );
    check(
        json!({"input": "x", "response_type": "xml"}),
        "unknown response_type 'xml', expected one of: auto, json, text, base64",
    );
    check(
        json!({"input": "x", "expected_status": "2xx"}),
        "expected_status must be a status, a range \"200-299\" or a list of them, got \"2xx\"",
    );
    check(
        json!({"input": "http://x/", "multipart": [{"name": "a"}]}),
        "part 'a' of 'multipart' needs either value or path",
    );
    check(
        json!({"input": "http://x/", "multipart": [{"nme": "a"}]}),
        "multipart: parameter '[0]': unknown member 'nme'; did you mean 'name'?",
    );
    check(
        json!({"input": "not a url"}),
        "URL validation failed: relative URL without a base",
    );
}

#[test]
fn the_effect_follows_the_method() {
    let of = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(of(json!({})), Effect::Read);
    assert_eq!(of(json!({"method": "head"})), Effect::Read);
    assert_eq!(of(json!({"save_to": "x"})), Effect::Idempotent);
    assert_eq!(of(json!({"operation": "delete"})), Effect::Idempotent);
    assert_eq!(of(json!({"method": "PUT"})), Effect::Idempotent);
    assert_eq!(of(json!({"method": "POST"})), Effect::Once);
    assert_eq!(of(json!({"operation": "patch"})), Effect::Once);
}

#[tokio::test]
async fn without_network_nothing_is_sent() {
    let error = call_on(
        &Place::default().cx(),
        op(),
        json!({"input": "http://127.0.0.1/"}),
    )
    .await
    .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
}
