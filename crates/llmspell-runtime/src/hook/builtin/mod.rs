//! The hooks that come with the runtime: one file each, one list.

mod audit;
mod authorization;
mod breaker;
mod caching;
mod cost;
mod debug;
mod dependencies;
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
mod trace;

use std::sync::Arc;

use futures::future::BoxFuture;
use indexmap::IndexMap;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error, nearest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::Answer;
use super::context::Context;
use super::entry::{Entry, Hook, Registration};
use super::hooks::Hooks;
use super::point::{LATER, Named, Nature, Point};
use crate::agent::moment;
use crate::event::EventLanguage;

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
        at: is_before,
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
        at: is_failed,
        make: |config| from_config(config, retry::new),
    },
    Builtin {
        name: "CircuitBreaker",
        synonym: None,
        priority: HIGH,
        at: is_of_operation,
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
        at: is_of_operation,
        make: |config| from_config(config, audit::new),
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
];

/// Names of the contract whose part of the runtime this version does not have.
const MISSING: &[&str] = &[
    "ToolResultCollector",
    "AgentOutputCollector",
    "StateValidation",
    "StateAudit",
];

fn is_any(point: Named) -> bool {
    // A hook of a point about events or hooks would be called for what it does itself.
    !LATER.contains(&point)
        && !matches!(
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

fn is_before(point: Named) -> bool {
    matches!(
        point,
        Named::BeforeToolExecution | Named::BeforeAgentExecution
    )
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

fn is_of_workflow(point: Named) -> bool {
    point.component() == "Workflow" && point != Named::WorkflowStageTransition
}

fn is_cost(point: Named) -> bool {
    is_before(point) || point == Named::AfterAgentExecution
}

/// Makes a hook from what a script or the configuration wrote.
fn from_config<C, H>(config: Value, new: fn(C) -> Result<H>) -> Result<Made>
where
    C: DeserializeOwned + Serialize,
    H: Hook + 'static,
{
    let config: C = config.into_typed()?;
    let shown = Value::from_serialize(&config)?;
    Ok(Made {
        hook: Arc::new(new(config)?),
        config: shown,
    })
}

/// The built-in hooks that are enabled.
#[derive(Default)]
pub(super) struct Builtins(IndexMap<&'static str, Enabled>);

struct Enabled {
    ids: Vec<String>,
    config: Value,
    hook: Arc<dyn Hook>,
}

/// What listings say of a built-in hook.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(title = "BuiltinHook")]
pub(super) struct Listed {
    name: &'static str,
    enabled: bool,
    priority: i32,
    points: Vec<&'static str>,
    /// The configuration in force, or the one that it would have.
    config: Value,
}

/// Returns the built-in hook of a name or synonym.
///
/// - Errors: `NotFound` with the nearest names; `Unavailable` for one whose part of the runtime does not exist.
pub(super) fn find(name: &str) -> Result<&'static Builtin> {
    let found = ALL
        .iter()
        .find(|builtin| builtin.name == name || builtin.synonym == Some(name));
    if let Some(builtin) = found {
        return Ok(builtin);
    }
    if MISSING.contains(&name) {
        return Err(error!(
            Unavailable,
            "the built-in hook '{name}' is not part of this version"
        ));
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

impl Builtin {
    fn points(&self) -> impl Iterator<Item = Named> + '_ {
        Named::ALL.iter().copied().filter(|point| (self.at)(*point))
    }

    /// Enables the hook, or gives it another configuration.
    ///
    /// - Errors: `InvalidArgs` for a value that does not fit.
    pub(super) fn enable(&'static self, hooks: &Hooks, config: Value) -> Result<()> {
        let config = match config {
            Value::Null => Value::Map(Map::new()),
            config => config,
        };
        let made = (self.make)(config).map_err(|error| {
            let message = format!("the configuration of '{}': {}", self.name, error.message());
            Error::new(Kind::InvalidArgs, message)
        })?;
        self.disable(hooks);
        let stamped: Arc<dyn Hook> = Arc::new(Stamped {
            hook: made.hook.clone(),
            stamp: format!("{}_at", snake(self.name)),
        });
        let mut ids = Vec::new();
        for point in self.points() {
            let registration = Registration {
                priority: self.priority,
                tags: vec!["builtin".to_owned()],
                language: EventLanguage::Rust,
                timeout: made.hook.patience(),
                ..Registration::new(self.name, stamped.clone())
            };
            ids.push(hooks.register(Point::Named(point), registration)?);
        }
        let enabled = Enabled {
            ids,
            config: made.config,
            hook: made.hook,
        };
        hooks.builtins.lock().0.insert(self.name, enabled);
        Ok(())
    }

    /// Enables the hook from a running script; one that wants to know of the begin of the run is told now.
    pub(super) async fn begin(&'static self, cx: &Cx, hooks: &Hooks, config: Value) -> Result<()> {
        self.enable(hooks, config)?;
        let start = Point::Named(Named::SystemStartup);
        let own = |entry: &&Arc<Entry>| entry.name == self.name && entry.point == start;
        if let Some(entry) = hooks.all().iter().find(own) {
            hooks.tell_late(cx, entry).await;
        }
        Ok(())
    }

    /// Disables the hook.
    pub(super) fn disable(&self, hooks: &Hooks) {
        let gone = hooks.builtins.lock().0.shift_remove(self.name);
        if let Some(gone) = gone {
            hooks.remove(|entry| gone.ids.contains(&entry.id));
        }
    }

    pub(super) fn is_enabled(&self, hooks: &Hooks) -> bool {
        hooks.builtins.lock().0.contains_key(self.name)
    }

    pub(super) fn listed(&self, hooks: &Hooks) -> Listed {
        let builtins = hooks.builtins.lock();
        let enabled = builtins.0.get(self.name);
        let usual = || (self.make)(Value::Map(Map::new())).map(|made| made.config);
        Listed {
            name: self.name,
            enabled: enabled.is_some(),
            priority: self.priority,
            points: self.points().map(Named::name).collect(),
            config: match enabled {
                Some(enabled) => enabled.config.clone(),
                None => usual().unwrap_or_default(),
            },
        }
    }
}

/// Returns all built-in hooks.
pub(super) fn all() -> &'static [Builtin] {
    ALL
}

/// Returns what the built-in hooks counted, if one that counts is enabled.
pub fn collected(hooks: &Hooks) -> Option<Value> {
    let builtins = hooks.builtins.lock();
    let enabled = builtins.0.values();
    let numbers: Map = enabled.flat_map(|enabled| enabled.hook.numbers()).collect();
    (!numbers.is_empty()).then_some(Value::Map(numbers))
}

/// Enables the built-in hooks of the configuration.
///
/// - Errors: `Config` naming the key.
pub fn enable_configured(hooks: &Hooks) -> Result<()> {
    for (name, config) in &hooks.options.builtin {
        if config.get("enabled") == Some(&false.into()) {
            continue;
        }
        let mut config: Value = config.clone().into();
        if let Value::Map(members) = &mut config {
            members.shift_remove("enabled");
        }
        let config = if config == Value::Bool(true) {
            Value::Null
        } else {
            config
        };
        let enabled = find(name).and_then(|builtin| builtin.enable(hooks, config));
        enabled.map_err(|cause| error!(Config, "[hooks.builtin.{name}]: {}", cause.message()))?;
    }
    Ok(())
}

/// A built-in hook that notes when it was called.
struct Stamped {
    hook: Arc<dyn Hook>,
    stamp: String,
}

impl Hook for Stamped {
    fn call<'a>(&'a self, cx: &'a Cx, context: &'a mut Context) -> BoxFuture<'a, Result<Answer>> {
        let now = moment::text(cx.host().clock.now());
        context.metadata.insert(self.stamp.clone(), now.into());
        self.hook.call(cx, context)
    }
}

/// Turns `RateLimiter` into `rate_limiter`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
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

/// Returns what an operation is given: a tool's parameters or an agent's prompt.
fn given(context: &Context) -> Value {
    let given = match context.component.kind {
        "Tool" => context.data.get("parameters"),
        _ => context.data.get("prompt"),
    };
    given.cloned().unwrap_or_default()
}

/// Returns an answer at once.
fn at_once<'a>(answer: Result<Answer>) -> BoxFuture<'a, Result<Answer>> {
    Box::pin(std::future::ready(answer))
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
