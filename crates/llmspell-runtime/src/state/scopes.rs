//! The values of all scopes in a store.
//!
//! A value is the key `state/SCOPE/KEY` of a store, in record form. In `SCOPE`, `%` and `/` are written `%25` and `%2F`, so
//! that the first `/` ends it. Keys for the memory only have the same names in a store of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::value::{from_record, to_record};
use llmspell_core::{Kind, Result, Scopes, Value, error};
use llmspell_store::{Batch, Durability, Memory, Scan, Store};
use tokio::sync::OnceCell;

use super::compare::same;
use super::key::{self, Key};
use crate::journal::open_store;

/// The beginning of all names in the store that are ours: values, and the version of their schema.
const OWN: &str = "state";

/// How often a large state is looked at, until it is the same twice.
const LOOKS: usize = 10;

/// The values of all scopes, in a store that is opened by the first of them.
///
/// A store that cannot be opened is not tried again: each call fails with the same error.
pub struct StoredScopes {
    url: String,
    max_value_bytes: u64,
    max_total_bytes: u64,
    opened: OnceCell<Result<Arc<dyn Store>>>,
    passing: Memory,
}

impl StoredScopes {
    /// Keeps values in the store of this URL, each of at most `max_value_bytes` in record form. Opens nothing.
    pub fn new(url: impl Into<String>, max_value_bytes: u64) -> Self {
        Self {
            url: url.into(),
            max_value_bytes,
            max_total_bytes: 0,
            opened: OnceCell::new(),
            passing: Memory::new(),
        }
    }

    /// Keeps at most so many bytes of values in record form, those under keys for the memory only aside; 0 is no limit.
    ///
    /// Others may write to the same store, so with a limit each write of a value looks at all that are there. A migration
    /// and a restored backup are not bound by it.
    #[must_use]
    pub fn max_total_bytes(mut self, bytes: u64) -> Self {
        self.max_total_bytes = bytes;
        self
    }

    /// Closes the store, if it was opened.
    ///
    /// - Errors: those of the store.
    pub async fn close(&self) -> Result<()> {
        match self.opened.get() {
            Some(Ok(store)) => store.close().await,
            _ => Ok(()),
        }
    }

    /// Returns whether values outlive the run.
    pub fn is_durable(&self) -> bool {
        self.url != "memory:"
    }

    /// Returns the keys of a scope, sorted.
    ///
    /// - Errors: those of the store.
    /// - Cancel: safe.
    pub async fn keys(&self, scope: &str) -> Result<Vec<String>> {
        let found = self.scan(&key::prefix(scope)).await?;
        Ok(found.into_keys().collect())
    }

    /// Returns the scopes that have values, sorted.
    ///
    /// - Errors: those of the store.
    /// - Cancel: safe.
    pub async fn scopes(&self) -> Result<Vec<String>> {
        let mut scopes = BTreeSet::new();
        for store in [self.lasting().await?, &self.passing] {
            let mut scan = Scan::prefix(key::ALL).limit(1);
            // One look for each scope: the next one begins behind all keys of the last.
            while let Some((name, _)) = store.scan(scan).await?.entries.into_iter().next() {
                let Some((scope, _)) = key::read(&name) else {
                    break;
                };
                let mut beyond = key::prefix(&scope).into_bytes();
                beyond.push(u8::MAX);
                scopes.insert(scope);
                scan = Scan::prefix(key::ALL).limit(1).after(beyond);
            }
        }
        Ok(scopes.into_iter().collect())
    }

    /// Returns the values of a scope by their keys.
    ///
    /// - Errors: `Corrupt` for a value that is damaged; those of the store.
    /// - Cancel: safe.
    pub async fn entries(&self, scope: &str) -> Result<BTreeMap<String, Value>> {
        let found = self.scan(&key::prefix(scope)).await?.into_iter();
        found
            .map(|(key, bytes)| {
                let value = read(scope, &key, bytes)?;
                Ok((key, value))
            })
            .collect()
    }

    /// Returns what both stores have under names with this beginning, without the beginning.
    async fn scan(&self, prefix: &str) -> Result<BTreeMap<String, Vec<u8>>> {
        let mut found = BTreeMap::new();
        for store in [self.lasting().await?, &self.passing] {
            let mut scan = Scan::prefix(prefix);
            loop {
                let page = store.scan(scan).await?;
                let entries = page.entries.into_iter().map(|(name, value)| {
                    let key = String::from_utf8_lossy(&name[prefix.len()..]).into_owned();
                    (key, value)
                });
                found.extend(entries);
                match page.next {
                    Some(next) => scan = Scan::prefix(prefix).after(next),
                    None => break,
                }
            }
        }
        Ok(found)
    }

    /// Returns everything that outlives the run as it was at one moment: the names in the store with their records.
    ///
    /// What fits one page is one look. More is read until it is the same twice.
    ///
    /// - Errors: `Conflict` if others write all the time; those of the store.
    /// - Cancel: safe.
    pub(super) async fn snapshot(&self) -> Result<Vec<(Vec<u8>, Vec<u8>)>> {
        let store = self.lasting().await?;
        let mut before: Option<Vec<_>> = None;
        for _ in 0..LOOKS {
            let (mut found, mut pages) = (Vec::new(), 0);
            let mut after = None;
            loop {
                let mut scan = Scan::prefix(OWN).limit(usize::MAX);
                scan.after = after;
                let page = store.scan(scan).await?;
                pages += 1;
                found.extend(page.entries);
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            if pages == 1 || before.as_ref() == Some(&found) {
                return Ok(found);
            }
            before = Some(found);
        }
        Err(error!(Conflict, "the state is written to all the time")
            .hint("try again when less is written"))
    }

    /// Keeps a value if the one that is there is the expected one, and returns whether it was. No value is as a null.
    ///
    /// - Errors: those of [`Scopes::set`].
    /// - Cancel: the value is kept or not.
    pub async fn compare_and_set(
        &self,
        scope: &str,
        key: &str,
        expected: &Value,
        value: Value,
    ) -> Result<bool> {
        let place = Key::new(scope, key)?;
        let record = self.record(key, value)?;
        self.room(&place, record.len()).await?;
        let store = self.store(&place).await?;
        let place = place.into_bytes();
        loop {
            let stored = store.get(&place).await?;
            let actual = match stored.clone() {
                Some(bytes) => read(scope, key, bytes)?,
                None => Value::Null,
            };
            if !same(&actual, expected) {
                return Ok(false);
            }
            let batch = match stored {
                Some(stored) => Batch::new().expect(place.clone(), stored),
                None => Batch::new().expect_absent(place.clone()),
            };
            match store.apply(batch.put(place.clone(), record.clone())).await {
                Ok(_) => return Ok(true),
                // Somebody wrote in between; what is there now decides.
                Err(lost) if lost.kind() == Kind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Returns a value in the form in which it is kept.
    ///
    /// - Errors: `Limit` for one that is too large; `InvalidArgs` for one with a function in it.
    pub(super) fn record(&self, key: &str, value: Value) -> Result<String> {
        let record = to_record(&value.without_functions()?);
        let (size, most) = (record.len(), self.max_value_bytes);
        if size as u64 <= most {
            return Ok(record);
        }
        let error = error!(
            Limit,
            "the value of '{key}' has {size} bytes, at most {most}"
        );
        Err(error
            .with("limit", most)
            .with("value", size)
            .hint("raise `state.max_value_bytes`"))
    }

    /// Checks that there is room for a record in its place. A smaller one than is there always fits.
    ///
    /// - Errors: `Limit`; those of the store.
    async fn room(&self, key: &Key, size: usize) -> Result<()> {
        let most = self.max_total_bytes;
        if most == 0 || key.is_passing() {
            return Ok(());
        }
        let (store, place) = (self.lasting().await?, key.as_bytes());
        let (mut others, mut before) = (0, 0);
        let mut scan = Scan::prefix(key::ALL);
        loop {
            let page = store.scan(scan).await?;
            for (name, value) in &page.entries {
                match name == place {
                    true => before = value.len(),
                    false => others += value.len() as u64,
                }
            }
            match page.next {
                Some(next) => scan = Scan::prefix(key::ALL).after(next),
                None => break,
            }
        }
        let total = others + size as u64;
        if total <= most || size <= before {
            return Ok(());
        }
        let error = error!(
            Limit,
            "all values together would have {total} bytes, at most {most}"
        );
        Err(error
            .with("limit", most)
            .with("value", total)
            .hint("delete keys that are not needed, or raise `state.max_total_bytes`"))
    }

    /// Returns the store of a key.
    async fn store(&self, key: &Key) -> Result<&dyn Store> {
        match key.is_passing() {
            true => Ok(&self.passing),
            false => self.lasting().await,
        }
    }

    /// Returns the store of what is not for the memory only.
    pub(super) async fn lasting(&self) -> Result<&dyn Store> {
        let open = || async {
            let opened = open_store(&self.url, Durability::Process).await;
            opened.map_err(|error| error.hint("state is kept there; see `state.path`"))
        };
        let opened = self.opened.get_or_init(open).await;
        opened.as_deref().map_err(Clone::clone)
    }
}

impl Scopes for StoredScopes {
    fn get<'a>(&'a self, scope: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Value>>> {
        Box::pin(async move {
            let place = Key::new(scope, key)?;
            let stored = self.store(&place).await?.get(place.as_bytes()).await?;
            stored.map(|bytes| read(scope, key, bytes)).transpose()
        })
    }

    fn set<'a>(&'a self, scope: &'a str, key: &'a str, value: Value) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let place = Key::new(scope, key)?;
            let record = self.record(key, value)?;
            self.room(&place, record.len()).await?;
            let store = self.store(&place).await?;
            store
                .apply(Batch::new().put(place.into_bytes(), record))
                .await
                .map(drop)
        })
    }

    fn delete<'a>(&'a self, scope: &'a str, key: &'a str) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move {
            let place = Key::new(scope, key)?;
            let store = self.store(&place).await?;
            let found = store.get(place.as_bytes()).await?.is_some();
            if found {
                store.apply(Batch::new().delete(place.as_bytes())).await?;
            }
            Ok(found)
        })
    }
}

/// Reads what is kept of a value.
///
/// - Errors: `Corrupt` for what no value was written as.
pub(super) fn read(scope: &str, key: &str, bytes: Vec<u8>) -> Result<Value> {
    let value = String::from_utf8(bytes).ok();
    value
        .and_then(|record| from_record(&record).ok())
        .ok_or_else(|| {
            error!(
                Corrupt,
                "the value of '{key}' in scope '{scope}' is damaged"
            )
            .with("scope", scope)
            .with("key", key)
        })
}

impl fmt::Debug for StoredScopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoredScopes({})", self.url)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn url(dir: &tempfile::TempDir) -> String {
        format!("sqlite:{}", dir.path().join("state/state.db").display())
    }

    #[tokio::test]
    async fn values_outlive_who_kept_them() {
        let dir = tempfile::tempdir().unwrap();
        let value: Value = json!({"n": 1, "list": [null, "x"]}).into();
        let first = StoredScopes::new(url(&dir), 1000);
        first.set("agent:a", "prefs", value.clone()).await.unwrap();
        first.set("agent:a", "temp:x", 1.into()).await.unwrap();
        assert_eq!(
            first.get("agent:a", "temp:x").await.unwrap(),
            Some(1.into())
        );
        first.close().await.unwrap();
        let second = StoredScopes::new(url(&dir), 1000);
        assert_eq!(second.get("agent:a", "prefs").await.unwrap(), Some(value));
        assert_eq!(second.get("agent:a", "temp:x").await.unwrap(), None);
        assert!(second.delete("agent:a", "prefs").await.unwrap());
        assert!(!second.delete("agent:a", "prefs").await.unwrap());
        assert_eq!(second.get("agent:a", "prefs").await.unwrap(), None);
    }

    #[tokio::test]
    async fn a_scope_does_not_see_the_keys_of_another() {
        let state = StoredScopes::new("memory:", 1000);
        for (scope, key) in [("a", "b/c"), ("a/b", "c"), ("a%2Fb", "c"), ("", "c")] {
            state
                .set(scope, key, format!("{scope} {key}").into())
                .await
                .unwrap();
        }
        for (scope, key) in [("a", "b/c"), ("a/b", "c"), ("a%2Fb", "c"), ("", "c")] {
            let value = state.get(scope, key).await.unwrap();
            assert_eq!(value, Some(format!("{scope} {key}").into()));
        }
        assert_eq!(state.get("global", "c").await.unwrap(), None);
    }

    #[tokio::test]
    async fn keys_and_entries_of_one_scope() {
        let state = StoredScopes::new("memory:", 1000);
        for (scope, key) in [
            ("a", "z"),
            ("a", "temp:t"),
            ("a", "b/c"),
            ("ab", "x"),
            ("", "y"),
        ] {
            state.set(scope, key, key.into()).await.unwrap();
        }
        assert_eq!(state.keys("a").await.unwrap(), ["b/c", "temp:t", "z"]);
        assert_eq!(state.keys("").await.unwrap(), ["y"]);
        assert_eq!(state.scopes().await.unwrap(), ["", "a", "ab"]);
        let entries = state.entries("ab").await.unwrap();
        assert_eq!(entries, BTreeMap::from([("x".to_owned(), "x".into())]));
    }

    #[tokio::test]
    async fn what_is_larger_than_a_page_is_read_at_one_moment_as_well() {
        let state = StoredScopes::new("memory:", 10 << 20);
        for key in ["a", "b", "c", "d"] {
            let large = Value::from("x".repeat(4 << 20));
            state.set("global", key, large).await.unwrap();
        }
        state.set("global", "temp:e", 1.into()).await.unwrap();
        let names = state.snapshot().await.unwrap().into_iter();
        let names: Vec<_> = names.map(|(name, _)| key::read(&name).unwrap().1).collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
    }

    #[tokio::test]
    async fn one_of_many_wins() {
        let dir = tempfile::tempdir().unwrap();
        // As many processes would be: each with a connection of its own.
        let all: Vec<_> = (0..4).map(|_| StoredScopes::new(url(&dir), 1000)).collect();
        let count = |state: StoredScopes| async move {
            for _ in 0..25 {
                loop {
                    let now = state.get("global", "n").await.unwrap().unwrap_or_default();
                    let next = now.as_int().unwrap_or(0) + 1;
                    let set = state.compare_and_set("global", "n", &now, next.into());
                    if set.await.unwrap() {
                        break;
                    }
                }
            }
            state
        };
        let all = futures::future::join_all(all.into_iter().map(count)).await;
        assert_eq!(all[0].get("global", "n").await.unwrap(), Some(100.into()));
        let stale = Value::from(99);
        let late = all[0].compare_and_set("global", "n", &stale, 0.into());
        assert!(!late.await.unwrap());
    }

    #[tokio::test]
    async fn a_value_that_is_too_large_is_not_kept() {
        let state = StoredScopes::new("memory:", 10);
        let error = state
            .set("a", "k", "x".repeat(20).into())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert_eq!(error.message(), "the value of 'k' has 22 bytes, at most 10");
        assert_eq!(state.get("a", "k").await.unwrap(), None);
    }

    #[tokio::test]
    async fn all_values_together_have_a_limit() {
        let state = StoredScopes::new("memory:", 100).max_total_bytes(30);
        let set = |scope: &'static str, key: &'static str, size| {
            state.set(scope, key, "x".repeat(size).into())
        };
        set("a", "k", 18).await.unwrap();
        set("b", "temp:k", 90).await.unwrap();
        set("b", "k", 8).await.unwrap();
        let error = set("b", "l", 1).await.unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert_eq!(
            error.message(),
            "all values together would have 33 bytes, at most 30"
        );
        // What is replaced does not count, and less is always taken.
        set("a", "k", 18).await.unwrap();
        let smaller = StoredScopes {
            max_total_bytes: 5,
            ..state
        };
        smaller.set("a", "k", "x".into()).await.unwrap();
        let swapped = smaller
            .compare_and_set("a", "k", &"x".into(), "xy".into())
            .await;
        assert_eq!(swapped.unwrap_err().kind(), Kind::Limit);
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_opened_is_an_error_each_time() {
        let state = StoredScopes::new("nowhere:x", 10);
        for _ in 0..2 {
            let error = state.get("a", "k").await.unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.hints().iter().any(|hint| hint.contains("state.path")));
        }
    }
}
