//! Tools for files.

mod entry;
mod file_operations;
mod pattern;

use llmspell_core::Module;

pub(crate) fn module() -> Module {
    Module::hidden("fs", "Files.").op(file_operations::op())
}
