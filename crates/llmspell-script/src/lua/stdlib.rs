//! Which parts of Lua's standard library a script gets.
//!
//! An explicit list: nothing that reaches files, processes, the clock or native code is ever loaded. What scripts know
//! under these names (`os`, `io`, `require`) is made by the prelude over the ops of the run.

use std::ffi::c_int;

use mlua::{Lua, LuaOptions, StdLib, ffi};
use parking_lot::Mutex;

use super::{Stdlib, strings, told};

/// Functions of the basic library that no script gets in Lua's own form.
const REMOVED: &[&str] = &["dofile", "loadfile"];
/// Functions of `debug` that would undo the limits of the run.
const REMOVED_DEBUG: &[&str] = &[
    "sethook",
    "gethook",
    "getregistry",
    "setuservalue",
    "getuservalue",
    "debug",
];

/// Makes a VM with the functions of the allow-list.
pub(super) fn open(level: Stdlib) -> mlua::Result<Lua> {
    let list = StdLib::COROUTINE | StdLib::TABLE | StdLib::STRING | StdLib::UTF8 | StdLib::MATH;
    let lua = if level == Stdlib::Full {
        // SAFETY: the unsafe part is `debug`, whose dangerous functions are removed below before any script runs.
        unsafe { Lua::unsafe_new_with(list | StdLib::DEBUG, LuaOptions::default()) }
    } else {
        Lua::new_with(list, LuaOptions::default())?
    };
    let globals = lua.globals();
    for name in REMOVED {
        globals.raw_set(*name, mlua::Nil)?;
    }
    globals
        .get::<mlua::Table>("string")?
        .raw_set("dump", mlua::Nil)?;
    let text = Mutex::new(String::new());
    lua.set_warning_function(move |_, part, goes_on| {
        let mut text = text.lock();
        text.push_str(part);
        if !goes_on {
            let text = std::mem::take(&mut *text);
            // `@on` and `@off` switch the warnings of the standalone interpreter.
            if !text.starts_with('@') {
                tracing::warn!(target: "llmspell::script", "{text}");
            }
        }
        Ok(())
    });
    if level == Stdlib::Full {
        let debug: mlua::Table = globals.get("debug")?;
        for name in REMOVED_DEBUG {
            debug.raw_set(*name, mlua::Nil)?;
        }
        // SAFETY: a C function of ours that follows the protocol of Lua.
        debug.raw_set("setmetatable", unsafe {
            lua.create_c_function(set_metatable)?
        })?;
    }
    Ok(lua)
}

/// `setmetatable` that refuses finalizers: Lua runs them where nothing can stop them.
pub(super) unsafe extern "C-unwind" fn set_metatable(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; all locals are plain data.
    unsafe {
        let kind = ffi::lua_type(state, 2);
        ffi::luaL_checktype(state, 1, ffi::LUA_TTABLE);
        if kind != ffi::LUA_TNIL && kind != ffi::LUA_TTABLE {
            return strings::type_error(state, 2, c"nil or table");
        }
        told::fill(state, 1);
        if ffi::luaL_getmetafield(state, 1, c"__metatable".as_ptr()) != ffi::LUA_TNIL {
            return ffi::luaL_error(state, c"cannot change a protected metatable".as_ptr());
        }
        ffi::lua_settop(state, 2);
        if kind == ffi::LUA_TTABLE {
            ffi::lua_pushliteral(state, c"__gc");
            if ffi::lua_rawget(state, 2) != ffi::LUA_TNIL {
                return ffi::luaL_error(
                    state,
                    c"'__gc' is not available to scripts; use a to-be-closed variable ('<close>')"
                        .as_ptr(),
                );
            }
            ffi::lua_settop(state, 2);
        }
        ffi::lua_setmetatable(state, 1);
        1
    }
}
