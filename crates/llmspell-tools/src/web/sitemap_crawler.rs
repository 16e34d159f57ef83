//! `sitemap_crawler`: the URLs of a site, from its sitemaps.

mod crawl;
mod document;
mod fetch;
mod filter;
mod find;

use std::time::Duration;

use futures::StreamExt;
use futures::stream;
use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use self::crawl::{Crawl, Limits, failure};
use self::document::Entry;
use self::fetch::Fetch;
use self::filter::Filter;
use self::find::Found;
use super::answer::millis;
use super::request::{HttpArgs, parse};
use crate::choice::choose_or_first;
use crate::param::{Given, choices, missing, names, refused, within};

const OPERATIONS: &[&[&str]] = &[&["crawl", "parse", "discover"]];

const LIMIT: Duration = Duration::from_secs(120);

const MAX_URLS: i64 = 1_000_000;

pub(super) fn op() -> Op {
    Op::new("sitemap_crawler", sitemap_crawler)
        .effect(Effect::Read)
        .tool(
            ToolInfo::new("web")
                .example(
                    "Collects addresses",
                    r#"{"input": "https://example.com/web/sitemap.xml", "max_urls": 10}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS)),
        )
}

/// Collects the URLs of a site from its sitemaps: XML, indexes, compressed, plain text, RSS and Atom.
///
/// A sitemap that cannot be read is listed in `errors`; the call fails only if none can.
#[derive(Default, Deserialize, JsonSchema)]
struct SitemapCrawler {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "crawl"))]
    operation: Option<String>,
    /// A sitemap's URL, or that of a site: then `robots.txt`, `/sitemap.xml` and `/sitemap_index.xml` are looked at.
    #[schemars(required, extend("x-synonyms" = ["url"]))]
    input: Option<String>,
    /// Whether the sitemaps that an index names are read.
    #[schemars(extend("default" = true, "x-synonyms" = ["follow_sitemap_index"]))]
    follow_sitemaps: Option<bool>,
    /// Most URLs that are returned; 0 for the numbers alone.
    #[schemars(range(min = 0, max = 1_000_000), extend("default" = 1000))]
    max_urls: Option<i64>,
    /// How many levels of indexes are followed.
    #[schemars(range(min = 1, max = 10), extend("default" = 5))]
    max_depth: Option<i64>,
    /// Regular expressions, one of which a URL has to match.
    #[schemars(extend("x-synonyms" = ["url_filter"]))]
    include: Option<Vec<String>>,
    /// Regular expressions, none of which a URL may match.
    exclude: Option<Vec<String>>,
    /// Only pages that changed on this date or later, by what the sitemap says.
    modified_after: Option<String>,
    /// Only pages that changed before this date.
    modified_before: Option<String>,
    /// Limit of one file, in milliseconds.
    #[schemars(range(min = 1, max = 3_600_000), extend("default" = 30_000))]
    fetch_timeout_ms: Option<i64>,
    /// Limit of one file, in seconds.
    timeout: Option<f64>,
    /// How many files are fetched at once.
    #[schemars(range(min = 1, max = 10), extend("default" = 4))]
    concurrency: Option<i64>,
    /// Whether each URL is asked for its status, by HEAD.
    #[schemars(extend("default" = false))]
    check: Option<bool>,
}

async fn sitemap_crawler(cx: Cx, call: Given<HttpArgs<SitemapCrawler>>) -> Result<Outcome> {
    let a = &call.args.own;
    choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let began = cx.host().clock.monotonic();
    let text = a
        .input
        .as_deref()
        .ok_or_else(|| missing("sitemap_crawler", "crawl", "input"))?;
    let url = parse(text)?;
    let limits = limits(a)?;
    let list = |list: &Option<Vec<String>>| list.clone().unwrap_or_default();
    let filter = Filter::new(
        &list(&a.include),
        &list(&a.exclude),
        a.modified_after.as_deref(),
        a.modified_before.as_deref(),
    )?;
    let fetch = Fetch {
        http: &call.args.http,
        limit: file_limit(a)?,
    };
    let mut crawl = Crawl::default();
    let first = start(&cx, &fetch, &limits, &filter, &mut crawl, url).await?;
    let statuses = match a.check {
        Some(true) => check(&cx, &fetch, &limits, &mut crawl).await?,
        _ => Vec::new(),
    };
    let took = cx.host().clock.monotonic().saturating_sub(began);
    Ok(outcome(crawl, &limits, &first, statuses, took))
}

fn limits(a: &SitemapCrawler) -> Result<Limits> {
    Ok(Limits {
        follow: a.follow_sitemaps.unwrap_or(true),
        max_urls: within("max_urls", a.max_urls.unwrap_or(1000), 0..=MAX_URLS)?,
        max_depth: within("max_depth", a.max_depth.unwrap_or(5), 1..=10)?,
        concurrency: within("concurrency", a.concurrency.unwrap_or(4), 1..=10)?,
    })
}

fn file_limit(a: &SitemapCrawler) -> Result<Duration> {
    if let Some(seconds) = a.timeout {
        let limit = Duration::try_from_secs_f64(seconds).ok();
        let limit = limit.filter(|limit| !limit.is_zero() && limit.as_secs() <= 3600);
        let message = format!(
            "parameter 'timeout' is in seconds, more than 0 and at most 3600, got {seconds}"
        );
        return limit.ok_or_else(|| refused("timeout", message));
    }
    let ms = within(
        "fetch_timeout_ms",
        a.fetch_timeout_ms.unwrap_or(30_000),
        1..=3_600_000,
    )?;
    Ok(Duration::from_millis(ms as u64))
}

/// Reads the sitemap, or those of the site, and returns the address of the first.
async fn start(
    cx: &Cx,
    fetch: &Fetch<'_>,
    limits: &Limits,
    filter: &Filter,
    crawl: &mut Crawl,
    url: Url,
) -> Result<String> {
    let is_root = matches!(url.path(), "" | "/") && url.query().is_none();
    let (first, start) = match is_root {
        false => (url.to_string(), (vec![url], 0)),
        true => match find::find(cx, fetch, &url).await? {
            Found::Named(urls) => (urls[0].to_string(), (urls, 0)),
            Found::Usual(fetched) => {
                let first = fetched.url.to_string();
                (first, (crawl.take(*fetched, limits, filter), 1))
            }
        },
    };
    crawl.run(cx, fetch, limits, filter, start).await?;
    Ok(first)
}

/// Asks each URL for its status.
async fn check(
    cx: &Cx,
    fetch: &Fetch<'_>,
    limits: &Limits,
    crawl: &mut Crawl,
) -> Result<Vec<Option<u16>>> {
    let urls: Vec<String> = crawl
        .entries
        .iter()
        .map(|entry| entry.url.clone())
        .collect();
    let asked = stream::iter(urls).map(|url| async move {
        let status = fetch.status(cx, &url).await;
        (url, status)
    });
    let mut asked = std::pin::pin!(asked.buffered(limits.concurrency));
    let mut statuses = Vec::new();
    while let Some((url, status)) = asked.next().await {
        cx.check()?;
        if let (Err(error), Ok(url)) = (&status, Url::parse(&url)) {
            crawl.errors.push(failure(&url, error.message()));
        }
        statuses.push(status.ok());
    }
    Ok(statuses)
}

fn outcome(
    crawl: Crawl,
    limits: &Limits,
    first: &str,
    statuses: Vec<Option<u16>>,
    took: Duration,
) -> Outcome {
    let count = crawl.entries.len();
    let urls: Value = crawl
        .entries
        .iter()
        .map(|entry| Value::from(entry.url.as_str()))
        .collect();
    let mut statuses = statuses.into_iter();
    let entries: Value = crawl
        .entries
        .into_iter()
        .map(|entry| described(entry, statuses.next().flatten()))
        .collect();
    let stats = Map::from([
        ("sitemaps_processed", crawl.processed.into()),
        ("index_files_found", crawl.indexes.into()),
        ("total_urls_discovered", crawl.discovered.into()),
        ("urls_with_metadata", crawl.with_metadata.into()),
        ("duration_ms", millis(took).into()),
    ]);
    let message = match crawl.processed {
        1 => format!("Found {} URLs in one sitemap", crawl.discovered),
        sitemaps => format!("Found {} URLs in {sitemaps} sitemaps", crawl.discovered),
    };
    let data = Map::from([
        ("sitemap_url", first.into()),
        ("urls", entries),
        ("urls_found", count.into()),
        ("count", count.into()),
        ("has_more", crawl.has_more.into()),
        ("max_urls", limits.max_urls.into()),
        ("follow_sitemaps", limits.follow.into()),
        ("sitemaps", crawl.sitemaps.into()),
        ("errors", crawl.errors.into()),
        ("stats", Value::Map(stats)),
    ]);
    let mut outcome = Outcome::new("crawl", data).output(urls);
    outcome.metadata = crawl.metadata;
    outcome.message(message)
}

fn described(entry: Entry, status: Option<u16>) -> Value {
    let has_metadata = entry.has_metadata();
    Value::from([
        ("url", entry.url.into()),
        ("lastmod", entry.lastmod.into()),
        ("changefreq", entry.changefreq.into()),
        ("priority", entry.priority.into()),
        ("images", entry.images.into()),
        ("news", entry.news.into()),
        ("alternates", entry.alternates.into()),
        ("has_metadata", has_metadata.into()),
        ("status_code", status.into()),
    ])
}

#[cfg(test)]
mod tests;
