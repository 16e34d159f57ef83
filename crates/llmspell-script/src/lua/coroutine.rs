//! `coroutine.resume` and `coroutine.close` of Lua's library (`lcorolib.c` of Lua 5.4.9), within reach of the limits.
//!
//! The prelude builds the script's own on top of them. A Lua error leaves C functions by `longjmp`: nothing here owns what must
//! be dropped.

use std::ffi::{CStr, c_int};

use mlua::ffi;

use super::limits;

/// The functions by name.
pub(super) const FUNCTIONS: &[(&str, ffi::lua_CFunction)] = &[("resume", resume), ("close", close)];

unsafe extern "C-unwind" fn resume(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua with a valid state; what is moved was made room for.
    unsafe {
        let co = coroutine(state);
        let count = ffi::lua_gettop(state) - 1;
        if ffi::lua_checkstack(co, count) == 0 {
            return refused(state, c"too many arguments to resume");
        }
        ffi::lua_xmove(state, co, count);
        let mut left = 0;
        let status = limits::resume(co, state, count, &mut left);
        if status != ffi::LUA_OK && status != ffi::LUA_YIELD {
            return raised(state, co);
        }
        if ffi::lua_checkstack(state, left.saturating_add(1)) == 0 {
            ffi::lua_pop(co, left);
            return refused(state, c"too many results to resume");
        }
        ffi::lua_pushboolean(state, 1);
        ffi::lua_xmove(co, state, left);
        left + 1
    }
}

unsafe extern "C-unwind" fn close(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `resume`.
    unsafe {
        let co = coroutine(state);
        if is_active(state, co) {
            return ffi::luaL_error(state, c"cannot close an active coroutine".as_ptr());
        }
        // Its handlers would run without a hook: Lua calls none in a coroutine that one has ended.
        if limits::has_ended(co) {
            return limits::stopped(state);
        }
        match limits::close(co, state) {
            ffi::LUA_OK => {
                ffi::lua_pushboolean(state, 1);
                1
            }
            _ => raised(state, co),
        }
    }
}

/// Returns the first argument.
///
/// # Safety
/// `state` is that of a C function.
unsafe fn coroutine(state: *mut ffi::lua_State) -> *mut ffi::lua_State {
    // SAFETY: by contract; `luaL_argerror` does not return.
    unsafe {
        let co = ffi::lua_tothread(state, 1);
        if co.is_null() {
            ffi::luaL_argerror(state, 1, c"coroutine expected".as_ptr());
        }
        co
    }
}

/// Returns whether a coroutine runs, or waits for one that it resumed.
///
/// # Safety
/// Both are states of the VM that runs on this thread.
unsafe fn is_active(state: *mut ffi::lua_State, co: *mut ffi::lua_State) -> bool {
    let mut frame = std::mem::MaybeUninit::<ffi::lua_Debug>::uninit();
    // SAFETY: by contract; `lua_getstack` only writes to the frame.
    unsafe {
        co == state
            || ffi::lua_status(co) == ffi::LUA_OK
                && ffi::lua_getstack(co, 0, frame.as_mut_ptr()) != 0
    }
}

/// Returns false and a text.
///
/// # Safety
/// `state` is that of a C function.
unsafe fn refused(state: *mut ffi::lua_State, why: &CStr) -> c_int {
    // SAFETY: by contract.
    unsafe {
        ffi::lua_pushboolean(state, 0);
        ffi::lua_pushstring(state, why.as_ptr());
        2
    }
}

/// Returns false and the error on top of a coroutine's stack, which may be the running one's.
///
/// # Safety
/// It stands there; `state` is that of a C function.
unsafe fn raised(state: *mut ffi::lua_State, co: *mut ffi::lua_State) -> c_int {
    // SAFETY: by contract.
    unsafe {
        ffi::lua_xmove(co, state, 1);
        ffi::lua_pushboolean(state, 0);
        ffi::lua_insert(state, -2);
        2
    }
}
