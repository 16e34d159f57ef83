//! How the prelude makes a call of an op: `start`, a C function that takes arguments from Lua's stack and leaves the result
//! there.
//!
//! A Lua error leaves C functions by `longjmp`. What must be dropped is owned by [`begin`], which calls what may raise only
//! within a protected call.

use std::ffi::{c_int, c_void};

use llmspell_core::{Error, Kind, Result};
use mlua::{Lua, Table, ffi};

use super::error;
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
    // SAFETY: a C function of ours that follows the protocol of Lua.
    host.raw_set("start", unsafe { lua.create_c_function(start)? })
}

fn failure_key() -> *const c_void {
    std::ptr::from_ref(&FAILURE).cast()
}

/// Begins the call of an op: arguments are its number and what the script passed. Returns true and the result, false and
/// the error, or nil and the token of what must be waited for.
unsafe extern "C-unwind" fn start(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: called by Lua; `begin` has returned, and dropped what it owned, where something may raise.
    unsafe {
        match begin(state) {
            Given::Result => {
                ffi::lua_pushboolean(state, 1);
                ffi::lua_insert(state, -2);
            }
            Given::Token(token) => {
                ffi::lua_pushnil(state);
                ffi::lua_pushinteger(state, token as i64);
            }
            Given::Failure => {
                ffi::lua_pushboolean(state, 0);
                ffi::lua_rawgetp(state, ffi::LUA_REGISTRYINDEX, failure_key());
                ffi::lua_call(state, 0, 1);
            }
        }
        2
    }
}

/// # Safety
/// `state` is that of the running `start`. Nothing here raises.
unsafe fn begin(state: *mut ffi::lua_State) -> Given {
    vm::with(|vm| {
        // SAFETY: by contract.
        let given = unsafe { made(vm, state) };
        given.unwrap_or_else(|failure| {
            vm.failure.set(Some(failure));
            Given::Failure
        })
    })
    .unwrap_or(Given::Failure)
}

/// # Safety
/// As for [`begin`].
unsafe fn made(vm: &Vm, state: *mut ffi::lua_State) -> Result<Given> {
    // SAFETY: the first argument is a number of the prelude's; reading it does not raise.
    let op = unsafe { ffi::lua_tointeger(state, 1) } as usize;
    // SAFETY: a C function has room for twenty values more than its arguments.
    let args = || unsafe { value::arguments(vm, state, 2) };
    match vm.begin(op, args) {
        Begun::Waiting(token) => Ok(Given::Token(token)),
        Begun::Ready(outcome) => {
            vm.sweep_handles();
            // SAFETY: as above; what was read is off the stack again.
            unsafe { value::push_shown(state, vm, &outcome?, vm.view(op))? };
            Ok(Given::Result)
        }
    }
}
