//! Links and images of a page.

use llmspell_core::{Map, Value};

use crate::web::page::{Page, folded};

/// Returns the links as `{url, text, rel, internal}`; `internal` ones stay on the host.
pub(super) fn links(page: &Page) -> Value {
    let links = page
        .all("a[href], area[href]")
        .into_iter()
        .filter_map(|node| {
            let url = page.absolute(&node.attr("href")?)?;
            if matches!(url.scheme(), "javascript" | "data") {
                return None;
            }
            let text = Some(folded(&node.text())).filter(|text| !text.is_empty());
            let text = text.or_else(|| {
                node.attr("alt")
                    .or(node.attr("title"))
                    .map(|text| folded(&text))
            });
            let internal = page.host().is_some() && url.host_str() == page.host();
            Some(Value::Map(Map::from_iter([
                ("url".to_owned(), url.as_str().into()),
                ("text".to_owned(), text.unwrap_or_default().into()),
                (
                    "rel".to_owned(),
                    node.attr("rel").map(|rel| rel.to_string()).into(),
                ),
                ("internal".to_owned(), internal.into()),
            ])))
        });
    links.collect()
}

/// Returns the images as `{src, alt, width, height}`; those that load late by what they say they will load.
pub(super) fn images(page: &Page) -> Value {
    let images = page.all("img").into_iter().filter_map(|node| {
        let address = |name: &str| node.attr(name).filter(|address| !address.trim().is_empty());
        let src = page.absolute(&address("data-src").or_else(|| address("src"))?)?;
        let size = |name: &str| {
            Value::from(
                node.attr(name)
                    .and_then(|size| size.trim().parse::<u32>().ok()),
            )
        };
        Some(Value::Map(Map::from_iter([
            ("src".to_owned(), src.as_str().into()),
            (
                "alt".to_owned(),
                node.attr("alt").map(|alt| folded(&alt)).into(),
            ),
            ("width".to_owned(), size("width")),
            ("height".to_owned(), size("height")),
        ])))
    });
    images.collect()
}
