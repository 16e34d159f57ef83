//! What services over HTTP answer.

use std::time::Duration;

use llmspell_core::host::{HttpRequest, HttpResponse};
use llmspell_core::value::from_json;
use llmspell_core::{Cx, Error, Kind, Result, Value};

/// Longest answer that is read.
const MAX_ANSWER: u64 = 1 << 20;

/// Longest text of a service in an error, in characters.
const MAX_SAID: usize = 300;

/// Sends a request once and returns its answer with the body as JSON.
///
/// - Errors: `Auth`, `RateLimited`, `Remote` or `Execution`, as the status says.
pub(super) async fn ask(
    cx: &Cx,
    name: &str,
    request: HttpRequest,
) -> Result<(HttpResponse, Value)> {
    let host = cx.host();
    let left = cx.deadline();
    let left = left.map(|deadline| deadline.saturating_sub(host.clock.monotonic()));
    let request = request
        .timeout(left.unwrap_or(Duration::from_secs(60)))
        .redirects(0)
        .max_bytes(MAX_ANSWER);
    let mut response = host.network.send(request).await?;
    let body = response.body.start().await?;
    let text = String::from_utf8_lossy(&body).into_owned();
    let status = response.status;
    if (200..300).contains(&status) {
        return Ok((response, from_json(&text).unwrap_or_default()));
    }
    let said = host.secrets.strike(&said(&text)).into_owned();
    let error = match status {
        401 | 403 => Error::new(Kind::Auth, format!("{name} refuses the API key: {said}")),
        429 => {
            let error = Error::new(
                Kind::RateLimited,
                format!("{name} asks to slow down (rate limit): {said}"),
            );
            let after = response
                .header("retry-after")
                .and_then(|text| text.trim().parse::<u64>().ok());
            match after {
                Some(seconds) => error.with("retry_after_ms", seconds.saturating_mul(1000)),
                None => error,
            }
        }
        500.. => Error::new(
            Kind::Remote,
            format!("{name} answers with status {status}: {said}"),
        )
        .transient(true),
        _ => Error::new(
            Kind::Execution,
            format!("{name} refuses the message: {said}"),
        ),
    };
    Err(error.with("status", i64::from(status)))
}

/// Returns the sentence in a service's answer.
fn said(text: &str) -> String {
    let body = from_json(text).unwrap_or_default();
    let first = |name: &str| {
        let list = body.get(name)?;
        let first = list.as_list()?.first()?;
        first.get("message")?.as_str().map(str::to_owned)
    };
    let plain = |name: &str| body.get(name)?.as_str().map(str::to_owned);
    let said = first("errors")
        .or_else(|| plain("message"))
        .or_else(|| plain("Message"));
    let said = said.unwrap_or_else(|| text.to_owned());
    let shown = said.chars().filter(|letter| !letter.is_control());
    match shown.take(MAX_SAID).collect::<String>() {
        said if said.is_empty() => "it says nothing more".to_owned(),
        said => said,
    }
}

/// Returns the base without a slash at its end.
pub(super) fn base(url: &str) -> &str {
    url.trim_end_matches('/')
}
