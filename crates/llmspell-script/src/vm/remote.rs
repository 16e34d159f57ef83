//! An interpreter as other threads see it.

use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use futures::future::{BoxFuture, Either, select};
use llmspell_core::{Callback, Cx, Error, Heap, Kind, Result, Value};
use tokio::sync::oneshot;

use super::callback::{Caller, Global};
use super::{Event, Gauge, Job, Stop, ended};
use crate::engine::{Interpreter, Script};

/// How long a script that was asked to stop may take before its thread is left behind.
const PATIENCE: Duration = Duration::from_secs(5);

/// Returns the interpreter whose VM has that number, reads these events and says there what memory it has.
pub(super) fn interpreter(
    vm: u64,
    events: Sender<Event>,
    gauge: Arc<Gauge>,
) -> Arc<dyn Interpreter> {
    Arc::new(Remote { vm, events, gauge })
}

struct Remote {
    vm: u64,
    events: Sender<Event>,
    gauge: Arc<Gauge>,
}

impl Drop for Remote {
    fn drop(&mut self) {
        // A VM that has ended already needs no telling.
        let _ = self.events.send(Event::End);
    }
}

impl Interpreter for Remote {
    fn eval(&self, cx: Cx, script: Script) -> BoxFuture<'static, Result<Vec<Value>>> {
        let events = self.events.clone();
        Box::pin(async move {
            let (reply, answer) = oneshot::channel();
            let stop = Stop::below(None);
            let mut caller = Caller {
                stop: stop.clone(),
                events: events.clone(),
                waiting: true,
            };
            let job = Job {
                cx: cx.clone(),
                script,
                stop: stop.clone(),
                reply,
            };
            events.send(Event::Eval(job)).map_err(|_| ended())?;
            let outcome = supervise(&cx, &stop, &events, answer).await;
            caller.waiting = false;
            outcome
        })
    }

    fn complete(&self, prefix: &str) -> BoxFuture<'static, Vec<String>> {
        let (reply, answer) = oneshot::channel();
        let sent = self.events.send(Event::Complete(prefix.to_owned(), reply));
        Box::pin(async move {
            match sent {
                Ok(()) => answer.await.unwrap_or_default(),
                Err(_) => Vec::new(),
            }
        })
    }

    fn global(&self, name: &str) -> Option<Callback> {
        Some(Callback::new(Global {
            name: name.into(),
            vm: self.vm,
            events: self.events.clone(),
        }))
    }

    fn heap(&self) -> Option<Heap> {
        let heap = self.gauge.ask();
        if self.gauge.is_waiting() {
            // One that has ended has no memory.
            self.events.send(Event::Wake).ok()?;
        }
        heap
    }
}

type Answer = oneshot::Receiver<Result<Vec<Value>>>;

/// Waits for the script, asks it to stop when its context says so, and does not wait for ever then.
async fn supervise(
    cx: &Cx,
    stop: &Stop,
    events: &Sender<Event>,
    answer: Answer,
) -> Result<Vec<Value>> {
    let lost = |_| {
        Err(Error::new(
            Kind::Unavailable,
            "the interpreter ended before the script did",
        ))
    };
    let told = std::pin::pin!(asked_to_stop(cx));
    let (error, answer) = match select(answer, told).await {
        Either::Left((outcome, _)) => return outcome.unwrap_or_else(lost),
        Either::Right((error, answer)) => (error, answer),
    };
    stop.soft(error.clone());
    // A VM that has ended has dropped the reply, which ends the wait below.
    let _ = events.send(Event::Wake);
    let patience = cx.host().clock.sleep(PATIENCE);
    match select(answer, patience).await {
        Either::Left((outcome, _)) => outcome.unwrap_or(Err(error)),
        Either::Right(((), _)) => Err(error),
    }
}

/// Ends when the context is cancelled or its deadline has passed, with the reason.
async fn asked_to_stop(cx: &Cx) -> Error {
    let cancelled = std::pin::pin!(cx.cancel().cancelled());
    let Some(deadline) = cx.deadline() else {
        return cancelled.await;
    };
    let clock = &cx.host().clock;
    loop {
        if let Err(error) = cx.check() {
            return error;
        }
        let left = deadline.saturating_sub(clock.monotonic());
        let cancelled = std::pin::pin!(cx.cancel().cancelled());
        if let Either::Left((error, _)) = select(cancelled, clock.sleep(left)).await {
            return error;
        }
    }
}
