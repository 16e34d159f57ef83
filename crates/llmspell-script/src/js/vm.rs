//! One JavaScript VM on a thread of its own: its loop, and what comes in from outside.
//!
//! Each event is a turn: what it is about is done, then all microtasks that follow from it. A call of an op is polled
//! once where the script makes it. If it is not ready, it moves to the runtime's threads, and its end is a later turn.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::ffi::c_int;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};

use llmspell_core::{Error, Kind, Result, Value, View};
use rquickjs::{Context, Ctx, Function, JsLifetime, Object, Persistent, Runtime, Value as Js, qjs};

use super::handle::Handles;
use super::loader::{self, Loaded};
use super::prelude::Parts;
use super::task::{Main, Rejection, Task};
use super::timer::Timers;
use super::wait::{Bound, Wait};
use super::{JavaScriptOptions, binder, error, prelude};
use crate::random::Generator;
use crate::vm::{
    ByNumber, Current, Event, GRACE, Input, Job, Local, Request, Setup, Stop, abandoned, enter,
    leave, refuse,
};

/// Deepest nesting of functions that ops call on the VM's own stack; deeper ones take the queue.
const MAX_NESTED: u32 = 4;
/// Memory of the globals before any script runs, beyond which the limit counts.
const LEAST_MEMORY: usize = 4 << 20;

/// What the loop does next.
enum Turn {
    Call(Request),
    Done(u64, Result<Value>),
    Kill(Arc<Stop>),
}

/// The VM of this thread.
pub(super) struct Vm {
    pub(super) id: u64,
    pub(super) setup: Setup<JavaScriptOptions>,
    pub(super) events: Sender<Event>,
    inbox: Receiver<Event>,
    context: NonNull<qjs::JSContext>,
    pub(super) parts: RefCell<Option<Parts>>,
    pub(super) bound: RefCell<Vec<Bound>>,
    /// The functions of views of what functions are given.
    pub(super) argument_views: RefCell<Vec<(View, binder::Behaviour)>>,
    pub(super) handles: RefCell<Handles>,
    pub(super) functions: RefCell<HashMap<i64, Persistent<Function<'static>>>>,
    pub(super) tasks: RefCell<ByNumber<Task>>,
    pub(super) waits: RefCell<ByNumber<Wait>>,
    pub(super) timers: Timers,
    pub(super) input: Input,
    turns: RefCell<VecDeque<Turn>>,
    jobs: RefCell<VecDeque<Job>>,
    pub(super) main: RefCell<Option<Main>>,
    pub(super) current: RefCell<Option<Current>>,
    pub(super) rejected: RefCell<Vec<Rejection>>,
    /// The last value of this turn that was raised without a stack of its own, and the stack.
    thrown: RefCell<Option<(Persistent<Js<'static>>, String)>>,
    /// The stack of what was raised in the microtask before this one.
    before: RefCell<Option<String>>,
    numbers: Cell<u64>,
    nested: Cell<u32>,
    /// Calls that the thread itself waits for.
    pub(super) blocked: Cell<u32>,
    pub(super) ticks: Cell<u64>,
    pub(super) ended: Cell<bool>,
    /// The random numbers of the script itself.
    pub(super) random: Rc<Generator>,
    pub(super) loaded: RefCell<Loaded>,
    /// The code whose first line begins so many columns later than it was written.
    pub(super) shifted: RefCell<Option<(String, i64)>>,
}

thread_local! {
    static VM: RefCell<Option<Rc<Vm>>> = const { RefCell::new(None) };
}

/// Calls a function with the VM of this thread; `None` on threads without one.
pub(super) fn with<R>(function: impl FnOnce(&Vm) -> R) -> Option<R> {
    let vm = VM.try_with(|slot| slot.try_borrow().ok()?.clone()).ok()??;
    Some(function(&vm))
}

/// Calls a function of the engine with the VM of this thread.
pub(super) fn on<R>(function: impl FnOnce(&Vm) -> rquickjs::Result<R>) -> rquickjs::Result<R> {
    with(function).unwrap_or(Err(rquickjs::Error::Unknown))
}

impl Local for Vm {
    // A function that runs on top of others shares their microtasks, so it does only where the thread waits for it.
    fn has_room(&self, vm: u64) -> bool {
        self.id == vm
            && self.blocked.get() > 0
            && self.nested.get() < MAX_NESTED
            && !self.ended.get()
    }

    fn call_now(&self, request: Request) {
        self.nested.set(self.nested.get() + 1);
        // SAFETY: this is the thread of the VM, so its context is alive, and nobody else uses it meanwhile.
        let ctx = unsafe { Ctx::from_raw(self.context) };
        self.accept(&ctx, request, true);
        self.nested.set(self.nested.get() - 1);
    }
}

/// Makes a VM and serves it until it is told to end. Runs on a thread of its own.
pub(super) fn serve(
    setup: Setup<JavaScriptOptions>,
    events: Sender<Event>,
    inbox: Receiver<Event>,
) {
    let runtime = setup.runtime.clone();
    let _inside = runtime.enter();
    let made = Runtime::new().and_then(|js| Ok((Context::full(&js)?, js)));
    let (context, js) = match made {
        Ok(made) => made,
        Err(failure) => return refuse(&unusable(&failure.to_string()), &inbox),
    };
    let most = setup.options.max_memory;
    js.set_max_stack_size(setup.options.max_stack);
    js.set_interrupt_handler(Some(Box::new(|| {
        with(|vm| {
            vm.look();
            vm.why_stop().is_some()
        })
        .unwrap_or_default()
    })));
    js.set_host_promise_rejection_tracker(Some(Box::new(|ctx, promise, reason, handled| {
        with(|vm| vm.track(&ctx, promise, reason, handled));
    })));
    js.set_loader(loader::Paths, loader::Files);
    let vm = context.with(|ctx| {
        let vm = Rc::new(Vm::new(&ctx, setup, events, inbox));
        VM.with(|slot| slot.replace(Some(vm.clone())));
        enter(vm.clone());
        vm
    });
    let served = catch_unwind(AssertUnwindSafe(|| {
        let installed = context.with(|ctx| {
            let installed = prelude::install(&vm, &ctx).and_then(|()| binder::install(&vm, &ctx));
            installed.map_err(|failure| error::caught(&vm, &ctx, failure).to_string())
        });
        if let Err(why) = installed {
            return refuse(&unusable(&why), &vm.inbox);
        }
        let used = js.memory_usage().malloc_size;
        let used = usize::try_from(used).unwrap_or_default();
        let most = most.max(used + LEAST_MEMORY);
        js.set_memory_limit(most);
        vm.setup.gauge.limit(most);
        context.with(|ctx| vm.run(&ctx));
    }));
    vm.clear();
    leave();
    VM.with(|slot| slot.replace(None));
    drop(vm);
    if served.is_err() {
        // After a panic values may still be held somewhere; freeing their runtime would abort the process.
        std::mem::forget((context, js));
    }
}

fn unusable(why: &str) -> Error {
    Error::new(
        Kind::Unavailable,
        format!("the JavaScript engine cannot be started: {why}"),
    )
    .hint("is `engines.javascript.max_memory` too small?")
}

impl Vm {
    fn new(
        ctx: &Ctx<'_>,
        setup: Setup<JavaScriptOptions>,
        events: Sender<Event>,
        inbox: Receiver<Event>,
    ) -> Self {
        Self {
            id: setup.id,
            setup,
            events,
            inbox,
            context: ctx.as_raw(),
            parts: RefCell::default(),
            bound: RefCell::default(),
            argument_views: RefCell::default(),
            handles: RefCell::default(),
            functions: RefCell::default(),
            tasks: RefCell::default(),
            waits: RefCell::default(),
            timers: Timers::default(),
            turns: RefCell::default(),
            jobs: RefCell::default(),
            main: RefCell::default(),
            current: RefCell::default(),
            rejected: RefCell::default(),
            thrown: RefCell::default(),
            before: RefCell::default(),
            input: Input::default(),
            numbers: Cell::new(1),
            nested: Cell::default(),
            blocked: Cell::default(),
            ticks: Cell::default(),
            ended: Cell::default(),
            random: Rc::default(),
            loaded: RefCell::default(),
            shifted: RefCell::default(),
        }
    }

    /// Drops everything that holds values of the script.
    fn clear(&self) {
        self.ended.set(true);
        self.waits.take();
        self.clear_timers();
        self.clear_handles();
        self.bound.take();
        self.argument_views.take();
        self.functions.take();
        self.rejected.take();
        self.thrown.take();
        self.main.take();
        self.tasks.take();
        self.turns.take();
        self.jobs.take();
        self.parts.take();
    }

    /// Returns a part of the prelude.
    pub(super) fn part<'js, T>(
        &self,
        ctx: &Ctx<'js>,
        part: impl FnOnce(&Parts) -> &Persistent<T>,
    ) -> rquickjs::Result<T::Changed<'js>>
    where
        T: JsLifetime<'static> + Clone,
    {
        let kept = self
            .parts
            .borrow()
            .as_ref()
            .map(|parts| part(parts).clone());
        kept.ok_or(rquickjs::Error::Unknown)?.restore(ctx)
    }

    /// Begins a microtask: what was raised in the one before it is kept, as its promise may tell this one; older is not.
    pub(super) fn turn_trace(&self, ctx: &Ctx<'_>) {
        let trace = self.take_trace(ctx);
        let trace = trace.is_string().then(|| trace.get().ok()).flatten();
        self.before.replace(trace);
        self.thrown.take();
    }

    /// Returns the stack of what was raised in the microtask before this one; empty if there is none.
    pub(super) fn trace_before(&self) -> String {
        self.before.borrow().clone().unwrap_or_default()
    }

    /// Returns the stack of the throw with which a promise has just been rejected, for a reason that has none itself.
    fn trace_of<'js>(&self, ctx: &Ctx<'js>, reason: &Js<'js>) -> String {
        let trace = error::trace(self, ctx, reason);
        let mut thrown = self.thrown.borrow_mut();
        if trace.is_empty() {
            // The promise of a module follows that of its function.
            let kept = thrown.as_ref().filter(|(value, _)| {
                let value = value.clone().restore(ctx);
                value.is_ok_and(|value| value == *reason)
            });
            return match kept {
                Some((_, trace)) => trace.clone(),
                None if reason.is_error() => trace,
                None => self.trace_before(),
            };
        }
        *thrown = Some((Persistent::save(ctx, reason.clone()), trace.clone()));
        trace
    }

    /// Returns a number that this VM has not used yet.
    pub(super) fn number(&self) -> u64 {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        number
    }

    /// Returns the text of the stack where the script is now.
    pub(super) fn stack(&self, ctx: &Ctx<'_>) -> String {
        let stack = self
            .part(ctx, |parts| &parts.stack)
            .and_then(|stack| stack.call::<_, Option<String>>(()));
        self.take_trace(ctx);
        match stack {
            Ok(stack) => stack.unwrap_or_default(),
            Err(_) => {
                drop(ctx.catch());
                String::new()
            }
        }
    }

    /// Takes the stack that the engine keeps of the first error since it was taken last: made or raised, and not caught.
    ///
    /// It is the only one that a raised value has which is no `Error`. Undefined if there is none.
    pub(super) fn take_trace<'js>(&self, ctx: &Ctx<'js>) -> Js<'js> {
        /// The number of the engine's command `ErrorBackTrace`.
        const ERROR_BACK_TRACE: c_int = 2;
        let mut trace = MaybeUninit::uninit();
        // SAFETY: this is the thread of the VM, so its context is alive. The command writes a value and gives it away.
        unsafe {
            qjs::js_std_cmd(ERROR_BACK_TRACE, ctx.as_raw().as_ptr(), trace.as_mut_ptr());
            Js::from_raw(ctx.clone(), trace.assume_init())
        }
    }

    /// Ends the script that runs, whatever task asks for it.
    pub(super) fn halt(&self, error: Error) {
        if let Some(main) = &*self.main.borrow() {
            main.stop.hard(error);
        } else if let Some(current) = &*self.current.borrow() {
            current.stop.hard(error);
        }
    }

    /// Returns why what runs now must stop, if it must.
    pub(super) fn why_stop(&self) -> Option<Error> {
        if let Some(main) = &*self.main.borrow()
            && main.stop.is_set()
        {
            return main.stop.error();
        }
        self.current.borrow().as_ref()?.why_stop()
    }

    /// Whether no turn waits to be taken.
    pub(super) fn is_quiet(&self) -> bool {
        self.turns.borrow().is_empty()
    }

    /// Notes a promise that was rejected while nobody handled it, and forgets one that is handled now.
    fn track<'js>(&self, ctx: &Ctx<'js>, promise: Js<'js>, reason: Js<'js>, handled: bool) {
        let Some(promise) = promise.into_object() else {
            return;
        };
        if handled {
            let mut rejected = self.rejected.borrow_mut();
            rejected.retain(|kept| {
                let kept: rquickjs::Result<Object<'js>> = kept.promise.clone().restore(ctx);
                kept.is_ok_and(|kept| kept != promise)
            });
            return;
        }
        // What a stopped task leaves behind is no news.
        if self.why_stop().is_some() {
            return;
        }
        let trace = self.trace_of(ctx, &reason);
        self.rejected.borrow_mut().push(Rejection {
            trace,
            promise: Persistent::save(ctx, promise),
            reason: Persistent::save(ctx, reason),
        });
    }

    fn run(&self, ctx: &Ctx<'_>) {
        while !self.ended.get() {
            while let Ok(event) = self.inbox.try_recv() {
                self.handle(ctx, event);
            }
            if self.ended.get() {
                return;
            }
            if self.main.borrow().is_none() {
                let job = self.jobs.borrow_mut().pop_front();
                if let Some(job) = job {
                    self.start(ctx, job);
                    continue;
                }
            }
            let turn = self.turns.borrow_mut().pop_front();
            let moved = match turn {
                Some(turn) => {
                    self.take(ctx, turn);
                    true
                }
                None => self.fire(ctx),
            };
            if moved {
                self.tick();
            }
            if !self.judge(ctx) && !moved {
                self.wait_event(ctx);
            }
        }
    }

    fn take(&self, ctx: &Ctx<'_>, turn: Turn) {
        match turn {
            Turn::Call(request) => self.accept(ctx, request, false),
            Turn::Done(token, outcome) => {
                if !self.waited(token, &outcome) {
                    self.settle(ctx, token, outcome);
                }
            }
            Turn::Kill(stop) => self.kill(ctx, stop.task()),
        }
    }

    fn tick(&self) {
        let ticks = self.ticks.get() + 1;
        self.ticks.set(ticks);
        let most = self.setup.options.max_event_loop_ticks;
        if most > 0 && ticks > most {
            let message = format!("the script took more than {most} turns of its event loop");
            self.halt(
                Error::new(Kind::Limit, message)
                    .with("what", "ticks")
                    .with("limit", most)
                    .hint("raise `engines.javascript.max_event_loop_ticks`"),
            );
        }
    }

    fn is_stopping(&self) -> bool {
        let main = self.main.borrow();
        main.as_ref().is_some_and(|main| main.stop.is_set())
    }

    /// Says how much memory the script has, if that was asked for.
    fn look(&self) {
        self.setup.gauge.answer(|| {
            let mut usage = MaybeUninit::uninit();
            // SAFETY: this is the thread of the VM, so its context is alive; the function only reads the runtime and fills
            // all of `usage`.
            let usage = unsafe {
                let runtime = qjs::JS_GetRuntime(self.context.as_ptr());
                qjs::JS_ComputeMemoryUsage(runtime, usage.as_mut_ptr());
                usage.assume_init()
            };
            u64::try_from(usage.malloc_size).unwrap_or_default()
        });
    }

    fn wait_event(&self, ctx: &Ctx<'_>) {
        let event = if self.is_stopping() {
            self.inbox.recv_timeout(GRACE)
        } else {
            self.look();
            let event = self.setup.gauge.waiting(|| self.inbox.recv());
            event.map_err(|_| RecvTimeoutError::Disconnected)
        };
        match event {
            Ok(event) => self.handle(ctx, event),
            Err(RecvTimeoutError::Timeout) => {
                self.abandon(ctx, None);
                self.halt(abandoned());
            }
            Err(RecvTimeoutError::Disconnected) => self.ended.set(true),
        }
    }

    fn handle(&self, ctx: &Ctx<'_>, event: Event) {
        let turn = match event {
            Event::Eval(job) => return self.jobs.borrow_mut().push_back(job),
            Event::Call(request) => Turn::Call(request),
            Event::Done(token, outcome) => Turn::Done(token, outcome),
            Event::Kill(stop) => Turn::Kill(stop),
            Event::Release(number) => {
                self.functions.borrow_mut().remove(&number);
                return;
            }
            Event::Complete(prefix, reply) => {
                let _ = reply.send(prelude::complete(self, ctx, &prefix));
                return;
            }
            Event::Wake => return,
            Event::End => return self.ended.set(true),
        };
        self.turns.borrow_mut().push_back(turn);
    }
}
