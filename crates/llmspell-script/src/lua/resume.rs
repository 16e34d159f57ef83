//! Resuming the coroutines of tasks: what goes in and what comes out stands on their stacks, without a detour through
//! values of mlua where a function of the script is called and answers.

use std::ffi::{CStr, c_int, c_void};
use std::ptr;

use llmspell_core::{Result, Value};
use mlua::{MultiValue, Thread, ffi};

use super::binder;
use super::error;
use super::limits;
use super::strings::push_bytes;
use super::task::{Awaited, Ending, await_tag, finished_tag};
use super::told::{self, Origin};
use super::value;
use super::vm::Vm;
use crate::reading::Purpose;
use crate::vm::{Args, Current, Target, no_function};

/// Says which state the innermost C function of ours runs on, while there is one. Functions of the binding that it led to may
/// run on others.
pub(super) struct Running<'a> {
    vm: &'a Vm,
    before: *mut ffi::lua_State,
}

impl<'a> Running<'a> {
    /// Says that a C function runs on this state, until what is returned is dropped.
    ///
    /// # Safety
    /// The state is that of a C function which does not return before.
    pub(super) unsafe fn enter(vm: &'a Vm, state: *mut ffi::lua_State) -> Self {
        let before = vm.running.replace(state);
        Self { vm, before }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.vm.running.set(self.before);
    }
}

/// Work that may raise an error of Lua. It owns nothing that must be dropped.
type Work<'a> = &'a mut dyn FnMut(*mut ffi::lua_State);

impl Vm {
    /// Does what may raise, in a protected call.
    ///
    /// # Safety
    /// `work` leaves the stack as it was and owns nothing where it may raise.
    unsafe fn protected(&self, mut work: Work<'_>) -> mlua::Result<()> {
        let state = self.running.get();
        if state.is_null() {
            // SAFETY: by contract.
            return unsafe { self.lua.exec_raw((), work) };
        }
        // SAFETY: the state is that of a C function, which has room for two values; `work` outlives the call.
        unsafe {
            ffi::lua_pushcfunction(state, call_work);
            ffi::lua_pushlightuserdata(state, (&raw mut work).cast());
            match ffi::lua_pcall(state, 1, 0, 0) {
                ffi::LUA_OK => Ok(()),
                status => {
                    let error = failure(state, status);
                    ffi::lua_pop(state, 1);
                    Err(error)
                }
            }
        }
    }

    /// Makes the coroutine of a request. Returns it with how many values were pushed on its stack, and what is to follow
    /// them.
    pub(super) fn prepared(
        &self,
        function: &Target,
        args: Args,
    ) -> Result<(Thread, c_int, MultiValue)> {
        let failed = |failure: mlua::Error| error::from_mlua(self, &failure);
        let mut values = MultiValue::new();
        // What the coroutine runs finds a function by the number under which it was handed out.
        let (number, name) = match function {
            Target::Number(number) => (*number, None),
            Target::Global(name) => match self.lua.globals().raw_get(&**name) {
                Ok(mlua::Value::Function(_)) => (0, Some(&**name)),
                Ok(_) => return Err(no_function(name)),
                Err(failure) => return Err(failed(failure)),
            },
        };
        let (mut told, args) = match args {
            Args::Told(told) => (Some(Origin::Told(told)), Vec::new()),
            Args::Values(args) => (None, args),
            Args::Shown(value, view) => {
                values.push_back(binder::shown(self, &value, view).map_err(failed)?);
                (None, Vec::new())
            }
        };
        let count = 1 + usize::from(told.is_some()) + args.len();
        let count = c_int::try_from(count).unwrap_or(c_int::MAX);
        let thread = self.thread().map_err(failed)?;
        let to = thread.state();
        // SAFETY: the coroutine is free: nothing but what is pushed here stands on its stack. What is borrowed outlives the
        // protected call, in which nothing is owned.
        unsafe {
            if name.is_none() && count == 1 && ffi::lua_checkstack(to, 1) != 0 {
                ffi::lua_pushinteger(to, number);
                return Ok((thread, count, values));
            }
            let mut push = |state: *mut ffi::lua_State| {
                ffi::luaL_checkstack(state, count.saturating_add(8), ptr::null());
                match name {
                    Some(name) => {
                        ffi::lua_pushglobaltable(state);
                        push_bytes(state, name.as_bytes());
                        ffi::lua_rawget(state, -2);
                        ffi::lua_remove(state, -2);
                    }
                    None => ffi::lua_pushinteger(state, number),
                }
                if let Some(told) = &mut told {
                    told::push_table(state, told);
                }
                for arg in &args {
                    value::write(state, self, arg, 0);
                }
                if ffi::lua_checkstack(to, count) == 0 {
                    ffi::luaL_error(state, c"stack overflow".as_ptr());
                }
                ffi::lua_xmove(state, to, count);
            };
            self.protected(&mut push).map_err(failed)?;
        }
        Ok((thread, count, values))
    }

    /// Resumes a task with what stands on its stack already, and these values.
    pub(super) fn resume(&self, id: u64, values: MultiValue) {
        let Some((current, thread, pushed)) = self.begin_turn(id) else {
            return;
        };
        let (to, count) = (thread.state(), values.len() as c_int);
        let running = self.running.get();
        let mut from = running;
        if count > 0 || running.is_null() {
            let found = &raw mut from;
            // SAFETY: the pointer outlives the call; the values are moved from one stack of this VM to another.
            let moved: mlua::Result<()> = unsafe {
                self.lua.exec_raw(values, move |state| {
                    *found = state;
                    if ffi::lua_checkstack(to, count) == 0 {
                        ffi::luaL_error(state, c"stack overflow".as_ptr());
                    }
                    ffi::lua_xmove(state, to, count);
                })
            };
            if let Err(failure) = moved {
                return self.finish(id, Err(failure));
            }
        }
        // SAFETY: both states are of this VM and alive, and the values stand on the stack of the coroutine.
        unsafe { self.turn(current, thread, from, pushed + count) }
    }

    /// Notes that a task has started. Returns it as the one that runs, its coroutine, and how many values stand on its stack.
    fn begin_turn(&self, id: u64) -> Option<(Current, Thread, c_int)> {
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.get_mut(&id)?;
        task.started = true;
        let current = Current {
            id,
            cx: task.cx.clone(),
            stop: task.stop.clone(),
        };
        let pushed = std::mem::take(&mut task.pushed);
        Some((current, task.thread.clone(), pushed))
    }

    /// Lets a task run until it ends or waits.
    ///
    /// # Safety
    /// `from` is a state of this VM that runs; `count` values stand on the coroutine's stack.
    unsafe fn turn(
        &self,
        current: Current,
        thread: Thread,
        from: *mut ffi::lua_State,
        count: c_int,
    ) {
        let (id, to) = (current.id, thread.state());
        let mut left = 0;
        let before = self.current.replace(Some(current));
        // SAFETY: by contract.
        let status = unsafe { limits::resume(to, from, count, &mut left) };
        self.current.replace(before);
        if status != ffi::LUA_OK && status != ffi::LUA_YIELD {
            // SAFETY: the error stands on the stack of the coroutine, which is dead.
            let error = unsafe { self.error_of(to, status) };
            return self.finish(id, Err(error));
        }
        // SAFETY: `left` values stand on top of the stack of the coroutine.
        let tag = unsafe { said(to, left) };
        let is_finished = status == ffi::LUA_YIELD && tag == finished_tag().0;
        let usual = match is_finished {
            // SAFETY: as above.
            true => unsafe { self.answered(id, to, left) },
            false => None,
        };
        if let Some((reply, purpose)) = usual {
            // SAFETY: as above; behind the tag stand true and what the function returned.
            let answer = unsafe { self.taken(from, to, left, purpose) };
            self.keep(thread);
            let _ = reply.send(answer);
            return;
        }
        // SAFETY: as above.
        let values = unsafe { self.values_of(to, left) };
        match values {
            Ok(mut values) if is_finished => {
                values.pop_front();
                self.keep(thread);
                self.finish(id, Ok(values));
            }
            Ok(values) if status == ffi::LUA_YIELD => match tag == await_tag().0 {
                true => self.park(id, values.get(1)),
                false => self.park(id, None),
            },
            ended => self.finish(id, ended),
        }
    }

    /// Takes away the task of a function that has answered as usual: without an error, and with nothing left to be
    /// stopped. Returns who waits for the answer, and what for.
    ///
    /// # Safety
    /// `left` values stand on top of the stack.
    unsafe fn answered(&self, id: u64, to: *mut ffi::lua_State, left: c_int) -> Option<Awaited> {
        // SAFETY: by contract; the second of them says whether the function succeeded.
        let success = left > 1 && unsafe { ffi::lua_toboolean(to, 1 - left) != 0 };
        let mut tasks = self.tasks.borrow_mut();
        let task = tasks.get(&id)?;
        let is_usual = success
            && matches!(task.ending, Ending::Callback(..))
            && task.parent.is_none()
            && task.children.is_empty()
            && !task.stop.is_set();
        if !is_usual {
            return None;
        }
        match tasks.remove(&id)?.ending {
            Ending::Callback(awaited) => Some(awaited),
            _ => None,
        }
    }

    /// Reads the third of the values on top of the coroutine's stack, and takes all of them away.
    ///
    /// # Safety
    /// `from` is a state of this VM that runs; `left` values stand on the coroutine's stack.
    unsafe fn taken(
        &self,
        from: *mut ffi::lua_State,
        to: *mut ffi::lua_State,
        left: c_int,
        purpose: Purpose,
    ) -> Result<Value> {
        // SAFETY: by contract. The value is read on a state that may make calls, which the coroutine may not.
        unsafe {
            let base = ffi::lua_gettop(to) - left;
            if left < 3 {
                ffi::lua_settop(to, base);
                return Ok(Value::Null);
            }
            if ffi::lua_checkstack(from, 1) == 0 {
                ffi::lua_settop(to, base);
                return Err(limits::out_of_memory(self.options().max_memory));
            }
            ffi::lua_settop(to, base + 3);
            ffi::lua_xmove(to, from, 1);
            ffi::lua_settop(to, base);
            let answer = value::returned(self, from, purpose);
            ffi::lua_pop(from, 1);
            answer
        }
    }

    /// Takes the values on top of the coroutine's stack.
    ///
    /// # Safety
    /// So many values stand there.
    unsafe fn values_of(&self, to: *mut ffi::lua_State, left: c_int) -> mlua::Result<MultiValue> {
        // SAFETY: by contract; both stacks are of this VM.
        unsafe {
            self.lua.exec_raw((), move |state| {
                ffi::luaL_checkstack(state, left, ptr::null());
                ffi::lua_xmove(to, state, left);
            })
        }
    }

    /// Takes the error on top of the coroutine's stack.
    ///
    /// # Safety
    /// It stands there, and the coroutine ended with this status.
    unsafe fn error_of(&self, to: *mut ffi::lua_State, status: c_int) -> mlua::Error {
        if status == ffi::LUA_ERRMEM {
            // SAFETY: the error of missing memory is a text.
            return unsafe { failure(to, status) };
        }
        // SAFETY: by contract.
        let value: mlua::Result<mlua::Value> = unsafe {
            self.lua
                .exec_raw((), move |state| ffi::lua_xmove(to, state, 1))
        };
        match value {
            Ok(mlua::Value::Error(error)) => *error,
            Ok(mlua::Value::String(text)) => mlua::Error::runtime(text.to_string_lossy()),
            Ok(other) => mlua::Error::runtime(format!("an error that is a {}", other.type_name())),
            Err(failure) => failure,
        }
    }
}

/// Returns the light userdata that is the first of so many values on top of the stack, if it is one.
///
/// # Safety
/// So many values stand there.
unsafe fn said(state: *mut ffi::lua_State, left: c_int) -> *mut c_void {
    // SAFETY: by contract.
    unsafe {
        match left > 0 && ffi::lua_type(state, -left) == ffi::LUA_TLIGHTUSERDATA {
            true => ffi::lua_touserdata(state, -left),
            false => ptr::null_mut(),
        }
    }
}

/// Returns the error of a protected call, whose text stands on top of the stack.
///
/// # Safety
/// A value stands there.
unsafe fn failure(state: *mut ffi::lua_State, status: c_int) -> mlua::Error {
    // SAFETY: what is text is not converted, so nothing is allocated.
    let text = unsafe {
        match ffi::lua_type(state, -1) {
            ffi::LUA_TSTRING => {
                let text = CStr::from_ptr(ffi::lua_tostring(state, -1));
                text.to_string_lossy().into_owned()
            }
            _ => "an error that is no text".to_owned(),
        }
    };
    match status {
        ffi::LUA_ERRMEM => mlua::Error::MemoryError(text),
        _ => mlua::Error::runtime(text),
    }
}

/// Does the work that its argument points to.
unsafe extern "C-unwind" fn call_work(state: *mut ffi::lua_State) -> c_int {
    // SAFETY: `protected` calls this with a pointer to what outlives the call.
    unsafe {
        let work = ffi::lua_touserdata(state, 1).cast::<Work<'_>>();
        ffi::lua_settop(state, 0);
        (*work)(state);
        0
    }
}
