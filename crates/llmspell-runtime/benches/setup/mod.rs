//! What benches run their calls in: threads, a session that keeps a journal, a run without a world around it.

use std::sync::Arc;

use llmspell_core::host::Closed;
use llmspell_core::{Cx, Door, Host, Layer, RunBuilder};
use llmspell_runtime::host::{RunEnvironment, SystemClock, SystemRandom};
use llmspell_runtime::session::{Choice, Options, Session};
use tokio::runtime::{Builder, Runtime};

/// Returns an executor of this thread alone, or of so many others.
pub(crate) fn executor(others: usize) -> Runtime {
    let mut builder = match others {
        0 => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    builder
        .worker_threads(others.max(1))
        .enable_all()
        .build()
        .unwrap()
}

/// Begins a session whose journal is kept there.
pub(crate) fn session(store: Choice) -> Session {
    let options = Options {
        store,
        ..Options::new("bench.lua", "", "lua")
    };
    Session::begin(options, Arc::new(SystemClock)).unwrap()
}

/// Returns a run whose calls pass these layers, and which reaches neither files nor network nor workers.
pub(crate) fn run(layers: Vec<Arc<dyn Layer>>) -> RunBuilder {
    let host = Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    );
    Cx::run("bench", Arc::new(Door::new(layers)), host)
}
