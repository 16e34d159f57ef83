//! Requests to a service, and what it answers.

use std::time::Duration;

use llmspell_core::host::{HttpRequest, Repeat};
use llmspell_core::{Cx, Error, Result, error};
use serde_json::Value as Json;
use url::Url;

use super::provider::{Account, Ask, Page, Protocol, Provider};
use super::search::{Found, Search};
use super::{LIMIT, TOOL, duckduckgo};
use crate::web::answer::Answer;
use crate::web::request::time_left;

/// Longest part of a service's own explanation that is shown, in characters.
const EXPLANATION: usize = 300;

/// A service with an account.
pub(super) struct Service<'a> {
    pub(super) provider: &'static str,
    pub(super) account: &'a Account,
}

impl Service<'_> {
    /// Returns the URL of a path below an address of the service.
    ///
    /// - Errors: `Config` for an address that is no URL.
    pub(super) fn url(&self, base: &str, path: &str) -> Result<Url> {
        let text = format!("{}{path}", base.trim_end_matches('/'));
        Url::parse(&text).map_err(|cause| {
            let provider = self.provider;
            error!(
                Config,
                "[tools.web_search.providers.{provider}] base_url is not a URL: {cause}"
            )
        })
    }

    /// Makes a request that may be sent twice, because searching changes nothing.
    pub(super) fn request(&self, cx: &Cx, method: &str, url: Url) -> HttpRequest {
        let retry = Repeat {
            max_attempts: 2,
            initial_delay: Duration::from_millis(200),
            on_status: vec![500, 502, 503, 504],
            ..Repeat::default()
        };
        let request = HttpRequest::new(method, url)
            .timeout(time_left(cx, LIMIT))
            .retry(retry)
            .repeatable();
        match self.account.is_configured {
            true => request.configured(self.account.base_url.as_str()),
            false => request,
        }
    }

    /// Sends a request when it is the turn of the service.
    ///
    /// - Errors: `Auth` for a key that is refused, `RateLimited`, `Remote` for other failures.
    pub(super) async fn send(&self, cx: &Cx, request: HttpRequest) -> Result<Answer> {
        let rates = &cx.host().rates;
        let own = self.account.rate_limit;
        rates.enter(cx, TOOL, self.provider, own).await?;
        let answer = Answer::read(cx.host().network.send(request).await?).await?;
        match answer.status {
            200..400 => Ok(answer),
            _ => Err(self.failure(cx, &answer)),
        }
    }

    fn failure(&self, cx: &Cx, answer: &Answer) -> Error {
        let (provider, status) = (self.provider, answer.status);
        let why = explanation(&answer.body);
        let why = cx.host().secrets.strike(&why);
        let error = match status {
            401 | 403 => error!(
                Auth,
                "provider '{provider}' refused the API key ({status}){why}"
            )
            .hint(format!(
                "set [tools.web_search.providers.{provider}] api_key"
            )),
            429 => error!(
                RateLimited,
                "the rate limit of provider '{provider}' is reached{why}"
            ),
            _ => error!(
                Remote,
                "provider '{provider}' answered {status} {}{why}",
                answer.status_text()
            )
            .transient(status >= 500),
        };
        let seconds = answer
            .header("retry-after")
            .and_then(|after| after.trim().parse::<u64>().ok());
        let error = error.with("status", status).with("provider", provider);
        match (status, seconds) {
            (429, Some(seconds)) => error.with("retry_after_ms", seconds.saturating_mul(1000)),
            _ => error,
        }
    }
}

/// Returns what a service says of a failure: its `error`, `message` or `detail`.
fn explanation(body: &[u8]) -> String {
    let Ok(json) = serde_json::from_slice::<Json>(body) else {
        return String::new();
    };
    let places = [
        "/error/message",
        "/error/detail",
        "/error",
        "/message",
        "/detail/error",
        "/detail",
    ];
    let said = places
        .iter()
        .find_map(|place| json.pointer(place).and_then(Json::as_str));
    match said {
        Some(said) => format!(": {}", said.chars().take(EXPLANATION).collect::<String>()),
        None => String::new(),
    }
}

/// Reads an answer as JSON.
pub(super) fn json_of(provider: &str, answer: &Answer) -> Result<Json> {
    serde_json::from_slice(&answer.body).map_err(|cause| {
        error!(
            Parse,
            "provider '{provider}' did not answer with JSON: {cause}"
        )
    })
}

/// Asks a service.
pub(super) async fn ask(
    cx: &Cx,
    provider: &Provider,
    account: &Account,
    search: &Search,
) -> Result<Found> {
    let (make, read) = match &provider.protocol {
        Protocol::Json { ask, read } => (ask, read),
        Protocol::DuckDuckGo => return duckduckgo::search(cx, provider, account, search).await,
    };
    let service = Service {
        provider: provider.name(),
        account,
    };
    let size = search.max_results.min(provider.cap);
    let mut all = Found::default();
    for number in 0..provider.pages {
        let asked = make(search, account, Page { number, size });
        let found = read(search, &one(cx, &service, asked).await?);
        let last = found.hits.is_empty();
        let known = all.hits.len();
        for hit in found.hits {
            if !all.hits.iter().any(|known| known.url == hit.url) {
                all.hits.push(hit);
            }
        }
        if number == 0 {
            (all.answer, all.total, all.warnings) = (found.answer, found.total, found.warnings);
        }
        if last || all.hits.len() == known || all.hits.len() >= search.max_results {
            break;
        }
    }
    Ok(all)
}

async fn one(cx: &Cx, service: &Service<'_>, asked: Ask) -> Result<Json> {
    let mut url = service.url(&service.account.base_url, asked.path)?;
    if !asked.query.is_empty() {
        url.query_pairs_mut().extend_pairs(&asked.query);
    }
    let mut request = match asked.json {
        Some(json) => service
            .request(cx, "POST", url)
            .body("application/json", json.to_string()),
        None => service.request(cx, "GET", url),
    };
    request = request.header("accept", "application/json");
    for (name, value) in asked.headers {
        request = request.header(name, value);
    }
    json_of(service.provider, &service.send(cx, request).await?)
}
