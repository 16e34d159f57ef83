//! Events of the runtime that wait for hooks, published where nobody could wait.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use llmspell_core::Cx;
use tokio::sync::{mpsc, oneshot};

use super::bus::{Bus, Publication};
use super::emit;

/// Events that wait at most.
const MOST: usize = 1000;

/// Events about which hooks are asked one after the other, in the order in which they were put there, by a task of the
/// run that begins with the first of them. What finds no room is dropped and counted.
///
/// Such are: the end of a call or of an execution of an agent that is abandoned (`tool.failed`, `model.request.failed`,
/// `agent.execution.failed`, `agent.state.changed`, `agent.alert`); `agent.created` of agents that a workflow brings
/// along; and what built-in hooks say (`health.*`, `cost.*`, `performance.slow`, `audit.record`, `workflow.checkpoint`).
#[derive(Debug, Default)]
pub(super) struct Outbox {
    /// Nothing if the run has nowhere to do work beside its calls.
    task: OnceLock<Option<mpsc::Sender<Next>>>,
    /// Whether it was said that something was dropped.
    warned: AtomicBool,
}

/// An event that waits, and in whose name it is published.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) cx: Cx,
    pub(super) kind: String,
    pub(super) draft: Publication,
}

#[derive(Debug)]
enum Next {
    Event(Box<Item>),
    /// Somebody waits until all before it is published.
    Mark(oneshot::Sender<()>),
}

impl Outbox {
    /// Adds an event.
    pub(super) fn put(&self, bus: &Bus, item: Item) {
        let Some(task) = self.task.get_or_init(|| start(&item.cx)) else {
            bus.tell(&item.kind, item.draft);
            return;
        };
        let Err(failure) = task.try_send(Next::Event(Box::new(item))) else {
            return;
        };
        bus.dropped.fetch_add(1, Ordering::Relaxed);
        if let Next::Event(item) = failure.into_inner()
            && !self.warned.swap(true, Ordering::Relaxed)
        {
            tracing::warn!(
                target: "llmspell::event",
                event = item.kind,
                "an event is dropped: {MOST} wait for the hooks of BeforeEventEmit and AfterEventEmit, or the run has ended"
            );
        }
    }

    /// Waits until what was added is published, for at most `time`.
    async fn emptied(&self, cx: &Cx, time: Duration) {
        let Some(Some(task)) = self.task.get() else {
            return;
        };
        let (done, ended) = oneshot::channel();
        let all = async {
            if task.send(Next::Mark(done)).await.is_ok() {
                // The task ends with the run, and drops what it has.
                let _ = ended.await;
            }
        };
        tokio::select! {
            () = all => {}
            () = cx.host().clock.sleep(time) => {
                tracing::warn!(
                    target: "llmspell::event",
                    "hooks of events did not end within {} ms",
                    time.as_millis()
                );
            }
        }
    }
}

/// Starts the task of a run; it ends with the run's bus.
fn start(cx: &Cx) -> Option<mpsc::Sender<Next>> {
    let (sender, mut waiting) = mpsc::channel(MOST);
    let task = async move {
        while let Some(next) = waiting.recv().await {
            match next {
                Next::Event(item) => emit::say_item(*item).await,
                Next::Mark(done) => drop(done.send(())),
            }
        }
    };
    match cx.host().tasks.spawn(Box::pin(task)) {
        Ok(()) => Some(sender),
        Err(why) => {
            tracing::warn!(target: "llmspell::event", "no hook is asked about events that cannot wait: {why}");
            None
        }
    }
}

/// Waits until the events that waited for hooks are published, for at most `time`. Called when the script has ended.
pub async fn send_off(cx: &Cx, time: Duration) {
    if let Some(bus) = cx.part_ref::<Bus>() {
        bus.outbox.emptied(cx, time).await;
    }
}
