//! Tools for the machine: its environment, processes, numbers and services.

mod environment_reader;
mod process_executor;
mod service_checker;
mod system_monitor;

use llmspell_core::Module;

pub(crate) fn module() -> Module {
    Module::hidden("system", "The machine.")
        .op(environment_reader::op())
        .op(process_executor::op())
        .op(service_checker::op())
        .op(system_monitor::op())
}
