//! What the prelude, the part of the engine that is written in Lua, gets from Rust.

use std::ffi::c_int;
use std::sync::OnceLock;

use llmspell_core::{Error, Kind, Value};
use mlua::{Function, Lua, MultiValue, Table};

use super::coroutine;
use super::entry;
use super::error;
use super::task;
use super::value;
use super::vm::{self, Vm};
use super::wait::Begun;
use super::{
    LuaOptions, Stdlib, date, envelope, input, random, require, start, stdlib, strings, tables,
    told,
};
use crate::engine::Stream;
use crate::reading::Purpose;
use crate::vm::Setup;

/// The parts of the prelude that Rust code uses.
pub(super) struct Parts {
    /// The table of everything below, also filled by the prelude.
    pub(super) host: Table,
    /// Runs a task: calls a function and notes where it raised.
    pub(super) entry: Function,
    /// Metatable of error objects.
    pub(super) error_meta: Table,
    /// Weak table from error objects to the errors themselves.
    pub(super) originals: Table,
    /// Weak table of the coroutines that are tasks.
    pub(super) task_threads: Table,
    /// Weak table from keys to handle objects.
    pub(super) objects: Table,
    /// Table from numbers to functions that the script handed out.
    pub(super) functions: Table,
    /// Table from numbers of ops to the functions that let results behave as the op says.
    pub(super) views: Table,
}

/// The chunks of the prelude, in the order in which they are loaded.
const PRELUDE: &[&str] = &[
    include_str!("prelude/calls.lua"),
    include_str!("prelude/coroutine.lua"),
    include_str!("prelude/objects.lua"),
    include_str!("prelude/async.lua"),
    include_str!("prelude/streaming.lua"),
    include_str!("prelude/base.lua"),
    include_str!("prelude/tables.lua"),
];
/// The chunks for all but the smallest standard library.
const SAFE_PRELUDE: &[&str] = &[
    include_str!("prelude/os.lua"),
    include_str!("prelude/io.lua"),
    include_str!("prelude/require.lua"),
];

/// The chunks as bytecode, compiled once in the life of the process; in the order of both lists.
static COMPILED: [OnceLock<Vec<u8>>; PRELUDE.len() + SAFE_PRELUDE.len()] =
    [const { OnceLock::new() }; PRELUDE.len() + SAFE_PRELUDE.len()];

/// Loads a chunk of the prelude.
fn load(lua: &Lua, source: &str, compiled: &OnceLock<Vec<u8>>) -> mlua::Result<Function> {
    let Some(bytes) = compiled.get() else {
        let function = lua.load(source).set_name(error::PRELUDE).into_function()?;
        compiled.get_or_init(|| function.dump(false));
        return Ok(function);
    };
    // SAFETY: the bytes were made by this very process of a source of our own; the closure owns nothing.
    unsafe {
        lua.exec_raw((), |state| {
            use mlua::ffi;
            let (start, mode) = (bytes.as_ptr().cast(), c"b".as_ptr());
            let name = c"=[llmspell]".as_ptr();
            if ffi::luaL_loadbufferx(state, start, bytes.len(), name, mode) != ffi::LUA_OK {
                ffi::lua_error(state);
            }
        })
    }
}

/// Makes the VM with its standard library and loads the prelude.
pub(super) fn create(setup: &Setup<LuaOptions>) -> mlua::Result<(Lua, Parts)> {
    let lua = stdlib::open(setup.options.stdlib)?;
    // Nothing that the prelude makes is garbage.
    lua.gc_stop();
    let host = lua.create_table()?;
    let weak = |mode: &str| -> mlua::Result<Table> {
        let (table, meta) = (lua.create_table()?, lua.create_table()?);
        meta.raw_set("__mode", mode)?;
        table.set_metatable(Some(meta))?;
        Ok(table)
    };
    let (key_of, objects) = (weak("k")?, weak("v")?);
    let (originals, task_threads, functions) = (weak("k")?, weak("k")?, lua.create_table()?);
    let (list_meta, error_meta) = (lua.create_table()?, lua.create_table()?);
    list_meta.raw_set("__name", "list")?;
    host.raw_set("key_of", &key_of)?;
    host.raw_set("objects", &objects)?;
    host.raw_set("functions", &functions)?;
    host.raw_set("task_threads", &task_threads)?;
    host.raw_set("list_meta", &list_meta)?;
    host.raw_set("error_meta", &error_meta)?;
    host.raw_set("await", task::await_tag())?;
    host.raw_set("null", mlua::Value::NULL)?;
    host.raw_set("min_stdlib", setup.options.stdlib == Stdlib::None)?;
    host.raw_set("package_path", setup.options.package_paths.join(";"))?;
    for (library, functions) in [
        ("string", strings::FUNCTIONS),
        ("coroutine", coroutine::FUNCTIONS),
        ("math", random::FUNCTIONS),
    ] {
        let library: Table = lua.globals().get(library)?;
        for (name, function) in functions {
            // SAFETY: a C function of ours that follows the protocol of Lua.
            library.raw_set(*name, unsafe { lua.create_c_function(*function)? })?;
        }
    }
    // SAFETY: as above.
    let set_metatable = unsafe { lua.create_c_function(stdlib::set_metatable)? };
    host.raw_set(
        "raw_setmetatable",
        lua.globals().raw_get::<Function>("setmetatable")?,
    )?;
    lua.globals().raw_set("setmetatable", set_metatable)?;
    tables::install(&lua, &host)?;
    told::install(&lua)?;
    envelope::install(&lua, &host)?;
    entry::install(&lua, &host)?;
    calls(&lua, &host)?;
    tasks(&lua, &host)?;
    services(&lua, &host)?;
    let safe = match setup.options.stdlib {
        Stdlib::None => &[][..],
        _ => SAFE_PRELUDE,
    };
    for (source, slot) in PRELUDE.iter().chain(safe).zip(&COMPILED) {
        load(&lua, source, slot)?.call::<()>(&host)?;
    }
    let parts = Parts {
        entry: host.raw_get("entry")?,
        error_meta,
        originals,
        task_threads,
        objects,
        functions,
        views: lua.create_table()?,
        host,
    };
    let make_handle: Function = parts.host.raw_get("make_handle")?;
    let make_function: Function = parts.host.raw_get("make_function")?;
    value::install(
        &lua,
        &value::Parts {
            list: &list_meta,
            key_of: &key_of,
            objects: &parts.objects,
            functions: &parts.functions,
            views: &parts.views,
            make_handle: &make_handle,
            make_function: &make_function,
        },
    )?;
    lua.gc_restart();
    let used = lua.used_memory();
    let most = setup.options.max_memory.max(used + (1 << 20));
    lua.set_memory_limit(most)?;
    setup.gauge.limit(most);
    Ok((lua, parts))
}

/// What a Rust function gives the prelude: success, and the value or the error.
type Answer = (mlua::Value, mlua::Value);

fn no_vm() -> mlua::Error {
    mlua::Error::runtime("no VM on this thread")
}

/// Calls `function` with the VM.
fn on<R>(function: impl FnOnce(&Vm) -> R) -> mlua::Result<R> {
    vm::with(function).ok_or_else(no_vm)
}

fn failed(vm: &Vm, error: Error) -> Answer {
    (mlua::Value::Boolean(false), error::to_lua(vm, error))
}

fn succeeded(value: mlua::Value) -> Answer {
    (mlua::Value::Boolean(true), value)
}

/// Answers what a call gave at its first poll; `nil` and a token if it must be waited for.
fn begun(vm: &Vm, begun: Begun, show: impl FnOnce(&Value) -> mlua::Result<mlua::Value>) -> Answer {
    match begun {
        Begun::Ready(Ok(value)) => match show(&value) {
            Ok(value) => succeeded(value),
            Err(failure) => failed(vm, error::from_mlua(vm, &failure)),
        },
        Begun::Ready(Err(error)) => failed(vm, error),
        Begun::Waiting(token) => (mlua::Value::Nil, mlua::Value::Integer(token as i64)),
    }
}

/// Answers a value or an error of Rust code.
pub(super) fn answer(vm: &Vm, outcome: llmspell_core::Result<Value>) -> Answer {
    begun(vm, Begun::Ready(outcome), |value| value::to_lua(vm, value))
}

fn calls(lua: &Lua, host: &Table) -> mlua::Result<()> {
    start::install(lua, host)?;
    host.raw_set(
        "start_foreign",
        lua.create_function(|_, (number, args): (i64, MultiValue)| {
            on(|vm| {
                begun(vm, vm.begin_foreign(number, &args), |value| {
                    value::to_lua(vm, value)
                })
            })
        })?,
    )?;
    host.raw_set(
        "drop_foreign",
        lua.create_function(|_, number: i64| on(|vm| vm.drop_foreign(number)))?,
    )?;
    host.raw_set(
        "block",
        lua.create_function(|_, token: u64| on(|vm| vm.block(token)))?,
    )?;
    host.raw_set(
        "add_place",
        lua.create_function(|_, raised: mlua::Value| {
            on(|vm| error::add_place(vm, &raised))?;
            Ok(raised)
        })?,
    )?;
    host.raw_set(
        "where",
        lua.create_function(|_, ()| {
            on(|vm| {
                let frame = error::stack(vm, 1).into_iter().next();
                frame.map_or(String::new(), |frame| {
                    format!("{}:{}: ", error::shorten(&frame.file), frame.line)
                })
            })
        })?,
    )?;
    host.raw_set(
        "native",
        lua.create_function(|lua, function: Function| {
            // SAFETY: makes a closure over the pushed function, which `native` calls.
            unsafe {
                lua.exec_raw::<Function>(function, |state| {
                    mlua::ffi::lua_pushcclosure(state, native, 1);
                })
            }
        })?,
    )?;
    host.raw_set(
        "trace",
        lua.create_function(|_, raised: mlua::Value| {
            on(Vm::trace)?;
            Ok(raised)
        })?,
    )?;
    host.raw_set(
        "error",
        lua.create_function(
            |_, (kind, message, hint): (String, String, Option<String>)| {
                let kind = Kind::from_name(&kind).unwrap_or(Kind::Bug);
                let mut error = Error::new(kind, message);
                if let Some(hint) = hint {
                    error = error.hint(hint);
                }
                on(|vm| error::to_lua(vm, error))
            },
        )?,
    )
}

/// Calls the Lua function that is its upvalue.
unsafe extern "C-unwind" fn native(state: *mut mlua::ffi::lua_State) -> c_int {
    use mlua::ffi;
    // SAFETY: called by Lua; all locals are plain data, and the continuation returns what the call left.
    unsafe {
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(1));
        ffi::lua_insert(state, 1);
        let count = ffi::lua_gettop(state) - 1;
        ffi::lua_callk(state, count, ffi::LUA_MULTRET, 0, Some(native_end));
        ffi::lua_gettop(state)
    }
}

unsafe extern "C-unwind" fn native_end(
    state: *mut mlua::ffi::lua_State,
    _: c_int,
    _: mlua::ffi::lua_KContext,
) -> c_int {
    // SAFETY: called by Lua after a yield inside `native`.
    unsafe { mlua::ffi::lua_gettop(state) }
}

fn tasks(lua: &Lua, host: &Table) -> mlua::Result<()> {
    host.raw_set(
        "promise",
        lua.create_function(|_, ()| on(|vm| vm.promise()))?,
    )?;
    host.raw_set(
        "settle",
        lua.create_function(|_, (token, success, value): (u64, bool, mlua::Value)| {
            on(|vm| vm.settle(token, success, value))
        })?,
    )?;
    host.raw_set("group", lua.create_function(|_, ()| on(|vm| vm.group()))?)?;
    host.raw_set(
        "spawn",
        lua.create_function(|_, (function, group, index): (Function, u32, u32)| {
            on(|vm| vm.spawn(function, group, index))?
        })?,
    )?;
    host.raw_set(
        "cancel",
        lua.create_function(|_, token: u64| on(|vm| vm.cancel(token)))?,
    )?;
    host.raw_set(
        "kill",
        lua.create_function(|_, id: u64| on(|vm| vm.kill(id)))?,
    )?;
    host.raw_set("task", lua.create_function(|_, ()| on(|vm| vm.task()))?)?;
    host.raw_set(
        "stopped",
        lua.create_function(|_, ()| {
            on(|vm| {
                vm.why_stop()
                    .map_or(mlua::Value::Nil, |error| error::to_lua(vm, error))
            })
        })?,
    )
}

fn services(lua: &Lua, host: &Table) -> mlua::Result<()> {
    host.raw_set(
        "write",
        lua.create_function(|_, (stream, bytes): (i64, mlua::LuaString)| {
            let stream = if stream == 2 {
                Stream::Stderr
            } else {
                Stream::Stdout
            };
            on(|vm| write(vm, stream, &bytes.as_bytes()))
        })?,
    )?;
    host.raw_set(
        "flush",
        lua.create_function(|_, stream: i64| {
            let stream = if stream == 2 {
                Stream::Stderr
            } else {
                Stream::Stdout
            };
            on(|vm| {
                // What cannot be shown now is reported when it is written.
                let _ = vm.output().flush(stream);
            })
        })?,
    )?;
    host.raw_set(
        "exit",
        lua.create_function(|_, code: i64| {
            on(|vm| {
                let error = Error::new(
                    Kind::Cancelled,
                    format!("the script ended itself with {code}"),
                )
                .with("exit_code", code);
                vm.halt(error.clone());
                error::to_lua(vm, error)
            })
        })?,
    )?;
    host.raw_set(
        "json",
        lua.create_function(|_, value: mlua::Value| {
            on(|vm| {
                let read = value::from_lua(vm, &value, Purpose::Argument);
                answer(vm, read.map(|value| json(&value).into()))
            })
        })?,
    )?;
    host.raw_set(
        "json_object",
        lua.create_function(|_, pairs: mlua::Value| {
            on(|vm| {
                let read = value::from_lua(vm, &pairs, Purpose::Argument);
                answer(vm, read.map(|pairs| json(&object(pairs)).into()))
            })
        })?,
    )?;
    host.raw_set(
        "warn",
        lua.create_function(|_, text: mlua::LuaString| {
            tracing::warn!(target: "llmspell::script", "{}", text.to_string_lossy());
            Ok(())
        })?,
    )?;
    host.raw_set(
        "handle_meta",
        lua.create_function(|lua, ()| value::handle_meta(lua))?,
    )?;
    host.raw_set(
        "file_meta",
        lua.create_function(|lua, ()| value::file_meta(lua))?,
    )?;
    host.raw_set(
        "fields_meta",
        lua.create_function(|lua, fields: Table| {
            let meta = value::list_meta(lua)?;
            meta.raw_set("__index", fields)?;
            Ok(meta)
        })?,
    )?;
    date::install(lua, host)?;
    input::install(lua, host)?;
    require::install(lua, host)
}

/// Makes a map of a list of names and values.
fn object(pairs: Value) -> Value {
    let mut map = llmspell_core::Map::new();
    let mut items = match pairs {
        Value::List(items) => items.into_iter(),
        _ => Vec::new().into_iter(),
    };
    while let (Some(Value::Str(name)), Some(value)) = (items.next(), items.next()) {
        map.insert(name, value);
    }
    Value::Map(map)
}

/// The compact JSON text; what has no data behind it is written by name.
fn json(value: &Value) -> String {
    llmspell_core::value::to_json(value)
}

fn write(vm: &Vm, stream: Stream, bytes: &[u8]) -> mlua::Value {
    if let Some(error) = vm.why_stop() {
        return error::to_lua(vm, error);
    }
    match crate::vm::write(&**vm.output(), stream, bytes) {
        Ok(()) => mlua::Value::Nil,
        Err(error) => {
            if error.details().contains_key("broken_pipe") {
                vm.halt(error.clone());
            }
            error::to_lua(vm, error)
        }
    }
}
