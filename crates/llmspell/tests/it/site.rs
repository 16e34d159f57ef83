//! The web site that spells below `tests/scripts/tools/` talk to. `Args` of such a spell begins with its base URL, and what
//! a spell returns shows it as `http://site`. Loopback has to be allowed by the case's `.toml`:
//!
//! ```toml
//! [security.network]
//! allow_hosts = ["127.0.0.1"]
//! ```
//!
//! | route | answer |
//! |---|---|
//! | any `/echo` | `{method, path, query, headers, body}` as it came, headers without those that every request has |
//! | any `/status/CODE` | that status, and its number as text |
//! | any `/flaky/NAME/COUNT` | 503 with `Retry-After: 0` the first COUNT times, then 200 and `{attempts}` |
//! | `/redirect/COUNT` | that many redirects, then `/echo` |
//! | `/redirect_to?url=` | a redirect there |
//! | `/json` | a small document |
//! | `/html` | a small page |
//! | `/latin1` | text that is not UTF-8 |
//! | `/bytes/COUNT` | bytes 0, 1, 2, … |
//! | `/gzip` | compressed JSON |
//! | `/bomb` | 64 MiB of zeros, compressed |
//! | `/cookies` | two `Set-Cookie` |
//! | any `/slow` | nothing, for ever |
//! | POST `/graphql` | `{hello, variables}`, pages of `users`, a schema, errors if it asks for what is `broken`, two events |
//! | `/web/…` | see `pages.rs` |

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use async_compression::tokio::write::GzipEncoder;
use axum::body::Bytes;
use axum::extract::{Path, Query};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{AppendHeaders, IntoResponse, Redirect, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;

/// Starts the site, which ends with the test process, and returns its base URL.
pub(crate) async fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, routes()).await.unwrap() });
    url
}

/// Shows the site's address in a text as a name that is the same in each run.
pub(crate) fn unnumbered(text: &str, url: &str) -> String {
    let host = url.trim_start_matches("http://");
    text.replace(host, "site")
}

fn routes() -> Router {
    let tries: Arc<Mutex<HashMap<String, u32>>> = Arc::default();
    Router::new()
        .merge(crate::pages::routes())
        .route("/echo", any(echo))
        .route("/status/{code}", any(status))
        .route(
            "/flaky/{name}/{count}",
            any(move |Path((name, count)): Path<(String, u32)>| flaky(tries.clone(), name, count)),
        )
        .route("/redirect/{count}", get(redirect))
        .route("/redirect_to", get(redirect_to))
        .route(
            "/json",
            get(|| async { Json(json!({"name": "llmspell", "tags": ["a", "b"], "count": 2})) }),
        )
        .route("/html", get(|| async { axum::response::Html(PAGE) }))
        .route(
            "/latin1",
            get(|| async {
                (
                    [("content-type", "text/plain; charset=iso-8859-1")],
                    b"caf\xe9".to_vec(),
                )
            }),
        )
        .route(
            "/bytes/{count}",
            get(|Path(count): Path<usize>| async move {
                (0..count).map(|place| place as u8).collect::<Vec<u8>>()
            }),
        )
        .route(
            "/gzip",
            get(|| gzipped("application/json", br#"{"packed": true}"#.to_vec())),
        )
        .route("/bomb", get(|| gzipped("text/plain", vec![0; 64 << 20])))
        .route(
            "/cookies",
            get(|| async {
                (
                    AppendHeaders([("set-cookie", "a=1"), ("set-cookie", "b=2")]),
                    "two",
                )
            }),
        )
        .route("/slow", any(std::future::pending::<()>))
        .route("/graphql", axum::routing::post(graphql))
}

const PAGE: &str = "<!doctype html><html><head><title>A page</title></head>\
<body><h1>Hello</h1><p class=\"lead\">From the <a href=\"/echo\">site</a>.</p></body></html>";

async fn echo(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    let query: Query<Vec<(String, String)>> = Query::try_from_uri(&uri).unwrap_or_default();
    let mut sent: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, value) in &headers {
        let own = ["host", "accept", "accept-encoding", "content-length"].contains(&name.as_str())
            || value.as_bytes().starts_with(b"llmspell/");
        if !own {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            sent.entry(name.to_string()).or_default().push(value);
        }
    }
    let answer = json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": query.0,
        "headers": sent.into_iter().map(|(name, values)| (name, values.join(", "))).collect::<BTreeMap<_, _>>(),
        "body": String::from_utf8_lossy(&body),
    });
    Json(answer).into_response()
}

async fn status(Path(code): Path<u16>) -> Response {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
    match code {
        204 | 304 => status.into_response(),
        _ => (status, code.to_string()).into_response(),
    }
}

async fn flaky(tries: Arc<Mutex<HashMap<String, u32>>>, name: String, count: u32) -> Response {
    let mut tries = tries.lock().unwrap();
    let attempts = tries.entry(name).or_default();
    *attempts += 1;
    match *attempts > count {
        true => Json(json!({ "attempts": *attempts })).into_response(),
        false => (
            StatusCode::SERVICE_UNAVAILABLE,
            [("retry-after", "0")],
            "later",
        )
            .into_response(),
    }
}

async fn redirect(Path(count): Path<u32>) -> Redirect {
    match count.checked_sub(1) {
        None | Some(0) => Redirect::temporary("/echo"),
        Some(left) => Redirect::temporary(&format!("/redirect/{left}")),
    }
}

async fn redirect_to(Query(query): Query<HashMap<String, String>>) -> Redirect {
    Redirect::temporary(query.get("url").map_or("/", String::as_str))
}

async fn gzipped(content_type: &'static str, bytes: Vec<u8>) -> Response {
    let mut encoder = GzipEncoder::new(Vec::new());
    encoder.write_all(&bytes).await.unwrap();
    encoder.shutdown().await.unwrap();
    let headers = [("content-type", content_type), ("content-encoding", "gzip")];
    (headers, encoder.into_inner()).into_response()
}

async fn graphql(headers: HeaderMap, Json(asked): Json<serde_json::Value>) -> Response {
    let query = asked["query"].as_str().unwrap_or_default();
    let variables = &asked["variables"];
    let streams = headers
        .get("accept")
        .is_some_and(|kind| kind == "text/event-stream");
    if streams {
        let event = |n: u32| format!("event: next\ndata: {{\"data\":{{\"tick\":{n}}}}}\n\n");
        let body = format!("{}{}event: complete\n\n", event(1), event(2));
        return ([("content-type", "text/event-stream")], body).into_response();
    }
    let answer = if query.contains("__schema") {
        json!({ "data": { "__schema": schema() } })
    } else if query.contains("broken") {
        json!({"errors": [{"message": "no field 'broken'"}]})
    } else if query.contains("users") {
        let start: u32 = variables["after"]
            .as_str()
            .map_or(0, |cursor| cursor.parse().unwrap_or(0));
        let info = json!({"hasNextPage": start < 4, "endCursor": (start + 2).to_string()});
        json!({"data": {"users": {"nodes": [start + 1, start + 2], "pageInfo": info}}})
    } else if query.contains("mutation") {
        json!({"data": {"added": variables["name"]}})
    } else {
        json!({"data": {"hello": "world", "variables": variables}})
    };
    Json(answer).into_response()
}

fn schema() -> serde_json::Value {
    let text = json!({"kind": "SCALAR", "name": "String", "ofType": null});
    let hello = json!({"name": "hello", "description": "Greets.", "args": [], "type": {"kind": "NON_NULL", "name": null, "ofType": text}});
    json!({
        "queryType": {"name": "Query"},
        "mutationType": null,
        "subscriptionType": null,
        "directives": [],
        "types": [{"kind": "OBJECT", "name": "Query", "description": null, "fields": [hello], "inputFields": null, "enumValues": null}],
    })
}
