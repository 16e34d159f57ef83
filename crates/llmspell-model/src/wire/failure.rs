//! The providers' failures as our errors.

use rig_core::ProviderResponseError;
use rig_core::error::ProviderError;
use rig_core::http_client;
use serde_json::Value;

use llmspell_core::{Error, Kind, error};

use super::rig::Seat;
use super::wait::retry_after;
use crate::http::Fault;

/// Longest provider message that is kept.
const MESSAGE: usize = 1000;

/// Converts a failure. Whether a repetition can help is decided here, by status and code.
pub(super) fn failure(failure: ProviderError, seat: &Seat) -> Error {
    let error = match &failure {
        ProviderError::Http(reason) => transport(reason, seat),
        ProviderError::Truncated => {
            error!(Remote, "the answer of {seat} broke off before its end").transient(true)
        }
        ProviderError::Json(reason) => {
            error!(Remote, "{seat} sent what is not valid JSON: {reason}").transient(false)
        }
        ProviderError::Url(reason) => {
            error!(Config, "the address of {seat} is not valid: {reason}")
        }
        ProviderError::Request(reason) => {
            error!(
                InvalidArgs,
                "{seat} cannot be asked this: {}",
                seat.clean(&reason.to_string())
            )
        }
        ProviderError::UnsupportedOption(option) => error!(InvalidArgs, "{seat}: {option}"),
        other => match other.provider_response() {
            Some(response) => answer(response, seat),
            None => stated(&other.to_string(), seat),
        },
    };
    error
        .with("provider", seat.provider.as_str())
        .with("model", seat.model.as_str())
}

fn transport(reason: &http_client::Error, seat: &Seat) -> Error {
    let http_client::Error::Instance(source) = reason else {
        return error!(Remote, "{seat}: {}", seat.clean(&reason.to_string())).transient(false);
    };
    let Some(fault) = source.downcast_ref::<Fault>() else {
        return error!(Remote, "{seat}: {}", seat.clean(&source.to_string())).transient(true);
    };
    let message = format!("{seat}: {}", seat.clean(&fault.to_string()));
    match fault {
        Fault::Connect { .. } => Error::new(Kind::Remote, message)
            .transient(true)
            .hint(format!("is a server listening at {}?", seat.base_url)),
        Fault::Broken { .. } => Error::new(Kind::Remote, message).transient(true),
        Fault::Silent { ms, .. } | Fault::Stalled { ms, .. } => Error::new(Kind::Timeout, message)
            .with("timeout_ms", *ms as i64)
            .hint(format!(
                "raise `timeout_ms` in [providers.{}]",
                seat.provider
            )),
        Fault::Endless { ms, .. } => Error::new(Kind::Timeout, message)
            .transient(false)
            .with("timeout_ms", *ms as i64)
            .hint(format!(
                "raise `timeout_ms` in [providers.{}]",
                seat.provider
            )),
        Fault::TooLarge { bytes, .. } => {
            Error::new(Kind::Limit, message).with("max_bytes", *bytes as i64)
        }
        Fault::TooDeep { .. } => Error::new(Kind::Limit, message),
        Fault::NoStream { start, .. } => match Stated::read(start) {
            Some(stated) => stated.error(None, seat),
            None => Error::new(Kind::Remote, message)
                .transient(false)
                .hint(format!(
                    "does `base_url` in [providers.{}] name an API?",
                    seat.provider
                )),
        },
        Fault::Setup { .. } => Error::new(Kind::Config, message),
    }
}

/// Converts an answer with an error status, or an error event in the middle of a stream.
fn answer(response: &ProviderResponseError, seat: &Seat) -> Error {
    let status = response.status.map(|status| status.as_u16());
    let stated = Stated::read(&response.body).unwrap_or_else(|| Stated {
        message: shorten(response.body.trim()),
        code: response.code.clone(),
    });
    let mut error = stated.error(status.filter(|status| *status != 200), seat);
    if let Some(wait) = response.headers.as_ref().and_then(retry_after) {
        error = error.with("retry_after_ms", wait.as_millis() as i64);
    }
    let id = response.provider_request_id.clone().or_else(|| {
        let headers = response.headers.as_ref()?;
        ["x-request-id", "request-id", "x-amzn-requestid", "cf-ray"]
            .iter()
            .find_map(|name| headers.get(*name)?.to_str().ok().map(str::to_owned))
    });
    match id {
        Some(id) => error.with("request_id", id),
        None => error,
    }
}

/// Converts a failure that is only a text.
fn stated(text: &str, seat: &Seat) -> Error {
    let text = text
        .strip_prefix("ResponseError: ")
        .or_else(|| text.strip_prefix("ProviderError: "))
        .unwrap_or(text);
    let stated = Stated::read(text).unwrap_or_else(|| Stated {
        message: shorten(text),
        code: None,
    });
    stated.error(None, seat)
}

/// What a provider says about its failure.
struct Stated {
    message: String,
    code: Option<String>,
}

impl Stated {
    /// Reads the error objects that the providers use; `None` if the text is none of them.
    fn read(body: &str) -> Option<Self> {
        let mut body: Value = serde_json::from_str(body).ok()?;
        if let Value::Array(items) = &mut body {
            body = items.first_mut()?.take();
        }
        // A responses stream wraps its failure once more.
        if let Some(inner) = body
            .pointer("/response/error")
            .filter(|inner| inner.is_object())
        {
            body = inner.clone();
        }
        let inner = body.get("error").unwrap_or(&body);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let message = text(inner)
            .or_else(|| inner.get("message").and_then(text))
            .or_else(|| body.get("message").and_then(text))
            .or_else(|| {
                body.get("detail")
                    .map(|detail| text(detail).unwrap_or_else(|| detail.to_string()))
            })?;
        // Anthropic's `type` and OpenAI's `code` tell most; a generic type is the last resort.
        let code = ["code", "status", "type"]
            .iter()
            .find_map(|key| match inner.get(key)? {
                Value::String(word) if !word.is_empty() => Some(word.clone()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            });
        Some(Self {
            message: shorten(&message),
            code,
        })
    }

    fn error(self, status: Option<u16>, seat: &Seat) -> Error {
        let code = self.code.unwrap_or_default();
        let meaning = Meaning::of(status, &code);
        let message = seat.clean(&self.message);
        let said = match (message.is_empty(), status) {
            (false, _) => message,
            (true, Some(status)) => format!("status {status}"),
            (true, None) => "an error without a message".to_owned(),
        };
        let mut error =
            Error::new(meaning.kind, format!("{seat}: {said}")).transient(meaning.transient);
        if let Some(status) = status {
            error = error.with("status", i64::from(status));
        }
        if !code.is_empty() {
            error = error.with("code", code);
        }
        match meaning.kind {
            Kind::Auth => error.hint(seat.key_hint()),
            Kind::NotFound => {
                error.hint("is the model's name right, and does the account have access to it?")
            }
            _ => error,
        }
    }
}

/// What a status and a code mean to a caller.
struct Meaning {
    kind: Kind,
    transient: bool,
}

impl Meaning {
    fn of(status: Option<u16>, code: &str) -> Self {
        let is = |kind, transient| Self { kind, transient };
        match code {
            // No wait helps an empty account.
            "insufficient_quota" | "billing_hard_limit_reached" | "credit_balance_too_low" => {
                return is(Kind::RateLimited, false);
            }
            "overloaded_error"
            | "overloaded"
            | "api_error"
            | "server_error"
            | "internal_error"
            | "internal_server_error"
            | "service_unavailable"
            | "UNAVAILABLE"
            | "INTERNAL"
                if status.is_none() =>
            {
                return is(Kind::Remote, true);
            }
            "timeout_error" | "DEADLINE_EXCEEDED" if status.is_none() => {
                return is(Kind::Timeout, true);
            }
            "rate_limit_error" | "rate_limit_exceeded" | "RESOURCE_EXHAUSTED"
                if status.is_none() =>
            {
                return is(Kind::RateLimited, true);
            }
            "authentication_error"
            | "invalid_api_key"
            | "permission_error"
            | "PERMISSION_DENIED"
            | "UNAUTHENTICATED" => return is(Kind::Auth, false),
            "not_found_error" | "model_not_found" => return is(Kind::NotFound, false),
            _ => {}
        }
        // A code may be the status itself.
        match status.or_else(|| code.parse().ok()) {
            Some(401 | 403) => is(Kind::Auth, false),
            Some(404) => is(Kind::NotFound, false),
            Some(429) => is(Kind::RateLimited, true),
            Some(408 | 409 | 425) => is(Kind::Remote, true),
            Some(500..=599) => is(Kind::Remote, true),
            _ => is(Kind::Remote, false),
        }
    }
}

fn shorten(text: &str) -> String {
    let cut = text.char_indices().nth(MESSAGE).map(|(at, _)| at);
    match cut {
        Some(at) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: Option<u16>, code: &str, kind: Kind, retryable: bool) {
        let meaning = Meaning::of(status, code);
        assert_eq!(
            (meaning.kind, meaning.transient),
            (kind, retryable),
            "{status:?} {code}"
        );
    }

    #[test]
    fn statuses_and_codes_decide_whether_to_repeat() {
        for status in [408, 409, 500, 502, 503, 504, 529] {
            check(Some(status), "", Kind::Remote, true);
        }
        check(Some(429), "", Kind::RateLimited, true);
        check(Some(429), "rate_limit_exceeded", Kind::RateLimited, true);
        check(Some(429), "insufficient_quota", Kind::RateLimited, false);
        check(Some(400), "invalid_request_error", Kind::Remote, false);
        check(Some(401), "", Kind::Auth, false);
        check(Some(404), "", Kind::NotFound, false);
        check(None, "overloaded_error", Kind::Remote, true);
        check(None, "rate_limit_error", Kind::RateLimited, true);
        check(None, "503", Kind::Remote, true);
        check(None, "something", Kind::Remote, false);
    }

    #[test]
    fn the_error_objects_of_the_providers_are_read() {
        let read = |body: &str| {
            let stated = Stated::read(body).unwrap();
            (stated.message, stated.code.unwrap_or_default())
        };
        let is = |message: &str, code: &str| (message.to_owned(), code.to_owned());
        assert_eq!(
            read(r#"{"error":{"message":"no","type":"t","code":"c"}}"#),
            is("no", "c")
        );
        assert_eq!(
            read(r#"{"type":"error","error":{"type":"overloaded_error","message":"busy"}}"#),
            is("busy", "overloaded_error")
        );
        assert_eq!(
            read(r#"[{"error":{"code":400,"message":"bad","status":"INVALID_ARGUMENT"}}]"#),
            is("bad", "400")
        );
        assert_eq!(
            read(r#"{"error":"model not found"}"#),
            is("model not found", "")
        );
        assert_eq!(
            read(r#"{"message":"invalid api token"}"#),
            is("invalid api token", "")
        );
        assert_eq!(read(r#"{"detail":"nope"}"#), is("nope", ""));
        assert!(Stated::read("<html>").is_none());
        assert!(Stated::read("{}").is_none());
    }
}
