//! Commands, answers and events of the Chrome DevTools Protocol.

use async_tungstenite::tungstenite::client::IntoClientRequest as _;
use llmspell_core::host::Endpoint;
use llmspell_core::{Cx, Error, Kind, Result, error};
use serde_json::{Value as Json, json};
use url::Url;

use super::{MAX_MESSAGE, strange};
use crate::web::websocket::{Received, Socket};

/// A connection to a browser.
pub(super) struct Devtools {
    socket: Socket,
    last: u64,
}

/// What a browser says.
#[derive(Debug)]
pub(super) enum Said {
    /// The answer to a command: its result, or why it was refused.
    Answer(u64, Result<Json, String>),
    /// Something happened, in a session or in the browser.
    Event {
        session: Option<String>,
        method: String,
        params: Json,
    },
}

impl Devtools {
    /// Connects to a `ws` or `wss` URL of the configuration.
    ///
    /// - Errors: those of the network; `Remote` for what is no browser.
    pub(super) async fn open(cx: &Cx, url: &Url) -> Result<Self> {
        let is_secure = url.scheme() == "wss";
        let host = url.host_str().unwrap_or_default();
        let port = url.port().unwrap_or(if is_secure { 443 } else { 80 });
        let endpoint = Endpoint::new(host, port).configured();
        let handshake = url
            .as_str()
            .into_client_request()
            .map_err(|cause| error!(Config, "[tools.web_scraper] browser is no URL: {cause}"))?;
        let socket = Socket::open(cx, endpoint, is_secure, handshake, MAX_MESSAGE).await?;
        let socket = socket.ok_or_else(|| strange("accepts no WebSocket"))?;
        Ok(Self { socket, last: 0 })
    }

    /// Sends a command to a session, or to the browser, and returns its number, which the answer repeats.
    pub(super) async fn send(
        &mut self,
        session: Option<&str>,
        method: &str,
        params: Json,
    ) -> Result<u64> {
        self.last += 1;
        let mut command = json!({"id": self.last, "method": method, "params": params});
        if let Some(session) = session {
            command["sessionId"] = session.into();
        }
        self.socket.send(&command).await?;
        Ok(self.last)
    }

    /// Waits for what the browser says next.
    ///
    /// - Errors: `Limit` for a page that is too large; `Remote`.
    /// - Cancel: safe; nothing is lost.
    pub(super) async fn receive(&mut self) -> Result<Said> {
        let received = self.socket.receive().await;
        match received.map_err(too_large)? {
            Received::Text(text) => read(&text),
            Received::Closed(_) => Err(strange("closed the connection")),
        }
    }

    /// Takes leave.
    pub(super) async fn close(&mut self) {
        self.socket.close().await;
    }
}

fn too_large(error: Error) -> Error {
    match error.kind() {
        Kind::Limit => error!(
            Limit,
            "the rendered page is larger than {MAX_MESSAGE} bytes"
        )
        .with("limit", MAX_MESSAGE),
        _ => error,
    }
}

fn read(text: &str) -> Result<Said> {
    let mut said: Json = serde_json::from_str(text).map_err(|_| strange("sent what is no JSON"))?;
    if let Some(id) = said["id"].as_u64() {
        let outcome = match said["error"].is_null() {
            true => Ok(said["result"].take()),
            false => {
                let message = said["error"]["message"].as_str();
                Err(message.unwrap_or("no reason given").to_owned())
            }
        };
        return Ok(Said::Answer(id, outcome));
    }
    let method = said["method"].as_str();
    let method = method.ok_or_else(|| strange("sent neither an answer nor an event"))?;
    Ok(Said::Event {
        method: method.to_owned(),
        session: said["sessionId"].as_str().map(str::to_owned),
        params: said["params"].take(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        let shown = match read(text) {
            Ok(said) => format!("{said:?}"),
            Err(error) => error.message().to_owned(),
        };
        assert_eq!(shown, expected);
    }

    #[test]
    fn messages() {
        check(
            r#"{"id": 3, "result": {"a": 1}}"#,
            r#"Answer(3, Ok(Object {"a": Number(1)}))"#,
        );
        check(
            r#"{"id": 3, "error": {"code": -32000, "message": "no"}}"#,
            r#"Answer(3, Err("no"))"#,
        );
        check(
            r#"{"method": "Page.loadEventFired", "params": {}, "sessionId": "S"}"#,
            r#"Event { session: Some("S"), method: "Page.loadEventFired", params: Object {} }"#,
        );
        check("[]", "the browser sent neither an answer nor an event");
        check("{", "the browser sent what is no JSON");
    }
}
