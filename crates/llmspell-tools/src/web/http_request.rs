//! `http_request`: one HTTP request.

mod config;
mod parts;
mod save;

use std::time::Duration;

use llmspell_core::host::HttpRequest as Request;
use llmspell_core::{Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use self::config::Config;
use super::answer::Answer;
use super::content::Content;
use super::expected::Expected;
use super::payload::{Payload, at_most_one};
use super::request::{HttpArgs, HttpOptions, METHODS, effect_of, time_left};
use crate::aside::aside;
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, names, refused};

const OPERATIONS: &[&[&str]] = &[
    &["request"],
    &["get"],
    &["post"],
    &["put"],
    &["delete"],
    &["patch"],
    &["head"],
    &["options"],
];
const ENCODINGS: &[&[&str]] = &[&["utf-8", "utf8"], &["base64"]];
const TYPES: &[&[&str]] = &[&["auto"], &["json"], &["text"], &["base64"]];

const LIMIT: Duration = Duration::from_secs(30);

pub(super) fn op() -> Op {
    Op::new("http_request", http_request)
        .effect(Effect::Once)
        .effect_of(effect)
        .tool(
            ToolInfo::new("api").settings::<Config>()
                .example(
                    "Gets a document",
                    r#"{"input": "https://example.com/json"}"#,
                )
                .example(
                    "Sends JSON",
                    r#"{"method": "POST", "input": "https://example.com/echo", "json": {"name": "Ada"}}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .synonyms(&["http"])
                .operations(&names(OPERATIONS))
                .operation_of(operation),
        )
}

/// Sends one HTTP request and gives the answer: JSON as a value, text as text, everything else as base64.
///
/// Every status is an answer, unless `expected_status` or `fail_on_error` says otherwise.
#[derive(Deserialize, JsonSchema)]
struct HttpRequest {
    /// The URL.
    #[schemars(required, extend("x-synonyms" = ["url", "uri", "endpoint"]))]
    input: Option<String>,
    /// The method.
    #[schemars(transform = choices(METHODS), extend("default" = "GET"))]
    method: Option<String>,
    /// The method, as the name of an operation.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "request"))]
    operation: Option<String>,
    /// The body: text and bytes as they are, everything else as JSON.
    #[schemars(extend("x-synonyms" = ["data", "payload"]))]
    body: Option<Value>,
    /// The body as JSON.
    json: Option<Value>,
    /// The body as a form; a list repeats its name.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    form: Option<Map>,
    /// The body in parts, as for files: each `{name, value}` or `{name, path, filename, content_type}`.
    #[schemars(with = "Option<Vec<parts::Part>>")]
    multipart: Option<Value>,
    /// What the text of `body` stands for; `base64` is decoded.
    #[schemars(transform = choices(ENCODINGS), extend("default" = "utf-8"))]
    body_encoding: Option<String>,
    /// How the answer's body is given; `auto` goes by its type.
    #[schemars(transform = choices(TYPES), extend("default" = "auto"))]
    response_type: Option<String>,
    /// Statuses that are no failure: `200`, `[200, 204]`, `"200-299"`. Default: all.
    #[schemars(extend("type" = ["integer", "array", "string"]))]
    expected_status: Option<Value>,
    /// Whether statuses from 400 on are failures.
    #[schemars(extend("default" = false))]
    fail_on_error: Option<bool>,
    /// File that the answer's body is written to, as it comes.
    save_to: Option<String>,
    /// Cookies to send, by name.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    cookies: Option<Map>,
}

/// Returns the operation that a call is: its method in small letters.
fn operation(args: &Value) -> Option<&'static str> {
    let text = |name: &str| args.get(name).and_then(Value::as_str);
    let named = text("operation").filter(|name| !name.eq_ignore_ascii_case("request"));
    let given = text("method").or(named).unwrap_or("get");
    let known = OPERATIONS.iter().filter_map(|entry| entry.first().copied());
    known
        .filter(|name| *name != "request")
        .find(|name| name.eq_ignore_ascii_case(given))
}

fn effect(args: &Value) -> Effect {
    let text = |name: &str| args.get(name).and_then(Value::as_str);
    let method = match (text("method"), text("operation")) {
        (Some(method), _) => method.to_uppercase(),
        (None, Some(operation)) if !operation.eq_ignore_ascii_case("request") => {
            operation.to_uppercase()
        }
        _ => "GET".to_owned(),
    };
    match effect_of(&method) {
        // A file is written.
        Effect::Read if text("save_to").is_some() => Effect::Idempotent,
        effect => effect,
    }
}

async fn http_request(cx: Cx, call: Given<HttpArgs<HttpRequest>>) -> Result<Outcome> {
    let HttpArgs { own, http } = &call.args;
    let config: Config = cx.settings("http_request")?;
    let method = method(own)?;
    config.check(method, http)?;
    let expected = expected(own)?;
    choose_or_first("response_type", own.response_type.as_deref(), TYPES)?;
    let mut request = request(&cx, own, http, &config, method).await?;
    if let Some(expected) = &expected {
        expected.settle(&mut request);
    }
    config.wait(&cx, &request.url).await?;
    request.timeout = time_left(&cx, LIMIT);
    match &own.save_to {
        Some(path) => save::run(&cx, http, request, path, expected.as_ref()).await,
        None => {
            let answer = http.answer(&cx, request).await?;
            answered(&cx, own, method, answer, expected).await
        }
    }
}

fn method(own: &HttpRequest) -> Result<&'static str> {
    let operation = choose_or_first("operation", own.operation.as_deref(), OPERATIONS)?;
    let by_operation = match operation {
        "request" => None,
        other => Some(choose("operation", other, METHODS)?),
    };
    match (own.method.as_deref(), by_operation) {
        (None, None) => Ok("GET"),
        (None, Some(method)) => Ok(method),
        (Some(given), by_operation) => {
            let method = choose("method", given, METHODS)?;
            match by_operation {
                Some(other) if other != method => Err(refused(
                    "method",
                    format!("operation '{operation}' and method '{method}' differ"),
                )),
                _ => Ok(method),
            }
        }
    }
}

fn expected(own: &HttpRequest) -> Result<Option<Expected>> {
    match &own.expected_status {
        Some(value) => Expected::read(value).map(Some),
        None if own.fail_on_error == Some(true) => Ok(Some(Expected::no_error())),
        None => Ok(None),
    }
}

async fn request(
    cx: &Cx,
    own: &HttpRequest,
    http: &HttpOptions,
    config: &Config,
    method: &'static str,
) -> Result<Request> {
    let url = own
        .input
        .as_deref()
        .ok_or_else(|| missing("http_request", "request", "input"))?;
    let mut request = http.request(cx, method, url, LIMIT)?;
    if let Some(cookies) = &own.cookies {
        let cookies = parts::cookies(cookies)?;
        if http.has_header("cookie") {
            return Err(refused(
                "cookies",
                "'cookies' and the header 'Cookie' say the same: give one of them",
            ));
        }
        request.headers.push(("cookie".to_owned(), cookies));
    }
    if let Some(payload) = payload(cx, own).await? {
        payload.attach(&mut request);
    }
    config.add_defaults(&mut request)?;
    Ok(request)
}

async fn payload(cx: &Cx, own: &HttpRequest) -> Result<Option<Payload>> {
    at_most_one(&[
        ("multipart", own.multipart.is_some()),
        ("body", own.body.is_some()),
        ("json", own.json.is_some()),
        ("form", own.form.is_some()),
    ])?;
    let encoding = choose_or_first("body_encoding", own.body_encoding.as_deref(), ENCODINGS)?;
    match (&own.body, &own.multipart) {
        (Some(body), _) if encoding == "base64" => Payload::base64("body", body).map(Some),
        (_, Some(parts)) => parts::encode(cx, parts).await.map(Some),
        (body, _) => Payload::of(body.as_ref(), own.json.as_ref(), own.form.as_ref()),
    }
}

async fn answered(
    cx: &Cx,
    own: &HttpRequest,
    method: &'static str,
    answer: Answer,
    expected: Option<Expected>,
) -> Result<Outcome> {
    let response_type = choose_or_first("response_type", own.response_type.as_deref(), TYPES)?;
    let status = answer.status;
    let is_wanted = expected
        .as_ref()
        .is_none_or(|expected| expected.has(status));
    let (answer, content) = aside(answer.body.len(), move || {
        let content = match response_type {
            // What is wrong with an error is its status, not its form.
            "json" if is_wanted && !answer.is_cut => Content::json(&answer)?,
            "text" => Content::text(&answer),
            "base64" => Content::base64(&answer.body),
            _ => Content::auto(&answer),
        };
        Ok((answer, content))
    })
    .await?;
    let mut data = head(cx, &answer);
    data.insert("body", content.value.clone());
    data.insert("body_text", content.text.clone().into());
    if content.is_base64 {
        data.insert("body_encoding", "base64".into());
    }
    data.insert("size", answer.body.len().into());
    if let (Some(expected), false) = (&expected, is_wanted) {
        return Err(unexpected(method, &answer, expected, data));
    }
    let operation = method.to_lowercase();
    let mut outcome = Outcome::new(operation, data)
        .output(content.value)
        .message(sentence(method, &answer));
    if let Some(warning) = content.warning
        && !answer.is_cut
    {
        outcome = outcome.warning(warning);
    }
    Ok(answer.describe(outcome))
}

/// Returns what is known of an answer without its body.
fn head(cx: &Cx, answer: &Answer) -> Map {
    Map::from([
        ("status_code", answer.status.into()),
        ("status", answer.status.into()),
        ("status_text", answer.status_text().into()),
        ("ok", answer.is_ok().into()),
        ("headers", answer.headers_value()),
        ("content_type", answer.header("content-type").into()),
        ("url", answer.url.as_str().into()),
        ("redirects", answer.redirects_value()),
        ("timestamp", super::answer::timestamp(cx).into()),
    ])
}

fn sentence(method: &str, answer: &Answer) -> String {
    let (url, status, ms) = (&answer.url, answer.status, answer.took.as_millis());
    format!("{method} {url} answered {status} in {ms} ms")
}

fn unexpected(method: &str, answer: &Answer, expected: &Expected, data: Map) -> Error {
    let (url, status) = (&answer.url, answer.status);
    let message = format!("{method} {url} answered {status}, expected {expected}");
    let error = Error::new(Kind::Remote, message)
        .transient(matches!(status, 429 | 500..=599))
        .with("status", status)
        .with("data", data);
    answer.explain(error)
}

#[cfg(test)]
mod tests;
