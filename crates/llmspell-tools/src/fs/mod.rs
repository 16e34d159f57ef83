//! Tools for files.

mod file_converter;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("fs", "Files.").op(file_converter::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    file_converter::JOBS.to_vec()
}
