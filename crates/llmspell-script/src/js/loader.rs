//! `import`: the files beside the script.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

use llmspell_core::{Error, Result};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Module};

use super::vm::{self, Vm};
use super::{ModuleResolution, error, script};
use crate::sources::{Source, Sources};

/// What is tried after the name itself.
const ENDINGS: [&str; 6] = ["", ".js", ".mjs", ".ts", ".mts", "/index.js"];

/// The files that were found, and the folder of the script.
#[derive(Default)]
pub(super) struct Loaded {
    dir: Option<PathBuf>,
    files: HashMap<String, Source>,
}

impl Loaded {
    /// Begins anew, for a script of this folder.
    pub(super) fn begin(&mut self, dir: Option<PathBuf>) {
        self.dir = dir;
    }
}

/// Finds the files that `import` names.
pub(super) struct Paths;

/// Reads and compiles them.
pub(super) struct Files;

impl Resolver for Paths {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<String> {
        vm::on(|vm| resolve(vm, base, name).map_err(|error| error::throw(vm, ctx, error)))
    }
}

impl Loader for Files {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        attributes: Option<ImportAttributes<'js>>,
    ) -> rquickjs::Result<Module<'js, Declared>> {
        let kind = attributes.and_then(|attributes| attributes.get_type().ok().flatten());
        let is_json = kind.as_deref() == Some("json") || name.ends_with(".json");
        vm::on(|vm| {
            let text = read(vm, name).and_then(|text| match is_json {
                true => Ok(format!("export default {};", text.trim())),
                false => script::text(name, &text, &vm.setup.options).map(|text| text.into_owned()),
            });
            let text = text.map_err(|error| error::throw(vm, ctx, error))?;
            Module::declare(ctx.clone(), name, text).map_err(|failure| {
                let error = error::of_syntax(Some(vm), ctx, name, &failure);
                error::throw(vm, ctx, error)
            })
        })
    }
}

fn read(vm: &Vm, name: &str) -> Result<String> {
    let source = vm.loaded.borrow().files.get(name).cloned();
    match source {
        Some(source) => source.read(),
        None => Err(llmspell_core::error!(NotFound, "module '{name}' not found")),
    }
}

fn resolve(vm: &Vm, base: &str, name: &str) -> Result<String> {
    let (sources, folder) = {
        let loaded = vm.loaded.borrow();
        let below = loaded
            .files
            .get(base)
            .and_then(|source| source.below.parent());
        (
            Sources::open(loaded.dir.clone())?,
            below.map(Path::to_owned).unwrap_or_default(),
        )
    };
    let is_path = ["./", "../", "/"]
        .iter()
        .any(|start| name.starts_with(start));
    let found = match is_path {
        true => find(&sources, &folder.join(name))?,
        false if vm.setup.options.module_resolution == ModuleResolution::Node => {
            package(&sources, &folder, name)?
        }
        false => None,
    };
    let Some(source) = found else {
        return Err(missing(name, is_path));
    };
    let shown = source.shown.clone();
    vm.loaded.borrow_mut().files.insert(shown.clone(), source);
    Ok(shown)
}

fn missing(name: &str, is_path: bool) -> Error {
    let error = llmspell_core::error!(NotFound, "module '{name}' not found");
    match is_path {
        true => error.hint("it is looked for relative to the importing file"),
        false => error.hint(format!(
            "modules are files beside the script: import from './{name}.js'"
        )),
    }
}

/// Finds a file by the name itself or with one of the endings.
fn find(sources: &Sources, path: &Path) -> Result<Option<Source>> {
    let path = flattened(path);
    for ending in ENDINGS {
        let mut whole = path.clone().into_os_string();
        whole.push(ending);
        if let Some(source) = sources.find(Path::new(&whole))? {
            return Ok(Some(source));
        }
    }
    Ok(None)
}

/// Takes `a/../b` to `b`, so that the folder `a` need not exist; what leads out stays and is refused.
fn flattened(path: &Path) -> PathBuf {
    let mut flat = PathBuf::new();
    for part in path.components() {
        let inside = matches!(flat.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::ParentDir if inside => drop(flat.pop()),
            Component::CurDir => {}
            part => flat.push(part),
        }
    }
    flat
}

/// Finds a package in `node_modules` of the importing folder or one above it.
fn package(sources: &Sources, folder: &Path, name: &str) -> Result<Option<Source>> {
    for folder in folder.ancestors() {
        let root = folder.join("node_modules").join(name);
        let manifest = sources.find(&root.join("package.json"))?;
        let main = match manifest {
            Some(manifest) => {
                let text = manifest.read()?;
                let fields: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                let named = ["module", "main"]
                    .into_iter()
                    .find_map(|field| fields[field].as_str());
                root.join(named.unwrap_or("index.js"))
            }
            None => root,
        };
        if let Some(source) = find(sources, &main)? {
            return Ok(Some(source));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_flattened() {
        let flat = |path: &str| flattened(Path::new(path)).display().to_string();
        assert_eq!(flat("lib/./a/../b.js"), "lib/b.js");
        assert_eq!(flat("lib/../../b.js"), "../b.js");
        assert_eq!(flat("/etc/passwd"), "/etc/passwd");
    }
}
