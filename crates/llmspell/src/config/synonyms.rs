//! Other places and names under which configuration is accepted, as one table.

use llmspell_core::{Result, bail};

use super::tree::{Item, Tree, join};

/// What happens to a value on its way to its canonical key.
#[derive(Clone, Copy, Debug)]
enum Change {
    /// Nothing.
    Same,
    /// A number is multiplied.
    Times(i64),
    /// Texts have other names.
    Words(&'static [(&'static str, &'static str)]),
    /// `false` means this text; `true` means nothing.
    IfFalse(&'static str),
    /// `true` and `false` stand for these numbers.
    Switch(i64, i64),
}

use Change::{IfFalse, Same, Switch, Times, Words};

/// Each row: the place as it may be written, the canonical place, the change. `*` is any one name. Sections come
/// before the keys in them, so that the rows of keys name canonical sections only.
const TABLE: &[(&str, &str, Change)] = &[
    ("runtime.security", "security", Same),
    ("runtime.state", "state", Same),
    ("runtime.state_persistence", "state", Same),
    ("backup", "state.backup", Same),
    ("runtime.sessions", "sessions", Same),
    ("session", "sessions", Same),
    ("runtime.hooks", "hooks", Same),
    ("runtime.events", "events", Same),
    ("runtime.logging", "logging", Same),
    ("log", "logging", Same),
    ("providers.providers", "providers", Same),
    ("engines.js", "engines.javascript", Same),
    (
        "default_engine",
        "default_engine",
        Words(&[("js", "javascript")]),
    ),
    ("engines.*.stdlib_level", "engines.*.stdlib", Same),
    (
        "engines.*.sandbox_mode",
        "engines.*.stdlib",
        IfFalse("full"),
    ),
    ("engines.*.sandbox", "engines.*.stdlib", IfFalse("full")),
    ("engines.*.memory_limit", "engines.*.max_memory", Same),
    (
        "engines.*.max_memory_mb",
        "engines.*.max_memory",
        Times(1024 * 1024),
    ),
    ("engines.*.max_heap_size", "engines.*.max_memory", Same),
    (
        "engines.javascript.allow_console",
        "engines.javascript.console",
        Same,
    ),
    (
        "engines.javascript.enable_console",
        "engines.javascript.console",
        Same,
    ),
    (
        "engines.javascript.module_resolution",
        "engines.javascript.module_resolution",
        Words(&[("browser", "relative"), ("deno", "relative")]),
    ),
    ("providers.default", "providers.default_provider", Same),
    ("providers.*.provider_type", "providers.*.type", Same),
    ("providers.*.default_model", "providers.*.model", Same),
    ("providers.*.endpoint", "providers.*.base_url", Same),
    ("security.max_memory_bytes", "runtime.max_memory", Same),
    ("security.max_execution_time_ms", "runtime.timeout_ms", Same),
    (
        "runtime.script_timeout_seconds",
        "runtime.timeout_ms",
        Times(1000),
    ),
    ("state.backend_type", "state.backend", Same),
    (
        "state.backend",
        "state.backend",
        Words(&[("disk", "sqlite")]),
    ),
    ("state.max_state_size_bytes", "state.max_value_bytes", Same),
    (
        "state.backup_retention_days",
        "state.backup.max_backup_age",
        Times(86_400),
    ),
    ("state.performance.cache_size", "state.cache_size", Same),
    ("state.backup.dir", "state.backup.backup_dir", Same),
    ("sessions.storage_path", "sessions.path", Same),
    ("sessions.backend", "sessions.storage_backend", Same),
    (
        "sessions.max_active_sessions",
        "sessions.max_sessions",
        Same,
    ),
    (
        "sessions.artifact_compression",
        "sessions.artifact_compression_threshold",
        Switch(10_240, i64::MAX),
    ),
    (
        "hooks.circuit_breaker_threshold",
        "hooks.max_overhead",
        Same,
    ),
    ("events.event_buffer_size", "events.buffer_size", Same),
    (
        "events.overflow",
        "events.overflow",
        Words(&[("error", "reject")]),
    ),
    (
        "tools.*.security.allowed_operations",
        "tools.*.operations",
        Same,
    ),
    (
        "tools.*.security.allowed_paths",
        "tools.*.files.roots",
        Same,
    ),
    (
        "tools.*.security.allowed_commands",
        "security.process.allow",
        Same,
    ),
    (
        "tools.*.security.allowed_domains",
        "security.network.only_hosts",
        Same,
    ),
    (
        "tools.*.security.environment_whitelist",
        "security.environment.allow",
        Same,
    ),
    (
        "tools.*.security.max_execution_time",
        "tools.*.timeout_ms",
        Same,
    ),
    (
        "tools.*.security.max_output_size",
        "tools.*.max_output_bytes",
        Same,
    ),
    (
        "tools.*.security.follow_redirects",
        "security.network.max_redirects",
        Switch(5, 0),
    ),
];

/// Brings one layer into canonical form: moves synonyms to their places, drops what is to be ignored.
///
/// - Errors: `Config` if a value stands at two places that mean the same and differs.
pub(super) fn canonical(tree: &mut Tree) -> Result<()> {
    drop_ignored(tree);
    tool_limits(tree)?;
    refuse_unverified(tree)?;
    for (from, to, change) in TABLE {
        for (from, to) in places(tree, from, to) {
            relocate(tree, &from, &to, *change)?;
        }
    }
    drop_empty_security(tree);
    Ok(())
}

/// Returns the places of this layer that fit the pattern, each with its canonical place.
fn places(tree: &Tree, from: &str, to: &str) -> Vec<(String, String)> {
    let Some((before, after)) = from.split_once(".*.") else {
        return tree
            .get(from)
            .map(|_| (from.to_owned(), to.to_owned()))
            .into_iter()
            .collect();
    };
    tree.members(before)
        .filter(|(_, node)| node.get(after).is_some())
        .map(|(name, _)| {
            (
                format!("{before}.{name}.{after}"),
                to.replacen('*', name, 1),
            )
        })
        .collect()
}

/// Moves what stands at one place to another that means the same.
///
/// - Errors: `Config` if both are there and differ.
pub(super) fn unite(tree: &mut Tree, from: &str, to: &str) -> Result<()> {
    relocate(tree, from, to, Same)
}

fn relocate(tree: &mut Tree, from: &str, to: &str, change: Change) -> Result<()> {
    let Some(node) = tree.take(from) else {
        return Ok(());
    };
    let Some(mut node) = changed(node, from, change)? else {
        return Ok(());
    };
    if let Some(there) = tree.take(to) {
        // A switch is weaker than the key that says it precisely.
        node = match change {
            IfFalse(_) => there,
            _ => united(there, node, to, from)?,
        };
    }
    tree.put(to, node)
}

fn changed(mut node: Tree, path: &str, change: Change) -> Result<Option<Tree>> {
    match (change, &node.item) {
        (Times(factor), Item::Int(number)) => {
            node.item = Item::Int(number.saturating_mul(factor));
        }
        (Times(factor), Item::Float(number)) => {
            node.item = Item::Int((number * factor as f64) as i64);
        }
        (Times(_), item) => {
            return Err(node.origin.error(format!(
                "'{path}' must be a number, not {}",
                item.type_name()
            )));
        }
        (Words(words), Item::Text(text)) => {
            if let Some((_, canonical)) = words.iter().find(|(word, _)| word == text) {
                node.item = Item::Text((*canonical).to_owned());
            }
        }
        (IfFalse(text), Item::Bool(false)) => node.item = Item::Text(text.to_owned()),
        (IfFalse(_), Item::Bool(true)) => return Ok(None),
        (Switch(on, off), Item::Bool(truth)) => {
            node.item = Item::Int(if *truth { on } else { off })
        }
        (IfFalse(_) | Switch(..), item) => {
            return Err(node.origin.error(format!(
                "'{path}' must be a boolean, not {}",
                item.type_name()
            )));
        }
        (Same | Words(_), _) => {}
    }
    Ok(Some(node))
}

/// Makes one value of two that stand at places which mean the same.
fn united(mut canonical: Tree, synonym: Tree, path: &str, written: &str) -> Result<Tree> {
    let differs = |node: &Tree, path: &str| {
        node.key.error(format!(
            "'{written}' and '{path}' mean the same and differ; keep '{path}'"
        ))
    };
    match (&mut canonical.item, synonym.item) {
        (Item::Table(table), Item::Table(others)) => {
            for (name, node) in others {
                let place = join(path, &name);
                let node = match table.shift_remove(&name) {
                    Some(there) => united(there, node, &place, &join(written, &name))?,
                    None => node,
                };
                table.insert(name, node);
            }
            Ok(canonical)
        }
        (_, item) => {
            let synonym = Tree { item, ..synonym };
            if canonical.to_json() == synonym.to_json() {
                Ok(canonical)
            } else {
                Err(differs(&synonym, path))
            }
        }
    }
}

/// `[example]` and every table named `x-*` mean nothing.
fn drop_ignored(tree: &mut Tree) {
    if let Some(table) = tree.as_table_mut() {
        table.retain(|name, node| {
            !(node.as_table().is_some() && (name == "example" || name.starts_with("x-")))
        });
    }
}

/// `[[resources.tool_limits]] tool_name = "x"` is `[tools.x]`.
fn tool_limits(tree: &mut Tree) -> Result<()> {
    let Some(limits) = tree.take("resources.tool_limits") else {
        return Ok(());
    };
    let Item::List(entries) = limits.item else {
        return Err(limits
            .key
            .error("'resources.tool_limits' must be a list of tables"));
    };
    for mut entry in entries {
        let Some(Tree {
            item: Item::Text(name),
            ..
        }) = entry.take("tool_name")
        else {
            return Err(entry
                .key
                .error("an entry of 'resources.tool_limits' needs the text 'tool_name'"));
        };
        let place = format!("tools.{name}");
        let entry = match tree.take(&place) {
            Some(there) => united(there, entry, &place, "resources.tool_limits")?,
            None => entry,
        };
        tree.put(&place, entry)?;
    }
    drop_empty(tree, "resources");
    Ok(())
}

/// Certificates cannot be left unchecked as a whole.
fn refuse_unverified(tree: &mut Tree) -> Result<()> {
    for (place, _) in places(tree, "tools.*.security.verify_ssl", "*") {
        let loose = tree
            .take(&place)
            .filter(|node| !matches!(node.item, Item::Bool(true)));
        if let Some(node) = loose {
            return Err(node
                .key
                .error(format!(
                    "'{place} = false' is refused: certificates are always verified"
                ))
                .hint("name the hosts in `[security.network] insecure_hosts`"));
        }
    }
    Ok(())
}

/// Removes the `[tools.NAME.security]` tables whose keys have all moved.
fn drop_empty_security(tree: &mut Tree) {
    for (place, _) in places(tree, "tools.*.security", "*") {
        drop_empty(tree, &place);
    }
    for name in ["state.performance", "providers.providers"] {
        drop_empty(tree, name);
    }
}

fn drop_empty(tree: &mut Tree, place: &str) {
    let table = tree.get(place).and_then(Tree::as_table);
    if table.is_some_and(|table| table.is_empty()) {
        tree.take(place);
    }
}

/// Returns the row of the table as it is applied to a path that was written alone, as by `config get`.
pub fn canonical_path(path: &str) -> Result<String> {
    if path.is_empty() || path.split('.').any(str::is_empty) {
        bail!(InvalidArgs, "'{path}' is not a dotted configuration key");
    }
    let mut path = path.to_owned();
    for (from, to, _) in TABLE {
        let names: Vec<&str> = path.split('.').collect();
        let pattern: Vec<&str> = from.split('.').collect();
        let fits = names.len() >= pattern.len()
            && pattern
                .iter()
                .zip(&names)
                .all(|(wanted, name)| *wanted == "*" || wanted == name);
        if fits && from != to {
            let any = pattern
                .iter()
                .position(|wanted| *wanted == "*")
                .map(|at| names[at]);
            let head = any.map_or_else(|| (*to).to_owned(), |any| to.replacen('*', any, 1));
            path = names[pattern.len()..]
                .iter()
                .fold(head, |path, name| join(&path, name));
        }
    }
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::from_text;

    fn read(text: &str) -> String {
        let mut tree = from_text(text);
        canonical(&mut tree).unwrap();
        tree.to_json().unwrap().to_string()
    }

    fn refused(text: &str) -> String {
        canonical(&mut from_text(text))
            .unwrap_err()
            .message()
            .to_owned()
    }

    #[test]
    fn sections_may_stand_under_runtime() {
        assert_eq!(
            read("[runtime.security]\nlevel = 'safe'"),
            r#"{"runtime":{},"security":{"level":"safe"}}"#
        );
        assert_eq!(
            read("[runtime.state_persistence.backup]\nmax_backups = 3"),
            r#"{"runtime":{},"state":{"backup":{"max_backups":3}}}"#
        );
        assert_eq!(
            read("[session]\nrecord = 'all'\n[log]\nlevel = 'info'"),
            r#"{"sessions":{"record":"all"},"logging":{"level":"info"}}"#
        );
        assert_eq!(
            read("[providers.providers.work]\nprovider_type = 'openai'"),
            r#"{"providers":{"work":{"type":"openai"}}}"#
        );
        assert_eq!(read("[providers]\nproviders = {}"), r#"{"providers":{}}"#);
    }

    #[test]
    fn both_places_are_fine_if_they_agree() {
        assert_eq!(
            read(
                "[security]\nlevel = 'safe'\n[runtime.security]\nlevel = 'safe'\nallow_file_access = false"
            ),
            r#"{"runtime":{},"security":{"level":"safe","allow_file_access":false}}"#
        );
        assert_eq!(
            refused("[security]\nlevel = 'safe'\n[runtime.security]\nlevel = 'restricted'"),
            "'runtime.security.level' and 'security.level' mean the same and differ; keep 'security.level'"
        );
    }

    #[test]
    fn keys_of_other_samples() {
        assert_eq!(
            read("[engines.lua]\nmax_memory_mb = 64"),
            r#"{"engines":{"lua":{"max_memory":67108864}}}"#
        );
        assert_eq!(
            read("[engines.js]\nenable_console = false"),
            r#"{"engines":{"javascript":{"console":false}}}"#
        );
        assert_eq!(
            read("[runtime]\nscript_timeout_seconds = 5"),
            r#"{"runtime":{"timeout_ms":5000}}"#
        );
        assert_eq!(
            read("[security]\nmax_execution_time_ms = 7"),
            r#"{"security":{},"runtime":{"timeout_ms":7}}"#
        );
        assert_eq!(
            read("[state]\nbackend_type = 'disk'"),
            r#"{"state":{"backend":"sqlite"}}"#
        );
        assert_eq!(
            read("default_engine = 'js'"),
            r#"{"default_engine":"javascript"}"#
        );
        assert_eq!(
            read("[providers]\ndefault = 'x'"),
            r#"{"providers":{"default_provider":"x"}}"#
        );
        assert_eq!(
            read("[tools.http_request.security]\nmax_execution_time = 9"),
            r#"{"tools":{"http_request":{"timeout_ms":9}}}"#
        );
        assert_eq!(
            read("[tools.process_executor.security]\nallowed_commands = ['git']"),
            r#"{"tools":{"process_executor":{}},"security":{"process":{"allow":["git"]}}}"#
        );
        assert_eq!(
            read(
                "[tools.http_request.security]\nallowed_domains = ['a']\nfollow_redirects = false"
            ),
            r#"{"tools":{"http_request":{}},"security":{"network":{"only_hosts":["a"],"max_redirects":0}}}"#
        );
    }

    #[test]
    fn a_sandbox_switch_is_weaker_than_the_level() {
        assert_eq!(
            read("[engines.lua]\nsandbox = false"),
            r#"{"engines":{"lua":{"stdlib":"full"}}}"#
        );
        assert_eq!(
            read("[engines.lua]\nsandbox = true"),
            r#"{"engines":{"lua":{}}}"#
        );
        assert_eq!(
            read("[engines.lua]\nsandbox_mode = false\nstdlib = 'none'"),
            r#"{"engines":{"lua":{"stdlib":"none"}}}"#
        );
        assert!(refused("[engines.lua]\nsandbox = 'yes'").contains("must be a boolean"));
    }

    #[test]
    fn tool_limits_are_tables_of_tools() {
        assert_eq!(
            read("[[resources.tool_limits]]\ntool_name = 'calculator'\ntimeout_ms = 5"),
            r#"{"tools":{"calculator":{"timeout_ms":5}}}"#
        );
        assert!(refused("[[resources.tool_limits]]\ntimeout_ms = 5").contains("tool_name"));
    }

    #[test]
    fn ignored_tables_vanish_and_verification_stays() {
        assert_eq!(
            read("[example]\na = 1\n[x-mine]\nb = 2\n[runtime]\nseed = 1"),
            r#"{"runtime":{"seed":1}}"#
        );
        assert!(refused("[tools.http_request.security]\nverify_ssl = false").contains("refused"));
    }

    #[test]
    fn paths_of_the_command_line_are_canonical_too() {
        assert_eq!(
            canonical_path("runtime.security.level").unwrap(),
            "security.level"
        );
        assert_eq!(
            canonical_path("engines.js.enable_console").unwrap(),
            "engines.javascript.console"
        );
        assert_eq!(canonical_path("runtime.seed").unwrap(), "runtime.seed");
        assert!(canonical_path("a..b").is_err());
    }
}
