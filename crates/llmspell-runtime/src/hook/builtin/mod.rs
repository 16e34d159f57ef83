//! The hooks that come with the runtime: one file each, one list.

mod audit;
mod authorization;
mod breaker;
mod caching;
mod collector;
mod cost;
mod debug;
mod dependencies;
mod enabled;
mod export;
mod health;
mod metrics;
mod mock;
mod optimizer;
mod orchestrator;
mod performance;
mod prometheus;
mod rate;
mod resources;
mod retry;
mod sanitizer;
mod security;
mod state_audit;
mod state_validation;
mod trace;

use std::ops::RangeInclusive;
use std::sync::Arc;

use llmspell_core::{Error, Result, Value, error, nearest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::context::Context;
use super::entry::{Answering, Hook};
use super::point::{Named, Nature};

pub(in crate::hook) use caching::kept;
pub use debug::TARGET as DEBUG_TARGET;
pub(super) use enabled::{Builtins, Listed};
pub use enabled::{collected, enable_configured};
pub(super) use prometheus::text as page;

/// A hook that comes with the runtime.
pub(super) struct Builtin {
    pub(super) name: &'static str,
    synonym: Option<&'static str>,
    pub(super) priority: i32,
    /// Whether it is called at a point.
    at: fn(Named) -> bool,
    make: fn(Value) -> Result<Made>,
}

/// A hook made from its configuration.
struct Made {
    hook: Arc<dyn Hook>,
    /// The configuration with all defaults.
    config: Value,
}

const HIGHEST: i32 = i32::MIN;
const HIGH: i32 = -100;
const NORMAL: i32 = 0;
const LOW: i32 = 100;
const LOWEST: i32 = i32::MAX;

/// The list.
const ALL: &[Builtin] = &[
    Builtin {
        name: "SecurityValidator",
        synonym: Some("SecurityHook"),
        priority: HIGHEST,
        at: is_before,
        make: |config| from_config(config, security::new),
    },
    Builtin {
        name: "InputSanitizer",
        synonym: None,
        priority: HIGHEST,
        at: is_before,
        make: |config| from_config(config, sanitizer::new),
    },
    Builtin {
        name: "AuthorizationChecker",
        synonym: None,
        priority: HIGHEST,
        at: is_begin,
        make: |config| from_config(config, authorization::new),
    },
    Builtin {
        name: "RateLimiter",
        synonym: Some("RateLimitHook"),
        priority: HIGHEST,
        at: is_before_or_after,
        make: |config| from_config(config, rate::new),
    },
    Builtin {
        name: "ResourceLimiter",
        synonym: None,
        priority: HIGHEST,
        at: is_before,
        make: |config| from_config(config, resources::new),
    },
    Builtin {
        name: "MockProvider",
        synonym: None,
        priority: HIGHEST,
        at: is_around_agent,
        make: |config| from_config(config, mock::new),
    },
    Builtin {
        name: "CachingOptimizer",
        synonym: Some("CachingHook"),
        priority: HIGH,
        at: is_before_or_after,
        make: |config| from_config(config, caching::new),
    },
    Builtin {
        name: "RetryHandler",
        synonym: Some("RetryHook"),
        priority: HIGH,
        at: |point| is_failed(point) || point == Named::WorkflowError,
        make: |config| from_config(config, retry::new),
    },
    Builtin {
        name: "CircuitBreaker",
        synonym: None,
        priority: HIGH,
        at: is_of_component,
        make: |config| from_config(config, breaker::new),
    },
    Builtin {
        name: "TokenOptimizer",
        synonym: None,
        priority: HIGH,
        at: is_before_agent,
        make: |config| from_config(config, optimizer::new),
    },
    Builtin {
        name: "DependencyResolver",
        synonym: None,
        priority: HIGH,
        at: is_of_workflow,
        make: |config| from_config(config, dependencies::new),
    },
    Builtin {
        name: "WorkflowOrchestrator",
        synonym: None,
        priority: NORMAL,
        at: is_of_workflow,
        make: |config| from_config(config, orchestrator::new),
    },
    Builtin {
        name: "HealthChecker",
        synonym: None,
        priority: NORMAL,
        at: is_around,
        make: |config| from_config(config, health::new),
    },
    Builtin {
        name: "CostTracker",
        synonym: Some("CostTrackingHook"),
        priority: LOW,
        at: is_cost,
        make: |config| from_config(config, cost::new),
    },
    Builtin {
        name: "PerformanceMonitor",
        synonym: None,
        priority: LOW,
        at: is_before_or_after,
        make: |config| from_config(config, performance::new),
    },
    Builtin {
        name: "MetricsCollector",
        synonym: Some("MetricsHook"),
        priority: LOW,
        at: is_any,
        make: |config| from_config(config, metrics::new),
    },
    Builtin {
        name: "AuditLogger",
        synonym: Some("LoggingHook"),
        priority: LOW,
        at: is_audited,
        make: |config| from_config(config, audit::new),
    },
    Builtin {
        name: "StateValidation",
        synonym: None,
        priority: HIGHEST,
        at: |point| point == Named::BeforeStateWrite,
        make: |config| from_config(config, state_validation::new),
    },
    Builtin {
        name: "StateAudit",
        synonym: None,
        priority: LOW,
        at: |point| point == Named::AfterStateWrite,
        make: |config| from_config(config, state_audit::new),
    },
    Builtin {
        name: "TracingIntegrator",
        synonym: None,
        priority: LOW,
        at: is_any,
        make: |config| from_config(config, trace::new),
    },
    Builtin {
        name: "DebugLogger",
        synonym: Some("DebuggingHook"),
        priority: LOWEST,
        at: is_any,
        make: |config| from_config(config, debug::new),
    },
    Builtin {
        name: "ToolResultCollector",
        synonym: None,
        priority: LOWEST,
        at: is_end_of_tool,
        make: |config| from_config(config, collector::new),
    },
    Builtin {
        name: "AgentOutputCollector",
        synonym: None,
        priority: LOWEST,
        at: is_end_of_agent,
        make: |config| from_config(config, collector::new),
    },
];

fn is_any(point: Named) -> bool {
    // A hook of a point about events or hooks would be called for what it does itself.
    !matches!(
        point,
        Named::BeforeEventEmit | Named::AfterEventEmit | Named::EventHandlerError
    )
}

fn is_of_operation(point: Named) -> bool {
    is_any(point)
        && matches!(
            point.nature(),
            Nature::Before | Nature::After | Nature::Failed
        )
        && point != Named::ToolValidation
}

/// All points before, after and in the failure of something.
fn is_audited(point: Named) -> bool {
    let is_around = ["Before", "After"]
        .iter()
        .any(|begin| point.name().starts_with(begin));
    is_of_operation(point) || is_any(point) && is_around
}

/// A value that another writer changed first says nothing about the health of anything.
fn is_of_component(point: Named) -> bool {
    is_of_operation(point) && point.component() != "State"
}

fn is_before(point: Named) -> bool {
    matches!(
        point,
        Named::BeforeToolExecution | Named::BeforeAgentExecution
    )
}

fn is_begin(point: Named) -> bool {
    is_before(point) || point == Named::BeforeWorkflowStart
}

fn is_before_agent(point: Named) -> bool {
    point == Named::BeforeAgentExecution
}

fn is_before_or_after(point: Named) -> bool {
    is_before(point)
        || matches!(
            point,
            Named::AfterToolExecution | Named::AfterAgentExecution
        )
}

fn is_failed(point: Named) -> bool {
    matches!(point, Named::ToolError | Named::AgentError)
}

fn is_around(point: Named) -> bool {
    is_before_or_after(point) || is_failed(point)
}

fn is_around_agent(point: Named) -> bool {
    is_before_or_after(point) && point.component() == "Agent"
}

fn is_end_of_tool(point: Named) -> bool {
    matches!(point, Named::AfterToolExecution | Named::ToolError)
}

fn is_end_of_agent(point: Named) -> bool {
    matches!(point, Named::AfterAgentExecution | Named::AgentError)
}

fn is_of_workflow(point: Named) -> bool {
    point.component() == "Workflow" && point != Named::WorkflowStageTransition
}

fn is_cost(point: Named) -> bool {
    is_begin(point) || point == Named::AfterAgentExecution
}

/// Makes a hook from what a script or the configuration wrote.
fn from_config<C, H>(config: Value, new: fn(C) -> Result<H>) -> Result<Made>
where
    C: DeserializeOwned + Serialize,
    H: Hook + 'static,
{
    let config: C = config.into_typed().map_err(named)?;
    let shown = Value::from_serialize(&config)?;
    Ok(Made {
        hook: Arc::new(new(config)?),
        config: shown,
    })
}

/// Says which option of a hook does not fit.
fn named(wrong: Error) -> Error {
    match wrong.details().get("path").and_then(Value::as_str) {
        Some(path) => error!(InvalidArgs, "`{path}`: {}", wrong.message()),
        None => wrong,
    }
}

/// Returns the built-in hook of a name or synonym.
///
/// - Errors: `NotFound` with the nearest names.
pub(super) fn find(name: &str) -> Result<&'static Builtin> {
    let found = ALL
        .iter()
        .find(|builtin| builtin.name == name || builtin.synonym == Some(name));
    if let Some(builtin) = found {
        return Ok(builtin);
    }
    let error = error!(NotFound, "no built-in hook named '{name}'").with("hook", name);
    let names = ALL.iter().map(|builtin| builtin.name);
    Err(match nearest(name, names.clone()).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error.hint(format!(
            "there are: {}",
            names.collect::<Vec<_>>().join(", ")
        )),
    })
}

/// Returns all built-in hooks.
pub(super) fn all() -> &'static [Builtin] {
    ALL
}

/// Returns the texts in a value, each with its path.
fn texts<'a>(value: &'a Value, path: &str, found: &mut Vec<(String, &'a str)>) {
    match value {
        Value::Str(text) => found.push((path.to_owned(), text)),
        Value::List(items) => {
            for (index, item) in items.iter().enumerate() {
                texts(item, &format!("{path}[{index}]"), found);
            }
        }
        Value::Map(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                texts(member, &format!("{path}{dot}{name}"), found);
            }
        }
        _ => {}
    }
}

/// Returns the members of the data that are what an operation is given: a tool's parameters; an agent's prompt and the
/// variables that become a part of it.
fn given<'c>(context: &'c Context<'_>) -> impl Iterator<Item = (&'static str, &'c Value)> {
    let names: &[&'static str] = match context.component.kind {
        "Tool" => &["parameters"],
        _ => &["prompt", "variables"],
    };
    let given = names
        .iter()
        .map(|name| Some((*name, context.data.get(name)?)));
    given.flatten()
}

/// Returns an answer at once.
fn at_once<'a>(answer: Result<Answer>) -> Answering<'a> {
    Box::pin(std::future::ready(answer))
}

/// Refuses a number of a configuration that means nothing.
///
/// - Errors: `InvalidArgs` naming the option.
fn in_range(name: &str, number: f64, range: RangeInclusive<f64>) -> Result<()> {
    if range.contains(&number) {
        return Ok(());
    }
    let (least, most) = (range.start(), range.end());
    Err(match most.is_finite() {
        true => error!(
            InvalidArgs,
            "`{name}` must be from {least} to {most}, got {number}"
        ),
        false => error!(
            InvalidArgs,
            "`{name}` must be at least {least}, got {number}"
        ),
    })
}

/// As [`in_range`] for several options that must not be negative.
fn not_negative<const N: usize>(options: [(&str, f64); N]) -> Result<()> {
    options
        .into_iter()
        .try_for_each(|(name, number)| in_range(name, number, 0.0..=f64::INFINITY))
}

/// As [`in_range`] for several counts that must be at least 1.
fn counts<const N: usize>(options: [(&str, u32); N]) -> Result<()> {
    options
        .into_iter()
        .try_for_each(|(name, count)| in_range(name, f64::from(count), 1.0..=f64::INFINITY))
}

/// Compiles the patterns of a configuration.
///
/// - Errors: `InvalidArgs` naming the pattern.
fn patterns(texts: &[String]) -> Result<Vec<regex::Regex>> {
    let compile = |text: &String| {
        regex::Regex::new(text)
            .map_err(|failure| error!(InvalidArgs, "the pattern '{text}' is malformed: {failure}"))
    };
    texts.iter().map(compile).collect()
}
