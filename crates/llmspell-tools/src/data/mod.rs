//! Tools for structured data.

pub(crate) mod csv_analyzer;
mod database_connector;
pub(crate) mod json_processor;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("data", "Structured data.")
        .op(csv_analyzer::op())
        .op(database_connector::op())
        .op(json_processor::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    [csv_analyzer::JOBS, json_processor::JOBS].concat()
}
