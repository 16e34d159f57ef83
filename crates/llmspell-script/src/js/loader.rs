//! `import`: the files beside the script.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;

use llmspell_core::{Error, Kind, Result};
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Module};

use super::vm::{self, Vm};
use super::{ModuleResolution, error, import, script};
use crate::engine::Script;
use crate::sources::{Source, Sources};

/// What is tried after the name itself.
const ENDINGS: [&str; 6] = ["", ".js", ".mjs", ".ts", ".mts", "/index.js"];

/// The script, the files that were found, and what imports them.
#[derive(Default)]
pub(super) struct Loaded {
    script: Option<Rc<Script>>,
    files: HashMap<String, Source>,
    imports: Vec<Import>,
}

/// What a file calls another one.
#[derive(PartialEq)]
struct Import {
    by: String,
    name: String,
    file: String,
}

impl Loaded {
    /// Begins anew, for a script.
    pub(super) fn begin(&mut self, script: Rc<Script>) {
        self.script = Some(script);
        self.imports.clear();
    }

    /// Returns the name of the script.
    pub(super) fn name(&self) -> &str {
        self.script.as_deref().map_or("", |script| &script.name)
    }

    /// Returns the text of the script or of a file that it loaded.
    fn text(&self, file: &str) -> Option<Cow<'_, str>> {
        match self.script.as_deref() {
            Some(script) if script.name == file => Some(Cow::Borrowed(&script.source)),
            _ => self.files.get(file)?.read().ok().map(Cow::Owned),
        }
    }

    /// Returns a line of that text, counted from 1.
    pub(super) fn line(&self, file: &str, line: i64) -> Option<String> {
        let before = usize::try_from(line).ok()?.checked_sub(1)?;
        self.text(file)?.lines().nth(before).map(str::to_owned)
    }

    /// Says where a file imports another one, or something of it.
    fn at(&self, error: Error, file: &str, name: &str, export: Option<&str>) -> Error {
        let text = self.text(file);
        let found = text.and_then(|text| import::find(&text, name, export));
        let error = error.with("file", file);
        match found {
            Some((line, column)) => error
                .with("at", format!("{file}:{line}"))
                .with("line", line)
                .with("column", column),
            None => error,
        }
    }

    /// Returns the error of modules that do not fit together, if the engine's message is of that.
    pub(super) fn unlinked(&self, message: &str) -> Option<Error> {
        let (said, file) = message.split_once(" in module '")?;
        let file = file.strip_suffix('\'')?;
        let export = said.split('\'').nth(1)?;
        let error = Error::new(Kind::Parse, message.to_owned()).with("phase", "compile");
        let mut imports = self.imports.iter();
        let import = imports.find(|import| {
            let names = self
                .text(&import.by)
                .is_some_and(|text| text.contains(export));
            import.file == file && names
        })?;
        Some(self.at(error, &import.by, &import.name, Some(export)))
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
    let failed = |error| vm.loaded.borrow().at(error, base, name, None);
    let source = locate(vm, base, name).map_err(failed)?;
    let import = Import {
        by: base.to_owned(),
        name: name.to_owned(),
        file: source.shown.clone(),
    };
    let mut loaded = vm.loaded.borrow_mut();
    if !loaded.imports.contains(&import) {
        loaded.imports.push(import);
    }
    loaded.files.insert(source.shown.clone(), source.clone());
    Ok(source.shown)
}

fn locate(vm: &Vm, base: &str, name: &str) -> Result<Source> {
    let (sources, folder) = {
        let loaded = vm.loaded.borrow();
        let below = loaded
            .files
            .get(base)
            .and_then(|source| source.below.parent());
        (
            Sources::open(loaded.script.as_ref().and_then(|script| script.dir.clone()))?,
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
    found.ok_or_else(|| missing(name, is_path))
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
