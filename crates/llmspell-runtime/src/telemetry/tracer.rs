//! The spans of a run: which are open, what they are parts of.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::iter::successors;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use llmspell_core::{Call, Cancel, Clock, Cx, Error, Host, Map, Result, Secrets, Value};
use parking_lot::Mutex;
use uuid::Uuid;

use super::Setup;
use super::export::{Collector, Exporter};
use super::genai::Subject;
use super::numbers::Numbers;
use super::otlp::Resource;
use super::span::{Span, SpanId, SpanKind, TraceId, note_error};
use crate::secret;

/// Makes the spans of one run, which are one trace, and hands them on when they have ended.
pub(crate) struct Tracer {
    trace: TraceId,
    /// The span of the run itself.
    root: SpanId,
    name: String,
    began: i64,
    since: Duration,
    clock: Arc<dyn Clock>,
    secrets: Arc<dyn Secrets>,
    /// Whether spans of this run are sent at all; numbers always are.
    is_sampled: bool,
    attributes: Map,
    open: Mutex<HashMap<usize, SpanId>>,
    made: AtomicU64,
    salt: u64,
    numbers: Arc<Numbers>,
    exporter: Exporter,
}

/// Where a call stands in its trace.
pub(crate) struct Place {
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    pub(crate) is_sampled: bool,
}

impl Tracer {
    /// Begins the trace of a run. `name` is the script's, or empty.
    pub(super) fn start(session: &str, name: &str, host: &Host, setup: Setup) -> Self {
        let trace = TraceId(match Uuid::parse_str(session) {
            Ok(id) => id.into_bytes(),
            Err(_) => first(blake3::hash(session.as_bytes())),
        });
        let numbers = Arc::new(Numbers::default());
        let clock = host.clock.clone();
        let collector = Collector {
            network: setup.network,
            endpoint: setup.endpoint,
            is_configured: setup.is_configured,
            headers: setup.headers,
        };
        let resource = Resource::new(&setup.service_name, session);
        let exporter = Exporter::start(collector, resource, trace, numbers.clone(), clock.clone());
        let mut tracer = Self {
            trace,
            root: SpanId([0; 8]),
            name: format!("spell {name}").trim_end().to_owned(),
            began: clock.now(),
            since: clock.monotonic(),
            clock,
            secrets: host.secrets.clone(),
            is_sampled: is_sampled(trace, setup.sample_rate),
            attributes: setup.attributes,
            open: Mutex::default(),
            made: AtomicU64::new(0),
            salt: RandomState::new().hash_one(session),
            numbers,
            exporter,
        };
        let session = [("session.id", Value::from(session))];
        tracer.attributes.extend(session);
        tracer.root = tracer.next();
        tracer
    }

    /// Makes the id of a span, which is not that of another run of the same spell.
    fn next(&self) -> SpanId {
        let count = self.made.fetch_add(1, Ordering::Relaxed);
        let mut seed = [0; 32];
        seed[..16].copy_from_slice(&self.trace.0);
        seed[16..24].copy_from_slice(&self.salt.to_le_bytes());
        seed[24..].copy_from_slice(&count.to_le_bytes());
        let mut id: [u8; 8] = first(blake3::hash(&seed));
        // All zeros mean no span.
        id[7] |= u8::from(id == [0; 8]);
        SpanId(id)
    }

    /// Returns the innermost open span that a call is a part of.
    fn around<'a>(&self, innermost: Option<&'a Cx>) -> SpanId {
        let open = self.open.lock();
        let mut calls = successors(innermost, |cx: &&'a Cx| cx.parent());
        let found = calls.find_map(|cx| open.get(&cx.key()).copied());
        found.unwrap_or(self.root)
    }

    /// Returns where a call stands.
    pub(crate) fn place(&self, cx: &Cx) -> Place {
        Place {
            trace: self.trace,
            span: self.around(Some(cx)),
            is_sampled: self.is_sampled,
        }
    }

    /// Opens the span of a call.
    pub(super) fn open(self: Arc<Self>, call: &Call, subject: Subject) -> Open {
        let (id, parent) = (self.next(), self.around(call.cx.parent()));
        self.open.lock().insert(call.cx.key(), id);
        Open {
            cx: call.cx.clone(),
            id,
            parent,
            began: self.clock.now(),
            since: self.clock.monotonic(),
            subject: Some(subject),
            tracer: self,
        }
    }

    fn finish(&self, span: Span, error: Option<&Error>) {
        if !self.is_sampled {
            return;
        }
        let mut span = span;
        for (name, value) in &self.attributes {
            span.attributes
                .entry(name.clone())
                .or_insert_with(|| value.clone());
        }
        let named = Value::Map(std::mem::take(&mut span.attributes));
        let clean = secret::strike(&named, &*self.secrets).unwrap_or(named);
        if let Value::Map(attributes) = clean {
            span.attributes = attributes;
        }
        span.error = error.map(|error| self.secrets.strike(error.message()).into_owned());
        self.exporter.offer(span);
    }

    /// Ends the span of the run; nothing is taken any more.
    pub(super) fn close(&self, error: Option<&Error>) {
        let mut attributes = Map::new();
        if let Some(error) = error {
            note_error(&mut attributes, error);
        }
        let took = self.clock.monotonic().saturating_sub(self.since);
        let span = Span {
            id: self.root,
            parent: None,
            name: self.name.clone(),
            kind: SpanKind::Internal,
            began: self.began,
            ended: after(self.began, took),
            attributes,
            error: None,
        };
        self.finish(span, error);
        self.exporter.close();
    }

    /// Waits until what was taken is sent.
    pub(super) async fn end(&self) {
        self.exporter.end().await;
    }
}

/// A call whose span is open. One that is dropped ends as cancelled.
pub(crate) struct Open {
    tracer: Arc<Tracer>,
    cx: Cx,
    id: SpanId,
    parent: SpanId,
    began: i64,
    since: Duration,
    subject: Option<Subject>,
}

impl Open {
    /// Ends the span.
    pub(crate) fn end(mut self, outcome: &Result<Value>) {
        self.close(outcome.as_ref());
    }

    fn close(&mut self, outcome: Result<&Value, &Error>) {
        let Some(mut subject) = self.subject.take() else {
            return;
        };
        let tracer = &self.tracer;
        tracer.open.lock().remove(&self.cx.key());
        let took = tracer.clock.monotonic().saturating_sub(self.since);
        tracer.numbers.add(subject.end(outcome, took.as_secs_f64()));
        let span = Span {
            id: self.id,
            parent: Some(self.parent),
            kind: subject.span_kind(),
            name: subject.name,
            began: self.began,
            ended: after(self.began, took),
            attributes: subject.attributes,
            error: None,
        };
        tracer.finish(span, outcome.err());
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.subject.is_some() {
            let reason = self.cx.cancel().error();
            let reason = reason.unwrap_or_else(|| Cancel::reason("the caller stopped waiting"));
            self.close(Err(&reason));
        }
    }
}

/// Returns a moment so much later, in microseconds.
fn after(began: i64, took: Duration) -> i64 {
    began.saturating_add(i64::try_from(took.as_micros()).unwrap_or(i64::MAX))
}

/// Returns the first bytes of a hash.
fn first<const N: usize>(hash: blake3::Hash) -> [u8; N] {
    std::array::from_fn(|index| hash.as_bytes()[index])
}

/// Decides by the trace's id, so that all parts of one trace are decided alike.
fn is_sampled(trace: TraceId, rate: f64) -> bool {
    let number = u64::from_le_bytes(first(blake3::hash(&trace.0)));
    (number as f64) < rate * 2f64.powi(64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_the_traces_is_sampled() {
        let sampled = |rate| {
            let traces = 0..2000u128;
            let traces = traces.map(|number| TraceId(number.to_be_bytes()));
            traces.filter(|trace| is_sampled(*trace, rate)).count()
        };
        assert_eq!((sampled(0.0), sampled(1.0)), (0, 2000));
        assert!((400..600).contains(&sampled(0.25)), "{}", sampled(0.25));
    }
}
