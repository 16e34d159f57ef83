//! WebSocket connections through the network of the run.

use async_tungstenite::tungstenite::handshake::client::Request;
use async_tungstenite::tungstenite::protocol::{CloseFrame, WebSocketConfig};
use async_tungstenite::tungstenite::{Error as SocketError, Message};
use async_tungstenite::{WebSocketStream, client_async_with_config};
use futures::StreamExt as _;
use llmspell_core::host::{Connection, Endpoint};
use llmspell_core::{Cx, Error, Kind, Result, error};
use serde_json::Value as Json;

/// A connection that carries messages of JSON.
pub(super) struct Socket(WebSocketStream<Box<dyn Connection>>);

/// What came in.
pub(super) enum Received {
    /// A message of text.
    Text(String),
    /// The other end closed the connection, perhaps with a reason.
    Closed(Option<CloseFrame>),
}

impl Socket {
    /// Connects to `endpoint`, encrypted if `is_secure`, and shakes hands; nothing if no WebSocket is spoken there.
    ///
    /// Messages have at most `most` bytes.
    ///
    /// - Errors: those of the network.
    /// - Cancel: dropping the socket closes the connection.
    pub(super) async fn open(
        cx: &Cx,
        endpoint: Endpoint,
        is_secure: bool,
        handshake: Request,
        most: usize,
    ) -> Result<Option<Self>> {
        let network = &cx.host().network;
        let host = endpoint.host.clone();
        let mut connection = network.connect(endpoint).await?;
        if is_secure {
            connection = network.secure(connection, &host).await?.connection;
        }
        let config = WebSocketConfig::default()
            .max_message_size(Some(most))
            .max_frame_size(Some(most));
        match client_async_with_config(handshake, connection, Some(config)).await {
            Ok((socket, _)) => Ok(Some(Self(socket))),
            Err(SocketError::Http(_) | SocketError::Protocol(_)) => Ok(None),
            Err(cause) => Err(failure(&cause)),
        }
    }

    /// Sends a message.
    pub(super) async fn send(&mut self, message: &Json) -> Result<()> {
        let sent = self.0.send(Message::text(message.to_string())).await;
        sent.map_err(|cause| failure(&cause))
    }

    /// Waits for what comes in next.
    ///
    /// - Errors: `Limit` for a message that is larger than allowed; `Remote`.
    /// - Cancel: safe; nothing is lost.
    pub(super) async fn receive(&mut self) -> Result<Received> {
        loop {
            match self.0.next().await {
                None | Some(Err(SocketError::ConnectionClosed | SocketError::AlreadyClosed)) => {
                    return Ok(Received::Closed(None));
                }
                Some(Ok(Message::Text(text))) => {
                    return Ok(Received::Text(text.as_str().to_owned()));
                }
                Some(Ok(Message::Close(Some(frame)))) => {
                    return Ok(Received::Closed(Some(frame)));
                }
                Some(Ok(_)) => {}
                Some(Err(cause)) => return Err(failure(&cause)),
            }
        }
    }

    /// Takes leave. What fails then does not matter any more.
    pub(super) async fn close(&mut self) {
        self.0.close(None).await.ok();
    }
}

fn failure(cause: &SocketError) -> Error {
    match cause {
        SocketError::Capacity(_) => error!(Limit, "a message is larger than allowed"),
        other => broken(format!("the connection broke: {other}")),
    }
}

/// Returns the error of a connection that does not do what it should.
pub(super) fn broken(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(Kind::Remote, message)
        .with("phase", "body")
        .transient(true)
}
