//! The way to the collector: a bounded queue, and a task that sends what is in it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use llmspell_core::host::{HttpRequest, Repeat};
use llmspell_core::{Clock, Error, Network, Result, error};
use parking_lot::Mutex;
use serde_json::Value as Json;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};

use super::numbers::Numbers;
use super::otlp::{self, Resource};
use super::span::{Span, TraceId};

/// Spans that wait to be sent; of more, the newest are dropped and counted.
const ROOM: usize = 4096;

/// Most spans of one request.
const BATCH: usize = 512;

/// How long a span waits for others.
const INTERVAL: Duration = Duration::from_secs(5);

/// How often numbers are sent.
const NUMBERS: Duration = Duration::from_secs(30);

/// How long the last of it may take when the run has ended.
const PATIENCE: Duration = Duration::from_secs(3);

/// Limit of one request with all its attempts.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A collector that takes OTLP over HTTP.
pub(super) struct Collector {
    pub(super) network: Arc<dyn Network>,
    /// The base URL, without `/v1/…`.
    pub(super) endpoint: String,
    /// Whether the endpoint comes from the configuration, so that addresses are not checked.
    pub(super) is_configured: bool,
    pub(super) headers: BTreeMap<String, String>,
}

impl Collector {
    /// Sends a request of a signal: `traces` or `metrics`.
    ///
    /// - Errors: what the network says; `Remote` for a status that is none of success.
    async fn send(&self, signal: &str, body: &Json) -> Result<()> {
        let base = self.endpoint.trim_end_matches('/');
        let url = format!("{base}/v1/{signal}");
        let mut request = HttpRequest::new("POST", url)
            .body("application/json", body.to_string())
            .timeout(TIMEOUT)
            .max_bytes(64 << 10)
            .repeatable()
            .retry(Repeat {
                initial_delay: Duration::from_millis(200),
                max_delay: Duration::from_secs(5),
                // Source: the protocol's table of retryable answers.
                on_status: vec![429, 502, 503, 504],
                ..Repeat::default()
            });
        request.headers.extend(self.headers.clone());
        if self.is_configured {
            request = request.configured(&self.endpoint);
        }
        let mut answer = self.network.send(request).await?;
        let said = answer.body.start().await.unwrap_or_default();
        if !(200..300).contains(&answer.status) {
            return Err(error!(
                Remote,
                "the collector answered with status {}", answer.status
            ));
        }
        match otlp::refused(&said) {
            Some((count, why)) => Err(error!(
                Remote,
                "the collector refused {count} of the {signal}: {why}"
            )),
            None => Ok(()),
        }
    }
}

/// What became of spans.
#[derive(Debug, Default)]
struct Counts {
    /// There was no room in the queue.
    dropped: AtomicU64,
    /// The collector did not take them.
    lost: AtomicU64,
}

/// Takes spans without waiting and sends them from a task of its own.
pub(super) struct Exporter {
    spans: Mutex<Option<mpsc::Sender<Span>>>,
    task: Mutex<Option<JoinHandle<()>>>,
    counts: Arc<Counts>,
}

/// What the task works with.
struct Delivery {
    collector: Collector,
    resource: Resource,
    trace: TraceId,
    numbers: Arc<Numbers>,
    clock: Arc<dyn Clock>,
    began: i64,
    counts: Arc<Counts>,
}

impl Exporter {
    /// Starts the task, on the tokio runtime of the run.
    pub(super) fn start(
        collector: Collector,
        resource: Resource,
        trace: TraceId,
        numbers: Arc<Numbers>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (sender, receiver) = mpsc::channel(ROOM);
        let counts = Arc::new(Counts::default());
        let delivery = Delivery {
            collector,
            resource,
            trace,
            numbers,
            began: clock.now(),
            clock,
            counts: counts.clone(),
        };
        Self {
            spans: Mutex::new(Some(sender)),
            task: Mutex::new(Some(tokio::spawn(delivery.run(receiver)))),
            counts,
        }
    }

    /// Puts a span into the queue, or drops it if there is no room.
    pub(super) fn offer(&self, span: Span) {
        let spans = self.spans.lock();
        let Some(spans) = &*spans else {
            return;
        };
        if spans.try_send(span).is_err() {
            self.counts.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Takes no more spans; those that wait are sent.
    pub(super) fn close(&self) {
        self.spans.lock().take();
    }

    /// Waits until everything was sent, for three seconds at most, and says what was not.
    pub(super) async fn end(&self) {
        self.close();
        let task = self.task.lock().take();
        if let Some(mut task) = task
            && tokio::time::timeout(PATIENCE, &mut task).await.is_err()
        {
            task.abort();
            tracing::warn!(target: "llmspell::telemetry", "the last spans could not be sent in time");
        }
        let dropped = self.counts.dropped.load(Ordering::Relaxed);
        let lost = self.counts.lost.load(Ordering::Relaxed);
        if dropped + lost > 0 {
            tracing::warn!(
                target: "llmspell::telemetry",
                dropped,
                lost,
                "not all spans reached the collector"
            );
        }
    }
}

impl Delivery {
    async fn run(self, mut spans: mpsc::Receiver<Span>) {
        let mut batch = Vec::with_capacity(BATCH);
        let mut due = Instant::now() + NUMBERS;
        // A collector that is gone is said once until it is back.
        let mut silent = false;
        loop {
            let open = gather(&mut spans, &mut batch).await;
            let mut outcome = Ok(());
            if !batch.is_empty() {
                let request = otlp::traces(&self.resource, self.trace, &batch);
                outcome = self.collector.send("traces", &request).await;
                if outcome.is_err() {
                    let count = batch.len() as u64;
                    self.counts.lost.fetch_add(count, Ordering::Relaxed);
                }
                batch.clear();
            }
            if outcome.is_ok() && (!open || Instant::now() >= due) {
                outcome = self.send_numbers().await;
                due = Instant::now() + NUMBERS;
            }
            if let Err(failure) = &outcome
                && !silent
            {
                self.complain(failure);
            }
            silent = outcome.is_err();
            if !open {
                return;
            }
        }
    }

    async fn send_numbers(&self) -> Result<()> {
        let series = self.numbers.all();
        if series.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let request = otlp::metrics(&self.resource, self.began, now, series.iter());
        self.collector.send("metrics", &request).await
    }

    fn complain(&self, failure: &Error) {
        tracing::warn!(
            target: "llmspell::telemetry",
            endpoint = self.collector.endpoint,
            "telemetry could not be sent: {failure}"
        );
    }
}

/// Collects spans until there is a batch, some time has passed, or no more will come. Returns whether more will.
async fn gather(spans: &mut mpsc::Receiver<Span>, batch: &mut Vec<Span>) -> bool {
    let until = Instant::now() + INTERVAL;
    while batch.len() < BATCH {
        match timeout_at(until, spans.recv_many(batch, BATCH - batch.len())).await {
            Ok(0) => return false,
            Ok(_) => {}
            Err(_) => return true,
        }
    }
    true
}
