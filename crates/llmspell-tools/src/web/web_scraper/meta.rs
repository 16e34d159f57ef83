//! What a page says of itself.

use llmspell_core::{Map, Value};

use crate::page::{Page, folded};

/// Names under which pages give the time at which they were published, best first.
const PUBLISHED: &[&str] = &[
    "article:published_time",
    "datepublished",
    "date",
    "dc.date",
    "dcterms.created",
    "pubdate",
];

/// Returns `{description, canonical, language, author, published, open_graph, twitter, json_ld, meta_tags}`.
pub(super) fn metadata(page: &Page) -> Value {
    let tags = tags(page);
    let tag = |name: &str| tags.get(name).cloned().unwrap_or_default();
    let first = |names: &[&str]| {
        let mut found = names.iter().map(|name| tag(name));
        found.find(|value| !value.is_null()).unwrap_or_default()
    };
    let json_ld = json_ld(page);
    let of_data = |name: &str| {
        let mut found = json_ld.iter().filter_map(|data| data.get(name));
        found
            .find(|value| value.as_str().is_some())
            .cloned()
            .unwrap_or_default()
    };
    let or = |value: Value, other: Value| if value.is_null() { other } else { value };
    let canonical = page
        .first("link[rel~='canonical' i][href]")
        .and_then(|node| page.absolute(&node.attr("href")?));
    let language = page.first("html[lang]").and_then(|node| node.attr("lang"));
    let time = page
        .first("time[datetime]")
        .and_then(|node| node.attr("datetime"));
    let published = or(first(PUBLISHED), of_data("datePublished"));
    Value::from([
        ("description", first(&["description", "og:description"])),
        ("canonical", canonical.map(String::from).into()),
        (
            "language",
            language.map(|language| language.to_string()).into(),
        ),
        ("author", first(&["author", "article:author", "dc.creator"])),
        (
            "published",
            or(published, time.map(|time| time.to_string()).into()),
        ),
        ("open_graph", below(&tags, "og:")),
        ("twitter", below(&tags, "twitter:")),
        ("json_ld", Value::List(json_ld)),
        ("meta_tags", Value::Map(tags)),
    ])
}

/// Returns the `meta` elements by name in small letters; the first of a name counts.
fn tags(page: &Page) -> Map {
    let mut tags = Map::new();
    for node in page.all("meta") {
        if let Some(charset) = node.attr("charset") {
            tags.entry("charset".to_owned())
                .or_insert_with(|| charset.to_string().into());
        }
        let name = ["name", "property", "itemprop", "http-equiv"]
            .iter()
            .find_map(|kind| node.attr(kind));
        if let (Some(name), Some(content)) = (name, node.attr("content")) {
            let name = name.trim().to_ascii_lowercase();
            tags.entry(name).or_insert_with(|| folded(&content).into());
        }
    }
    tags
}

fn below(tags: &Map, prefix: &str) -> Value {
    let found = tags
        .iter()
        .filter_map(|(name, value)| Some((name.strip_prefix(prefix)?.to_owned(), value.clone())));
    Value::Map(found.collect())
}

/// Returns the linked data of a page; what is not JSON is passed over.
fn json_ld(page: &Page) -> Vec<Value> {
    let scripts = page.all("script[type='application/ld+json' i]").into_iter();
    let parsed = scripts
        .filter_map(|node| serde_json::from_str::<serde_json::Value>(node.text().trim()).ok());
    parsed
        .map(Value::from)
        .flat_map(|data| match data {
            Value::List(items) => items,
            single => vec![single],
        })
        .collect()
}
