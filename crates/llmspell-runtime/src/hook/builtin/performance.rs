//! `PerformanceMonitor`: what operations take of time, processor and memory.

use std::sync::Arc;
use std::time::Duration;

use hdrhistogram::Histogram;
use indexmap::IndexMap;
use llmspell_core::value::to_json;
use llmspell_core::{Cx, Map, Result, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::at_once;
use super::metrics::{durations, record};
use crate::event;
use crate::host::resident_memory;

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    Json,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Whether results carry what they took, as `metadata.performance`.
    enable_profiling: bool,
    track_memory: bool,
    track_cpu: bool,
    slow_threshold_ms: f64,
    /// Seconds between two lines of the log, at the level `info`, target `llmspell::performance`.
    export_interval: f64,
    export_format: Format,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            enable_profiling: false,
            track_memory: true,
            track_cpu: true,
            slow_threshold_ms: 1000.0,
            export_interval: 60.0,
            export_format: Format::Json,
        }
    }
}

/// What there was before an operation. Operations at the same time share a process: each one's share is an upper bound.
struct Before {
    processor: Option<Duration>,
    memory: Option<u64>,
}

struct Operation {
    durations: Histogram<u64>,
    slow: u64,
    processor: Duration,
    /// Most that one operation added.
    memory: u64,
}

#[derive(Default)]
struct Measured {
    operations: IndexMap<String, Operation>,
    exported: Option<Duration>,
}

pub(super) struct PerformanceMonitor {
    config: Config,
    measured: Mutex<Measured>,
}

pub(super) fn new(config: Config) -> Result<PerformanceMonitor> {
    Ok(PerformanceMonitor {
        config,
        measured: Mutex::default(),
    })
}

impl PerformanceMonitor {
    fn before(&self, cx: &Cx, context: &mut Context<'_>) {
        context.holds.push(Arc::new(Before {
            processor: self.config.track_cpu.then(|| cx.host().clock.processor()),
            memory: self.config.track_memory.then(resident_memory).flatten(),
        }));
    }

    fn after(&self, cx: &Cx, context: &mut Context<'_>) {
        let component = &context.component;
        let name = format!("{}:{}", component.kind.to_ascii_lowercase(), component.name);
        let number = |name: &str| context.data.get(name).and_then(Value::as_float);
        let took = number("duration_ms").or_else(|| number("total_duration_ms"));
        let took = took.unwrap_or(0.0);
        let held = context.holds.iter().rev();
        let before = held.filter_map(|held| held.downcast_ref::<Before>()).next();
        let processor = before.and_then(|before| before.processor);
        let processor = processor.map(|then| cx.host().clock.processor().saturating_sub(then));
        let memory = before
            .and_then(|before| before.memory)
            .and_then(|then| Some(resident_memory()?.saturating_sub(then)));
        let is_slow = took >= self.config.slow_threshold_ms;
        {
            let mut measured = self.measured.lock();
            let entry = measured.operations.entry(name.clone());
            let operation = entry.or_insert_with(|| Operation {
                durations: durations(),
                slow: 0,
                processor: Duration::ZERO,
                memory: 0,
            });
            record(&mut operation.durations, took);
            operation.slow += u64::from(is_slow);
            operation.processor += processor.unwrap_or_default();
            operation.memory = operation.memory.max(memory.unwrap_or(0));
        }
        if is_slow {
            event::tell(cx, "performance", "performance.slow", || {
                Value::from([
                    ("component", name.into()),
                    ("duration_ms", took.into()),
                    ("threshold_ms", self.config.slow_threshold_ms.into()),
                ])
            });
        }
        if self.config.enable_profiling {
            let profile = Value::from([
                ("duration_ms", took.into()),
                ("slow", is_slow.into()),
                (
                    "cpu_ms",
                    processor.map(|time| time.as_secs_f64() * 1e3).into(),
                ),
                ("memory_bytes", memory.into()),
            ]);
            context.metadata.insert("performance", profile);
        }
    }

    /// Writes the numbers to the log when it is time.
    fn export(&self, cx: &Cx) {
        let now = cx.host().clock.monotonic();
        let interval = Duration::from_secs_f64(self.config.export_interval.clamp(0.0, 1e9));
        {
            let mut measured = self.measured.lock();
            let since = *measured.exported.get_or_insert(now);
            if now.saturating_sub(since) < interval {
                return;
            }
            measured.exported = Some(now);
        }
        let numbers = to_json(&Value::Map(self.numbers()));
        tracing::info!(target: "llmspell::performance", "{numbers}");
    }
}

impl Operation {
    fn shown(&self) -> Value {
        let milliseconds = |micros: u64| Value::from(micros as f64 / 1000.0);
        let count = self.durations.len();
        Value::from([
            ("count", count.into()),
            ("slow", self.slow.into()),
            ("mean_ms", (self.durations.mean() / 1000.0).into()),
            (
                "p95_ms",
                milliseconds(self.durations.value_at_percentile(95.0)),
            ),
            ("max_ms", milliseconds(self.durations.max())),
            ("cpu_ms", (self.processor.as_secs_f64() * 1e3).into()),
            ("max_memory_bytes", self.memory.into()),
        ])
    }
}

impl Hook for PerformanceMonitor {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        match context.point.nature() {
            Nature::Before => self.before(cx, context),
            _ => self.after(cx, context),
        }
        self.export(cx);
        at_once(Ok(Answer::Continue))
    }

    fn numbers(&self) -> Map {
        let measured = self.measured.lock();
        let operations = measured.operations.iter();
        let operations = operations.map(|(name, operation)| (name.clone(), operation.shown()));
        let operations = Value::Map(operations.collect());
        Map::from([("performance", operations)])
    }
}
