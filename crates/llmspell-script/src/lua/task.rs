//! Tasks: the script itself, functions of the script that ops call, and the functions of `Async.all`.

use std::cell::OnceCell;
use std::ffi::c_int;
use std::rc::Rc;
use std::sync::Arc;

use llmspell_core::{CallId, Cx, Error, Kind, Result, Value};
use mlua::{LightUserData, MultiValue, Thread};
use tokio::sync::oneshot;

use super::error;
use super::limits;
use super::value;
use super::vm::Vm;
use super::wait::{Outcome, Wait};
use crate::random::Generator;
use crate::reading::Purpose;
use crate::vm::{Current, Frame, Request, Stop, abandoned, place};

/// Most coroutines that are kept for later tasks.
const MAX_FREE: usize = 64;

/// What the places of functions that run side by side are named after.
const SPAWNED: &str = "async.all";

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

/// What is told about the end of a task.
pub(super) enum Ending {
    Main(oneshot::Sender<Result<Vec<Value>>>),
    /// Of a function that an op called.
    Callback(Awaited),
    Child,
}

/// Who waits for the first value that a function returns, and what for.
pub(super) type Awaited = (oneshot::Sender<Result<Value>>, Purpose);

/// A coroutine that the engine resumes.
pub(super) struct Task {
    pub(super) thread: Thread,
    pub(super) cx: Cx,
    pub(super) stop: Arc<Stop>,
    pub(super) parent: Option<u64>,
    pub(super) children: Vec<u64>,
    pub(super) serves_op: bool,
    pub(super) started: bool,
    pub(super) waiting: Option<u64>,
    /// How many values stand on the coroutine's stack already, with which it is resumed.
    pub(super) pushed: c_int,
    pub(super) trace: Vec<Frame>,
    pub(super) ending: Ending,
    /// The random numbers of a function, made when it draws one.
    pub(super) random: OnceCell<Rc<Generator>>,
}

impl Vm {
    /// Returns how many lists of functions the running task has started before.
    pub(super) fn group(&self) -> u32 {
        let current = self.current.borrow();
        let count = |current: &Current| {
            current
                .cx
                .count(CallId::content(current.cx.id(), SPAWNED, ""))
        };
        current.as_ref().map_or(0, count)
    }

    /// Starts a task below the running one that calls `function`, which stands at `index` of the list `group`.
    pub(super) fn spawn(
        &self,
        function: mlua::Function,
        group: u32,
        index: u32,
    ) -> mlua::Result<u64> {
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
        // What a function calls, sees and draws depends on where it stands, not on when it runs.
        let place = CallId::content(current.cx.id(), SPAWNED, &format!("{group}/{index}"));
        let cx = current.cx.apart(place);
        let id = self.add(thread, cx, stop, parent, serves_op, Ending::Child);
        if let Some(parent) = self.tasks.borrow_mut().get_mut(&current.id) {
            parent.children.push(id);
        }
        self.ready.borrow_mut().push_back((id, args));
        Ok(id)
    }

    /// Makes the coroutine of a task.
    pub(super) fn thread(&self) -> mlua::Result<Thread> {
        let kept = self.free.borrow_mut().pop();
        let is_new = kept.is_none();
        let thread = match kept {
            Some(thread) => thread,
            None => self.lua.create_thread(self.parts.entry.clone())?,
        };
        // SAFETY: the thread belongs to this VM and this OS thread.
        unsafe { limits::rest(thread.state()) };
        if is_new {
            self.parts.task_threads.raw_set(&thread, true)?;
        }
        Ok(thread)
    }

    /// Keeps a coroutine that is free for a later task.
    pub(super) fn keep(&self, thread: Thread) {
        let mut free = self.free.borrow_mut();
        if free.len() < MAX_FREE {
            free.push(thread);
        }
    }

    pub(super) fn add(
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
                pushed: 0,
                trace: Vec::new(),
                ending,
                random: OnceCell::new(),
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
                task.stop.hard(abandoned());
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
                .unwrap_or_else(abandoned);
            let values = self.answer(&Wait::default(), Outcome::Call(Err(error)));
            self.resume(id, values);
        }
    }

    /// Notes what a task that yielded waits for.
    pub(super) fn park(&self, id: u64, token: Option<&mlua::Value>) {
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
    pub(super) fn finish(&self, id: u64, ended: mlua::Result<MultiValue>) {
        let Some(task) = self.tasks.borrow_mut().remove(&id) else {
            return;
        };
        for child in task.children {
            self.kill(child);
        }
        if let Some(parent) = task.parent
            && let Some(parent) = self.tasks.borrow_mut().get_mut(&parent)
        {
            parent.children.retain(|child| *child != id);
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
            Ending::Callback((_, purpose)) => {
                self.outcome(ended, &task.stop, &task.cx, &task.trace, (purpose, 1))
            }
            Ending::Main(_) => {
                let all = (Purpose::Result, usize::MAX);
                self.outcome(ended, &task.stop, &task.cx, &task.trace, all)
            }
        };
        match task.ending {
            Ending::Main(reply) => {
                self.main.replace(None);
                // A caller that went away does not want the outcome.
                let _ = reply.send(outcome);
            }
            Ending::Callback((reply, _)) => {
                let first = outcome.map(|values| values.into_iter().next().unwrap_or_default());
                let _ = reply.send(first);
            }
            Ending::Child => {}
        }
    }

    /// Tells a task that a task below it ended in a way that its function could not report.
    pub(super) fn fail_parent(
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

    /// Reads how a task ended: for a purpose at most so many of the values that it returned.
    fn outcome(
        &self,
        ended: mlua::Result<MultiValue>,
        stop: &Stop,
        cx: &Cx,
        trace: &[Frame],
        (purpose, most): (Purpose, usize),
    ) -> Result<Vec<Value>> {
        let success = matches!(&ended, Ok(values) if matches!(values.front(), Some(mlua::Value::Boolean(true))));
        let reason = stop.error().or_else(|| match success {
            true => None,
            false => cx.check().err(),
        });
        if let Some(error) = reason {
            return Err(place(error, trace));
        }
        match ended {
            Ok(values) if success => values
                .iter()
                .skip(1)
                .take(most)
                .map(|value| value::from_lua(self, value, purpose))
                .collect(),
            Ok(values) => {
                let raised = values.get(1).cloned().unwrap_or_default();
                Err(error::from_lua(self, &raised, trace))
            }
            Err(failure) => Err(place(error::from_mlua(self, &failure), trace)),
        }
    }

    /// Makes the task of a request, with what it begins with; answers the request if that fails.
    pub(super) fn accept(&self, request: Request) -> Option<(u64, MultiValue)> {
        if request.stop.is_set() || self.ended.get() {
            return None;
        }
        self.sweep_handles();
        let (thread, pushed, values) = match self.prepared(&request.function, request.args) {
            Ok(made) => made,
            Err(failure) => {
                let _ = request.reply.send(Err(failure));
                return None;
            }
        };
        let ending = Ending::Callback((request.reply, request.purpose));
        let id = self.add(thread, request.cx, request.stop, None, true, ending);
        if let Some(task) = self.tasks.borrow_mut().get_mut(&id) {
            task.pushed = pushed;
        }
        Some((id, values))
    }
}
