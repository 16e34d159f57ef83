//! An answer of the web, read.

use std::time::Duration;

use llmspell_core::host::{Attempt, HttpResponse, Redirect, Timing};
use llmspell_core::{Cx, Error, Map, Outcome, Result, Value};

/// An answer with its body, as far as that may be read.
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    /// The headers, names in small letters.
    pub(crate) headers: Vec<(String, String)>,
    /// The URL that answered.
    pub(crate) url: String,
    /// The redirects on the way.
    pub(crate) redirects: Vec<Redirect>,
    /// How often the request was sent.
    pub(crate) attempts: Vec<Attempt>,
    /// How long the parts took.
    pub(crate) timing: Timing,
    /// The body, decompressed.
    pub(crate) body: Vec<u8>,
    /// Whether the body was longer and is cut.
    pub(crate) is_cut: bool,
    /// From the request to the end of the body.
    pub(crate) took: Duration,
}

impl Answer {
    /// Reads an answer to its end.
    pub(crate) async fn read(mut response: HttpResponse) -> Result<Self> {
        let body = response.body.start().await?;
        let is_cut = response.body.is_cut();
        Ok(Self::new(response, body, is_cut))
    }

    /// Takes an answer whose body was read elsewhere.
    pub(crate) fn new(response: HttpResponse, body: Vec<u8>, is_cut: bool) -> Self {
        Self {
            status: response.status,
            headers: response.headers,
            url: response.url,
            redirects: response.redirects,
            attempts: response.attempts,
            took: response.timing.total,
            timing: response.timing,
            body,
            is_cut,
        }
    }

    /// Returns the first header of that name, given in small letters.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    /// Returns whether the status says that it went well.
    pub(crate) fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Returns the name of the status: `Not Found`.
    pub(crate) fn status_text(&self) -> &'static str {
        status_text(self.status)
    }

    /// Returns the headers as a map; one that repeats is a list.
    pub(crate) fn headers_value(&self) -> Value {
        let mut map = Map::new();
        for (name, value) in &self.headers {
            match map.get_mut(name) {
                None => {
                    map.insert(name.clone(), value.as_str().into());
                }
                Some(Value::List(all)) => all.push(value.as_str().into()),
                Some(first) => *first = vec![first.clone(), value.as_str().into()].into(),
            }
        }
        Value::Map(map)
    }

    /// Returns the redirects as `{status, url}`.
    pub(crate) fn redirects_value(&self) -> Value {
        let redirects = self.redirects.iter().map(|redirect| {
            Value::from([
                ("status", redirect.status.into()),
                ("url", redirect.url.as_str().into()),
            ])
        });
        redirects.collect()
    }

    /// Returns the times as `{dns_ms, connect_ms, tls_ms, first_byte_ms, total_ms}`.
    pub(crate) fn timing_value(&self) -> Value {
        let ms = |time: Option<Duration>| Value::from(time.map(millis));
        Value::from([
            ("dns_ms", ms(self.timing.dns)),
            ("connect_ms", ms(self.timing.connect)),
            ("tls_ms", ms(self.timing.tls)),
            ("first_byte_ms", ms(Some(self.timing.first_byte))),
            ("total_ms", ms(Some(self.took))),
        ])
    }

    /// Returns the metadata that all HTTP tools give.
    pub(crate) fn metadata(&self) -> Map {
        Map::from([
            ("url", self.url.as_str().into()),
            ("redirects", self.redirects_value()),
            ("attempts", self.attempts.len().into()),
            ("status_code", self.status.into()),
            ("bytes", self.body.len().into()),
            ("timing", self.timing_value()),
        ])
    }

    /// Adds the metadata that all HTTP tools give to a failure that this answer is.
    pub(crate) fn explain(&self, error: Error) -> Error {
        error.with("metadata", self.metadata())
    }

    /// Adds the metadata that all HTTP tools give.
    pub(crate) fn describe(&self, mut outcome: Outcome) -> Outcome {
        outcome.metadata.extend(self.metadata());
        if !self.is_cut {
            return outcome;
        }
        let size = self.body.len();
        outcome.metadata("truncated", true).warning(format!(
            "the answer is larger than {size} bytes; the rest was not read"
        ))
    }

    /// Hides the value of a member of the URL's query, which is a secret.
    pub(super) fn hide(&mut self, name: &str) {
        self.url = hidden(&self.url, name);
        for redirect in &mut self.redirects {
            redirect.url = hidden(&redirect.url, name);
        }
    }
}

/// Returns the present moment as RFC 3339.
pub(crate) fn timestamp(cx: &Cx) -> String {
    let now = jiff::Timestamp::from_microsecond(cx.host().clock.now());
    now.map(|now| now.to_string()).unwrap_or_default()
}

/// Returns milliseconds with three digits after the point.
pub(crate) fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e6).round() / 1e3
}

/// Returns a URL without the value of a member of its query.
pub(super) fn hidden(url: &str, name: &str) -> String {
    let Some((start, query)) = url.split_once('?') else {
        return url.to_owned();
    };
    let (query, fragment) = match query.split_once('#') {
        Some((query, fragment)) => (query, format!("#{fragment}")),
        None => (query, String::new()),
    };
    let pairs = query.split('&').map(|pair| {
        let decoded = url::form_urlencoded::parse(pair.as_bytes()).next();
        match (decoded, pair.split_once('=')) {
            (Some((known, _)), Some((written, _))) if known == name => {
                format!("{written}=[redacted:{name}]")
            }
            _ => pair.to_owned(),
        }
    });
    let query = pairs.collect::<Vec<_>>().join("&");
    format!("{start}?{query}{fragment}")
}

/// Returns the standard's name of a status; nothing for one that has none.
pub(crate) fn status_text(status: u16) -> &'static str {
    match status {
        100 => "Continue",
        101 => "Switching Protocols",
        103 => "Early Hints",
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        203 => "Non-Authoritative Information",
        204 => "No Content",
        205 => "Reset Content",
        206 => "Partial Content",
        207 => "Multi-Status",
        208 => "Already Reported",
        226 => "IM Used",
        300 => "Multiple Choices",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        401 => "Unauthorized",
        402 => "Payment Required",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        406 => "Not Acceptable",
        407 => "Proxy Authentication Required",
        408 => "Request Timeout",
        409 => "Conflict",
        410 => "Gone",
        411 => "Length Required",
        412 => "Precondition Failed",
        413 => "Content Too Large",
        414 => "URI Too Long",
        415 => "Unsupported Media Type",
        416 => "Range Not Satisfiable",
        417 => "Expectation Failed",
        418 => "I'm a teapot",
        421 => "Misdirected Request",
        422 => "Unprocessable Content",
        423 => "Locked",
        424 => "Failed Dependency",
        425 => "Too Early",
        426 => "Upgrade Required",
        428 => "Precondition Required",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        451 => "Unavailable For Legal Reasons",
        500 => "Internal Server Error",
        501 => "Not Implemented",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        504 => "Gateway Timeout",
        505 => "HTTP Version Not Supported",
        507 => "Insufficient Storage",
        508 => "Loop Detected",
        511 => "Network Authentication Required",
        _ => "",
    }
}
