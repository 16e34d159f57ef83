//! HTTP requests and their answers.

use std::time::Duration;

use futures::stream::{BoxStream, StreamExt};

use crate::error::Result;
use crate::{bail, error};

/// An HTTP request.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// The method, in capitals.
    pub method: String,
    /// The URL: `http` or `https`, without user and password.
    pub url: String,
    /// Headers, in order. `User-Agent` and `Accept-Encoding` have defaults; `Host` and `Content-Length` cannot be set.
    pub headers: Vec<(String, String)>,
    /// Names of headers that hold credentials, beside those whose names say so. They follow no redirect elsewhere.
    pub secret_headers: Vec<String>,
    /// The body; none if `None`.
    pub body: Option<Vec<u8>>,
    /// Most redirects that are followed; 0 returns the redirect itself. Default: as the policy says.
    pub redirects: Option<u32>,
    /// Limit of everything until the end of the body. Default: 30 s.
    pub timeout: Duration,
    /// Most bytes of the body after decompression. Default and upper bound: as the policy says.
    pub max_bytes: Option<u64>,
    /// When the request is sent again. Default: never.
    pub retry: Option<Repeat>,
    /// Whether a POST or PATCH may be sent twice, because it carries an idempotency key or the caller says so.
    pub repeatable: bool,
    /// Whether the answer is given when its body is there, so that one that breaks off is a failed attempt and may be
    /// sent for again. Default: the body is given as it comes.
    pub whole: bool,
    /// An origin (`https://host:port`) from the configuration, for which addresses are not checked.
    pub configured: Option<String>,
    /// This machine may be reached and every port used, as `[tools.service_checker] allow_loopback` says.
    pub loopback: bool,
}

impl HttpRequest {
    /// Makes a request without headers or body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: Vec::new(),
            secret_headers: Vec::new(),
            body: None,
            redirects: None,
            timeout: Duration::from_secs(30),
            max_bytes: None,
            retry: None,
            repeatable: false,
            whole: false,
            configured: None,
            loopback: false,
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body and its type.
    #[must_use]
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("content-type", content_type)
    }

    /// Sets how many redirects are followed.
    #[must_use]
    pub fn redirects(mut self, most: u32) -> Self {
        self.redirects = Some(most);
        self
    }

    /// Sets the limit of the whole.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sets the most bytes of the body.
    #[must_use]
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Says when the request is sent again.
    #[must_use]
    pub fn retry(mut self, retry: Repeat) -> Self {
        self.retry = Some(retry);
        self
    }

    /// Says that the request may be sent twice whatever its method.
    #[must_use]
    pub fn repeatable(mut self) -> Self {
        self.repeatable = true;
        self
    }

    /// Says that the answer is wanted with its body.
    #[must_use]
    pub fn whole(mut self) -> Self {
        self.whole = true;
        self
    }

    /// Lets the request reach this machine, on every port.
    #[must_use]
    pub fn loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Says that this base URL comes from the configuration, never from an argument: requests to its origin may go to
    /// private addresses. Redirects elsewhere are checked as ever.
    #[must_use]
    pub fn configured(mut self, base_url: impl Into<String>) -> Self {
        self.configured = Some(base_url.into());
        self
    }
}

/// When a request is sent again.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeat {
    /// Attempts in all (count).
    pub max_attempts: u32,
    /// Wait before the second attempt.
    pub initial_delay: Duration,
    /// Longest wait, and the longest `Retry-After` that is waited for.
    pub max_delay: Duration,
    /// What the wait grows by.
    pub backoff_factor: f64,
    /// Whether waits vary at random.
    pub jitter: bool,
    /// Statuses that are tried again.
    pub on_status: Vec<u16>,
    /// Whether what fails on the way is tried again.
    pub on_network: bool,
    /// Limit of one attempt until the headers of its answer; the whole bounds it as well.
    pub attempt_timeout: Option<Duration>,
}

impl Default for Repeat {
    fn default() -> Self {
        Self {
            max_attempts: 3,
            initial_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(30),
            backoff_factor: 2.0,
            jitter: true,
            on_status: vec![408, 425, 429, 500, 502, 503, 504],
            on_network: true,
            attempt_timeout: None,
        }
    }
}

/// An answer to an HTTP request.
#[derive(Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The headers in order, names in small letters; a value that is not UTF-8 is read as Latin-1.
    pub headers: Vec<(String, String)>,
    /// The URL that answered, after redirects.
    pub url: String,
    /// The redirects that were followed.
    pub redirects: Vec<Redirect>,
    /// How often the request was sent, redirects not counted.
    pub attempts: Vec<Attempt>,
    /// How long the parts took.
    pub timing: Timing,
    /// The body.
    pub body: HttpBody,
}

impl HttpResponse {
    /// Returns the first header of that name, given in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A redirect that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Its status.
    pub status: u16,
    /// Where it led.
    pub url: String,
}

/// One sending of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// The status, if there was an answer.
    pub status: Option<u16>,
    /// Why there was none, or why its body broke off.
    pub error: Option<String>,
    /// Until the headers, or the failure before them.
    pub duration: Duration,
}

/// How long the parts of the last exchange took; what did not happen, on a connection that was kept, is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timing {
    /// Resolving the name.
    pub dns: Option<Duration>,
    /// Opening the connection.
    pub connect: Option<Duration>,
    /// Agreeing on encryption.
    pub tls: Option<Duration>,
    /// From the beginning of the attempt to the headers.
    pub first_byte: Duration,
    /// From the beginning of the first attempt to the headers.
    pub total: Duration,
}

/// A body that is still coming in.
pub struct HttpBody {
    pieces: BoxStream<'static, Result<Vec<u8>>>,
    length: Option<u64>,
    max_bytes: u64,
    read: u64,
    cut: bool,
}

impl HttpBody {
    /// Wraps the pieces of a body, decompressed, of which at most `max_bytes` are handed on.
    pub fn new(
        pieces: BoxStream<'static, Result<Vec<u8>>>,
        length: Option<u64>,
        max_bytes: u64,
    ) -> Self {
        Self {
            // Asking again after the end is no mistake.
            pieces: pieces.fuse().boxed(),
            length,
            max_bytes,
            read: 0,
            cut: false,
        }
    }

    /// Returns how many bytes the server announced, if they come as they are.
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// Returns how many bytes were read so far.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Returns whether the body was larger than allowed and the rest of it is lost. Known once it has ended.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns the next piece; `None` at the end, or when as much was read as is allowed.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        if self.cut {
            return Ok(None);
        }
        let Some(mut piece) = self.pieces.next().await.transpose()? else {
            return Ok(None);
        };
        let room = self.max_bytes - self.read;
        if piece.len() as u64 > room {
            piece.truncate(usize::try_from(room).unwrap_or(usize::MAX));
            self.cut = true;
            // The rest is not wanted: the connection closes.
            self.pieces = futures::stream::empty().boxed();
        }
        self.read += piece.len() as u64;
        match piece.is_empty() {
            true => Ok(None),
            false => Ok(Some(piece)),
        }
    }

    /// Waits for the body to its end, or as far as is allowed, so that reading it cannot fail any more.
    pub async fn fetch(&mut self) -> Result<()> {
        let mut pieces = Vec::new();
        let mut room = self.max_bytes - self.read;
        while let Some(piece) = self.pieces.next().await.transpose()? {
            let is_too_much = piece.len() as u64 > room;
            room = room.saturating_sub(piece.len() as u64);
            pieces.push(Ok(piece));
            if is_too_much {
                break;
            }
        }
        self.pieces = futures::stream::iter(pieces).boxed();
        Ok(())
    }

    /// Reads the body to its end, or as far as is allowed; see [`is_cut`](Self::is_cut).
    pub async fn start(&mut self) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        while let Some(piece) = self.next().await? {
            match bytes.is_empty() {
                true => bytes = piece,
                false => bytes.extend_from_slice(&piece),
            }
        }
        Ok(bytes)
    }

    /// Reads the whole body.
    ///
    /// - Errors: `Limit` if it is larger than allowed.
    pub async fn whole(&mut self) -> Result<Vec<u8>> {
        let bytes = self.start().await?;
        match self.cut {
            false => Ok(bytes),
            true => Err(
                error!(Limit, "the answer is larger than {} bytes", self.max_bytes)
                    .with("limit", self.max_bytes)
                    .hint("raise `max_bytes`, or `security.network.max_response_bytes`"),
            ),
        }
    }
}

impl std::fmt::Debug for HttpBody {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HttpBody({} bytes read)", self.read)
    }
}

/// Returns the body of a `multipart/form-data` request and its content type.
///
/// `boundary` must occur in no part; random letters and digits do.
///
/// - Errors: `InvalidArgs` for a name with a line break.
pub fn multipart(parts: &[FormPart], boundary: &str) -> Result<(String, Vec<u8>)> {
    let quoted = |text: &str| -> Result<String> {
        if text.contains(['\r', '\n', '\0']) {
            bail!(InvalidArgs, "a name in a form has a line break");
        }
        Ok(text.replace('\\', "\\\\").replace('"', "%22"))
    };
    let mut body = Vec::new();
    for part in parts {
        let mut head = format!(
            "--{boundary}\r\ncontent-disposition: form-data; name=\"{}\"",
            quoted(&part.name)?
        );
        if let Some(filename) = &part.filename {
            head += &format!("; filename=\"{}\"", quoted(filename)?);
        }
        if let Some(content_type) = &part.content_type {
            head += &format!("\r\ncontent-type: {}", quoted(content_type)?);
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(&part.content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    Ok((format!("multipart/form-data; boundary={boundary}"), body))
}

/// One field or file of a form.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FormPart {
    /// The field's name.
    pub name: String,
    /// The content.
    pub content: Vec<u8>,
    /// The file's name, if it is a file.
    pub filename: Option<String>,
    /// The content's type.
    pub content_type: Option<String>,
}
