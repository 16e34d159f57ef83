//! `web_search`: the web, searched through one of several services.

mod account;
mod brave;
mod duckduckgo;
mod exa;
mod fetch;
mod google;
mod provider;
mod search;
mod searxng;
mod serpapi;
mod serper;
mod tavily;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, stream};
use jiff::civil::Date;
use llmspell_core::{
    Cx, Effect, Error, Kind, Level, Map, Op, Outcome, Result, ToolInfo, Value, error,
    unknown_parameter,
};
use schemars::JsonSchema;
use serde::Deserialize;

use self::account::{Config, open, others, provider, usual};
use self::provider::{PROVIDERS, Provider};
use self::search::{Age, Found, Safe, Search, Subject};
use super::web_scraper;
use crate::choice::{choose, choose_or_first};
use crate::job::Job;
use crate::param::{Given, choices, missing, mistyped, names, refused, within};

const TOOL: &str = "web_search";

const OPERATIONS: &[&[&str]] = &[&["search"]];

const SUBJECTS: &[&[&str]] = &[&["web"], &["news"], &["images", "image"]];

const SPANS: &[&[&str]] = &[&["day"], &["week"], &["month"], &["year"]];

const LEVELS: &[&[&str]] = &[&["off"], &["moderate"], &["strict"]];

pub(super) const LIMIT: Duration = Duration::from_secs(20);

/// Longest query, in characters.
const MAX_QUERY: usize = 2000;

/// Most sites that a search names.
const MAX_SITES: usize = 50;

/// Longest content of a page that a result carries, in bytes.
const MAX_CONTENT: usize = 20_000;

/// Most searches that a run keeps.
const MAX_KEPT: usize = 1000;

/// How many pages are read at once.
const READERS: usize = 4;

pub(super) const JOBS: &[Job] = &[Job {
    name: "web_search.duckduckgo",
    run: duckduckgo::run_job,
}];

pub(super) fn op() -> Op {
    Op::new(TOOL, web_search).effect(Effect::Read).tool(
        ToolInfo::new("web")
            .settings::<Config>()
            .example(
                "Searches the web",
                r#"{"query": "rust lua bindings", "max_results": 3}"#,
            )
            .level(Level::Restricted)
            .timeout(LIMIT)
            .operations(&names(OPERATIONS)),
    )
}

/// Searches the web through DuckDuckGo, SearXNG, Brave, Google, SerpApi, Serper, Tavily or Exa.
///
/// Without `provider` the one of the configuration is asked, else the first that has a key, else DuckDuckGo. For images
/// `url` is the image and `source` the page that shows it.
#[derive(Default, Deserialize, JsonSchema)]
struct WebSearch {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "search"))]
    operation: Option<String>,
    /// What to search for.
    #[schemars(required, extend("x-synonyms" = ["query", "q"]))]
    input: Option<String>,
    /// The service: `brave google serpapi serper tavily exa searxng duckduckgo`.
    provider: Option<String>,
    /// Most results.
    #[schemars(range(min = 1, max = 100), extend("default" = 10, "x-synonyms" = ["limit", "num_results"]))]
    max_results: Option<i64>,
    /// What is searched for.
    #[schemars(transform = choices(SUBJECTS), extend("default" = "web", "x-synonyms" = ["type"]))]
    search_type: Option<String>,
    /// Whether explicit results are left out: a truth, or `off`, `moderate`, `strict`.
    #[schemars(extend("type" = ["boolean", "string"], "default" = true))]
    safe_search: Option<Value>,
    /// Language of the results, as a code.
    #[schemars(extend("default" = "en"))]
    language: Option<String>,
    /// Country of the results, as a code.
    country: Option<String>,
    /// How old results may be: `day week month year`, or `{after, before}` with dates.
    #[schemars(extend("type" = ["string", "object"], "x-synonyms" = ["time_range"]))]
    freshness: Option<Value>,
    /// Only results of this site, or of these.
    site: Option<Vec<String>>,
    /// No results of these sites.
    exclude_sites: Option<Vec<String>>,
    /// Whether other services are asked if the first fails, or which; by default not, if `provider` is given.
    #[schemars(extend("type" = ["boolean", "array", "string"], "items" = {"type": "string"}))]
    fallback: Option<Value>,
    /// Whether each page is read, and its article added as Markdown.
    #[schemars(extend("default" = false))]
    include_content: Option<bool>,
}

async fn web_search(cx: Cx, call: Given<WebSearch>) -> Result<Outcome> {
    let a = &call.args;
    choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let config: Config = cx.settings(TOOL)?;
    let search = search(a, &config)?;
    let first = match &a.provider {
        Some(name) => provider(name)?,
        None => usual(&cx, &config, search.subject)?,
    };
    let mut order = vec![first];
    order.extend(fallbacks(&cx, a, &config, &search, first)?);
    let (answered, cached, attempted) = ask_in_turn(&cx, &config, &search, order).await?;
    let (provider, mut found) = answered;
    if search.max_results > provider.cap * provider.pages {
        let most = provider.cap * provider.pages;
        found.warnings.push(format!(
            "provider '{}' gives at most {most} results",
            provider.name()
        ));
    }
    found.hits.truncate(search.max_results);
    let contents = match a.include_content {
        Some(true) if search.subject != Subject::Images => contents(&cx, &mut found).await?,
        _ => Vec::new(),
    };
    Ok(outcome(
        &search, provider, found, contents, cached, attempted,
    ))
}

/// Asks the services in turn until one answers. Returns what it found, whether that is from memory, and what failed before.
async fn ask_in_turn(
    cx: &Cx,
    config: &Config,
    search: &Search,
    order: Vec<&'static Provider>,
) -> Result<((&'static Provider, Found), bool, Vec<Value>)> {
    let mut attempted = Vec::new();
    let mut failure: Option<Error> = None;
    for provider in order {
        match ask(cx, config, provider, search).await {
            Ok((found, cached)) => return Ok(((provider, found), cached, attempted)),
            Err(error) => {
                cx.check()?;
                attempted.push(Value::from([
                    ("provider", provider.name().into()),
                    ("error", error.message().into()),
                ]));
                failure.get_or_insert(error);
            }
        }
    }
    let failure = failure.unwrap_or_else(|| Error::new(Kind::Bug, "no provider was asked"));
    if attempted.len() < 2 {
        return Err(failure);
    }
    let said = |attempt: &Value| {
        let part = |name: &str| {
            attempt
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        format!("{}: {}", part("provider"), part("error"))
    };
    let all: Vec<String> = attempted.iter().map(said).collect();
    let message = format!("no provider could be reached: {}", all.join("; "));
    Err(Error::new(failure.kind(), message)
        .with("attempted", Value::List(attempted))
        .hint("configure another one in [tools.web_search.providers]"))
}

async fn ask(
    cx: &Cx,
    config: &Config,
    provider: &Provider,
    search: &Search,
) -> Result<(Found, bool)> {
    if !provider.offers(search.subject) {
        let subject = search.subject.name();
        let offering = PROVIDERS
            .iter()
            .filter(|provider| provider.offers(search.subject));
        let offering: Vec<&str> = offering.map(Provider::name).collect();
        return Err(error!(
            Unavailable,
            "provider '{}' does not offer {subject}; these do: {}",
            provider.name(),
            offering.join(", ")
        ));
    }
    let account = open(cx, config, provider)?;
    let kept = cx.kept::<Kept>();
    let now = cx.host().clock.monotonic();
    if let Some(found) = kept.find(provider.name(), search, now) {
        return Ok((found, true));
    }
    let found = fetch::ask(cx, provider, &account, search).await?;
    if config.cache_ttl_s > 0 {
        kept.keep(
            provider.name(),
            search,
            now + Duration::from_secs(config.cache_ttl_s),
            &found,
        );
    }
    Ok((found, false))
}

/// Reads the arguments.
fn search(a: &WebSearch, config: &Config) -> Result<Search> {
    let query = a
        .input
        .as_deref()
        .ok_or_else(|| missing(TOOL, "search", "input"))?
        .trim();
    let length = query.chars().count();
    if length == 0 || length > MAX_QUERY {
        let message =
            format!("parameter 'input' must be 1 to {MAX_QUERY} characters long, got {length}");
        return Err(refused("input", message).with("got", length));
    }
    let subject = match choose_or_first("search_type", a.search_type.as_deref(), SUBJECTS)? {
        "news" => Subject::News,
        "images" => Subject::Images,
        _ => Subject::Web,
    };
    let max_results = a.max_results.or(config.max_results).unwrap_or(10);
    Ok(Search {
        query: query.to_owned(),
        subject,
        max_results: within("max_results", max_results, 1..=100)?,
        safe: safe(a.safe_search.as_ref().or(config.safe_search.as_ref()))?,
        language: code("language", a.language.as_ref().or(config.language.as_ref()))?
            .unwrap_or_else(|| "en".to_owned()),
        country: code("country", a.country.as_ref())?,
        age: a.freshness.as_ref().map(age).transpose()?,
        sites: sites("site", a.site.as_deref())?,
        exclude_sites: sites("exclude_sites", a.exclude_sites.as_deref())?,
    })
}

fn safe(given: Option<&Value>) -> Result<Safe> {
    match given {
        None | Some(Value::Bool(true)) => Ok(Safe::Moderate),
        Some(Value::Bool(false)) => Ok(Safe::Off),
        Some(Value::Str(name)) => Ok(match choose("safe_search", name, LEVELS)? {
            "off" => Safe::Off,
            "strict" => Safe::Strict,
            _ => Safe::Moderate,
        }),
        Some(other) => Err(mistyped(
            "safe_search",
            format!(
                "parameter 'safe_search' must be boolean or string, got {}",
                other.type_name()
            ),
            "boolean or string",
            other,
        )),
    }
}

/// Reads a code of a language or country, which becomes a part of requests.
fn code(name: &'static str, given: Option<&String>) -> Result<Option<String>> {
    let Some(code) = given else {
        return Ok(None);
    };
    let is_code = (2..=10).contains(&code.len())
        && code
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    match is_code {
        true => Ok(Some(code.clone())),
        false => Err(refused(
            name,
            format!("parameter '{name}' must be a code such as 'en' or 'us', got '{code}'"),
        )),
    }
}

fn sites(name: &'static str, given: Option<&[String]>) -> Result<Vec<String>> {
    let given = given.unwrap_or_default();
    within(name, given.len() as i64, 0..=MAX_SITES as i64)?;
    let is_site = |site: &str| {
        !site.is_empty()
            && site.len() < 256
            && !site.contains(|letter: char| letter.is_whitespace() || "\"()".contains(letter))
    };
    match given.iter().find(|site| !is_site(site)) {
        None => Ok(given.to_vec()),
        Some(wrong) => Err(refused(
            name,
            format!("parameter '{name}': '{wrong}' is not a host"),
        )),
    }
}

fn age(given: &Value) -> Result<Age> {
    match given {
        Value::Str(span) => Ok(Age::Within(choose("freshness", span, SPANS)?)),
        Value::Map(range) => {
            if let Some(unknown) = range
                .keys()
                .find(|name| !matches!(name.as_str(), "after" | "before"))
            {
                let known = ["after", "before"];
                let error = unknown_parameter(Some("freshness"), unknown, &known, &[]);
                return Err(error.misshapen());
            }
            let (after, before) = (date(range, "after")?, date(range, "before")?);
            match after.is_none() && before.is_none() {
                true => Err(refused(
                    "freshness",
                    "parameter 'freshness' needs after, before or both",
                )),
                false => Ok(Age::Between { after, before }),
            }
        }
        other => Err(mistyped(
            "freshness",
            format!(
                "parameter 'freshness' must be string or object, got {}",
                other.type_name()
            ),
            "string or object",
            other,
        )),
    }
}

fn date(range: &Map, name: &str) -> Result<Option<String>> {
    let Some(given) = range.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let date = given
        .as_str()
        .and_then(|text| text.get(..10)?.parse::<Date>().ok());
    let wrong = || {
        refused(
            "freshness",
            format!(
                "parameter 'freshness.{name}' must be a date such as '2024-05-01', got {given}"
            ),
        )
    };
    Ok(Some(date.ok_or_else(wrong)?.to_string()))
}

/// Returns the services that are asked if the first one fails.
fn fallbacks(
    cx: &Cx,
    a: &WebSearch,
    config: &Config,
    search: &Search,
    first: &Provider,
) -> Result<Vec<&'static Provider>> {
    let configured = config.fallback.as_ref().filter(|_| a.provider.is_none());
    let mut named: Vec<&'static Provider> = match a.fallback.as_ref().or(configured) {
        None | Some(Value::Bool(false)) => Vec::new(),
        Some(Value::Bool(true)) => return Ok(others(cx, config, search.subject, first)),
        Some(Value::Str(name)) => vec![provider(name)?],
        Some(Value::List(names)) => {
            let read = |name: &Value| match name.as_str() {
                Some(name) => provider(name),
                None => Err(mistyped(
                    "fallback",
                    "parameter 'fallback' must name providers",
                    "string",
                    name,
                )),
            };
            names.iter().map(read).collect::<Result<_>>()?
        }
        Some(other) => {
            let message = format!(
                "parameter 'fallback' must be boolean or a list of providers, got {}",
                other.type_name()
            );
            return Err(mistyped("fallback", message, "boolean or array", other));
        }
    };
    named.retain(|provider| provider.name() != first.name());
    Ok(named)
}

/// Reads the pages of the results; one that cannot be read has no content.
async fn contents(cx: &Cx, found: &mut Found) -> Result<Vec<Value>> {
    let urls: Vec<String> = found.hits.iter().map(|hit| hit.url.clone()).collect();
    let reading = stream::iter(urls).map(|url| async move { web_scraper::article(cx, &url).await });
    let read: Vec<Result<String>> = reading.buffered(READERS).collect().await;
    cx.check()?;
    let failed = read.iter().filter(|content| content.is_err()).count();
    if failed > 0 {
        found.warnings.push(format!(
            "{failed} of {} pages could not be read",
            read.len()
        ));
    }
    let cut = |text: String| Value::from(&text[..text.floor_char_boundary(MAX_CONTENT)]);
    Ok(read
        .into_iter()
        .map(|content| content.map_or(Value::Null, cut))
        .collect())
}

fn outcome(
    search: &Search,
    provider: &Provider,
    found: Found,
    contents: Vec<Value>,
    cached: bool,
    attempted: Vec<Value>,
) -> Outcome {
    let count = found.hits.len();
    let ranked = found.hits.into_iter().enumerate();
    let mut results: Vec<Value> = ranked
        .map(|(place, hit)| hit.value(place + 1, provider.name()))
        .collect();
    for (result, content) in results.iter_mut().zip(contents) {
        if let Value::Map(result) = result {
            result.insert("content", content);
        }
    }
    let message = match count {
        1 => format!("{} found one result", provider.name()),
        count => format!("{} found {count} results", provider.name()),
    };
    let results = Value::List(results);
    let data = Map::from([
        ("query", search.query.as_str().into()),
        ("provider", provider.name().into()),
        ("count", count.into()),
        ("results", results.clone()),
        ("answer", found.answer.into()),
        ("total_estimated", found.total.into()),
    ]);
    let mut outcome = Outcome::new("search", data)
        .output(results)
        .message(message);
    if cached {
        outcome = outcome.metadata("cached", true);
    }
    if !attempted.is_empty() {
        outcome = outcome.metadata("attempted", attempted);
    }
    found.warnings.into_iter().fold(outcome, Outcome::warning)
}

/// Searches that the run has made, while they may be used again.
#[derive(Default)]
struct Kept(Mutex<HashMap<Asked, (Duration, Arc<Found>)>>);

/// A service, and what it was asked.
type Asked = (&'static str, Search);

impl Kept {
    fn find(&self, provider: &'static str, search: &Search, now: Duration) -> Option<Found> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, (until, _)| *until > now);
        let found = kept.get(&(provider, search.clone()));
        found.map(|(_, found)| Found::clone(found))
    }

    fn keep(&self, provider: &'static str, search: &Search, until: Duration, found: &Found) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MAX_KEPT {
            kept.clear();
        }
        kept.insert((provider, search.clone()), (until, Arc::new(found.clone())));
    }
}

#[cfg(test)]
mod tests;
