//! The HTTP transport: one connection pool for all providers, and bounds on what a server may do to us.
//!
//! A server that never answers, never stops, sends a body of any size or something that is no stream at all gets a clear
//! error within the bounds. Bodies are handed on line by line, because framing them is then linear in their size.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::FutureExt;
use futures::stream::{self, Stream, StreamExt};
use parking_lot::Mutex;
use reqwest::header::{
    ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, HeaderValue as Header,
};
use rig_core::http_client::{
    self, HttpClientExt, LazyBody, MultipartForm, StatusCode, StreamingResponse,
};
use tokio::time::{Instant, timeout, timeout_at};
use url::{Host, Url};

use llmspell_core::{Result, bail, error};

use crate::options::Hidden;
use crate::wire::is_bounded;

/// What a server may do to us.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Bounds {
    /// Longest time for opening a connection.
    pub(crate) connect: Duration,
    /// Longest wait for the answer to begin, and for its next piece.
    pub(crate) silence: Duration,
    /// Longest time for the whole answer.
    pub(crate) whole: Duration,
    /// Largest answer, after decompression.
    pub(crate) bytes: usize,
}

impl Bounds {
    /// Makes bounds from the configured milliseconds.
    pub(crate) fn new(connect_ms: u64, silence_ms: u64) -> Self {
        let silence = Duration::from_millis(silence_ms.max(1));
        Self {
            connect: Duration::from_millis(connect_ms.max(1)),
            silence,
            whole: silence.saturating_mul(5),
            bytes: 64 << 20,
        }
    }
}

/// Why a request failed without an answer of the provider.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum Fault {
    #[error("no connection to {host}: {reason}")]
    Connect { host: String, reason: String },
    #[error("{host} did not answer within {ms} ms")]
    Silent { host: String, ms: u64 },
    #[error("{host} fell silent for {ms} ms in the middle of its answer")]
    Stalled { host: String, ms: u64 },
    #[error("the answer of {host} was not complete within {ms} ms")]
    Endless { host: String, ms: u64 },
    #[error("the answer of {host} is larger than {bytes} bytes")]
    TooLarge { host: String, bytes: usize },
    #[error(
        "the answer of {host} nests too deeply, or holds tool arguments of more than a megabyte"
    )]
    TooDeep { host: String },
    #[error("the connection to {host} broke: {reason}")]
    Broken { host: String, reason: String },
    #[error("{host} answered with {content_type} instead of a stream of events: {start}")]
    NoStream {
        host: String,
        content_type: String,
        start: String,
    },
    #[error("no HTTP client: {reason}")]
    Setup { reason: String },
}

impl From<Fault> for http_client::Error {
    fn from(fault: Fault) -> Self {
        Self::instance(fault)
    }
}

tokio::task_local! {
    /// Whether nobody waits any more for the answer that this task reads. Its connection is then closed at once; that of
    /// an answer which was read to its end is kept for the next one.
    pub(crate) static ABANDONED: Arc<AtomicBool>;
}

/// The HTTP clients of a process: one per kind of address and connection bound, made when first used.
#[derive(Default)]
pub(crate) struct Clients(Mutex<Vec<(Kind, Made)>>);

type Made = std::result::Result<reqwest::Client, Fault>;

#[derive(Clone, Copy, Debug, PartialEq)]
struct Kind {
    /// On this machine: a proxy could not reach it.
    loopback: bool,
    /// Plain HTTP, for which no certificates are loaded.
    plain: bool,
    connect: Duration,
}

impl Clients {
    fn get(&self, kind: Kind) -> Made {
        let mut made = self.0.lock();
        if let Some((_, client)) = made.iter().find(|(known, _)| *known == kind) {
            return client.clone();
        }
        let client = build(kind);
        made.push((kind, client.clone()));
        client
    }
}

fn build(kind: Kind) -> Made {
    // Another part of the process may have installed it already, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder()
        .connect_timeout(kind.connect)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("llmspell/", env!("CARGO_PKG_VERSION")));
    if kind.loopback {
        builder = builder.no_proxy();
    }
    if kind.plain {
        builder = builder.tls_certs_only([]);
    }
    builder.build().map_err(|error| Fault::Setup {
        reason: reason(&error),
    })
}

/// Sends the requests of one provider instance.
#[derive(Clone)]
pub(crate) struct Transport(Arc<Inner>);

struct Inner {
    clients: Arc<Clients>,
    kind: Kind,
    host: String,
    headers: HeaderMap,
    bounds: Bounds,
}

impl Transport {
    /// Makes the transport for the server at `base_url`, without opening a connection.
    ///
    /// - Errors: `Config` for a URL or header that is none.
    pub(crate) fn new(
        clients: &Arc<Clients>,
        base_url: &str,
        headers: &BTreeMap<String, Hidden>,
        bounds: Bounds,
    ) -> Result<Self> {
        let (kind, host) = place(base_url, bounds.connect)?;
        let mut sent = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::try_from(name.as_str())
                .map_err(|_| error!(Config, "'{name}' is not the name of an HTTP header"))?;
            let mut value = Header::try_from(value.expose())
                .map_err(|_| error!(Config, "the value of header '{name}' is not valid"))?;
            value.set_sensitive(true);
            sent.insert(name, value);
        }
        Ok(Self(Arc::new(Inner {
            clients: clients.clone(),
            kind,
            host,
            headers: sent,
            bounds,
        })))
    }

    async fn send(
        &self,
        method: http_client::Method,
        url: String,
        mut headers: HeaderMap,
        body: Bytes,
    ) -> http_client::Result<reqwest::Response> {
        let inner = &*self.0;
        let client = inner.clients.get(inner.kind)?;
        let url = key_into_header(url, &mut headers);
        headers.extend(inner.headers.clone());
        let sending = client
            .request(method, url)
            .headers(headers)
            .body(body)
            .send();
        match timeout(inner.bounds.silence, sending).await {
            Ok(Ok(response)) => self.accept(response).await,
            Ok(Err(error)) => Err(self.fault(&error).into()),
            Err(_) => Err(Fault::Silent {
                host: inner.host.clone(),
                ms: millis(inner.bounds.silence),
            }
            .into()),
        }
    }

    /// Lets a success through and turns anything else into an error that keeps status, headers and the body's start.
    async fn accept(&self, response: reqwest::Response) -> http_client::Result<reqwest::Response> {
        let status = response.status();
        if status == StatusCode::OK {
            let announced = response.content_length().unwrap_or(0);
            if announced > self.0.bounds.bytes as u64 {
                return Err(self.too_large().into());
            }
            return Ok(response);
        }
        let headers = response.headers().clone();
        let body = self.start(response, 64 << 10).await;
        Err(http_client::Error::non_success_with_details(
            status, headers, body,
        ))
    }

    /// Reads at most about `most` bytes of a body, as text; what cannot be read is left out.
    async fn start(&self, response: reqwest::Response, most: usize) -> String {
        let mut read = Vec::new();
        let mut pieces = response.bytes_stream();
        let until = Instant::now() + self.0.bounds.silence.min(Duration::from_secs(10));
        while let Ok(Some(Ok(piece))) = timeout_at(until, pieces.next()).await {
            read.extend_from_slice(&piece);
            if read.len() >= most {
                read.truncate(most);
                break;
            }
        }
        String::from_utf8_lossy(&read).into_owned()
    }

    /// Refuses a success that is no stream of events, and names the type of one whose server forgot to.
    async fn expect_events(
        &self,
        mut response: reqwest::Response,
    ) -> http_client::Result<reqwest::Response> {
        let Some(content_type) = response.headers().get(CONTENT_TYPE) else {
            let events = HeaderValue::from_static("text/event-stream");
            response.headers_mut().insert(CONTENT_TYPE, events);
            return Ok(response);
        };
        let content_type = String::from_utf8_lossy(content_type.as_bytes()).into_owned();
        if content_type
            .to_ascii_lowercase()
            .starts_with("text/event-stream")
        {
            return Ok(response);
        }
        Err(Fault::NoStream {
            host: self.0.host.clone(),
            content_type,
            start: self.start(response, 4 << 10).await,
        }
        .into())
    }

    fn fault(&self, error: &reqwest::Error) -> Fault {
        let (host, reason) = (self.0.host.clone(), reason(error));
        if error.is_connect() && error.is_timeout() {
            let ms = millis(self.0.bounds.connect);
            let reason = format!("none within {ms} ms");
            Fault::Connect { host, reason }
        } else if error.is_connect() {
            Fault::Connect { host, reason }
        } else {
            Fault::Broken { host, reason }
        }
    }

    fn too_large(&self) -> Fault {
        Fault::TooLarge {
            host: self.0.host.clone(),
            bytes: self.0.bounds.bytes,
        }
    }

    /// Returns the body as whole lines, within the bounds. An error is the last item.
    fn lines(
        &self,
        response: reqwest::Response,
    ) -> impl Stream<Item = http_client::Result<Bytes>> + Send + use<> {
        let body = Body {
            transport: self.clone(),
            pieces: Box::pin(response.bytes_stream()),
            began: Instant::now(),
            seen: 0,
            partial: BytesMut::new(),
            ready: VecDeque::new(),
            over: false,
            abandoned: ABANDONED.try_with(Arc::clone).unwrap_or_default(),
        };
        stream::unfold(body, |mut body| async move {
            let item = body.next().await?;
            Some((item.map_err(http_client::Error::from), body))
        })
    }
}

/// A body under way.
struct Body {
    transport: Transport,
    pieces: stream::BoxStream<'static, reqwest::Result<Bytes>>,
    began: Instant,
    seen: usize,
    partial: BytesMut,
    ready: VecDeque<Bytes>,
    over: bool,
    abandoned: Arc<AtomicBool>,
}

impl Drop for Body {
    /// Reads what is left of a body whose reader has seen the answer's end, usually the few bytes that end the body, so
    /// that the connection can be used again.
    fn drop(&mut self) {
        const LEFT: usize = 64 << 10;
        if self.over || self.abandoned.load(Ordering::Acquire) {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        let mut pieces = std::mem::replace(&mut self.pieces, stream::empty().boxed());
        // The end has usually arrived with what came before it.
        if let Some(None) = pieces.next().now_or_never() {
            return;
        }
        runtime.spawn(timeout(Duration::from_secs(1), async move {
            let mut left = 0;
            while let Some(Ok(piece)) = pieces.next().await {
                left += piece.len();
                if left > LEFT {
                    break;
                }
            }
        }));
    }
}

impl Body {
    async fn next(&mut self) -> Option<std::result::Result<Bytes, Fault>> {
        loop {
            if let Some(lines) = self.ready.pop_front() {
                return Some(self.checked(lines));
            }
            if self.over {
                let rest = std::mem::take(&mut self.partial).freeze();
                return (!rest.is_empty()).then(|| self.checked(rest));
            }
            match self.piece().await {
                Ok(Some(piece)) => self.split(piece),
                Ok(None) => self.over = true,
                Err(fault) => {
                    self.over = true;
                    self.partial.clear();
                    return Some(Err(fault));
                }
            }
        }
    }

    fn checked(&mut self, lines: Bytes) -> std::result::Result<Bytes, Fault> {
        if is_bounded(&lines) {
            return Ok(lines);
        }
        self.over = true;
        self.ready.clear();
        self.partial.clear();
        let host = self.transport.0.host.clone();
        Err(Fault::TooDeep { host })
    }

    async fn piece(&mut self) -> std::result::Result<Option<Bytes>, Fault> {
        let Inner { host, bounds, .. } = &*self.transport.0;
        let end = self.began + bounds.whole;
        let endless = || Fault::Endless {
            host: host.clone(),
            ms: millis(bounds.whole),
        };
        let until = end.min(Instant::now() + bounds.silence);
        let piece = match timeout_at(until, self.pieces.next()).await {
            Err(_) if until == end => return Err(endless()),
            Err(_) => {
                return Err(Fault::Stalled {
                    host: host.clone(),
                    ms: millis(bounds.silence),
                });
            }
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => return Err(self.transport.fault(&error)),
            Ok(Some(Ok(piece))) => piece,
        };
        self.seen += piece.len();
        if self.seen > bounds.bytes {
            return Err(self.transport.too_large());
        }
        if Instant::now() > end {
            return Err(endless());
        }
        Ok(Some(piece))
    }

    /// Cuts a piece after line ends into slices of some KiB. The framer that reads them moves the rest of its input at
    /// every line, which would be quadratic in the size of a piece, and a line in many slices would be searched as often.
    fn split(&mut self, mut piece: Bytes) {
        const SLICE: usize = 4 << 10;
        let Some(last) = piece.iter().rposition(|byte| *byte == b'\n') else {
            self.partial.extend_from_slice(&piece);
            return;
        };
        let rest = piece.split_off(last + 1);
        if !self.partial.is_empty() {
            let first = piece.iter().position(|byte| *byte == b'\n').unwrap_or(last);
            self.partial.extend_from_slice(&piece.split_to(first + 1));
            self.ready.push_back(self.partial.split().freeze());
        }
        while piece.len() > SLICE {
            let from = SLICE - 1;
            let Some(end) = piece[from..].iter().position(|byte| *byte == b'\n') else {
                break;
            };
            self.ready.push_back(piece.split_to(from + end + 1));
        }
        if !piece.is_empty() {
            self.ready.push_back(piece);
        }
        self.partial.extend_from_slice(&rest);
    }
}

impl HttpClientExt for Transport {
    fn send<T, U>(
        &self,
        request: http_client::Request<T>,
    ) -> impl Future<Output = http_client::Result<http_client::Response<LazyBody<U>>>> + Send + 'static
    where
        T: Into<Bytes> + Send,
        U: From<Bytes> + Send + 'static,
    {
        let (transport, (parts, body)) = (self.clone(), request.into_parts());
        let body: Bytes = body.into();
        async move {
            let response = transport
                .send(parts.method, parts.uri.to_string(), parts.headers, body)
                .await?;
            let mut answer = http_client::Response::builder().status(response.status());
            if let Some(headers) = answer.headers_mut() {
                *headers = response.headers().clone();
            }
            let mut lines = Box::pin(transport.lines(response));
            let whole: LazyBody<U> = Box::pin(async move {
                let mut whole = BytesMut::new();
                while let Some(line) = lines.next().await {
                    whole.extend_from_slice(&line?);
                }
                Ok(U::from(whole.freeze()))
            });
            answer.body(whole).map_err(http_client::Error::Protocol)
        }
    }

    fn send_multipart<U>(
        &self,
        _: http_client::Request<MultipartForm>,
    ) -> impl Future<Output = http_client::Result<http_client::Response<LazyBody<U>>>> + Send + 'static
    where
        U: From<Bytes> + Send + 'static,
    {
        let reason = "chat requests have no multipart form".to_owned();
        std::future::ready(Err(Fault::Setup { reason }.into()))
    }

    async fn send_streaming<T>(
        &self,
        request: http_client::Request<T>,
    ) -> http_client::Result<StreamingResponse>
    where
        T: Into<Bytes> + Send,
    {
        let (parts, body) = request.into_parts();
        let events = parts
            .headers
            .get(ACCEPT)
            .is_some_and(|accept| accept == "text/event-stream");
        let mut response = self
            .send(
                parts.method,
                parts.uri.to_string(),
                parts.headers,
                body.into(),
            )
            .await?;
        if events {
            response = self.expect_events(response).await?;
        }
        let mut answer = http_client::Response::builder().status(response.status());
        if let Some(headers) = answer.headers_mut() {
            *headers = std::mem::take(response.headers_mut());
        }
        answer
            .body(Box::pin(self.lines(response)) as http_client::BoxedStream)
            .map_err(http_client::Error::Protocol)
    }
}

/// Returns the kind of client for a base URL, and its host for messages.
fn place(base_url: &str, connect: Duration) -> Result<(Kind, String)> {
    let url = Url::parse(base_url).map_err(|reason| {
        error!(Config, "the base URL '{base_url}' is not valid: {reason}")
            .hint("write it with its scheme: http://127.0.0.1:8080/v1")
    })?;
    let plain = match url.scheme() {
        "http" => true,
        "https" => false,
        other => bail!(
            Config,
            "the base URL '{base_url}' has the scheme '{other}' instead of http or https"
        ),
    };
    let loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_unspecified(),
        Some(Host::Ipv6(address)) => address.is_loopback() || address.is_unspecified(),
        None => bail!(Config, "the base URL '{base_url}' names no host"),
    };
    let host = url.host_str().unwrap_or_default();
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let kind = Kind {
        loopback,
        plain,
        connect,
    };
    Ok((kind, host))
}

/// Moves Gemini's key from the address, which ends up in logs of proxies, to the header that means the same.
fn key_into_header(url: String, headers: &mut HeaderMap) -> String {
    let Some((address, query)) = url.split_once('?') else {
        return url;
    };
    let (keys, rest): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| pair.starts_with("key="));
    let key = keys.first().and_then(|pair| pair.strip_prefix("key="));
    let Some(Ok(mut value)) = key.map(Header::try_from) else {
        return url;
    };
    value.set_sensitive(true);
    headers.insert(HeaderName::from_static("x-goog-api-key"), value);
    if rest.is_empty() {
        address.to_owned()
    } else {
        format!("{address}?{}", rest.join("&"))
    }
}

/// Returns the innermost reason of an HTTP failure, without the address, which may hold a key.
fn reason(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(source) = reason.source() {
        reason = source;
    }
    if std::ptr::eq(
        reason as *const _ as *const (),
        error as *const _ as *const (),
    ) {
        return if error.is_timeout() {
            "timed out".to_owned()
        } else {
            "the request could not be sent".to_owned()
        };
    }
    reason.to_string()
}

fn millis(duration: Duration) -> u64 {
    duration.as_millis().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use llmspell_core::Kind as Failure;

    fn kind(url: &str) -> (bool, bool, String) {
        let (kind, host) = place(url, Duration::from_secs(1)).unwrap();
        (kind.loopback, kind.plain, host)
    }

    #[test]
    fn loopback_is_told_from_the_world() {
        assert_eq!(
            kind("http://127.0.0.1:8080/v1"),
            (true, true, "127.0.0.1:8080".into())
        );
        assert_eq!(kind("http://[::1]:1"), (true, true, "[::1]:1".into()));
        assert_eq!(kind("https://localhost"), (true, false, "localhost".into()));
        assert_eq!(
            kind("https://api.openai.com/v1"),
            (false, false, "api.openai.com".into())
        );
        assert_eq!(
            kind("http://127.0.0.1.example.com"),
            (false, true, "127.0.0.1.example.com".into())
        );
    }

    #[test]
    fn what_is_no_url_is_a_config_error() {
        for url in ["localhost:8080", "ftp://x", "", "/v1"] {
            let error = place(url, Duration::from_secs(1)).unwrap_err();
            assert_eq!(error.kind(), Failure::Config, "{url}");
        }
    }

    #[test]
    fn a_key_in_the_query_becomes_a_header() {
        let mut headers = HeaderMap::new();
        let url = key_into_header("http://x/m:stream?alt=sse&key=s3cret".into(), &mut headers);
        assert_eq!(url, "http://x/m:stream?alt=sse");
        assert_eq!(headers["x-goog-api-key"], "s3cret");
        let url = key_into_header("http://x/m?a=b".into(), &mut HeaderMap::new());
        assert_eq!(url, "http://x/m?a=b");
    }

    #[test]
    fn a_bad_header_is_a_config_error_that_hides_its_value() {
        let headers = BTreeMap::from([("x-a".to_owned(), Hidden::from("s3cret\n"))]);
        let bounds = Bounds::new(1, 1);
        let error = Transport::new(&Arc::default(), "http://x", &headers, bounds)
            .err()
            .unwrap();
        assert_eq!(error.kind(), Failure::Config);
        assert!(!format!("{error:?}").contains("s3cret"));
    }

    fn slices(pieces: &[&[u8]]) -> Vec<Bytes> {
        let transport = Transport::new(
            &Arc::default(),
            "http://x",
            &BTreeMap::new(),
            Bounds::new(1, 1),
        )
        .unwrap();
        let mut body = Body {
            transport,
            pieces: stream::empty().boxed(),
            began: Instant::now(),
            seen: 0,
            partial: BytesMut::new(),
            ready: VecDeque::new(),
            over: true,
            abandoned: Arc::default(),
        };
        for piece in pieces {
            body.split(Bytes::copy_from_slice(piece));
        }
        let mut slices: Vec<Bytes> = body.ready.drain(..).collect();
        slices.push(body.partial.split().freeze());
        slices
    }

    #[test]
    fn slices_end_at_line_ends_and_lose_nothing() {
        assert_eq!(
            slices(&[b"ab", b"c\nde\nf", b"g\n"]),
            ["abc\n", "de\n", "fg\n", ""]
        );
        let long = "data: some words of an answer\n\n".repeat(1000);
        for size in [1, 7, 4096, 10_000, long.len()] {
            let pieces: Vec<&[u8]> = long.as_bytes().chunks(size).collect();
            let slices = slices(&pieces);
            assert_eq!(slices.concat(), long.as_bytes());
            for slice in slices.iter().filter(|slice| !slice.is_empty()) {
                assert!(slice.ends_with(b"\n") && slice.len() < 4200);
            }
        }
    }
}
