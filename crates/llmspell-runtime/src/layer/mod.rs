//! The layers around every call, and their order.

mod journal;
mod limits;
mod policy;
mod retry;
mod secrets;
mod timeout;
mod trace;

pub(crate) mod glob;

use std::sync::Arc;

use llmspell_core::Layer;

use crate::journal::Journal;

pub use policy::Policy;

/// What the layers of one run need to know.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most effects in flight at once (count); 0 is no limit. `runtime.max_concurrency`, default 64.
    pub max_concurrency: usize,
    /// Which ops and tools may be called. Default: all, tools up to level `restricted`.
    pub policy: Arc<Policy>,
    /// Where calls are recorded. Default: nowhere.
    pub journal: Arc<Journal>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            max_concurrency: 64,
            policy: Arc::default(),
            journal: Arc::default(),
        }
    }
}

/// Returns the layers of one run, outermost first.
///
/// The order has reasons:
/// 1. `secrets` comes first: what it learns from arguments is kept out of what any other layer writes.
/// 2. `trace` sees every call with its whole duration, also those that a layer further in refuses.
/// 3. `limits` comes before all that costs something, and so that a call waits for its slot outside of its timeout's
///    books. A refused call costs nothing.
/// 4. `policy` comes before the journal: what was never allowed to happen is not recorded as an effect.
/// 5. `journal` stands right around retry, timeout and body: one entry per call, however often it was attempted, and a
///    recorded answer needs neither attempts nor time. (Hooks, which are deterministic code, will stand outside of it.)
/// 6. `retry` repeats attempts, each of which
/// 7. `timeout` ends at the deadline or when the call is cancelled.
///
/// A stack belongs to one run: its slots and its journal are that run's.
pub fn stack(options: Options) -> Vec<Arc<dyn Layer>> {
    vec![
        Arc::new(secrets::Hide),
        Arc::new(trace::Trace),
        Arc::new(limits::Slots::new(options.max_concurrency)),
        Arc::new(policy::Gate::new(options.policy)),
        Arc::new(journal::Recording::new(options.journal)),
        Arc::new(retry::Repeat),
        Arc::new(timeout::Race),
    ]
}
