//! Tools for files.

mod archive_handler;
mod entry;
mod file_converter;
mod file_operations;
mod file_search;
mod file_watcher;
mod pattern;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("fs", "Files.")
        .op(archive_handler::op())
        .op(file_converter::op())
        .op(file_operations::op())
        .op(file_search::op())
        .op(file_watcher::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    file_converter::JOBS.to_vec()
}
