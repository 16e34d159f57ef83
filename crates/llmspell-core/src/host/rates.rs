//! How often something may be done.

use futures::future::{BoxFuture, FutureExt, ready};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cx::Cx;
use crate::error;
use crate::error::Result;

/// How often something may be done. Several bounds hold together; none bounds nothing.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Rate {
    /// Times in a second (count).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_second: Option<f64>,
    /// Times in a minute (count).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<f64>,
    /// Times in an hour (count).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<f64>,
    /// Times in a day (count).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_day: Option<f64>,
    /// Times that need not wait after a pause (count); default: as many as the shortest of the times above allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub burst: Option<u32>,
    /// Whether to wait for the next turn rather than to fail.
    pub wait: bool,
}

impl Default for Rate {
    /// No bounds, waiting.
    fn default() -> Self {
        Self {
            per_second: None,
            per_minute: None,
            per_hour: None,
            per_day: None,
            burst: None,
            wait: true,
        }
    }
}

impl Rate {
    /// Returns a rate of so many times in a minute.
    pub fn per_minute(count: f64) -> Self {
        Self {
            per_minute: Some(count),
            ..Self::default()
        }
    }

    /// Checks that each bound lets something happen.
    ///
    /// - Errors: `Config` naming the bound.
    pub fn check(&self) -> Result<()> {
        let bounds = [
            ("per_second", self.per_second),
            ("per_minute", self.per_minute),
            ("per_hour", self.per_hour),
            ("per_day", self.per_day),
            ("burst", self.burst.map(f64::from)),
        ];
        for (name, count) in bounds {
            if let Some(count) = count.filter(|count| !(*count > 0.0 && count.is_finite())) {
                return Err(error!(Config, "`{name}` must be more than 0, got {count}"));
            }
        }
        Ok(())
    }
}

/// How often the services that tools use may be asked, by all runs of the process together.
pub trait Rates: Send + Sync {
    /// Waits until the tool `tool` may ask `service` once more: as `[tools.rate_limits.SERVICE]` says, and as `own` says,
    /// which bounds this tool alone.
    ///
    /// - Errors: `RateLimited` with `retry_after_ms` where the bound says not to wait; `Timeout` with the phase `limiter` if
    ///   the turn would come after the call's deadline, and then nothing is waited for.
    /// - Cancel: safe; a turn that was not waited for is given back.
    fn enter<'a>(
        &'a self,
        cx: &'a Cx,
        tool: &'a str,
        service: &'a str,
        own: Option<Rate>,
    ) -> BoxFuture<'a, Result<()>>;
}

/// A world in which nothing has to wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Unlimited;

impl Rates for Unlimited {
    fn enter<'a>(
        &'a self,
        _: &'a Cx,
        _: &'a str,
        _: &'a str,
        _: Option<Rate>,
    ) -> BoxFuture<'a, Result<()>> {
        ready(Ok(())).boxed()
    }
}
