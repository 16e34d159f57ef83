//! Tools for files.

mod archive_handler;
mod entry;
mod file_operations;
mod file_search;
mod file_watcher;
mod pattern;

use llmspell_core::Module;

pub(crate) fn module() -> Module {
    Module::hidden("fs", "Files.")
        .op(archive_handler::op())
        .op(file_operations::op())
        .op(file_search::op())
        .op(file_watcher::op())
mod file_converter;
use crate::job::Job;
    Module::hidden("fs", "Files.").op(file_converter::op())
}
pub(crate) fn jobs() -> Vec<Job> {
    file_converter::JOBS.to_vec()
}
