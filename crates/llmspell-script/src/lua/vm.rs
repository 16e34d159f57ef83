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
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use llmspell_core::{Callback, Cx, Error, Handle, Kind, Result, Value};
use mlua::{LightUserData, MultiValue, Thread};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::callback::{Function, Request};
use super::error::{self, Chunks, Frame};
use super::host::Parts;
use super::limits::{self, Stop};
use super::random::Generator;
use super::value::{self, Purpose};
use super::{LuaOptions, Setup, binder, require};
use crate::engine::{Output, Script};

/// How long calls that are under way may take to end once their script was asked to stop.
const GRACE: Duration = Duration::from_secs(2);
/// Deepest nesting of functions that ops call on the VM's own stack; deeper ones take the queue.
const MAX_NESTED: u32 = 16;
/// Most coroutines that are kept for later tasks.
const MAX_FREE: usize = 64;
/// Most waits within one another where Lua cannot yield.
const MAX_BLOCKED: usize = 24;

/// What comes in from outside.
pub(super) enum Event {
    /// Run a script.
    Eval(Job),
    /// Call a function of a script.
    Call(Request),
    /// A call has ended.
    Done(u64, Result<Value>),
    /// Nobody will call this function again.
    Release(i64),
    /// Nobody waits for the task of this stop any more.
    Kill(Arc<Stop>),
    /// List the ways to complete a word.
    Complete(String, oneshot::Sender<Vec<String>>),
    /// Look at the stops again.
    Wake,
    /// The interpreter was dropped.
    End,
}

/// A script to run.
pub(super) struct Job {
    pub(super) cx: Cx,
    pub(super) script: Script,
    pub(super) stop: Arc<Stop>,
    pub(super) reply: oneshot::Sender<Result<Vec<Value>>>,
}

/// What is told about the end of a task.
enum Ending {
    Main(oneshot::Sender<Result<Vec<Value>>>),
    Callback(oneshot::Sender<Result<Value>>),
    Child,
}

struct Task {
    thread: Thread,
    cx: Cx,
    stop: Arc<Stop>,
    parent: Option<u64>,
    children: Vec<u64>,
    serves_op: bool,
    started: bool,
    waiting: Option<u64>,
    trace: Vec<Frame>,
    ending: Ending,
}

/// Something that a task waits for.
#[derive(Default)]
struct Wait {
    abort: Option<AbortHandle>,
    view: Option<mlua::Function>,
    waiter: Option<u64>,
    outcome: Option<Outcome>,
}

enum Outcome {
    Call(Result<Value>),
    Settled(bool, mlua::Value),
}

/// What a call gave at its first poll.
pub(super) enum Begun {
    Ready(Result<Value>),
    Waiting(u64),
}

#[derive(Clone)]
struct Current {
    id: u64,
    cx: Cx,
    stop: Arc<Stop>,
}

/// The VM of this thread.
pub(super) struct Vm {
    id: u64,
    lua: mlua::Lua,
    parts: Parts,
    setup: Setup,
    events: Sender<Event>,
    inbox: Receiver<Event>,
    bound: RefCell<Vec<binder::Bound>>,
    tasks: RefCell<HashMap<u64, Task>>,
    waits: RefCell<HashMap<u64, Wait>>,
    ready: RefCell<VecDeque<(u64, MultiValue)>>,
    jobs: RefCell<VecDeque<Job>>,
    main: RefCell<Option<(u64, Arc<Stop>)>>,
    current: RefCell<Option<Current>>,
    blocked: RefCell<Vec<u64>>,
    numbers: Cell<u64>,
    instructions: Cell<u64>,
    nested: Cell<u32>,
    ended: Cell<bool>,
    random: Generator,
    chunks: RefCell<Chunks>,
    dir: RefCell<Option<PathBuf>>,
    free: RefCell<Vec<Thread>>,
    handles: RefCell<HashMap<Rc<str>, Handle>>,
    sweep_at: Cell<usize>,
    foreign: RefCell<HashMap<i64, Callback>>,
}

thread_local! {
    static VM: RefCell<Option<Rc<Vm>>> = const { RefCell::new(None) };
}

/// The light userdata that tells a wait of the engine from a yield of the script.
static AWAIT: u8 = 1;

/// Returns the light userdata that tells a wait of the engine from a yield of the script.
pub(super) fn await_tag() -> LightUserData {
    LightUserData(std::ptr::from_ref(&AWAIT).cast_mut().cast())
}

/// The light userdata that tells the end of a task.
static FINISHED: u8 = 2;

/// Returns the light userdata with which a coroutine says that its task has ended and that it is free.
pub(super) fn finished_tag() -> LightUserData {
    LightUserData(std::ptr::from_ref(&FINISHED).cast_mut().cast())
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
pub(super) fn serve(setup: Setup, events: Sender<Event>, inbox: Receiver<Event>) {
    let runtime = setup.runtime.clone();
    let _inside = runtime.enter();
    let made = catch_unwind(AssertUnwindSafe(|| Vm::new(setup, events, inbox)));
    let vm = match made {
        Ok(Ok(vm)) => vm,
        Ok(Err((error, inbox))) => return refuse(&error, &inbox),
        Err(_) => return,
    };
    VM.with(|slot| slot.replace(Some(vm.clone())));
    // A panic here is a defect; dropping the VM tells everybody who waits.
    let _ = catch_unwind(AssertUnwindSafe(|| vm.run()));
    for wait in vm.waits.take().into_values() {
        if let Some(abort) = wait.abort {
            abort.abort();
        }
    }
    vm.tasks.take();
    VM.with(|slot| slot.replace(None));
}

/// Answers everything with the error that kept the VM from being made.
fn refuse(error: &Error, inbox: &Receiver<Event>) {
    while let Ok(event) = inbox.recv() {
        match event {
            Event::Eval(job) => drop(job.reply.send(Err(error.clone()))),
            Event::End => return,
            _ => {}
        }
    }
}

impl Vm {
    fn new(
        setup: Setup,
        events: Sender<Event>,
        inbox: Receiver<Event>,
    ) -> std::result::Result<Rc<Self>, (Error, Receiver<Event>)> {
        let made = super::host::create(&setup);
        let (lua, parts) = match made {
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
            lua,
            parts,
            setup,
            events,
            inbox,
            bound: RefCell::default(),
            tasks: RefCell::default(),
            waits: RefCell::default(),
            ready: RefCell::default(),
            jobs: RefCell::default(),
            main: RefCell::default(),
            current: RefCell::default(),
            blocked: RefCell::default(),
            numbers: Cell::new(1),
            instructions: Cell::default(),
            nested: Cell::default(),
            ended: Cell::default(),
            random: Generator::default(),
            chunks: RefCell::default(),
            dir: RefCell::default(),
            free: RefCell::default(),
            handles: RefCell::default(),
            sweep_at: Cell::new(256),
            foreign: RefCell::default(),
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

    pub(super) fn setup(&self) -> &Setup {
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

    pub(super) fn is(&self, id: u64) -> bool {
        self.id == id
    }

    /// Whether another function may run on top of what runs now.
    pub(super) fn has_room(&self) -> bool {
        self.nested.get() < MAX_NESTED && !self.ended.get()
    }

    pub(super) fn random(&self) -> &Generator {
        &self.random
    }

    /// Adds an op that the prelude can call and returns its number.
    pub(super) fn bind(&self, bound: binder::Bound) -> usize {
        let mut list = self.bound.borrow_mut();
        list.push(bound);
        list.len() - 1
    }

    fn number(&self) -> u64 {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        number
    }

    // Limits

    /// Counts instructions and returns whether what runs now may go on.
    pub(super) fn tick(&self, steps: u32) -> bool {
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
        if let Some((_, stop)) = &*self.main.borrow() {
            if stop.is_set() {
                return stop.error();
            }
        }
        let current = self.current.borrow();
        let current = current.as_ref()?;
        if current.stop.is_set() {
            return current.stop.error();
        }
        let error = current.cx.check().err()?;
        current.stop.soft(error.clone());
        Some(error)
    }

    fn is_stopping(&self) -> bool {
        self.main
            .borrow()
            .as_ref()
            .is_some_and(|(_, stop)| stop.is_set())
    }

    fn is_halted(&self) -> bool {
        self.main
            .borrow()
            .as_ref()
            .is_some_and(|(_, stop)| stop.is_hard())
    }

    // Calls

    /// Begins a call of an op with what the script passed.
    pub(super) fn begin(&self, number: usize, args: &MultiValue) -> Begun {
        if let Some(error) = self.why_stop() {
            return Begun::Ready(Err(error));
        }
        let Some(op) = self
            .bound
            .borrow()
            .get(number)
            .map(|bound| bound.op.clone())
        else {
            return Begun::Ready(Err(Error::new(Kind::Bug, "no such op")));
        };
        let values: Result<Vec<Value>> = args
            .iter()
            .map(|value| value::from_lua(self, value, Purpose::Argument))
            .collect();
        let args = values.and_then(|values| op.bind(values));
        let (args, cx) = match (args, self.cx()) {
            (Ok(args), Ok(cx)) => (args, cx),
            (Err(error), _) => return Begun::Ready(Err(error.op(op.name()))),
            (_, Err(error)) => return Begun::Ready(Err(error)),
        };
        self.poll(
            Box::pin(async move { cx.call(&op, args).await }),
            Some(number),
        )
    }

    /// Calls a function that came from outside.
    pub(super) fn begin_foreign(&self, number: i64, args: &MultiValue) -> Begun {
        let callback = self.foreign.borrow().get(&number).cloned();
        let Some(callback) = callback else {
            return Begun::Ready(Err(Error::new(Kind::Bug, "no such function")));
        };
        let values: Result<Vec<Value>> = args
            .iter()
            .map(|value| value::from_lua(self, value, Purpose::Argument))
            .collect();
        match (values, self.cx()) {
            (Ok(values), Ok(cx)) => self.poll(
                Box::pin(async move { callback.call(&cx, values).await }),
                None,
            ),
            (Err(error), _) | (_, Err(error)) => Begun::Ready(Err(error)),
        }
    }

    fn cx(&self) -> Result<Cx> {
        match &*self.current.borrow() {
            Some(current) => Ok(current.cx.clone()),
            None => Err(Error::new(Kind::InvalidState, "no script is running")),
        }
    }

    /// Polls a call once here; if it is not ready, it goes on on the runtime's threads.
    fn poll(&self, mut call: BoxFuture<'static, Result<Value>>, op: Option<usize>) -> Begun {
        let mut context = Context::from_waker(Waker::noop());
        if let Poll::Ready(outcome) = call.as_mut().poll(&mut context) {
            return Begun::Ready(outcome);
        }
        let token = self.number();
        let events = self.events.clone();
        let running = self.setup.runtime.spawn(async move {
            let outcome = AssertUnwindSafe(call).catch_unwind().await;
            let outcome =
                outcome.unwrap_or_else(|_| Err(Error::new(Kind::Bug, "a defect in the runtime")));
            // A VM that has ended does not want the outcome.
            let _ = events.send(Event::Done(token, outcome));
        });
        let view = op.and_then(|op| self.view(op));
        self.waits.borrow_mut().insert(
            token,
            Wait {
                abort: Some(running.abort_handle()),
                view,
                ..Wait::default()
            },
        );
        Begun::Waiting(token)
    }

    /// Waits for something that runs on a thread of its own, which answers with [`Event::Done`] of the token.
    pub(super) fn begin_outside(
        &self,
        work: impl FnOnce() -> Result<Value> + Send + 'static,
    ) -> Begun {
        let token = self.number();
        let events = self.events.clone();
        let spawned = std::thread::Builder::new()
            .name("lua-input".into())
            .spawn(move || drop(events.send(Event::Done(token, work()))));
        if let Err(error) = spawned {
            return Begun::Ready(Err(Error::new(
                Kind::Unavailable,
                format!("no thread can be started: {error}"),
            )));
        }
        self.waits.borrow_mut().insert(token, Wait::default());
        Begun::Waiting(token)
    }

    fn view(&self, op: usize) -> Option<mlua::Function> {
        self.bound
            .borrow()
            .get(op)
            .and_then(|bound| bound.view.clone())
    }

    /// Converts the result of an op and lets it behave as the op says.
    pub(super) fn show(&self, op: usize, value: &Value) -> mlua::Result<mlua::Value> {
        self.dress(value, self.view(op).as_ref())
    }

    fn dress(&self, value: &Value, view: Option<&mlua::Function>) -> mlua::Result<mlua::Value> {
        self.sweep_handles();
        let shown = value::to_lua(self, value)?;
        match (view, &shown) {
            (Some(view), mlua::Value::Table(_)) => view.call(shown),
            _ => Ok(shown),
        }
    }

    fn answer(&self, wait: &Wait, outcome: Outcome) -> MultiValue {
        let (success, value) = match outcome {
            Outcome::Settled(success, value) => (success, value),
            Outcome::Call(Ok(value)) => match self.dress(&value, wait.view.as_ref()) {
                Ok(value) => (true, value),
                Err(failure) => (false, error::to_lua(self, error::from_mlua(self, &failure))),
            },
            Outcome::Call(Err(failure)) => (false, error::to_lua(self, failure)),
        };
        MultiValue::from_iter([mlua::Value::Boolean(success), value])
    }

    /// Makes something that a task can wait for and the prelude settles.
    pub(super) fn promise(&self) -> u64 {
        let token = self.number();
        self.waits.borrow_mut().insert(token, Wait::default());
        token
    }

    /// Ends what a task waits for.
    pub(super) fn settle(&self, token: u64, success: bool, value: mlua::Value) {
        self.complete(token, Outcome::Settled(success, value));
    }

    fn complete(&self, token: u64, outcome: Outcome) {
        let waiter = {
            let mut waits = self.waits.borrow_mut();
            let Some(wait) = waits.get_mut(&token) else {
                return;
            };
            match wait.waiter {
                Some(waiter) => waits.remove(&token).map(|wait| (waiter, wait)),
                None => {
                    wait.outcome.get_or_insert(outcome);
                    return;
                }
            }
        };
        if let Some((waiter, wait)) = waiter {
            let values = self.answer(&wait, outcome);
            if let Some(task) = self.tasks.borrow_mut().get_mut(&waiter) {
                task.waiting = None;
            }
            self.ready.borrow_mut().push_back((waiter, values));
        }
    }

    fn take_outcome(&self, token: u64) -> Option<(Wait, Outcome)> {
        let mut waits = self.waits.borrow_mut();
        let outcome = waits.get_mut(&token)?.outcome.take()?;
        Some((waits.remove(&token)?, outcome))
    }

    /// Waits where Lua cannot yield.
    pub(super) fn block(&self, token: u64) -> MultiValue {
        let task = self
            .current
            .borrow()
            .as_ref()
            .map_or(0, |current| current.id);
        if self.blocked.borrow().len() >= MAX_BLOCKED {
            self.forget(token);
            let error = Error::new(
                Kind::Limit,
                "too many calls wait within one another where Lua cannot suspend",
            )
            .hint("make the call before `table.sort`, `string.gsub` or the metamethod");
            return self.answer(&Wait::default(), Outcome::Call(Err(error)));
        }
        self.blocked.borrow_mut().push(task);
        let answer = loop {
            self.drain();
            if let Some((wait, outcome)) = self.take_outcome(token) {
                break self.answer(&wait, outcome);
            }
            let stop = self
                .current
                .borrow()
                .as_ref()
                .map(|current| current.stop.clone());
            let hard =
                self.is_halted() || self.ended.get() || stop.is_some_and(|stop| stop.is_hard());
            if hard {
                self.forget(token);
                let error = self.why_stop().unwrap_or_else(limits::ended);
                break self.answer(&Wait::default(), Outcome::Call(Err(error)));
            }
            match self.next_ready(true) {
                Some((id, values)) => self.resume(id, values),
                None => self.wait_event(),
            }
        };
        self.blocked.borrow_mut().pop();
        answer
    }

    /// Ends a wait with an error.
    pub(super) fn cancel(&self, token: u64) {
        if let Some(wait) = self.waits.borrow_mut().get_mut(&token) {
            if let Some(abort) = wait.abort.take() {
                abort.abort();
            }
        }
        self.complete(token, Outcome::Call(Err(limits::abandoned())));
    }

    fn forget(&self, token: u64) {
        if let Some(wait) = self.waits.borrow_mut().remove(&token) {
            if let Some(abort) = wait.abort {
                abort.abort();
            }
        }
    }

    // Tasks

    /// Starts a task below the running one that calls `function`.
    pub(super) fn spawn(&self, function: mlua::Function) -> mlua::Result<u64> {
        let Some(current) = self.current.borrow().clone() else {
            return Err(mlua::Error::runtime("no script is running"));
        };
        let serves_op = self
            .tasks
            .borrow()
            .get(&current.id)
            .is_some_and(|task| task.serves_op);
        let stop = Stop::below(Some(current.stop));
        let args = MultiValue::from_iter([mlua::Value::Function(function)]);
        let thread = self.thread()?;
        let parent = Some(current.id);
        let id = self.add(thread, current.cx, stop, parent, serves_op, Ending::Child);
        if let Some(parent) = self.tasks.borrow_mut().get_mut(&current.id) {
            parent.children.push(id);
        }
        self.ready.borrow_mut().push_back((id, args));
        Ok(id)
    }

    /// Makes the coroutine of a task.
    fn thread(&self) -> mlua::Result<Thread> {
        let kept = self.free.borrow_mut().pop();
        let is_new = kept.is_none();
        let thread = match kept {
            Some(thread) => thread,
            None => self.lua.create_thread(self.parts.entry.clone())?,
        };
        // SAFETY: the thread belongs to this VM and this OS thread.
        unsafe { limits::arm(thread.state(), false) };
        if is_new {
            self.parts.task_threads.raw_set(&thread, true)?;
        }
        Ok(thread)
    }

    fn add(
        &self,
        thread: Thread,
        cx: Cx,
        stop: Arc<Stop>,
        parent: Option<u64>,
        serves_op: bool,
        ending: Ending,
    ) -> u64 {
        let id = self.number();
        stop.set_task(id);
        self.tasks.borrow_mut().insert(
            id,
            Task {
                thread,
                cx,
                stop,
                parent,
                children: Vec::new(),
                serves_op,
                started: false,
                waiting: None,
                trace: Vec::new(),
                ending,
            },
        );
        id
    }

    /// Returns the id of the running task.
    pub(super) fn task(&self) -> u64 {
        self.current
            .borrow()
            .as_ref()
            .map_or(0, |current| current.id)
    }

    /// Remembers where the running task raised its uncaught error.
    pub(super) fn trace(&self) {
        let frames = error::stack(self, 100);
        let id = self.task();
        if let Some(task) = self.tasks.borrow_mut().get_mut(&id) {
            task.trace = frames;
        }
    }

    /// Stops a task and the tasks below it: what they wait for is dropped, and they see an error.
    pub(super) fn kill(&self, id: u64) {
        let (waiting, started) = match self.tasks.borrow_mut().get_mut(&id) {
            Some(task) => {
                task.stop.hard(limits::abandoned());
                (task.waiting.take(), task.started)
            }
            None => return,
        };
        if !started {
            self.ready.borrow_mut().retain(|(other, _)| *other != id);
            self.finish(id, Ok(MultiValue::new()));
            return;
        }
        if let Some(token) = waiting {
            self.forget(token);
            let error = self
                .tasks
                .borrow()
                .get(&id)
                .and_then(|task| task.stop.error())
                .unwrap_or_else(limits::abandoned);
            let values = self.answer(&Wait::default(), Outcome::Call(Err(error)));
            self.resume(id, values);
        }
    }

    fn resume(&self, id: u64, values: MultiValue) {
        let (thread, current) = {
            let mut tasks = self.tasks.borrow_mut();
            let Some(task) = tasks.get_mut(&id) else {
                return;
            };
            task.started = true;
            let current = Current {
                id,
                cx: task.cx.clone(),
                stop: task.stop.clone(),
            };
            (task.thread.clone(), current)
        };
        let before = self.current.replace(Some(current));
        let resumed = thread.resume::<MultiValue>(values);
        self.current.replace(before);
        match resumed {
            Ok(mut values) if thread.is_resumable() => match values.pop_front() {
                Some(mlua::Value::LightUserData(tag)) if tag == finished_tag() => {
                    let mut free = self.free.borrow_mut();
                    if free.len() < MAX_FREE {
                        free.push(thread);
                    }
                    drop(free);
                    self.finish(id, Ok(values));
                }
                Some(mlua::Value::LightUserData(tag)) if tag == await_tag() => {
                    self.park(id, values.front());
                }
                _ => self.park(id, None),
            },
            ended => self.finish(id, ended),
        }
    }

    /// Notes what a task that yielded waits for.
    fn park(&self, id: u64, token: Option<&mlua::Value>) {
        let token = match token {
            Some(mlua::Value::Integer(token)) => *token as u64,
            _ => 0,
        };
        if let Some((wait, outcome)) = self.take_outcome(token) {
            let values = self.answer(&wait, outcome);
            self.ready.borrow_mut().push_back((id, values));
            return;
        }
        let known = match self.waits.borrow_mut().get_mut(&token) {
            Some(wait) => {
                wait.waiter = Some(id);
                true
            }
            None => false,
        };
        if known {
            if let Some(task) = self.tasks.borrow_mut().get_mut(&id) {
                task.waiting = Some(token);
            }
        } else {
            let error = Error::new(Kind::Script, "attempt to yield from outside a coroutine");
            let values = self.answer(&Wait::default(), Outcome::Call(Err(error)));
            self.ready.borrow_mut().push_back((id, values));
        }
    }

    /// Tells the outcome of a task that has ended.
    fn finish(&self, id: u64, ended: mlua::Result<MultiValue>) {
        let Some(task) = self.tasks.borrow_mut().remove(&id) else {
            return;
        };
        for child in task.children {
            self.kill(child);
        }
        if let Some(parent) = task.parent {
            if let Some(parent) = self.tasks.borrow_mut().get_mut(&parent) {
                parent.children.retain(|child| *child != id);
            }
        }
        let outcome = match task.ending {
            Ending::Child => {
                let success = matches!(&ended, Ok(values) if values.front() == Some(&mlua::Value::Boolean(true)));
                if let (false, false, Some(parent)) = (success, task.stop.is_hard(), task.parent) {
                    let known = task.stop.error().or_else(|| task.cx.check().err());
                    self.fail_parent(parent, ended, known, &task.trace);
                }
                return;
            }
            _ => self.outcome(ended, &task.stop, &task.cx, &task.trace),
        };
        match task.ending {
            Ending::Main(reply) => {
                self.main.replace(None);
                // A caller that went away does not want the outcome.
                let _ = reply.send(outcome);
            }
            Ending::Callback(reply) => {
                let first = outcome.map(|values| values.into_iter().next().unwrap_or_default());
                let _ = reply.send(first);
            }
            Ending::Child => {}
        }
    }

    /// Tells a task that a task below it ended in a way that its function could not report.
    fn fail_parent(
        &self,
        parent: u64,
        ended: mlua::Result<MultiValue>,
        known: Option<Error>,
        trace: &[Frame],
    ) {
        let token = self
            .tasks
            .borrow()
            .get(&parent)
            .and_then(|task| task.waiting);
        let error = match (known, ended) {
            (Some(error), _) => error,
            (None, Ok(values)) => {
                error::from_lua(self, &values.get(1).cloned().unwrap_or_default(), trace)
            }
            (None, Err(failure)) => error::from_mlua(self, &failure),
        };
        if let Some(token) = token {
            self.complete(token, Outcome::Call(Err(error)));
        }
    }

    fn outcome(
        &self,
        ended: mlua::Result<MultiValue>,
        stop: &Stop,
        cx: &Cx,
        trace: &[Frame],
    ) -> Result<Vec<Value>> {
        let success = matches!(&ended, Ok(values) if matches!(values.front(), Some(mlua::Value::Boolean(true))));
        let reason = stop.error().or_else(|| match success {
            true => None,
            false => cx.check().err(),
        });
        if let Some(error) = reason {
            return Err(error::place(error, trace));
        }
        match ended {
            Ok(values) if success => values
                .iter()
                .skip(1)
                .map(|value| value::from_lua(self, value, Purpose::Result))
                .collect(),
            Ok(values) => {
                let raised = values.get(1).cloned().unwrap_or_default();
                Err(error::from_lua(self, &raised, trace))
            }
            Err(failure) => Err(error::place(error::from_mlua(self, &failure), trace)),
        }
    }

    /// Calls a function of the script on top of what runs now.
    pub(super) fn call_now(&self, request: Request) {
        self.nested.set(self.nested.get() + 1);
        if let Some((id, values)) = self.accept(request) {
            self.resume(id, values);
        }
        self.nested.set(self.nested.get() - 1);
    }

    /// Makes the task of a request; answers the request if that fails.
    fn accept(&self, request: Request) -> Option<(u64, MultiValue)> {
        if request.stop.is_set() || self.ended.get() {
            return None;
        }
        let made = self
            .parts
            .functions
            .raw_get::<mlua::Value>(request.function)
            .and_then(|function| {
                self.sweep_handles();
                let mut values = MultiValue::with_capacity(request.args.len() + 1);
                values.push_back(function);
                for arg in &request.args {
                    values.push_back(value::to_lua(self, arg)?);
                }
                Ok((self.thread()?, values))
            });
        let (thread, values) = match made {
            Ok(made) => made,
            Err(failure) => {
                let _ = request.reply.send(Err(error::from_mlua(self, &failure)));
                return None;
            }
        };
        let ending = Ending::Callback(request.reply);
        let id = self.add(thread, request.cx, request.stop, None, true, ending);
        Some((id, values))
    }

    // The loop

    fn run(&self) {
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

    fn start(&self, job: Job) {
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
    fn next_ready(&self, inside: bool) -> Option<(u64, MultiValue)> {
        let mut ready = self.ready.borrow_mut();
        if !inside {
            return ready.pop_front();
        }
        let at = ready.iter().position(|(id, _)| self.may_run(*id))?;
        ready.remove(at)
    }

    fn may_run(&self, id: u64) -> bool {
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

    fn drain(&self) {
        while let Ok(event) = self.inbox.try_recv() {
            self.handle(event);
        }
    }

    fn wait_event(&self) {
        let event = if self.is_stopping() {
            self.inbox.recv_timeout(GRACE)
        } else {
            self.inbox
                .recv()
                .map_err(|_| RecvTimeoutError::Disconnected)
        };
        match event {
            Ok(event) => self.handle(event),
            Err(RecvTimeoutError::Timeout) => self.give_up(),
            Err(RecvTimeoutError::Disconnected) => self.ended.set(true),
        }
    }

    fn handle(&self, event: Event) {
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

    /// Abandons every call under way: its task sees the error for which the script stops.
    fn give_up(&self) {
        let error = self.why_stop().unwrap_or_else(limits::abandoned);
        let tokens: Vec<u64> = {
            let mut waits = self.waits.borrow_mut();
            waits
                .iter_mut()
                .map(|(token, wait)| {
                    if let Some(abort) = wait.abort.take() {
                        abort.abort();
                    }
                    *token
                })
                .collect()
        };
        for token in tokens {
            self.complete(token, Outcome::Call(Err(error.clone())));
        }
    }

    // Random numbers

    /// Returns a seed of the run; `None` if it has none to give.
    pub(super) fn fresh_seed(&self) -> Option<i64> {
        let seed = self.setup.host.seed.clone();
        let cx = self.cx().ok()?;
        let call = Box::pin(async move { cx.call(&seed, Value::Null).await });
        match self.poll(call, None) {
            Begun::Ready(outcome) => outcome.ok()?.as_int(),
            Begun::Waiting(token) => match self.block(token).get(1) {
                Some(mlua::Value::Integer(seed)) => Some(*seed),
                _ => None,
            },
        }
    }

    pub(super) fn seed_if_needed(&self) -> bool {
        if self.random.is_seeded() {
            return true;
        }
        let Some(seed) = self.fresh_seed() else {
            return false;
        };
        self.random.seed(seed as u64, 0);
        true
    }

    // What scripts and ops share

    /// Makes a callback of a function that the caller then stores under the number.
    pub(super) fn hand_out(&self, name: String) -> (Callback, i64) {
        let number = self.number() as i64;
        let callback = Callback::new(Function {
            name,
            number,
            vm: self.id,
            events: self.events.clone(),
        });
        (callback, number)
    }

    /// Keeps a function that came from outside and returns its number.
    pub(super) fn keep_foreign(&self, callback: &Callback) -> i64 {
        let number = self.number() as i64;
        self.foreign.borrow_mut().insert(number, callback.clone());
        number
    }

    /// Forgets a function that came from outside.
    pub(super) fn drop_foreign(&self, number: i64) {
        let callback = self.foreign.borrow_mut().remove(&number);
        drop(callback);
    }

    /// Remembers a handle and returns its key, which is valid until the next sweep.
    pub(super) fn handle_key(&self, handle: &Handle) -> *const str {
        let key: Rc<str> = format!("{}\0{}", handle.kind, handle.id).into();
        let mut handles = self.handles.borrow_mut();
        let key = match handles.get_key_value(&key) {
            Some((known, _)) => known.clone(),
            None => key,
        };
        let address = &raw const *key;
        handles.insert(key, handle.clone());
        address
    }

    /// Returns the handle of that key.
    pub(super) fn find_handle(&self, key: &str) -> Option<Handle> {
        self.handles.borrow().get(key).cloned()
    }

    /// Forgets the handles whose objects the script has dropped, once there are many.
    fn sweep_handles(&self) {
        if self.handles.borrow().len() < self.sweep_at.get() {
            return;
        }
        let objects = &self.parts.objects;
        let mut handles = self.handles.borrow_mut();
        handles.retain(|key, _| !matches!(objects.raw_get(&**key), Ok(mlua::Value::Nil)));
        self.sweep_at.set((handles.len() * 2).max(256));
    }
}
