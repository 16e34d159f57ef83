//! Receiving events.

use std::time::Duration;

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::bus::Bus;
use super::subscribe::{count, require};
use super::subscription::Subscription;

/// Most events of one batch, and how long the first is waited for, unless the call says otherwise.
const BATCH: usize = 100;
const PATIENCE_MS: i64 = 5000;

/// Returns the next event of a subscription, or nothing if none came in time.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Receive {
    /// The subscription's id.
    id: String,
    /// How long to wait, in milliseconds; 0 does not wait.
    #[serde(default = "patience")]
    timeout_ms: i64,
}

fn patience() -> i64 {
    PATIENCE_MS
}

pub(super) async fn receive(cx: Cx, a: Receive) -> Result<Option<Value>> {
    let bus = super::bus(&cx)?;
    let subscription = require(&bus, &a.id)?;
    let time = Duration::from_millis(count("timeout_ms", a.timeout_ms, 0)? as u64);
    next(&cx, &bus, &subscription, Some(time)).await
}

/// Returns the next events of a subscription: at least one, unless none came in time.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ReceiveBatch {
    /// The subscription's id.
    id: String,
    /// How many, and how long to wait.
    #[serde(default)]
    options: BatchOptions,
}

/// How many events a batch may have, and how long it may take.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "ReceiveBatchOptions")]
struct BatchOptions {
    /// Most events; 100.
    max_events: Option<i64>,
    /// How long to wait for the first one, in milliseconds; 5000.
    timeout_ms: Option<i64>,
}

pub(super) async fn receive_batch(cx: Cx, a: ReceiveBatch) -> Result<Vec<Value>> {
    let bus = super::bus(&cx)?;
    let subscription = require(&bus, &a.id)?;
    let most = a.options.max_events;
    let most = most.map_or(Ok(BATCH), |most| count("max_events", most, 1))?;
    let wait = a.options.timeout_ms.unwrap_or(PATIENCE_MS);
    let mut wait = Duration::from_millis(count("timeout_ms", wait, 0)? as u64);
    let mut batch = Vec::new();
    while batch.len() < most {
        let Some(event) = next(&cx, &bus, &subscription, Some(wait)).await? else {
            break;
        };
        batch.push(event);
        wait = Duration::ZERO;
    }
    Ok(batch)
}

/// Waits for the next event of a subscription, for ever if there is no time.
///
/// Returns nothing when the time is over or the subscription has ended.
pub(super) async fn next(
    cx: &Cx,
    bus: &Bus,
    subscription: &Subscription,
    time: Option<Duration>,
) -> Result<Option<Value>> {
    let mut over = None;
    loop {
        if let Some(event) = bus.next(subscription) {
            let shown = event.shown(cx);
            if subscription.admits(cx, &shown).await? {
                return Ok(Some(shown));
            }
            continue;
        }
        if subscription.is_closed() || time == Some(Duration::ZERO) {
            return Ok(None);
        }
        let Some(time) = time else {
            cx.unless_stopped(subscription.wait()).await?;
            continue;
        };
        let over = over.get_or_insert_with(|| cx.host().clock.sleep(time));
        let in_time = async {
            tokio::select! {
                biased;
                () = subscription.wait() => true,
                () = over => false,
            }
        };
        if !cx.unless_stopped(in_time).await? {
            return Ok(None);
        }
    }
}
