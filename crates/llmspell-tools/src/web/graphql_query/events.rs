//! Subscriptions over HTTP: server-sent events.

use llmspell_core::host::{HttpRequest, HttpResponse};
use llmspell_core::value::{from_json, to_json};
use llmspell_core::{Cx, Error, Kind, Map, Result, Value};

use super::exchange::Asking;
use super::failed;
use super::subscription::Collected;
use crate::web::payload::{JSON, Payload};

/// Collects events.
///
/// - Errors: `Remote` for an answer that is no stream of events.
pub(super) async fn collect(
    cx: &Cx,
    mut request: HttpRequest,
    asking: &Asking,
    collected: &mut Collected,
) -> Result<()> {
    request
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("accept"));
    request = request.header("accept", "text/event-stream");
    Payload::new(JSON, to_json(&Value::Map(asking.body()))).attach(&mut request);
    let mut response = cx.host().network.send(request).await?;
    let is_stream = response
        .header("content-type")
        .is_some_and(|kind| kind.to_ascii_lowercase().starts_with("text/event-stream"));
    if !is_stream || !(200..300).contains(&response.status) {
        return Err(stranger(&mut response).await?);
    }
    collected.is_open = true;
    let mut stream = EventStream::default();
    while let Some(piece) = response.body.next().await? {
        for event in stream.feed(&piece) {
            match event.name.as_str() {
                "complete" => {
                    collected.completed = true;
                    return Ok(());
                }
                "next" | "message" | "" if !event.data.is_empty() => {
                    let value = from_json(&event.data).map_err(|_| {
                        Error::new(Kind::Remote, "the service sent an event that is no JSON")
                    })?;
                    if collected.add(value) {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
    }
    if response.body.is_cut() {
        collected.cut();
    }
    Ok(())
}

/// Returns the error for an answer that is no stream of events.
async fn stranger(response: &mut HttpResponse) -> Result<Error> {
    let bytes = response.body.start().await?;
    let read = std::str::from_utf8(&bytes)
        .ok()
        .and_then(|text| from_json(text).ok());
    let errors = read.as_ref().and_then(|value| value.get("errors"));
    if let Some(errors) = errors {
        let data = Map::from([("errors", errors.clone())]);
        return Ok(failed(errors, data));
    }
    let status = response.status;
    let message = format!(
        "the service has no subscriptions: it speaks no graphql-transport-ws and answered {status} to a request for events"
    );
    Ok(Error::new(Kind::Remote, message).with("status", status))
}

/// One event.
#[derive(Debug, Default, PartialEq)]
struct Event {
    name: String,
    data: String,
}

/// Reads events off bytes as they come in.
///
/// - Source: the HTML standard, server-sent events, without `id` and `retry`.
#[derive(Default)]
struct EventStream {
    rest: Vec<u8>,
    open: Event,
}

impl EventStream {
    fn feed(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.rest.extend_from_slice(bytes);
        let mut done = Vec::new();
        let mut start = 0;
        while let Some(length) = self.rest[start..].iter().position(|byte| *byte == b'\n') {
            let line = String::from_utf8_lossy(&self.rest[start..start + length]);
            let line = line.trim_end_matches('\r').to_owned();
            start += length + 1;
            if let Some(event) = self.open.line(&line) {
                done.push(event);
            }
        }
        self.rest.drain(..start);
        done
    }
}

impl Event {
    /// Takes a line; returns the event that it ends.
    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let event = std::mem::take(self);
            return (event != Event::default()).then_some(event);
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "event" => value.clone_into(&mut self.name),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_they_are_cut() {
        let text = ": hello\n\nevent: next\ndata: {\"a\":\ndata: 1}\r\n\r\n:\n\ndata:x\n\nevent: complete\n\nevent: lost";
        let event = |name: &str, data: &str| Event {
            name: name.into(),
            data: data.into(),
        };
        let expected = [
            event("next", "{\"a\":\n1}"),
            event("", "x"),
            event("complete", ""),
        ];
        for size in [1, 3, 7, 1000] {
            let mut stream = EventStream::default();
            let read: Vec<_> = text
                .as_bytes()
                .chunks(size)
                .flat_map(|piece| stream.feed(piece))
                .collect();
            assert_eq!(read, expected);
        }
    }
}
