//! `RateLimiter`: a bucket of tokens that fills again.

use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter as Limiter};
use llmspell_core::{Cx, Result, Value, error};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::cache::Cache;
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::Nature;
use super::{at_once, caching, in_range};

/// How long a result is kept for `ReturnCached`.
const KEPT: Duration = Duration::from_secs(3600);

/// How long an operation may be delayed.
const LONGEST_DELAY: Duration = Duration::from_secs(3600);

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
enum Strategy {
    Global,
    PerComponent,
    PerUser,
    PerKey,
}

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
enum Action {
    Cancel,
    Delay,
    /// `redirect_target` runs.
    Redirect,
    /// The last result for the same input is taken; without one it is cancelled.
    ReturnCached,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    strategy: Strategy,
    capacity: NonZeroU32,
    refill_rate: f64,
    burst_capacity: u32,
    action: Action,
    redirect_target: Option<String>,
    header_prefix: String,
    /// The share that is used up from which on it is said.
    warning_threshold: f64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            strategy: Strategy::Global,
            capacity: NonZeroU32::MIN.saturating_add(99),
            refill_rate: 10.0,
            burst_capacity: 50,
            action: Action::Cancel,
            redirect_target: None,
            header_prefix: "X-RateLimit-".to_owned(),
            warning_threshold: 0.8,
        }
    }
}

type Keyed = Limiter<String, HashMapStateStore<String>, DefaultClock, StateInformationMiddleware>;

pub(super) struct RateLimiter {
    config: Config,
    limiter: Keyed,
    /// The last results, for `ReturnCached`.
    results: Cache,
    warned: AtomicBool,
}

pub(super) fn new(config: Config) -> Result<RateLimiter> {
    if !(config.refill_rate > 0.0 && config.refill_rate <= 1e9) {
        return Err(error!(
            InvalidArgs,
            "`refill_rate` must be positive, got {}", config.refill_rate
        ));
    }
    if config.action == Action::Redirect && config.redirect_target.is_none() {
        return Err(error!(
            InvalidArgs,
            "the action 'Redirect' needs a `redirect_target`"
        ));
    }
    in_range("warning_threshold", config.warning_threshold, 0.0..=1.0)?;
    let quota = Quota::with_period(Duration::from_secs_f64(1.0 / config.refill_rate))
        .ok_or_else(|| error!(InvalidArgs, "`refill_rate` is too high"))?
        .allow_burst(config.capacity.saturating_add(config.burst_capacity));
    Ok(RateLimiter {
        limiter: Limiter::hashmap(quota).with_middleware(),
        results: Cache::default(),
        warned: AtomicBool::new(false),
        config,
    })
}

impl RateLimiter {
    fn key(&self, context: &Context<'_>) -> String {
        let noted = |name: &str| context.noted(name).unwrap_or_default();
        match self.config.strategy {
            Strategy::Global => String::new(),
            Strategy::PerComponent => context.component.name.to_string(),
            Strategy::PerUser => noted("user_id"),
            Strategy::PerKey => noted("rate_limit_key"),
        }
    }

    async fn admit(&self, cx: &Cx, context: &mut Context<'_>) -> Result<Answer> {
        // What an operation was redirected to is not limited as well.
        if self.config.redirect_target.as_deref() == Some(context.component.name.as_str()) {
            return Ok(Answer::Continue);
        }
        let key = self.key(context);
        let wait = match self.limiter.check_key(&key) {
            Ok(state) => {
                self.note(context, state.remaining_burst_capacity(), Duration::ZERO);
                return Ok(Answer::Continue);
            }
            Err(refused) => refused.wait_time_from(DefaultClock::default().now()),
        };
        self.note(context, 0, wait);
        let cached = || self.results.get(&caching::key(context, &[]));
        match self.config.action {
            Action::Cancel => {}
            Action::Delay => {
                cx.unless_stopped(self.limiter.until_key_ready(&key))
                    .await?;
                return Ok(Answer::Continue);
            }
            Action::Redirect => {
                if let Some(target) = &self.config.redirect_target {
                    return Ok(Answer::Redirect(target.clone()));
                }
            }
            Action::ReturnCached => {
                if let Some(result) = cached() {
                    return Ok(Answer::Replace(result));
                }
            }
        }
        let seconds = wait.as_secs_f64();
        Ok(Answer::Cancel(Some(format!(
            "the rate limit of {} operations is used up; one is possible again in {seconds:.1} s",
            self.config.capacity
        ))))
    }

    /// Notes how much is left, and says once that it is little.
    fn note(&self, context: &mut Context<'_>, remaining: u32, wait: Duration) {
        let Config {
            capacity,
            burst_capacity,
            header_prefix,
            refill_rate,
            warning_threshold,
            ..
        } = &self.config;
        let all = f64::from(capacity.saturating_add(*burst_capacity).get());
        let used = 1.0 - f64::from(remaining) / all;
        let full = (all - f64::from(remaining)) / refill_rate;
        let is_little = used >= *warning_threshold;
        if is_little && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "llmspell::hook",
                component = context.component.name.as_str(),
                remaining,
                "the rate limit is nearly used up"
            );
        } else if !is_little {
            self.warned.store(false, Ordering::Relaxed);
        }
        let mut note = |name: &str, value: Value| {
            let name = format!("{header_prefix}{name}");
            context.metadata.insert(name, value);
        };
        note("Limit", capacity.get().into());
        note("Remaining", remaining.into());
        note("Reset", (full.ceil() as i64).into());
        note("Burst", (*burst_capacity).into());
        if is_little {
            note("Warning", true.into());
        }
        if !wait.is_zero() {
            note("Retry-After", (wait.as_secs_f64().ceil() as i64).into());
        }
    }

    fn keep(&self, context: &Context<'_>) {
        if self.config.action == Action::ReturnCached {
            let key = caching::key(context, &[]);
            self.results.put(&key, caching::kept(context), KEPT);
        }
    }
}

impl Hook for RateLimiter {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        if context.point.nature() == Nature::Before {
            return Box::pin(self.admit(cx, context));
        }
        self.keep(context);
        at_once(Ok(Answer::Continue))
    }

    fn patience(&self) -> Option<Duration> {
        let waits = self.config.action == Action::Delay;
        waits.then_some(LONGEST_DELAY)
    }
}
