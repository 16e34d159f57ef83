//! `Event.list_subscriptions`.

use std::sync::atomic::Ordering;

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bus::Bus;
use super::language::EventLanguage;
use super::pattern::Pattern;

/// Lists the subscriptions in the order of their making.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListSubscriptions {}

/// A subscription in a listing.
#[derive(Serialize, JsonSchema)]
pub(super) struct Entry {
    id: String,
    /// The first pattern.
    pattern: String,
    patterns: Vec<String>,
    /// Only events of this language.
    #[serde(skip_serializing_if = "Option::is_none")]
    language: Option<&'static str>,
    /// Events that wait.
    queue_size: usize,
    received: u64,
    dropped: u64,
}

pub(super) async fn list_subscriptions(cx: Cx, _: ListSubscriptions) -> Result<Vec<Entry>> {
    let all = cx.part::<Bus>()?.subscriptions();
    let entries = all.iter().map(|subscription| {
        let texts = subscription.wanted.patterns.iter().map(Pattern::text);
        let patterns: Vec<String> = texts.map(str::to_owned).collect();
        Entry {
            id: subscription.id().to_owned(),
            pattern: patterns.first().cloned().unwrap_or_default(),
            patterns,
            language: subscription.wanted.language.map(EventLanguage::name),
            queue_size: subscription.len(),
            received: subscription.received.load(Ordering::Relaxed),
            dropped: subscription.dropped(),
        }
    });
    Ok(entries.collect())
}
