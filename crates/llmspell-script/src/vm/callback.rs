//! Functions that a script handed out, callable from any thread.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::mpsc::Sender;

use futures::future::BoxFuture;
use llmspell_core::{Callable, Cx, Result, Told, Value, View};
use tokio::sync::oneshot;

use super::{Event, Stop, abandoned, ended};
use crate::reading::Purpose;

/// Which function.
pub(crate) enum Target {
    /// One that the script handed out.
    Number(i64),
    /// The one that a global variable holds when it is called.
    Global(Arc<str>),
}

/// What a function is given.
pub(crate) enum Args {
    Values(Vec<Value>),
    /// One value, which behaves as the view says.
    Shown(Value, View),
    /// One table, of which an engine may make each member when the function reads it.
    Told(Box<dyn Told>),
}

/// A request to call a function.
pub(crate) struct Request {
    pub(crate) function: Target,
    pub(crate) cx: Cx,
    pub(crate) args: Args,
    /// What its answer is read for.
    pub(crate) purpose: Purpose,
    pub(crate) stop: Arc<Stop>,
    pub(crate) reply: oneshot::Sender<Result<Value>>,
}

/// The VM of a thread, as functions of its scripts see it.
pub(crate) trait Local {
    /// Whether this is the VM of that number and may run another function on top of what runs now.
    fn has_room(&self, vm: u64) -> bool;

    /// Calls a function on top of what runs now.
    fn call_now(&self, request: Request);
}

thread_local! {
    static LOCAL: RefCell<Option<Rc<dyn Local>>> = const { RefCell::new(None) };
}

/// Makes a VM known as that of this thread.
pub(crate) fn enter(local: Rc<dyn Local>) {
    LOCAL.with(|slot| slot.replace(Some(local)));
}

/// Forgets the VM of this thread.
pub(crate) fn leave() {
    LOCAL.with(|slot| slot.replace(None));
}

/// Calls `function` with the VM of this thread, if there is one.
fn here(function: impl FnOnce(&dyn Local)) {
    // A panic in the VM is a defect; dropping the request tells its caller.
    let _ = LOCAL.try_with(|slot| {
        let local = slot.try_borrow().ok()?.clone()?;
        catch_unwind(AssertUnwindSafe(|| function(&*local))).ok()
    });
}

/// A function of a script. The VM forgets it when this is dropped.
pub(crate) struct Function {
    pub(crate) name: String,
    /// Whether it may look at what it is given.
    pub(crate) takes: bool,
    pub(crate) number: i64,
    pub(crate) vm: u64,
    pub(crate) events: Sender<Event>,
}

impl Drop for Function {
    fn drop(&mut self) {
        // A VM that has ended has forgotten it already.
        let _ = self.events.send(Event::Release(self.number));
    }
}

impl Callable for Function {
    fn name(&self) -> &str {
        &self.name
    }

    fn takes_arguments(&self) -> bool {
        self.takes
    }

    fn call(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        let target = Target::Number(self.number);
        let args = (Args::Values(args), Purpose::Result);
        Box::pin(call(self.vm, self.events.clone(), target, cx, args))
    }

    fn ask(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        let target = Target::Number(self.number);
        let args = (Args::Values(args), Purpose::Answer);
        Box::pin(call(self.vm, self.events.clone(), target, cx, args))
    }

    fn show(&self, cx: Cx, value: Value, view: View) -> BoxFuture<'static, Result<Value>> {
        let target = Target::Number(self.number);
        let args = (Args::Shown(value, view), Purpose::Result);
        Box::pin(call(self.vm, self.events.clone(), target, cx, args))
    }

    fn tell(&self, cx: Cx, told: Box<dyn Told>) -> BoxFuture<'static, Result<Value>> {
        let target = Target::Number(self.number);
        let args = (Args::Told(told), Purpose::Answer);
        Box::pin(call(self.vm, self.events.clone(), target, cx, args))
    }
}

/// A function that a global variable of a script holds.
pub(crate) struct Global {
    pub(crate) name: Arc<str>,
    pub(crate) vm: u64,
    pub(crate) events: Sender<Event>,
}

impl Callable for Global {
    fn name(&self) -> &str {
        &self.name
    }

    fn call(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        let target = Target::Global(self.name.clone());
        let args = (Args::Values(args), Purpose::Result);
        Box::pin(call(self.vm, self.events.clone(), target, cx, args))
    }
}

/// Calls a function of the VM of that number, and reads its answer for that purpose.
async fn call(
    vm: u64,
    events: Sender<Event>,
    function: Target,
    cx: Cx,
    (args, purpose): (Args, Purpose),
) -> Result<Value> {
    let (reply, answer) = oneshot::channel();
    let stop = Stop::below(None);
    let mut request = Some(Request {
        function,
        cx,
        args,
        purpose,
        stop: stop.clone(),
        reply,
    });
    let mut caller = Caller {
        stop,
        events,
        waiting: true,
    };
    // On the VM's own thread the function runs right here, without a way through the queue.
    here(|local| {
        if local.has_room(vm)
            && let Some(request) = request.take()
        {
            local.call_now(request);
        }
    });
    if let Some(request) = request
        && caller.events.send(Event::Call(request)).is_err()
    {
        return Err(ended());
    }
    let outcome = answer.await;
    caller.waiting = false;
    outcome.unwrap_or_else(|_| Err(ended()))
}

/// Stops the function if its caller goes away before it has ended.
pub(crate) struct Caller {
    pub(crate) stop: Arc<Stop>,
    pub(crate) events: Sender<Event>,
    pub(crate) waiting: bool,
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.waiting {
            self.stop.hard(abandoned());
            // A VM that has ended has no task to stop.
            let _ = self.events.send(Event::Kill(self.stop.clone()));
        }
    }
}
