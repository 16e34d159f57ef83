//! The rules of ARCHITECTURE.md that the compiler does not know.

use std::collections::BTreeMap;
use std::fs;

use crate::source::{File, Tree, public_types};

/// Which crates of the workspace a crate may depend on.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("llmspell-core", &[]),
    ("llmspell-store", &["llmspell-core"]),
    ("llmspell-model", &["llmspell-core"]),
    ("llmspell-tools", &["llmspell-core"]),
    ("llmspell-script", &["llmspell-core"]),
    (
        "llmspell-runtime",
        &["llmspell-core", "llmspell-store", "llmspell-model"],
    ),
];

/// External crates that only these may name.
const SHARED: &[(&str, &[&str])] = &[("rusqlite", &["llmspell-store", "llmspell-tools"])];

/// External crates that only one crate may name.
const OWNED: &[(&str, &str)] = &[
    ("mlua", "llmspell-script"),
    ("rquickjs", "llmspell-script"),
    ("rig-core", "llmspell-model"),
    ("rig-reqwest", "llmspell-model"),
    ("clap", "llmspell"),
];

/// What `core` has none of: an executor, files, the environment, a wall clock.
const ABSENT_FROM_CORE: &[&str] = &[
    "tokio",
    "std::fs",
    "std::env",
    "std::net",
    "std::process",
    "SystemTime",
    "Instant::now",
];

/// Words that hide what a type is.
const BANNED_ENDS: &[&str] = &[
    "Manager",
    "Bridge",
    "Factory",
    "Helper",
    "Helpers",
    "Util",
    "Utils",
    "Infrastructure",
    "Enhanced",
    "Unified",
    "Advanced",
    "Simple",
    "Optimized",
    "V2",
];
const BANNED_FILES: &[&str] = &[
    "helpers.rs",
    "utils.rs",
    "util.rs",
    "types.rs",
    "common.rs",
    "misc.rs",
];

/// Files whose name is banned but stands for a name that scripts see.
const NAMED_BY_THE_API: &[&str] = &["crates/llmspell-runtime/src/utils.rs"];

const BANNED_TEXTS: &[&str] = &[
    "todo!(",
    "unimplemented!(",
    "dbg!(",
    "TODO",
    "FIXME",
    "XXX",
    "for now",
    "#[ignore]",
    "allow(dead_code)",
];

/// Packages that must never come back into the lock file, and why.
const BANNED_PACKAGES: &[(&str, &str)] = &[
    ("aws-lc-sys", "a second TLS provider, and 20 s of build"),
    ("openssl-sys", "a system library"),
    ("native-tls", "a second TLS provider"),
    ("evalexpr", "AGPL"),
    ("html2md", "GPL"),
    ("birdcage", "GPL"),
];
/// See docs/decisions/0012.
const MOST_PACKAGES: usize = 750;

/// Returns one sentence for each broken rule.
pub(crate) fn check(tree: &Tree) -> Vec<String> {
    let mut complaints = Vec::new();
    dependencies(tree, &mut complaints);
    registered(tree, &mut complaints);
    names(tree, &mut complaints);
    texts(tree, &mut complaints);
    core_is_pure(tree, &mut complaints);
    binders_name_no_op(tree, &mut complaints);
    lock_file(tree, &mut complaints);
    complaints
}

fn dependencies(tree: &Tree, complaints: &mut Vec<String>) {
    for manifest in tree
        .files
        .iter()
        .filter(|file| file.path.ends_with("Cargo.toml"))
    {
        let Ok(table) = manifest.text.parse::<toml::Table>() else {
            complaints.push(format!("{} is not valid TOML", manifest.path));
            continue;
        };
        let names = |section: &str| -> Vec<String> {
            table
                .get(section)
                .and_then(toml::Value::as_table)
                .into_iter()
                .flatten()
                .map(|(name, _)| name.clone())
                .collect()
        };
        let package = manifest.package();
        for name in names("dependencies") {
            let allowed = MAY_DEPEND_ON.iter().find(|(owner, _)| *owner == package);
            if let Some((_, allowed)) = allowed
                && name.starts_with("llmspell")
                && !allowed.contains(&name.as_str())
            {
                complaints.push(format!("{package} must not depend on {name}"));
            }
            if let Some((_, owner)) = OWNED
                .iter()
                .find(|(owned, owner)| *owned == name && *owner != package)
            {
                complaints.push(format!(
                    "only {owner} may depend on {name}, but {package} does"
                ));
            }
            if let Some((_, owners)) = SHARED
                .iter()
                .find(|(shared, owners)| *shared == name && !owners.contains(&package))
            {
                complaints.push(format!(
                    "only {} may depend on {name}, but {package} does",
                    owners.join(" and ")
                ));
            }
            if package == "llmspell-core" && name.starts_with("tokio") {
                complaints.push(format!("llmspell-core must not depend on {name}"));
            }
        }
    }
}

/// Every file is named by a `mod` of its parent; each crate has one integration binary that lists its files.
fn registered(tree: &Tree, complaints: &mut Vec<String>) {
    for file in tree.files.iter().filter(|file| file.path.ends_with(".rs")) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let parents = match name {
            "lib.rs" | "main.rs" | "build.rs" => continue,
            "mod.rs" => {
                let (above, own) = folder.rsplit_once('/').unwrap_or(("", folder));
                (parent_files(tree, above), own.to_owned())
            }
            _ if folder.ends_with("/benches")
                || folder.ends_with("/examples")
                || folder.ends_with("/fuzz_targets") =>
            {
                continue;
            }
            _ if folder.ends_with("/tests") => {
                complaints.push(format!(
                    "{}: integration tests live in tests/it/, one binary for a crate",
                    file.path
                ));
                continue;
            }
            _ => (
                parent_files(tree, folder),
                name.trim_end_matches(".rs").to_owned(),
            ),
        };
        let (parents, module) = parents;
        let named = tree
            .files
            .iter()
            .filter(|parent| parents.contains(&parent.path))
            .any(|parent| {
                parent.text.lines().any(|line| {
                    let line = line.trim();
                    let line = line
                        .rsplit_once("pub(crate) ")
                        .map_or(line, |(_, rest)| rest);
                    let line = line
                        .rsplit_once("pub(super) ")
                        .map_or(line, |(_, rest)| rest);
                    let line = line.strip_prefix("pub ").unwrap_or(line);
                    line == format!("mod {module};")
                })
            });
        if !named {
            complaints.push(format!("{} is in no `mod` list", file.path));
        }
    }
}

/// Returns the files that may name a module of `folder`; among benches, each of them may.
fn parent_files(tree: &Tree, folder: &str) -> Vec<String> {
    if folder.ends_with("/benches") {
        let files = tree.files.iter().map(|file| file.path.clone());
        return files.filter(|path| path.starts_with(folder)).collect();
    }
    let mut parents: Vec<String> = ["lib.rs", "main.rs", "mod.rs"]
        .iter()
        .map(|name| format!("{folder}/{name}"))
        .collect();
    parents.push(format!("{folder}.rs"));
    parents
}

fn names(tree: &Tree, complaints: &mut Vec<String>) {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for file in tree.shipped() {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if BANNED_FILES.contains(&name) && !NAMED_BY_THE_API.contains(&file.path.as_str()) {
            complaints.push(format!("{}: name the file after what it holds", file.path));
        }
        for (_, name) in public_types(&file.code()) {
            if BANNED_ENDS
                .iter()
                .any(|word| name.ends_with(word) || name.starts_with(word))
            {
                complaints.push(format!(
                    "{}: `{name}` says nothing about what it is",
                    file.path
                ));
            }
            let exported = seen.entry(name.to_owned()).or_insert(file.package());
            if *exported != file.package() && !SHARED_NAMES.contains(&name) {
                complaints.push(format!(
                    "`{name}` is a public type of both {exported} and {}",
                    file.package()
                ));
            }
        }
    }
}

/// Names that mean "this module's own" everywhere and are used with the module's name before them.
const SHARED_NAMES: &[&str] = &["Options", "Error", "Id", "Entry", "Status", "Event"];

fn texts(tree: &Tree, complaints: &mut Vec<String>) {
    for file in tree
        .files
        .iter()
        .filter(|file| file.path.ends_with(".rs") && file.path != "xtask/src/tidy.rs")
    {
        for (number, line) in file.text.lines().enumerate() {
            for text in BANNED_TEXTS.iter().filter(|text| line.contains(*text)) {
                complaints.push(format!("{}:{}: `{text}`", file.path, number + 1));
            }
        }
        if file.is_shipped()
            && file.path != "crates/llmspell/src/main.rs"
            && file.code().contains("block_on(")
        {
            complaints.push(format!("{}: block_on belongs to main alone", file.path));
        }
    }
}

fn core_is_pure(tree: &Tree, complaints: &mut Vec<String>) {
    for file in tree
        .shipped()
        .filter(|file| file.package() == "llmspell-core")
    {
        for word in ABSENT_FROM_CORE
            .iter()
            .filter(|word| file.code().contains(*word))
        {
            complaints.push(format!("{}: core has no `{word}`", file.path));
        }
    }
}

/// A binder turns modules into globals and knows none of them.
fn binders_name_no_op(tree: &Tree, complaints: &mut Vec<String>) {
    let modules: Vec<String> = tree
        .shipped()
        .filter(|file| file.package() != "llmspell-script")
        .flat_map(|file| {
            quoted_after(file, "Module::new(")
                .into_iter()
                .chain(quoted_after(file, "Module::hidden("))
        })
        .collect();
    for file in tree
        .shipped()
        .filter(|file| file.package() == "llmspell-script")
    {
        let code = file.code();
        for module in &modules {
            if code.contains(&format!("\"{module}.")) {
                complaints.push(format!(
                    "{}: a binder names no op, but here is one of '{module}'",
                    file.path
                ));
            }
        }
        if code.contains("\"tool:") {
            complaints.push(format!("{}: a binder names no tool", file.path));
        }
    }
}

fn quoted_after(file: &File, start: &str) -> Vec<String> {
    let code = file.code();
    let mut found = Vec::new();
    for (at, _) in code.match_indices(start) {
        let rest = code[at + start.len()..].trim_start();
        if let Some(name) = rest
            .strip_prefix('"')
            .and_then(|rest| rest.split('"').next())
        {
            found.push(name.to_owned());
        }
    }
    found
}

fn lock_file(tree: &Tree, complaints: &mut Vec<String>) {
    let Ok(lock) = fs::read_to_string(tree.root.join("Cargo.lock")) else {
        complaints.push("Cargo.lock is missing".to_owned());
        return;
    };
    let packages: Vec<&str> = lock
        .lines()
        .filter_map(|line| line.strip_prefix("name = "))
        .collect();
    for (name, why) in BANNED_PACKAGES {
        if packages
            .iter()
            .any(|package| package.trim_matches('"') == *name)
        {
            complaints.push(format!("Cargo.lock: {name} is banned: {why}"));
        }
    }
    if packages.len() > MOST_PACKAGES {
        complaints.push(format!(
            "Cargo.lock: {} packages, at most {MOST_PACKAGES}",
            packages.len()
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(files: &[(&str, &str)]) -> Vec<String> {
        let files = files
            .iter()
            .map(|(path, text)| File {
                path: (*path).into(),
                text: (*text).into(),
            })
            .collect();
        let tree = Tree {
            root: Tree::read().unwrap().root,
            files,
        };
        check(&tree)
    }

    #[test]
    fn the_repository_is_tidy() {
        let complaints = check(&Tree::read().unwrap());
        assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    }

    #[test]
    fn every_rule_bites() {
        let cases: &[(&str, &str, &str)] = &[
            (
                "crates/llmspell-core/Cargo.toml",
                "[dependencies]\ntokio = \"1\"",
                "must not depend on tokio",
            ),
            (
                "crates/llmspell-tools/Cargo.toml",
                "[dependencies]\nllmspell-runtime = \"1\"",
                "must not depend on llmspell-runtime",
            ),
            (
                "crates/llmspell-tools/Cargo.toml",
                "[dependencies]\nmlua = \"1\"",
                "only llmspell-script",
            ),
            (
                "crates/llmspell-runtime/Cargo.toml",
                "[dependencies]\nrusqlite = \"1\"",
                "only llmspell-store and llmspell-tools",
            ),
            (
                "crates/llmspell-core/src/lost.rs",
                "",
                "is in no `mod` list",
            ),
            ("crates/llmspell-core/tests/extra.rs", "", "one binary"),
            ("crates/llmspell-core/src/helpers.rs", "", "name the file"),
            (
                "crates/llmspell-core/src/lib.rs",
                "pub struct ToolManager;",
                "says nothing",
            ),
            (
                "crates/llmspell-core/src/lib.rs",
                "// do it like this for now",
                "`for now`",
            ),
            (
                "crates/llmspell-core/src/lib.rs",
                "use std::fs;",
                "core has no `std::fs`",
            ),
            (
                "crates/llmspell-store/src/lib.rs",
                "rt.block_on(x)",
                "block_on belongs",
            ),
            (
                "crates/llmspell-script/src/lib.rs",
                "call(\"tool:calculator\")",
                "names no tool",
            ),
        ];
        for (path, text, complaint) in cases {
            let complaints = broken(&[(path, text)]);
            assert!(
                complaints.iter().any(|found| found.contains(complaint)),
                "{path}: {complaints:?}"
            );
        }
        let twice = broken(&[
            ("crates/llmspell-core/src/lib.rs", "pub struct Usage;"),
            ("crates/llmspell-model/src/lib.rs", "pub struct Usage;"),
        ]);
        assert!(
            twice
                .iter()
                .any(|found| found.contains("`Usage` is a public type of both"))
        );
        let op = broken(&[
            (
                "crates/llmspell-runtime/src/lib.rs",
                "Module::new(\"agent\", \"Agent\", \"x\")",
            ),
            (
                "crates/llmspell-script/src/lib.rs",
                "call(\"agent.execute\")",
            ),
        ]);
        assert!(op.iter().any(|found| found.contains("names no op")));
    }
}
