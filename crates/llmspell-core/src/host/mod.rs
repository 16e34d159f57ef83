//! The outside world as ops see it. An op reaches clock, random numbers, environment, files, network and processes only
//! here.
//!
//! The traits say what a tool may rely on. How they are kept on a machine is the runtime's.

mod clock;
mod closed;
mod environment;
mod files;
mod http;
mod network;
mod processes;
mod random;
mod secrets;
mod tasks;
mod worker;

use std::sync::Arc;

pub use clock::Clock;
pub use closed::Closed;
pub use environment::Environment;
pub use files::{
    Access, Change, ChangeKind, Entries, FileEntry, FileKind, Files, ReadFile, WriteFile,
    WriteMode, failure,
};
pub use http::{
    Attempt, FormPart, HttpBody, HttpRequest, HttpResponse, Redirect, Repeat, Timing, multipart,
};
pub use network::{Connection, Endpoint, Network, Secured};
pub use processes::{Captured, Command, Confined, Exit, Finished, Input, Process, Processes};
pub use random::Random;
pub use secrets::{NoSecrets, Secrets};
pub use tasks::Tasks;
pub use worker::Worker;

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
}

impl Host {
    /// Makes a world without files, network, processes, secrets and work beside the calls.
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
        }
    }
}

impl std::fmt::Debug for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Host")
    }
}
