//! What is kept of a session beside its journal: events, and the numbers of its hooks.
//!
//! Events of a session `S` are the log `events/S`, one JSON object each; the numbers are the key `metrics/S`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::value::to_json;
use llmspell_core::{Result, Value, error};
use llmspell_store::{Batch, Store};
use serde_json::Value as Json;
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;

use super::{Choice, Session, Sessions};
use crate::artifact::{self, Artifacts};
use crate::event::{Archive, Bus, Overflow, Pattern, Subscription, Wanted};
use crate::journal::Recorder;

/// Most events of one batch.
const BATCH: usize = 256;

/// How long the events may take that are on their way to the store when they are asked for.
const PATIENCE: Duration = Duration::from_secs(2);

/// How long one batch of the last events may take.
const LAST_BATCH: Duration = Duration::from_secs(5);

/// Most earlier runs of a name whose events are found; the newest count.
const EARLIER: usize = 100;

/// Events on their way to the store of a session.
pub struct Keeper {
    bus: Arc<Bus>,
    subscription: Arc<Subscription>,
    task: JoinHandle<()>,
}

impl Session {
    /// Keeps the events that fit the patterns, and those that say so themselves. Returns nothing if nothing is recorded.
    ///
    /// Needs the tokio runtime of the run. A publisher waits if the store is slower than it is.
    ///
    /// - Errors: `Limit` if there are too many subscriptions.
    pub fn keep_events(&self, bus: &Arc<Bus>, patterns: Vec<Pattern>) -> Result<Option<Keeper>> {
        if !self.lasts || !self.journal.is_on() {
            return Ok(None);
        }
        let recorder = self.recorder.clone();
        let subscription = bus.subscribe(Wanted {
            patterns,
            language: None,
            filter: None,
            overflow: Overflow::Block,
            capacity: 10_000,
            block_timeout: Duration::from_secs(5),
            handler: None,
            internal: true,
        })?;
        let (busy, is_busy) = watch::channel(false);
        let kept = Kept {
            id: self.id.clone(),
            name: self.given_name(),
            earlier: OnceCell::new(),
            recorder: recorder.clone(),
            subscription: subscription.clone(),
            busy: is_busy,
        };
        bus.keep_with(subscription.clone(), Arc::new(kept));
        let way = Way {
            bus: bus.clone(),
            subscription: subscription.clone(),
            recorder,
            session: self.id.clone(),
            before: Before::default(),
        };
        let resumed = self.journal.answered().is_some();
        let task = tokio::spawn(way.keep(resumed, busy));
        Ok(Some(Keeper {
            bus: bus.clone(),
            subscription,
            task,
        }))
    }

    /// Returns the name that the run was given, other than that of its script.
    fn given_name(&self) -> Option<String> {
        let meta = self.meta.lock();
        (meta.name != meta.script).then(|| meta.name.clone())
    }

    /// Keeps the numbers of the run's hooks, if anything was recorded.
    pub async fn keep_metrics(&self, metrics: &Value) -> Result<()> {
        let Some(store) = self.recorder.opened() else {
            return Ok(());
        };
        let batch = Batch::new().put(numbers(&self.id), to_json(metrics));
        store.apply(batch).await.map(drop)
    }
}

impl Keeper {
    /// Waits until the events are stored, as long as the store gets on.
    pub async fn end(self) {
        let finished = self.bus.finish(&self.subscription, self.task, LAST_BATCH);
        let left = finished.await as u64 + self.subscription.dropped();
        if left > 0 {
            tracing::warn!(target: "llmspell::session", "{left} events could not be stored in time");
        }
    }
}

/// The way of events to the store.
struct Way {
    bus: Arc<Bus>,
    subscription: Arc<Subscription>,
    recorder: Arc<Recorder>,
    session: String,
    before: Before,
}

impl Way {
    async fn keep(mut self, resumed: bool, busy: watch::Sender<bool>) {
        if resumed && let Err(failure) = self.look_back().await {
            tracing::warn!(target: "llmspell::session", "events may be kept twice: {failure}");
        }
        let log = log(&self.session);
        loop {
            busy.send_replace(true);
            let mut batch = Batch::new();
            let (mut taken, mut count) = (0, 0);
            while taken < BATCH
                && let Some(event) = self.bus.next(&self.subscription)
            {
                taken += 1;
                let clean = self.recorder.redact().value(event.to_value());
                if !self.before.has(&clean.to_serde_json()) {
                    batch = batch.append(log.clone(), to_json(&clean));
                    count += 1;
                }
            }
            if count > 0
                && let Err(failure) = store(&self.recorder, batch).await
            {
                tracing::warn!(target: "llmspell::session", "{count} events could not be stored: {failure}");
            }
            if taken == 0 {
                busy.send_replace(false);
                if self.subscription.is_closed() {
                    return;
                }
                self.subscription.wait().await;
            }
        }
    }

    /// Finds out which events earlier processes of the run kept.
    async fn look_back(&mut self) -> Result<()> {
        let Some(store) = self.recorder.opened().cloned() else {
            return Ok(());
        };
        let before = &mut self.before;
        each(&*store, &self.session, |event| before.add(&event)).await
    }
}

/// The events that earlier processes of a run kept and this one has not published again.
#[derive(Debug, Default)]
struct Before(HashMap<blake3::Hash, u32>);

impl Before {
    fn add(&mut self, event: &Json) {
        *self.0.entry(content(event)).or_default() += 1;
    }

    /// Returns whether an event was kept, and counts it as published again.
    fn has(&mut self, event: &Json) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let content = content(event);
        let Some(count) = self.0.get_mut(&content) else {
            return false;
        };
        *count -= 1;
        if *count == 0 {
            self.0.remove(&content);
        }
        true
    }
}

/// Returns what an event has in common with itself when it is published again: what it says and who says it, but not when
/// and as the how many-th, nor how long something took.
fn content(event: &Json) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for name in ["event_type", "data", "source"] {
        let mut said = event.get(name).cloned().unwrap_or_default();
        without_times(&mut said);
        hasher.update(said.to_string().as_bytes());
        hasher.update(b"\n");
    }
    hasher.finalize()
}

fn without_times(said: &mut Json) {
    match said {
        Json::Object(members) => {
            members.retain(|name, _| name != "timestamp" && !name.ends_with("_ms"));
            members.values_mut().for_each(without_times);
        }
        Json::Array(items) => items.iter_mut().for_each(without_times),
        _ => {}
    }
}

/// The kept events of the session, read again while it runs.
struct Kept {
    id: String,
    /// The name that the run was given.
    name: Option<String>,
    /// The runs that had this name before, oldest first, once they were looked for.
    earlier: OnceCell<Vec<String>>,
    recorder: Arc<Recorder>,
    subscription: Arc<Subscription>,
    /// Whether events are on their way from the subscription to the store.
    busy: watch::Receiver<bool>,
}

impl Kept {
    /// Waits until every event that was published is stored.
    async fn settle(&self) {
        let mut busy = self.busy.clone();
        // An event is taken from the subscription only while the task is busy.
        while !self.subscription.is_empty() || *busy.borrow_and_update() {
            if busy.changed().await.is_err() {
                return;
            }
        }
    }
}

impl Archive for Kept {
    fn read<'a>(
        &'a self,
        mut take: Box<dyn FnMut(Value) + Send + 'a>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if tokio::time::timeout(PATIENCE, self.settle()).await.is_err() {
                tracing::warn!(target: "llmspell::session", "not all events are stored yet");
            }
            let Some(store) = self.recorder.opened() else {
                return Ok(());
            };
            each(&**store, &self.id, |event| take(event.into())).await
        })
    }

    fn earlier<'a>(
        &'a self,
        mut take: Box<dyn FnMut(Value) + Send + 'a>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let Some(name) = &self.name else {
                return Ok(());
            };
            let store = self.recorder.open().await?;
            let runs = self.earlier.get_or_try_init(|| async {
                let runs = Sessions::open(&Choice::Store(store.clone())).await?;
                runs.named_before(name, &self.id, EARLIER).await
            });
            for run in runs.await? {
                each(&**store, run, |event| take(event.into())).await?;
            }
            Ok(())
        })
    }
}

/// Hands the kept events of a session on, oldest first.
async fn each(store: &dyn Store, id: &str, mut take: impl FnMut(Json)) -> Result<()> {
    let (log, mut after) = (log(id), 0);
    loop {
        let page = store.read_log(&log, after, 1000).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        after = last.seq;
        for entry in &page {
            take(read(id, &entry.bytes)?);
        }
    }
}

async fn store(recorder: &Recorder, batch: Batch) -> Result<()> {
    recorder.open().await?.apply(batch).await.map(drop)
}

impl Sessions {
    /// Returns the artifacts of all sessions; nothing if there is no store yet.
    pub fn artifacts(&self, options: artifact::Options) -> Option<Artifacts> {
        Some(Artifacts::open(self.store.clone()?, options))
    }

    /// Returns the events that were kept of a session, oldest first.
    ///
    /// - Errors: `Corrupt` for an event that is none.
    pub async fn events(&self, id: &str) -> Result<Vec<Json>> {
        let Some(store) = &self.store else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        each(&**store, id, |event| found.push(event)).await?;
        Ok(found)
    }

    /// Returns the numbers of a session's hooks, if they were collected.
    ///
    /// - Errors: `Corrupt` if they are no JSON.
    pub async fn metrics(&self, id: &str) -> Result<Option<Json>> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        match store.get(numbers(id).as_bytes()).await? {
            Some(bytes) => read(id, &bytes).map(Some),
            None => Ok(None),
        }
    }
}

fn read(id: &str, bytes: &[u8]) -> Result<Json> {
    serde_json::from_slice(bytes).map_err(|failure| {
        error!(
            Corrupt,
            "what is kept of the session {id} is damaged: {failure}"
        )
    })
}

pub(super) fn log(id: &str) -> Arc<str> {
    format!("events/{id}").into()
}

pub(super) fn numbers(id: &str) -> String {
    format!("metrics/{id}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn event(sequence: u64, data: Json) -> Json {
        json!({"event_type": "a.b", "data": data, "source": {"component": "s"}, "sequence": sequence})
    }

    #[test]
    fn an_event_is_kept_once_however_often_it_was() {
        let mut before = Before::default();
        before.add(&event(1, json!({"n": 1, "duration_ms": 5})));
        before.add(&event(2, json!({"n": 1, "duration_ms": 6})));
        before.add(&event(3, json!({"n": 2})));
        assert!(!before.has(&event(1, json!({"n": 3}))));
        assert!(before.has(&event(9, json!({"n": 2}))));
        assert!(!before.has(&event(9, json!({"n": 2}))));
        for sequence in [4, 5] {
            assert!(before.has(&event(sequence, json!({"n": 1, "duration_ms": 7}))));
        }
        assert!(!before.has(&event(6, json!({"n": 1, "duration_ms": 7}))));
    }
}
