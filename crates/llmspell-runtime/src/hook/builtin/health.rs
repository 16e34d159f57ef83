//! `HealthChecker`: which tools and agents keep failing.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::{Cx, Map, Result, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::fork;
use super::super::frame::Within;
use super::super::point::Nature;
use super::{at_once, counts, not_negative};
use crate::event;

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Action {
    Event,
    Cancel,
}

/// An operation that shows whether something is well.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Check {
    /// `tool:NAME`, `agent:NAME` or `workflow:ID`.
    operation: String,
    #[serde(default)]
    parameters: Value,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Seconds between two checks, and after which an unhealthy component may be tried again.
    check_interval: f64,
    /// Failures in a row.
    unhealthy_threshold: u32,
    /// Successes in a row.
    healthy_threshold: u32,
    /// Checks by name, made beside what the spell does.
    checks: IndexMap<String, Check>,
    on_unhealthy: Action,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            check_interval: 60.0,
            unhealthy_threshold: 3,
            healthy_threshold: 2,
            checks: IndexMap::new(),
            on_unhealthy: Action::Event,
        }
    }
}

/// How a component is.
#[derive(Clone, Copy, Debug, Default)]
struct Health {
    failures: u32,
    successes: u32,
    is_unhealthy: bool,
    /// When it was last tried although it is unhealthy.
    tried: Duration,
}

#[derive(Default)]
struct Known {
    components: HashMap<String, Health>,
    /// When the checks were last made.
    checked: Option<Duration>,
}

pub(super) struct HealthChecker {
    config: Arc<Config>,
    known: Arc<Mutex<Known>>,
}

pub(super) fn new(config: Config) -> Result<HealthChecker> {
    counts([
        ("unhealthy_threshold", config.unhealthy_threshold),
        ("healthy_threshold", config.healthy_threshold),
    ])?;
    not_negative([("check_interval", config.check_interval)])?;
    Ok(HealthChecker {
        config: Arc::new(config),
        known: Arc::default(),
    })
}

impl Config {
    fn interval(&self) -> Duration {
        Duration::from_secs_f64(self.check_interval.clamp(0.0, 1e9))
    }

    /// Notes how an operation went, and publishes a change.
    fn note(&self, cx: &Cx, known: &Mutex<Known>, name: &str, success: bool) -> Health {
        let now = cx.host().clock.monotonic();
        let mut all = known.lock();
        let health = all.components.entry(name.to_owned()).or_default();
        match success {
            true => (health.successes, health.failures) = (health.successes + 1, 0),
            false => (health.successes, health.failures) = (0, health.failures + 1),
        }
        let before = health.is_unhealthy;
        match before {
            false if health.failures >= self.unhealthy_threshold.max(1) => {
                (health.is_unhealthy, health.tried) = (true, now);
            }
            true if health.successes >= self.healthy_threshold => health.is_unhealthy = false,
            _ => {}
        }
        let now = *health;
        drop(all);
        if now.is_unhealthy != before {
            let kind = match now.is_unhealthy {
                true => "health.unhealthy",
                false => "health.healthy",
            };
            event::tell(cx, "health", kind, || {
                Value::from([
                    ("component", name.into()),
                    ("failures", now.failures.into()),
                ])
            });
        }
        now
    }
}

impl HealthChecker {
    /// Returns whether an unhealthy component is left alone.
    fn refuses(&self, cx: &Cx, name: &str) -> bool {
        let now = cx.host().clock.monotonic();
        let mut known = self.known.lock();
        let health = known.components.get_mut(name);
        let Some(health) = health.filter(|health| health.is_unhealthy) else {
            return false;
        };
        if now.saturating_sub(health.tried) < self.config.interval() {
            return true;
        }
        health.tried = now;
        false
    }

    /// Makes the checks beside the spell if it is time.
    fn check(&self, cx: &Cx) -> Result<()> {
        let now = cx.host().clock.monotonic();
        let mut known = self.known.lock();
        let is_due = known
            .checked
            .is_none_or(|last| now.saturating_sub(last) >= self.config.interval());
        if self.config.checks.is_empty() || !is_due {
            return Ok(());
        }
        known.checked = Some(now);
        drop(known);
        let (config, known) = (self.config.clone(), self.known.clone());
        cx.beside(|cx| async move {
            for (name, check) in &config.checks {
                let parameters = check.parameters.clone();
                let outcome = fork::operation(&cx, &check.operation, parameters).await;
                config.note(&cx, &known, name, outcome.is_ok());
            }
        })
    }

    fn answer(&self, cx: &Cx, context: &mut Context<'_>) -> Result<Answer> {
        self.check(cx)?;
        let component = &context.component;
        let name = format!("{}:{}", component.kind.to_ascii_lowercase(), component.name);
        let nature = context.point.nature();
        if nature == Nature::Before {
            let refused = self.config.on_unhealthy == Action::Cancel && self.refuses(cx, &name);
            return Ok(match refused {
                true => Answer::Cancel(Some(format!("'{}' is unhealthy", component.name))),
                false => Answer::Continue,
            });
        }
        let success = nature == Nature::After;
        let health = self.config.note(cx, &self.known, &name, success);
        let word = match health.is_unhealthy {
            true => "unhealthy",
            false => "healthy",
        };
        context.metadata.insert("health_status", word.into());
        Ok(Answer::Continue)
    }
}

impl Hook for HealthChecker {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(self.answer(cx, context))
    }

    fn numbers(&self) -> Map {
        let known = self.known.lock();
        let components = known.components.iter();
        let mut shown: Vec<_> = components
            .map(|(name, health)| {
                let facts = Value::from([
                    ("healthy", (!health.is_unhealthy).into()),
                    ("failures", health.failures.into()),
                    ("successes", health.successes.into()),
                ]);
                (name.clone(), facts)
            })
            .collect();
        shown.sort_by(|left, right| left.0.cmp(&right.0));
        let health = Value::Map(shown.into_iter().collect());
        Map::from([("health", health)])
    }
}
