//! Monitors: pages that a run looks at again and again.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::{Either, select};
use llmspell_core::{Cancel, Cx, Error, Map, Result, Value, error};

use super::check::{Look, Snapshot, Target, stamp};
use crate::publish::Publisher;

/// Most monitors of a run.
const MAX_MONITORS: usize = 100;

/// Most changes that wait to be polled; the oldest go first.
const MAX_WAITING: usize = 10_000;

/// The monitors of a run.
#[derive(Default)]
pub(super) struct Monitors {
    running: Mutex<BTreeMap<u64, Arc<Monitor>>>,
    started: Mutex<u64>,
}

/// One monitor.
pub(super) struct Monitor {
    id: String,
    target: Target,
    interval: Duration,
    publisher: Option<Publisher>,
    stop: Cancel,
    state: Mutex<State>,
}

struct State {
    checks: u64,
    checked_at: i64,
    snapshot: Snapshot,
    waiting: VecDeque<Value>,
    lost: u64,
    failure: Option<String>,
}

impl Monitors {
    /// Starts a monitor that has seen the page once, and returns its id.
    ///
    /// - Errors: `Limit` for too many monitors.
    pub(super) fn start(
        &self,
        cx: &Cx,
        target: Target,
        interval: Duration,
        snapshot: Snapshot,
        publisher: Option<Publisher>,
    ) -> Result<String> {
        let id = {
            let mut running = held(&self.running);
            if running.len() >= MAX_MONITORS {
                return Err(
                    error!(Limit, "this run has {MAX_MONITORS} monitors already")
                        .with("limit", MAX_MONITORS)
                        .hint("`stop` ends one"),
                );
            }
            let mut started = held(&self.started);
            *started += 1;
            let monitor = Monitor {
                id: name(*started),
                target,
                interval,
                publisher,
                stop: Cancel::new(),
                state: Mutex::new(State {
                    checks: 1,
                    checked_at: cx.host().clock.now(),
                    snapshot,
                    waiting: VecDeque::new(),
                    lost: 0,
                    failure: None,
                }),
            };
            running.insert(*started, Arc::new(monitor));
            *started
        };
        let monitor = self.find(&name(id))?;
        match cx.beside(move |cx| async move { monitor.run(cx).await }) {
            Ok(()) => Ok(name(id)),
            Err(refusal) => {
                held(&self.running).remove(&id);
                Err(refusal)
            }
        }
    }

    /// Finds a monitor.
    ///
    /// - Errors: `NotFound` for one that does not run.
    pub(super) fn find(&self, id: &str) -> Result<Arc<Monitor>> {
        let running = held(&self.running);
        number(id)
            .and_then(|number| running.get(&number).cloned())
            .ok_or_else(|| unknown(id))
    }

    /// Ends a monitor.
    ///
    /// - Errors: `NotFound` for one that does not run.
    pub(super) fn stop(&self, id: &str) -> Result<()> {
        let monitor = number(id).and_then(|number| held(&self.running).remove(&number));
        let monitor = monitor.ok_or_else(|| unknown(id))?;
        monitor
            .stop
            .cancel(Cancel::reason("the monitor was stopped"));
        Ok(())
    }

    /// Returns the running monitors, oldest first.
    pub(super) fn list(&self) -> Vec<Arc<Monitor>> {
        held(&self.running).values().cloned().collect()
    }
}

fn name(id: u64) -> String {
    format!("monitor-{id}")
}

fn number(id: &str) -> Option<u64> {
    id.strip_prefix("monitor-")?.parse().ok()
}

fn unknown(id: &str) -> Error {
    error!(NotFound, "no monitor '{id}' is running")
        .with("parameter", "monitor_id")
        .hint("`list` names those that are")
}

fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Monitor {
    /// Looks at the page until the monitor or the run is stopped.
    async fn run(&self, cx: Cx) {
        loop {
            let pause = cx.host().clock.sleep(self.interval);
            let stopped = std::pin::pin!(self.stop.cancelled());
            let ended = matches!(select(pause, stopped).await, Either::Right(_));
            if ended || self.stop.is_cancelled() {
                return;
            }
            self.look(&cx).await;
        }
    }

    async fn look(&self, cx: &Cx) {
        let before = held(&self.state).snapshot.clone();
        let looked = self.target.look(cx, Some(&before)).await;
        let now = cx.host().clock.now();
        let told = match &looked {
            Ok(look) if look.has_changes => self.tell(cx, look, now).await,
            _ => Ok(()),
        };
        let mut state = held(&self.state);
        state.checks += 1;
        state.checked_at = now;
        state.failure = match looked {
            Ok(look) => {
                if look.has_changes {
                    for change in look.changes() {
                        state.wait(change, now);
                    }
                    state.snapshot = look.snapshot;
                }
                told.err().map(|refusal| {
                    format!("the change could not be published: {}", refusal.message())
                })
            }
            Err(error) => Some(error.message().to_owned()),
        };
    }

    /// Publishes what has changed, if that is wanted.
    async fn tell(&self, cx: &Cx, look: &Look, now: i64) -> Result<()> {
        let Some(publisher) = &self.publisher else {
            return Ok(());
        };
        let mut facts = look.facts(&self.target, now);
        facts.insert("monitor_id", self.id.as_str().into());
        publisher.publish(cx, facts.into()).await
    }

    /// Takes the changes since the last time.
    pub(super) fn poll(&self) -> Map {
        let mut state = held(&self.state);
        let changes: Vec<Value> = state.waiting.drain(..).collect();
        let lost = std::mem::take(&mut state.lost);
        let mut polled = self.described(&state);
        polled.insert("change_count", changes.len().into());
        polled.insert("changes", changes.into());
        polled.insert("lost", lost.into());
        polled
    }

    /// Returns `{monitor_id, url, selector, interval_s, checks, checked_at, hash, waiting, failure}`.
    pub(super) fn describe(&self) -> Map {
        let state = held(&self.state);
        let mut described = self.described(&state);
        described.insert("waiting", state.waiting.len().into());
        described
    }

    fn described(&self, state: &State) -> Map {
        Map::from([
            ("monitor_id", self.id.as_str().into()),
            ("url", self.target.url.as_str().into()),
            ("selector", self.target.question.selector.clone().into()),
            ("interval_s", self.interval.as_secs().into()),
            ("checks", state.checks.into()),
            ("checked_at", stamp(state.checked_at).into()),
            ("hash", state.snapshot.hash.as_str().into()),
            ("failure", state.failure.clone().into()),
        ])
    }
}

impl State {
    fn wait(&mut self, mut change: Value, now: i64) {
        if let Value::Map(change) = &mut change {
            change.insert("checked_at", stamp(now).into());
        }
        self.waiting.push_back(change);
        if self.waiting.len() > MAX_WAITING {
            self.waiting.pop_front();
            self.lost += 1;
        }
    }
}
