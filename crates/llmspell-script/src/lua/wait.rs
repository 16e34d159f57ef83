//! What tasks wait for: calls of ops, and promises that the prelude settles.
//!
//! A call is polled once where it is made. If it is not ready, it goes on on the runtime's threads, and the task yields
//! until it has ended; where Lua cannot yield, the thread waits right there.

use futures::future::BoxFuture;
use llmspell_core::{Cx, Error, Kind, Result, Value};
use mlua::MultiValue;
use tokio::task::AbortHandle;

use super::binder::Look;
use super::error;
use super::value;
use super::vm::Vm;
use crate::reading::Purpose;
use crate::vm::{self, abandoned, begin, ended};

/// Most waits within one another where Lua cannot yield.
const MAX_BLOCKED: usize = 24;

/// Something that a task waits for.
#[derive(Default)]
pub(super) struct Wait {
    pub(super) abort: Option<AbortHandle>,
    /// What lets the result behave beyond being data.
    pub(super) view: Option<Look>,
    pub(super) waiter: Option<u64>,
    pub(super) outcome: Option<Outcome>,
}

/// What ended a wait.
pub(super) enum Outcome {
    Call(Result<Value>),
    Settled(bool, mlua::Value),
}

/// What a call gave at its first poll.
pub(super) enum Begun {
    Ready(Result<Value>),
    Waiting(u64),
}

impl Vm {
    /// Begins a call of an op with what the script passed, which is read only if the script may go on.
    pub(super) fn begin(&self, number: usize, args: impl FnOnce() -> Result<Vec<Value>>) -> Begun {
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
        let args = args().and_then(|values| op.bind(values));
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

    pub(super) fn cx(&self) -> Result<Cx> {
        match &*self.current.borrow() {
            Some(current) => Ok(current.cx.clone()),
            None => Err(Error::new(Kind::InvalidState, "no script is running")),
        }
    }

    /// Polls a call once here; if it is not ready, it goes on on the runtime's threads.
    pub(super) fn poll(&self, call: BoxFuture<'static, Result<Value>>, op: Option<usize>) -> Begun {
        let begun = begin(&self.setup.runtime, &self.events, || self.number(), call);
        let (token, running) = match begun {
            vm::Begun::Ready(outcome) => return Begun::Ready(outcome),
            vm::Begun::Running(token, running) => (token, running),
        };
        let wait = Wait {
            abort: Some(running),
            view: op.and_then(|op| self.view(op)),
            ..Wait::default()
        };
        self.waits.borrow_mut().insert(token, wait);
        Begun::Waiting(token)
    }

    /// Returns what lets the results of an op behave beyond being data.
    pub(super) fn view(&self, op: usize) -> Option<Look> {
        self.bound.borrow().get(op)?.view
    }

    pub(super) fn answer(&self, wait: &Wait, outcome: Outcome) -> MultiValue {
        let (success, value) = match outcome {
            Outcome::Settled(success, value) => (success, value),
            Outcome::Call(Ok(value)) => {
                self.sweep_handles();
                match value::show(self, value, wait.view) {
                    Ok(value) => (true, value),
                    Err(failure) => (false, error::to_lua(self, error::from_mlua(self, &failure))),
                }
            }
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

    pub(super) fn complete(&self, token: u64, outcome: Outcome) {
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

    pub(super) fn take_outcome(&self, token: u64) -> Option<(Wait, Outcome)> {
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
                let error = self.why_stop().unwrap_or_else(ended);
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
        if let Some(wait) = self.waits.borrow_mut().get_mut(&token)
            && let Some(abort) = wait.abort.take()
        {
            abort.abort();
        }
        self.complete(token, Outcome::Call(Err(abandoned())));
    }

    pub(super) fn forget(&self, token: u64) {
        if let Some(wait) = self.waits.borrow_mut().remove(&token)
            && let Some(abort) = wait.abort
        {
            abort.abort();
        }
    }

    /// Abandons every call under way: its task sees the error for which the script stops.
    pub(super) fn give_up(&self) {
        let error = self.why_stop().unwrap_or_else(abandoned);
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
}
