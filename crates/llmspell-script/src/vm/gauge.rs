//! The memory of a VM, as other threads see it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use llmspell_core::Heap;

/// What a VM said of its memory. It looks only when it was asked, because looking may be a walk through all that it has.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    asked: AtomicBool,
    waits: AtomicBool,
    used: AtomicU64,
    limit: AtomicU64,
}

impl Gauge {
    /// Says what the VM may have (bytes).
    pub(crate) fn limit(&self, limit: usize) {
        self.limit.store(limit as u64, Ordering::Relaxed);
    }

    /// Looks, if that was asked for. Called by the VM, where it can look.
    pub(crate) fn answer(&self, used: impl FnOnce() -> u64) {
        if self.asked.load(Ordering::Relaxed) {
            self.asked.store(false, Ordering::Relaxed);
            self.used.store(used(), Ordering::Relaxed);
        }
    }

    /// Lets the VM wait for an event, with nothing to be done until one comes.
    pub(crate) fn waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.waits.store(true, Ordering::Relaxed);
        let event = wait();
        self.waits.store(false, Ordering::Relaxed);
        event
    }

    /// Whether the VM must be woken to look.
    pub(crate) fn is_waiting(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    /// Returns what was seen last, and asks to look again; `None` before the first look.
    pub(crate) fn ask(&self) -> Option<Heap> {
        self.asked.store(true, Ordering::Relaxed);
        let used = self.used.load(Ordering::Relaxed);
        let limit = self.limit.load(Ordering::Relaxed);
        (used > 0).then_some(Heap { used, limit })
    }
}
