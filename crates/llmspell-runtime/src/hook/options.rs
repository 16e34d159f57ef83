//! `[hooks]`.

use std::time::Duration;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::breaker::{Preset, Thresholds};

/// Hooks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// Off: registering works, nothing is called.
    pub enabled: bool,
    /// Most hooks. None are called at all if `enabled` is false.
    #[schemars(range(min = 1))]
    pub max_hooks: usize,
    /// Longest time of one call of a hook.
    #[schemars(range(min = 1))]
    pub timeout_ms: u64,
    /// When a hook that fails or is slow is left out.
    pub breaker: Preset,
    /// Failures that open a breaker, in place of the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub failure_threshold: Option<u32>,
    /// How long a breaker stays open, in place of the preset's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open_ms: Option<u64>,
    /// Share of a run's time that hooks may take; 0 = any.
    #[schemars(range(min = 0, max = 1))]
    pub max_overhead: f64,
    /// From which time on an operation counts as slow; executions of agents take six times as long.
    pub slow_operation_ms: u64,
    /// Share of a core from which on a run counts as busy, in percent.
    #[schemars(range(min = 0))]
    pub cpu_high_percent: f64,
    /// How long it must use that share.
    #[schemars(range(min = 1))]
    pub cpu_window_ms: u64,
    /// Built-in hooks that are enabled from the start: a table of options for each name.
    pub builtin: IndexMap<String, Json>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enabled: true,
            max_hooks: 1000,
            timeout_ms: 5000,
            breaker: Preset::Default,
            failure_threshold: None,
            open_ms: None,
            max_overhead: 0.0,
            slow_operation_ms: 10_000,
            cpu_high_percent: 90.0,
            cpu_window_ms: 5000,
            builtin: IndexMap::new(),
        }
    }
}

impl Options {
    /// Returns the thresholds of the breakers of hooks at points of this type of component.
    pub(super) fn thresholds(&self, component: &str) -> Thresholds {
        let mut thresholds = self.breaker.thresholds();
        if component == "Tool" && self.breaker == Preset::Default {
            thresholds = Thresholds {
                successes: 2,
                ..Preset::Conservative.thresholds()
            };
        }
        Thresholds {
            failures: self.failure_threshold.unwrap_or(thresholds.failures),
            open: self.open_ms.map_or(thresholds.open, Duration::from_millis),
            ..thresholds
        }
    }
}
