//! `MetricsCollector`: how often, how long, how often in vain.

use std::sync::Arc;

use futures::future::BoxFuture;
use hdrhistogram::Histogram;
use indexmap::IndexMap;
use llmspell_core::{Cx, Map, Result, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::{Context, map};
use super::super::entry::Hook;
use super::super::point::Nature;
use super::{Made, at_once};

/// Longest duration that is told apart, in microseconds.
const LONGEST: u64 = 24 * 3600 * 1_000_000;

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Config {
    percentiles: Vec<f64>,
    labels: IndexMap<String, String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            percentiles: vec![50.0, 95.0, 99.0],
            labels: IndexMap::new(),
        }
    }
}

/// What the collector counted.
pub(in crate::hook) struct Metrics {
    config: Config,
    points: Mutex<IndexMap<String, u64>>,
    operations: Mutex<IndexMap<String, Operation>>,
}

struct Operation {
    succeeded: u64,
    failed: u64,
    tokens: u64,
    cost: f64,
    durations: Histogram<u64>,
}

struct Collector(Arc<Metrics>);

pub(super) fn made(config: Value) -> Result<Made> {
    let config: Config = config.into_typed()?;
    let shown = Value::from_serialize(&config)?;
    let metrics = Arc::new(Metrics {
        config,
        points: Mutex::default(),
        operations: Mutex::default(),
    });
    Ok(Made {
        hook: Arc::new(Collector(metrics.clone())),
        config: shown,
        metrics: Some(metrics),
    })
}

impl Metrics {
    fn count(&self, context: &Context) {
        let point = context.point.name().to_owned();
        *self.points.lock().entry(point).or_default() += 1;
        let nature = context.point.nature();
        if !matches!(nature, Nature::After | Nature::Failed) {
            return;
        }
        let number = |name: &str| context.data.get(name).and_then(Value::as_float);
        let component = &context.component;
        let key = format!("{}:{}", component.kind.to_ascii_lowercase(), component.name);
        let mut operations = self.operations.lock();
        let operation = operations.entry(key).or_insert_with(|| Operation {
            succeeded: 0,
            failed: 0,
            tokens: 0,
            cost: 0.0,
            durations: durations(),
        });
        match nature {
            Nature::After => operation.succeeded += 1,
            _ => operation.failed += 1,
        }
        operation.tokens += number("tokens_used").unwrap_or(0.0) as u64;
        operation.cost += number("cost_usd").unwrap_or(0.0);
        let micros = number("duration_ms").unwrap_or(0.0) * 1000.0;
        operation
            .durations
            .saturating_record((micros as u64).clamp(1, LONGEST));
    }

    /// Returns the numbers as scripts see them.
    pub(in crate::hook) fn to_value(&self) -> Value {
        let points = self.points.lock();
        let points = points
            .iter()
            .map(|(name, count)| (name.clone(), (*count).into()));
        let points = Value::Map(points.collect());
        let operations = self.operations.lock();
        let operations = operations
            .iter()
            .map(|(name, operation)| (name.clone(), self.shown(operation)));
        let labels = self.config.labels.iter();
        let labels = labels.map(|(name, label)| (name.clone(), label.as_str().into()));
        map([
            ("points", points),
            ("operations", Value::Map(operations.collect())),
            ("labels", Value::Map(labels.collect())),
        ])
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
        map([
            ("count", (operation.succeeded + operation.failed).into()),
            ("succeeded", operation.succeeded.into()),
            ("failed", operation.failed.into()),
            ("tokens", operation.tokens.into()),
            ("cost_usd", operation.cost.into()),
            (
                "duration_ms",
                map([
                    ("mean", (durations.mean() / 1000.0).into()),
                    ("min", milliseconds(durations.min())),
                    ("max", milliseconds(durations.max())),
                    ("percentiles", Value::Map(percentiles)),
                ]),
            ),
        ])
    }
}

/// Durations with three digits, from a microsecond to a day.
fn durations() -> Histogram<u64> {
    Histogram::new_with_bounds(1, LONGEST, 3).expect("the bounds are valid")
}

impl Hook for Collector {
    fn call<'a>(&'a self, _: &'a Cx, context: &'a mut Context) -> BoxFuture<'a, Result<Answer>> {
        self.0.count(context);
        at_once(Ok(Answer::Continue))
    }
}
