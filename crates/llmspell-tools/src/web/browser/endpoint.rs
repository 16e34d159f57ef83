//! Where the browser listens.

use std::time::Duration;

use llmspell_core::host::HttpRequest;
use llmspell_core::{Cx, Result, error};
use serde_json::Value as Json;
use url::Url;

use super::{hinted, strange};
use crate::web::answer::Answer;

/// Longest part of an answer that is shown, in characters.
const EXPLANATION: usize = 200;

/// Returns the WebSocket of a browser: `address` itself, or what `/json/version` below it says.
///
/// The browser names the way only; host, port and encryption are those of the configuration.
///
/// - Errors: `Config` for what is no address; those of the network.
pub(super) async fn find(cx: &Cx, address: &str, limit: Duration) -> Result<Url> {
    let configured = read(address)?;
    for (name, value) in configured.query_pairs() {
        // Services that rent out browsers take their keys here.
        cx.host().secrets.add(&name, &value);
    }
    if matches!(configured.scheme(), "ws" | "wss") {
        return Ok(configured);
    }
    let mut asked = configured.clone();
    asked.set_path(&format!(
        "{}/json/version",
        configured.path().trim_end_matches('/')
    ));
    let request = HttpRequest::new("GET", asked)
        .configured(configured.as_str())
        .redirects(0)
        .max_bytes(1 << 20)
        .timeout(limit);
    let response = cx.host().network.send(request).await.map_err(hinted)?;
    let answer = Answer::read(response).await.map_err(hinted)?;
    let told: Json = match answer.is_ok() {
        true => serde_json::from_slice(&answer.body).unwrap_or_default(),
        false => Json::Null,
    };
    let way = told["webSocketDebuggerUrl"].as_str();
    let Some(way) = way.and_then(|url| Url::parse(url).ok()) else {
        let said = String::from_utf8_lossy(&answer.body);
        let said: String = said.trim().chars().take(EXPLANATION).collect();
        let status = answer.status;
        let what = format!("answered {status} to `/json/version` and named no WebSocket: {said}");
        return Err(strange(&what)
            .hint("Chromium answers only when it is named by its IP address or `localhost`"));
    };
    joined(&configured, &way)
}

fn read(address: &str) -> Result<Url> {
    let bad = |why: &str| {
        error!(Config, "[tools.web_scraper] browser {why}")
            .hint("write `http://HOST:PORT` of the browser's remote debugging, or its `ws://` URL")
    };
    let url = Url::parse(address.trim()).map_err(|cause| bad(&format!("is no URL: {cause}")))?;
    if !matches!(url.scheme(), "http" | "https" | "ws" | "wss") || url.host_str().is_none() {
        return Err(bad("must be a URL with http, https, ws or wss"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(bad("must have no user and password"));
    }
    Ok(url)
}

/// Returns the configured address with the way that the browser named.
fn joined(configured: &Url, way: &Url) -> Result<Url> {
    let scheme = match configured.scheme() {
        "https" => "wss",
        _ => "ws",
    };
    let host = configured.host_str().unwrap_or_default();
    let port = configured
        .port()
        .map(|port| format!(":{port}"))
        .unwrap_or_default();
    let query = way.query().or(configured.query());
    let query = query.map(|query| format!("?{query}")).unwrap_or_default();
    let text = format!("{scheme}://{host}{port}{}{query}", way.path());
    Url::parse(&text).map_err(|cause| strange(&format!("names a WebSocket that is none: {cause}")))
}

#[cfg(test)]
mod tests {
    use llmspell_core::Kind;

    use super::*;

    #[test]
    fn the_browser_does_not_say_where_it_is() {
        let joined = |configured: &str, way: &str| {
            let (configured, way) = (read(configured).unwrap(), Url::parse(way).unwrap());
            joined(&configured, &way).unwrap().to_string()
        };
        assert_eq!(
            joined("http://127.0.0.1:9222", "ws://10.0.0.1/devtools/browser/1"),
            "ws://127.0.0.1:9222/devtools/browser/1"
        );
        assert_eq!(
            joined("https://b.example/x?token=1", "ws://b.example/y"),
            "wss://b.example/y?token=1"
        );
        assert_eq!(
            joined("https://b.example/?token=1", "ws://b.example/y?z"),
            "wss://b.example/y?z"
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for address in [
            "",
            "chromium",
            "file:///bin/chromium",
            "http://a:b@c.example",
            "ws:",
        ] {
            let error = read(address).unwrap_err();
            assert_eq!(error.kind(), Kind::Config, "{address}");
            assert!(error.message().starts_with("[tools.web_scraper] browser "));
        }
    }
}
