//! Remembers what is stored.

use std::collections::HashMap;
use std::hash::Hash as Key;

use llmspell_store::Hash;
use parking_lot::Mutex;

use super::chunk::{Digest, Known};

/// Entries in one generation; two are kept.
const GENERATION: usize = 1 << 16;

/// What the store has acknowledged lately: addresses of blobs, and lists by their items.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<Memory>);

#[derive(Debug, Default)]
struct Memory {
    blobs: Generations<Hash, ()>,
    lists: Generations<Digest, Known>,
}

impl Seen {
    pub(super) fn contains(&self, hash: &Hash) -> bool {
        self.0.lock().blobs.get(hash).is_some()
    }

    /// Finds the longest of these beginnings of a list that is stored; returns how many items it has. One that is not
    /// the whole list must be a chain of fewer than `longest`.
    pub(super) fn list(&self, beginnings: &[Digest], longest: usize) -> Option<(usize, Known)> {
        let mut seen = self.0.lock();
        let counted = beginnings.iter().enumerate().rev();
        counted
            .filter_map(|(place, digest)| Some((place + 1, seen.lists.get(digest)?)))
            .find(|(count, known)| *count == beginnings.len() || known.chain < longest)
    }

    pub(super) fn add(&self, blobs: impl IntoIterator<Item = Hash>, lists: Vec<(Digest, Known)>) {
        let mut seen = self.0.lock();
        for hash in blobs {
            seen.blobs.keep(hash, ());
        }
        for (digest, known) in lists {
            seen.lists.keep(digest, known);
        }
    }
}

#[derive(Debug)]
struct Generations<K, V> {
    young: HashMap<K, V>,
    old: HashMap<K, V>,
}

impl<K, V> Default for Generations<K, V> {
    fn default() -> Self {
        Self {
            young: HashMap::new(),
            old: HashMap::new(),
        }
    }
}

impl<K: Eq + Key + Copy, V: Copy> Generations<K, V> {
    fn get(&mut self, key: &K) -> Option<V> {
        if let Some(found) = self.young.get(key) {
            return Some(*found);
        }
        // What is still asked for is kept.
        let found = *self.old.get(key)?;
        self.keep(*key, found);
        Some(found)
    }

    fn keep(&mut self, key: K, value: V) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_bounded_and_what_is_used_stays() {
        let seen = Seen::default();
        let hash = |number: u32| {
            let mut hash = Hash::default();
            hash[..4].copy_from_slice(&number.to_le_bytes());
            hash
        };
        for number in 1..300_000 {
            seen.add([hash(number)], Vec::new());
            assert!(number % 1000 != 0 || number < 2000 || seen.contains(&hash(1000)));
        }
        assert!(seen.contains(&hash(299_999)));
        assert!(!seen.contains(&hash(2)));
        let held = seen.0.lock();
        assert!(held.blobs.young.len() + held.blobs.old.len() <= 2 * GENERATION);
    }
}
