use axum::Router;
use axum::routing::get;
use llmspell_core::{Op, Outcome};
use llmspell_runtime::host::NetworkRules;
use serde_json::json;

use super::*;
use crate::param::Given;
use crate::test_site::{Site, packed};
use crate::test_world::{Place, call_on, fails, joined};

/// The arguments of a small HTTP tool.
#[derive(serde::Deserialize, JsonSchema)]
struct Probe {
    /// The URL.
    #[schemars(extend("x-synonyms" = ["url", "params"]))]
    input: String,
    /// Anything.
    body: Option<Value>,
}

fn probe() -> Op {
    Op::new("probe", |cx: Cx, call: Given<HttpArgs<Probe>>| async move {
        let HttpArgs { own, http } = &call.args;
        let request = http.request(&cx, "GET", &own.input, Duration::from_secs(5))?;
        let answer = http.answer(&cx, request).await?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let outcome = Outcome::new("probe", Map::new()).output(body);
        let outcome = match &own.body {
            Some(body) => outcome.metadata("given", body.clone()),
            None => outcome,
        };
        Ok(answer.describe(outcome))
    })
    .tool(llmspell_core::ToolInfo::new("api"))
}

async fn run(args: serde_json::Value) -> Result<Outcome> {
    call_on(&Place::default().network().cx(), probe(), args).await
}

fn site() -> Router {
    Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/far", get(|| async { [("location", "/")] }))
}

#[test]
fn own_names_win_and_shared_ones_follow() {
    let op = probe();
    let names: Vec<&str> = op
        .shape()
        .fields()
        .iter()
        .map(|field| &*field.name)
        .collect();
    assert_eq!(names[..2], ["input", "body"]);
    assert_eq!(&names[2..], HttpOptions::NAMES);
    assert_eq!(op.shape().field("params").unwrap().name, "input");
    assert!(op.shape().field("query").unwrap().synonyms.is_empty());
    assert_eq!(
        fails(op, json!({"input": "x", "hedaers": {}})).message(),
        "unknown parameter 'hedaers' (did you mean 'headers'?)"
    );
}

#[tokio::test]
async fn whole_numbers_written_as_fractions_are_whole() {
    let site = Site::new(site()).await;
    let args =
        json!({"url": site.url("/"), "max_redirects": 5.0, "max_bytes": 2.0, "body": {"n": [1.5]}});
    let outcome = run(args).await.unwrap();
    assert_eq!(outcome.output, Some("he".into()));
    assert_eq!(outcome.metadata["truncated"], true.into());
    assert_eq!(
        outcome.metadata["given"].to_serde_json(),
        json!({"n": [1.5]})
    );
    assert_eq!(outcome.metadata["bytes"], 2.into());
}

#[tokio::test]
async fn headers_queries_and_credentials_are_sent() {
    let site = Site::new(site()).await;
    let args = json!({
        "input": site.url("/?a=1"),
        "query": {"q": "a b&c", "n": [1, 2.5, true], "none": null},
        "headers": {"X-Num": 7, "X-Many": ["a", "b"]},
        "auth": {"type": "basic", "username": "ann", "password": "open sesame"},
        "user_agent": "probe/1",
    });
    run(args).await.unwrap();
    let heard = site.last();
    assert_eq!(heard.path, "/?a=1&q=a+b%26c&n=1&n=2.5&n=true");
    assert_eq!(heard.header("x-num"), "7");
    let many: Vec<_> = heard.headers.get_all("x-many").iter().collect();
    assert_eq!(many, ["a", "b"]);
    assert_eq!(heard.header("authorization"), "Basic YW5uOm9wZW4gc2VzYW1l");
    assert_eq!(heard.header("user-agent"), "probe/1");
    for (auth, name, value) in [
        (
            json!({"type": "bearer", "token": "t0"}),
            "authorization",
            "Bearer t0",
        ),
        (json!({"type": "API-Key", "key": "k"}), "x-api-key", "k"),
        (
            json!({"type": "api_key", "key": "k", "header_name": "X-Mine"}),
            "x-mine",
            "k",
        ),
        (
            json!({"type": "custom", "headers": {"X-One": "1"}}),
            "x-one",
            "1",
        ),
        (json!({"type": "none"}), "authorization", ""),
    ] {
        run(json!({"input": site.url("/"), "auth": auth}))
            .await
            .unwrap();
        assert_eq!(site.last().header(name), value);
    }
}

#[tokio::test]
async fn a_key_in_the_query_is_not_shown() {
    let routes = Router::new()
        .route(
            "/",
            get(|| async { axum::response::Redirect::to("/to?key=k-very-secret&b=2#end") }),
        )
        .route("/to", get(|| async { "there" }));
    let site = Site::new(routes).await;
    let auth = json!({"type": "api_key", "key": "k-very-secret", "query_name": "key"});
    let outcome = run(json!({"input": site.url("/?a=1"), "auth": auth}))
        .await
        .unwrap();
    assert_eq!(site.heard()[0].path, "/?a=1&key=k-very-secret");
    let shown = Value::Map(outcome.metadata.clone()).to_string();
    assert!(!shown.contains("k-very-secret"), "{shown}");
    assert_eq!(
        outcome.metadata["url"],
        site.url("/to?key=[redacted:key]&b=2#end").into()
    );
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let error = |args| async move { run(args).await.unwrap_err() };
    for (args, message, raises) in [
        (
            json!({"auth": {"type": "magic"}}),
            "unknown auth.type 'magic', expected one of: basic, bearer, api_key, custom, none",
            true,
        ),
        (
            json!({"auth": {"token": "x"}}),
            "Missing required parameter 'auth.type'",
            true,
        ),
        (
            json!({"auth": {"type": "bearer"}}),
            "Missing required parameter 'auth.token'",
            true,
        ),
        (
            json!({"auth": {"type": "bearer", "token": 5}}),
            "parameter 'auth.token' must be string, got integer",
            true,
        ),
        (
            json!({"auth": {"type": "bearer", "token": "x", "key": "y"}}),
            "unknown parameter 'auth.key'",
            true,
        ),
        (
            json!({"auth": {"type": "basic", "username": "a:b"}}),
            "auth.username must not contain ':'",
            false,
        ),
        (
            json!({"headers": {"x": true}}),
            "parameter 'headers.x' must be string, number or a list of them, got boolean",
            true,
        ),
        (
            json!({"headers": {"x": {}}}),
            "parameter 'headers.x' must be string, number or a list of them, got object",
            true,
        ),
        (
            json!({"query": {"x": {"y": 1}}}),
            "parameter 'query.x' must be string, number or a list of them, got object",
            true,
        ),
        (
            json!({"max_redirects": 21}),
            "parameter 'max_redirects' must be between 0 and 20, got 21",
            false,
        ),
        (
            json!({"retry": {"max_atempts": 2}}),
            "unknown parameter 'retry.max_atempts' (did you mean 'max_attempts'?)",
            true,
        ),
        (
            json!({"retry": {"max_attempts": 0}}),
            "parameter 'retry.max_attempts' must be between 1 and 20, got 0",
            false,
        ),
        (
            json!({"retry": {"jitter": 1}}),
            "retry: parameter 'jitter': expected a boolean, got integer",
            true,
        ),
        (
            json!({"retry": {"backoff_factor": 0.5}}),
            "parameter 'retry.backoff_factor' must be between 1 and 100, got 0.5",
            false,
        ),
        (
            json!({"retry": {"retry_on_status": [700]}}),
            "parameter 'retry.retry_on_status' must be between 100 and 599, got 700",
            false,
        ),
        (
            json!({"input": "example.com/x"}),
            "URL validation failed: relative URL without a base",
            false,
        ),
    ] {
        let all = joined(json!({"input": "http://127.0.0.1:9/"}), &args);
        let error = error(all).await;
        assert_eq!(error.message(), message);
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(error.is_misshapen(), raises, "{message}");
    }
}

#[tokio::test]
async fn header_injection_is_refused() {
    let site = Site::new(site()).await;
    for args in [
        json!({"headers": {"x": "1\r\nX-Evil: 1"}}),
        json!({"headers": {"x\r\nX-Evil": "1"}}),
        json!({"headers": {"x": ["1", "\n"]}}),
        json!({"user_agent": "a\r\nX-Evil: 1"}),
        json!({"auth": {"type": "bearer", "token": "very-secret\r\nX-Evil: 1"}}),
        json!({"auth": {"type": "api_key", "key": "k", "header_name": "x: 1\r\nX-Evil"}}),
    ] {
        let all = joined(json!({"input": site.url("/")}), &args);
        let error = run(all).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs, "{error:?}");
        assert!(!format!("{error:?}").contains("very-secret"), "{error:?}");
    }
    assert!(site.heard().is_empty());
}

#[tokio::test]
async fn ssrf_by_redirect_is_refused() {
    let inside = Site::new(site()).await;
    let target = inside.url("/");
    let to = target.clone();
    let outside = Site::new(Router::new().route(
        "/",
        get(move || async move { axum::response::Redirect::temporary(&to) }),
    ))
    .await;
    let rules = NetworkRules {
        allow_hosts: vec![outside.host()],
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let cx = Place::default().network_rules(rules).cx();
    let error = call_on(&cx, probe(), json!({"input": outside.url("/")}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.message().contains("not permitted"), "{error}");
    assert!(inside.heard().is_empty());
    let shown = json!({"input": outside.url("/"), "follow_redirects": false});
    let outcome = call_on(&cx, probe(), shown).await.unwrap();
    assert_eq!(outcome.metadata["status_code"], 307.into());
}

#[tokio::test]
async fn decompression_bomb_is_refused() {
    let bomb = packed(&vec![0; 64 << 20], "gzip").await;
    let site = Site::raw(move |_| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            bomb.len()
        );
        [head.as_bytes(), &bomb].concat()
    })
    .await;
    let rules = NetworkRules {
        allow_hosts: vec!["127.0.0.1".to_owned()],
        proxy: Some(String::new()),
        max_response_bytes: 100 << 20,
        ..NetworkRules::default()
    };
    let cx = Place::default().network_rules(rules).cx();
    let error = call_on(&cx, probe(), json!({"input": site.url("/")}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
}

#[tokio::test]
async fn encrypted_sites_answer_those_who_know_them() {
    let dir = tempfile::tempdir().unwrap();
    let (site, ca_file) = Site::encrypted(site(), dir.path()).await;
    let rules = NetworkRules {
        allow_hosts: vec!["localhost".to_owned()],
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let knowing = NetworkRules {
        ca_file: Some(ca_file),
        ..rules.clone()
    };
    let args = json!({"input": site.url("/"), "retry": false});
    let cx = Place::default().network_rules(knowing).cx();
    assert_eq!(
        call_on(&cx, probe(), args.clone()).await.unwrap().output,
        Some("hello".into())
    );
    let cx = Place::default().network_rules(rules).cx();
    let error = call_on(&cx, probe(), args).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Remote);
    assert_eq!(error.details()["phase"], "tls".into());
}

#[tokio::test]
async fn the_times_of_a_connection_are_told_where_it_was_opened() {
    let dir = tempfile::tempdir().unwrap();
    let (secure, ca_file) = Site::encrypted(site(), dir.path()).await;
    let plain = Site::new(site()).await;
    let rules = NetworkRules {
        allow_hosts: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
        ca_file: Some(ca_file),
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let cx = Place::default().network_rules(rules).cx();
    for (site, parts) in [
        (&secure, ["dns_ms", "connect_ms", "tls_ms"].as_slice()),
        (&plain, &["connect_ms"]),
    ] {
        let timing = async || {
            let outcome = call_on(&cx, probe(), json!({"input": site.url("/")})).await;
            outcome.unwrap().metadata["timing"].to_serde_json()
        };
        let first = timing().await;
        for part in ["dns_ms", "connect_ms", "tls_ms"] {
            assert_eq!(first[part].is_number(), parts.contains(&part), "{first}");
        }
        let sum: f64 = parts.iter().filter_map(|part| first[part].as_f64()).sum();
        assert!(sum <= first["first_byte_ms"].as_f64().unwrap(), "{first}");
        // A connection that is free again is used again, a moment after its answer ended.
        let mut tries = 0;
        while !timing().await["connect_ms"].is_null() {
            tries += 1;
            assert!(tries < 100, "no connection is used again");
        }
    }
}
