//! The script's own files: its source, and the modules beside it.

use std::path::{Path, PathBuf};

use llmspell_core::{Error, Kind, Result};
use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, MultiValue, Table};

use super::error;
use super::vm::{self, Vm};
use crate::engine::Script;

/// Largest source file that is loaded.
const MAX_SOURCE_BYTES: u64 = 16 << 20;

/// Compiles a script, sets what it is given, and returns its function and arguments.
pub(super) fn prepare(vm: &Vm, script: &Script) -> Result<MultiValue> {
    let function = compile(vm, script)?;
    vm.set_dir(script.dir.clone());
    let set = || -> mlua::Result<MultiValue> {
        give_arguments(vm, script)?;
        let mut values = MultiValue::with_capacity(script.args.len() + 1);
        values.push_back(mlua::Value::Function(function));
        for arg in &script.args {
            values.push_back(mlua::Value::String(vm.lua().create_string(arg)?));
        }
        Ok(values)
    };
    set().map_err(|failure| error::from_mlua(vm, &failure))
}

fn give_arguments(vm: &Vm, script: &Script) -> mlua::Result<()> {
    let lua = vm.lua();
    let arg = lua.create_sequence_from(script.args.iter().map(String::as_str))?;
    arg.raw_set(0, script.name.as_str())?;
    let args = lua.create_sequence_from(script.args.iter().map(String::as_str))?;
    let give: Function = vm.parts().host.raw_get("give_args")?;
    lua.globals().raw_set("arg", arg)?;
    lua.globals()
        .raw_set("Args", give.call::<Table>((args, script.name.as_str()))?)
}

fn compile(vm: &Vm, script: &Script) -> Result<Function> {
    if script.expression {
        let source = format!("return {}", script.source);
        if let Ok(function) = load(vm, &script.name, &source) {
            return Ok(function);
        }
    }
    load(vm, &script.name, &script.source)
}

/// Compiles a chunk of text.
fn load(vm: &Vm, name: &str, source: &str) -> Result<Function> {
    let chunk = vm.chunks(|chunks| chunks.add(name));
    compile_in(vm.lua(), &chunk, source).map_err(|failure| match &failure {
        mlua::Error::SyntaxError { .. } => vm.chunks(|chunks| error::of_syntax(chunks, &failure)),
        _ => error::from_mlua(vm, &failure),
    })
}

/// Compiles a chunk of text in any VM; `name` is as Lua wants it, with its `@`.
pub(super) fn compile_in(lua: &Lua, name: &str, source: &str) -> mlua::Result<Function> {
    let source = source.strip_prefix('\u{feff}').unwrap_or(source);
    // A first line for the shell counts as a line, but is no Lua.
    let source = match source.strip_prefix('#') {
        Some(rest) => &rest[rest.find('\n').unwrap_or(rest.len())..],
        None => source,
    };
    lua.load(source)
        .set_name(name)
        .set_mode(ChunkMode::Text)
        .into_function()
}

/// Gives the prelude what it needs for `require`, `dofile` and `loadfile`.
pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    host.raw_set(
        "find_module",
        lua.create_function(|_, name: mlua::LuaString| {
            Ok(loaded(|vm| find_module(vm, &name.to_string_lossy())))
        })?,
    )?;
    host.raw_set(
        "load_file",
        lua.create_function(|_, name: mlua::LuaString| {
            Ok(loaded(|vm| {
                let name = name.to_string_lossy();
                let root = root(vm)?;
                let path = inside(&root, Path::new(&name))?
                    .ok_or_else(|| llmspell_core::error!(NotFound, "file '{name}' not found"))?;
                load_path(vm, &root, &path)
            }))
        })?,
    )?;
    host.raw_set(
        "set_environment",
        lua.create_function(|_, (function, env): (Function, Table)| function.set_environment(env))?,
    )
}

/// Success, the chunk or the error, and its path.
type Loaded = (bool, mlua::Value, Option<String>);

fn loaded(load: impl FnOnce(&Vm) -> Result<(Function, String)>) -> Loaded {
    let outcome = vm::with(|vm| match load(vm) {
        Ok((function, path)) => (true, mlua::Value::Function(function), Some(path)),
        Err(error) => (false, error::to_lua(vm, error), None),
    });
    outcome.unwrap_or((false, mlua::Value::Nil, None))
}

/// The folder of the script as it was given, and as it really is.
struct Root {
    shown: PathBuf,
    real: PathBuf,
}

fn root(vm: &Vm) -> Result<Root> {
    let Some(shown) = vm.dir() else {
        return Err(Error::new(
            Kind::Unavailable,
            "this script has no folder from which it could load modules",
        )
        .hint("put it into a file and run that"));
    };
    let here = if shown.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &shown
    };
    let real = here.canonicalize().map_err(|failure| {
        llmspell_core::error!(
            Io,
            "the script's folder '{}' cannot be read: {failure}",
            here.display()
        )
    })?;
    Ok(Root { shown, real })
}

fn find_module(vm: &Vm, name: &str) -> Result<(Function, String)> {
    let root = root(vm)?;
    let file = name.replace('.', "/");
    let mut tried = Vec::new();
    for template in &vm.options().package_paths {
        let relative = template.replace('?', &file);
        if let Some(path) = inside(&root, Path::new(&relative))? {
            return load_path(vm, &root, &path);
        }
        tried.push(relative);
    }
    Err(
        llmspell_core::error!(NotFound, "module '{name}' not found").hint(format!(
            "it was looked for beside the script as {}",
            tried.join(", ")
        )),
    )
}

/// Returns the real path of a file below the root, if there is one.
///
/// - Errors: `Denied` if the path leads out of the root, also over a link.
fn inside(root: &Root, relative: &Path) -> Result<Option<PathBuf>> {
    if relative.as_os_str().as_encoded_bytes().contains(&0) {
        return Ok(None);
    }
    let Ok(real) = root.real.join(relative).canonicalize() else {
        return Ok(None);
    };
    if !real.starts_with(&root.real) {
        return Err(llmspell_core::error!(
            Denied,
            "'{}' lies outside the folder of the script",
            relative.display()
        )
        .hint("modules must be files beside the script or below its folder"));
    }
    Ok(real.is_file().then_some(real))
}

fn load_path(vm: &Vm, root: &Root, path: &Path) -> Result<(Function, String)> {
    let below = path.strip_prefix(&root.real).unwrap_or(path);
    let shown = root.shown.join(below).display().to_string();
    let failed = |failure: std::io::Error| {
        llmspell_core::error!(Io, "'{shown}' cannot be read: {failure}").with("path", shown.clone())
    };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MAX_SOURCE_BYTES {
        return Err(llmspell_core::error!(
            Limit,
            "'{shown}' has {size} bytes; a module may have {MAX_SOURCE_BYTES}"
        )
        .with("limit", MAX_SOURCE_BYTES)
        .with("value", size));
    }
    let bytes = std::fs::read(path).map_err(failed)?;
    let source = String::from_utf8(bytes).map_err(|_| {
        llmspell_core::error!(Parse, "'{shown}' is not UTF-8 text").with("path", shown.clone())
    })?;
    Ok((load(vm, &shown, &source)?, shown))
}
