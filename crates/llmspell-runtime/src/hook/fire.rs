//! Points that are no part of an operation of their own, and `Hook.fire`.

use std::path::Path;
use std::time::Duration;

use llmspell_core::{Cx, Error, Kind, Map, Result, Value, bail};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::context::{Component, Context, plain};
use super::hooks::{Decision, Hooks};
use super::point::{Named, Point};

/// Calls the hooks of a point of the script's own, and returns what they decided.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Fire {
    /// `custom:NAME`.
    point: String,
    /// The facts.
    #[serde(default)]
    data: Value,
}

/// What the hooks decided.
#[derive(Serialize, JsonSchema)]
pub(super) struct Decided {
    /// `continue`, `modified`, `cancel`, `skipped`, `redirect`, `replace` or `retry`.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The data as the hooks left it, or what replaces the result.
    #[serde(skip_serializing_if = "Value::is_null")]
    data: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<String>,
    /// What became of the operations that hooks started.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forks: Vec<Value>,
}

pub(super) async fn fire(cx: Cx, a: Fire) -> Result<Decided> {
    let hooks = cx.part::<Hooks>()?;
    let point = Point::parse(&a.point)?;
    if matches!(point, Point::Named(_)) {
        bail!(
            InvalidArgs,
            "only points named 'custom:NAME' can be fired, got '{}'",
            a.point
        );
    }
    let data = match a.data {
        Value::Null => Map::new(),
        Value::Map(data) => data,
        other => Map::from([("value", other)]),
    };
    let mut decided = Decided {
        kind: "continue",
        data: Value::Null,
        reason: None,
        target: None,
        forks: Vec::new(),
    };
    if !hooks.has(&point) {
        return Ok(decided);
    }
    let component = Component::new("System", "script");
    let before = data.clone();
    let mut context = Context::new(&cx, point, component, data);
    let outcome = *hooks.fire(&cx, &mut context).await.unwrap_or_default();
    decided.forks = super::fork::run_all(&cx, outcome.forks).await;
    match outcome.decision {
        Decision::Go if *context.data != before => {
            decided.kind = "modified";
            decided.data = Value::Map(context.data.into_map());
        }
        Decision::Go => {}
        Decision::Skip(reason) => (decided.kind, decided.reason) = ("skipped", reason),
        Decision::Cancel(reason) => {
            decided.kind = "cancel";
            decided.reason =
                Some(reason.unwrap_or_else(|| format!("Cancelled by hook {}", outcome.hook)));
        }
        Decision::Redirect(target) => (decided.kind, decided.target) = ("redirect", Some(target)),
        Decision::Replace(data) => (decided.kind, decided.data) = ("replace", data),
        Decision::Retry(_) => decided.kind = "retry",
    }
    Ok(decided)
}

/// Calls the hooks of `SystemStartup`. Those that are registered later are called at once.
pub async fn start_up(cx: &Cx, engine: &str, config_path: Option<&Path>) {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return;
    };
    let mut data = Map::from([
        ("version", env!("CARGO_PKG_VERSION").into()),
        ("engine", engine.into()),
    ]);
    if let Some(path) = config_path {
        data.insert("config_path", path.display().to_string().into());
    }
    *hooks.started.lock() = Some(data.clone());
    system(cx, Named::SystemStartup, || data).await;
}

/// Calls the hooks of `SystemShutdown`.
pub async fn shut_down(cx: &Cx, reason: &str, exit_code: i64, uptime: Duration) {
    system(cx, Named::SystemShutdown, || {
        Map::from([
            ("reason", reason.into()),
            ("exit_code", exit_code.into()),
            ("uptime_ms", uptime.as_millis().into()),
        ])
    })
    .await;
}

/// Calls the hooks of a point about the run as a whole.
pub(super) async fn system(cx: &Cx, point: Named, data: impl FnOnce() -> Map) {
    let Ok(hooks) = cx.part::<Hooks>() else {
        return;
    };
    let point = Point::Named(point);
    hooks
        .notice(cx, point.clone(), || {
            Context::new(cx, point, Component::new("System", "runtime"), data())
        })
        .await;
}

/// Returns the points about what limits, policy and the clock say, as bits.
pub(crate) fn alarms() -> u64 {
    let points = [
        Named::ResourceLimitExceeded,
        Named::SecurityViolation,
        Named::PerformanceThresholdExceeded,
    ];
    let bits = points.map(|point| Point::Named(point).bit());
    bits.into_iter().fold(0, |all, bit| all | bit)
}

/// Calls the hooks of `ResourceLimitExceeded` if an error is one of a limit.
pub(crate) async fn limit_met(cx: &Cx, hooks: &Hooks, operation: &str, error: &Error) {
    let point = Point::Named(Named::ResourceLimitExceeded);
    if error.kind() != Kind::Limit || !hooks.has(&point) {
        return;
    }
    let detail = |name: &str| error.details().get(name).map(plain).unwrap_or_default();
    system(cx, Named::ResourceLimitExceeded, || {
        let what = match detail("what") {
            Value::Null => error.message().into(),
            what => what,
        };
        Map::from([
            ("resource", what),
            ("limit", detail("limit")),
            ("value", detail("value")),
            ("operation", operation.into()),
        ])
    })
    .await;
}

/// Calls the hooks of `SecurityViolation` if an error is a refusal of the policy.
pub(crate) async fn violation(cx: &Cx, hooks: &Hooks, operation: &str, error: &Error) {
    let point = Point::Named(Named::SecurityViolation);
    if error.kind() != Kind::Denied || !hooks.has(&point) {
        return;
    }
    let detail = |name: &str| error.details().get(name).map(plain);
    // Most refusals name the setting that would permit it; what no setting permits names its rule.
    let policy = detail("setting").or_else(|| detail("policy"));
    system(cx, Named::SecurityViolation, || {
        Map::from([
            ("violation", error.message().into()),
            ("resource", detail("resource").unwrap_or_default()),
            ("operation", operation.into()),
            ("policy", policy.unwrap_or_default()),
        ])
    })
    .await;
}

/// Calls the hooks of `PerformanceThresholdExceeded` if an operation took longer than it should.
pub(crate) async fn slow(cx: &Cx, hooks: &Hooks, component: &str, took: Duration, agent: bool) {
    let point = Point::Named(Named::PerformanceThresholdExceeded);
    if !hooks.has(&point) {
        return;
    }
    let usual = hooks.options.slow_operation_ms;
    let threshold = Duration::from_millis(if agent { usual * 6 } else { usual });
    if took <= threshold {
        return;
    }
    system(cx, Named::PerformanceThresholdExceeded, || {
        Map::from([
            ("component", component.into()),
            ("metric", "duration_ms".into()),
            ("threshold", threshold.as_millis().into()),
            ("value", took.as_millis().into()),
        ])
    })
    .await;
}
