//! Structured cancellation: a tree in which stopping a node stops everything below it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

use event_listener::Event;
use parking_lot::Mutex;

use crate::error::{Error, Kind};

/// A request to stop, shared by everything that must heed it.
#[derive(Clone, Debug)]
pub struct Cancel(Arc<Node>);

#[derive(Debug, Default)]
struct Node {
    cancelled: AtomicBool,
    error: Mutex<Option<Error>>,
    event: Event,
    children: Mutex<Vec<Weak<Node>>>,
}

impl Default for Cancel {
    fn default() -> Self {
        Self::new()
    }
}

impl Cancel {
    /// Creates a root.
    pub fn new() -> Self {
        Self(Arc::default())
    }

    /// Creates a node below this one. Cancelling the child leaves the parent alone.
    #[must_use]
    pub fn child(&self) -> Self {
        let child = Self::new();
        {
            let mut children = self.0.children.lock();
            if children.len() == children.capacity() {
                children.retain(|child| child.strong_count() > 0);
            }
            children.push(Arc::downgrade(&child.0));
        }
        if let Some(error) = self.error() {
            child.cancel(error);
        }
        child
    }

    /// Asks everything at and below this node to stop, and says why. The first reason stays.
    pub fn cancel(&self, error: Error) {
        {
            let mut slot = self.0.error.lock();
            if slot.is_some() {
                return;
            }
            *slot = Some(error.clone());
        }
        self.0.cancelled.store(true, Ordering::Release);
        self.0.event.notify(usize::MAX);
        let children = std::mem::take(&mut *self.0.children.lock());
        for child in children.iter().filter_map(Weak::upgrade) {
            Self(child).cancel(error.clone());
        }
    }

    /// Returns whether stopping was asked for.
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled.load(Ordering::Acquire)
    }

    /// Returns the reason, once stopping was asked for.
    pub fn error(&self) -> Option<Error> {
        if !self.is_cancelled() {
            return None;
        }
        self.0.error.lock().clone()
    }

    /// Waits until stopping is asked for, and returns the reason.
    pub async fn cancelled(&self) -> Error {
        loop {
            if let Some(error) = self.error() {
                return error;
            }
            let listener = self.0.event.listen();
            if let Some(error) = self.error() {
                return error;
            }
            listener.await;
        }
    }

    /// Returns the usual reason: `Cancelled`.
    pub fn reason(message: &'static str) -> Error {
        Error::new(Kind::Cancelled, message)
    }
}
