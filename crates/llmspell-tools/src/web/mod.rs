//! Tools for the web.

mod answer;
mod api_tester;
mod browser;
mod charset;
mod content;
mod expected;
mod graphql_query;
mod http_request;
mod payload;
mod request;
mod robots;
mod sitemap_crawler;
mod url_analyzer;
mod visit;
mod web_scraper;
mod web_search;
mod webhook_caller;
mod webpage_monitor;
mod websocket;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("web", "The web.")
        .op(api_tester::op())
        .op(graphql_query::op())
        .op(http_request::op())
        .op(sitemap_crawler::op())
        .op(url_analyzer::op())
        .op(web_scraper::op())
        .op(web_search::op())
        .op(webhook_caller::op())
        .op(webpage_monitor::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    [
        api_tester::JOBS,
        web_scraper::JOBS,
        web_search::JOBS,
        webpage_monitor::JOBS,
    ]
    .concat()
}
