//! Tools for structured data.

pub(crate) mod json_processor;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("data", "Structured data.").op(json_processor::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    json_processor::JOBS.to_vec()
}
