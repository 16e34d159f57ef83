//! The part of a page that is watched. Runs in a worker.

use llmspell_core::{Error, Result, Value, bail, error};
use serde::{Deserialize, Serialize};

use super::compare::{Comparison, Ignored, Lines, compare};
use crate::page::{Page, text};
use crate::web::charset;

/// What is watched, and what it is compared with.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Question {
    /// The page.
    pub(super) body: Value,
    /// Whether it is HTML; else it is text.
    pub(super) is_html: bool,
    pub(super) content_type: Option<String>,
    pub(super) selector: Option<String>,
    pub(super) ignore_selectors: Vec<String>,
    pub(super) ignored: Ignored,
    /// The content to compare with.
    pub(super) previous: Option<String>,
}

/// The content now, and what changed.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) text: String,
    pub(super) hash: String,
    pub(super) previous_hash: Option<String>,
    pub(super) comparison: Option<Comparison>,
}

pub(super) fn run_job(request: Value) -> Result<Value> {
    let question: Question = request.into_typed()?;
    Value::from_serialize(&read(&question)?)
}

fn read(question: &Question) -> Result<Content> {
    let Value::Bytes(body) = &question.body else {
        bail!(InvalidArgs, "a page must be bytes");
    };
    let (source, _) = charset::decode(body, question.content_type.as_deref());
    let text = match question.is_html {
        true => watched(&source, question)?,
        false if question.selector.is_some() => {
            return Err(nothing(question, "the page is not HTML"));
        }
        false => source,
    };
    let now = Lines::read(&text, &question.ignored)?;
    let mut content = Content {
        hash: now.hash(),
        previous_hash: None,
        comparison: None,
        text: String::new(),
    };
    if let Some(previous) = &question.previous {
        let before = Lines::read(previous, &question.ignored)?;
        content.previous_hash = Some(before.hash());
        content.comparison = Some(compare(&before, &now));
    }
    content.text = text;
    Ok(content)
}

fn watched(html: &str, question: &Question) -> Result<String> {
    let page = Page::parse(html, None)?;
    for selector in &question.ignore_selectors {
        for node in page.select("ignore_selectors", selector)? {
            node.remove_from_parent();
        }
    }
    let Some(selector) = &question.selector else {
        return Ok(text(&page.body()));
    };
    let found = page.select("selector", selector)?;
    if found.is_empty() {
        return Err(nothing(question, "no element of the page fits it"));
    }
    Ok(found.iter().map(text).collect::<Vec<_>>().join("\n"))
}

fn nothing(question: &Question, why: &str) -> Error {
    let selector = question.selector.as_deref().unwrap_or_default();
    error!(NotFound, "selector '{selector}' finds nothing: {why}").with("parameter", "selector")
}
