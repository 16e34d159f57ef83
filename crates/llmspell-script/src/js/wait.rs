//! Calls of ops: the promises that scripts get, and what settles them.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Callback, Cx, Error, Kind, Op, Result, Value};
use rquickjs::{Ctx, Function, Persistent, Value as Js};
use tokio::task::AbortHandle;

use super::error;
use super::value;
use super::vm::Vm;
use crate::reading::Purpose;
use crate::vm::{Begun, Current, Origin, Want, abandoned, begin};

/// How often a call that the thread itself waits for looks whether it must stop.
const LOOK: Duration = Duration::from_millis(20);

/// An op that scripts can call.
pub(super) struct Bound {
    pub(super) op: Arc<Op>,
    /// Lets the result behave as the op says.
    pub(super) view: Option<Persistent<Function<'static>>>,
}

/// A call under way.
pub(super) struct Wait {
    /// The task that made it.
    pub(super) task: u64,
    /// What ends it; nothing ends what blocks a thread.
    abort: Option<AbortHandle>,
    resolve: Persistent<Function<'static>>,
    reject: Persistent<Function<'static>>,
    op: Option<usize>,
    /// Where the script made it.
    stack: String,
}

impl Vm {
    fn bound(&self, number: usize) -> Result<Arc<Op>> {
        let bound = self.bound.borrow();
        let found = bound.get(number).map(|bound| bound.op.clone());
        found.ok_or_else(|| Error::new(Kind::Bug, "no such op"))
    }

    /// Calls an op with what the script passed: gives a promise, or the result itself if the op never waits.
    pub(super) fn call<'js>(
        &self,
        ctx: &Ctx<'js>,
        number: usize,
        args: Vec<Js<'js>>,
    ) -> rquickjs::Result<Js<'js>> {
        let op = self
            .bound(number)
            .map_err(|error| error::throw(self, ctx, error))?;
        let prepared = self.prepare(&op, &args);
        if op.is_immediate() {
            let outcome = prepared.and_then(|(args, cx)| self.at_once(op, args, cx));
            return match outcome {
                Ok(value) => self.dress(ctx, &value, Some(number)),
                Err(error) => Err(error::throw(self, ctx, error)),
            };
        }
        let begun = match prepared {
            Ok((args, cx)) => self.begin(Box::pin(async move { cx.call(&op, args).await })),
            Err(error) => Begun::Ready(Err(error)),
        };
        let (promise, _) = self.promise(ctx, begun, Some(number))?;
        if self.gives_iterable(number) {
            let iterable = self.part(ctx, |parts| &parts.iterable)?;
            promise
                .as_object()
                .map(|object| object.set_prototype(Some(&iterable)))
                .transpose()?;
        }
        Ok(promise)
    }

    /// Calls a function that came from outside.
    pub(super) fn call_foreign<'js>(
        &self,
        ctx: &Ctx<'js>,
        callback: &Callback,
        args: &[Js<'js>],
    ) -> rquickjs::Result<Js<'js>> {
        let values = self.read_all(args);
        let begun = match (values, self.cx()) {
            (Ok(values), Ok(cx)) => {
                let callback = callback.clone();
                self.begin(Box::pin(async move { callback.call(&cx, values).await }))
            }
            (Err(error), _) | (_, Err(error)) => Begun::Ready(Err(error)),
        };
        Ok(self.promise(ctx, begun, None)?.0)
    }

    fn read_all(&self, args: &[Js<'_>]) -> Result<Vec<Value>> {
        let read = |arg| value::from_js(self, arg, Purpose::Argument);
        args.iter().map(read).collect()
    }

    fn prepare(&self, op: &Op, args: &[Js<'_>]) -> Result<(Value, Cx)> {
        if let Some(error) = self.why_stop() {
            return Err(error);
        }
        let args = self.read_all(args).and_then(|values| op.bind(values));
        match (args, self.cx()) {
            (Ok(args), Ok(cx)) => Ok((args, cx)),
            (Err(error), _) | (_, Err(error)) => Err(error.op(op.name())),
        }
    }

    pub(super) fn begin(&self, call: BoxFuture<'static, Result<Value>>) -> Begun {
        begin(&self.setup.runtime, &self.events, || self.number(), call)
    }

    /// Waits for a call right here.
    pub(super) fn at_once(&self, op: Arc<Op>, args: Value, cx: Cx) -> Result<Value> {
        self.blocked.set(self.blocked.get() + 1);
        let outcome = self.wait_here(op, args, cx);
        self.blocked.set(self.blocked.get() - 1);
        outcome
    }

    fn wait_here(&self, op: Arc<Op>, args: Value, cx: Cx) -> Result<Value> {
        let (sender, outcome) = channel();
        let call: BoxFuture<'static, Result<Value>> = Box::pin(async move {
            let ended = cx.call(&op, args).await;
            // Nobody receives when the thread went on without it.
            let _ = sender.send(ended.clone());
            ended
        });
        match self.begin(call) {
            Begun::Ready(ended) => ended,
            Begun::Running(_, running) => loop {
                match outcome.recv_timeout(LOOK) {
                    Ok(ended) => return ended,
                    Err(RecvTimeoutError::Timeout) => {}
                    Err(RecvTimeoutError::Disconnected) => {
                        return Err(Error::new(Kind::Bug, "a defect in the runtime"));
                    }
                }
                if let Some(error) = self.why_stop() {
                    running.abort();
                    return Err(error);
                }
            },
        }
    }

    /// Calls an op of the engine's own: gives the promise, and the number under which the call can be forgotten.
    pub(super) fn ask_later<'js>(
        &self,
        ctx: &Ctx<'js>,
        op: Arc<Op>,
        args: Js<'js>,
    ) -> rquickjs::Result<(Js<'js>, Option<u64>)> {
        let begun = match self.prepare(&op, &[args]) {
            Ok((args, cx)) => self.begin(Box::pin(async move { cx.call(&op, args).await })),
            Err(error) => Begun::Ready(Err(error)),
        };
        self.promise(ctx, begun, None)
    }

    /// Reads a line of standard input: gives the promise of its text, or of null at the end.
    pub(super) fn read_line<'js>(&self, ctx: &Ctx<'js>) -> rquickjs::Result<Js<'js>> {
        let line = Want::Line { keep_end: false };
        if let Some(error) = self.why_stop() {
            return Ok(self.promise(ctx, Begun::Ready(Err(error)), None)?.0);
        }
        if let Some(text) = self.input.at_hand(line) {
            return Ok(self.promise(ctx, Begun::Ready(Ok(text)), None)?.0);
        }
        let begun = match self.cx() {
            Ok(cx) => {
                let (ops, output) = (self.setup.host.input.clone(), self.setup.output.clone());
                let origin = Origin { cx, ops, output };
                self.begin(Box::pin(self.input.clone().read(origin, line)))
            }
            Err(error) => Begun::Ready(Err(error)),
        };
        Ok(self.promise(ctx, begun, None)?.0)
    }

    /// Drops a call. Its promise stays open.
    pub(super) fn forget(&self, call: u64) {
        self.waits.borrow_mut().remove(&call);
    }

    /// Makes the promise of a call, and gives the number of one that goes on.
    fn promise<'js>(
        &self,
        ctx: &Ctx<'js>,
        begun: Begun,
        op: Option<usize>,
    ) -> rquickjs::Result<(Js<'js>, Option<u64>)> {
        let mut number = None;
        let (promise, resolve, reject) = ctx.promise()?;
        match begun {
            Begun::Ready(Ok(value)) => {
                resolve.call::<_, ()>((self.dress(ctx, &value, op)?,))?;
            }
            Begun::Ready(Err(error)) => {
                reject.call::<_, ()>((error::to_js(self, ctx, error, None)?,))?;
            }
            Begun::Running(token, abort) => {
                let wait = Wait {
                    task: self.task(),
                    abort: Some(abort),
                    resolve: Persistent::save(ctx, resolve),
                    reject: Persistent::save(ctx, reject),
                    op,
                    stack: self.stack(ctx),
                };
                self.waits.borrow_mut().insert(token, wait);
                number = Some(token);
            }
        }
        Ok((promise.into_value(), number))
    }

    /// Converts the result of an op and lets it behave as the op says.
    pub(super) fn dress<'js>(
        &self,
        ctx: &Ctx<'js>,
        value: &Value,
        op: Option<usize>,
    ) -> rquickjs::Result<Js<'js>> {
        let shown = value::to_js(self, ctx, value)?;
        if !shown.is_object() {
            return Ok(shown);
        }
        let view = op.and_then(|op| self.bound.borrow().get(op)?.view.clone());
        match view {
            Some(view) => view.restore(ctx)?.call((shown,)),
            None => Ok(shown),
        }
    }

    /// Whether the op gives a handle over which scripts can iterate.
    fn gives_iterable(&self, number: usize) -> bool {
        let bound = self.bound.borrow();
        let kind = bound.get(number).and_then(|bound| bound.op.given_kind());
        kind.is_some_and(|kind| {
            let handles = self.handles.borrow();
            handles.kinds.get(kind).is_some_and(|kind| kind.iterates)
        })
    }

    /// Settles the promise of a call that has ended, and runs what waited for it.
    pub(super) fn settle(&self, ctx: &Ctx<'_>, token: u64, outcome: Result<Value>) {
        let Some(wait) = self.waits.borrow_mut().remove(&token) else {
            return;
        };
        let Some(current) = self.current_of(wait.task) else {
            return;
        };
        self.turn(ctx, current, || {
            let settled = match outcome {
                Ok(value) => self
                    .dress(ctx, &value, wait.op)
                    .and_then(|value| wait.resolve.clone().restore(ctx)?.call::<_, ()>((value,)))
                    .or_else(|failure| {
                        let error = error::caught(self, ctx, failure);
                        self.reject(ctx, &wait, error)
                    }),
                Err(error) => self.reject(ctx, &wait, error),
            };
            if settled.is_err() {
                // Without memory for the error its promise stays open; the raised value must not.
                drop(ctx.catch());
            }
        });
    }

    fn reject(&self, ctx: &Ctx<'_>, wait: &Wait, error: Error) -> rquickjs::Result<()> {
        let error = error::to_js(self, ctx, error, Some(wait.stack.clone()))?;
        wait.reject.clone().restore(ctx)?.call((error,))
    }

    /// Abandons the calls of a task, or of all: their promises are rejected.
    pub(super) fn abandon(&self, ctx: &Ctx<'_>, task: Option<u64>) {
        let tokens: Vec<u64> = {
            let waits = self.waits.borrow();
            let those = waits
                .iter()
                .filter(|(_, wait)| task.is_none_or(|task| wait.task == task));
            those.map(|(token, _)| *token).collect()
        };
        for token in tokens {
            let stop = self
                .waits
                .borrow()
                .get(&token)
                .and_then(|wait| self.current_of(wait.task));
            let error = stop
                .and_then(|Current { stop, .. }| stop.error())
                .unwrap_or_else(abandoned);
            self.settle(ctx, token, Err(error));
        }
    }

    /// Drops the calls of a task without telling the script.
    pub(super) fn drop_waits(&self, task: u64) {
        self.waits.borrow_mut().retain(|_, wait| wait.task != task);
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(abort) = &self.abort {
            abort.abort();
        }
    }
}
