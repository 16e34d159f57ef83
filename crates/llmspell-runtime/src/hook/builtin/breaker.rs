//! `CircuitBreaker`: a tool or agent that keeps failing is left alone for a while.

use std::collections::HashMap;
use std::time::Duration;

use llmspell_core::{Cx, Result, bail};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::{at_once, counts, not_negative, patterns};
use crate::breaker::{Breaker, Thresholds};

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Fallback {
    Cancel,
    Redirect,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    failure_threshold: u32,
    success_threshold: u32,
    timeout_seconds: f64,
    track_by_component: bool,
    /// Errors that count; none are all.
    failure_patterns: Vec<String>,
    fallback_action: Fallback,
    fallback_target: Option<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            failure_threshold: 5,
            success_threshold: 2,
            timeout_seconds: 30.0,
            track_by_component: true,
            failure_patterns: Vec::new(),
            fallback_action: Fallback::Cancel,
            fallback_target: None,
        }
    }
}

pub(super) struct CircuitBreaker {
    config: Config,
    counted: Vec<regex::Regex>,
    breakers: Mutex<HashMap<String, Breaker>>,
}

pub(super) fn new(config: Config) -> Result<CircuitBreaker> {
    counts([
        ("failure_threshold", config.failure_threshold),
        ("success_threshold", config.success_threshold),
    ])?;
    not_negative([("timeout_seconds", config.timeout_seconds)])?;
    if config.fallback_target.is_none() && matches!(config.fallback_action, Fallback::Redirect) {
        bail!(
            InvalidArgs,
            "the `fallback_action` 'redirect' needs a `fallback_target`"
        );
    }
    Ok(CircuitBreaker {
        counted: patterns(&config.failure_patterns)?,
        config,
        breakers: Mutex::default(),
    })
}

impl CircuitBreaker {
    fn answer(&self, cx: &Cx, context: &Context<'_>) -> Answer {
        let key = match self.config.track_by_component {
            true => format!("{}:{}", context.component.kind, context.component.name),
            false => String::new(),
        };
        let now = cx.host().clock.monotonic();
        let mut breakers = self.breakers.lock();
        let breaker = breakers.entry(key).or_insert_with(|| {
            let open = self.config.timeout_seconds.clamp(0.0, 1e9);
            Breaker::new(Thresholds {
                failures: self.config.failure_threshold,
                successes: self.config.success_threshold,
                window: Duration::MAX,
                open: Duration::from_secs_f64(open),
                slow_calls: u32::MAX,
                slow: Duration::MAX,
            })
        });
        match context.point.nature() {
            Nature::Before => match breaker.admit(now).0 {
                true => Answer::Continue,
                false => self.instead(context),
            },
            nature => {
                let message = context.text("error_message").unwrap_or_default();
                let counts = self.counted.is_empty()
                    || self.counted.iter().any(|pattern| pattern.is_match(message));
                let success = nature == Nature::After;
                if success || counts {
                    breaker.note(now, success, Duration::ZERO);
                }
                Answer::Continue
            }
        }
    }

    fn instead(&self, context: &Context<'_>) -> Answer {
        match (self.config.fallback_action, &self.config.fallback_target) {
            (Fallback::Redirect, Some(target)) => Answer::Redirect(target.clone()),
            _ => Answer::Cancel(Some(format!(
                "'{}' failed {} times and is left alone for a while",
                context.component.name, self.config.failure_threshold
            ))),
        }
    }
}

impl Hook for CircuitBreaker {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        at_once(Ok(self.answer(cx, context)))
    }
}
