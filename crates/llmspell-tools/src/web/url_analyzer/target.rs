//! A look at what a URL leads to.

use std::time::Duration;

use llmspell_core::{Cx, Result, Value, bail};
use url::Url;

use super::normal;
use crate::web::answer::Answer;
use crate::web::request::HttpOptions;

pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// Asks the target what it is, by HEAD, or by a GET of one byte if the server refuses that. Redirects are shown, not
/// followed; user and password of the URL are not sent.
pub(super) async fn look(cx: &Cx, http: &HttpOptions, url: &Url) -> Result<Answer> {
    if !matches!(url.scheme(), "http" | "https") {
        bail!(
            InvalidArgs,
            "a URL with the scheme '{}' has no metadata to fetch",
            url.scheme()
        );
    }
    let mut url = normal::normalized(url);
    // Refused only by URLs without a host.
    let _ = url.set_username("");
    let mut answer = ask(cx, http, "HEAD", &url).await?;
    if matches!(answer.status, 400 | 403 | 405 | 501) {
        answer = ask(cx, http, "GET", &url).await?;
    }
    Ok(answer)
}

async fn ask(cx: &Cx, http: &HttpOptions, method: &str, url: &Url) -> Result<Answer> {
    let mut request = http.request(cx, method, url.as_str(), LIMIT)?.redirects(0);
    request.timeout = request.timeout.min(LIMIT);
    if method == "GET" {
        request = request.header("range", "bytes=0-0").max_bytes(1);
    }
    http.answer(cx, request).await
}

/// Returns what the target says of itself.
pub(super) fn metadata(answer: &Answer) -> Value {
    let header = |name: &str| Value::from(answer.header(name).map(str::to_owned));
    // The answer to a range says the length of the whole behind a slash.
    let whole = answer
        .header("content-range")
        .and_then(|range| range.rsplit('/').next());
    let length = whole
        .or_else(|| answer.header("content-length"))
        .and_then(|length| length.parse::<u64>().ok());
    let is_redirect = matches!(answer.status, 301 | 302 | 303 | 307 | 308);
    Value::from([
        ("status_code", answer.status.into()),
        ("status_text", answer.status_text().into()),
        ("is_success", answer.is_ok().into()),
        ("is_redirect", is_redirect.into()),
        ("redirect_location", header("location")),
        ("content_type", header("content-type")),
        ("content_length", length.into()),
        ("server", header("server")),
        ("last_modified", header("last-modified")),
        ("etag", header("etag")),
    ])
}
