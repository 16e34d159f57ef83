//! What is counted for OpenTelemetry: how long operations took, and the tokens of inferences.

use std::collections::BTreeMap;

use llmspell_core::{Map, Value};
use parking_lot::Mutex;

/// Bounds of durations, in seconds. Source: the conventions' `gen_ai.client.operation.duration`.
const SECONDS: &[f64] = &[
    0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
];

/// Bounds of tokens. Source: the conventions' `gen_ai.client.token.usage`.
const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

/// Different attributes that are told apart; of more, the rest is counted together.
const MOST_SERIES: usize = 1000;

/// A quantity that is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Metric {
    Duration,
    Tokens,
}

impl Metric {
    pub(super) const ALL: [Self; 2] = [Self::Duration, Self::Tokens];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Duration => "gen_ai.client.operation.duration",
            Self::Tokens => "gen_ai.client.token.usage",
        }
    }

    pub(super) const fn unit(self) -> &'static str {
        match self {
            Self::Duration => "s",
            Self::Tokens => "{token}",
        }
    }

    pub(super) const fn description(self) -> &'static str {
        match self {
            Self::Duration => "How long operations took.",
            Self::Tokens => "Tokens of prompts and answers.",
        }
    }

    pub(super) const fn bounds(self) -> &'static [f64] {
        match self {
            Self::Duration => SECONDS,
            Self::Tokens => TOKENS,
        }
    }
}

/// What is measured of one call.
pub(super) struct Measured {
    labels: Labels,
    seconds: f64,
    tokens: [(&'static str, Option<f64>); 2],
}

/// Attributes by which numbers are told apart, in the order of their names.
pub(super) type Labels = Vec<(&'static str, String)>;

/// The attributes of spans that numbers have as well. None of them grows with the number of calls.
const LABELS: &[&str] = &[
    "error.type",
    "gen_ai.agent.name",
    "gen_ai.operation.name",
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
    "gen_ai.tool.name",
    "gen_ai.workflow.name",
];

impl Measured {
    /// Takes what counts from the attributes of a span.
    pub(super) fn new(attributes: &Map, seconds: f64) -> Self {
        let label = |name: &&'static str| {
            let value = attributes.get(name)?.as_str()?;
            Some((*name, value.to_owned()))
        };
        let count = |name: &str| attributes.get(name).and_then(Value::as_float);
        Self {
            labels: LABELS.iter().filter_map(label).collect(),
            seconds,
            tokens: [
                ("input", count("gen_ai.usage.input_tokens")),
                ("output", count("gen_ai.usage.output_tokens")),
            ],
        }
    }
}

/// How often values fell between which bounds.
#[derive(Clone, Debug)]
pub(super) struct Distribution {
    pub(super) counts: Vec<u64>,
    pub(super) count: u64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Distribution {
    fn new(bounds: &[f64]) -> Self {
        Self {
            counts: vec![0; bounds.len() + 1],
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    /// Counts a value at the first bound that it does not exceed.
    fn add(&mut self, bounds: &[f64], value: f64) {
        let place = bounds.partition_point(|bound| *bound < value);
        self.counts[place] += 1;
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }
}

/// Everything that was counted in a run.
#[derive(Debug, Default)]
pub(super) struct Numbers(Mutex<Series>);

type Series = BTreeMap<(Metric, Labels), Distribution>;

impl Numbers {
    pub(super) fn add(&self, measured: Measured) {
        let Measured {
            labels,
            seconds,
            tokens,
        } = measured;
        let mut series = self.0.lock();
        for (kind, count) in tokens {
            if let Some(count) = count {
                let mut labels = labels.clone();
                labels.push(("gen_ai.token.type", kind.to_owned()));
                enter(&mut series, Metric::Tokens, labels, count);
            }
        }
        enter(&mut series, Metric::Duration, labels, seconds);
    }

    /// Returns what was counted so far.
    pub(super) fn all(&self) -> Series {
        self.0.lock().clone()
    }
}

fn enter(series: &mut Series, metric: Metric, labels: Labels, value: f64) {
    let bounds = metric.bounds();
    let key = (metric, labels);
    let key = match series.len() < MOST_SERIES || series.contains_key(&key) {
        true => key,
        // Source: OpenTelemetry's SDK specification of metrics, cardinality limits.
        false => (metric, vec![("otel.metric.overflow", "true".to_owned())]),
    };
    let distribution = series
        .entry(key)
        .or_insert_with(|| Distribution::new(bounds));
    distribution.add(bounds, value);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(tool: &str, seconds: f64) -> Measured {
        let attributes = [("gen_ai.tool.name", Value::from(tool))];
        Measured::new(&attributes.into_iter().collect(), seconds)
    }

    #[test]
    fn a_value_at_a_bound_counts_below_it() {
        let numbers = Numbers::default();
        for seconds in [0.01, 0.011, 1000.0] {
            numbers.add(measured("t", seconds));
        }
        let all = numbers.all();
        let (_, one) = all.first_key_value().unwrap();
        assert_eq!((one.counts[0], one.counts[1]), (1, 1));
        assert_eq!(one.counts.last(), Some(&1));
        assert_eq!((one.count, one.min, one.max), (3, 0.01, 1000.0));
    }

    #[test]
    fn the_number_of_series_is_bounded() {
        let numbers = Numbers::default();
        for number in 0..3 * MOST_SERIES {
            numbers.add(measured(&number.to_string(), 0.1));
        }
        let all = numbers.all();
        assert_eq!(all.len(), MOST_SERIES + 1);
        assert!(
            all.values()
                .any(|rest| rest.count as usize == 2 * MOST_SERIES)
        );
    }
}
