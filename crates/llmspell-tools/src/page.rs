//! A page of HTML as a tree. What is here parses foreign input, so it runs in a worker.

pub(crate) mod table;
mod text;

use dom_query::{Document, Matcher, NodeRef};
use html5ever::ParseOpts;
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use llmspell_core::{Result, bail, error};
use url::Url;

use crate::param::fits;

/// Deepest nesting of elements. Parsing is quadratic in it, and what walks a tree recurses.
const MAX_DEPTH: usize = 512;

/// Most nodes of a page: a few bytes of overlapping tags can ask for hundreds.
const MAX_NODES: usize = 500_000;

/// How much is parsed between two looks at the limits, in bytes.
const STEP: usize = 4096;

/// Longest selector, in bytes.
const MAX_SELECTOR: usize = 4096;

/// What no reader sees.
const UNSEEN: &[&str] = &[
    "head", "script", "style", "template", "noscript", "iframe", "object", "canvas", "svg",
];

/// A parsed page.
pub(crate) struct Page {
    document: Document,
    base: Option<Url>,
}

impl Page {
    /// Parses a page. Its own `<base>` wins over `base`, the URL that it came from.
    ///
    /// - Errors: `Limit` for elements nested too deeply or too many nodes.
    pub(crate) fn parse(html: &str, base: Option<&str>) -> Result<Self> {
        let document = parse(html)?;
        let from = base.and_then(|base| Url::parse(base).ok());
        let own = document.base_uri();
        let base = match (from, own) {
            (Some(from), Some(own)) => from.join(&own).ok().or(Some(from)),
            (None, Some(own)) => Url::parse(&own).ok(),
            (from, None) => from,
        };
        Ok(Self { document, base })
    }

    /// Gives the tree away.
    pub(crate) fn into_document(self) -> Document {
        self.document
    }

    /// Returns the body, or whatever there is.
    pub(crate) fn body(&self) -> NodeRef<'_> {
        self.document.body().unwrap_or_else(|| self.document.root())
    }

    /// Returns the elements that fit a selector, in the order of the page.
    ///
    /// - Errors: `InvalidArgs` for a selector that is not valid.
    pub(crate) fn select(
        &self,
        parameter: &'static str,
        selector: &str,
    ) -> Result<Vec<NodeRef<'_>>> {
        let matcher = matcher(parameter, selector)?;
        Ok(self.document.select_matcher(&matcher).nodes().to_vec())
    }

    /// Returns the first element that fits one of our own selectors.
    pub(crate) fn first(&self, selector: &str) -> Option<NodeRef<'_>> {
        let matcher = Matcher::new(selector).ok()?;
        self.document
            .select_single_matcher(&matcher)
            .nodes()
            .first()
            .copied()
    }

    /// Returns the elements that fit one of our own selectors.
    pub(crate) fn all(&self, selector: &str) -> Vec<NodeRef<'_>> {
        let matcher = Matcher::new(selector).ok();
        matcher
            .map(|matcher| self.document.select_matcher(&matcher).nodes().to_vec())
            .unwrap_or_default()
    }

    /// Returns the title: what the head says, else what the page tells others.
    pub(crate) fn title(&self) -> Option<String> {
        let title = self.first("head > title").map(|node| folded(&node.text()));
        let shared = || {
            let node = self.first("meta[property='og:title']")?;
            node.attr("content").map(|title| folded(&title))
        };
        title.filter(|title| !title.is_empty()).or_else(shared)
    }

    /// Returns an address of the page as an absolute one.
    pub(crate) fn absolute(&self, address: &str) -> Option<Url> {
        match &self.base {
            Some(base) => base.join(address.trim()).ok(),
            None => Url::parse(address.trim()).ok(),
        }
    }

    /// Returns where the page is, for what asks whether a link leaves its host.
    pub(crate) fn host(&self) -> Option<&str> {
        self.base.as_ref().and_then(Url::host_str)
    }

    /// Removes what no reader sees, and makes addresses absolute.
    pub(crate) fn prune(&self) {
        for node in self.all("*") {
            if is_unseen(&node) && !node.has_name("head") {
                node.remove_from_parent();
                continue;
            }
            for name in ["href", "src"] {
                let address = node.attr(name).and_then(|address| self.absolute(&address));
                if let Some(address) = address {
                    node.set_attr(name, address.as_str());
                }
            }
        }
    }
}

/// Returns the text that a reader sees: blocks joined by line breaks, blanks folded except where the page keeps them.
pub(crate) fn text(node: &NodeRef<'_>) -> String {
    text::write(node)
}

/// Returns a part of a page as Markdown. [`Page::prune`] should have happened.
pub(crate) fn markdown(node: &NodeRef<'_>) -> String {
    let copy = node.to_fragment();
    table::square(&copy);
    copy.md(None).trim().to_owned()
}

/// Returns text in one line, with single blanks.
pub(crate) fn folded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Reads a selector.
///
/// - Errors: `InvalidArgs` for one that is not valid, `Limit` for one that is too long.
pub(crate) fn matcher(parameter: &'static str, selector: &str) -> Result<Matcher> {
    fits(parameter, selector.len(), MAX_SELECTOR)?;
    Matcher::new(selector).map_err(|_| {
        error!(
            InvalidArgs,
            "parameter '{parameter}': '{selector}' is not a CSS selector"
        )
        .with("parameter", parameter)
        .with("got", selector)
    })
}

/// Returns whether no reader sees an element: by what it is, or by how it is marked.
fn is_unseen(node: &NodeRef<'_>) -> bool {
    let Some(element) = node.element_ref() else {
        return false;
    };
    let style = |style: &str| {
        let style: String = style
            .split_whitespace()
            .collect::<String>()
            .to_ascii_lowercase();
        style.contains("display:none") || style.contains("visibility:hidden")
    };
    let name = &*element.name.local;
    // Some pages show themselves by script only.
    if matches!(name, "html" | "body") {
        return false;
    }
    UNSEEN.contains(&name)
        || element.has_attr("hidden")
        || element.attr("style").is_some_and(|given| style(&given))
}

fn parse(html: &str) -> Result<Document> {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let mut parser = html5ever::parse_document(Document::default(), options);
    let mut rest = html;
    while !rest.is_empty() {
        let (step, next) = rest.split_at(rest.floor_char_boundary(STEP));
        parser.process(StrTendril::from(step));
        bounded(&parser.tokenizer.sink.sink)?;
        rest = next;
    }
    Ok(parser.finish())
}

/// Checks the branch that is being written.
fn bounded(document: &Document) -> Result<()> {
    if document.tree.len() > MAX_NODES {
        bail!(Limit, "the page has more than {MAX_NODES} nodes");
    }
    let mut depth = 0;
    let mut last = document.root().last_child();
    while let Some(node) = last {
        depth += 1;
        if depth > MAX_DEPTH {
            return Err(error!(
                Limit,
                "the elements of the page are nested deeper than {MAX_DEPTH}"
            )
            .with("limit", MAX_DEPTH));
        }
        last = node.last_child();
    }
    Ok(())
}

#[cfg(test)]
mod tests;
