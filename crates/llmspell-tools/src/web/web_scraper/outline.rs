//! The structure of a page.

use dom_query::{Matcher, NodeRef};
use llmspell_core::{Map, Value};

use crate::page::{folded, text};

/// Returns `{headings: [{level, text}], paragraphs: […], lists: [[…]]}` of what is below a node.
pub(super) fn outline(node: &NodeRef<'_>) -> Map {
    let headings = all(node, "h1, h2, h3, h4, h5, h6")
        .into_iter()
        .filter_map(|heading| {
            let level = heading.node_name()?.chars().nth(1)?.to_digit(10)?;
            let text = said(&heading)?;
            Some(Value::from([
                ("level", level.into()),
                ("text", text.into()),
            ]))
        });
    let paragraphs = all(node, "p")
        .iter()
        .filter_map(said)
        .map(Value::from)
        .collect();
    let lists = all(node, "ul, ol").into_iter().map(|list| {
        let items = list
            .element_children()
            .into_iter()
            .filter(|item| item.has_name("li"));
        items
            .filter_map(|item| said(&item))
            .map(Value::from)
            .collect::<Value>()
    });
    Map::from([
        ("headings", headings.collect()),
        ("paragraphs", paragraphs),
        ("lists", lists.collect()),
    ])
}

fn all<'a>(node: &NodeRef<'a>, selector: &str) -> Vec<NodeRef<'a>> {
    let Ok(matcher) = Matcher::new(selector) else {
        return Vec::new();
    };
    let nodes = node.descendants().into_iter();
    nodes.filter(|node| node.is_match(&matcher)).collect()
}

fn said(node: &NodeRef<'_>) -> Option<String> {
    Some(folded(&text(node))).filter(|text| !text.is_empty())
}
