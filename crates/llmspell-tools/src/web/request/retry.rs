//! `retry`: when a request is sent again.

use std::time::Duration;

use llmspell_core::host::Repeat;
use llmspell_core::{Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::unknown;
use crate::param::{misfit, mistyped, refused, within};

/// Longest wait that can be asked for.
const LONGEST_MS: i64 = 3_600_000;

/// The parameter as schemas show it.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the schema of a value that is read by hand")]
pub(super) enum Choice {
    /// False: never; true: as by default, also for requests that it could harm.
    Whether(bool),
    /// How.
    Rule(Rule),
}

/// When a request is sent again; what is not given is as by default.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
pub(super) struct Rule {
    /// Attempts in all; 1 means never again.
    #[schemars(range(min = 1, max = 20), extend("default" = 3))]
    max_attempts: Option<i64>,
    /// Wait before the second attempt (ms).
    #[schemars(range(min = 0, max = LONGEST_MS), extend("default" = 500))]
    initial_delay_ms: Option<i64>,
    /// Longest wait, and the longest `Retry-After` that is waited for (ms).
    #[schemars(range(min = 0, max = LONGEST_MS), extend("default" = 30_000))]
    max_delay_ms: Option<i64>,
    /// What the wait grows by.
    #[schemars(range(min = 1), extend("default" = 2.0))]
    backoff_factor: Option<f64>,
    /// Whether waits vary at random.
    #[schemars(extend("default" = true))]
    jitter: Option<bool>,
    /// Statuses that are tried again; default: 408 425 429 500 502 503 504.
    retry_on_status: Option<Vec<i64>>,
    /// Whether what fails on the way is tried again.
    #[schemars(extend("default" = true))]
    retry_on_network: Option<bool>,
}

const NAMES: &[&str] = &[
    "max_attempts",
    "initial_delay_ms",
    "max_delay_ms",
    "backoff_factor",
    "jitter",
    "retry_on_status",
    "retry_on_network",
];

/// Returns the rule that the parameter stands for; `None` if the request is never sent again.
pub(super) fn rule(given: Option<&Value>) -> Result<Option<Repeat>> {
    match given {
        None | Some(Value::Bool(true)) => Ok(Some(Repeat::default())),
        Some(Value::Bool(false)) => Ok(None),
        Some(Value::Str(text)) if let Ok(is_wanted) = text.trim().parse() => {
            rule(Some(&Value::Bool(is_wanted)))
        }
        Some(Value::Map(members)) => {
            if let Some(name) = members.keys().find(|name| !NAMES.contains(&name.as_str())) {
                return Err(unknown("retry", name, NAMES));
            }
            let mut members = members.clone();
            if let Some(one) = members.get_mut("retry_on_status")
                && !matches!(one, Value::List(_) | Value::Null)
            {
                *one = vec![one.clone()].into();
            }
            let rule: Rule = Value::Map(members).into_typed().map_err(|error| {
                refused("retry", format!("retry: {}", misfit(&error))).misshapen()
            })?;
            read(&rule).map(Some)
        }
        Some(Value::List(items)) if items.is_empty() => Ok(Some(Repeat::default())),
        Some(other) => {
            let message = format!(
                "parameter 'retry' must be object or boolean, got {}",
                other.type_name()
            );
            Err(mistyped("retry", message, "object or boolean", other))
        }
    }
}

fn read(rule: &Rule) -> Result<Repeat> {
    let usual = Repeat::default();
    let delay = |name, given: Option<i64>, usual: Duration| match given {
        Some(ms) => within(name, ms, 0..=LONGEST_MS).map(|ms| Duration::from_millis(ms as u64)),
        None => Ok(usual),
    };
    let attempts = within("retry.max_attempts", rule.max_attempts.unwrap_or(3), 1..=20)?;
    let factor = rule.backoff_factor.unwrap_or(usual.backoff_factor);
    if !(1.0..=100.0).contains(&factor) {
        let message =
            format!("parameter 'retry.backoff_factor' must be between 1 and 100, got {factor}");
        return Err(refused("retry", message));
    }
    Ok(Repeat {
        max_attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        initial_delay: delay(
            "retry.initial_delay_ms",
            rule.initial_delay_ms,
            usual.initial_delay,
        )?,
        max_delay: delay("retry.max_delay_ms", rule.max_delay_ms, usual.max_delay)?,
        backoff_factor: factor,
        jitter: rule.jitter.unwrap_or(usual.jitter),
        on_status: match &rule.retry_on_status {
            Some(list) => statuses("retry.retry_on_status", list)?,
            None => usual.on_status,
        },
        on_network: rule.retry_on_network.unwrap_or(usual.on_network),
        attempt_timeout: None,
    })
}

/// Reads a list of statuses.
pub(crate) fn statuses(parameter: &'static str, list: &[i64]) -> Result<Vec<u16>> {
    let read = |status: &i64| within(parameter, *status, 100..=599).map(|status| status as u16);
    list.iter().map(read).collect()
}
