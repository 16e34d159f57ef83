//! One request and its checks.

use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Error, Kind, Map, Outcome, Result, Value};

use super::check::{Report, Seen, Wanted};
use super::{ApiTester, LIMIT};
use crate::choice::choose;
use crate::param::{missing, refused};
use crate::web::answer::{Answer, millis};
use crate::web::content::Content;
use crate::web::payload::Payload;
use crate::web::request::{HttpArgs, METHODS};

/// A request that was sent, and what came of it.
pub(super) struct Trial {
    pub(super) data: Map,
    pub(super) report: Report,
    pub(super) answer: Answer,
    method: String,
}

impl Trial {
    pub(super) fn passed(&self) -> bool {
        self.report.failures.is_empty()
    }

    /// Returns what went wrong, in one sentence.
    pub(super) fn complaint(&self) -> String {
        complaint(&self.report)
    }
}

pub(super) fn complaint(report: &Report) -> String {
    let failures = &report.failures;
    let shown: Vec<_> = failures
        .iter()
        .take(3)
        .map(|failure| failure.message.as_str())
        .collect();
    let more = match failures.len().saturating_sub(3) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    format!("{}{more}", shown.join("; "))
}

/// Sends the request of a test and reports.
pub(super) async fn run(cx: &Cx, args: &HttpArgs<ApiTester>) -> Result<Outcome> {
    let trial = attempt(cx, args).await?;
    let (method, url) = (&trial.method, &trial.answer.url);
    if !trial.passed() && args.own.fail_on_mismatch == Some(true) {
        let message = format!("{method} {url} did not pass: {}", trial.complaint());
        let error = Error::new(Kind::Execution, message).with("data", trial.data);
        return Err(trial.answer.explain(error));
    }
    let message = match trial.passed() {
        true => format!("{method} {url} passed {} checks", trial.report.checks),
        false => format!("{method} {url} did not pass: {}", trial.complaint()),
    };
    let outcome = Outcome::new("test", trial.data.clone())
        .output(trial.passed())
        .message(message);
    Ok(trial.answer.describe(outcome))
}

/// Makes the request of a test.
pub(super) fn request(cx: &Cx, args: &HttpArgs<ApiTester>, operation: &str) -> Result<HttpRequest> {
    let HttpArgs { own, http } = args;
    let url = own.input.as_deref();
    let url = url.ok_or_else(|| missing("api_tester", operation, "input"))?;
    let mut request = http.request(cx, method(own)?, url, LIMIT)?;
    let payload = Payload::of(own.body.as_ref(), own.json.as_ref(), own.form.as_ref())?;
    if let Some(payload) = payload {
        payload.attach(&mut request);
    }
    Ok(request)
}

fn method(own: &ApiTester) -> Result<&'static str> {
    let by_operation = own
        .operation
        .as_deref()
        .and_then(|operation| choose("operation", operation, METHODS).ok());
    match (own.method.as_deref(), by_operation) {
        (None, by_operation) => Ok(by_operation.unwrap_or("GET")),
        (Some(method), by_operation) => {
            let method = choose("method", method, METHODS)?;
            match by_operation {
                Some(other) if other != method => Err(refused(
                    "method",
                    format!("operation '{other}' and method '{method}' differ"),
                )),
                _ => Ok(method),
            }
        }
    }
}

/// Sends the request of a test and checks the answer.
///
/// - Errors: those of the transport, and of checks that make no sense; these come before anything is sent.
pub(super) async fn attempt(cx: &Cx, args: &HttpArgs<ApiTester>) -> Result<Trial> {
    let mut request = request(cx, args, "test")?;
    let wanted = Wanted::of(&args.own)?;
    wanted.sound(cx).await?;
    if let Some(expected) = wanted.statuses()? {
        expected.settle(&mut request);
    }
    let (method, timeout) = (request.method.clone(), request.timeout);
    let asked = args.http.shown(&request.url)?;
    let answer = args.http.answer(cx, request).await?;
    let (answer, content) = Content::read(answer).await?;
    let report = wanted.check(cx, seen(&answer, &content)).await?;
    let mut data = Map::from([
        ("passed", report.failures.is_empty().into()),
        ("failures", Value::from_serialize(&report.failures)?),
        ("checks", report.checks.into()),
        ("status_code", answer.status.into()),
        (
            "request",
            Value::from([
                ("method", method.as_str().into()),
                ("url", asked.into()),
                ("timeout_ms", timeout.as_millis().into()),
            ]),
        ),
        ("response", response(&answer, content)),
        ("timing", timing(&answer)),
    ]);
    if let Some(name) = &args.own.name {
        data.insert("name", name.as_str().into());
    }
    if args.own.extract.is_some() {
        data.insert("variables", Value::Map(report.variables.clone()));
    }
    Ok(Trial {
        data,
        report,
        answer,
        method,
    })
}

fn seen(answer: &Answer, content: &Content) -> Seen {
    Seen {
        status: answer.status,
        headers: answer.headers_value(),
        body: content.value.clone(),
        text: content.text.clone().unwrap_or_default(),
        duration_ms: millis(answer.took),
    }
}

fn response(answer: &Answer, content: Content) -> Value {
    Value::from([
        ("status_code", answer.status.into()),
        ("status_text", answer.status_text().into()),
        ("is_success", answer.is_ok().into()),
        ("headers", answer.headers_value()),
        ("body", content.value),
        ("body_is_json", content.is_json.into()),
        ("size", answer.body.len().into()),
    ])
}

fn timing(answer: &Answer) -> Value {
    Value::from([
        ("duration_ms", millis(answer.took).into()),
        ("duration_secs", answer.took.as_secs_f64().into()),
        ("first_byte_ms", millis(answer.timing.first_byte).into()),
        ("connect_ms", answer.timing.connect.map(millis).into()),
    ])
}
