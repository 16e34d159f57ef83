//! The results that hooks keep.

use std::time::{Duration, Instant};

use llmspell_core::Value;
use moka::Expiry;

/// Most results that are kept; of more, the one that was not used for longest goes.
const MOST: u64 = 1000;

/// The results that hooks keep for later operations of the run.
pub(crate) struct Cache(moka::sync::Cache<String, Kept>);

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
    /// Makes a cache of at most so many results.
    pub(crate) fn new(most: u64) -> Self {
        let builder = moka::sync::Cache::builder().max_capacity(most);
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
        Self::new(MOST)
    }
}
