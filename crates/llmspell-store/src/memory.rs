//! The store in memory: for tests, for runs that leave nothing behind, and as the model of all others.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::Result;
use parking_lot::{RwLock, RwLockReadGuard};

use crate::store::{
    Applied, Batch, Done, Entry, Filling, Hash, Page, Scan, Step, Store, check_limit, closed,
};

/// A [`Store`] whose content lives as long as it does.
///
/// Every future is ready at its first poll, so a caller never pays for a suspension. A batch is applied under one
/// short lock; values that are put are moved in, not copied.
#[derive(Default)]
pub struct Memory {
    content: RwLock<Content>,
}

#[derive(Default)]
struct Content {
    closed: bool,
    keys: BTreeMap<Vec<u8>, Vec<u8>>,
    logs: HashMap<Arc<str>, Vec<Vec<u8>>>,
    blobs: HashMap<Hash, Vec<u8>>,
    bytes: u64,
}

impl Memory {
    /// Makes an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    fn content(&self) -> Result<RwLockReadGuard<'_, Content>> {
        let content = self.content.read();
        if content.closed {
            Err(closed())
        } else {
            Ok(content)
        }
    }

    fn apply_now(&self, batch: Batch) -> Result<Applied> {
        batch.check()?;
        let mut content = self.content.write();
        if content.closed {
            return Err(closed());
        }
        for expectation in &batch.expectations {
            expectation.check(content.keys.get(&expectation.key).map(Vec::as_slice))?;
        }
        for length in &batch.lengths {
            let stored = content.logs.get(&length.name).map_or(0, Vec::len);
            length.check(stored as u64)?;
        }
        let mut applied = Applied::default();
        for step in batch.steps {
            if let Some(seq) = content.step(step) {
                applied.seqs.push(seq);
            }
        }
        Ok(applied)
    }

    fn scan_now(&self, scan: &Scan) -> Result<Page> {
        let range = scan.range()?;
        let content = self.content()?;
        let Some(range) = range else {
            return Ok(Page::default());
        };
        let entries = content.keys.range::<[u8], _>(range.bounds());
        Ok(if scan.reverse {
            page(entries.rev(), scan.limit)
        } else {
            page(entries, scan.limit)
        })
    }

    fn read_log_now(&self, name: &str, after: u64, limit: usize) -> Result<Vec<Entry>> {
        check_limit(limit)?;
        let content = self.content()?;
        let log = content
            .logs
            .get(name)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let start = usize::try_from(after).unwrap_or(usize::MAX);
        let mut filling = Filling::new(limit);
        let mut entries = Vec::new();
        for (index, bytes) in log.iter().enumerate().skip(start) {
            if !filling.takes() {
                break;
            }
            filling.took(bytes.len());
            entries.push(Entry {
                seq: index as u64 + 1,
                bytes: bytes.clone(),
            });
        }
        Ok(entries)
    }
}

fn page<'a>(entries: impl Iterator<Item = (&'a Vec<u8>, &'a Vec<u8>)>, limit: usize) -> Page {
    let mut filling = Filling::new(limit);
    let mut page = Page::default();
    for (key, value) in entries {
        if !filling.takes() {
            page.next = page.entries.last().map(|(key, _)| key.clone());
            break;
        }
        filling.took(key.len() + value.len());
        page.entries.push((key.clone(), value.clone()));
    }
    page
}

impl Content {
    /// Does one step and returns the number of the entry if it appended one.
    fn step(&mut self, step: Step) -> Option<u64> {
        match step {
            Step::Put(key, value) => {
                let key_bytes = key.len();
                self.bytes += (key_bytes + value.len()) as u64;
                if let Some(old) = self.keys.insert(key, value) {
                    self.bytes -= (key_bytes + old.len()) as u64;
                }
            }
            Step::Delete(key) => {
                if let Some(old) = self.keys.remove(&key) {
                    self.bytes -= (key.len() + old.len()) as u64;
                }
            }
            Step::Append(name, entry) => {
                self.bytes += entry.len() as u64;
                let log = self.logs.entry(name).or_default();
                log.push(entry);
                return Some(log.len() as u64);
            }
            Step::DeleteLog(name) => {
                for entry in self.logs.remove(&name).into_iter().flatten() {
                    self.bytes -= entry.len() as u64;
                }
            }
            Step::Blob(hash, bytes) => {
                let added = bytes.len() as u64;
                if let std::collections::hash_map::Entry::Vacant(place) = self.blobs.entry(hash) {
                    place.insert(bytes);
                    self.bytes += added;
                }
            }
            Step::DeleteBlob(hash) => {
                if let Some(old) = self.blobs.remove(&hash) {
                    self.bytes -= old.len() as u64;
                }
            }
        }
        None
    }
}

impl Store for Memory {
    fn get<'a>(&'a self, key: &'a [u8]) -> BoxFuture<'a, Result<Option<Vec<u8>>>> {
        Box::pin(async move { Ok(self.content()?.keys.get(key).cloned()) })
    }

    fn scan(&self, scan: Scan) -> BoxFuture<'_, Result<Page>> {
        Box::pin(async move { self.scan_now(&scan) })
    }

    fn apply(&self, batch: Batch) -> BoxFuture<'_, Result<Applied>> {
        Box::pin(async move { self.apply_now(batch) })
    }

    fn submit(&self, batch: Batch, done: Done) {
        done(self.apply_now(batch));
    }

    fn read_log<'a>(
        &'a self,
        name: &'a str,
        after: u64,
        limit: usize,
    ) -> BoxFuture<'a, Result<Vec<Entry>>> {
        Box::pin(async move { self.read_log_now(name, after, limit) })
    }

    fn log_len<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<u64>> {
        Box::pin(async move {
            Ok(self
                .content()?
                .logs
                .get(name)
                .map_or(0, |log| log.len() as u64))
        })
    }

    fn blob(&self, hash: Hash) -> BoxFuture<'_, Result<Option<Vec<u8>>>> {
        Box::pin(async move { Ok(self.content()?.blobs.get(&hash).cloned()) })
    }

    fn blobs<'a>(&'a self, hashes: &'a [Hash]) -> BoxFuture<'a, Result<Vec<Option<Vec<u8>>>>> {
        Box::pin(async move {
            let content = self.content()?;
            Ok(hashes
                .iter()
                .map(|hash| content.blobs.get(hash).cloned())
                .collect())
        })
    }

    fn size(&self) -> BoxFuture<'_, Result<u64>> {
        Box::pin(async move { Ok(self.content()?.bytes) })
    }

    fn flush(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.content().map(drop) })
    }

    fn close(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            *self.content.write() = Content {
                closed: true,
                ..Content::default()
            };
            Ok(())
        })
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("memory:")
    }
}
