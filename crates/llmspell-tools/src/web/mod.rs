//! Tools for the web.

mod answer;
mod charset;
mod page;
mod request;
mod robots;
mod sitemap_crawler;
mod url_analyzer;
mod visit;
mod web_scraper;
mod web_search;
mod webpage_monitor;

use llmspell_core::Module;

use crate::job::Job;

pub(crate) fn module() -> Module {
    Module::hidden("web", "The web.")
        .op(web_search::op())
        .op(web_scraper::op())
        .op(url_analyzer::op())
        .op(webpage_monitor::op())
        .op(sitemap_crawler::op())
}

pub(crate) fn jobs() -> Vec<Job> {
    [web_scraper::JOBS, web_search::JOBS, webpage_monitor::JOBS].concat()
}
