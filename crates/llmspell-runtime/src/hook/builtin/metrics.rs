//! `MetricsCollector`: how often, how long, how often in vain.

use std::time::Duration;

use hdrhistogram::Histogram;
use indexmap::IndexMap;
use llmspell_core::value::to_json_pretty;
use llmspell_core::{Cx, Map, Result, Value, error};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::{Named, Nature, Point};
use super::export::Destination;
use super::{at_once, in_range, not_negative, prometheus};

/// Longest duration that is told apart, in microseconds.
const LONGEST: u64 = 24 * 3600 * 1_000_000;

/// A number of the spell's own.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    /// The point at which it is taken.
    point: String,
    /// The path of the number in the point's data; calls are counted without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(default, rename = "type")]
    kind: OwnKind,
}

#[derive(Clone, Copy, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum OwnKind {
    /// What is taken is added up.
    #[default]
    Counter,
    /// What was taken last.
    Gauge,
}

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
    Prometheus,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Numbers of the spell's own: `{point, value, type}` by name.
    metrics: IndexMap<String, Own>,
    /// Seconds between two exports; the last one is made when the script has ended.
    aggregation_window: f64,
    percentiles: Vec<f64>,
    export_format: Format,
    /// A URL that takes a POST, or the path of a file that is replaced.
    export_endpoint: Option<String>,
    labels: IndexMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            metrics: IndexMap::new(),
            aggregation_window: 60.0,
            percentiles: vec![50.0, 95.0, 99.0],
            export_format: Format::Json,
            export_endpoint: None,
            labels: IndexMap::new(),
        }
    }
}

/// What was counted.
#[derive(Default)]
struct Counted {
    points: IndexMap<String, u64>,
    operations: IndexMap<String, Operation>,
    own: IndexMap<String, f64>,
    exported: Option<Duration>,
}

struct Operation {
    succeeded: u64,
    failed: u64,
    tokens: u64,
    cost: f64,
    /// Milliseconds of all of them; the histogram only knows it roughly.
    total: f64,
    durations: Histogram<u64>,
}

pub(super) struct MetricsCollector {
    config: Config,
    destination: Option<Destination>,
    counted: Mutex<Counted>,
}

pub(super) fn new(mut config: Config) -> Result<MetricsCollector> {
    for (name, own) in &mut config.metrics {
        let point = Point::parse(&own.point)
            .map_err(|unknown| error!(InvalidArgs, "`metrics.{name}`: {}", unknown.message()))?;
        own.point = point.name().to_owned();
    }
    for share in &config.percentiles {
        in_range("percentiles", *share, 0.0..=100.0)?;
    }
    not_negative([("aggregation_window", config.aggregation_window)])?;
    let own = config.metrics.keys().map(|name| (name.clone(), 0.0));
    let counted = Counted {
        own: own.collect(),
        ..Counted::default()
    };
    Ok(MetricsCollector {
        destination: config.export_endpoint.as_deref().map(Destination::new),
        counted: Mutex::new(counted),
        config,
    })
}

impl MetricsCollector {
    fn count(&self, context: &Context<'_>) {
        let mut counted = self.counted.lock();
        let point = context.point.name();
        *counted.points.entry(point.to_owned()).or_default() += 1;
        self.count_own(&mut counted, context);
        let nature = context.point.nature();
        if !matches!(nature, Nature::After | Nature::Failed) {
            return;
        }
        let number = |name: &str| context.data.get(name).and_then(Value::as_float);
        let component = &context.component;
        let key = format!("{}:{}", component.kind.to_ascii_lowercase(), component.name);
        let entry = counted.operations.entry(key);
        let operation = entry.or_insert_with(|| Operation {
            succeeded: 0,
            failed: 0,
            tokens: 0,
            cost: 0.0,
            total: 0.0,
            durations: durations(),
        });
        match nature {
            Nature::After => operation.succeeded += 1,
            _ => operation.failed += 1,
        }
        operation.tokens += number("tokens_used").unwrap_or(0.0) as u64;
        operation.cost += number("cost_usd").unwrap_or(0.0);
        let took = number("duration_ms").or_else(|| number("total_duration_ms"));
        operation.total += took.unwrap_or(0.0);
        record(&mut operation.durations, took.unwrap_or(0.0));
    }

    fn count_own(&self, counted: &mut Counted, context: &Context<'_>) {
        let point = context.point.name();
        for (name, own) in &self.config.metrics {
            if own.point != point {
                continue;
            }
            let taken = match &own.value {
                None => Some(1.0),
                Some(path) => at_path(&context.data, path),
            };
            let (Some(taken), Some(number)) = (taken, counted.own.get_mut(name)) else {
                continue;
            };
            match own.kind {
                OwnKind::Counter => *number += taken,
                OwnKind::Gauge => *number = taken,
            }
        }
    }

    fn shown(&self, operation: &Operation) -> Value {
        let milliseconds = |micros: u64| Value::from(micros as f64 / 1000.0);
        let durations = &operation.durations;
        let percentiles = self.config.percentiles.iter();
        let percentiles: Map = percentiles
            .map(|percentile| {
                let value = durations.value_at_percentile(percentile.clamp(0.0, 100.0));
                (format!("p{percentile}"), milliseconds(value))
            })
            .collect();
        let count = operation.succeeded + operation.failed;
        Value::from([
            ("count", count.into()),
            ("succeeded", operation.succeeded.into()),
            ("failed", operation.failed.into()),
            ("tokens", operation.tokens.into()),
            ("cost_usd", operation.cost.into()),
            (
                "duration_ms",
                Value::from([
                    ("sum", operation.total.into()),
                    ("mean", (operation.total / count.max(1) as f64).into()),
                    ("min", milliseconds(durations.min())),
                    ("max", milliseconds(durations.max())),
                    ("percentiles", Value::Map(percentiles)),
                ]),
            ),
        ])
    }

    /// Returns whether it is time for an export.
    fn is_due(&self, cx: &Cx) -> bool {
        let now = cx.host().clock.monotonic();
        let window = Duration::from_secs_f64(self.config.aggregation_window.clamp(0.0, 1e9));
        let mut counted = self.counted.lock();
        let since = *counted.exported.get_or_insert(now);
        let due = now.saturating_sub(since) >= window;
        if due {
            counted.exported = Some(now);
        }
        due
    }

    fn text(&self) -> (&'static str, String) {
        let numbers = Value::Map(self.numbers());
        match self.config.export_format {
            Format::Json => ("application/json", to_json_pretty(&numbers)),
            Format::Prometheus => (prometheus::CONTENT_TYPE, prometheus::text(&numbers)),
        }
    }
}

/// Returns the number at a dotted path; lists and texts count as their length.
fn at_path(data: &Map, path: &str) -> Option<f64> {
    let mut names = path.split('.');
    let first = data.get(names.next()?)?;
    match names.try_fold(first, |value, name| value.get(name))? {
        Value::List(items) => Some(items.len() as f64),
        Value::Str(text) => Some(text.len() as f64),
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        number => number.as_float(),
    }
}

/// Returns durations with three digits, from a microsecond to a day.
pub(super) fn durations() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are valid")
}

/// Adds a duration.
pub(super) fn record(durations: &mut Histogram<u64>, milliseconds: f64) {
    let micros = (milliseconds * 1000.0) as u64;
    durations.saturating_record(micros.clamp(1, LONGEST));
}

impl Hook for MetricsCollector {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        self.count(context);
        let last = context.point == Point::Named(Named::SystemShutdown);
        let wanted = self
            .destination
            .as_ref()
            .filter(|_| last || self.is_due(cx));
        let Some(destination) = wanted else {
            return at_once(Ok(Answer::Continue));
        };
        let (kind, text) = self.text();
        Box::pin(async move {
            match last {
                true => destination.replace(cx, kind, text).await?,
                false => destination.replace_beside(cx, kind, text)?,
            }
            Ok(Answer::Continue)
        })
    }

    fn numbers(&self) -> Map {
        let counted = self.counted.lock();
        let points = counted.points.iter();
        let points = points.map(|(name, count)| (name.clone(), Value::from(*count)));
        let operations = counted.operations.iter();
        let operations = operations.map(|(name, operation)| (name.clone(), self.shown(operation)));
        let labels = self.config.labels.iter();
        let labels = labels.map(|(name, label)| (name.clone(), Value::from(label.as_str())));
        let own = counted.own.iter();
        let own = own.map(|(name, number)| (name.clone(), Value::from(*number)));
        let members = [
            ("points", Value::Map(points.collect())),
            ("operations", Value::Map(operations.collect())),
            ("metrics", Value::Map(own.collect())),
            ("labels", Value::Map(labels.collect())),
        ];
        members.into_iter().collect()
    }
}
