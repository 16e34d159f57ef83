//! The script's own files: its source, and the modules beside it.

use std::path::Path;

use llmspell_core::{Error, Result};
use mlua::chunk::ChunkMode;
use mlua::{Function, Lua, MultiValue, Table};

use super::error;
use super::vm::{self, Vm};
use crate::engine::Script;
use crate::sources::{Source, Sources};

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
    if !script.expression {
        return load(vm, &script.name, &script.source);
    }
    let expression = load(vm, &script.name, &format!("return {}", script.source));
    let Err(unlike) = expression else {
        return expression;
    };
    // Of `1 +` the statement says that it does not begin so, the expression that something is missing at the end.
    let lacks_end = |error: &Error| error.message().ends_with("near <eof>");
    load(vm, &script.name, &script.source).map_err(|error| {
        match lacks_end(&unlike) && !lacks_end(&error) {
            true => unlike,
            false => error,
        }
    })
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
                let found = Sources::open(vm.dir())?.find(Path::new(&*name))?;
                let source = found
                    .ok_or_else(|| llmspell_core::error!(NotFound, "file '{name}' not found"))?;
                load_source(vm, &source)
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

fn find_module(vm: &Vm, name: &str) -> Result<(Function, String)> {
    let sources = Sources::open(vm.dir())?;
    let file = name.replace('.', "/");
    let mut tried = Vec::new();
    for template in &vm.options().package_paths {
        let relative = template.replace('?', &file);
        if let Some(source) = sources.find(Path::new(&relative))? {
            return load_source(vm, &source);
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

fn load_source(vm: &Vm, source: &Source) -> Result<(Function, String)> {
    let text = source.read()?;
    Ok((load(vm, &source.shown, &text)?, source.shown.clone()))
}
