//! What gives a spell its production qualities: agents, sessions, the journal and the layers of the door.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod agent;
pub mod artifact;
mod breaker;
pub mod clock;
pub mod config;
mod confine;
pub mod event;
pub mod fetch;
pub mod file;
mod glob;
pub mod hook;
pub mod host;
pub mod input;
pub mod journal;
pub mod json;
pub mod layer;
pub mod logger;
pub mod model;
pub mod provider;
pub mod rate;
mod secret;
mod segment;
pub mod session;
pub mod state;
pub mod telemetry;
pub mod tool;
pub mod utils;
pub mod worker;
pub mod workflow;

use llmspell_core::Module;

/// Returns the modules whose functions scripts see, in the order of the reference.
pub fn modules() -> Vec<Module> {
    vec![
        agent::module(),
        tool::module(),
        provider::module(),
        agent::stream_module(),
        workflow::module(),
        workflow::state_module(),
        hook::module(),
        event::module(),
        state::module(),
        session::module(),
        artifact::module(),
        json::module(),
        logger::module(),
        config::module(),
        utils::module(),
    ]
}
