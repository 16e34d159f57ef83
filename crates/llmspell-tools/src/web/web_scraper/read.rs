//! What is read out of a page. Runs in a worker.

use dom_query::NodeRef;
use dom_smoothie::{Config, Readability};
use llmspell_core::{Map, Result, Value, bail};
use serde::{Deserialize, Serialize};

use super::{links, meta, outline, table};
use crate::page::{Page, markdown, text};
use crate::param::refused;
use crate::web::charset;

/// What is asked of a page.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    /// The page, as bytes; or as text, which needs no character set.
    pub(super) body: Value,
    /// The header of the answer.
    pub(super) content_type: Option<String>,
    /// Where the page is.
    pub(super) base_url: Option<String>,
    /// `text`, `markdown`, `html` or `json`.
    pub(super) format: String,
    /// Whether only the article counts.
    pub(super) main_content: bool,
    /// One selector.
    pub(super) selector: Option<String>,
    /// Selectors by name.
    pub(super) selectors: Option<Map>,
    /// What else is listed.
    pub(super) links: bool,
    pub(super) images: bool,
    pub(super) meta: bool,
    pub(super) tables: bool,
}

/// What was read.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Reading {
    pub(super) title: Option<String>,
    pub(super) content: Map,
    /// What was asked beside the content: `links`, `images`, `metadata`, `tables`.
    pub(super) extras: Map,
    pub(super) output: Value,
    pub(super) charset: Option<String>,
    pub(super) warnings: Vec<String>,
}

pub(super) fn run_job(request: Value) -> Result<Value> {
    let question: Question = request.into_typed()?;
    Value::from_serialize(&read(&question)?)
}

fn read(question: &Question) -> Result<Reading> {
    let (html, charset) = match &question.body {
        Value::Bytes(bytes) => charset::decode(bytes, question.content_type.as_deref()),
        Value::Str(text) => (text.clone(), "UTF-8"),
        other => bail!(
            InvalidArgs,
            "a page must be bytes or text, got {}",
            other.type_name()
        ),
    };
    let page = Page::parse(&html, question.base_url.as_deref())?;
    let mut reading = Reading {
        title: page.title(),
        charset: Some(charset.to_owned()),
        ..Reading::default()
    };
    extras(&page, question, &mut reading);
    if question.format == "markdown" {
        page.prune();
    }
    select(&page, question, &mut reading)?;
    if reading.content.is_empty() {
        whole(page, &html, question, &mut reading)?;
    }
    // What was asked for stands in `content` as well, after its own.
    let extras = reading.extras.clone();
    reading
        .content
        .extend(extras.into_iter().filter(|(name, _)| name != "title"));
    Ok(reading)
}

fn extras(page: &Page, question: &Question, reading: &mut Reading) {
    let mut put = |asked: bool, name: &str, list: fn(&Page) -> Value| {
        if asked {
            reading.extras.insert(name.to_owned(), list(page));
        }
    };
    put(question.links, "links", links::links);
    put(question.images, "images", links::images);
    put(question.meta, "metadata", meta::metadata);
    put(question.tables, "tables", table::tables);
}

fn select(page: &Page, question: &Question, reading: &mut Reading) -> Result<()> {
    let mut output = None;
    if let Some(selector) = &question.selector {
        let found: Value = picked("selector", page, &Pick::parse(selector, &question.format))?;
        reading.content.insert("selected_content", found.clone());
        output = Some(found);
    }
    if let Some(selectors) = &question.selectors {
        let named = named(page, selectors, &question.format)?;
        reading.content.extend(named.clone());
        output = Some(match output {
            Some(found) => {
                let mut both = Map::from([("selected_content", found)]);
                both.extend(named);
                Value::Map(both)
            }
            None => Value::Map(named),
        });
    }
    if let Some(output) = output {
        reading.output = output;
    }
    Ok(())
}

/// What one selector takes from its hits.
struct Pick<'a> {
    css: &'a str,
    attr: Option<&'a str>,
    form: Form,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Text,
    Markdown,
    /// The element itself.
    Html,
    /// What is in the element.
    Inner,
}

impl<'a> Pick<'a> {
    /// Reads `css` or `css@attribute`.
    fn parse(selector: &'a str, format: &str) -> Self {
        let form = match format {
            "markdown" => Form::Markdown,
            "html" => Form::Html,
            _ => Form::Text,
        };
        let is_name = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"-_:".contains(&byte))
        };
        match selector.rsplit_once('@') {
            Some((css, attr)) if is_name(attr) => Self {
                css,
                attr: Some(attr),
                form,
            },
            _ => Self {
                css: selector,
                attr: None,
                form,
            },
        }
    }

    fn take(&self, page: &Page, node: &NodeRef<'_>) -> Option<String> {
        if let Some(name) = self.attr {
            let value = node.attr(name)?;
            let is_address = matches!(name, "href" | "src");
            let absolute = is_address.then(|| page.absolute(&value)).flatten();
            return Some(absolute.map_or_else(|| value.to_string(), String::from));
        }
        Some(match self.form {
            Form::Text => text(node),
            Form::Markdown => markdown(node),
            Form::Html => node.html().to_string(),
            Form::Inner => node.inner_html().to_string(),
        })
    }
}

fn picked(parameter: &'static str, page: &Page, pick: &Pick<'_>) -> Result<Value> {
    let nodes = page.select(parameter, pick.css.trim())?;
    Ok(nodes
        .iter()
        .filter_map(|node| pick.take(page, node))
        .map(Value::from)
        .collect())
}

fn named(page: &Page, selectors: &Map, format: &str) -> Result<Map> {
    let named = selectors.iter().map(|(name, given)| {
        let (selector, attr, all, inner) = described(name, given)?;
        let mut pick = Pick::parse(&selector, format);
        pick.attr = attr.as_deref().or(pick.attr);
        if inner {
            pick.form = Form::Inner;
        }
        let found = picked("selectors", page, &pick)?;
        Ok((name.clone(), if all { found } else { fewest(found) }))
    });
    named.collect()
}

/// What an entry of `selectors` says: selector, attribute, whether always a list, whether the HTML inside.
fn described(name: &str, given: &Value) -> Result<(String, Option<String>, bool, bool)> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Entry {
        css: String,
        attr: Option<String>,
        #[serde(default)]
        all: bool,
        #[serde(default)]
        html: bool,
    }
    match given {
        Value::Str(selector) => Ok((selector.clone(), None, false, false)),
        other => {
            let entry: Entry = other.clone().into_typed().map_err(|cause| {
                let message = format!("parameter 'selectors.{name}' must be a CSS selector or {{css, attr, all, html}}: {}", cause.message());
                refused("selectors", message).misshapen()
            })?;
            Ok((entry.css, entry.attr, entry.all, entry.html))
        }
    }
}

/// Nothing is null, one hit is itself.
fn fewest(found: Value) -> Value {
    match found {
        Value::List(mut items) if items.len() < 2 => items.pop().unwrap_or_default(),
        other => other,
    }
}

/// Reads the whole page, or its article.
fn whole(page: Page, html: &str, question: &Question, reading: &mut Reading) -> Result<()> {
    let mut source = None;
    let page = match question.main_content {
        true => match article(page, html, question)? {
            (page, Some(article)) => {
                source = Some(article);
                page
            }
            (page, None) => {
                reading
                    .warnings
                    .push("no article was found, so this is the whole page".to_owned());
                page
            }
        },
        false => page,
    };
    let title = Value::from(reading.title.clone());
    reading.content.insert("title", title);
    let body = page.body();
    let written = match question.format.as_str() {
        "html" => source.unwrap_or_else(|| html.to_owned()),
        "markdown" => {
            page.prune();
            markdown(&body)
        }
        "json" => {
            page.prune();
            reading.content.extend(outline::outline(&body));
            reading.output = Value::Map(reading.content.clone());
            return Ok(());
        }
        _ => text(&body),
    };
    reading.content.insert("text", written.as_str().into());
    reading.output = written.into();
    Ok(())
}

/// Returns the article of a page as a page of its own, and its HTML; the page itself if it has none.
fn article(page: Page, html: &str, question: &Question) -> Result<(Page, Option<String>)> {
    let base = question.base_url.as_deref();
    let absolute = base.filter(|base| base.starts_with("http://") || base.starts_with("https://"));
    let config = Config {
        disable_json_ld: true,
        ..Config::default()
    };
    let found = Readability::with_document(page.into_document(), absolute, Some(config))
        .and_then(|mut readability| readability.parse());
    match found {
        Ok(article) => {
            let content = article.content.to_string();
            Ok((Page::parse(&content, base)?, Some(content)))
        }
        // Reading has taken the page apart.
        Err(_) => Ok((Page::parse(html, base)?, None)),
    }
}
