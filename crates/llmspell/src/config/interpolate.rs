//! `${VARIABLE}` in texts of the configuration.

use super::tree::{Item, Tree};

/// What a name stands for; `None` if it is not set.
pub(super) type Lookup<'a> = &'a dyn Fn(&str, &Tree) -> Option<String>;

/// Replaces `${NAME}`, `${NAME:-default}` and `$$` in every text below `node`.
///
/// A text with a name that is not set and has no default becomes [`Item::Unset`]: an error for who uses it.
pub(super) fn interpolate(node: &mut Tree, lookup: Lookup<'_>) {
    let replaced = match &node.item {
        Item::Text(text) if text.contains('$') => match expand(text, &|name| lookup(name, node)) {
            Ok(text) => Some(Item::Text(text)),
            Err(variable) => Some(Item::Unset {
                variable,
                text: text.clone(),
            }),
        },
        _ => None,
    };
    if let Some(item) = replaced {
        node.item = item;
    }
    match &mut node.item {
        Item::List(items) => items.iter_mut().for_each(|item| interpolate(item, lookup)),
        Item::Table(table) => table
            .values_mut()
            .for_each(|member| interpolate(member, lookup)),
        _ => {}
    }
}

/// Expands one text; the error is the name that is not set.
fn expand(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        expanded.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            expanded.push('$');
            rest = after;
        } else if let Some((inside, after)) = rest
            .strip_prefix('{')
            .and_then(|inside| inside.split_once('}'))
        {
            let (name, default) = match inside.split_once(":-") {
                Some((name, default)) => (name, Some(default)),
                None => (inside, None),
            };
            match (
                lookup(name).filter(|value| default.is_none() || !value.is_empty()),
                default,
            ) {
                (Some(value), _) => expanded.push_str(&value),
                (None, Some(default)) => expanded.push_str(default),
                (None, None) => return Err(name.to_owned()),
            }
            rest = after;
        } else {
            expanded.push('$');
        }
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::from_text;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "HOST" => Some("example.org".into()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    #[test]
    fn names_defaults_and_dollars() {
        let expanded = |text| expand(text, &lookup);
        assert_eq!(
            expanded("http://${HOST}/x"),
            Ok("http://example.org/x".into())
        );
        assert_eq!(expanded("${PORT:-80}"), Ok("80".into()));
        assert_eq!(expanded("${EMPTY:-full}"), Ok("full".into()));
        assert_eq!(expanded("[${EMPTY}]"), Ok("[]".into()));
        assert_eq!(
            expanded("$$5 and $x and ${open"),
            Ok("$5 and $x and ${open".into())
        );
        assert_eq!(expanded("$${HOST}"), Ok("${HOST}".into()));
        assert_eq!(expanded("a ${NOT_SET} b"), Err("NOT_SET".into()));
        assert_eq!(expanded("${NOT_SET:-}"), Ok(String::new()));
    }

    #[test]
    fn an_unset_name_is_kept_for_its_user() {
        let mut tree = from_text("a = '${NOT_SET}'\nb = ['${HOST}']");
        interpolate(&mut tree, &|name, _| lookup(name));
        assert!(
            matches!(&tree.get("a").unwrap().item, Item::Unset { variable, .. } if variable == "NOT_SET")
        );
        assert_eq!(
            tree.to_json().unwrap().to_string(),
            r#"{"b":["example.org"]}"#
        );
    }

    #[test]
    fn an_inserted_value_is_not_expanded_again() {
        assert_eq!(expand("${A}", &|_| Some("${B}".into())), Ok("${B}".into()));
    }
}
