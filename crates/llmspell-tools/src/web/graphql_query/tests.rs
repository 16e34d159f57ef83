use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_tungstenite::accept_hdr_async;
use async_tungstenite::tungstenite::Message;
use async_tungstenite::tungstenite::handshake::server::{Request, Response};
use async_tungstenite::tungstenite::protocol::CloseFrame;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::routing::{get, post};
use futures::{AsyncRead, AsyncWrite, StreamExt as _};
use llmspell_runtime::host::NetworkRules;
use serde_json::{Value as Json, json};
use tokio::net::TcpListener;
use tokio_util::compat::TokioAsyncReadCompatExt as _;

use super::*;
use crate::test_site::Site;
use crate::test_tls::Authority;
use crate::test_world::{Place, call_on, joined, refuses};

/// A service that answers each question with what `answer` makes of it.
async fn service(answer: impl Fn(Json) -> (u16, Json) + Clone + Send + Sync + 'static) -> Site {
    let handler = move |body: Bytes| {
        let (status, json) = answer(serde_json::from_slice(&body).unwrap());
        async move {
            let kind = [("content-type", "application/json")];
            (
                StatusCode::from_u16(status).unwrap(),
                kind,
                json.to_string(),
            )
        }
    };
    Site::new(Router::new().route("/graphql", post(handler))).await
}

async fn run(args: Json) -> Result<Outcome> {
    call_on(&Place::default().network().cx(), op(), args).await
}

#[tokio::test]
async fn a_query_is_asked_and_answered() {
    let site = service(|asked| {
        (
            200,
            json!({"data": {"asked": asked}, "extensions": {"cost": 1}}),
        )
    })
    .await;
    let args = json!({
        "endpoint": site.url("/graphql"), "input": "query A($id: ID!) { user(id: $id) { name } } query B { x }",
        "variables": {"id": 7}, "operationName": "A", "auth": {"type": "bearer", "token": "t"},
    });
    let outcome = run(args.clone()).await.unwrap();
    let asked = json!({"query": args["input"], "variables": {"id": 7}, "operationName": "A"});
    assert_eq!(
        outcome.output.unwrap().to_serde_json(),
        json!({"asked": asked})
    );
    let mut data = outcome.data.to_serde_json();
    let result = data["result"].take();
    assert_eq!(
        data,
        json!({
            "data": {"asked": asked}, "errors": [], "extensions": {"cost": 1}, "has_errors": false, "status_code": 200, "result": null,
        })
    );
    assert_eq!(
        result,
        json!({"data": {"asked": asked}, "errors": [], "extensions": {"cost": 1}})
    );
    assert_eq!(outcome.operation, "query");
    let heard = site.last();
    assert_eq!(heard.header("authorization"), "Bearer t");
    assert_eq!(heard.header("content-type"), "application/json");
    assert!(
        heard
            .header("accept")
            .starts_with("application/graphql-response+json")
    );
    for (url, document) in [
        ("url", "query"),
        ("endpoint", "document"),
        ("endpoint", "input"),
    ] {
        run(json!({url: site.url("/graphql"), document: "{ a }"}))
            .await
            .unwrap();
        assert_eq!(site.last().json(), json!({"query": "{ a }"}));
    }
}

#[tokio::test]
async fn errors_beside_data_are_warnings_and_alone_are_failures() {
    let site = service(|asked| match asked["query"].as_str().unwrap() {
        "{ part }" => (200, json!({"data": {"part": null}, "errors": [{"message": "no luck"}, {"message": "again"}]})),
        "{ none }" => (400, json!({"errors": [{"message": "bad field", "path": ["none"]}]})),
        "{ null }" => (200, json!({"data": null, "errors": [{"message": "no"}]})),
        "{ other }" => (200, json!({"hello": 1})),
        _ => (502, json!("gateway")),
    })
    .await;
    let ask = |document: &str| {
        run(json!({"endpoint": site.url("/graphql"), "input": document, "retry": false}))
    };
    let outcome = ask("{ part }").await.unwrap();
    assert_eq!(outcome.data.get("has_errors"), Some(&true.into()));
    assert_eq!(
        outcome.metadata["warnings"].to_serde_json(),
        json!(["the answer has errors (2): no luck"])
    );
    let error = ask("{ none }").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Execution,
            "the service answered with an error: bad field"
        )
    );
    assert_eq!(
        error.details()["data"]
            .get("errors")
            .unwrap()
            .to_serde_json()[0]["path"],
        json!(["none"])
    );
    assert_eq!(ask("{ null }").await.unwrap_err().kind(), Kind::Execution);
    assert_eq!(ask("{ other }").await.unwrap_err().kind(), Kind::Parse);
    let error = ask("{ gateway }").await.unwrap_err();
    assert_eq!(
        (error.kind(), &error.details()["status"]),
        (Kind::Remote, &502.into())
    );
}

#[tokio::test]
async fn mutations_are_sent_as_such() {
    let site = service(|_| (200, json!({"data": {"ok": true}}))).await;
    let url = site.url("/graphql");
    let args = json!({"operation": "mutation", "endpoint": url, "input": "mutation { add }"});
    assert_eq!(run(args.clone()).await.unwrap().operation, "mutation");
    let error = run(json!({"endpoint": url, "input": "mutation { add }"}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::InvalidArgs, "the document is a mutation, not a query")
    );
    assert_eq!(error.hints(), ["set operation to 'mutation'"]);
    let cx = Place::default()
        .network()
        .settings("graphql_query", json!({"allow_mutations": false}))
        .cx();
    let error = call_on(&cx, op(), args).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::Denied, "mutations are not permitted")
    );
    assert_eq!(site.heard().len(), 1);
}

#[tokio::test]
async fn wrong_documents_are_not_sent() {
    let site = service(|_| (200, json!({"data": {}}))).await;
    let url = site.url("/graphql");
    let ask = |args: Json| run(joined(json!({"endpoint": url}), &args));
    let error = ask(json!({"input": "{ a("})).await.unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(error.details()["line"], 1.into());
    let error = ask(json!({"input": "{ a { b { c } } }", "max_depth": 2}))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Limit,
            "the document is nested 3 levels deep, more than 2"
        )
    );
    let deep = "{a".repeat(16) + &"}".repeat(16);
    assert_eq!(
        ask(json!({"input": deep})).await.unwrap_err().kind(),
        Kind::Limit
    );
    ask(json!({"input": deep, "max_depth": 16})).await.unwrap();
    let deepest = "{a".repeat(60) + &"}".repeat(60);
    let error = ask(json!({"input": deepest, "max_depth": 100}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
    assert!(error.message().contains("`max_depth`"), "{error}");
    assert_eq!(
        error.hints(),
        ["move what is nested deeper into a fragment"]
    );
    let half = |end: &str| "{a".repeat(40) + end + &"}".repeat(40);
    let halves = format!("{} fragment F on T {}", half("{...F}"), half(""));
    ask(json!({"input": halves, "max_depth": 80}))
        .await
        .unwrap();
    assert_eq!(site.heard().len(), 2);
}

#[tokio::test]
async fn validation_needs_no_service() {
    let check = |args: Json| call_on_closed(args);
    let outcome = check(json!({"operation": "validate", "input": "query A { a { b } }"})).await;
    assert_eq!(outcome.output, Some(true.into()));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "valid": true, "errors": [], "depth": 2, "operations": [{"name": "A", "type": "query", "line": 1, "column": 1}],
        })
    );
    let outcome =
        check(json!({"operation": "validate", "input": "{ a { ...F } }", "max_depth": 1})).await;
    assert_eq!(
        outcome.data.to_serde_json()["errors"],
        json!([
            {"message": "there is no fragment 'F'", "line": 1, "column": 10},
        ])
    );
    let outcome =
        check(json!({"operation": "validate", "input": "{ a { b } }", "max_depth": 1})).await;
    assert_eq!(
        outcome.data.to_serde_json()["errors"][0]["message"],
        "nested 2 levels deep, more than 1"
    );
    let outcome =
        check(json!({"operation": "validate", "input": "{ a", "endpoint": "http://x/"})).await;
    assert_eq!(outcome.output, Some(false.into()));
    assert_eq!(
        outcome.metadata["warnings"].to_serde_json(),
        json!(["operation 'validate' does not use parameter 'endpoint'"])
    );
}

async fn call_on_closed(args: Json) -> Outcome {
    call_on(&Place::default().cx(), op(), args).await.unwrap()
}

#[tokio::test]
async fn pages_are_joined() {
    let site = service(|asked| {
        let start = asked["variables"]["after"].as_str().map_or(0, |cursor| cursor.parse::<i64>().unwrap());
        let users = json!({"nodes": [start, start + 1], "pageInfo": {"hasNextPage": start < 4, "endCursor": (start + 2).to_string()}});
        let edges = json!({"edges": [{"node": {"id": start}}], "pageInfo": {"hasNextPage": false, "endCursor": null}});
        (200, json!({"data": {"users": users, "viewer": {"repos": edges}, "plain": []}}))
    })
    .await;
    let document = "query ($after: String) { users(after: $after) { nodes pageInfo { hasNextPage endCursor } } }";
    let base = json!({"endpoint": site.url("/graphql"), "input": document});
    let outcome = run(joined(
        base.clone(),
        &json!({"paginate": {"path": "users"}}),
    ))
    .await
    .unwrap();
    assert_eq!(
        outcome.output.unwrap().to_serde_json(),
        json!([0, 1, 2, 3, 4, 5])
    );
    assert_eq!(
        (&outcome.metadata["pages"], outcome.data.get("node_count")),
        (&3.into(), Some(&6.into()))
    );
    let outcome = run(joined(
        base.clone(),
        &json!({"paginate": {"path": "users", "max_pages": 2}}),
    ))
    .await
    .unwrap();
    assert_eq!(outcome.output.unwrap().to_serde_json(), json!([0, 1, 2, 3]));
    assert_eq!(
        outcome.metadata["warnings"].to_serde_json(),
        json!(["there are more than 2 pages; raise paginate.max_pages"])
    );
    let outcome = run(joined(
        base.clone(),
        &json!({"paginate": {"path": "viewer.repos"}}),
    ))
    .await
    .unwrap();
    assert_eq!(outcome.output.unwrap().to_serde_json(), json!([{"id": 0}]));
    for (more, message) in [
        (
            json!({"paginate": {"path": "nobody"}}),
            "the answer has no 'nobody'",
        ),
        (
            json!({"paginate": {"path": "viewer"}}),
            "'viewer' has no pageInfo",
        ),
        (
            json!({"paginate": {"path": "users"}, "input": "{ users }"}),
            "paginate needs a document with the variable $after",
        ),
        (
            json!({"paginate": {"path": "users", "max_pages": 0}}),
            "parameter 'paginate.max_pages' must be between 1 and 1000, got 0",
        ),
        (json!({"paginate": {}}), "paginate: missing field `path`"),
    ] {
        assert_eq!(
            run(joined(base.clone(), &more))
                .await
                .unwrap_err()
                .message(),
            message
        );
    }
}

#[tokio::test]
async fn a_service_that_does_not_move_on_is_asked_once() {
    let site = service(|_| (200, json!({"data": {"users": {"nodes": [1], "pageInfo": {"hasNextPage": true, "endCursor": "same"}}}}))).await;
    let document = "query ($after: String) { users(after: $after) { nodes } }";
    let args = json!({"endpoint": site.url("/graphql"), "input": document, "paginate": {"path": "users", "max_pages": 50}});
    assert_eq!(
        run(args).await.unwrap().output.unwrap().to_serde_json(),
        json!([1, 1])
    );
    assert_eq!(site.heard().len(), 2);
}

#[tokio::test]
async fn documents_are_named_by_their_hash() {
    let known = Arc::new(AtomicUsize::new(0));
    let seen = known.clone();
    let site = service(
        move |asked| match (asked.get("query"), seen.load(Ordering::Relaxed)) {
            (None, 0) => (
                200,
                json!({"errors": [{"message": "PersistedQueryNotFound"}]}),
            ),
            (Some(_), _) => {
                seen.store(1, Ordering::Relaxed);
                (200, json!({"data": {"by": "document"}}))
            }
            (None, _) => (200, json!({"data": {"by": "hash"}})),
        },
    )
    .await;
    let args = json!({"endpoint": site.url("/graphql"), "input": "{ by }", "persisted": true});
    let outcome = run(args.clone()).await.unwrap();
    assert_eq!(
        outcome.output.unwrap().to_serde_json(),
        json!({"by": "document"})
    );
    assert_eq!(outcome.metadata["persisted"], "sent".into());
    let outcome = run(args).await.unwrap();
    assert_eq!(
        outcome.output.unwrap().to_serde_json(),
        json!({"by": "hash"})
    );
    let hash = data_encoding::HEXLOWER.encode(&<sha2::Sha256 as sha2::Digest>::digest("{ by }"));
    let extensions = json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
    assert_eq!(site.last().json(), json!({"extensions": extensions}));
    assert_eq!(
        site.heard()[1].json(),
        json!({"extensions": extensions, "query": "{ by }"})
    );
}

#[tokio::test]
async fn the_schema_is_told_and_kept() {
    let text = |name: &str| json!({"kind": "SCALAR", "name": name, "ofType": null});
    let schema = json!({
        "queryType": {"name": "Query"}, "mutationType": null, "subscriptionType": null, "directives": [],
        "types": [
            {"kind": "OBJECT", "name": "Query", "description": "The root.", "inputFields": null, "enumValues": null, "fields": [
                {"name": "users", "description": null, "args": [{"name": "first", "description": null, "type": text("Int")}],
                 "type": {"kind": "NON_NULL", "name": null, "ofType": {"kind": "LIST", "name": null, "ofType": {"kind": "NON_NULL", "name": null, "ofType": text("User")}}}},
            ]},
            {"kind": "ENUM", "name": "Colour", "description": null, "fields": null, "inputFields": null, "enumValues": [{"name": "RED"}]},
            {"kind": "OBJECT", "name": "__Type", "description": null, "fields": [], "inputFields": null, "enumValues": null},
        ],
    });
    let told = schema.clone();
    let site = service(move |_| (200, json!({"data": {"__schema": told}}))).await;
    let cx = Place::default().network().cx();
    let args = json!({"operation": "introspection", "endpoint": site.url("/graphql")});
    let outcome = call_on(&cx, op(), args.clone()).await.unwrap();
    let mut data = outcome.data.to_serde_json();
    assert_eq!(data["schema"].take(), schema);
    let users =
        json!({"name": "users", "type": "[User!]!", "args": [{"name": "first", "type": "Int"}]});
    assert_eq!(
        data,
        json!({
            "schema": null, "cached": false, "queries": [users], "mutations": [], "subscriptions": [],
            "types": [
                {"name": "Query", "kind": "OBJECT", "description": "The root.", "fields": [users]},
                {"name": "Colour", "kind": "ENUM", "description": null, "fields": [], "values": ["RED"]},
            ],
        })
    );
    let again = call_on(&cx, op(), args.clone()).await.unwrap();
    assert_eq!(again.data.get("cached"), Some(&true.into()));
    assert_eq!(site.heard().len(), 1);
    call_on(&cx, op(), joined(args.clone(), &json!({"refresh": true})))
        .await
        .unwrap();
    call_on(
        &cx,
        op(),
        joined(
            args.clone(),
            &json!({"auth": {"type": "bearer", "token": "x"}}),
        ),
    )
    .await
    .unwrap();
    assert_eq!(site.heard().len(), 3);
    let brief = Place::default()
        .network()
        .settings("graphql_query", json!({"schema_cache_ttl_s": 0}))
        .cx();
    for _ in 0..2 {
        call_on(&brief, op(), args.clone()).await.unwrap();
    }
    assert_eq!(site.heard().len(), 5);
}

#[tokio::test]
async fn a_schema_that_is_not_told_is_a_failure() {
    let site = service(|_| {
        (
            200,
            json!({"errors": [{"message": "introspection is disabled"}]}),
        )
    })
    .await;
    let error = run(json!({"operation": "introspection", "endpoint": site.url("/graphql")}))
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        "the service answered with an error: introspection is disabled"
    );
    assert_eq!(error.hints(), ["the service may not tell its schema"]);
}

/// A service that speaks `graphql-transport-ws` and sends what `messages` says once it is subscribed to. Returns its URL
/// and what it hears.
async fn socket_service(
    messages: Vec<Message>,
) -> (String, tokio::sync::mpsc::UnboundedReceiver<Json>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/graphql", listener.local_addr().unwrap());
    let (heard, hears) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(stream.compat(), messages, heard).await;
    });
    (url, hears)
}

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    messages: Vec<Message>,
    heard: tokio::sync::mpsc::UnboundedSender<Json>,
) {
    let headers = heard.clone();
    #[expect(clippy::result_large_err, reason = "the library's own type")]
    let callback = move |request: &Request, mut response: Response| {
        let header = |name: &str| {
            request
                .headers()
                .get(name)
                .map(|value| value.to_str().unwrap().to_owned())
        };
        headers
            .send(json!({"token": header("authorization"), "agent": header("user-agent")}))
            .ok();
        let protocol = request.headers()["sec-websocket-protocol"].clone();
        response
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        Ok(response)
    };
    let mut socket = accept_hdr_async(stream, callback).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else {
            continue;
        };
        let said: Json = serde_json::from_str(text.as_str()).unwrap();
        let kind = said["type"].as_str().unwrap().to_owned();
        heard.send(said).ok();
        match kind.as_str() {
            "connection_init" => {
                socket
                    .send(Message::text(json!({"type": "ping"}).to_string()))
                    .await
                    .unwrap();
                socket
                    .send(Message::text(json!({"type": "connection_ack"}).to_string()))
                    .await
                    .unwrap();
            }
            "subscribe" => {
                for message in &messages {
                    socket.send(message.clone()).await.unwrap();
                }
            }
            _ => {}
        }
    }
}

fn next(n: i64) -> Message {
    Message::text(json!({"id": "1", "type": "next", "payload": {"data": {"n": n}}}).to_string())
}

fn complete() -> Message {
    Message::text(json!({"id": "1", "type": "complete"}).to_string())
}

async fn subscribe(url: &str, more: Json) -> Result<Outcome> {
    let base = json!({"operation": "subscription", "endpoint": url, "input": "subscription { n }"});
    call_on(
        &Place::default().network().real_time().cx(),
        op(),
        joined(base, &more),
    )
    .await
}

#[tokio::test]
async fn events_come_over_websocket() {
    let (url, mut hears) = socket_service(vec![next(1), next(2), complete()]).await;
    let outcome = subscribe(
        &url,
        json!({"auth": {"type": "bearer", "token": "t"}, "variables": {"a": 1}}),
    )
    .await
    .unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "events": [{"data": {"n": 1}}, {"data": {"n": 2}}], "event_count": 2, "completed": true, "timed_out": false,
        })
    );
    assert_eq!(
        outcome.output.unwrap().to_serde_json(),
        json!([{"data": {"n": 1}}, {"data": {"n": 2}}])
    );
    assert_eq!(outcome.metadata["transport"], "websocket".into());
    let request = hears.recv().await.unwrap();
    assert_eq!(request["token"], "Bearer t");
    assert!(request["agent"].as_str().unwrap().starts_with("llmspell/"));
    assert_eq!(
        hears.recv().await.unwrap(),
        json!({"type": "connection_init"})
    );
    assert_eq!(hears.recv().await.unwrap(), json!({"type": "pong"}));
    assert_eq!(
        hears.recv().await.unwrap(),
        json!({"id": "1", "type": "subscribe", "payload": {"query": "subscription { n }", "variables": {"a": 1}}})
    );
}

#[tokio::test]
async fn a_subscription_ends_with_enough_events() {
    let (url, mut hears) = socket_service((0..10).map(next).collect()).await;
    let outcome = subscribe(&url, json!({"max_events": 3})).await.unwrap();
    assert_eq!(outcome.data.get("event_count"), Some(&3.into()));
    assert_eq!(outcome.data.get("completed"), Some(&false.into()));
    while let Some(said) = hears.recv().await {
        if said["type"] == "complete" {
            return;
        }
    }
    panic!("the service was not told");
}

#[tokio::test]
async fn a_subscription_ends_with_the_time_of_the_call() {
    let (url, _hears) = socket_service(vec![next(1)]).await;
    let cx = Place::default()
        .network()
        .real_time()
        .cx()
        .bounded(Some(Duration::from_millis(700)), None);
    let args = json!({"operation": "subscription", "endpoint": url, "input": "subscription { n }"});
    let outcome = call_on(&cx, op(), args).await.unwrap();
    assert_eq!(
        (
            outcome.data.get("timed_out"),
            outcome.data.get("event_count")
        ),
        (Some(&true.into()), Some(&1.into()))
    );
}

#[tokio::test]
async fn failures_of_a_subscription_are_told() {
    let errors = Message::text(
        json!({"id": "1", "type": "error", "payload": [{"message": "no such field"}]}).to_string(),
    );
    let (url, _hears) = socket_service(vec![errors]).await;
    let error = subscribe(&url, json!({})).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (
            Kind::Execution,
            "the service answered with an error: no such field"
        )
    );
    let close = CloseFrame {
        code: 4403.into(),
        reason: "Forbidden".into(),
    };
    let (url, _hears) = socket_service(vec![Message::Close(Some(close))]).await;
    let error = subscribe(&url, json!({})).await.unwrap_err();
    assert_eq!(
        (error.kind(), &error.details()["status"]),
        (Kind::Auth, &4403.into())
    );
    let error = subscribe("http://127.0.0.1:22/", json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let error = subscribe("http://10.0.0.1/", json!({})).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    let error = subscribe("http://user:secret@127.0.0.1/", json!({}))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    for headers in [
        json!({"Host": "x"}),
        json!({"Sec-WebSocket-Key": "x"}),
        json!({"X": "a\r\nX-Evil: 1"}),
    ] {
        let error = subscribe(&url, json!({"headers": headers}))
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
    }
}

#[tokio::test]
async fn events_come_over_http_where_there_is_no_websocket() {
    let site = Site::new(Router::new().route(
        "/graphql",
        get(|| async { StatusCode::METHOD_NOT_ALLOWED }).post(|| async {
            let pieces = [
                "event: next\ndata: {\"data\":",
                "{\"n\":1}}\n\n: still here\n\nevent: next\ndata: {\"data\":{\"n\":2}}\n\n",
                "event: complete\n\n",
            ];
            let stream = futures::stream::iter(pieces.map(Ok::<_, std::convert::Infallible>));
            (
                [("content-type", "text/event-stream")],
                Body::from_stream(stream),
            )
        }),
    ))
    .await;
    let url = site.url("/graphql");
    let outcome = subscribe(&url, json!({})).await.unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "events": [{"data": {"n": 1}}, {"data": {"n": 2}}], "event_count": 2, "completed": true, "timed_out": false,
        })
    );
    assert_eq!(outcome.metadata["transport"], "sse".into());
    assert_eq!(site.last().header("accept"), "text/event-stream");
    assert_eq!(site.last().json(), json!({"query": "subscription { n }"}));
    let cut = subscribe(&url, json!({"max_bytes": 20})).await.unwrap();
    assert_eq!(
        (cut.data.get("event_count"), &cut.metadata["truncated"]),
        (Some(&0.into()), &true.into())
    );
    let none = service(|_| (200, json!({"errors": [{"message": "no subscriptions"}]}))).await;
    let error = subscribe(&none.url("/graphql"), json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        error.message(),
        "the service answered with an error: no subscriptions"
    );
    let other = service(|_| (404, json!("x"))).await;
    assert_eq!(
        subscribe(&other.url("/graphql"), json!({}))
            .await
            .unwrap_err()
            .kind(),
        Kind::Remote
    );
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({}),
        "Missing required parameter 'endpoint' for graphql_query operation 'query'",
    );
    check(
        json!({"endpoint": "http://x/"}),
        "Missing required parameter 'input' for graphql_query operation 'query'",
    );
    check(
        json!({"operation": "validate"}),
        "Missing required parameter 'input' for graphql_query operation 'validate'",
    );
    check(
        json!({"operation": "introspect"}),
        "unknown operation 'introspect', expected one of: query, mutation, subscription, introspection, validate",
    );
    check(
        json!({"endpoint": "http://x/", "input": "{ a }", "max_depth": 101}),
        "parameter 'max_depth' must be between 1 and 100, got 101",
    );
    check(
        json!({"endpoint": "http://x/", "input": "{ a }", "params": {"a": 1}}),
        "unknown parameter 'params'",
    );
    check(
        json!({"endpoint": "http://x/", "input": "{ a }", "variables": "x"}),
        "parameter 'variables' must be object, got string (\"x\")",
    );
    check(
        json!({"endpoint": "http://x/", "input": "{ a }", "operation": "subscription"}),
        "the document is a query, not a subscription",
    );
    check(
        json!({"endpoint": "http://x/", "input": "subscription { a }", "operation": "subscription", "max_events": 0}),
        "parameter 'max_events' must be between 1 and 10000, got 0",
    );
    check(
        json!({"endpoint": "nowhere", "input": "{ a }"}),
        "URL validation failed: relative URL without a base",
    );
}

#[test]
fn the_effect_follows_the_operation() {
    let of = |args: Json| op().effect_with(&args.into());
    assert_eq!(of(json!({"input": "{ a }"})), Effect::Read);
    assert_eq!(of(json!({"input": "mutation { a }"})), Effect::Once);
    assert_eq!(of(json!({"operation": "mutation"})), Effect::Once);
    assert_eq!(of(json!({"operation": "introspection"})), Effect::Read);
    assert_eq!(
        of(json!({"operation": "subscription", "input": "subscription { mutation }"})),
        Effect::Read
    );
}

#[tokio::test]
async fn events_come_over_an_encrypted_websocket() {
    let dir = tempfile::tempdir().unwrap();
    let authority = Authority::new(dir.path());
    let (acceptor, ca_file) = (authority.acceptor(2100), authority.file());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!(
        "https://localhost:{}/graphql",
        listener.local_addr().unwrap().port()
    );
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let messages = vec![next(1), complete()];
            tokio::spawn(serve(
                stream.compat(),
                messages,
                tokio::sync::mpsc::unbounded_channel().0,
            ));
        }
    });
    let rules = NetworkRules {
        allow_hosts: vec!["localhost".to_owned()],
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let args = json!({"operation": "subscription", "endpoint": url, "input": "subscription { n }"});
    let knowing = NetworkRules {
        ca_file: Some(ca_file),
        ..rules.clone()
    };
    let cx = Place::default().network_rules(knowing).real_time().cx();
    let outcome = call_on(&cx, op(), args.clone()).await.unwrap();
    assert_eq!(outcome.data.get("event_count"), Some(&1.into()));
    assert_eq!(outcome.metadata["transport"], "websocket".into());
    let cx = Place::default().network_rules(rules).real_time().cx();
    let error = call_on(&cx, op(), args).await.unwrap_err();
    assert_eq!(
        (error.kind(), &error.details()["phase"]),
        (Kind::Remote, &"tls".into())
    );
}
