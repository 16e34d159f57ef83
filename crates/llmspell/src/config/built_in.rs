//! What `${NAME}` stands for: the names that the configuration has of its own, and environment variables.

use std::path::{Path, PathBuf};

use super::interpolate::interpolate;
use super::tree::{Item, Tree};
use super::{Surroundings, find};

/// Expands `${…}` everywhere and returns the data directory, on which other texts may depend.
pub(super) fn expand(
    tree: &mut Tree,
    variables: &[(String, String)],
    surroundings: &Surroundings,
) -> PathBuf {
    let lookup = |name: &str, node: &Tree, data: Option<&Path>| {
        let built_in = match name {
            "cwd" => Some(surroundings.cwd.as_path()),
            "config_dir" => {
                // Without `..` and links, as paths of tools have to be.
                let dir = node.origin.directory().unwrap_or(&surroundings.cwd);
                let dir = dir.canonicalize().unwrap_or_else(|_| dir.to_owned());
                return Some(dir.display().to_string());
            }
            "home" => surroundings.home.as_deref(),
            "data_dir" => data,
            "run_tmp" => return Some(run_tmp().display().to_string()),
            _ => {
                let found = variables.iter().find(|(given, _)| given == name);
                return found.map(|(_, value)| value.clone());
            }
        };
        built_in.map(|path| path.display().to_string())
    };
    let written = tree.get("storage.dir").cloned().and_then(|mut node| {
        interpolate(&mut node, &|name, node| lookup(name, node, None));
        match &node.item {
            Item::Text(text) => {
                let base = node.origin.directory().unwrap_or(&surroundings.cwd);
                Some(base.join(text))
            }
            _ => None,
        }
    });
    let data_dir = written.unwrap_or_else(|| find::data_dir(surroundings));
    interpolate(tree, &|name, node| lookup(name, node, Some(&data_dir)));
    data_dir
}

/// Returns the directory for the temporary files of this run; it is made by who first needs it.
pub(crate) fn run_tmp() -> PathBuf {
    std::env::temp_dir().join(format!("llmspell-{}", std::process::id()))
}
