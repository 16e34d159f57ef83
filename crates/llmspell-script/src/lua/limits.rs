//! What ends a script that does not end itself: cancelling, deadlines, instructions, memory, patterns.
//!
//! Every thread that runs a VM has a hook that Lua calls each thousand instructions. Once the task that runs must
//! stop, the hook raises an error and re-arms itself for every instruction, so that no `pcall` outlives it.

use std::ffi::c_int;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use llmspell_core::{Error, Kind};
use mlua::ffi;
use parking_lot::Mutex;

use super::vm;

/// Instructions between two looks at the clock and the stop flags.
const INTERVAL: u32 = 1_000;

/// Largest value that a script may pass as one argument, in bytes.
pub(super) const MAX_ARGUMENT_BYTES: usize = 64 << 20;
/// Largest value that a script may return or hand back from a function, in bytes.
pub(super) const MAX_RESULT_BYTES: usize = 512 << 20;

/// A request to stop a task and everything that it started.
#[derive(Debug, Default)]
pub(super) struct Stop {
    set: AtomicBool,
    hard: AtomicBool,
    error: Mutex<Option<Error>>,
    parent: Option<Arc<Stop>>,
    task: AtomicU64,
}

impl Stop {
    pub(super) fn below(parent: Option<Arc<Stop>>) -> Arc<Self> {
        Arc::new(Self {
            parent,
            ..Self::default()
        })
    }

    /// Asks to stop; the calls under way may end first. The first reason stays.
    pub(super) fn soft(&self, error: Error) {
        self.error.lock().get_or_insert(error);
        self.set.store(true, Ordering::Release);
    }

    /// Asks to stop at once, abandoning the calls under way. The first reason stays.
    pub(super) fn hard(&self, error: Error) {
        self.hard.store(true, Ordering::Release);
        self.soft(error);
    }

    /// Says which task this stops.
    pub(super) fn set_task(&self, task: u64) {
        self.task.store(task, Ordering::Release);
    }

    /// Returns the task that this stops; 0 if it has not begun.
    pub(super) fn task(&self) -> u64 {
        self.task.load(Ordering::Acquire)
    }

    /// Whether this or a stop above it was asked for.
    pub(super) fn is_set(&self) -> bool {
        self.set.load(Ordering::Acquire) || self.parent.as_deref().is_some_and(Stop::is_set)
    }

    /// Whether the calls under way are to be abandoned.
    pub(super) fn is_hard(&self) -> bool {
        self.hard.load(Ordering::Acquire) || self.parent.as_deref().is_some_and(Stop::is_hard)
    }

    /// The reason.
    pub(super) fn error(&self) -> Option<Error> {
        if self.set.load(Ordering::Acquire) {
            return self.error.lock().clone();
        }
        self.parent.as_deref().and_then(Stop::error)
    }
}

/// The error of a task that nobody waits for any more.
pub(super) fn abandoned() -> Error {
    Error::new(Kind::Cancelled, "the call was given up")
}

/// The error of a function whose interpreter has ended.
pub(super) fn ended() -> Error {
    Error::new(Kind::Cancelled, "the run has ended")
}

/// The error of a script that used up its memory.
pub(super) fn out_of_memory(max_memory: usize) -> Error {
    llmspell_core::error!(
        Limit,
        "the script needs more than its {} MiB of memory",
        max_memory >> 20
    )
    .with("what", "memory")
    .with("limit", max_memory)
    .hint("raise `engines.lua.max_memory` or keep less at once")
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
