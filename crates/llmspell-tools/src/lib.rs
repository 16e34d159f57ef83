//! The built-in tools, one file each, grouped by what they work on.
//!
//! A group's `mod.rs` is its table. Tools never touch the outside themselves: they reach it through
//! [`Cx`](llmspell_core::Cx), and what evaluates foreign input runs as a [`Job`] in a worker process.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod aside;
mod caret;
mod choice;
mod comm;
mod data;
mod escape;
mod fs;
mod job;
mod key;
mod media;
mod page;
mod param;
mod plain;
mod publish;
mod schema;
mod system;
#[cfg(test)]
mod test_folder;
#[cfg(test)]
mod test_needs;
#[cfg(test)]
mod test_site;
#[cfg(test)]
mod test_tls;
#[cfg(test)]
mod test_world;
mod util;
mod web;
mod wildcard;
mod worker;

use llmspell_core::{Module, SchemaFn};

pub use job::Job;

/// Returns the groups, in the order of the listing.
pub fn modules() -> Vec<Module> {
    vec![
        comm::module(),
        data::module(),
        fs::module(),
        media::module(),
        system::module(),
        util::module(),
        web::module(),
    ]
}

/// Returns the tables of `[tools]` that belong to several tools, with the schema of each.
pub fn shared_settings() -> Vec<(&'static str, SchemaFn)> {
    media::shared_settings()
}

/// Returns the jobs that a worker process can run.
pub fn jobs() -> Vec<Job> {
    [
        data::jobs(),
        fs::jobs(),
        media::jobs(),
        util::jobs(),
        web::jobs(),
    ]
    .concat()
}
