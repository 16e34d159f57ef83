//! The wire format: OTLP in JSON.
//!
//! Source: OpenTelemetry Protocol 1.8 (`opentelemetry-proto/docs/specification.md`, "JSON Protobuf Encoding" and
//! "OTLP/HTTP"; `trace.proto`, `metrics.proto`), checked 2026-11-21. Names are in lowerCamelCase, ids hexadecimal, 64-bit
//! integers text, enumerations numbers.

use llmspell_core::{Map, Value};
use serde_json::{Value as Json, json};

use super::genai::SCHEMA;
use super::numbers::{Distribution, Labels, Metric};
use super::span::{Span, SpanKind, TraceId};

/// Where spans and numbers come from: attributes of the service.
pub(super) struct Resource(Json);

impl Resource {
    pub(super) fn new(service: &str, session: &str) -> Self {
        let of = |pairs: &[(&str, &str)]| -> Map {
            let pairs = pairs.iter();
            pairs
                .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
                .collect()
        };
        let version = env!("CARGO_PKG_VERSION");
        Self(json!({"attributes": attributes(&of(&[
            ("service.name", service),
            ("service.instance.id", session),
            ("telemetry.sdk.name", "llmspell"),
            ("telemetry.sdk.language", "rust"),
            ("telemetry.sdk.version", version),
        ]))}))
    }
}

fn scope() -> Json {
    json!({"name": "llmspell", "version": env!("CARGO_PKG_VERSION")})
}

/// Returns an `ExportTraceServiceRequest`.
pub(super) fn traces(resource: &Resource, trace: TraceId, spans: &[Span]) -> Json {
    let spans: Vec<Json> = spans.iter().map(|one| span(trace, one)).collect();
    json!({"resourceSpans": [{
        "resource": resource.0,
        "scopeSpans": [{"scope": scope(), "spans": spans, "schemaUrl": SCHEMA}],
        "schemaUrl": SCHEMA,
    }]})
}

fn span(trace: TraceId, span: &Span) -> Json {
    let mut json = json!({
        "traceId": trace.to_string(),
        "spanId": span.id.to_string(),
        "name": span.name,
        "kind": match span.kind {
            SpanKind::Internal => 1,
            SpanKind::Client => 3,
        },
        "startTimeUnixNano": nanos(span.began),
        "endTimeUnixNano": nanos(span.ended),
        "attributes": attributes(&span.attributes),
        // Unset, unless it failed.
        "status": match &span.error {
            None => json!({}),
            Some(message) => json!({"code": 2, "message": message}),
        },
    });
    if let Some(parent) = span.parent {
        json["parentSpanId"] = parent.to_string().into();
    }
    json
}

/// Returns an `ExportMetricsServiceRequest` of everything that was counted since `began`.
pub(super) fn metrics<'a>(
    resource: &Resource,
    began: i64,
    now: i64,
    series: impl Iterator<Item = (&'a (Metric, Labels), &'a Distribution)>,
) -> Json {
    let mut points: [Vec<Json>; 2] = Default::default();
    for ((metric, labels), distribution) in series {
        points[*metric as usize].push(point(*metric, labels, distribution, began, now));
    }
    let metrics: Vec<Json> = Metric::ALL
        .into_iter()
        .zip(points)
        .filter(|(_, points)| !points.is_empty())
        .map(|(metric, points)| {
            json!({
                "name": metric.name(),
                "description": metric.description(),
                "unit": metric.unit(),
                // Cumulative.
                "histogram": {"dataPoints": points, "aggregationTemporality": 2},
            })
        })
        .collect();
    json!({"resourceMetrics": [{
        "resource": resource.0,
        "scopeMetrics": [{"scope": scope(), "metrics": metrics, "schemaUrl": SCHEMA}],
        "schemaUrl": SCHEMA,
    }]})
}

fn point(
    metric: Metric,
    labels: &Labels,
    distribution: &Distribution,
    began: i64,
    now: i64,
) -> Json {
    let labels = labels.iter();
    let labels: Vec<Json> = labels
        .map(|(name, value)| json!({"key": name, "value": {"stringValue": value}}))
        .collect();
    let counts: Vec<String> = distribution.counts.iter().map(u64::to_string).collect();
    json!({
        "attributes": labels,
        "startTimeUnixNano": nanos(began),
        "timeUnixNano": nanos(now),
        "count": distribution.count.to_string(),
        "sum": distribution.sum,
        "min": distribution.min,
        "max": distribution.max,
        "bucketCounts": counts,
        "explicitBounds": metric.bounds(),
    })
}

fn nanos(micros: i64) -> String {
    (i128::from(micros) * 1000).to_string()
}

fn attributes(map: &Map) -> Vec<Json> {
    let known = map.iter().filter(|(_, value)| !value.is_null());
    known
        .map(|(name, value)| json!({"key": name, "value": any(value)}))
        .collect()
}

fn any(value: &Value) -> Json {
    match value {
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::Int(number) => json!({"intValue": number.to_string()}),
        Value::Float(number) => json!({"doubleValue": number}),
        Value::Str(text) => json!({"stringValue": text}),
        Value::List(items) => {
            let items: Vec<Json> = items.iter().map(any).collect();
            json!({"arrayValue": {"values": items}})
        }
        Value::Map(members) => json!({"kvlistValue": {"values": attributes(members)}}),
        other => json!({"stringValue": other.to_string()}),
    }
}

/// Returns how many of what was sent the collector refused, and why.
pub(super) fn refused(answer: &[u8]) -> Option<(u64, String)> {
    let answer: Json = serde_json::from_slice(answer).ok()?;
    let partial = answer.get("partialSuccess")?;
    let count = |name: &str| {
        let count = partial.get(name)?;
        count
            .as_u64()
            .or_else(|| count.as_str().and_then(|text| text.parse().ok()))
    };
    let refused = count("rejectedSpans").or_else(|| count("rejectedDataPoints"));
    let message = partial["errorMessage"].as_str().unwrap_or_default();
    refused
        .filter(|count| *count > 0)
        .map(|count| (count, message.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::span::SpanId;
    use super::*;

    #[test]
    fn a_span_in_the_format_of_the_protocol() {
        let span = Span {
            id: SpanId([1; 8]),
            parent: Some(SpanId([0xab; 8])),
            name: "chat m".to_owned(),
            kind: SpanKind::Client,
            began: 1_700_000_000_000_001,
            ended: 1_700_000_000_000_002,
            attributes: [
                ("tokens", Value::Int(1 << 60)),
                ("reasons", Value::List(vec!["stop".into()])),
                ("nothing", Value::Null),
            ]
            .into_iter()
            .collect(),
            error: Some("too slow".to_owned()),
        };
        let resource = Resource::new("spells", "s1");
        let request = traces(&resource, TraceId([0x0c; 16]), &[span]);
        let all = &request["resourceSpans"][0];
        assert_eq!(
            all["resource"]["attributes"][0],
            json!({"key": "service.name", "value": {"stringValue": "spells"}})
        );
        assert_eq!(
            all["scopeSpans"][0]["spans"],
            json!([{
                "traceId": "0c".repeat(16),
                "spanId": "01".repeat(8),
                "parentSpanId": "ab".repeat(8),
                "name": "chat m",
                "kind": 3,
                "startTimeUnixNano": "1700000000000001000",
                "endTimeUnixNano": "1700000000000002000",
                "attributes": [
                    {"key": "tokens", "value": {"intValue": "1152921504606846976"}},
                    {"key": "reasons", "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}},
                ],
                "status": {"code": 2, "message": "too slow"},
            }])
        );
    }

    #[test]
    fn what_a_collector_refuses() {
        let answer = br#"{"partialSuccess": {"rejectedSpans": "3", "errorMessage": "too old"}}"#;
        assert_eq!(refused(answer), Some((3, "too old".to_owned())));
        for answer in ["", "{}", r#"{"partialSuccess": {}}"#, "no JSON"] {
            assert_eq!(refused(answer.as_bytes()), None);
        }
    }
}
