//! Numbers of the bus and of one subscription.

use std::sync::atomic::Ordering;

use indexmap::IndexMap;
use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::language::EventLanguage;
use super::publish::script_language;
use super::subscribe::require;

/// Returns the numbers of the bus.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetStats {}

/// The numbers of the bus.
#[derive(Serialize, JsonSchema)]
pub(super) struct Stats {
    event_bus_stats: BusStats,
    bridge_stats: SubscriptionsStats,
}

/// What was published.
#[derive(Serialize, JsonSchema)]
struct BusStats {
    /// Events published.
    events_processed: u64,
    /// Events dropped for want of room, counted at each subscription.
    events_dropped: u64,
    /// Events that the rate limit refused.
    rate_limit_violations: u64,
    /// Events that wait for one subscription at most, unless it says otherwise.
    buffer_size: usize,
}

/// Who listens.
#[derive(Serialize, JsonSchema)]
struct SubscriptionsStats {
    active_subscriptions: usize,
    subscriptions_by_language: IndexMap<&'static str, usize>,
}

pub(super) async fn get_stats(cx: Cx, _: GetStats) -> Result<Stats> {
    let bus = super::bus(&cx)?;
    let all = bus.subscriptions();
    let own = script_language(&cx);
    let mut by_language = IndexMap::new();
    for language in EventLanguage::ALL {
        let of = all
            .iter()
            .filter(|subscription| subscription.wanted.language.unwrap_or(own) == language);
        let count = of.count();
        if count > 0 {
            by_language.insert(language.name(), count);
        }
    }
    Ok(Stats {
        event_bus_stats: BusStats {
            events_processed: bus.published(),
            events_dropped: bus.dropped.load(Ordering::Relaxed),
            rate_limit_violations: bus.refused.load(Ordering::Relaxed),
            buffer_size: bus.options.buffer_size,
        },
        bridge_stats: SubscriptionsStats {
            active_subscriptions: all.len(),
            subscriptions_by_language: by_language,
        },
    })
}

/// Returns the numbers of a subscription.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OfSubscription {
    /// The subscription's id.
    id: String,
}

/// The numbers of a subscription.
#[derive(Serialize, JsonSchema)]
pub(super) struct SubscriptionStats {
    total_received: u64,
    dropped: u64,
    queue_size: usize,
}

pub(super) async fn subscription_stats(cx: Cx, a: OfSubscription) -> Result<SubscriptionStats> {
    let bus = super::bus(&cx)?;
    let subscription = require(&bus, &a.id)?;
    Ok(SubscriptionStats {
        total_received: subscription.received.load(Ordering::Relaxed),
        dropped: subscription.dropped(),
        queue_size: subscription.len(),
    })
}
