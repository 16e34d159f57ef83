//! Tasks: the script itself, and functions of the script that ops call.
//!
//! A task is what its calls are made for: their context and what stops them. After `await` a function goes on in the
//! turn that settled what it waited for, so the task of that turn is the task of the call that has ended.

use std::cell::OnceCell;
use std::rc::Rc;
use std::sync::Arc;

use llmspell_core::{Cx, Error, Kind, Result, Value};
use rquickjs::function::Rest;
use rquickjs::promise::PromiseState;
use rquickjs::{Ctx, Function, Object, Persistent, Promise, Value as Js};
use tokio::sync::oneshot;

use super::binder;
use super::error;
use super::script::{self, Gives};
use super::value;
use super::vm::Vm;
use crate::random::Generator;
use crate::reading::Purpose;
use crate::vm::{Args, Current, Job, Request, Stop, Target, abandoned, ended, no_function};

/// How many microtasks are run between two looks at the stops.
const LOOK: u32 = 64;
/// Most microtasks that are run for a task that must stop. Its functions are interrupted long before.
const LAST: u32 = 200_000;

/// What calls are made for.
pub(super) struct Task {
    cx: Cx,
    stop: Arc<Stop>,
    /// Who waits for the end, for a function that an op called.
    reply: Option<oneshot::Sender<Result<Value>>>,
    /// What the value that the function returns is read for.
    purpose: Purpose,
    /// The random numbers of a function, made when it draws one.
    random: OnceCell<Rc<Generator>>,
}

/// The script under way.
pub(super) struct Main {
    pub(super) task: u64,
    pub(super) stop: Arc<Stop>,
    reply: oneshot::Sender<Result<Vec<Value>>>,
    begun: Option<Begun>,
}

/// What the script's own promise is and what it gives.
#[derive(Clone)]
struct Begun {
    promise: Persistent<Promise<'static>>,
    gives: Gives,
}

/// Whether the script is over.
enum Verdict {
    /// It still waits for something.
    Open,
    /// It is to be judged again: what it gives is a promise.
    Again,
    Over(Result<Vec<Value>>),
}

/// A promise that was rejected while nobody handled it.
pub(super) struct Rejection {
    /// The stack of the throw, for reasons that have none.
    pub(super) trace: String,
    pub(super) promise: Persistent<Object<'static>>,
    pub(super) reason: Persistent<Js<'static>>,
}

impl Vm {
    /// Returns the id of the running task; 0 without one.
    pub(super) fn task(&self) -> u64 {
        self.current
            .borrow()
            .as_ref()
            .map_or(0, |current| current.id)
    }

    /// Returns what a task's calls are made for; once it has ended, those of the script itself.
    pub(super) fn current_of(&self, task: u64) -> Option<Current> {
        let tasks = self.tasks.borrow();
        let id = match tasks.contains_key(&task) {
            true => task,
            false => self.main.borrow().as_ref()?.task,
        };
        let task = tasks.get(&id)?;
        Some(Current {
            id,
            cx: task.cx.clone(),
            stop: task.stop.clone(),
        })
    }

    /// Returns the generator of the running task: that of the script, or its own.
    pub(super) fn random(&self) -> Rc<Generator> {
        let tasks = self.tasks.borrow();
        match tasks.get(&self.task()) {
            Some(task) if task.reply.is_some() => task.random.get_or_init(Rc::default).clone(),
            _ => self.random.clone(),
        }
    }

    /// Returns the context of the running task.
    pub(super) fn cx(&self) -> Result<Cx> {
        let task = self.task();
        match self.current_of(task) {
            Some(current) => Ok(current.cx),
            None => Err(Error::new(Kind::InvalidState, "no script is running")),
        }
    }

    fn add(
        &self,
        cx: Cx,
        stop: Arc<Stop>,
        reply: Option<oneshot::Sender<Result<Value>>>,
        purpose: Purpose,
    ) -> Current {
        let id = self.number();
        stop.set_task(id);
        let current = Current {
            id,
            cx: cx.clone(),
            stop: stop.clone(),
        };
        let task = Task {
            cx,
            stop,
            reply,
            purpose,
            random: OnceCell::new(),
        };
        self.tasks.borrow_mut().insert(id, task);
        current
    }

    /// Runs something for a task, and then all microtasks that follow from it.
    pub(super) fn turn<R>(&self, ctx: &Ctx<'_>, current: Current, run: impl FnOnce() -> R) -> R {
        let before = self.current.replace(Some(current));
        self.turn_trace(ctx);
        let ran = run();
        self.run_microtasks(ctx);
        self.current.replace(before);
        ran
    }

    /// Runs the microtasks of the running task. One that must stop is interrupted in them until none is left, so that
    /// nothing of it goes on in the turns of others.
    fn run_microtasks(&self, ctx: &Ctx<'_>) {
        let (mut count, mut last) = (0_u32, 0);
        self.turn_trace(ctx);
        while ctx.execute_pending_job() {
            self.turn_trace(ctx);
            count = count.wrapping_add(1);
            if count % LOOK == 0 && self.why_stop().is_some() {
                last += LOOK;
                if last > LAST {
                    // What cannot be taken out of the queue ends the interpreter.
                    return self.ended.set(true);
                }
            }
        }
    }

    /// Begins a script.
    pub(super) fn start(&self, ctx: &Ctx<'_>, job: Job) {
        if job.stop.is_set() {
            return;
        }
        let current = self.add(job.cx, job.stop.clone(), None, Purpose::Result);
        let script = Rc::new(job.script);
        self.ticks.set(0);
        self.main.replace(Some(Main {
            task: current.id,
            stop: job.stop,
            reply: job.reply,
            begun: None,
        }));
        let begun = self.turn(ctx, current, || {
            let begun = script::begin(self, ctx, script)?;
            Ok(Begun {
                promise: Persistent::save(ctx, begun.0),
                gives: begun.1,
            })
        });
        match begun {
            Ok(begun) => {
                if let Some(main) = &mut *self.main.borrow_mut() {
                    main.begun = Some(begun);
                }
            }
            Err(error) => self.finish(ctx, Err(error)),
        }
    }

    /// Ends the script if it is over, and returns whether that changed anything.
    pub(super) fn judge(&self, ctx: &Ctx<'_>) -> bool {
        let Some((stop, begun)) = self
            .main
            .borrow()
            .as_ref()
            .map(|main| (main.stop.clone(), main.begun.clone()))
        else {
            return false;
        };
        if stop.is_set() {
            self.clear_timers();
        }
        let verdict = match (stop.is_hard(), begun) {
            (true, _) => Verdict::Over(Ok(Vec::new())),
            (false, Some(begun)) => self.verdict(ctx, begun, stop.is_set()),
            (false, None) => Verdict::Open,
        };
        let outcome = match verdict {
            Verdict::Open => return false,
            Verdict::Again => return true,
            Verdict::Over(outcome) => outcome,
        };
        // A stop is the reason, whatever the script made of it.
        let outcome = match (stop.error(), outcome) {
            (Some(error), Err(raised)) => Err(located(error, &raised)),
            (Some(error), Ok(_)) => Err(error),
            (None, outcome) => outcome,
        };
        self.finish(ctx, outcome);
        true
    }

    fn verdict(&self, ctx: &Ctx<'_>, begun: Begun, stopping: bool) -> Verdict {
        let Ok(promise) = begun.promise.restore(ctx) else {
            return Verdict::Over(Err(abandoned()));
        };
        if promise.state() == PromiseState::Rejected {
            return Verdict::Over(Err(self.reason(ctx, &promise)));
        }
        if let Some(error) = self.unhandled(ctx, &promise) {
            return Verdict::Over(Err(error));
        }
        let idle = self.waits.borrow().is_empty() && !self.has_timers() && self.is_quiet();
        match promise.state() {
            PromiseState::Pending if stopping && self.waits.borrow().is_empty() => {
                Verdict::Over(Ok(Vec::new()))
            }
            PromiseState::Pending if idle && self.is_alone() => {
                let message = "the script waits for a promise that nothing will settle";
                let error = Error::new(Kind::Script, message);
                Verdict::Over(Err(error.hint("is its `resolve` ever called?")))
            }
            PromiseState::Resolved if idle => self.result(ctx, &promise, begun.gives),
            _ => Verdict::Open,
        }
    }

    /// Whether nothing outside the script could still call one of its functions.
    fn is_alone(&self) -> bool {
        self.functions.borrow().is_empty() && self.tasks.borrow().len() == 1
    }

    /// Reads what the script gives; if that is a promise, the script is over when it is settled.
    fn result<'js>(&self, ctx: &Ctx<'js>, promise: &Promise<'js>, gives: Gives) -> Verdict {
        let current = self.current_of(0);
        let Some(current) = current else {
            return Verdict::Over(Err(abandoned()));
        };
        self.turn(ctx, current, || {
            let given = match gives.value(ctx, promise) {
                Ok(given) => given,
                Err(failure) => return Verdict::Over(Err(error::caught(self, ctx, failure))),
            };
            if let Some(inner) = given.as_promise() {
                let begun = Begun {
                    promise: Persistent::save(ctx, inner.clone()),
                    gives: Gives::Itself,
                };
                if let Some(main) = &mut *self.main.borrow_mut() {
                    main.begun = Some(begun);
                }
                return Verdict::Again;
            }
            if given.is_undefined() {
                return Verdict::Over(Ok(Vec::new()));
            }
            let read = value::from_js(self, &given, Purpose::Result);
            Verdict::Over(read.map(|value| vec![value]))
        })
    }

    fn reason<'js>(&self, ctx: &Ctx<'js>, promise: &Promise<'js>) -> Error {
        let own = |rejection: &&Rejection| {
            let kept: rquickjs::Result<Object<'js>> = rejection.promise.clone().restore(ctx);
            kept.is_ok_and(|kept| kept.as_value() == promise.as_value())
        };
        let rejected = self.rejected.borrow();
        let trace = rejected.iter().find(own).map(|own| own.trace.clone());
        drop(rejected);
        match promise.result::<Js<'_>>() {
            Some(Err(failure)) => error::caught_at(self, ctx, failure, &trace.unwrap_or_default()),
            _ => abandoned(),
        }
    }

    /// Takes the first rejection that nobody has handled.
    fn unhandled<'js>(&self, ctx: &Ctx<'js>, own: &Promise<'js>) -> Option<Error> {
        let rejected = self.rejected.take();
        for rejection in rejected {
            let (promise, reason) = (
                rejection.promise.restore(ctx).ok()?,
                rejection.reason.restore(ctx).ok()?,
            );
            if promise.as_value() != own.as_value() {
                let error = error::of_raised(self, &reason, &rejection.trace);
                return Some(
                    error.hint("nobody handled this rejection: `await` the promise, or `catch` it"),
                );
            }
        }
        None
    }

    /// Tells the outcome of the script, and drops what it left behind.
    fn finish(&self, ctx: &Ctx<'_>, outcome: Result<Vec<Value>>) {
        let task = self
            .main
            .borrow()
            .as_ref()
            .map(|main| (main.task, main.stop.clone()));
        let Some((task, stop)) = task else {
            return;
        };
        self.drop_waits(task);
        self.clear_timers();
        stop.hard(ended());
        if let Some(current) = self.current_of(task) {
            self.turn(ctx, current, || {});
        }
        self.rejected.take();
        self.tasks.borrow_mut().remove(&task);
        let Some(main) = self.main.take() else {
            return;
        };
        // A caller that went away does not want the outcome.
        let _ = main.reply.send(outcome);
    }

    fn function<'js>(&self, ctx: &Ctx<'js>, target: &Target) -> Result<Function<'js>> {
        match target {
            Target::Number(number) => {
                let kept = self.functions.borrow().get(number).cloned();
                let kept = kept.and_then(|kept| kept.restore(ctx).ok());
                kept.ok_or_else(ended)
            }
            Target::Global(name) => {
                let found: rquickjs::Result<Function<'js>> = ctx.globals().get(&**name);
                found.map_err(|_| {
                    drop(ctx.catch());
                    no_function(name)
                })
            }
        }
    }

    /// Calls a function of the script for an op; its end is told when the promise that it may return is settled.
    pub(super) fn accept(&self, ctx: &Ctx<'_>, request: Request, nested: bool) {
        if request.stop.is_set() || self.ended.get() {
            return;
        }
        let function = match self.function(ctx, &request.function) {
            Ok(function) => function,
            Err(error) => {
                let _ = request.reply.send(Err(error));
                return;
            }
        };
        let current = self.add(
            request.cx,
            request.stop,
            Some(request.reply),
            request.purpose,
        );
        let id = current.id;
        let args = request.args;
        let run = || {
            let called = self.apply(ctx, &function, args);
            match called.and_then(|value| self.follow(ctx, id, value)) {
                Ok(()) => {}
                Err(failure) => {
                    let error = error::caught(self, ctx, failure);
                    self.end(id, Err(error));
                }
            }
        };
        if nested {
            let before = self.current.replace(Some(current));
            run();
            self.current.replace(before);
        } else {
            self.turn(ctx, current, run);
        }
    }

    fn apply<'js>(
        &self,
        ctx: &Ctx<'js>,
        function: &Function<'js>,
        args: Args,
    ) -> rquickjs::Result<Js<'js>> {
        let plain = |arg: &Value| value::to_js(self, ctx, arg);
        let args: Vec<Js<'js>> = match args {
            Args::Values(args) => args.iter().map(plain).collect::<rquickjs::Result<_>>()?,
            Args::Shown(value, view) => vec![binder::shown(self, ctx, &value, view)?],
            Args::Told(told) => vec![plain(&Value::Map(told.members()))?],
        };
        function.call((Rest(args),))
    }

    /// Ends the task with what its function returned, now or when that is settled.
    fn follow<'js>(&self, ctx: &Ctx<'js>, id: u64, value: Js<'js>) -> rquickjs::Result<()> {
        let Some(promise) = value.as_promise() else {
            self.answer(id, &value);
            return Ok(());
        };
        if promise.state() == PromiseState::Resolved {
            let value: Js<'js> = promise
                .result()
                .unwrap_or_else(|| Ok(Js::new_undefined(ctx.clone())))?;
            self.answer(id, &value);
            return Ok(());
        }
        let follow = self.part(ctx, |parts| &parts.follow)?;
        follow.call((value, id as f64))
    }

    /// Ends a task with the value that its function returned.
    pub(super) fn answer(&self, id: u64, value: &Js<'_>) {
        let purpose = self.tasks.borrow().get(&id).map(|task| task.purpose);
        if let Some(purpose) = purpose {
            self.end(id, value::from_js(self, value, purpose));
        }
    }

    /// Ends a task whose function has ended.
    pub(super) fn end(&self, id: u64, outcome: Result<Value>) {
        let Some(task) = self.tasks.borrow_mut().remove(&id) else {
            return;
        };
        if let Some(reply) = task.reply {
            // A caller that went away does not want the outcome.
            let _ = reply.send(match (task.stop.error(), outcome) {
                (Some(error), Err(_)) => Err(error),
                (_, outcome) => outcome,
            });
        }
    }

    /// Stops a task that nobody waits for any more: its calls are dropped, and it sees an error.
    pub(super) fn kill(&self, ctx: &Ctx<'_>, id: u64) {
        let is_main = self
            .main
            .borrow()
            .as_ref()
            .is_some_and(|main| main.task == id);
        if is_main {
            return;
        }
        self.abandon(ctx, Some(id));
        self.tasks.borrow_mut().remove(&id);
    }
}

/// The error for which a script stopped, with the place where it was.
fn located(error: Error, raised: &Error) -> Error {
    let mut error = error;
    for name in ["at", "file", "line", "column", "stack"] {
        if let Some(value) = raised.details().get(name)
            && !error.details().contains_key(name)
        {
            error = error.with(name, value.clone());
        }
    }
    error
}
