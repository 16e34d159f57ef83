//! One Lua VM on a thread of its own: its tasks, what they wait for, and what comes in from outside.
//!
//! A task is a coroutine that the engine resumes: the script itself, a function of the script that an op called, a
//! function of `Async.all`. A call of an op is polled once where it is made. If it is not ready, it moves to the
//! runtime's threads and the task yields until it has ended. Where Lua cannot yield, the thread waits right there and
//! meanwhile runs only what the call may depend on: functions that ops call, and tasks of the waiting one.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};

use llmspell_core::{Callback, Error, Handle, Kind, View};
use mlua::{Function, MultiValue, Thread};

use super::error::{self, Chunks};
use super::host::Parts;
use super::limits;
use super::task::{Ending, Task};
use super::wait::{Outcome, Wait};
use super::{LuaOptions, binder, require, value};
use crate::engine::Output;
use crate::random::Generator;
use crate::vm::{
    ByNumber, Current, Event, GRACE, Job, Local, Request, Setup, Stop, enter, leave, refuse,
};

/// Deepest nesting of functions that ops call on the VM's own stack; deeper ones take the queue.
const MAX_NESTED: u32 = 16;

/// The VM of this thread.
pub(super) struct Vm {
    pub(super) id: u64,
    /// Has the hook called. Before `lua`, so that it ends first.
    pub(super) _watch: limits::Watch,
    pub(super) lua: mlua::Lua,
    pub(super) parts: Parts,
    pub(super) setup: Setup<LuaOptions>,
    pub(super) events: Sender<Event>,
    pub(super) inbox: Receiver<Event>,
    pub(super) bound: RefCell<Vec<binder::Bound>>,
    /// The functions of views of what functions are given.
    pub(super) argument_views: RefCell<Vec<(View, Function)>>,
    pub(super) tasks: RefCell<ByNumber<Task>>,
    /// Why the call failed that the prelude made last.
    pub(super) failure: Cell<Option<Error>>,
    pub(super) waits: RefCell<ByNumber<Wait>>,
    pub(super) ready: RefCell<VecDeque<(u64, MultiValue)>>,
    pub(super) jobs: RefCell<VecDeque<Job>>,
    pub(super) main: RefCell<Option<(u64, Arc<Stop>)>>,
    pub(super) current: RefCell<Option<Current>>,
    pub(super) blocked: RefCell<Vec<u64>>,
    pub(super) numbers: Cell<u64>,
    pub(super) instructions: Cell<u64>,
    pub(super) nested: Cell<u32>,
    /// The state of the innermost C function of ours that runs; null if there is none. See `Running`.
    pub(super) running: Cell<*mut mlua::ffi::lua_State>,
    pub(super) ended: Cell<bool>,
    /// The random numbers of the script itself.
    pub(super) random: Rc<Generator>,
    pub(super) chunks: RefCell<Chunks>,
    pub(super) dir: RefCell<Option<PathBuf>>,
    pub(super) free: RefCell<Vec<Thread>>,
    pub(super) handles: RefCell<HashMap<Rc<str>, Handle, foldhash::fast::RandomState>>,
    pub(super) sweep_at: Cell<usize>,
    pub(super) foreign: RefCell<HashMap<i64, Callback>>,
    pub(super) scratch: Cell<value::Scratch>,
}

thread_local! {
    static VM: RefCell<Option<Rc<Vm>>> = const { RefCell::new(None) };
}

/// Calls a function with the VM of this thread; `None` on threads without one, and if the function panics.
pub(super) fn with<R>(function: impl FnOnce(&Vm) -> R) -> Option<R> {
    VM.try_with(|slot| {
        let vm = slot.try_borrow().ok()?.clone()?;
        catch_unwind(AssertUnwindSafe(|| function(&vm))).ok()
    })
    .ok()
    .flatten()
}

/// Makes a VM and serves it until it is told to end. Runs on a thread of its own.
pub(super) fn serve(setup: Setup<LuaOptions>, events: Sender<Event>, inbox: Receiver<Event>) {
    let runtime = setup.runtime.clone();
    let _inside = runtime.enter();
    let made = catch_unwind(AssertUnwindSafe(|| Vm::new(setup, events, inbox)));
    let vm = match made {
        Ok(Ok(vm)) => vm,
        Ok(Err((error, inbox))) => return refuse(&error, &inbox),
        Err(_) => return,
    };
    VM.with(|slot| slot.replace(Some(vm.clone())));
    enter(vm.clone());
    // A panic here is a defect; dropping the VM tells everybody who waits.
    let _ = catch_unwind(AssertUnwindSafe(|| vm.run()));
    for wait in vm.waits.take().into_values() {
        if let Some(abort) = wait.abort {
            abort.abort();
        }
    }
    vm.tasks.take();
    leave();
    VM.with(|slot| slot.replace(None));
}

impl Local for Vm {
    fn has_room(&self, vm: u64) -> bool {
        self.id == vm && self.nested.get() < MAX_NESTED && !self.ended.get()
    }

    fn call_now(&self, request: Request) {
        self.nested.set(self.nested.get() + 1);
        if let Some((id, values)) = self.accept(request) {
            self.resume(id, values);
        }
        self.nested.set(self.nested.get() - 1);
    }
}

impl Vm {
    fn new(
        setup: Setup<LuaOptions>,
        events: Sender<Event>,
        inbox: Receiver<Event>,
    ) -> std::result::Result<Rc<Self>, (Error, Receiver<Event>)> {
        let made = super::host::create(&setup).and_then(|(lua, parts)| {
            let watch = limits::Watch::start(&lua, setup.options.max_instructions)?;
            Ok((watch, lua, parts))
        });
        let (watch, lua, parts) = match made {
            Ok(made) => made,
            Err(error) => {
                let error = Error::new(
                    Kind::Unavailable,
                    format!("the Lua engine cannot be started: {error}"),
                )
                .hint("is `engines.lua.max_memory` too small?");
                return Err((error, inbox));
            }
        };
        let vm = Rc::new(Self {
            id: setup.id,
            _watch: watch,
            lua,
            parts,
            setup,
            events,
            inbox,
            bound: RefCell::default(),
            argument_views: RefCell::default(),
            tasks: RefCell::default(),
            failure: Cell::default(),
            waits: RefCell::default(),
            ready: RefCell::default(),
            jobs: RefCell::default(),
            main: RefCell::default(),
            current: RefCell::default(),
            blocked: RefCell::default(),
            numbers: Cell::new(1),
            instructions: Cell::default(),
            nested: Cell::default(),
            running: Cell::new(std::ptr::null_mut()),
            ended: Cell::default(),
            random: Rc::default(),
            chunks: RefCell::default(),
            dir: RefCell::default(),
            free: RefCell::default(),
            handles: RefCell::default(),
            sweep_at: Cell::new(256),
            foreign: RefCell::default(),
            scratch: Cell::default(),
        });
        match binder::install(&vm) {
            Ok(()) => Ok(vm),
            Err(error) => {
                let error = Error::new(
                    Kind::Unavailable,
                    format!("the globals cannot be made: {error}"),
                )
                .hint("is `engines.lua.max_memory` too small?");
                match Rc::try_unwrap(vm) {
                    Ok(vm) => Err((error, vm.inbox)),
                    Err(vm) => Ok(vm),
                }
            }
        }
    }

    pub(super) fn lua(&self) -> &mlua::Lua {
        &self.lua
    }

    pub(super) fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(super) fn options(&self) -> &LuaOptions {
        &self.setup.options
    }

    pub(super) fn setup(&self) -> &Setup<LuaOptions> {
        &self.setup
    }

    pub(super) fn output(&self) -> &Arc<dyn Output> {
        &self.setup.output
    }

    pub(super) fn chunks<R>(&self, function: impl FnOnce(&mut Chunks) -> R) -> R {
        function(&mut self.chunks.borrow_mut())
    }

    /// Returns the folder whose modules the running script may load.
    pub(super) fn dir(&self) -> Option<PathBuf> {
        self.dir.borrow().clone()
    }

    /// Sets the folder whose modules the running script may load.
    pub(super) fn set_dir(&self, dir: Option<PathBuf>) {
        self.dir.replace(dir);
    }

    /// Returns the generator of the running task: that of the script, or its own.
    pub(super) fn random(&self) -> Rc<Generator> {
        let tasks = self.tasks.borrow();
        match tasks.get(&self.task()) {
            Some(task) if !matches!(task.ending, Ending::Main(_)) => {
                task.random.get_or_init(Rc::default).clone()
            }
            _ => self.random.clone(),
        }
    }

    /// Adds an op that the prelude can call and returns its number.
    pub(super) fn bind(&self, make: impl FnOnce(usize) -> binder::Bound) -> usize {
        let mut list = self.bound.borrow_mut();
        let number = list.len();
        list.push(make(number));
        number
    }

    /// Returns a number that this VM has not used yet.
    pub(super) fn number(&self) -> u64 {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        number
    }

    /// Says how much memory the script has, if that was asked for.
    pub(super) fn look(&self) {
        self.setup.gauge.answer(|| self.lua.used_memory() as u64);
    }

    /// Counts instructions and returns whether what runs now may go on.
    pub(super) fn tick(&self, steps: u32) -> bool {
        self.look();
        let count = self.instructions.get() + u64::from(steps);
        self.instructions.set(count);
        let most = self.options().max_instructions;
        if most > 0 && count > most {
            self.halt(limits::out_of_instructions(most, count));
        }
        self.why_stop().is_none()
    }

    /// Ends the script that runs, whatever task asks for it.
    pub(super) fn halt(&self, error: Error) {
        if let Some((_, stop)) = &*self.main.borrow() {
            stop.hard(error);
        } else if let Some(current) = &*self.current.borrow() {
            current.stop.hard(error);
        }
    }

    /// Returns why what runs now must stop, if it must.
    pub(super) fn why_stop(&self) -> Option<Error> {
        if let Some((_, stop)) = &*self.main.borrow()
            && stop.is_set()
        {
            return stop.error();
        }
        self.current.borrow().as_ref()?.why_stop()
    }

    pub(super) fn is_stopping(&self) -> bool {
        self.main
            .borrow()
            .as_ref()
            .is_some_and(|(_, stop)| stop.is_set())
    }

    pub(super) fn is_halted(&self) -> bool {
        self.main
            .borrow()
            .as_ref()
            .is_some_and(|(_, stop)| stop.is_hard())
    }

    pub(super) fn run(&self) {
        while !self.ended.get() {
            self.drain();
            if self.ended.get() {
                return;
            }
            if self.main.borrow().is_none() {
                let job = self.jobs.borrow_mut().pop_front();
                if let Some(job) = job {
                    self.start(job);
                    continue;
                }
            }
            match self.next_ready(false) {
                Some((id, values)) => {
                    self.resume(id, values);
                    if self.is_halted() {
                        self.give_up();
                    }
                }
                None => self.wait_event(),
            }
        }
    }

    pub(super) fn start(&self, job: Job) {
        if job.stop.is_set() {
            return;
        }
        self.instructions.set(0);
        let prepared = require::prepare(self, &job.script).and_then(|values| {
            let thread = self.thread();
            let thread = thread.map_err(|failure| error::from_mlua(self, &failure))?;
            Ok((thread, values))
        });
        let (thread, values) = match prepared {
            Ok(prepared) => prepared,
            Err(error) => return drop(job.reply.send(Err(error))),
        };
        let (stop, ending) = (job.stop.clone(), Ending::Main(job.reply));
        let id = self.add(thread, job.cx, job.stop, None, false, ending);
        self.main.replace(Some((id, stop)));
        self.ready.borrow_mut().push_back((id, values));
    }

    /// Takes the next task to resume; while a task waits where Lua cannot yield, only those that it may depend on.
    pub(super) fn next_ready(&self, inside: bool) -> Option<(u64, MultiValue)> {
        let mut ready = self.ready.borrow_mut();
        if !inside {
            return ready.pop_front();
        }
        let at = ready.iter().position(|(id, _)| self.may_run(*id))?;
        ready.remove(at)
    }

    pub(super) fn may_run(&self, id: u64) -> bool {
        let tasks = self.tasks.borrow();
        let blocked = self.blocked.borrow();
        let mut next = Some(id);
        while let Some(id) = next {
            let Some(task) = tasks.get(&id) else {
                return true;
            };
            if task.serves_op || blocked.contains(&id) {
                return true;
            }
            next = task.parent;
        }
        false
    }

    pub(super) fn drain(&self) {
        while let Ok(event) = self.inbox.try_recv() {
            self.handle(event);
        }
    }

    pub(super) fn wait_event(&self) {
        let event = if self.is_stopping() {
            self.inbox.recv_timeout(GRACE)
        } else {
            self.look();
            let event = self.setup.gauge.waiting(|| self.inbox.recv());
            event.map_err(|_| RecvTimeoutError::Disconnected)
        };
        match event {
            Ok(event) => self.handle(event),
            Err(RecvTimeoutError::Timeout) => self.give_up(),
            Err(RecvTimeoutError::Disconnected) => self.ended.set(true),
        }
    }

    pub(super) fn handle(&self, event: Event) {
        match event {
            Event::Eval(job) => self.jobs.borrow_mut().push_back(job),
            Event::Call(request) => {
                if let Some(ready) = self.accept(request) {
                    self.ready.borrow_mut().push_back(ready);
                }
            }
            Event::Done(token, outcome) => self.complete(token, Outcome::Call(outcome)),
            Event::Release(number) => {
                // Without memory for it the function stays until the VM ends.
                let _ = self.parts.functions.raw_set(number, mlua::Nil);
            }
            Event::Kill(stop) => self.kill(stop.task()),
            Event::Complete(prefix, reply) => {
                let _ = reply.send(super::complete::words(&self.lua, &prefix));
            }
            Event::Wake if self.is_halted() => self.give_up(),
            Event::Wake => {}
            Event::End => self.ended.set(true),
        }
    }
}
