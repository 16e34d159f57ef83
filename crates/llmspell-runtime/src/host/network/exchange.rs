//! One request and its answer: redirects followed by hand, each target checked from the start.

use std::time::Duration;

use llmspell_core::host::{HttpRequest, Redirect, Timing};
use llmspell_core::{Error, Result, error};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue, LOCATION, USER_AGENT,
};
use reqwest::{Method, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use super::Inner;
use super::clients::{CHECKED, Lane};
use super::decode::ACCEPTED;
use super::limiter::Slot;
use super::opening::{Opening, Took};
use super::rules::Exempt;
use crate::secret;

/// Headers that belong to the transport.
const OWN: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "proxy-connection",
    "proxy-authorization",
];

/// A request, checked.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Option<bytes::Bytes>,
    most_redirects: u32,
    configured: Option<url::Origin>,
    loopback: bool,
}

/// An answer whose body is still to come.
pub(super) struct Answered {
    pub(super) response: reqwest::Response,
    pub(super) url: Url,
    pub(super) redirects: Vec<Redirect>,
    pub(super) timing: Timing,
    pub(super) slot: Slot,
}

impl Asked {
    /// Checks the form of a request.
    ///
    /// - Errors: `InvalidArgs` for what is no method, URL or header.
    pub(super) fn new(request: &HttpRequest, max_redirects: u32) -> Result<Self> {
        let method = Method::from_bytes(request.method.as_bytes())
            .map_err(|_| error!(InvalidArgs, "'{}' is no HTTP method", request.method))?;
        let url = Url::parse(&request.url).map_err(|cause| {
            error!(InvalidArgs, "URL validation failed: {cause}").with("url", request.url.as_str())
        })?;
        let configured = match &request.configured {
            Some(base) => Some(
                Url::parse(base)
                    .map_err(|cause| error!(Config, "'{base}' is no URL: {cause}"))?
                    .origin(),
            ),
            None => None,
        };
        Ok(Self {
            method,
            url,
            headers: headers(&request.headers, &request.secret_headers)?,
            body: request.body.clone().map(bytes::Bytes::from),
            most_redirects: request.redirects.unwrap_or(max_redirects).min(20),
            configured,
            loopback: request.loopback,
        })
    }

    /// Returns whether a request of this method says that it has no body, by its length (RFC 9110, section 8.6).
    fn expects_body(&self) -> bool {
        matches!(self.method, Method::POST | Method::PUT | Method::PATCH)
    }

    /// Turns the request into the one that a redirect asks for.
    ///
    /// - Errors: `Denied` for a way from `https` to `http`.
    fn redirect(&mut self, status: StatusCode, to: Url) -> Result<()> {
        if self.url.scheme() == "https" && to.scheme() == "http" {
            return Err(error!(
                Denied,
                "a redirect from https to http is not permitted"
            ));
        }
        let becomes_get = status == StatusCode::SEE_OTHER && self.method != Method::HEAD
            || matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND)
                && self.method == Method::POST;
        if becomes_get {
            self.method = Method::GET;
            self.body = None;
            for name in [CONTENT_TYPE, CONTENT_ENCODING, CONTENT_LENGTH] {
                self.headers.remove(name);
            }
        }
        if self.url.origin() != to.origin() {
            let secret: Vec<HeaderName> = self
                .headers
                .iter()
                .filter(|(_, value)| value.is_sensitive())
                .map(|(name, _)| name.clone())
                .collect();
            for name in secret {
                self.headers.remove(name);
            }
        }
        self.url = to;
        Ok(())
    }
}

/// Reads the headers; the values of `marked` ones, and of those whose names say that they are, are marked.
fn headers(given: &[(String, String)], marked: &[String]) -> Result<HeaderMap> {
    let is_secret = |name: &str| {
        secret::is_name(name) || marked.iter().any(|own| own.eq_ignore_ascii_case(name))
    };
    let mut headers = HeaderMap::new();
    for (name, value) in given {
        let bad = |what: &str| error!(InvalidArgs, "{what} of the header '{name}' is not valid");
        if OWN.contains(&name.to_ascii_lowercase().as_str()) {
            return Err(error!(InvalidArgs, "the header '{name}' cannot be set")
                .hint("it belongs to the connection"));
        }
        let known = HeaderName::try_from(name.as_str()).map_err(|_| bad("the name"))?;
        let mut value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| bad("the value"))?;
        value.set_sensitive(is_secret(known.as_str()));
        headers.append(known, value);
    }
    for (name, value) in [
        (USER_AGENT, concat!("llmspell/", env!("CARGO_PKG_VERSION"))),
        (ACCEPT, "*/*"),
        (ACCEPT_ENCODING, ACCEPTED),
    ] {
        headers
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    Ok(headers)
}

/// Sends a request and follows its redirects.
pub(super) async fn exchange(inner: &Inner, mut asked: Asked, until: Instant) -> Result<Answered> {
    let mut redirects = Vec::new();
    loop {
        let mut answered = once(inner, &asked, until).await?;
        let status = answered.response.status();
        let target = match status.as_u16() {
            301 | 302 | 303 | 307 | 308 if asked.most_redirects > 0 => {
                target(&asked.url, answered.response.headers())?
            }
            _ => None,
        };
        let Some(target) = target else {
            answered.redirects = redirects;
            return Ok(answered);
        };
        if redirects.len() >= asked.most_redirects as usize {
            return Err(error!(
                Limit,
                "the answer leads through more than {} redirects", asked.most_redirects
            )
            .with("limit", asked.most_redirects)
            .hint("raise `max_redirects`, or `security.network.max_redirects`"));
        }
        redirects.push(Redirect {
            status: status.as_u16(),
            url: target.to_string(),
        });
        asked.redirect(status, target)?;
    }
}

/// Returns where a redirect leads; nothing if it does not say.
fn target(from: &Url, headers: &HeaderMap) -> Result<Option<Url>> {
    let Some(location) = headers.get(LOCATION) else {
        return Ok(None);
    };
    let location = String::from_utf8_lossy(location.as_bytes());
    let target = from
        .join(&location)
        .map_err(|cause| error!(Remote, "the answer redirects to what is no URL: {cause}"))?;
    Ok(Some(target))
}

/// Checks the target, sends the request once, and waits for the headers of the answer.
async fn once(inner: &Inner, asked: &Asked, until: Instant) -> Result<Answered> {
    let (host, port) = inner.policy.check_url(&asked.url)?;
    let is_configured = asked.configured.as_ref() == Some(&asked.url.origin());
    let exempt = Exempt {
        port: is_configured || asked.loopback,
        addresses: is_configured,
        loopback: asked.loopback,
    };
    inner.policy.check_host(&host, port, exempt)?;
    let rules = &inner.policy.rules;
    let shared = &inner.shared;
    let slot = shared
        .limiter
        .enter(rules, &host.to_string(), until)
        .await?;
    let began = Instant::now();
    let soon = until.min(began + inner.connect());
    let addresses = inner.lookup(&host, port, soon).await?;
    let dns = matches!(host, Host::Domain(_)).then(|| began.elapsed());
    inner.policy.check_addresses(&host, &addresses, exempt)?;
    let here = addresses.iter().all(|address| address.ip().is_loopback());
    let lane = Lane {
        plain: asked.url.scheme() == "http",
        insecure: inner.policy.is_insecure(&host, port),
        // No proxy reaches this machine.
        via: match here {
            true => None,
            false => shared.proxies.of(rules.proxy.as_deref(), &asked.url),
        },
    };
    let client = shared.clients.get(&lane, inner.connect(), &shared.tls)?;
    let mut request = client
        .request(asked.method.clone(), asked.url.clone())
        .headers(asked.headers.clone());
    if let Some(body) = &asked.body {
        request = request.body(body.clone());
    } else if asked.expects_body() {
        request = request.header(CONTENT_LENGTH, 0);
    }
    let sending = CHECKED.scope(addresses, request.send());
    let (sent, opening) = Opening::of(timeout_at(until, sending)).await;
    let response = match sent {
        Ok(Ok(response)) => response,
        Ok(Err(cause)) => return Err(failed(&cause, &host, opening.is_encrypting())),
        Err(_) => return Err(late(&host, "first_byte", began.elapsed())),
    };
    let first_byte = began.elapsed();
    // What a proxy does on the way is not to be told from the connection to it.
    let took = match lane.via {
        None => opening.took(),
        Some(_) => Took::default(),
    };
    Ok(Answered {
        response,
        url: asked.url.clone(),
        redirects: Vec::new(),
        timing: Timing {
            dns,
            connect: took.connect,
            tls: took.tls,
            first_byte,
            ..Timing::default()
        },
        slot,
    })
}

/// Returns the error of a time that is over.
pub(super) fn late(host: &Host, phase: &'static str, limit: Duration) -> Error {
    error!(Timeout, "host '{host}' did not answer in time")
        .with("phase", phase)
        .with("limit_ms", limit.as_millis())
}

/// Returns what was wrong with the encryption; it may be packed into errors of the system, more than once.
fn tls_error<'a>(mut error: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    loop {
        match error.downcast_ref::<rustls::Error>() {
            Some(found) => return Some(found),
            None => error = error.downcast_ref::<std::io::Error>()?.get_ref()?,
        }
    }
}

/// Returns the error of what failed on the way, without addresses; `encrypting` if the connection was there and was to
/// be encrypted.
fn failed(cause: &reqwest::Error, host: &Host, encrypting: bool) -> Error {
    let chain = || {
        std::iter::successors(Some(cause as &dyn std::error::Error), |error| {
            error.source()
        })
    };
    if let Some(reason) = chain().find_map(tls_error) {
        return error!(Remote, "no encrypted connection to host '{host}': {reason}")
            .with("phase", "tls")
            .transient(false);
    }
    let (connection, phase) = match encrypting {
        true => ("encrypted connection", "tls"),
        false => ("connection", "connect"),
    };
    if cause.is_timeout() {
        return error!(Timeout, "no {connection} to host '{host}' in time").with("phase", phase);
    }
    let reason = chain().last().map(ToString::to_string).unwrap_or_default();
    // Where the connection did not come about nothing of the request was sent.
    match cause.is_connect() {
        true => error!(Remote, "no {connection} to host '{host}': {reason}")
            .with("phase", phase)
            .transient(true),
        false => error!(Remote, "the exchange with host '{host}' failed: {reason}")
            .with("phase", "send")
            .transient(true),
    }
}
