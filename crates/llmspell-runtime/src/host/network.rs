//! The network of this machine, behind the policy.
//!
//! The policy looks at a URL's form, at the host and port, and at every address that the name resolves to; the
//! connection then goes to these addresses and to no other. With a proxy the same is checked, so that a private name is
//! refused there too; what the proxy resolves it to later is the proxy's affair.

mod address;
mod clients;
mod connection;
mod decode;
mod exchange;
mod hosts;
mod limiter;
mod names;
mod opening;
mod proxy;
mod retry;
mod rules;
#[cfg(test)]
mod tests;
mod tls;

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use futures::stream::{self, StreamExt as _};
use llmspell_core::host::{
    Attempt, Connection, Endpoint, HttpBody, HttpRequest, HttpResponse, Secured, Trust,
};
use llmspell_core::{Error, Kind, Network, Random as _, Result, error};
use reqwest::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use url::Host;

pub use rules::NetworkRules;

use super::SystemRandom;
use clients::Clients;
use connection::Connected;
use exchange::{Answered, Asked, exchange, late};
use limiter::Limiter;
use names::{Names, SystemNames};
use proxy::Proxies;
use rules::{Exempt, Policy};
use tls::Tls;

/// Longest time that one request may be given.
const LONGEST: Duration = Duration::from_secs(86_400);

/// The network of this machine, behind the policy. Cloning is cheap; clones share connections and limiters.
#[derive(Clone, Debug)]
pub struct SystemNetwork(Arc<Inner>);

struct Inner {
    policy: Policy,
    shared: Shared,
}

struct Shared {
    names: Box<dyn Names>,
    clients: Clients,
    limiter: Limiter,
    proxies: Proxies,
    tls: Tls,
    random: SystemRandom,
}

impl SystemNetwork {
    /// Reaches what `rules` let it reach. Nothing is opened before the first request.
    ///
    /// - Errors: `Config` for an entry of a list that is no host.
    pub fn new(rules: NetworkRules) -> Result<Self> {
        let ca_file = rules.ca_file.clone();
        Ok(Self(Arc::new(Inner {
            policy: Policy::new(rules)?,
            shared: Shared {
                names: Box::new(SystemNames),
                clients: Clients::default(),
                limiter: Limiter::default(),
                proxies: Proxies::default(),
                tls: Tls::new(ca_file),
                random: SystemRandom::default(),
            },
        })))
    }
}

/// Rules and proxies may hold passwords.
impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the network")
    }
}

impl Inner {
    fn connect(&self) -> Duration {
        Duration::from_millis(self.policy.rules.connect_timeout_ms.max(1))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse> {
        let asked = Asked::new(&request, self.policy.rules.max_redirects)?;
        let began = Instant::now();
        let until = began + request.timeout.min(LONGEST);
        let own = request
            .retry
            .as_ref()
            .and_then(|retry| retry.attempt_timeout);
        let mut attempts = Vec::new();
        loop {
            let sent = Instant::now();
            let soon = own.map_or(until, |own| until.min(sent + own));
            let mut outcome = exchange(self, asked.clone(), soon)
                .await
                .and_then(|answered| self.answer(answered, &request, began, until));
            let mut attempt = attempt(&outcome, sent.elapsed());
            let count = u32::try_from(attempts.len() + 1).unwrap_or(u32::MAX);
            let chance = self.shared.random.next() as f64 / u64::MAX as f64;
            let mut wait = retry::again(&request, count, &outcome, chance);
            if let (None, true, Ok(response)) = (wait, request.whole, &mut outcome)
                && let Err(error) = response.body.fetch().await
            {
                attempt.error = Some(error.message().to_owned());
                outcome = Err(error);
                wait = retry::again(&request, count, &outcome, chance);
            }
            attempts.push(attempt);
            match wait {
                Some(wait) if Instant::now() + wait < until => {
                    // The slot of the host is free meanwhile.
                    drop(outcome);
                    tokio::time::sleep(wait).await;
                }
                _ => {
                    let response = outcome.map_err(|error| error.with("attempts", count))?;
                    return Ok(HttpResponse {
                        attempts,
                        ..response
                    });
                }
            }
        }
    }

    fn answer(
        &self,
        answered: Answered,
        request: &HttpRequest,
        began: Instant,
        until: Instant,
    ) -> Result<HttpResponse> {
        let Answered {
            response,
            url,
            redirects,
            mut timing,
            slot,
        } = answered;
        timing.total = began.elapsed();
        let status = response.status().as_u16();
        let mut headers = response.headers().clone();
        let encodings = encodings(&headers);
        let mut length = response.content_length();
        // The answer to HEAD tells of a body and has none.
        let has_body = request.method != "HEAD" && !matches!(status, 204 | 304);
        if has_body && !encodings.is_empty() {
            headers.remove(CONTENT_ENCODING);
            headers.remove(CONTENT_LENGTH);
            length = None;
        }
        let host = url.host().map(|host| host.to_owned());
        let host = host.unwrap_or_else(|| Host::Domain(String::new()));
        let received = response.bytes_stream().map({
            let host = host.clone();
            move |piece| piece.map_err(|cause| broken(&cause, &host).into())
        });
        let pieces = match has_body {
            true => decode::decode(received.boxed(), &encodings)?,
            false => stream::empty().boxed(),
        };
        let limit = request.timeout;
        // The slot of the host is free again when the body has ended or is dropped.
        let pieces = stream::unfold(Some((pieces, slot)), move |state| {
            let host = host.clone();
            async move {
                let (mut pieces, slot) = state?;
                match timeout_at(until, pieces.next()).await {
                    Ok(None) => None,
                    Ok(Some(Ok(piece))) => Some((Ok(Vec::from(piece)), Some((pieces, slot)))),
                    Ok(Some(Err(cause))) => Some((Err(own_error(cause)), None)),
                    Err(_) => Some((Err(late(&host, "body", limit)), None)),
                }
            }
        });
        let most = self.policy.rules.max_response_bytes;
        let most = request.max_bytes.unwrap_or(most).min(most);
        Ok(HttpResponse {
            status,
            headers: shown(&headers),
            url: url.to_string(),
            redirects,
            attempts: Vec::new(),
            timing,
            body: HttpBody::new(pieces.boxed(), length, most),
        })
    }

    /// Checks an endpoint and returns its addresses.
    async fn resolve(&self, endpoint: &Endpoint) -> Result<Vec<SocketAddr>> {
        let name = &endpoint.host;
        let bare = name
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'));
        let host = match bare.unwrap_or(name).parse() {
            Ok(IpAddr::V6(address)) => Host::Ipv6(address),
            _ => Host::parse(name)
                .map_err(|cause| error!(InvalidArgs, "'{name}' is no host: {cause}"))?,
        };
        let exempt = Exempt {
            port: endpoint.any_port || endpoint.configured,
            addresses: endpoint.configured,
            loopback: endpoint.loopback,
        };
        self.policy.check_host(&host, endpoint.port, exempt)?;
        let until = Instant::now() + endpoint.timeout.unwrap_or(self.connect()).min(LONGEST);
        let addresses = self.lookup(&host, endpoint.port, until).await?;
        self.policy.check_addresses(&host, &addresses, exempt)?;
        Ok(addresses)
    }

    /// Resolves a host, once.
    async fn lookup(&self, host: &Host, port: u16, until: Instant) -> Result<Vec<SocketAddr>> {
        let name = match host {
            Host::Ipv4(address) => return Ok(vec![SocketAddr::new(IpAddr::V4(*address), port)]),
            Host::Ipv6(address) => return Ok(vec![SocketAddr::new(IpAddr::V6(*address), port)]),
            // The dot that makes a name absolute changes nothing here.
            Host::Domain(name) => name.trim_end_matches('.'),
        };
        let unknown = |reason: String| {
            error!(Remote, "host '{name}' cannot be resolved: {reason}").with("phase", "dns")
        };
        match timeout_at(until, self.shared.names.lookup(name, port)).await {
            Ok(Ok(found)) => match found.is_empty() {
                true => Err(unknown("it has no address".into())),
                false => Ok(found),
            },
            Ok(Err(cause)) => Err(unknown(cause.to_string()).transient(true)),
            Err(_) => Err(late(host, "dns", Duration::ZERO)),
        }
    }

    async fn open(&self, endpoint: Endpoint) -> Result<Box<dyn Connection>> {
        let limit = endpoint.timeout.unwrap_or(self.connect()).min(LONGEST);
        let until = Instant::now() + limit;
        let addresses = self.resolve(&endpoint).await?;
        let host = &endpoint.host;
        let mut last = None;
        for address in addresses {
            match timeout_at(until, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => {
                    // Small messages of a dialogue must not wait for each other.
                    stream.set_nodelay(true).ok();
                    return Ok(Box::new(Connected::new(stream, address.ip())));
                }
                Ok(Err(cause)) => last = Some(cause),
                Err(_) => {
                    return Err(error!(Timeout, "no connection to host '{host}' in time")
                        .with("phase", "connect")
                        .with("limit_ms", limit.as_millis()));
                }
            }
        }
        let reason = last.map_or_else(|| "no address".to_owned(), |cause| cause.to_string());
        Err(error!(Remote, "no connection to host '{host}': {reason}")
            .with("phase", "connect")
            .transient(true))
    }

    fn is_insecure(&self, name: &str) -> bool {
        Host::parse(name).is_ok_and(|host| self.policy.is_insecure(&host, 0))
    }

    async fn secure(&self, connection: Box<dyn Connection>, name: String) -> Result<Secured> {
        let insecure = self.is_insecure(&name);
        let config = self.shared.tls.config(insecure)?;
        let limit = self.connect();
        let securing = connection::secure(connection, &name, config);
        match tokio::time::timeout(limit, securing).await {
            Ok(done) => done,
            Err(_) => Err(
                error!(Timeout, "host '{name}' did not agree on encryption in time")
                    .with("phase", "tls")
                    .with("limit_ms", limit.as_millis()),
            ),
        }
    }
}

fn attempt(outcome: &Result<HttpResponse>, duration: Duration) -> Attempt {
    Attempt {
        status: outcome.as_ref().ok().map(|response| response.status),
        error: outcome
            .as_ref()
            .err()
            .map(|error| error.message().to_owned()),
        duration,
    }
}

fn encodings(headers: &HeaderMap) -> String {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let texts: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    texts.join(",")
}

fn shown(headers: &HeaderMap) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // Latin-1: each byte is the character of that number.
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    };
    headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
        .collect()
}

fn broken(cause: &reqwest::Error, host: &Host) -> Error {
    let chain = std::iter::successors(Some(cause as &dyn std::error::Error), |error| {
        error.source()
    });
    let reason = chain.last().map(ToString::to_string).unwrap_or_default();
    error!(Remote, "the answer of host '{host}' broke off: {reason}")
        .with("phase", "body")
        .transient(true)
}

/// Returns the error that a stream passed on.
fn own_error(cause: io::Error) -> Error {
    let own = cause
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Error>());
    own.cloned()
        .unwrap_or_else(|| Error::new(Kind::Remote, "the answer cannot be read").source(cause))
}

impl Network for SystemNetwork {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse>> {
        let inner = self.0.clone();
        async move { inner.send(request).await }.boxed()
    }

    fn connect(&self, endpoint: Endpoint) -> BoxFuture<'static, Result<Box<dyn Connection>>> {
        let inner = self.0.clone();
        async move { inner.open(endpoint).await }.boxed()
    }

    fn secure(
        &self,
        connection: Box<dyn Connection>,
        name: &str,
    ) -> BoxFuture<'static, Result<Secured>> {
        let (inner, name) = (self.0.clone(), name.to_owned());
        async move { inner.secure(connection, name).await }.boxed()
    }

    fn resolve(&self, endpoint: Endpoint) -> BoxFuture<'static, Result<Vec<SocketAddr>>> {
        let inner = self.0.clone();
        async move { inner.resolve(&endpoint).await }.boxed()
    }

    fn trust(&self, name: &str) -> Result<Trust> {
        let authorities = self.0.shared.tls.extra()?;
        Ok(Trust {
            authorities: authorities.iter().map(|der| der.to_vec()).collect(),
            unchecked: self.0.is_insecure(name),
        })
    }

    fn name_servers(&self) -> BoxFuture<'static, Vec<SocketAddr>> {
        names::servers().boxed()
    }

    fn max_response_bytes(&self) -> u64 {
        self.0.policy.rules.max_response_bytes
    }
}
