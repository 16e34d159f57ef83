//! Tools for the web.

mod answer;
mod api_tester;
mod content;
mod expected;
mod graphql_query;
mod http_request;
mod payload;
mod request;
mod webhook_caller;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("web", "The web.")
        .op(api_tester::op())
        .op(graphql_query::op())
        .op(http_request::op())
        .op(webhook_caller::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    api_tester::JOBS.to_vec()
}
