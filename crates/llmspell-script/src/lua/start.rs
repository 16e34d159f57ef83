//! How scripts and the prelude make a call of an op: C functions that take arguments from Lua's stack and leave the result
//! there.
//!
//! A Lua error leaves C functions by `longjmp`. What must be dropped is owned by [`begin`], which calls what may raise only
//! within a protected call.

use std::ffi::{c_int, c_void};

use llmspell_core::{Error, Kind, Result};
use mlua::{Lua, Table, ffi};

use super::error;
use super::resume::Running;
use super::value;
use super::vm::{self, Vm};
use super::wait::Begun;

/// The registry key of the function that makes the error object of the call that failed last.
static FAILURE: u8 = 1;

/// What `start` leaves for the prelude, apart from a result, which is on the stack already.
enum Given {
    /// The call succeeded.
    Result,
    /// The call must be waited for under this token.
    Token(u64),
    /// The call failed, and the VM holds the error.
    Failure,
}

pub(super) fn install(lua: &Lua, host: &Table) -> mlua::Result<()> {
    let failure = lua.create_function(|_, ()| {
        let object = vm::with(|vm| {
            let failure = vm.failure.take();
            let unknown = || Error::new(Kind::Bug, "a defect in the runtime");
            error::to_lua(vm, failure.unwrap_or_else(unknown))
        });
        object.ok_or_else(|| mlua::Error::runtime("no VM on this thread"))
    })?;
    // SAFETY: stores the pushed function in the registry under an address of our own.
    unsafe {
        lua.exec_raw::<()>(failure, |state| {
            ffi::lua_rawsetp(state, ffi::LUA_REGISTRYINDEX, failure_key());
        })?;
    }
    // SAFETY: C functions of ours that follow the protocol of Lua.
    let (start, function) = unsafe {
        (
            lua.create_c_function(start)?,
            lua.create_c_function(function)?,
        )
    };
    host.raw_set("start", start)?;
    host.raw_set("op_function", function)
}

fn failure_key() -> *const c_void {
    std::ptr::from_ref(&FAILURE).cast()
}

/// `start(op, ...)`: begins the call of an op with what the script passed. Returns true and the result, false and the error,
/// or nil and the token of what must be waited for.
unsafe extern "C-unwind" fn start(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; `begin` has returned, and dropped what it owned, where something may raise.
    unsafe {
        match begin(state, ffi::lua_tointeger(state, 1), 2) {
            Given::Result => {
                ffi::lua_pushboolean(state, 1);
                ffi::lua_insert(state, -2);
            }
            other => push_other(state, &other),
        }
        2
    }
}

/// `op_function(op, finish)`: makes the function of an op, which returns its result. What is no result yet is left to
/// `finish`, which takes what `start` returns.
unsafe extern "C-unwind" fn function(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua from the prelude.
    unsafe {
        ffi::lua_settop(state, 2);
        ffi::lua_pushcclosure(state, called, 2);
        1
    }
}

/// The function of an op.
unsafe extern "C-unwind" fn called(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: as for `start`; all locals are plain data where the prelude may yield.
    unsafe {
        match begin(
            state,
            ffi::lua_tointeger(state, ffi::lua_upvalueindex(1)),
            1,
        ) {
            Given::Result => {}
            other => {
                ffi::lua_pushvalue(state, ffi::lua_upvalueindex(2));
                push_other(state, &other);
                ffi::lua_callk(state, 2, 1, 0, Some(finished));
            }
        }
        1
    }
}

/// Returns what `finish` left, after a wait inside of [`called`].
unsafe extern "C-unwind" fn finished(
    _: *mut ffi::lua_State,
    _: c_int,
    _: ffi::lua_KContext,
) -> c_int {
    1
}

/// Pushes what `finish` takes of a call that has no result.
///
/// # Safety
/// `state` is that of a running C function, whose caller owns nothing that must be dropped.
unsafe fn push_other(state: *mut ffi::lua_State, given: &Given) {
    // SAFETY: by contract.
    unsafe {
        if let Given::Token(token) = given {
            ffi::lua_pushnil(state);
            return ffi::lua_pushinteger(state, *token as i64);
        }
        ffi::lua_pushboolean(state, 0);
        ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, failure_key());
        ffi::lua_call(state, 0, 1);
    }
}

/// # Safety
/// `state` is that of a running C function, and its arguments of the call are those from `first` on. Nothing here raises.
unsafe fn begin(state: *mut ffi::lua_State, op: i64, first: c_int) -> Given {
    vm::with(|vm| {
        // SAFETY: by contract; the function returns after this.
        let _running = unsafe { Running::enter(vm, state) };
        // SAFETY: by contract.
        let given = unsafe { made(vm, state, op as usize, first) };
        given.unwrap_or_else(|failure| {
            vm.failure.set(Some(failure));
            Given::Failure
        })
    })
    .unwrap_or(Given::Failure)
}

/// # Safety
/// As for [`begin`].
unsafe fn made(vm: &Vm, state: *mut ffi::lua_State, op: usize, first: c_int) -> Result<Given> {
    // SAFETY: a C function has room for twenty values more than its arguments.
    let args = || unsafe { value::arguments(vm, state, first) };
    match vm.begin(op, args) {
        Begun::Waiting(token) => Ok(Given::Token(token)),
        Begun::Ready(outcome) => {
            vm.sweep_handles();
            // SAFETY: as above; what was read is off the stack again.
            unsafe { value::push_shown(state, vm, outcome?, vm.view(op))? };
            Ok(Given::Result)
        }
    }
}
