//! Telling somebody outside of a run what happens in it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::Result;
use llmspell_runtime::event::{Bus, Event, Overflow, Pattern, Subscription, Wanted};
use tokio::task::JoinHandle;

/// How long each of the last events may take.
const PATIENCE: Duration = Duration::from_secs(2);

/// Who is told of which events of a run.
#[derive(Clone)]
pub struct Watched {
    /// Patterns of events.
    pub patterns: Vec<String>,
    /// Called with each event, in order. It may block; events wait meanwhile, and if too many do, who publishes waits.
    pub tell: Arc<dyn Fn(&Event) + Send + Sync>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Watched({})", self.patterns.join(", "))
    }
}

/// A watch under way.
pub(super) struct Watch {
    bus: Arc<Bus>,
    subscription: Arc<Subscription>,
    patterns: Vec<String>,
    task: parking_lot::Mutex<Option<JoinHandle<()>>>,
}

impl Watch {
    /// Begins all watches.
    ///
    /// - Errors: `Parse` for a malformed pattern.
    pub(super) fn all(bus: &Arc<Bus>, watched: Vec<Watched>) -> Result<Vec<Self>> {
        let watches = watched.into_iter().map(|watched| Self::open(bus, watched));
        watches.collect()
    }

    /// Begins to watch.
    ///
    /// - Errors: `Parse` for a malformed pattern.
    fn open(bus: &Arc<Bus>, watched: Watched) -> Result<Self> {
        let patterns = watched.patterns.iter().map(|text| Pattern::new(text));
        let subscription = bus.subscribe(Wanted {
            patterns: patterns.collect::<Result<_>>()?,
            language: None,
            filter: None,
            overflow: Overflow::Block,
            capacity: 10_000,
            block_timeout: Duration::from_secs(1),
            handler: None,
            internal: true,
        })?;
        let (source, events, tell) = (bus.clone(), subscription.clone(), watched.tell);
        let task = tokio::spawn(async move {
            loop {
                while let Some(event) = source.next(&events) {
                    tell(&event);
                }
                if events.is_closed() {
                    return;
                }
                events.wait().await;
            }
        });
        Ok(Self {
            bus: bus.clone(),
            subscription,
            patterns: watched.patterns,
            task: parking_lot::Mutex::new(Some(task)),
        })
    }

    /// Waits until all events were told, as long as somebody takes them. What hangs is left behind.
    pub(super) async fn end(&self) {
        let Some(task) = self.task.lock().take() else {
            return;
        };
        let finished = self.bus.finish(&self.subscription, task, PATIENCE);
        let left = finished.await as u64 + self.subscription.dropped();
        if left > 0 {
            let patterns = self.patterns.join(", ");
            tracing::warn!(
                target: "llmspell::event",
                "of the events that match {patterns}, {left} were not written: nobody took them in time"
            );
        }
    }
}
