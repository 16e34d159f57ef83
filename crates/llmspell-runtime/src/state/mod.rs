//! Values that outlive a run, under a scope and a key.
//!
//! A value is the key `state/SCOPE/KEY` of a store, in record form. In `SCOPE`, `%` and `/` are written `%25` and `%2F`, so
//! that the first `/` ends it. Keys for the memory only have the same names in a store of their own.

mod key;

use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::value::{from_record, to_record};
use llmspell_core::{Result, Scopes, Value, error};
use llmspell_store::{Batch, Durability, Memory, Store};
use tokio::sync::OnceCell;

use crate::journal::open_store;
use key::Key;

/// The values of all scopes, in a store that is opened by the first of them.
///
/// A store that cannot be opened is not tried again: each call fails with the same error.
pub struct StoredScopes {
    url: String,
    max_value_bytes: u64,
    opened: OnceCell<Result<Arc<dyn Store>>>,
    passing: Memory,
}

impl StoredScopes {
    /// Keeps values in the store of this URL, each of at most `max_value_bytes` in record form. Opens nothing.
    pub fn new(url: impl Into<String>, max_value_bytes: u64) -> Self {
        Self {
            url: url.into(),
            max_value_bytes,
            opened: OnceCell::new(),
            passing: Memory::new(),
        }
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

    /// Returns the store of a key.
    async fn store(&self, key: &Key) -> Result<&dyn Store> {
        if key.is_passing() {
            return Ok(&self.passing);
        }
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
            let record = to_record(&value.without_functions()?);
            let (size, most) = (record.len(), self.max_value_bytes);
            if size as u64 > most {
                return Err(error!(
                    Limit,
                    "the value of '{key}' has {size} bytes, at most {most}"
                )
                .with("limit", most)
                .with("value", size)
                .hint("raise `state.max_value_bytes`"));
            }
            let batch = Batch::new().put(place.as_bytes(), record);
            self.store(&place).await?.apply(batch).await.map(drop)
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

fn read(scope: &str, key: &str, bytes: Vec<u8>) -> Result<Value> {
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
    use llmspell_core::Kind;
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
    async fn a_store_that_cannot_be_opened_is_an_error_each_time() {
        let state = StoredScopes::new("nowhere:x", 10);
        for _ in 0..2 {
            let error = state.get("a", "k").await.unwrap_err();
            assert_eq!(error.kind(), Kind::Config);
            assert!(error.hints().iter().any(|hint| hint.contains("state.path")));
        }
    }
}
