//! What a language's own library requests over the network, as an op, so that it is recorded and replays.

use std::time::Duration;

use llmspell_core::host::{HttpRequest, HttpResponse};
use llmspell_core::{Cx, Effect, Map, Module, Op, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::Deserialize;

/// Limit of a request whose caller names none.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Returns the op behind `fetch`.
///
/// Binders get it from the wiring, since a binder names no op.
pub fn module() -> Module {
    Module::hidden("network", "What a language's own library requests.")
        .op(Op::new("fetch", fetch).effect_of(effect))
}

/// Sends an HTTP request under the policy of the run and returns the whole answer, whatever its status.
///
/// - Shape: `{status, url, redirected, headers, body}`; a header that came several times is a list, the body is bytes.
/// - Errors: `denied`, `remote`, `timeout`; `limit` for a body beyond `security.network.max_response_bytes`.
#[derive(Deserialize, JsonSchema)]
struct Fetch {
    /// `http` or `https`.
    url: String,
    /// The method, in capitals.
    method: String,
    /// Headers by name.
    #[serde(default)]
    headers: Map,
    /// Text or bytes; none if absent.
    body: Option<Value>,
    /// `follow`, `manual` (the redirect itself is the answer) or `error`.
    #[serde(default)]
    redirect: OnRedirect,
}

#[derive(Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum OnRedirect {
    #[default]
    Follow,
    Manual,
    Error,
}

fn effect(args: &Value) -> Effect {
    match args.get("method").and_then(Value::as_str) {
        Some("GET" | "HEAD" | "OPTIONS") => Effect::Read,
        Some("PUT" | "DELETE") => Effect::Idempotent,
        _ => Effect::Once,
    }
}

async fn fetch(cx: Cx, args: Fetch) -> Result<Value> {
    let mut request = HttpRequest::new(args.method, args.url).timeout(TIMEOUT);
    for (name, value) in args.headers {
        let Value::Str(value) = value else {
            bail!(
                InvalidArgs,
                "header '{name}' must be text, got {}",
                value.type_name()
            );
        };
        request = request.header(name, value);
    }
    request.body = match args.body {
        None | Some(Value::Null) => None,
        Some(Value::Str(text)) => Some(text.into_bytes()),
        Some(Value::Bytes(bytes)) => Some(bytes),
        Some(other) => bail!(
            InvalidArgs,
            "'body' must be text or bytes, got {}",
            other.type_name()
        ),
    };
    if args.redirect != OnRedirect::Follow {
        request = request.redirects(0);
    }
    let response = cx.host().network.send(request).await?;
    let moved = (300..400).contains(&response.status) && response.header("location").is_some();
    if moved && args.redirect == OnRedirect::Error {
        return Err(error!(Remote, "{} answered with a redirect", response.url)
            .with("status", response.status)
            .hint("pass `redirect: \"follow\"` to follow it"));
    }
    answer(response).await
}

async fn answer(mut response: HttpResponse) -> Result<Value> {
    let body = response.body.whole().await?;
    let mut headers = Map::new();
    for (name, value) in response.headers {
        match headers.get_mut(&name) {
            None => drop(headers.insert(name, value.into())),
            Some(Value::List(values)) => values.push(value.into()),
            Some(first) => *first = Value::List(vec![std::mem::take(first), value.into()]),
        }
    }
    let redirected = !response.redirects.is_empty();
    let answer = [
        ("status", response.status.into()),
        ("url", response.url.into()),
        ("redirected", redirected.into()),
        ("headers", headers.into()),
        ("body", Value::Bytes(body)),
    ];
    Ok(answer.into_iter().collect())
}
