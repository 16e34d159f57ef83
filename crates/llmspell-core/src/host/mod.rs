//! The outside world as ops see it. An op reaches clock, random numbers, environment, files, network and processes only
//! here.
//!
//! The traits say what a tool may rely on. How they are kept on a machine is the runtime's.

mod clock;
mod closed;
mod environment;
mod events;
mod files;
mod http;
mod network;
mod processes;
mod random;
mod rates;
mod secrets;
mod state;
mod tasks;
mod worker;

use std::sync::Arc;

pub use clock::Clock;
pub use closed::Closed;
pub use environment::Environment;
pub use events::Events;
pub use files::{
    Access, Change, ChangeKind, Entries, FileEntry, FileKind, Files, ReadFile, WriteFile,
    WriteMode, draft_name, failure, is_draft,
};
pub use http::{
    Attempt, FormPart, HttpBody, HttpRequest, HttpResponse, Redirect, Repeat, Timing, multipart,
};
pub use network::{Connection, Endpoint, Network, Secured, Trust};
pub use processes::{Captured, Command, Confined, Exit, Finished, Input, Process, Processes};
pub use random::Random;
pub use rates::{Rate, Rates, Unlimited};
pub use secrets::{NoSecrets, Secrets};
pub use state::Scopes;
pub use tasks::Tasks;
pub use worker::Worker;

use crate::error;
use crate::error::Result;

/// The world of one run.
#[derive(Clone)]
pub struct Host {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub random: Arc<dyn Random>,
    /// Environment variables.
    pub environment: Arc<dyn Environment>,
    /// The confined worker processes.
    pub worker: Arc<dyn Worker>,
    /// Files below the roots.
    pub files: Arc<dyn Files>,
    /// The network behind the policy.
    pub network: Arc<dyn Network>,
    /// Processes behind the policy.
    pub processes: Arc<dyn Processes>,
    /// What must never be shown.
    pub secrets: Arc<dyn Secrets>,
    /// Work beside the calls.
    pub tasks: Arc<dyn Tasks>,
    /// How often services may be asked.
    pub rates: Arc<dyn Rates>,
    /// The event bus, if the run has one.
    pub events: Option<Arc<dyn Events>>,
    /// What outlives the run, if it keeps any.
    pub state: Option<Arc<dyn Scopes>>,
}

impl Host {
    /// Makes a world without files, network, processes, secrets, work beside the calls, events and state, in which
    /// nothing waits for its turn.
    pub fn closed(
        clock: Arc<dyn Clock>,
        random: Arc<dyn Random>,
        environment: Arc<dyn Environment>,
        worker: Arc<dyn Worker>,
    ) -> Self {
        Self {
            clock,
            random,
            environment,
            worker,
            files: Arc::new(Closed::FILES),
            network: Arc::new(Closed::NETWORK),
            processes: Arc::new(Closed::PROCESSES),
            secrets: Arc::new(NoSecrets),
            tasks: Arc::new(Closed::TASKS),
            rates: Arc::new(Unlimited),
            events: None,
            state: None,
        }
    }

    /// Returns the event bus.
    ///
    /// - Errors: `Unavailable` if the run has none.
    pub fn events(&self) -> Result<Arc<dyn Events>> {
        let events = self.events.clone();
        events.ok_or_else(|| error!(Unavailable, "this run has no event bus"))
    }

    /// Returns what outlives the run.
    ///
    /// - Errors: `Unavailable` if the run keeps nothing.
    pub fn state(&self) -> Result<Arc<dyn Scopes>> {
        let state = self.state.clone();
        state.ok_or_else(|| {
            error!(Unavailable, "this run keeps no state").hint("set `state.enabled = true`")
        })
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
