//! `Event.list_subscriptions`.

use std::sync::atomic::Ordering;

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pattern::Pattern;
use super::publish::script_language;

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
    /// The language of the events that it gets, where only those of one were asked for; else the script's own.
    language: &'static str,
    /// Events that wait.
    queue_size: usize,
    received: u64,
    dropped: u64,
}

pub(super) async fn list_subscriptions(cx: Cx, _: ListSubscriptions) -> Result<Vec<Entry>> {
    let all = super::bus(&cx)?.subscriptions();
    let own = script_language(&cx);
    let entries = all.iter().map(|subscription| {
        let texts = subscription.wanted.patterns.iter().map(Pattern::text);
        let patterns: Vec<String> = texts.map(str::to_owned).collect();
        Entry {
            id: subscription.id().to_owned(),
            pattern: patterns.first().cloned().unwrap_or_default(),
            patterns,
            language: subscription.wanted.language.unwrap_or(own).name(),
            queue_size: subscription.len(),
            received: subscription.received.load(Ordering::Relaxed),
            dropped: subscription.dropped(),
        }
    });
    Ok(entries.collect())
}
