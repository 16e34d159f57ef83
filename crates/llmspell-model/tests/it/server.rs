//! An HTTP server that does what a test tells it, also what no good server would do.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, Notify};

use llmspell_model::{Hidden, Model, Overrides, Providers, ProvidersOptions, Target};

/// How a body ends.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) enum Ending {
    /// As it should.
    #[default]
    Clean,
    /// The connection is closed in the middle.
    Cut,
    /// Nothing more comes, and the connection stays open.
    Stall,
    /// The last piece is repeated for ever.
    Endless,
    /// Not even the head is sent.
    Mute,
}

/// What every request is answered with.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) pieces: Vec<Vec<u8>>,
    pub(crate) ending: Ending,
}

impl Reply {
    pub(crate) fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".into(), content_type.into())],
            pieces: vec![body.into()],
            ending: Ending::Clean,
        }
    }

    pub(crate) fn json(status: u16, body: Value) -> Self {
        Self {
            status,
            ..Self::new("application/json", body.to_string())
        }
    }

    pub(crate) fn ending(mut self, ending: Ending) -> Self {
        self.ending = ending;
        self
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Value,
}

impl Recorded {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name)?;
        Some(&found.1)
    }
}

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) requests: Mutex<Vec<Recorded>>,
    pub(crate) connections: AtomicUsize,
    /// Told whenever the other side has closed a connection.
    pub(crate) closed: Notify,
}

pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) seen: Arc<Seen>,
}

impl Server {
    pub(crate) async fn start(reply: Reply) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Seen::default());
        let shared = seen.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(serve(stream, reply.clone(), shared.clone()));
            }
        });
        Self { url, seen }
    }

    pub(crate) async fn requests(&self) -> Vec<Recorded> {
        self.seen.requests.lock().await.clone()
    }

    /// Returns a model of a provider type that this server answers for.
    pub(crate) fn model(&self, kind: &str, model: &str) -> Arc<dyn Model> {
        self.model_with(kind, model, json!({}))
    }

    pub(crate) fn model_with(&self, kind: &str, model: &str, options: Value) -> Arc<dyn Model> {
        let options: ProvidersOptions = serde_json::from_value(json!({ kind: options })).unwrap();
        let overrides = Overrides {
            api_key: Some(Hidden::from("test-key")),
            base_url: Some(self.url.clone()),
            ..Overrides::default()
        };
        Providers::new(options, |_| None)
            .model_with(&Target::new(kind, model), &overrides)
            .unwrap()
    }
}

async fn serve(mut stream: TcpStream, reply: Reply, seen: Arc<Seen>) {
    while let Some(request) = receive(&mut stream).await {
        seen.requests.lock().await.push(request);
        if reply.ending == Ending::Mute || send(&mut stream, &reply).await.is_none() {
            break;
        }
    }
    if matches!(reply.ending, Ending::Stall | Ending::Mute | Ending::Endless) {
        // Until the other side gives up.
        let mut rest = [0; 1024];
        while let Ok(1..) = stream.read(&mut rest).await {}
    }
    seen.closed.notify_one();
}

async fn receive(stream: &mut TcpStream) -> Option<Recorded> {
    let mut bytes = Vec::new();
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        let mut piece = [0; 8192];
        match stream.read(&mut piece).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
        }
    };
    let text = String::from_utf8_lossy(&bytes[..head]).into_owned();
    let mut lines = text.split("\r\n");
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length: usize = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = bytes.split_off(head + 4);
    let missing = length.saturating_sub(body.len());
    let mut rest = vec![0; missing];
    stream.read_exact(&mut rest).await.ok()?;
    body.extend_from_slice(&rest);
    Some(Recorded {
        path,
        headers,
        body: serde_json::from_slice(&body).unwrap_or(Value::Null),
    })
}

/// Sends a reply; `None` if the connection is of no use any more.
async fn send(stream: &mut TcpStream, reply: &Reply) -> Option<()> {
    let mut head = format!("HTTP/1.1 {} X\r\n", reply.status);
    let sized = reply
        .headers
        .iter()
        .any(|(name, _)| name == "content-length");
    for (name, value) in &reply.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !sized {
        head.push_str("transfer-encoding: chunked\r\n");
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes()).await.ok()?;
    let mut last = Vec::new();
    for piece in &reply.pieces {
        last = match sized {
            true => piece.clone(),
            false => chunk(piece),
        };
        stream.write_all(&last).await.ok()?;
        stream.flush().await.ok()?;
        // Lets the reader see this piece alone.
        tokio::task::yield_now().await;
    }
    match reply.ending {
        Ending::Clean if !sized => stream.write_all(b"0\r\n\r\n").await.ok(),
        Ending::Clean => Some(()),
        Ending::Cut | Ending::Mute => None,
        Ending::Stall => None,
        Ending::Endless => loop {
            stream.write_all(&last).await.ok()?;
        },
    }
}

fn chunk(piece: &[u8]) -> Vec<u8> {
    let mut chunk = format!("{:x}\r\n", piece.len()).into_bytes();
    chunk.extend_from_slice(piece);
    chunk.extend_from_slice(b"\r\n");
    chunk
}
