//! Functions that a script handed out, callable from any thread.

use std::sync::Arc;
use std::sync::mpsc::Sender;

use futures::future::BoxFuture;
use llmspell_core::{Callable, Cx, Result, Value};
use tokio::sync::oneshot;

use super::limits::{self, Stop};
use super::vm::{self, Event};

/// A request to call a function.
pub(super) struct Request {
    pub(super) function: i64,
    pub(super) cx: Cx,
    pub(super) args: Vec<Value>,
    pub(super) stop: Arc<Stop>,
    pub(super) reply: oneshot::Sender<Result<Value>>,
}

/// A function of a script. The VM forgets it when this is dropped.
pub(super) struct Function {
    pub(super) name: String,
    pub(super) number: i64,
    pub(super) vm: u64,
    pub(super) events: Sender<Event>,
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

    fn call(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        let (reply, answer) = oneshot::channel();
        let stop = Stop::below(None);
        let mut request = Some(Request {
            function: self.number,
            cx,
            args,
            stop: stop.clone(),
            reply,
        });
        let (vm, events) = (self.vm, self.events.clone());
        Box::pin(async move {
            let mut caller = Caller {
                stop,
                events,
                waiting: true,
            };
            // On the VM's own thread the function runs right here, without a way through the queue.
            vm::with(|current| {
                if current.is(vm)
                    && current.has_room()
                    && let Some(request) = request.take()
                {
                    current.call_now(request);
                }
            });
            if let Some(request) = request
                && caller.events.send(Event::Call(request)).is_err()
            {
                return Err(limits::ended());
            }
            let outcome = answer.await;
            caller.waiting = false;
            outcome.unwrap_or_else(|_| Err(limits::ended()))
        })
    }
}

/// Stops the function if its caller goes away before it has ended.
pub(super) struct Caller {
    pub(super) stop: Arc<Stop>,
    pub(super) events: Sender<Event>,
    pub(super) waiting: bool,
}

impl Drop for Caller {
    fn drop(&mut self) {
        if self.waiting {
            self.stop.hard(limits::abandoned());
            // A VM that has ended has no task to stop.
            let _ = self.events.send(Event::Kill(self.stop.clone()));
        }
    }
}
