//! One question and its answer.

use data_encoding::HEXLOWER;
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Cx, Error, Kind, Map, Outcome, Result, Value, error};
use sha2::{Digest, Sha256};

use super::{LIMIT, failed, first};
use crate::aside::aside;
use crate::web::answer::Answer;
use crate::web::payload::{JSON, Payload};
use crate::web::request::HttpOptions;

/// What is asked.
#[derive(Clone)]
pub(super) struct Asking {
    /// The operation of the tool.
    pub(super) operation: &'static str,
    pub(super) document: String,
    pub(super) variables: Map,
    pub(super) operation_name: Option<String>,
    pub(super) persisted: bool,
    /// Whether the document has the variable `after`.
    pub(super) takes_after: bool,
}

impl Asking {
    /// Returns the question as it is sent.
    pub(super) fn body(&self) -> Map {
        let mut body = Map::from([("query", self.document.as_str().into())]);
        if !self.variables.is_empty() {
            body.insert("variables", Value::Map(self.variables.clone()));
        }
        if let Some(name) = &self.operation_name {
            body.insert("operationName", name.as_str().into());
        }
        body
    }
}

/// An answer, understood.
pub(super) struct Reply {
    pub(super) data: Value,
    pub(super) errors: Value,
    pub(super) extensions: Value,
    pub(super) answer: Answer,
}

impl Reply {
    fn has_errors(&self) -> bool {
        self.errors
            .as_list()
            .is_some_and(|errors| !errors.is_empty())
    }

    /// Returns whether one of the errors is this one, by code or message.
    fn says(&self, code: &str, message: &str) -> bool {
        let mut errors = self.errors.as_list().unwrap_or_default().iter();
        errors.any(|error| {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let own = text(
                error
                    .get("extensions")
                    .and_then(|extensions| extensions.get("code")),
            );
            own.as_deref() == Some(code) || text(error.get("message")).as_deref() == Some(message)
        })
    }

    /// Returns the payload of the tool's result.
    pub(super) fn data(&self) -> Map {
        let result = Map::from([
            ("data", self.data.clone()),
            ("errors", self.errors.clone()),
            ("extensions", self.extensions.clone()),
        ]);
        let mut data = result.clone();
        data.insert("has_errors", self.has_errors().into());
        data.insert("status_code", self.answer.status.into());
        data.insert("result", Value::Map(result));
        data
    }

    /// Checks that there is data, and warns of errors beside it.
    pub(super) fn settle(&self, outcome: Outcome) -> Result<Outcome> {
        if !self.has_errors() {
            return Ok(outcome);
        }
        if self.data.is_null() {
            return Err(self.answer.explain(failed(&self.errors, self.data())));
        }
        let (message, count) = first(&self.errors);
        Ok(outcome.warning(format!("the answer has errors ({count}): {message}")))
    }
}

/// The operations `query` and `mutation`.
pub(super) async fn run(
    cx: &Cx,
    http: &HttpOptions,
    endpoint: &str,
    asking: &Asking,
) -> Result<Outcome> {
    let (reply, known) = ask(cx, http, endpoint, asking).await?;
    let (status, ms) = (reply.answer.status, reply.answer.took.as_millis());
    let operation = asking.operation;
    let mut outcome = Outcome::new(operation, reply.data())
        .output(reply.data.clone())
        .message(format!(
            "The {operation} was answered with {status} in {ms} ms"
        ));
    if let Some(known) = known {
        outcome = outcome.metadata("persisted", if known { "known" } else { "sent" });
    }
    Ok(reply.answer.describe(reply.settle(outcome)?))
}

/// Asks, by hash first if that is wanted. Returns whether the service knew the hash.
pub(super) async fn ask(
    cx: &Cx,
    http: &HttpOptions,
    endpoint: &str,
    asking: &Asking,
) -> Result<(Reply, Option<bool>)> {
    let mut body = asking.body();
    if !asking.persisted {
        return Ok((post(cx, http, endpoint, body).await?, None));
    }
    let hash = HEXLOWER.encode(&Sha256::digest(asking.document.as_bytes()));
    let named = serde_json::json!({"persistedQuery": {"version": 1, "sha256Hash": hash}});
    body.insert("extensions", named.into());
    let document = body.shift_remove("query").unwrap_or_default();
    let reply = post(cx, http, endpoint, body.clone()).await?;
    let is_unknown = reply.says("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound");
    let is_refused = reply.says(
        "PERSISTED_QUERY_NOT_SUPPORTED",
        "PersistedQueryNotSupported",
    );
    if !is_unknown && !is_refused {
        return Ok((reply, Some(true)));
    }
    if is_refused {
        body.shift_remove("extensions");
    }
    body.insert("query", document);
    Ok((post(cx, http, endpoint, body).await?, Some(false)))
}

/// Sends a question and reads the answer.
///
/// - Errors: `Remote` for a status that is no success and no GraphQL; `Parse` for a success that is none.
pub(super) async fn post(cx: &Cx, http: &HttpOptions, endpoint: &str, body: Map) -> Result<Reply> {
    let mut request = http.request(cx, "POST", endpoint, LIMIT)?;
    if !http.has_header("accept") {
        let accept = "application/graphql-response+json, application/json;q=0.9";
        request = request.header("accept", accept);
    }
    Payload::new(JSON, to_json(&Value::Map(body))).attach(&mut request);
    let answer = http.answer(cx, request).await?;
    if answer.is_cut {
        let size = answer.body.len();
        return Err(error!(Limit, "the answer is larger than {size} bytes")
            .with("limit", size)
            .hint("raise `max_bytes`, or `security.network.max_response_bytes`"));
    }
    let (answer, read) = aside(answer.body.len(), move || {
        let text = std::str::from_utf8(&answer.body).ok();
        let read = text.and_then(|text| from_json(text).ok());
        Ok((answer, read))
    })
    .await?;
    match read {
        Some(Value::Map(mut members))
            if members.contains_key("data") || members.contains_key("errors") =>
        {
            let mut take = |name: &str| members.shift_remove(name).unwrap_or_default();
            let errors = match take("errors") {
                Value::Null => Value::List(Vec::new()),
                errors => errors,
            };
            Ok(Reply {
                data: take("data"),
                errors,
                extensions: take("extensions"),
                answer,
            })
        }
        _ => Err(stranger(&answer)),
    }
}

fn stranger(answer: &Answer) -> Error {
    let (url, status) = (&answer.url, answer.status);
    let error = match answer.is_ok() {
        true => error!(
            Parse,
            "the answer of {url} is not that of a GraphQL service"
        )
        .with("status", status),
        false => Error::new(
            Kind::Remote,
            format!("POST {url} answered {status}, without a GraphQL result"),
        )
        .transient(matches!(status, 429 | 500..=599))
        .with("status", status),
    };
    answer.explain(error)
}
