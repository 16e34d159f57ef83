//! What ends a script that does not end itself: cancelling, deadlines, instructions, memory, patterns.
//!
//! Every thread that runs a VM has a hook that Lua calls each thousand instructions. Once the task that runs must
//! stop, the hook raises an error and re-arms itself for every instruction, so that no `pcall` outlives it.

use std::ffi::c_int;

use llmspell_core::Error;
use mlua::ffi;

use super::vm;

/// Instructions between two looks at the clock and the stop flags.
const INTERVAL: u32 = 1_000;

/// The error of a script that used up its memory.
pub(super) fn out_of_memory(max_memory: usize) -> Error {
    crate::vm::out_of_memory(max_memory, "engines.lua.max_memory")
}

/// The error of a script that used up its instructions.
pub(super) fn out_of_instructions(most: u64, executed: u64) -> Error {
    llmspell_core::error!(Limit, "the script executed more than {most} instructions")
        .with("what", "instructions")
        .with("limit", most)
        .with("value", executed)
        .hint("raise `engines.lua.max_instructions`")
}

/// Counts steps of a function that Lua cannot interrupt and returns whether it may go on.
pub(super) fn charge(steps: u32) -> bool {
    vm::with(|vm| vm.tick(steps)).unwrap_or(true)
}

/// Arms the hook of this coroutine; those that it creates inherit it.
///
/// # Safety
/// `state` is a valid Lua state of the VM that runs on this thread.
pub(super) unsafe fn arm(state: *mut ffi::lua_State, urgently: bool) {
    let interval = if urgently { 1 } else { INTERVAL as c_int };
    // SAFETY: `hook` is a function for the whole life of the process.
    unsafe { ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, interval) }
}

unsafe extern "C-unwind" fn hook(state: *mut ffi::lua_State, _: *mut ffi::lua_Debug) {
    let urgent = {
        // SAFETY: Lua calls the hook with a valid state.
        unsafe { ffi::lua_gethookcount(state) == 1 }
    };
    let go_on = charge(if urgent { 1 } else { INTERVAL });
    // SAFETY: Lua calls the hook with a valid state and 20 free slots; no local needs dropping.
    unsafe {
        if go_on {
            if urgent {
                arm(state, false);
            }
            return;
        }
        arm(state, true);
        ffi::luaL_error(state, c"the run was stopped".as_ptr());
    }
}
