//! A web site on loopback, for one test: real sockets, real HTTP, real TLS.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_compression::tokio::write::{BrotliEncoder, GzipEncoder, ZlibEncoder};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::HeaderMap;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use crate::test_tls::Authority;

/// A web site; it closes when it is dropped.
pub(crate) struct Site {
    address: SocketAddr,
    scheme: &'static str,
    heard: Log,
    task: JoinHandle<()>,
}

type Log = Arc<std::sync::Mutex<Vec<Heard>>>;

/// A request as the site got it.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    /// The method.
    pub(crate) method: String,
    /// Path and query.
    pub(crate) path: String,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Heard {
    /// Returns a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// Returns the body, which is JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

impl Site {
    /// Serves these routes.
    pub(crate) async fn new(routes: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let heard = Log::default();
        let routes = routes.layer(from_fn_with_state(heard.clone(), remember));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        Self {
            address,
            scheme: "http",
            heard,
            task,
        }
    }

    /// Serves these routes over TLS, as `localhost`. Writes the certificate of its authority to `dir` and returns its
    /// path, for `ca_file`.
    pub(crate) async fn encrypted(routes: Router, dir: &Path) -> (Self, PathBuf) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let authority = Authority::new(dir);
        let (acceptor, file) = (authority.acceptor(2100), authority.file());
        let listener = Encrypted { listener, acceptor };
        let heard = Log::default();
        let routes = routes.layer(from_fn_with_state(heard.clone(), remember));
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
        let site = Self {
            address,
            scheme: "https",
            heard,
            task,
        };
        (site, file)
    }

    /// Answers each path with these bytes, headers included, and closes the connection: for answers that no proper
    /// server gives.
    pub(crate) async fn raw(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Arc::new(answer);
        let task = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let answer = answer.clone();
                tokio::spawn(async move {
                    let head = head(&mut stream).await;
                    let path = head.split(' ').nth(1).unwrap_or_default();
                    stream.write_all(&answer(path)).await.ok();
                    stream.shutdown().await.ok();
                });
            }
        });
        Self {
            address,
            scheme: "http",
            heard: Log::default(),
            task,
        }
    }

    /// Returns the URL of a path.
    pub(crate) fn url(&self, path: &str) -> String {
        match self.scheme {
            // The certificate is for this name.
            "https" => format!("https://localhost:{}{path}", self.address.port()),
            _ => format!("http://{}{path}", self.address),
        }
    }

    /// Returns host and port.
    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    /// Returns the requests so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// Returns the last request.
    pub(crate) fn last(&self) -> Heard {
        self.heard().pop().unwrap()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn remember(State(log): State<Log>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 64 << 20).await.unwrap_or_default();
    let path = parts.uri.path_and_query();
    log.lock().unwrap().push(Heard {
        method: parts.method.to_string(),
        path: path.map(ToString::to_string).unwrap_or_default(),
        headers: parts.headers.clone(),
        body: body.to_vec(),
    });
    next.run(Request::from_parts(parts, Body::from(body))).await
}

/// Reads the head of a request.
async fn head(stream: &mut TcpStream) -> String {
    let mut read = Vec::new();
    let mut buffer = [0; 4096];
    while !read.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => read.extend_from_slice(&buffer[..count]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&read).into_owned()
}

struct Encrypted {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl axum::serve::Listener for Encrypted {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let Ok((stream, address)) = self.listener.accept().await else {
                continue;
            };
            // A client that does not believe the certificate goes away here.
            if let Ok(stream) = self.acceptor.accept(stream).await {
                return (stream, address);
            }
        }
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

/// Compresses bytes: `gzip`, `deflate` or `br`.
pub(crate) async fn packed(bytes: &[u8], encoding: &str) -> Vec<u8> {
    match encoding {
        "br" => {
            let mut encoder = BrotliEncoder::new(Vec::new());
            encoder.write_all(bytes).await.unwrap();
            encoder.shutdown().await.unwrap();
            encoder.into_inner()
        }
        "deflate" => {
            let mut encoder = ZlibEncoder::new(Vec::new());
            encoder.write_all(bytes).await.unwrap();
            encoder.shutdown().await.unwrap();
            encoder.into_inner()
        }
        _ => {
            let mut encoder = GzipEncoder::new(Vec::new());
            encoder.write_all(bytes).await.unwrap();
            encoder.shutdown().await.unwrap();
            encoder.into_inner()
        }
    }
}
