//! The world of a run: from a configuration to everything that the run needs, and to its end.
//!
//! | file | what it holds |
//! |---|---|
//! | `options` | what a run is given beside its configuration |
//! | `open` | putting it together, of: |
//! | `host`, `files` | the outside world, as far as it is open; files, for the run and for single tools |
//! | `providers` | the model providers |
//! | `session` | the session that it belongs to |
//! | `engine` | the engine of its language, with the globals |
//! | `state`, `schemas` | values that outlive it, their versions, their backups |
//! | `door`, `shared` | which calls are permitted, what stands around them, and what that shares with ops |
//! | `audit`, `watch`, `output` | who is told of its calls, its events, and of what it prints |
//! | `run` | running a script |
//! | `finish` | closing what it left open |

mod audit;
mod door;
mod engine;
mod files;
mod finish;
mod host;
mod open;
mod options;
mod output;
mod providers;
mod run;
mod schemas;
mod session;
mod shared;
mod state;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::Cx;
use llmspell_runtime::journal::Redact;
use llmspell_runtime::session::Session;
use llmspell_runtime::state::StoredScopes;
use llmspell_script::Engine;

use watch::Watch;

pub use engine::engine;
pub use finish::Ran;
pub use host::workers;
pub use options::{Options, SessionChoice};
pub use providers::providers;
pub use watch::Watched;

/// Everything that one run needs: its context, its engine, its session.
pub struct World {
    cx: Cx,
    engine: Arc<dyn Engine>,
    session: Session,
    watches: Vec<Watch>,
    state: Option<Arc<StoredScopes>>,
    persist: Vec<String>,
    config_path: Option<PathBuf>,
    redact: Redact,
    timeout: Duration,
    began: Duration,
}

impl World {
    /// Returns the context of the spell itself.
    pub fn cx(&self) -> &Cx {
        &self.cx
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Returns how long the run has been under way.
    fn elapsed(&self) -> Duration {
        let now = self.cx.host().clock.monotonic();
        now.saturating_sub(self.began)
    }
}
