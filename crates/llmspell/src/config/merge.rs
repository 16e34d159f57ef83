//! How layers of configuration come together: tables key by key, everything else replaces.

use llmspell_core::{Result, nearest};

use super::tree::{Item, Origin, Tree};

/// Lays `over` upon `base`.
pub(super) fn merge(base: &mut Tree, over: Tree) {
    match (&mut base.item, over.item) {
        (Item::Table(base), Item::Table(over)) => {
            for (name, node) in over {
                match base.get_mut(&name) {
                    Some(place) => merge(place, node),
                    None => {
                        base.insert(name, node);
                    }
                }
            }
        }
        (_, item) => {
            *base = Tree {
                item,
                origin: over.origin,
                key: over.key,
            };
        }
    }
}

/// Takes the profiles out of `tree` and lays the one of that name upon it.
///
/// - Errors: `Config` naming the profiles that there are.
pub(super) fn apply_profile(tree: &mut Tree, name: Option<(&str, &Origin)>) -> Result<()> {
    let profiles = tree
        .as_table_mut()
        .and_then(|table| table.shift_remove("profiles"));
    let Some((name, asked)) = name else {
        return Ok(());
    };
    let mut profiles = match profiles.map(|node| node.item) {
        Some(Item::Table(table)) => table,
        _ => Default::default(),
    };
    match profiles.shift_remove(name) {
        Some(profile) if profile.as_table().is_some() => {
            merge(tree, profile);
            Ok(())
        }
        Some(profile) => Err(profile
            .key
            .error(format!("profile '{name}' is not a table"))),
        None => {
            let known: Vec<&str> = profiles.keys().map(String::as_str).collect();
            let error = asked.error(format!("there is no profile '{name}'"));
            Err(
                match (
                    nearest(name, known.iter().copied()).first(),
                    known.is_empty(),
                ) {
                    (Some(near), _) => error.hint(format!("did you mean '{near}'?")),
                    (None, false) => error.hint(format!("there are: {}", known.join(", "))),
                    (None, true) => error.hint("the configuration has no [profiles.NAME] table"),
                },
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::from_text;

    fn merged(layers: &[&str]) -> String {
        let mut tree = from_text("");
        for layer in layers {
            merge(&mut tree, from_text(layer));
        }
        tree.to_json().unwrap().to_string()
    }

    #[test]
    fn tables_merge_and_other_values_replace() {
        assert_eq!(
            merged(&[
                "a = 1\nl = [1, 2]\n[t]\nx = 1\ny = 1",
                "a = 2\nl = [3]\n[t]\ny = 2\nz = 3"
            ]),
            r#"{"a":2,"l":[3],"t":{"x":1,"y":2,"z":3}}"#
        );
        assert_eq!(merged(&["[t]\nx = 1", "t = 5"]), r#"{"t":5}"#);
    }

    #[test]
    fn a_profile_lies_upon_its_file() {
        let mut tree = from_text(
            "default_engine = 'lua'\n[runtime]\nseed = 1\nworkers = 2\n[profiles.ci.runtime]\nseed = 9",
        );
        let asked = Origin::Flag("--profile".into());
        apply_profile(&mut tree, Some(("ci", &asked))).unwrap();
        assert_eq!(
            tree.to_json().unwrap().to_string(),
            r#"{"default_engine":"lua","runtime":{"seed":9,"workers":2}}"#
        );
    }

    #[test]
    fn an_unknown_profile_names_the_nearest() {
        let mut tree = from_text("[profiles.production]\na = 1");
        let asked = Origin::Flag("--profile".into());
        let error = apply_profile(&mut tree, Some(("prodution", &asked))).unwrap_err();
        assert_eq!(error.hints(), ["did you mean 'production'?"]);
        let error = apply_profile(&mut from_text(""), Some(("x", &asked))).unwrap_err();
        assert_eq!(error.message(), "there is no profile 'x' (--profile)");
    }

    #[test]
    fn profiles_are_no_configuration_themselves() {
        let mut tree = from_text("[profiles.ci]\na = 1");
        apply_profile(&mut tree, None).unwrap();
        assert!(tree.get("profiles").is_none());
    }
}
