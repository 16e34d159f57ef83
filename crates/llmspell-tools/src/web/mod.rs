//! Tools for the web.

mod answer;
mod request;
mod url_analyzer;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("web", "The web.")
        .op(url_analyzer::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    Vec::new()
}
