//! What other parts of the runtime keep for sessions.

use futures::future::BoxFuture;
use llmspell_core::{Result, Value};

/// What another part of the runtime keeps for sessions, in the same store: their artifacts.
pub trait Belongings: Send + Sync {
    /// Removes what it keeps for a session, which is being deleted. Nothing there is fine.
    ///
    /// - Cancel: a second call removes what is left.
    fn remove<'a>(&'a self, session: &'a str) -> BoxFuture<'a, Result<()>>;

    /// Returns what it keeps for a session, as an export shows it, with contents.
    ///
    /// - Cancel: safe.
    fn export<'a>(&'a self, session: &'a str) -> BoxFuture<'a, Result<Value>>;
}
