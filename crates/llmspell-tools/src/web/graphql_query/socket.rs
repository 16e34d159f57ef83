//! Subscriptions over WebSocket: the protocol `graphql-transport-ws`.

use async_tungstenite::tungstenite::client::IntoClientRequest;
use async_tungstenite::tungstenite::handshake::client::Request;
use async_tungstenite::tungstenite::http::{HeaderName, HeaderValue};
use async_tungstenite::tungstenite::protocol::CloseFrame;
use llmspell_core::host::{Endpoint, HttpRequest};
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error};
use serde_json::json;
use url::Url;

use super::exchange::Asking;
use super::failed;
use super::subscription::Collected;
use crate::param::refused;
use crate::web::request::parse;
use crate::web::websocket::{Received, Socket, broken};

const PROTOCOL: &str = "graphql-transport-ws";

/// Headers that belong to the connection.
const OWN: &[&str] = &[
    "host",
    "connection",
    "upgrade",
    "content-length",
    "transfer-encoding",
];

/// The name of the one subscription of a connection.
const ID: &str = "1";

/// Collects events. Returns false if the service does not speak the protocol.
pub(super) async fn collect(
    cx: &Cx,
    request: &HttpRequest,
    asking: &Asking,
    collected: &mut Collected,
) -> Result<bool> {
    let Some(mut socket) = open(cx, request).await? else {
        return Ok(false);
    };
    socket.send(&json!({"type": "connection_init"})).await?;
    while let Some(message) = receive(&mut socket).await? {
        let kind = message
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let payload = || message.get("payload").cloned().unwrap_or_default();
        match kind {
            "connection_ack" => {
                collected.is_open = true;
                let body = Value::Map(asking.body()).to_serde_json();
                let subscribe = json!({"id": ID, "type": "subscribe", "payload": body});
                socket.send(&subscribe).await?;
            }
            "ping" => socket.send(&json!({"type": "pong"})).await?,
            "next" => {
                let is_enough = collected.add(payload());
                if is_enough {
                    let complete = json!({"id": ID, "type": "complete"});
                    socket.send(&complete).await.ok();
                    socket.close().await;
                    return Ok(true);
                }
            }
            "error" => {
                let errors = payload();
                let data = Map::from([("errors", errors.clone())]);
                return Err(failed(&errors, data));
            }
            "complete" => {
                collected.completed = true;
                socket.close().await;
                return Ok(true);
            }
            _ => {}
        }
    }
    match collected.is_open {
        true => Ok(true),
        false => Err(broken("the connection ended before the subscription began")),
    }
}

/// Opens the connection; nothing if the service does not speak the protocol.
async fn open(cx: &Cx, request: &HttpRequest) -> Result<Option<Socket>> {
    let mut url = parse(&request.url)?;
    if !url.username().is_empty() || url.password().is_some() {
        let error = error!(
            Denied,
            "URL validation failed: a user or password in the URL is not permitted"
        );
        return Err(error.hint("give it as `auth`"));
    }
    let is_secure = match url.scheme() {
        "http" | "ws" => false,
        "https" | "wss" => true,
        other => {
            return Err(error!(
                Denied,
                "URL validation failed: the scheme '{other}' is not permitted"
            )
            .hint("write a URL with http, https, ws or wss"));
        }
    };
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port().unwrap_or(if is_secure { 443 } else { 80 });
    url = with_scheme(&url, if is_secure { "wss" } else { "ws" })?;
    let handshake = handshake(&url, request)?;
    let mut endpoint = Endpoint::new(host, port);
    // What holds for HTTP holds here.
    endpoint.any_port = false;
    let most = usize::try_from(cx.host().network.max_response_bytes()).unwrap_or(usize::MAX);
    Socket::open(cx, endpoint, is_secure, handshake, most).await
}

/// Returns the URL with another scheme, which the URL's own rules would not let be set.
fn with_scheme(url: &Url, scheme: &str) -> Result<Url> {
    let rest = url.as_str().split_once(':').map_or("", |(_, rest)| rest);
    parse(&format!("{scheme}:{rest}"))
}

fn handshake(url: &Url, request: &HttpRequest) -> Result<Request> {
    let made = url.as_str().into_client_request();
    let mut made = made.map_err(|cause| error!(InvalidArgs, "URL validation failed: {cause}"))?;
    let headers = made.headers_mut();
    for (name, value) in &request.headers {
        let low = name.to_ascii_lowercase();
        if OWN.contains(&low.as_str()) || low.starts_with("sec-websocket") {
            return Err(
                refused("headers", format!("the header '{name}' cannot be set"))
                    .hint("it belongs to the connection"),
            );
        }
        let bad = |what: &str| {
            refused(
                "headers",
                format!("{what} of the header '{name}' is not valid"),
            )
        };
        let known = HeaderName::try_from(name.as_str()).map_err(|_| bad("the name"))?;
        let value = HeaderValue::try_from(value.as_str()).map_err(|_| bad("the value"))?;
        headers.append(known, value);
    }
    headers
        .entry("user-agent")
        .or_insert(HeaderValue::from_static(concat!(
            "llmspell/",
            env!("CARGO_PKG_VERSION")
        )));
    headers.insert("sec-websocket-protocol", HeaderValue::from_static(PROTOCOL));
    Ok(made)
}

/// Returns the next message; nothing at the end.
async fn receive(socket: &mut Socket) -> Result<Option<Value>> {
    let received = socket.receive().await.map_err(|error| match error.kind() {
        Kind::Limit => error!(Limit, "an event is larger than allowed")
            .hint("raise `security.network.max_response_bytes`"),
        _ => error,
    });
    match received? {
        Received::Text(text) => match from_json(&text) {
            Ok(message) => Ok(Some(message)),
            Err(_) => Err(broken("the service sent what is no JSON")),
        },
        Received::Closed(Some(frame)) if u16::from(frame.code) >= 4000 => Err(closed(&frame)),
        Received::Closed(_) => Ok(None),
    }
}

/// Returns the error of a connection that the service closed for a reason of the protocol.
fn closed(frame: &CloseFrame) -> Error {
    let (code, reason) = (
        u16::from(frame.code),
        to_json(&frame.reason.as_str().into()),
    );
    match code {
        4401 | 4403 => error!(
            Auth,
            "the service refused the subscription: {code} {reason}"
        )
        .hint("give credentials as `auth` or `headers`"),
        _ => broken(format!(
            "the service closed the connection: {code} {reason}"
        )),
    }
    .with("status", code)
}
