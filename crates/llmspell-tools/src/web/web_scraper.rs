//! `web_scraper`: the text, parts and structure of web pages.

mod links;
mod meta;
mod outline;
mod read;
mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;
use url::Url;

use self::read::{Question, Reading};
use super::answer::Answer;
use super::browser::{self, Document, Rendered, Sheet, Wait};
use super::charset;
use super::request::{HttpArgs, HttpOptions, parse, time_left};
use super::visit::{Visit, Visited, agent_of, succeeded};
use crate::choice::choose_or_first;
use crate::job::Job;
use crate::param::{Given, choices, fits, missing, mistyped, names, within};
use crate::plain::plain;
use crate::worker;

const OPERATIONS: &[&[&str]] = &[&["scrape", "extract", "read"]];

const FORMATS: &[&[&str]] = &[&["text"], &["markdown", "md"], &["html"], &["json"]];

const LIMIT: Duration = Duration::from_secs(30);

/// Longest HTML that a call may bring, in bytes.
const MAX_HTML: usize = 20 << 20;

/// Longest time that a rendered page may be given, in milliseconds.
const MAX_WAIT: i64 = 3_600_000;

/// Longest selector that is waited for, in bytes.
const MAX_SELECTOR: usize = 4096;

/// Where a page is that came without a URL: nowhere (RFC 2606).
const NOWHERE: &str = "http://page.invalid/";

/// Most selectors of a call.
const MAX_SELECTORS: usize = 200;

pub(super) const JOBS: &[Job] = &[Job {
    name: "web_scraper.read",
    run: read::run_job,
}];

pub(super) fn op() -> Op {
    Op::new("web_scraper", web_scraper)
        .effect(Effect::Read)
        .tool(
            ToolInfo::new("web")
                .settings::<Config>()
                .example(
                    "Reads a page as Markdown",
                    r#"{"input": "https://example.com/html", "format": "markdown"}"#,
                )
                .example(
                    "Picks parts",
                    r#"{"html": "<ul><li>a<li>b</ul>", "selector": "li"}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["scrape"], &["input", "html"]),
        )
}

/// Fetches a web page and gives its text, Markdown, parts or structure.
///
/// `robots.txt` is respected. Hidden elements, scripts and styles are left out of the text.
#[derive(Default, Deserialize, JsonSchema)]
struct WebScraper {
    /// What to do.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "scrape"))]
    operation: Option<String>,
    /// The page's URL.
    #[schemars(extend("x-synonyms" = ["url"]))]
    input: Option<String>,
    /// HTML to read instead of a page of the web.
    html: Option<String>,
    /// What the links of `html` are relative to.
    base_url: Option<String>,
    /// How the content is given; `json` lists title, headings, paragraphs and lists.
    #[schemars(transform = choices(FORMATS), extend("default" = "text"))]
    format: Option<String>,
    /// Whether only the article is read, without navigation and advertisements.
    #[schemars(extend("default" = false))]
    main_content: Option<bool>,
    /// CSS selector of what to read; `a@href` gives the attribute.
    selector: Option<String>,
    /// Selectors by name: `{price = ".price", links = {css = "a", attr = "href", all = true}}`; `html = true` gives the
    /// HTML inside.
    #[schemars(with = "Option<BTreeMap<String, Value>>")]
    selectors: Option<Map>,
    /// Whether links are listed.
    #[schemars(extend("default" = false))]
    extract_links: Option<bool>,
    /// Whether images are listed.
    #[schemars(extend("default" = false))]
    extract_images: Option<bool>,
    /// Whether what the page says of itself is listed: description, author, Open Graph, JSON-LD.
    #[schemars(extend("default" = false))]
    extract_meta: Option<bool>,
    /// Whether tables are listed, as rows of objects.
    #[schemars(extend("default" = false))]
    extract_tables: Option<bool>,
    /// Whether a browser runs the page's scripts first; it is the one that `[tools.web_scraper] browser` names.
    #[schemars(extend("default" = false, "x-synonyms" = ["wait_for_js"]))]
    render_js: Option<bool>,
    /// What a browser waits for: a CSS selector, or milliseconds after the page has loaded. By default until the page asks
    /// for nothing more.
    #[schemars(extend("type" = ["string", "integer"]))]
    wait_for: Option<Value>,
    /// Whether pages that `robots.txt` closes are left alone.
    #[schemars(extend("default" = true))]
    respect_robots: Option<bool>,
    /// How long a page that this run has read may be used again, in seconds.
    #[schemars(range(min = 0), extend("default" = 0))]
    cache_ttl_s: Option<i64>,
}

/// `[tools.web_scraper]`
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Config {
    /// The header `User-Agent` unless a call says otherwise.
    user_agent: Option<String>,
    /// Whether robots.txt is obeyed unless a call says otherwise; default: it is.
    respect_robots: Option<bool>,
    /// Pause between two pages of a host, in milliseconds.
    delay_ms: u64,
    /// A browser's remote debugging: `http://127.0.0.1:9222`, or the URL of its WebSocket.
    browser: Option<String>,
}

async fn web_scraper(cx: Cx, call: Given<HttpArgs<WebScraper>>) -> Result<Outcome> {
    let a = &call.args.own;
    let operation = choose_or_first("operation", a.operation.as_deref(), OPERATIONS)?;
    let question = question(a)?;
    let wait = wait(a.wait_for.as_ref())?;
    let config: Config = cx.settings("web_scraper")?;
    let rendering = match a.render_js {
        Some(true) => Some(Rendering::new(&config, wait)?),
        _ => None,
    };
    let outcome = match (&a.html, &a.input) {
        (Some(html), _) => given(&cx, a, question, html, rendering).await?,
        (None, Some(url)) => {
            let http = &call.args.http;
            fetched(&cx, a, question, url, http, &config, rendering).await?
        }
        (None, None) => return Err(missing("web_scraper", operation, "input")),
    };
    Ok(match &a.wait_for {
        Some(_) if a.render_js != Some(true) => {
            outcome.warning("`wait_for` has no effect without `render_js`")
        }
        _ => outcome,
    })
}

/// How a page is rendered.
struct Rendering {
    browser: String,
    wait: Option<Wait>,
}

impl Rendering {
    fn new(config: &Config, wait: Option<Wait>) -> Result<Self> {
        let browser = config.browser.as_deref().map(str::trim);
        match browser.filter(|browser| !browser.is_empty()) {
            Some(browser) => Ok(Self {
                browser: browser.to_owned(),
                wait,
            }),
            None => Err(error!(
                Unavailable,
                "pages cannot be rendered: no browser is configured"
            )
            .with("setting", "tools.web_scraper.browser")
            .hint("start one with `chromium --headless --remote-debugging-port=9222`, and set `browser = \"http://127.0.0.1:9222\"` in `[tools.web_scraper]`")
            .hint("without `render_js` the page is read as the server sends it")),
        }
    }

    /// Renders a page that was visited.
    async fn visited(
        self,
        cx: &Cx,
        visit: &Visit<'_>,
        url: &str,
        visited: &Visited,
    ) -> Result<Rendered> {
        let answer = &visited.answer;
        let request = visit.request(cx, url)?;
        let asked = parse(&request.url)?;
        // A key in the URL is hidden in what was answered.
        let place = match answer.redirects.is_empty() {
            true => asked.clone(),
            false => parse(&answer.url)?,
        };
        let sheet = Sheet {
            user_agent: agent_of(&request).unwrap_or_else(agent),
            headers: request.headers,
            origin: Some(asked.origin()),
            respect_robots: visit.respect_robots,
            max_bytes: capped(cx, request.max_bytes),
            ..self.sheet(cx, place, Document::from(answer.as_ref()))
        };
        let mut rendered = browser::render(cx, sheet).await?;
        rendered.url = visit.http.shown(&rendered.url)?;
        Ok(rendered)
    }

    /// Renders HTML that the call brings.
    async fn given(self, cx: &Cx, html: &str, base: Option<&str>) -> Result<Rendered> {
        let document = Document {
            status: 200,
            headers: vec![(
                "content-type".to_owned(),
                "text/html; charset=utf-8".to_owned(),
            )],
            body: html.as_bytes().to_vec(),
        };
        let sheet = self.sheet(cx, parse(base.unwrap_or(NOWHERE))?, document);
        browser::render(cx, sheet).await
    }

    fn sheet(self, cx: &Cx, url: Url, document: Document) -> Sheet {
        Sheet {
            browser: self.browser,
            url,
            document,
            headers: Vec::new(),
            origin: None,
            user_agent: agent(),
            respect_robots: true,
            wait: self.wait,
            max_bytes: capped(cx, None),
            limit: time_left(cx, LIMIT),
        }
    }
}

/// Returns what the runtime calls itself.
fn agent() -> String {
    concat!("llmspell/", env!("CARGO_PKG_VERSION")).to_owned()
}

fn capped(cx: &Cx, most: Option<u64>) -> u64 {
    let allowed = cx.host().network.max_response_bytes();
    most.unwrap_or(allowed).min(allowed)
}

/// Reads what a rendered page is given time for.
fn wait(given: Option<&Value>) -> Result<Option<Wait>> {
    let Some(given) = given else {
        return Ok(None);
    };
    let number = match given {
        Value::Str(text) => text.trim().parse().ok(),
        other => other.as_int(),
    };
    match (number, given) {
        (Some(ms), _) => {
            let ms = within("wait_for", ms, 0..=MAX_WAIT)?;
            Ok(Some(Wait::Time(Duration::from_millis(ms as u64))))
        }
        (None, Value::Str(selector)) => {
            fits("wait_for", selector.len(), MAX_SELECTOR)?;
            Ok(Some(Wait::Selector(selector.clone())))
        }
        (None, other) => {
            let expected = "a CSS selector or milliseconds";
            let message = format!(
                "parameter 'wait_for' must be {expected}, got {}",
                other.type_name()
            );
            Err(mistyped("wait_for", message, expected, other))
        }
    }
}

fn question(a: &WebScraper) -> Result<Question> {
    if let Some(selectors) = &a.selectors {
        plain("selectors", &Value::Map(selectors.clone()))?;
        within(
            "selectors",
            selectors.len() as i64,
            0..=MAX_SELECTORS as i64,
        )?;
    }
    let asked = |flag: Option<bool>| flag == Some(true);
    Ok(Question {
        format: choose_or_first("format", a.format.as_deref(), FORMATS)?.to_owned(),
        main_content: asked(a.main_content),
        selector: a.selector.clone(),
        selectors: a.selectors.clone(),
        links: asked(a.extract_links),
        images: asked(a.extract_images),
        meta: asked(a.extract_meta),
        tables: asked(a.extract_tables),
        ..Question::default()
    })
}

/// Reads HTML that the call brings.
async fn given(
    cx: &Cx,
    a: &WebScraper,
    question: Question,
    html: &str,
    rendering: Option<Rendering>,
) -> Result<Outcome> {
    fits("html", html.len(), MAX_HTML)?;
    let base = a.base_url.clone().or_else(|| a.input.clone());
    let rendered = match rendering {
        Some(rendering) => Some(rendering.given(cx, html, base.as_deref()).await?),
        None => None,
    };
    let question = Question {
        body: rendered.as_ref().map_or(html, |page| &page.html).into(),
        base_url: base.clone(),
        ..question
    };
    let place = [
        ("url", Value::from(base.clone())),
        ("final_url", base.into()),
        ("status_code", Value::Null),
    ];
    let outcome = outcome(ask(cx, question).await?, &place);
    Ok(match rendered {
        Some(rendered) => rendered.describe(outcome),
        None => outcome,
    })
}

/// Reads a page of the web.
async fn fetched(
    cx: &Cx,
    a: &WebScraper,
    question: Question,
    url: &str,
    http: &HttpOptions,
    config: &Config,
    rendering: Option<Rendering>,
) -> Result<Outcome> {
    let ttl = within(
        "cache_ttl_s",
        a.cache_ttl_s.unwrap_or(0),
        0..=i64::from(u32::MAX),
    )?;
    let visit = Visit {
        http,
        user_agent: config.user_agent.as_deref(),
        respect_robots: a.respect_robots.or(config.respect_robots).unwrap_or(true),
        delay: Duration::from_millis(config.delay_ms),
        cache: Duration::from_secs(ttl as u64),
        limit: LIMIT,
    };
    let visited = visit.get(cx, url, &[]).await?;
    succeeded(&visited.answer)?;
    let answer = &visited.answer;
    let rendered = match rendering {
        Some(rendering) if is_html(answer) => {
            Some(rendering.visited(cx, &visit, url, &visited).await?)
        }
        _ => None,
    };
    let (reading, place) = match &rendered {
        Some(page) => (
            ask(cx, page_question(question, page)).await?,
            page.url.as_str(),
        ),
        None => (
            read_visited(cx, question, &visited).await?,
            answer.url.as_str(),
        ),
    };
    let outcome = outcome(
        reading,
        &[
            ("url", url.trim().into()),
            ("final_url", place.into()),
            ("status_code", answer.status.into()),
        ],
    );
    let outcome = visited.describe(outcome);
    Ok(match rendered {
        Some(rendered) => rendered.describe(outcome),
        None => outcome,
    })
}

fn page_question(question: Question, page: &Rendered) -> Question {
    Question {
        body: page.html.as_str().into(),
        base_url: Some(page.url.clone()),
        ..question
    }
}

fn is_html(answer: &Answer) -> bool {
    matches!(
        kind(answer.header("content-type"), &answer.body),
        Media::Html
    )
}

async fn read_visited(cx: &Cx, question: Question, visited: &Visited) -> Result<Reading> {
    let answer = &visited.answer;
    let content_type = answer.header("content-type").map(str::to_owned);
    match kind(content_type.as_deref(), &answer.body) {
        Media::Html => {
            let question = Question {
                body: Value::Bytes(answer.body.clone()),
                content_type,
                base_url: Some(answer.url.clone()),
                ..question
            };
            ask(cx, question).await
        }
        Media::Text => Ok(as_it_is(&answer.body, content_type.as_deref())),
        Media::Other(name) => Err(error!(
            Unavailable,
            "'{}' is {name}, not a page of HTML or text", answer.url
        )
        .with("content_type", name)
        .hint("http_request fetches any type, and saves it with `save_to`")),
    }
}

/// Reads the Markdown of a page's article, for other tools.
///
/// - Errors: as the tool's.
pub(super) async fn article(cx: &Cx, url: &str) -> Result<String> {
    let question = Question {
        format: "markdown".to_owned(),
        main_content: true,
        ..Question::default()
    };
    let http = HttpOptions::default();
    let config: Config = cx.settings("web_scraper")?;
    let visit = Visit {
        http: &http,
        user_agent: config.user_agent.as_deref(),
        respect_robots: config.respect_robots.unwrap_or(true),
        delay: Duration::from_millis(config.delay_ms),
        cache: Duration::ZERO,
        limit: LIMIT,
    };
    let visited = visit.get(cx, url, &[]).await?;
    succeeded(&visited.answer)?;
    let reading = read_visited(cx, question, &visited).await?;
    Ok(reading.output.as_str().unwrap_or_default().to_owned())
}

async fn ask(cx: &Cx, question: Question) -> Result<Reading> {
    let answer = worker::run(
        cx,
        "web_scraper.read",
        Value::from_serialize(&question)?,
        LIMIT,
    );
    answer.await?.into_typed()
}

enum Media {
    Html,
    Text,
    Other(String),
}

/// Says what an answer is: by its header, else by how it begins.
fn kind(content_type: Option<&str>, body: &[u8]) -> Media {
    let name = content_type
        .and_then(|text| text.split(';').next())
        .unwrap_or_default();
    let name = name.trim().to_ascii_lowercase();
    let is_text = name.starts_with("text/")
        || name.ends_with("+json")
        || name.ends_with("+xml")
        || [
            "json",
            "xml",
            "javascript",
            "ecmascript",
            "x-yaml",
            "yaml",
            "toml",
            "x-ndjson",
        ]
        .iter()
        .any(|text| name.strip_prefix("application/") == Some(text));
    match name.as_str() {
        "text/html" | "application/xhtml+xml" => Media::Html,
        "" if body.trim_ascii_start().starts_with(b"<") => Media::Html,
        "" if !body.contains(&0) => Media::Text,
        "" => Media::Other("data of no stated type".to_owned()),
        _ if is_text => Media::Text,
        _ => Media::Other(name),
    }
}

/// Passes text on that is no HTML.
fn as_it_is(body: &[u8], content_type: Option<&str>) -> Reading {
    let (text, charset) = charset::decode(body, content_type);
    Reading {
        content: Map::from([("title", Value::Null), ("text", text.as_str().into())]),
        output: text.into(),
        charset: Some(charset.to_owned()),
        warnings: vec!["the page is text, not HTML; it is given as it is".to_owned()],
        ..Reading::default()
    }
}

fn outcome(reading: Reading, place: &[(&str, Value)]) -> Outcome {
    let message = match &reading.title {
        Some(title) => format!("Read '{title}'"),
        None => "Read the page".to_owned(),
    };
    let mut data: Map = place
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    data.insert("title", reading.title.into());
    data.insert("content", Value::Map(reading.content));
    data.extend(reading.extras);
    let outcome = Outcome::new("scrape", data)
        .output(reading.output)
        .metadata("charset", reading.charset)
        .message(message);
    reading.warnings.into_iter().fold(outcome, Outcome::warning)
}

#[cfg(test)]
mod tests;
