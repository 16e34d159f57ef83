//! Watches that go on beside the calls.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::select;
use llmspell_core::{Cx, Error, Map, Outcome, Result, Value, error};
use parking_lot::Mutex;
use serde::Serialize;

use super::event::Event;
use super::source::Source;
use super::{TOOL, Work};
use crate::fs::entry::moment;
use crate::publish::Publisher;

/// The running watches of a run.
#[derive(Default)]
struct Watches(Mutex<Open>);

#[derive(Default)]
struct Open {
    count: u64,
    watches: BTreeMap<u64, Watch>,
}

/// A running watch. Dropping it ends it.
struct Watch {
    paths: Vec<String>,
    started: Option<String>,
    queue: Arc<Mutex<Queue>>,
    _stop: oneshot::Sender<()>,
}

/// Events that wait for a poll.
#[derive(Default)]
struct Queue {
    events: VecDeque<Event>,
    dropped: u64,
    /// Events that the bus did not take, and why it refused the last of them.
    unpublished: (u64, String),
    has_ended: bool,
}

impl Queue {
    /// Adds events as far as there is room; `dropped` were lost before.
    fn push(&mut self, events: &[Event], dropped: u64, most: usize) {
        let room = most.saturating_sub(self.events.len()).min(events.len());
        self.events.extend(events[..room].iter().cloned());
        self.dropped += dropped + (events.len() - room) as u64;
    }

    fn refuse(&mut self, reason: &str) {
        self.unpublished.0 += 1;
        reason.clone_into(&mut self.unpublished.1);
    }

    fn end(&mut self, dropped: u64) {
        self.dropped += dropped;
        self.has_ended = true;
    }

    fn take(&mut self, most: usize) -> (Vec<Event>, u64) {
        let count = most.min(self.events.len());
        (
            self.events.drain(..count).collect(),
            std::mem::take(&mut self.dropped),
        )
    }
}

fn id_of(number: u64) -> String {
    format!("watch-{number}")
}

pub(super) async fn start(work: &Work<'_>) -> Result<Outcome> {
    let publisher = work.publisher()?;
    let watches = work.cx.kept::<Watches>();
    let full = || {
        let most = work.config.max_watches;
        let error = error!(Limit, "{most} watches run already").with("limit", most);
        error
            .hint("stop one of them")
            .hint(format!("raise `max_watches` in [tools.{TOOL}]"))
    };
    if watches.0.lock().watches.len() >= work.config.max_watches {
        return Err(full());
    }
    let source = Source::open(work).await?;
    let paths = source.paths();
    let (stop, stopped) = oneshot::channel::<()>();
    let queue = Arc::new(Mutex::new(Queue::default()));
    let number = {
        let mut open = watches.0.lock();
        if open.watches.len() >= work.config.max_watches {
            return Err(full());
        }
        open.count += 1;
        let number = open.count;
        let watch = Watch {
            paths: paths.clone(),
            started: moment(work.cx.host().clock.now()),
            queue: queue.clone(),
            _stop: stop,
        };
        open.watches.insert(number, watch);
        number
    };
    let most = work.config.queue;
    let started = work.cx.beside(|cx| async move {
        let following = std::pin::pin!(follow(&cx, source, &queue, most, publisher));
        select(following, stopped).await;
    });
    if let Err(error) = started {
        watches.0.lock().watches.remove(&number);
        return Err(error);
    }
    let id = Value::from(id_of(number));
    let data = Map::from([("watch_id", id.clone())]);
    Ok(Outcome::new("start", data)
        .output(id)
        .message(format!("Watching {}", paths.join(", "))))
}

/// Collects changes until the system tells no more, and publishes them if that is asked for.
async fn follow(
    cx: &Cx,
    mut source: Source,
    queue: &Mutex<Queue>,
    most: usize,
    publisher: Option<Publisher>,
) {
    let mut lost = 0;
    loop {
        let came = source.next(cx, Duration::MAX).await;
        let dropped = source.dropped() - lost;
        lost = source.dropped();
        let Ok(events) = came else {
            queue.lock().end(dropped);
            return;
        };
        queue.lock().push(&events, dropped, most);
        let Some(publisher) = &publisher else {
            continue;
        };
        for event in &events {
            let published = match Value::from_serialize(event) {
                Ok(facts) => publisher.publish(cx, facts).await,
                Err(error) => Err(error),
            };
            if let Err(refusal) = published {
                queue.lock().refuse(refusal.message());
            }
        }
    }
}

#[derive(Serialize)]
struct Polled {
    events: Vec<Event>,
    changes: Vec<Event>,
    event_count: usize,
    dropped: u64,
    active: bool,
}

/// Returns the number of the watch that the call names.
fn named(work: &Work<'_>) -> Result<(u64, String)> {
    let id = work.a.watch_id.clone();
    let id = id.ok_or_else(|| work.missing("watch_id"))?;
    let number = id
        .strip_prefix("watch-")
        .and_then(|number| number.parse().ok());
    Ok((number.unwrap_or(0), id))
}

fn unknown(id: &str) -> Error {
    error!(NotFound, "no watch '{id}' runs").hint("operation 'list' shows those that do")
}

pub(super) fn poll(work: &Work<'_>) -> Result<Outcome> {
    let most = work.max_events()?;
    let (number, id) = named(work)?;
    let watches = work.cx.kept::<Watches>();
    let open = watches.0.lock();
    let watch = open.watches.get(&number).ok_or_else(|| unknown(&id))?;
    let mut queue = watch.queue.lock();
    let (events, dropped) = queue.take(most);
    let data = Polled {
        event_count: events.len(),
        changes: events.clone(),
        events,
        dropped,
        active: !queue.has_ended,
    };
    let outcome = Outcome::new("poll", Value::from_serialize(&data)?)
        .output(Value::from_serialize(&data.events)?)
        .message(format!("{} changes", data.event_count));
    Ok(match std::mem::take(&mut queue.unpublished) {
        (0, _) => outcome,
        (count, reason) => {
            outcome.warning(format!("{count} events could not be published: {reason}"))
        }
    })
}

#[derive(Serialize)]
struct Stopped {
    stopped: bool,
    events: Vec<Event>,
}

pub(super) fn stop(work: &Work<'_>) -> Result<Outcome> {
    let (number, id) = named(work)?;
    let watches = work.cx.kept::<Watches>();
    let watch = watches.0.lock().watches.remove(&number);
    let watch = watch.ok_or_else(|| unknown(&id))?;
    let (events, _) = watch.queue.lock().take(usize::MAX);
    let data = Stopped {
        stopped: true,
        events,
    };
    Ok(Outcome::new("stop", Value::from_serialize(&data)?)
        .output(true)
        .message(format!("Stopped {id}")))
}

#[derive(Serialize)]
struct Running {
    watch_id: String,
    paths: Vec<String>,
    started: Option<String>,
    queued: usize,
}

#[derive(Serialize)]
struct List {
    watches: Vec<Running>,
}

pub(super) fn list(work: &Work<'_>) -> Result<Outcome> {
    let kept = work.cx.kept::<Watches>();
    let open = kept.0.lock();
    let watches = open.watches.iter().map(|(number, watch)| Running {
        watch_id: id_of(*number),
        paths: watch.paths.clone(),
        started: watch.started.clone(),
        queued: watch.queue.lock().events.len(),
    });
    let data = List {
        watches: watches.collect(),
    };
    let message = format!("{} watches run", data.watches.len());
    Ok(Outcome::new("list", Value::from_serialize(&data)?)
        .output(Value::from_serialize(&data.watches)?)
        .message(message))
}
