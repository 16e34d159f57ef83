//! Tools for the web.

mod answer;
mod request;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("web", "The web.")
}

pub(crate) fn jobs() -> Vec<Job> {
    Vec::new()
}
