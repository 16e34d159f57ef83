//! Keys of the configuration contract for parts of the runtime that this version does not have.
//!
//! They are known, so that one file serves several versions. Who asks for something by them is told: by a warning where
//! all goes on as it would without, by an error where something would be missing that is relied upon. `*` is any one name;
//! a key that ends in `.**` stands for everything below it. A part that is built moves its keys from here to its options.

use super::check::Finding;
use super::tree::{Item, Tree};

/// What it means that a key has no effect.
#[derive(Clone, Copy)]
enum Lack {
    /// Nothing.
    Harmless,
    /// All goes on as it would without the key.
    Warned,
    /// Something does not happen that is relied upon; what to do instead.
    Refused(&'static str),
}
use Lack::{Harmless, Refused, Warned};

const KEYS: &[(&str, Lack)] = &[
    ("engines.javascript.jsx", Warned),
    ("engines.*.**", Harmless),
    // A process of the command line runs one spell.
    ("runtime.max_concurrent_scripts", Harmless),
    ("state.cache_size", Warned),
    ("state.performance.fast_path_enabled", Harmless),
    ("state.performance.async_hooks", Harmless),
    (
        "state.backup.schedule",
        Refused("let a timer of the system run `llmspell backup create`"),
    ),
    (
        "mcp.servers.**",
        Refused("set `enabled = false` for the server, or remove it"),
    ),
];

/// Returns what is asked for in vain.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (key, lack) in KEYS {
        match key.strip_suffix(".**") {
            None => tell(key, *lack, tree.get(key), &mut findings),
            Some(table) => {
                for (name, member) in tree.members(table) {
                    let key = format!("{table}.{name}");
                    tell(&key, *lack, Some(member), &mut findings);
                }
            }
        }
    }
    findings
}

fn tell(key: &str, lack: Lack, node: Option<&Tree>, findings: &mut Vec<Finding>) {
    let Some(node) = node.filter(|node| asks(node)) else {
        return;
    };
    findings.push(match lack {
        Harmless => return,
        Warned => {
            let message = format!("'{key}' has no effect in this version");
            Finding::warning(key, message, &node.origin)
        }
        Refused(instead) => {
            let message = format!("'{key}' is not available in this version: {instead}");
            Finding::error(key, message, &node.origin)
        }
    });
}

/// Returns whether a value asks for something.
fn asks(node: &Tree) -> bool {
    match &node.item {
        Item::Bool(value) => *value,
        Item::Text(text) => !matches!(text.as_str(), "" | "off"),
        Item::Table(table) => {
            let enabled = table.get("enabled").map(|node| &node.item);
            !matches!(enabled, Some(Item::Bool(false)))
        }
        _ => true,
    }
}

/// Returns whether `path` is such a key, a table on the way to one, or below one that stands for all below it.
pub(super) fn knows(path: &str) -> bool {
    KEYS.iter().any(|(key, _)| fits(key, path, true))
}

/// Returns whether `path` is named by the table itself, without the help of a `*`.
pub(super) fn names(path: &str) -> bool {
    KEYS.iter().any(|(key, _)| fits(key, path, false))
}

fn fits(key: &str, path: &str, any: bool) -> bool {
    // The engines that exist have their own keys.
    let own = |name: &str| key.starts_with("engines.") && matches!(name, "lua" | "javascript");
    let (key, open) = match key.strip_suffix(".**") {
        Some(key) => (key, true),
        None => (key, false),
    };
    let mut names = path.split('.');
    for wanted in key.split('.') {
        match names.next() {
            None => return true,
            Some(name) if wanted == name || (any && wanted == "*" && !own(name)) => {}
            Some(_) => return false,
        }
    }
    open || names.next().is_none()
}

/// Returns the names that may stand in the table at `path`, for suggestions.
pub(super) fn names_in(path: &str) -> impl Iterator<Item = &'static str> + use<'_> {
    KEYS.iter().filter_map(move |(key, _)| {
        let rest = match path {
            "" => *key,
            path => key.strip_prefix(path)?.strip_prefix('.')?,
        };
        rest.split('.').next().filter(|name| !name.contains('*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_and_keys_are_known_and_typing_errors_are_not() {
        for path in [
            "state",
            "state.cache_size",
            "state.backup.schedule",
            "mcp.servers.x.command",
            "engines.wasm.a.b",
        ] {
            assert!(knows(path), "{path}");
        }
        for path in [
            "stat",
            "state.cache_siez",
            "state.backup.schedul",
            "state.cache_size.x",
            "mcp.server",
            "engines.lua.debgu",
        ] {
            assert!(!knows(path), "{path}");
        }
        assert!(names_in("state").any(|name| name == "cache_size"));
    }

    #[test]
    fn what_is_asked_for_in_vain_is_told() {
        let told = |text: &str| -> Vec<String> {
            let findings = findings(&crate::config::tree::from_text(text)).into_iter();
            findings
                .map(|finding| format!("{:?} {}", finding.severity, finding.message))
                .collect()
        };
        for text in [
            "",
            "[state.backup]\nschedule = 'off'",
            "[mcp.servers.a]\ncommand = 'x'\nenabled = false",
            "[engines.javascript]\njsx = false",
            "[engines.wasm]\na = 1",
            "[runtime]\nmax_concurrent_scripts = 3",
        ] {
            assert_eq!(told(text), [""; 0], "{text}");
        }
        assert_eq!(
            told("[state]\ncache_size = 5\n[engines.javascript]\njsx = true"),
            [
                "Warning 'engines.javascript.jsx' has no effect in this version",
                "Warning 'state.cache_size' has no effect in this version",
            ]
        );
        for (text, key) in [
            (
                "[state.backup]\nschedule = 'daily'",
                "state.backup.schedule",
            ),
            ("[mcp.servers.a]\ncommand = 'x'", "mcp.servers.a"),
        ] {
            let told = told(text);
            let start = format!("Error '{key}' is not available in this version: ");
            assert!(told.len() == 1 && told[0].starts_with(&start), "{told:?}");
        }
    }
}
