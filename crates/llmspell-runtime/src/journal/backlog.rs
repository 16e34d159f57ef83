//! What was handed to the store and is not written yet.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use llmspell_core::{Error, Kind, Result};

/// Bytes from which on writers wait for the store.
const LONG: usize = 8 << 20;

/// Entries under way to the store, and the first that it could not write.
///
/// After a failure nothing more is written, so that the journal has no gaps.
#[derive(Clone, Debug, Default)]
pub(super) struct Backlog(Arc<State>);

#[derive(Debug, Default)]
struct State {
    entries: AtomicUsize,
    bytes: AtomicUsize,
    failure: OnceLock<Error>,
}

impl Backlog {
    /// Notes an entry of so many bytes.
    pub(super) fn add(&self, bytes: usize) -> Waiting {
        self.0.entries.fetch_add(1, Ordering::AcqRel);
        self.0.bytes.fetch_add(bytes, Ordering::AcqRel);
        Waiting {
            backlog: self.clone(),
            bytes,
            told: false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.entries.load(Ordering::Acquire) == 0
    }

    /// Returns whether writers should wait for the store.
    pub(super) fn is_long(&self) -> bool {
        self.0.bytes.load(Ordering::Acquire) > LONG
    }

    /// Returns why nothing more is written.
    pub(super) fn check(&self) -> Result<()> {
        match self.0.failure.get() {
            Some(failure) => Err(failure.clone()),
            None => Ok(()),
        }
    }
}

/// An entry under way.
pub(super) struct Waiting {
    backlog: Backlog,
    bytes: usize,
    told: bool,
}

impl Waiting {
    /// Says how it went.
    pub(super) fn end(mut self, failure: Option<Error>) {
        self.told = true;
        if let Some(failure) = failure {
            // Those that follow the first one fail because it did.
            let _ = self.backlog.0.failure.set(failure);
        }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let state = &self.backlog.0;
        if !self.told {
            let defect = Error::new(Kind::Bug, "the store died of a defect");
            let _ = state.failure.set(defect);
        }
        state.bytes.fetch_sub(self.bytes, Ordering::AcqRel);
        state.entries.fetch_sub(1, Ordering::AcqRel);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_stays() {
        let backlog = Backlog::default();
        let (first, second, third) = (backlog.add(1), backlog.add(LONG), backlog.add(3));
        assert!(backlog.is_long() && !backlog.is_empty());
        first.end(None);
        assert!(backlog.check().is_ok());
        second.end(Some(Error::new(Kind::Io, "the disk is full")));
        third.end(Some(Error::new(Kind::Conflict, "a consequence")));
        assert_eq!(backlog.check().unwrap_err().message(), "the disk is full");
        assert!(backlog.is_empty() && !backlog.is_long());
    }

    #[test]
    fn an_entry_that_the_store_drops_is_a_failure() {
        let backlog = Backlog::default();
        drop(backlog.add(1));
        assert_eq!(backlog.check().unwrap_err().kind(), Kind::Bug);
        assert!(backlog.is_empty());
    }
}
