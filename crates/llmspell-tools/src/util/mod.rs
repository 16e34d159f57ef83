//! Tools that compute.

mod base64_encoder;
pub(crate) mod calculator;
pub(crate) mod data_validation;
mod date_time_handler;
mod diff_calculator;
mod hash_calculator;
mod template_engine;
mod text_manipulator;
mod uuid_generator;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("util", "Computing and text.")
        .op(base64_encoder::op())
        .op(calculator::op())
        .op(data_validation::op())
        .op(date_time_handler::op())
        .op(diff_calculator::op())
        .op(hash_calculator::op())
        .op(template_engine::op())
        .op(text_manipulator::op())
        .op(uuid_generator::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    [
        calculator::JOBS,
        data_validation::JOBS,
        template_engine::JOBS,
    ]
    .concat()
}
