//! The network, behind the policy.

use std::time::Duration;

use core::net::{IpAddr, SocketAddr};

use futures::future::BoxFuture;
use futures::io::{AsyncRead, AsyncWrite};

use super::http::{HttpRequest, HttpResponse};
use crate::error::Result;

/// The network, behind the policy.
///
/// Each method checks the target before anything is sent: the host and port against the lists of the policy, then
/// every address that its name resolves to. The connection goes to a checked address; there is no second look-up.
///
/// - Errors of all methods: `Denied` for what the policy refuses, with the setting that would allow it and without the
///   address; `Remote` with the detail `phase` (`dns connect tls send body`) for what fails on the way, retryable;
///   `Timeout` with `phase` and `limit_ms`; `InvalidArgs` for what is no host or URL.
/// - Cancel: dropping a future or what it gave closes the socket.
pub trait Network: Send + Sync {
    /// Sends an HTTP request, follows its redirects, and returns the answer with the beginning of its body.
    ///
    /// Every status is an answer. A body in `gzip`, `deflate` or `br` is decompressed; its header
    /// `content-encoding` is gone then.
    ///
    /// - Redirects: at most [`HttpRequest::redirects`], each checked from the start. `https` to `http` is refused;
    ///   headers with secrets, those that their names tell and [`HttpRequest::secret_headers`], go only where the host
    ///   stays; 301, 302 and 303 turn a POST into a GET without a body.
    /// - Retry: as [`HttpRequest::retry`] says, and only what never left, or may be sent twice: GET, HEAD, OPTIONS, PUT,
    ///   DELETE, or a request marked [`repeatable`](HttpRequest::repeatable). `Retry-After` is honoured. A body that breaks
    ///   off is sent for again if the request wants the [`whole`](HttpRequest::whole).
    /// - Time: [`HttpRequest::timeout`] bounds the whole, waiting for a limiter included, until the body's end.
    /// - Proxies: the target is checked by name and addresses as ever; the proxy then resolves it again by itself.
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse>>;

    /// Opens a TCP connection.
    fn connect(&self, target: Endpoint) -> BoxFuture<'static, Result<Box<dyn Connection>>>;

    /// Encrypts a connection as the client of the server `name`: at once, or after a protocol's own `STARTTLS`.
    ///
    /// - Errors: `Remote` with the phase `tls`, and what is wrong with the certificate.
    fn secure(
        &self,
        connection: Box<dyn Connection>,
        name: &str,
    ) -> BoxFuture<'static, Result<Secured>>;

    /// Returns the checked addresses of a target, for a library that opens its own sockets: it must be given an address
    /// from here, never the name.
    fn resolve(&self, target: Endpoint) -> BoxFuture<'static, Result<Vec<SocketAddr>>>;

    /// Returns the name servers of the system, for a tool that asks them for more than addresses. Such a tool
    /// [`resolve`](Self::resolve)s the name first, so that the policy sees it. Default: none.
    fn name_servers(&self) -> BoxFuture<'static, Vec<SocketAddr>> {
        Box::pin(std::future::ready(Vec::new()))
    }

    /// Returns whose certificates are believed for the server `name`, for a library that encrypts by itself. Default: those
    /// of the system.
    ///
    /// - Errors: `Config` if the certificates that the configuration names cannot be read.
    fn trust(&self, name: &str) -> Result<Trust> {
        let _ = name;
        Ok(Trust::default())
    }

    /// Returns the most bytes of an HTTP body that the policy allows.
    fn max_response_bytes(&self) -> u64;
}

/// A host and port to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// A name or an address.
    pub host: String,
    /// The port.
    pub port: u16,
    /// The protocols' ports that [`HttpRequest`]s may not use are allowed: the tool speaks the protocol itself.
    pub any_port: bool,
    /// The host comes from the configuration, so addresses are not checked.
    pub configured: bool,
    /// Addresses of this machine are allowed, as `[tools.service_checker] allow_loopback` says.
    pub loopback: bool,
    /// Limit of resolving and connecting. Default: as the policy says.
    pub timeout: Option<Duration>,
}

impl Endpoint {
    /// Names a target of an argument, on any port.
    pub fn new(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            any_port: true,
            configured: false,
            loopback: false,
            timeout: None,
        }
    }

    /// Says that the host comes from the configuration, never from an argument.
    #[must_use]
    pub fn configured(mut self) -> Self {
        self.configured = true;
        self
    }
}

/// An open connection.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {
    /// Returns the address at the other end.
    fn peer(&self) -> IpAddr;
}

/// Whose certificates are believed.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Certificates of authorities beside those of the system, in DER.
    pub authorities: Vec<Vec<u8>>,
    /// The configuration says that the server's certificate is not checked.
    pub unchecked: bool,
}

/// An encrypted connection.
pub struct Secured {
    /// The connection.
    pub connection: Box<dyn Connection>,
    /// The version of the protocol: `TLSv1.3`.
    pub version: String,
    /// The certificates of the server, its own first, in DER.
    pub certificates: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Secured {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Secured({})", self.version)
    }
}
