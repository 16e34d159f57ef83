//! `webhook_caller`: delivers an event, signed and more than once if need be.

mod config;
mod preset;
mod sign;

use std::time::Duration;

use llmspell_core::host::{Attempt, HttpRequest, Repeat};
use llmspell_core::{Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use self::config::Config;
use self::sign::Signature;
use super::answer::{Answer, millis};
use super::content::Content;
use super::expected::Expected;
use super::payload::Payload;
use super::request::{HttpArgs, HttpOptions, statuses};
use crate::choice::{choose, choose_or_first};
use crate::param::{Given, choices, missing, names, refused, whether, within};

const OPERATIONS: &[&[&str]] = &[&["call", "call_with_retry", "send"]];
const METHODS: &[&[&str]] = &[&["POST"], &["PUT"], &["PATCH"], &["GET"], &["DELETE"]];

/// Limit of the whole, and of one attempt (ms).
const LIMIT_MS: i64 = 120_000;
const ATTEMPT_MS: i64 = 30_000;

pub(super) fn op() -> Op {
    Op::new("webhook_caller", webhook_caller)
        .effect(Effect::Once)
        .tool(
            ToolInfo::new("api").settings::<Config>()
                .example(
                    "Delivers an event once",
                    r#"{"input": "https://example.com/echo", "payload": {"event": "done"}, "max_retries": 0}"#,
                )
                .level(Level::Restricted)
                .timeout(Duration::from_millis(LIMIT_MS.unsigned_abs()))
                .operations(&names(OPERATIONS)),
        )
}

/// Delivers an event to a webhook: signed if asked for, sent again when it fails, with one idempotency key for all
/// attempts.
#[derive(Deserialize, JsonSchema)]
struct WebhookCaller {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "call"))]
    operation: Option<String>,
    /// The URL of the webhook.
    #[schemars(required, extend("x-synonyms" = ["url", "webhook_url"]))]
    input: Option<String>,
    /// The event: text as it is, everything else as JSON.
    #[schemars(extend("default" = {}, "x-synonyms" = ["body", "data"]))]
    payload: Option<Value>,
    /// The method; GET carries no payload.
    #[schemars(transform = choices(METHODS), extend("default" = "POST"))]
    method: Option<String>,
    /// Further attempts after the first.
    #[schemars(range(min = 0, max = 10), extend("default" = 3, "x-synonyms" = ["retry_count", "retries"]))]
    max_retries: Option<i64>,
    /// Wait before the second attempt (ms); it doubles, with jitter.
    #[schemars(range(min = 0, max = 60_000), extend("default" = 500, "x-synonyms" = ["retry_delay"]))]
    retry_delay_ms: Option<i64>,
    /// Statuses that are tried again; default: 408 425 429 500 502 503 504.
    retry_on_status: Option<Vec<i64>>,
    /// Limit of one attempt (ms).
    #[schemars(range(min = 1, max = LIMIT_MS), extend("default" = ATTEMPT_MS, "x-synonyms" = ["timeout_ms", "timeoutMs"]))]
    attempt_timeout_ms: Option<i64>,
    /// Limit of one attempt (s).
    #[schemars(extend("x-synonyms" = ["timeout_seconds", "timeoutSeconds"]))]
    timeout: Option<f64>,
    /// Limit of the whole (ms).
    #[schemars(range(min = 1, max = LIMIT_MS), extend("default" = LIMIT_MS))]
    total_timeout_ms: Option<i64>,
    /// How the delivery is signed: HMAC over the bytes that are sent, with the time and a dot before them if
    /// `timestamp_header` is given.
    #[schemars(with = "Option<sign::Shape>")]
    sign: Option<Value>,
    /// The key by which the receiver knows a delivery that comes twice, in the header `Idempotency-Key`; true makes one.
    #[schemars(extend("type" = ["string", "boolean"], "default" = true))]
    idempotency_key: Option<Value>,
    /// A service whose form the payload takes: `slack`, `discord`, `teams`, or one of the configuration. The payload is
    /// a text then, or `{text, title, fields}`.
    preset: Option<String>,
    /// Statuses that mean it was delivered.
    #[schemars(extend("type" = ["integer", "array", "string"], "default" = "200-299"))]
    expected_status: Option<Value>,
}

/// A delivery, ready to be sent.
struct Delivery {
    request: HttpRequest,
    expected: Expected,
    idempotency_key: Option<String>,
}

async fn webhook_caller(cx: Cx, call: Given<HttpArgs<WebhookCaller>>) -> Result<Outcome> {
    let HttpArgs { own, http } = &call.args;
    choose_or_first("operation", own.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings("webhook_caller")?;
    let Delivery {
        request,
        expected,
        idempotency_key,
    } = delivery(&cx, own, http, &config)?;
    let method = request.method.clone();
    let shown = http.shown(&request.url)?;
    let answer = http.answer(&cx, request).await?;
    let (answer, content) = Content::read(answer).await?;
    let output = content.value.clone();
    let data = data(&shown, &answer, content, &expected, idempotency_key);
    let (status, tries) = (answer.status, answer.attempts.len());
    if !expected.has(status) {
        let message = format!(
            "{method} {shown} answered {status} after {tries} attempts, expected {expected}"
        );
        let error = Error::new(Kind::Remote, message)
            .transient(matches!(status, 429 | 500..=599))
            .with("status", status)
            .with("data", data);
        return Err(answer.explain(error));
    }
    let outcome = Outcome::new("call", data).output(output).message(format!(
        "{method} {shown} answered {status} at attempt {tries}"
    ));
    Ok(answer.describe(outcome))
}

fn delivery(cx: &Cx, own: &WebhookCaller, http: &HttpOptions, config: &Config) -> Result<Delivery> {
    let url = own.input.as_deref();
    let url = url.ok_or_else(|| missing("webhook_caller", "call", "input"))?;
    let method = match own.method.as_deref() {
        Some(method) => choose("method", method, METHODS)?,
        None => "POST",
    };
    let expected = match &own.expected_status {
        Some(value) => Expected::read(value)?,
        None => Expected::success(),
    };
    let total = within(
        "total_timeout_ms",
        own.total_timeout_ms.unwrap_or(LIMIT_MS),
        1..=LIMIT_MS,
    )?;
    let total = Duration::from_millis(total as u64);
    let mut request = http.request(cx, method, url, total)?;
    request.timeout = request.timeout.min(total);
    config.narrow(&mut request)?;
    request.retry = retry(own, http, config, request.retry.take())?;
    expected.settle(&mut request);
    if let Some(payload) = payload(own, config, method)? {
        payload.attach(&mut request);
    }
    let idempotency_key = idempotency_key(cx, own, http)?;
    if let Some(key) = &idempotency_key {
        request
            .headers
            .push(("idempotency-key".to_owned(), key.clone()));
    }
    // Delivering again is what the tool is for; the key says that it is the same event.
    request.repeatable = true;
    if let Some(sign) = &own.sign {
        let signature = Signature::read(sign)?;
        let now = cx.host().clock.now();
        signature.apply(&mut request, now)?;
    }
    Ok(Delivery {
        request,
        expected,
        idempotency_key,
    })
}

/// Returns when the delivery is sent again: as the tool's own parameters say, then `retry`, then the configuration.
fn retry(
    own: &WebhookCaller,
    http: &HttpOptions,
    config: &Config,
    shared: Option<Repeat>,
) -> Result<Option<Repeat>> {
    let mut rule = match (http.has_retry(), shared) {
        (true, Some(rule)) => rule,
        (true, None) => Repeat {
            max_attempts: 1,
            ..Repeat::default()
        },
        (false, _) => Repeat {
            max_attempts: config.max_retries.min(10) + 1,
            ..Repeat::default()
        },
    };
    if let Some(retries) = own.max_retries {
        let retries = within("max_retries", retries, 0..=10)?;
        rule.max_attempts = u32::try_from(retries).unwrap_or(0) + 1;
    }
    if let Some(ms) = own.retry_delay_ms {
        rule.initial_delay =
            Duration::from_millis(within("retry_delay_ms", ms, 0..=60_000)? as u64);
    }
    if let Some(list) = &own.retry_on_status {
        rule.on_status = statuses("retry_on_status", list)?;
    }
    rule.attempt_timeout = Some(attempt_timeout(own)?);
    Ok(Some(rule))
}

fn attempt_timeout(own: &WebhookCaller) -> Result<Duration> {
    match (own.attempt_timeout_ms, own.timeout) {
        (Some(_), Some(_)) => Err(refused(
            "timeout",
            "'attempt_timeout_ms' and 'timeout' say the same: give one of them",
        )),
        (None, Some(seconds)) => {
            let most = LIMIT_MS as f64 / 1e3;
            if !(seconds > 0.0 && seconds <= most) {
                let message =
                    format!("parameter 'timeout' is in seconds and at most {most}, got {seconds}");
                return Err(refused("timeout", message));
            }
            Ok(Duration::from_secs_f64(seconds))
        }
        (given, None) => {
            let ms = within(
                "attempt_timeout_ms",
                given.unwrap_or(ATTEMPT_MS),
                1..=LIMIT_MS,
            )?;
            Ok(Duration::from_millis(ms as u64))
        }
    }
}

fn payload(own: &WebhookCaller, config: &Config, method: &str) -> Result<Option<Payload>> {
    let empty = Value::Map(Map::new());
    let given = own.payload.as_ref().unwrap_or(&empty);
    let shaped = match &own.preset {
        Some(name) => Some(preset::shape(name, given, &config.presets)?),
        None => None,
    };
    if method == "GET" {
        return Ok(None);
    }
    match shaped {
        Some(shaped) => Payload::json("payload", &shaped),
        None => Payload::any("payload", given),
    }
    .map(Some)
}

fn idempotency_key(cx: &Cx, own: &WebhookCaller, http: &HttpOptions) -> Result<Option<String>> {
    if http.has_header("idempotency-key") {
        return match &own.idempotency_key {
            None => Ok(None),
            Some(_) => Err(refused(
                "idempotency_key",
                "'idempotency_key' and the header 'Idempotency-Key' say the same: give one of them",
            )),
        };
    }
    let given = own.idempotency_key.as_ref().map(whether);
    match &given {
        Some(Value::Bool(false)) => Ok(None),
        Some(Value::Str(key)) if key.is_empty() => Err(refused(
            "idempotency_key",
            "parameter 'idempotency_key' must not be empty",
        )),
        Some(Value::Str(key)) => Ok(Some(key.clone())),
        _ => {
            let mut bytes = [0; 16];
            cx.host().random.fill(&mut bytes);
            Ok(Some(
                uuid::Builder::from_random_bytes(bytes)
                    .into_uuid()
                    .to_string(),
            ))
        }
    }
}

fn data(
    url: &str,
    answer: &Answer,
    content: Content,
    expected: &Expected,
    idempotency_key: Option<String>,
) -> Map {
    let retries = answer.attempts.len().saturating_sub(1);
    let attempt = |attempt: &Attempt| {
        Value::from([
            ("status_code", attempt.status.into()),
            ("error", attempt.error.as_deref().into()),
            ("duration_ms", millis(attempt.duration).into()),
        ])
    };
    let json = match content.is_json {
        true => content.value.clone(),
        false => Value::Null,
    };
    let response = Map::from([
        ("body", content.text.map_or(content.value, Value::from)),
        ("json", json),
        ("headers", answer.headers_value()),
        ("body_is_json", content.is_json.into()),
    ]);
    Map::from([
        ("success", expected.has(answer.status).into()),
        ("webhook_url", url.into()),
        ("status_code", answer.status.into()),
        ("status_text", answer.status_text().into()),
        ("response", Value::Map(response)),
        ("response_time_ms", millis(answer.took).into()),
        ("retry_count", retries.into()),
        ("retries_attempted", retries.into()),
        ("attempts", answer.attempts.iter().map(attempt).collect()),
        ("idempotency_key", idempotency_key.into()),
    ])
}

#[cfg(test)]
mod tests;
