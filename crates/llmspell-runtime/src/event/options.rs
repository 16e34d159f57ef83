//! `[events]`.

use std::num::NonZeroU32;

use governor::Quota;
use llmspell_core::{Result, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The event bus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// Off: the functions of `Event` raise `unavailable`, and the runtime publishes nothing.
    pub enabled: bool,
    /// Events that wait for one subscriber.
    #[schemars(range(min = 1))]
    pub buffer_size: usize,
    /// What happens to events that find no room.
    pub overflow: Overflow,
    /// Most subscriptions.
    pub max_subscribers: usize,
    /// Most events per second that scripts may publish; 0 = no limit.
    pub rate_limit_per_second: u32,
    /// The same with what may be published at once; wins over `rate_limit_per_second`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<EventRate>,
    /// Patterns of events that are kept in the session's store.
    pub persist: Vec<String>,
    /// Whether the runtime publishes its own events.
    pub emit_runtime: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enabled: true,
            buffer_size: 10_000,
            overflow: Overflow::DropOldest,
            max_subscribers: 1000,
            rate_limit_per_second: 0,
            rate_limit: None,
            persist: Vec::new(),
            emit_runtime: true,
        }
    }
}

/// How fast scripts may publish.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EventRate {
    /// Events per second; 0 = as `rate_limit_per_second` says.
    pub per_second: u32,
    /// Events at once; as many as per second by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<NonZeroU32>,
}

impl Options {
    /// Returns how fast scripts may publish, if that is bounded.
    pub(super) fn quota(&self) -> Option<Quota> {
        let rate = self.rate_limit.unwrap_or_default();
        let per_second = NonZeroU32::new(rate.per_second)
            .or_else(|| NonZeroU32::new(self.rate_limit_per_second))?;
        let burst = rate.burst.unwrap_or(per_second);
        Some(Quota::per_second(per_second).allow_burst(burst))
    }
}

/// What happens to events that find no room.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Overflow {
    /// The one that waited longest is dropped.
    #[default]
    DropOldest,
    /// The new one is dropped.
    DropNewest,
    /// The publisher waits for a while; then the new one is dropped.
    Block,
    /// The publisher gets an error.
    #[serde(alias = "error")]
    Reject,
}

impl Overflow {
    /// Returns the strategy of a name.
    ///
    /// - Errors: `InvalidArgs` naming the known ones.
    pub fn parse(name: &str) -> Result<Self> {
        Ok(match name {
            "drop_oldest" => Self::DropOldest,
            "drop_newest" => Self::DropNewest,
            "block" => Self::Block,
            "reject" | "error" => Self::Reject,
            _ => {
                return Err(error!(InvalidArgs, "unknown backpressure '{name}'")
                    .hint("known are drop_oldest, drop_newest, block and reject"));
            }
        })
    }
}
