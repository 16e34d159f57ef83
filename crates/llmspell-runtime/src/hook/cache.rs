//! The results that hooks keep.

use std::time::{Duration, Instant};

use llmspell_core::Value;
use moka::Expiry;

use super::size;

/// Most results that are kept; of more, the one that was not used for longest goes.
const MOST: u64 = 1000;

/// The results that hooks keep for later operations of the run.
pub(crate) struct Cache(moka::sync::Cache<String, Kept>);

/// Bytes of all results that are kept.
const BYTES: u64 = 64 << 20;

#[derive(Clone)]
struct Kept {
    value: Value,
    ttl: Duration,
}

struct OwnTime;

impl Expiry<String, Kept> for OwnTime {
    fn expire_after_create(&self, _: &String, kept: &Kept, _: Instant) -> Option<Duration> {
        Some(kept.ttl)
    }

    fn expire_after_update(
        &self,
        _: &String,
        kept: &Kept,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.ttl)
    }
}

impl Cache {
    /// Makes a cache of at most so many results, and of so many bytes.
    pub(crate) fn new(most: u64, bytes: u64) -> Self {
        // A result weighs its bytes, but at least so much that no more than `most` have room.
        let least = (bytes / most.max(1)).max(1);
        let weight = move |key: &String, kept: &Kept| {
            let bytes = key.len() as u64 + size::of_value(&kept.value);
            u32::try_from(bytes.max(least)).unwrap_or(u32::MAX)
        };
        let builder = moka::sync::Cache::builder()
            .max_capacity(bytes)
            .weigher(weight);
        // The one that was not used for longest goes, as the contract says, not the one that was used least often.
        let builder = builder.eviction_policy(moka::policy::EvictionPolicy::lru());
        Self(builder.expire_after(OwnTime).build())
    }

    /// Returns a result that is still valid.
    pub(crate) fn get(&self, key: &str) -> Option<Value> {
        self.0.get(key).map(|kept| kept.value)
    }

    /// Keeps a result.
    pub(crate) fn put(&self, key: &str, value: Value, ttl: Duration) {
        self.0.insert(key.to_owned(), Kept { value, ttl });
    }
}

impl Default for Cache {
    fn default() -> Self {
        Self::new(MOST, BYTES)
    }
}
