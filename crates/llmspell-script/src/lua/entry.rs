//! What the coroutines of tasks run: one function after the other, each in the same coroutine once it is free again.
//!
//! It is a C function, so that a function of the script that an op calls costs no instruction of Lua but its own. A Lua error
//! leaves C functions by `longjmp`: nothing here owns what must be dropped.

use std::ffi::c_int;
use std::ptr;

use mlua::{Lua, Table, ffi};

use super::task::finished_tag;

/// The function that notes where an error was raised.
const TRACE: c_int = 1;
/// The table from numbers to functions that the script handed out.
const FUNCTIONS: c_int = 2;
/// The table of files with bytes that are not written yet; what is left at the end of a task is written then.
const UNWRITTEN: c_int = 3;
/// The table of the prelude, whose `write_out` does that.
const HOST: c_int = 4;

pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    // SAFETY: a C function of ours that follows the protocol of Lua.
    let make = unsafe { lua.create_c_function(make)? };
    host.raw_set("make_entry", make)
}

/// `make_entry(trace, functions, unwritten, host)`: makes the function of the coroutines of tasks.
///
/// It takes a function, or the number under which the script handed one out, and its arguments. It yields the tag that tells
/// the end of a task, whether the function succeeded, and what it returned or raised; then it takes the next one.
unsafe extern "C-unwind" fn make(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua from the prelude.
    unsafe {
        ffi::lua_settop(state, HOST);
        ffi::lua_pushcclosure(state, entry, HOST);
        1
    }
}

unsafe extern "C-unwind" fn entry(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua as the first function of a coroutine.
    unsafe { call(state) }
}

/// Calls the function on the stack with what stands above it.
///
/// # Safety
/// `state` is that of [`entry`], with nothing but these values on its stack.
unsafe fn call(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: by contract; the stack has room for what is pushed.
    unsafe {
        ffi::luaL_checkstack(state, 4, ptr::null());
        if ffi::lua_isinteger(state, 1) != 0 {
            let number = ffi::lua_tointeger(state, 1);
            ffi::lua_rawgeti(state, ffi::lua_upvalueindex(FUNCTIONS), number);
            ffi::lua_replace(state, 1);
        }
        ffi::lua_pushvalue(state, ffi::lua_upvalueindex(TRACE));
        ffi::lua_insert(state, 1);
        let count = ffi::lua_gettop(state) - 2;
        let status = ffi::lua_pcallk(state, count, ffi::LUA_MULTRET, 1, 0, Some(called));
        called(state, status, 0)
    }
}

/// Goes on when the function has ended, in whatever way.
unsafe extern "C-unwind" fn called(
    state: *mut ffi::lua_State,
    status: c_int,
    context: ffi::lua_KContext,
) -> c_int {
    // SAFETY: as for `call`; above the place of `trace` stands what the function returned or raised.
    unsafe {
        ffi::luaL_checkstack(state, 4, ptr::null());
        let success = status == ffi::LUA_OK || status == ffi::LUA_YIELD;
        ffi::lua_pushboolean(state, c_int::from(success));
        ffi::lua_replace(state, 1);
        ffi::lua_pushnil(state);
        if ffi::lua_next(state, ffi::lua_upvalueindex(UNWRITTEN)) != 0 {
            ffi::lua_pop(state, 2);
            ffi::lua_getfield(state, ffi::lua_upvalueindex(HOST), c"write_out".as_ptr());
            ffi::lua_callk(state, 0, 0, 0, Some(written));
        }
        written(state, ffi::LUA_OK, context)
    }
}

/// Says that the task has ended.
unsafe extern "C-unwind" fn written(
    state: *mut ffi::lua_State,
    _: c_int,
    _: ffi::lua_KContext,
) -> c_int {
    // SAFETY: as for `called`.
    unsafe {
        ffi::lua_pushlightuserdata(state, finished_tag().0);
        ffi::lua_insert(state, 1);
        ffi::lua_yieldk(state, ffi::lua_gettop(state), 0, Some(resumed))
    }
}

/// Begins with the next function.
unsafe extern "C-unwind" fn resumed(
    state: *mut ffi::lua_State,
    _: c_int,
    _: ffi::lua_KContext,
) -> c_int {
    // SAFETY: what was yielded is off the stack; what the coroutine was resumed with stands there.
    unsafe { call(state) }
}
