//! Links and images of a page.

use dom_query::NodeRef;
use llmspell_core::Value;

use crate::page::{Page, folded};

/// Returns the links as `{url, text, rel, internal}`; `internal` ones stay on the host.
pub(super) fn links(page: &Page) -> Value {
    let nodes = page.all("a[href], area[href]").into_iter();
    nodes.filter_map(|node| link(page, &node)).collect()
}

fn link(page: &Page, node: &NodeRef<'_>) -> Option<Value> {
    let (url, internal) = address(page, &node.attr("href")?)?;
    let named = || node.attr("alt").or(node.attr("title"));
    let text = Some(folded(&node.text())).filter(|text| !text.is_empty());
    let text = text.or_else(|| named().map(|text| folded(&text)));
    let rel = node.attr("rel").map(|rel| rel.to_string());
    Some(Value::from([
        ("url", url.into()),
        ("text", text.unwrap_or_default().into()),
        ("rel", rel.into()),
        ("internal", internal.into()),
    ]))
}

/// Returns the images as `{src, alt, width, height}`; those that load late by what they say they will load.
pub(super) fn images(page: &Page) -> Value {
    let nodes = page.all("img").into_iter();
    nodes.filter_map(|node| image(page, &node)).collect()
}

fn image(page: &Page, node: &NodeRef<'_>) -> Option<Value> {
    let written = |name: &str| node.attr(name).filter(|given| !given.trim().is_empty());
    let (src, _) = address(page, &written("data-src").or_else(|| written("src"))?)?;
    let alt = node.attr("alt").map(|alt| folded(&alt));
    let size = |name: &str| {
        node.attr(name)
            .and_then(|size| size.trim().parse::<u32>().ok())
    };
    Some(Value::from([
        ("src", src.into()),
        ("alt", alt.into()),
        ("width", size("width").into()),
        ("height", size("height").into()),
    ]))
}

/// Returns where an address leads, and whether that is the host of the page. If nothing says where the page is, a relative
/// address stays as it is written.
fn address(page: &Page, written: &str) -> Option<(String, bool)> {
    match page.absolute(written) {
        Some(url) if matches!(url.scheme(), "javascript" | "data") => None,
        Some(url) => {
            let internal = page.host().is_some() && url.host_str() == page.host();
            Some((url.into(), internal))
        }
        None if page.host().is_some() || written.trim().is_empty() => None,
        None => Some((written.trim().to_owned(), true)),
    }
}
