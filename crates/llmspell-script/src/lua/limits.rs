//! What ends a script that does not end itself: cancelling, deadlines, instructions, memory, patterns.
//!
//! Lua calls a hook, which looks whether the task that runs must stop. While it must, the hook raises an error and has itself
//! called at every instruction, so that no `pcall` outlives it.
//!
//! Where instructions are limited, Lua counts them and calls the hook each thousand. Elsewhere it rests, since counting makes
//! every instruction slower, and a timer sets it for the next instruction every few milliseconds that the thread computes.

use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

use llmspell_core::Error;
use mlua::{Lua, ffi};

use super::timer::Timer;
use super::vm;

/// Instructions between two looks at the clock and the stop flags, where they are counted.
const INTERVAL: u32 = 1_000;

thread_local! {
    static STATES: States = const {
        States { main: Cell::new(ptr::null_mut()), resumed: Cell::new(ptr::null_mut()) }
    };
}

/// Where a timer sets the hook. A signal reads this, whatever it interrupts.
struct States {
    /// The main coroutine of the VM of this thread; null without a timer.
    main: Cell<*mut ffi::lua_State>,
    /// The innermost coroutine that was resumed; null if none runs.
    resumed: Cell<*mut ffi::lua_State>,
}

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

/// Has the hook of a VM called, for as long as this lives.
pub(super) struct Watch(Option<Timer>);

impl Watch {
    /// Watches the VM of this thread, in which nothing runs yet; counts its instructions if it may execute only so many, or if
    /// the system has no timer.
    pub(super) fn start(lua: &Lua, max_instructions: u64) -> mlua::Result<Self> {
        // SAFETY: while nothing runs, this is the main coroutine, which lives as long as the VM. Those that it creates inherit
        // its hook.
        unsafe {
            lua.exec_raw::<()>((), |state| {
                STATES.with(|states| states.main.set(state));
            })?;
        }
        let timer = match max_instructions {
            0 => Timer::start(look_soon),
            _ => None,
        };
        if timer.is_none() {
            let main = STATES.with(|states| states.main.replace(ptr::null_mut()));
            // SAFETY: as above.
            unsafe { rest(main) };
        }
        Ok(Self(timer))
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.0 = None;
        STATES.with(|states| states.main.set(ptr::null_mut()));
    }
}

/// Has the hook called at the next instruction. What a signal interrupts may be anything: this allocates and locks nothing,
/// and `lua_sethook` may be called from a signal handler of the thread that runs Lua (Lua 5.4 reference manual, `lua_sethook`;
/// Lua's own interpreter does so).
fn look_soon() {
    STATES.with(|states| {
        let main = states.main.get();
        if main.is_null() {
            return;
        }
        // SAFETY: the VM lives as long as `main` is set, and a coroutine as long as it is resumed.
        unsafe {
            set(main);
            let resumed = states.resumed.get();
            if !resumed.is_null() {
                set(resumed);
            }
        }
    });
}

/// Has the hook of a coroutine called at the next instruction.
///
/// # Safety
/// `state` is a valid Lua state of the VM that runs on this thread.
unsafe fn set(state: *mut ffi::lua_State) {
    // SAFETY: `hook` is a function for the whole life of the process.
    unsafe { ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, 1) }
}

/// Returns whether the hook of a coroutine is called at the next instruction.
///
/// # Safety
/// As for [`set`].
unsafe fn is_set(state: *mut ffi::lua_State) -> bool {
    // SAFETY: by contract.
    unsafe { ffi::lua_gethookmask(state) != 0 && ffi::lua_gethookcount(state) == 1 }
}

/// Lets the hook of a coroutine rest, or count instructions where they are counted.
///
/// # Safety
/// As for [`set`].
pub(super) unsafe fn rest(state: *mut ffi::lua_State) {
    let counts = STATES.with(|states| states.main.get().is_null());
    // SAFETY: as for `set`.
    unsafe {
        match counts {
            true => ffi::lua_sethook(state, Some(hook), ffi::LUA_MASKCOUNT, INTERVAL as c_int),
            false => ffi::lua_sethook(state, None, 0, 0),
        }
    }
}

unsafe extern "C-unwind" fn hook(state: *mut ffi::lua_State, _: *mut ffi::lua_Debug) {
    // SAFETY: Lua calls the hook with a valid state and 20 free slots; no local needs dropping.
    unsafe {
        let was_set = is_set(state);
        if charge(if was_set { 1 } else { INTERVAL }) {
            if was_set {
                rest(state);
            }
            return;
        }
        // To set it goes through all functions that have not returned yet, which may be many.
        if !was_set {
            set(state);
        }
        stopped(state);
    }
}

/// Raises the error of a run that must stop. The run itself says why.
///
/// # Safety
/// `state` runs a C function or a hook, which owns nothing that must be dropped.
pub(super) unsafe fn stopped(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: by contract.
    unsafe { ffi::luaL_error(state, c"the run was stopped".as_ptr()) }
}

/// Resumes a coroutine: `lua_resume`, within reach of the hook.
///
/// # Safety
/// As `lua_resume` asks; `from` runs on this thread.
pub(super) unsafe fn resume(
    to: *mut ffi::lua_State,
    from: *mut ffi::lua_State,
    count: c_int,
    left: &mut c_int,
) -> c_int {
    // SAFETY: by contract.
    unsafe { reached(to, from, || ffi::lua_resume(to, from, count, left)) }
}

/// Closes a coroutine: `lua_closethread`, within reach of the hook.
///
/// # Safety
/// As `lua_closethread` asks; `from` runs on this thread.
pub(super) unsafe fn close(to: *mut ffi::lua_State, from: *mut ffi::lua_State) -> c_int {
    // SAFETY: by contract.
    unsafe { reached(to, from, || ffi::lua_closethread(to, from)) }
}

/// Does what lets a coroutine run. An error that the hook raised in it goes on in `from`.
unsafe fn reached(
    to: *mut ffi::lua_State,
    from: *mut ffi::lua_State,
    work: impl FnOnce() -> c_int,
) -> c_int {
    let before = STATES.with(|states| states.resumed.replace(to));
    let status = work();
    STATES.with(|states| states.resumed.set(before));
    // SAFETY: both are states of the VM that runs on this thread.
    unsafe {
        if status != ffi::LUA_OK && status != ffi::LUA_YIELD && is_set(to) {
            match charge(0) {
                true => rest(to),
                false => set(from),
            }
        }
    }
    status
}

/// Returns whether the hook ended this coroutine.
///
/// # Safety
/// As for [`set`].
pub(super) unsafe fn has_ended(state: *mut ffi::lua_State) -> bool {
    // SAFETY: by contract.
    unsafe {
        let status = ffi::lua_status(state);
        status != ffi::LUA_OK && status != ffi::LUA_YIELD && is_set(state)
    }
}
