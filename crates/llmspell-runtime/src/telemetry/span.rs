//! A span: something that took time, as OpenTelemetry describes it.

use std::fmt;

use llmspell_core::{Error, Map};

/// The id of a span within its trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SpanId(pub(super) [u8; 8]);

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.0)
    }
}

/// The id of a trace: all spans of one run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TraceId(pub(super) [u8; 16]);

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(f, &self.0)
    }
}

fn hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Whether something happened in this process or was asked of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SpanKind {
    /// In this process.
    Internal,
    /// Asked of a service.
    Client,
}

/// A span that has ended.
#[derive(Clone, Debug)]
pub(super) struct Span {
    pub(super) id: SpanId,
    /// What it is a part of; `None` for the run itself.
    pub(super) parent: Option<SpanId>,
    pub(super) name: String,
    pub(super) kind: SpanKind,
    /// Microseconds since 1970.
    pub(super) began: i64,
    pub(super) ended: i64,
    pub(super) attributes: Map,
    /// What went wrong.
    pub(super) error: Option<String>,
}

/// Adds what the conventions say of a failure: its kind, as `error.type`.
pub(super) fn note_error(attributes: &mut Map, error: &Error) {
    attributes.insert("error.type", error.kind().name().into());
}
