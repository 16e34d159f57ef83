//! What outlives a run: values under a scope and a key.

use futures::future::BoxFuture;

use crate::error::Result;
use crate::value::Value;

/// Values under a scope and a key. They live as long as their store does, which the configuration chooses.
///
/// A scope is any text, such as `global` or `custom:webpage_monitor`, and never sees the keys of another. A key has 1 to
/// 256 bytes without `..`, `\`, `//`, NUL and line ends, and begins with neither `__` nor `$$`. Keys that begin with
/// `temp:` or `cache:` live in memory only.
///
/// - Errors of all methods: `InvalidArgs` for a key that is none; `Unavailable` if the configuration switches state off;
///   those of the store.
/// - Replay: what is here is of the world, not of the run. A call that is answered from the journal neither reads nor
///   writes it; one that is run again after a crash finds what its first attempt wrote.
pub trait Scopes: Send + Sync {
    /// Returns a value, or `None` if there is none.
    ///
    /// - Cancel: safe.
    fn get<'a>(&'a self, scope: &'a str, key: &'a str) -> BoxFuture<'a, Result<Option<Value>>>;

    /// Keeps a value in place of the one that was there. It is durable when this returns, as far as its store is.
    ///
    /// - Errors: `Limit` for a value larger than `state.max_value_bytes`; `InvalidArgs` for one with a function in it.
    /// - Cancel: the value is kept or not.
    fn set<'a>(&'a self, scope: &'a str, key: &'a str, value: Value) -> BoxFuture<'a, Result<()>>;

    /// Removes a value and returns whether there was one.
    ///
    /// - Cancel: the value is removed or not.
    fn delete<'a>(&'a self, scope: &'a str, key: &'a str) -> BoxFuture<'a, Result<bool>>;
}
