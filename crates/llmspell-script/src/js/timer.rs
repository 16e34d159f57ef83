//! `setTimeout` and `setInterval`, over the op that waits, so that they are recorded and replay.
//!
//! Timers fire in the order in which they are due, even if the ends of their waits come in otherwise.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use llmspell_core::{Error, Map, Result, Value};
use rquickjs::{Ctx, Function, Persistent, Value as Js};
use tokio::task::AbortHandle;

use super::error;
use super::vm::Vm;
use crate::vm::Begun;

/// When a timer is due, and its number.
type Due = (Duration, u64);

/// A function that is called later.
struct Timer {
    task: u64,
    function: Persistent<Function<'static>>,
    /// The wait between two calls, if it is called again and again.
    every: Option<Duration>,
    abort: Option<AbortHandle>,
    /// The end of its wait.
    waited: Option<Result<()>>,
}

/// The timers of a VM.
#[derive(Default)]
pub(super) struct Timers(RefCell<Table>);

#[derive(Default)]
struct Table {
    timers: BTreeMap<Due, Timer>,
    /// When the timer of that number is due.
    due: HashMap<u64, Due>,
    /// The timer for which a wait is.
    waits: HashMap<u64, u64>,
}

impl Vm {
    pub(super) fn has_timers(&self) -> bool {
        !self.timers.0.borrow().timers.is_empty()
    }

    /// Forgets all timers.
    pub(super) fn clear_timers(&self) {
        let table = self.timers.0.take();
        for timer in table.timers.into_values() {
            if let Some(abort) = timer.abort {
                abort.abort();
            }
        }
    }

    /// Has a function called after a wait and returns the timer's number.
    pub(super) fn set_timer<'js>(
        &self,
        ctx: &Ctx<'js>,
        function: Function<'js>,
        wait: Duration,
        again: bool,
    ) -> Result<u64> {
        let number = self.number();
        let timer = Timer {
            task: self.task(),
            function: Persistent::save(ctx, function),
            every: again.then_some(wait),
            abort: None,
            waited: None,
        };
        self.arm(number, timer, wait)?;
        Ok(number)
    }

    /// Begins the wait of a timer.
    fn arm(&self, number: u64, mut timer: Timer, wait: Duration) -> Result<()> {
        let cx = self.cx()?;
        let due = (cx.host().clock.monotonic().saturating_add(wait), number);
        let sleep = self.setup.host.sleep.clone();
        let args = Map::from([("seconds", wait.as_secs_f64().into())]);
        let call = Box::pin(async move { cx.call(&sleep, Value::Map(args)).await });
        let waiting = match self.begin(call) {
            Begun::Ready(waited) => {
                timer.waited = Some(waited.map(drop));
                None
            }
            Begun::Running(token, abort) => {
                timer.abort = Some(abort);
                Some(token)
            }
        };
        let mut table = self.timers.0.borrow_mut();
        if let Some(token) = waiting {
            table.waits.insert(token, number);
        }
        table.due.insert(number, due);
        table.timers.insert(due, timer);
        Ok(())
    }

    /// Forgets a timer.
    pub(super) fn clear_timer(&self, number: u64) {
        let mut table = self.timers.0.borrow_mut();
        let timer = table
            .due
            .remove(&number)
            .and_then(|due| table.timers.remove(&due));
        table.waits.retain(|_, timer| *timer != number);
        if let Some(abort) = timer.and_then(|timer| timer.abort) {
            abort.abort();
        }
    }

    /// Notes the end of a wait; returns whether it was that of a timer.
    pub(super) fn waited(&self, token: u64, outcome: &Result<Value>) -> bool {
        let mut table = self.timers.0.borrow_mut();
        let Some(number) = table.waits.remove(&token) else {
            return false;
        };
        let due = table.due.get(&number).copied();
        if let Some(timer) = due.and_then(|due| table.timers.get_mut(&due)) {
            timer.waited = Some(outcome.as_ref().map(drop).map_err(Error::clone));
        }
        true
    }

    /// Calls the function of the first timer if its wait is over; returns whether it was.
    pub(super) fn fire(&self, ctx: &Ctx<'_>) -> bool {
        let (number, mut timer, waited) = {
            let mut table = self.timers.0.borrow_mut();
            let Some(mut first) = table.timers.first_entry() else {
                return false;
            };
            let Some(waited) = first.get_mut().waited.take() else {
                return false;
            };
            let ((_, number), timer) = first.remove_entry();
            table.due.remove(&number);
            (number, timer, waited)
        };
        let Some(current) = self.current_of(timer.task) else {
            return true;
        };
        if let Err(error) = waited {
            current.stop.soft(error);
            return true;
        }
        let function = timer.function.clone();
        timer.abort = None;
        self.turn(ctx, current, || {
            if let Some(every) = timer.every {
                // A task that stops has no use for the next turn.
                let _ = self.arm(number, timer, every);
            }
            let called = function
                .restore(ctx)
                .and_then(|function| function.call::<_, Js<'_>>(()));
            if let Err(failure) = called {
                let error = error::caught(self, ctx, failure);
                self.halt(error);
            }
        });
        true
    }
}
