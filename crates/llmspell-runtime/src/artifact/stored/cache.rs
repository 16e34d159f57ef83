//! Contents in memory.

use bytes::Bytes;
use indexmap::IndexMap;
use parking_lot::Mutex;

/// Most contents (count).
const MOST: usize = 100;

/// Most bytes of all contents together.
const MOST_BYTES: usize = 64 << 20;

/// The contents that were used last. What was not used for longest goes first.
///
/// A content never changes under its hash, so none is ever out of date, also where other processes write.
#[derive(Debug, Default)]
pub(super) struct Cache(Mutex<Held>);

#[derive(Debug, Default)]
struct Held {
    /// In the order of their use.
    contents: IndexMap<String, Bytes>,
    bytes: usize,
}

impl Cache {
    pub(super) fn get(&self, hash: &str) -> Option<Bytes> {
        let mut held = self.0.lock();
        let (hash, content) = held.contents.shift_remove_entry(hash)?;
        held.contents.insert(hash, content.clone());
        Some(content)
    }

    /// Keeps a content, unless it would need most of the room for itself.
    pub(super) fn put(&self, hash: &str, content: Bytes) {
        if content.len() > MOST_BYTES / 2 {
            return;
        }
        let mut held = self.0.lock();
        held.take(hash);
        held.bytes += content.len();
        held.contents.insert(hash.to_owned(), content);
        while held.contents.len() > MOST || held.bytes > MOST_BYTES {
            let Some((_, oldest)) = held.contents.shift_remove_index(0) else {
                return;
            };
            held.bytes -= oldest.len();
        }
    }

    pub(super) fn forget(&self, hash: &str) {
        self.0.lock().take(hash);
    }
}

impl Held {
    fn take(&mut self, hash: &str) {
        if let Some(content) = self.contents.shift_remove(hash) {
            self.bytes -= content.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let cache = Cache::default();
        for n in 0..MOST {
            cache.put(&n.to_string(), Bytes::from_static(b"x"));
        }
        assert!(cache.get("0").is_some());
        cache.put("new", Bytes::from_static(b"x"));
        assert!(cache.get("0").is_some() && cache.get("1").is_none());
        cache.forget("0");
        assert!(cache.get("0").is_none());
    }

    #[test]
    fn bytes_count_as_well() {
        let cache = Cache::default();
        let big = Bytes::from(vec![0; MOST_BYTES / 2]);
        for hash in ["a", "b", "c"] {
            cache.put(hash, big.clone());
        }
        assert!(cache.get("a").is_none() && cache.get("c").is_some());
        cache.put("d", Bytes::from(vec![0; MOST_BYTES / 2 + 1]));
        assert!(cache.get("d").is_none());
        assert_eq!(cache.0.lock().bytes, MOST_BYTES);
    }
}
