//! `RetryHandler`: what failed for a passing reason is tried again.

use std::time::Duration;

use llmspell_core::{Kind, Result, Value, bail};
use serde::{Deserialize, Serialize};

use super::super::answer::{Again, Answer};
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::{at_once, not_negative};

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Strategy {
    Exponential,
    Fixed,
    Linear,
    Fibonacci,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum Jitter {
    None,
    Full,
    Equal,
    Decorrelated,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    max_retries: u32,
    initial_delay_ms: f64,
    max_delay_ms: f64,
    exponential_base: f64,
    strategy: Strategy,
    jitter: Jitter,
    retryable_errors: Vec<String>,
    retry_status_codes: Vec<i64>,
    /// Seconds that the pauses may take together.
    max_retry_duration: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_retries: 3,
            initial_delay_ms: 100.0,
            max_delay_ms: 60_000.0,
            exponential_base: 2.0,
            strategy: Strategy::Exponential,
            jitter: Jitter::Full,
            retryable_errors: ["timeout", "rate_limited", "remote"]
                .map(str::to_owned)
                .into(),
            retry_status_codes: vec![429, 500, 502, 503, 504],
            max_retry_duration: 300.0,
        }
    }
}

pub(super) struct RetryHandler(Config);

pub(super) fn new(config: Config) -> Result<RetryHandler> {
    not_negative([
        ("initial_delay_ms", config.initial_delay_ms),
        ("max_delay_ms", config.max_delay_ms),
        ("exponential_base", config.exponential_base),
        ("max_retry_duration", config.max_retry_duration),
    ])?;
    let kinds = || Kind::ALL.iter().map(|kind| kind.name());
    let known = |name: &&String| kinds().any(|kind| kind == name.as_str());
    if let Some(unknown) = config.retryable_errors.iter().find(|name| !known(name)) {
        bail!(
            InvalidArgs,
            "`retryable_errors` names the unknown kind '{unknown}'; there are: {}",
            kinds().collect::<Vec<_>>().join(", ")
        );
    }
    Ok(RetryHandler(config))
}

impl RetryHandler {
    /// Returns the pause after the `attempt`th attempt, in milliseconds.
    fn pause(&self, attempt: u32) -> f64 {
        let Config {
            initial_delay_ms: first,
            exponential_base: base,
            ..
        } = self.0;
        let pause = match self.0.strategy {
            Strategy::Fixed => first,
            Strategy::Linear => first * f64::from(attempt),
            Strategy::Exponential => first * base.powi(attempt.saturating_sub(1).min(60) as i32),
            Strategy::Fibonacci => {
                let step = |(last, next): (f64, f64), _| (next, last + next);
                first * (1..attempt.min(60)).fold((1.0, 1.0), step).0
            }
        };
        pause.clamp(0.0, self.0.max_delay_ms)
    }

    /// Whether it is for another hook point to say whether this is tried again: what a step calls has its own, and what
    /// failed of a workflow is a step.
    fn is_settled(context: &Context<'_>) -> bool {
        context.component.kind == "Workflow" && context.text("step_type") != Some("function")
    }

    fn answer(&self, context: &Context<'_>) -> Answer {
        if Self::is_settled(context) {
            return Answer::Continue;
        }
        let kind = context.text("error_kind").unwrap_or_default();
        let status = context.data.get("status").and_then(Value::as_int);
        let passes = self.0.retryable_errors.iter().any(|own| own == kind)
            || status.is_some_and(|status| self.0.retry_status_codes.contains(&status));
        let spent: f64 = (1..=context.attempt)
            .map(|attempt| self.pause(attempt))
            .sum();
        if !passes
            || context.attempt > self.0.max_retries
            || spent > self.0.max_retry_duration * 1000.0
        {
            return Answer::Continue;
        }
        Answer::Retry(Box::new(Again {
            delay: Duration::from_secs_f64(self.pause(context.attempt) / 1000.0),
            grows: false,
            max_attempts: self.0.max_retries.saturating_add(1),
            jitter: match self.0.jitter {
                Jitter::None => 0.0,
                Jitter::Equal => 0.5,
                Jitter::Full | Jitter::Decorrelated => 1.0,
            },
            fallback: None,
        }))
    }
}

impl Hook for RetryHandler {
    fn call<'a>(&'a self, _: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        let answer = self.answer(context);
        if let Answer::Retry(_) = answer {
            context.metadata.insert("retries", context.attempt.into());
        }
        at_once(Ok(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses() {
        let pauses = |strategy, attempts: u32| -> Vec<f64> {
            let config = Config {
                strategy,
                max_delay_ms: 450.0,
                ..Config::default()
            };
            let handler = RetryHandler(config);
            (1..=attempts)
                .map(|attempt| handler.pause(attempt))
                .collect()
        };
        assert_eq!(
            pauses(Strategy::Exponential, 4),
            [100.0, 200.0, 400.0, 450.0]
        );
        assert_eq!(pauses(Strategy::Fixed, 3), [100.0, 100.0, 100.0]);
        assert_eq!(pauses(Strategy::Linear, 3), [100.0, 200.0, 300.0]);
        assert_eq!(pauses(Strategy::Fibonacci, 4), [100.0, 100.0, 200.0, 300.0]);
    }
}
