//! The operation `subscription`: events until there are enough, or no time is left.

use std::pin::pin;

use futures::future::{Either, select};
use llmspell_core::{Cx, Error, Kind, Map, Outcome, Result, Value, error};

use super::exchange::Asking;
use super::{LIMIT, events, socket};
use crate::plain::weight;
use crate::web::request::{HttpOptions, time_left};

/// What came in.
#[derive(Debug, Default)]
pub(super) struct Collected {
    events: Vec<Value>,
    most: usize,
    /// Bytes that events may still take.
    room: u64,
    /// Whether the service has taken the subscription.
    pub(super) is_open: bool,
    /// Whether the service has ended it.
    pub(super) completed: bool,
    is_cut: bool,
}

impl Collected {
    /// Adds an event. Returns whether that is all that is wanted.
    pub(super) fn add(&mut self, event: Value) -> bool {
        let size = weight(&event) as u64;
        if size > self.room {
            self.is_cut = true;
            return true;
        }
        self.room -= size;
        self.events.push(event);
        self.events.len() >= self.most
    }

    /// Says that the rest is lost.
    pub(super) fn cut(&mut self) {
        self.is_cut = true;
    }
}

/// Collects events.
pub(super) async fn run(
    cx: &Cx,
    http: &HttpOptions,
    endpoint: &str,
    asking: &Asking,
    most: usize,
) -> Result<Outcome> {
    let window = time_left(cx, LIMIT);
    let request = http.request(cx, "POST", endpoint, window)?;
    let allowed = cx.host().network.max_response_bytes();
    let mut collected = Collected {
        most,
        room: request.max_bytes.unwrap_or(allowed).min(allowed),
        ..Collected::default()
    };
    let url = http.shown(&request.url)?;
    let mut transport = "websocket";
    let in_time = {
        let collecting = pin!(async {
            if !socket::collect(cx, &request, asking, &mut collected).await? {
                transport = "sse";
                events::collect(cx, request.clone(), asking, &mut collected).await?;
            }
            Ok::<(), Error>(())
        });
        match select(collecting, pin!(cx.host().clock.sleep(window))).await {
            Either::Left((outcome, _)) => Some(outcome),
            Either::Right(((), _)) => None,
        }
    };
    let timed_out = match in_time {
        Some(Ok(())) => false,
        // The connection has a limit of its own, the same one.
        Some(Err(error)) if collected.is_open && error.kind() == Kind::Timeout => true,
        Some(Err(error)) => return Err(error),
        None if collected.is_open => true,
        None => {
            return Err(
                error!(Timeout, "the service did not take the subscription in time")
                    .with("phase", "first_byte")
                    .with("limit_ms", window.as_millis()),
            );
        }
    };
    let count = collected.events.len();
    let data = Map::from([
        ("events", Value::List(collected.events.clone())),
        ("event_count", count.into()),
        ("completed", collected.completed.into()),
        ("timed_out", timed_out.into()),
    ]);
    let outcome = Outcome::new("subscription", data)
        .output(collected.events)
        .message(format!("{count} events came in"))
        .metadata("url", url)
        .metadata("transport", transport);
    Ok(match collected.is_cut {
        true => outcome
            .metadata("truncated", true)
            .warning("the events are larger than allowed; the rest was not read"),
        false => outcome,
    })
}
