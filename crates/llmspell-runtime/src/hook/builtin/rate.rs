//! `RateLimiter`: a bucket of tokens that fills again.

use std::num::NonZeroU32;
use std::time::Duration;

use futures::future::BoxFuture;
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter as Limiter};
use llmspell_core::{Cx, Result, Value, error};
use serde::{Deserialize, Serialize};

use super::super::answer::Answer;
use super::super::context::Context;
use super::super::entry::Hook;
use crate::agent::stop::unless_stopped;

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
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    strategy: Strategy,
    capacity: NonZeroU32,
    refill_rate: f64,
    burst_capacity: u32,
    action: Action,
    header_prefix: String,
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
            header_prefix: "X-RateLimit-".to_owned(),
            warning_threshold: 0.8,
        }
    }
}

type Keyed = Limiter<String, HashMapStateStore<String>, DefaultClock>;

pub(super) struct RateLimiter {
    config: Config,
    limiter: Keyed,
}

pub(super) fn new(config: Config) -> Result<RateLimiter> {
    if !(config.refill_rate > 0.0 && config.refill_rate <= 1e9) {
        return Err(error!(
            InvalidArgs,
            "`refill_rate` must be positive, got {}", config.refill_rate
        ));
    }
    let quota = Quota::with_period(Duration::from_secs_f64(1.0 / config.refill_rate))
        .ok_or_else(|| error!(InvalidArgs, "`refill_rate` is too high"))?
        .allow_burst(config.capacity.saturating_add(config.burst_capacity));
    Ok(RateLimiter {
        limiter: Limiter::hashmap(quota),
        config,
    })
}

impl RateLimiter {
    fn key(&self, context: &Context) -> String {
        let noted = |name: &str| {
            let value = context.metadata.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        match self.config.strategy {
            Strategy::Global => String::new(),
            Strategy::PerComponent => context.component.name.clone(),
            Strategy::PerUser => noted("user_id"),
            Strategy::PerKey => noted("rate_limit_key"),
        }
    }

    async fn admit(&self, cx: &Cx, context: &mut Context) -> Result<Answer> {
        let key = self.key(context);
        let refused = match self.limiter.check_key(&key) {
            Ok(()) => return Ok(Answer::Continue),
            Err(refused) => refused,
        };
        let wait = refused.wait_time_from(DefaultClock::default().now());
        let prefix = &self.config.header_prefix;
        let mut note = |name: &str, value: Value| {
            context.metadata.insert(format!("{prefix}{name}"), value);
        };
        note("Limit", self.config.capacity.get().into());
        note("Remaining", 0.into());
        note("Burst", self.config.burst_capacity.into());
        note("Retry-After", (wait.as_secs_f64().ceil() as i64).into());
        if self.config.action == Action::Delay {
            unless_stopped(cx, self.limiter.until_key_ready(&key)).await?;
            return Ok(Answer::Continue);
        }
        let seconds = wait.as_secs_f64();
        Ok(Answer::Cancel(Some(format!(
            "the rate limit of {} operations is used up; one is possible again in {seconds:.1} s",
            self.config.capacity
        ))))
    }
}

impl Hook for RateLimiter {
    fn call<'a>(&'a self, cx: &'a Cx, context: &'a mut Context) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(self.admit(cx, context))
    }
}
