//! Telemetry: what agents, models, tools and workflows do, as spans and numbers for an OpenTelemetry collector.
//!
//! Nothing is made or sent before a collector is named. A call never waits for it: what has no room in the queue is
//! dropped and counted, a collector that is gone costs a line in the log, and at the end of the run the rest is sent
//! within three seconds or not at all.

mod export;
mod genai;
mod numbers;
mod options;
mod otlp;
mod span;
mod tracer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use llmspell_core::{Call, Cx, Error, Host, Map, Network, Op, Result, error};
use parking_lot::{Mutex, RwLock};
use url::Url;

pub use options::Options;
pub(crate) use tracer::{Open, Tracer};

/// What spans and numbers are sent with.
pub struct Setup {
    /// The way there.
    pub network: Arc<dyn Network>,
    /// The base URL of the collector.
    pub endpoint: String,
    /// Whether the endpoint comes from the configuration: its addresses are not checked.
    pub is_configured: bool,
    /// Headers of each request.
    pub headers: BTreeMap<String, String>,
    /// The service that it comes from.
    pub service_name: String,
    /// The share of runs whose spans are sent, 0 to 1.
    pub sample_rate: f64,
    /// What each span has beside its own attributes.
    pub attributes: Map,
}

impl Setup {
    /// Returns what the configuration asks for, if it asks for anything.
    pub fn configured(options: &Options, network: Arc<dyn Network>) -> Option<Self> {
        Some(Self {
            network,
            endpoint: options.otlp_endpoint.clone()?,
            is_configured: true,
            headers: options.headers.clone(),
            service_name: options.service_name.clone(),
            sample_rate: 1.0,
            attributes: Map::new(),
        })
    }
}

/// Checks the base URL of a collector.
///
/// - Errors: `Config` if it is none.
pub fn check_endpoint(endpoint: &str) -> Result<()> {
    let wrong = |why: &str| {
        error!(Config, "'{endpoint}' is no base URL of a collector: {why}")
            .hint("write the URL for OTLP over HTTP, such as http://localhost:4318")
    };
    let url = Url::parse(endpoint).map_err(|failure| wrong(&failure.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only http and https are spoken"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it has a user; give a header instead"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it has a query or a fragment"));
    }
    Ok(())
}

/// The telemetry of one run; off until it is started.
#[derive(Default)]
pub struct Telemetry {
    on: AtomicBool,
    current: RwLock<Option<Arc<Tracer>>>,
    /// All that were started, for the end of the run.
    started: Mutex<Vec<Arc<Tracer>>>,
}

impl Telemetry {
    /// Begins the trace of a run. `name` is the script's. Must be called within the tokio runtime of the run.
    pub fn start(&self, session: &str, name: &str, host: &Host, setup: Setup) {
        self.begin(session, name, host, setup);
    }

    pub(crate) fn begin(
        &self,
        session: &str,
        name: &str,
        host: &Host,
        setup: Setup,
    ) -> Arc<Tracer> {
        let tracer = Arc::new(Tracer::start(session, name, host, setup));
        self.started.lock().push(tracer.clone());
        *self.current.write() = Some(tracer.clone());
        self.on.store(true, Ordering::Release);
        tracer
    }

    /// Ends a trace before the run ends.
    pub(crate) fn stop(&self, tracer: &Arc<Tracer>) {
        let mut current = self.current.write();
        if current.as_ref().is_some_and(|own| Arc::ptr_eq(own, tracer)) {
            *current = None;
            self.on.store(false, Ordering::Release);
        }
        drop(current);
        tracer.close(None);
    }

    /// Returns whether spans are made: what a call pays without telemetry.
    #[inline]
    pub(crate) fn is_on(&self) -> bool {
        self.on.load(Ordering::Acquire)
    }

    /// Returns who makes spans now.
    pub(crate) fn current(&self) -> Option<Arc<Tracer>> {
        match self.is_on() {
            true => self.current.read().clone(),
            false => None,
        }
    }

    /// Opens the span of a call, if it has one.
    pub(crate) fn open(&self, call: &Call) -> Option<Open> {
        let tracer = self.current()?;
        let subject = genai::Subject::of(call)?;
        Some(tracer.open(call, subject))
    }

    /// Ends the span of the run and waits until what was made is sent, for three seconds at most.
    pub async fn end(&self, error: Option<&Error>) {
        if let Some(current) = self.current.write().take() {
            self.on.store(false, Ordering::Release);
            current.close(error);
        }
        let started = std::mem::take(&mut *self.started.lock());
        futures::future::join_all(started.iter().map(|tracer| tracer.end())).await;
    }
}

/// Returns whether calls of an op have spans.
pub(crate) fn concerns(op: &Op) -> bool {
    genai::concerns(op)
}

/// Returns the W3C trace context of a call, with the ids of its trace and its span.
///
/// Source: W3C Trace Context, `traceparent` version 00.
pub(crate) fn context_of(tracer: &Tracer, cx: &Cx) -> [(&'static str, String); 3] {
    let place = tracer.place(cx);
    let flags = u8::from(place.is_sampled);
    let parent = format!("00-{}-{}-{flags:02x}", place.trace, place.span);
    [
        ("trace_id", place.trace.to_string()),
        ("parent_span_id", place.span.to_string()),
        ("traceparent", parent),
    ]
}

impl fmt::Debug for Telemetry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Telemetry({})", if self.is_on() { "on" } else { "off" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for right in ["http://localhost:4318", "https://otlp.example.com/team/"] {
            check_endpoint(right).unwrap();
        }
        for (wrong, why) in [
            ("localhost:4318", "only http and https"),
            ("grpc://localhost:4317", "only http and https"),
            ("http://me:pass@host", "has a user"),
            ("http://host/?key=1", "a query"),
            ("nothing", "relative URL"),
        ] {
            let message = check_endpoint(wrong).unwrap_err().message().to_owned();
            assert!(message.contains(why), "{message}");
        }
    }
}
