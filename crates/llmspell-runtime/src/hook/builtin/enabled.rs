//! The built-in hooks of a run: which are enabled, with which configuration, and what they counted.

use std::sync::Arc;

use indexmap::IndexMap;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error};
use serde::Serialize;

use super::super::attached::Attachment;
use super::super::context::Context;
use super::super::entry::{Answering, Entry, Hook, Registration};
use super::super::frame::Within;
use super::super::hooks::Hooks;
use super::super::point::{Named, Nature, Point};
use super::{Builtin, Made, find};
use crate::agent::moment;
use crate::event::EventLanguage;

/// The built-in hooks that are enabled.
#[derive(Default)]
pub(in crate::hook) struct Builtins(IndexMap<&'static str, Enabled>);

struct Enabled {
    ids: Vec<String>,
    config: Value,
    hook: Arc<dyn Hook>,
}

/// What listings say of a built-in hook.
#[derive(Serialize, schemars::JsonSchema)]
#[schemars(title = "BuiltinHook")]
pub(in crate::hook) struct Listed {
    name: &'static str,
    enabled: bool,
    priority: i32,
    points: Vec<&'static str>,
    /// The configuration in force, or the one that it would have.
    config: Value,
}

impl Builtin {
    fn points(&self) -> impl Iterator<Item = Named> + '_ {
        Named::ALL.iter().copied().filter(|point| (self.at)(*point))
    }

    /// Enables the hook, or gives it another configuration.
    ///
    /// - Errors: `InvalidArgs` for a value that does not fit.
    pub(in crate::hook) fn enable(&'static self, hooks: &Hooks, config: Value) -> Result<()> {
        let made = self.made(config)?;
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
                fail_closed: made.hook.is_strict() && point.nature() == Nature::Before,
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

    /// Makes the hook from its configuration.
    ///
    /// - Errors: `InvalidArgs` for a value that does not fit.
    fn made(&self, config: Value) -> Result<Made> {
        let config = match config {
            Value::Null => Value::Map(Map::new()),
            config => config,
        };
        (self.make)(config).map_err(|error| {
            let message = format!("the configuration of '{}': {}", self.name, error.message());
            Error::new(Kind::InvalidArgs, message)
        })
    }

    /// Enables the hook from a running script; one that wants to know of the begin of the run is told now.
    pub(in crate::hook) async fn begin(
        &'static self,
        cx: &Cx,
        hooks: &Hooks,
        config: Value,
    ) -> Result<()> {
        self.enable(hooks, config)?;
        let start = Point::Named(Named::SystemStartup);
        let own = |entry: &&Arc<Entry>| entry.name == self.name && entry.point == start;
        if let Some(entry) = hooks.all().iter().find(own) {
            hooks.tell_late(cx, entry).await;
        }
        Ok(())
    }

    /// Disables the hook.
    pub(in crate::hook) fn disable(&self, hooks: &Hooks) {
        let gone = hooks.builtins.lock().0.shift_remove(self.name);
        if let Some(gone) = gone {
            hooks.remove(|entry| gone.ids.contains(&entry.id));
        }
    }

    pub(in crate::hook) fn is_enabled(&self, hooks: &Hooks) -> bool {
        hooks.builtins.lock().0.contains_key(self.name)
    }

    pub(in crate::hook) fn listed(&self, hooks: &Hooks) -> Listed {
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
                // One that needs an option has no configuration of its own.
                None => usual().unwrap_or_else(|_| Value::Map(Map::new())),
            },
        }
    }
}

impl Hooks {
    /// Returns whether a built-in hook notes the ids of traces, or was told not to.
    pub(in crate::hook) fn notes_traces(&self) -> bool {
        self.builtins.lock().0.contains_key("TracingIntegrator")
    }

    /// Lets a built-in hook see the agents, tools and workflows that are called for a session.
    ///
    /// - Errors: `InvalidArgs` for a value that does not fit; `Limit` if there are too many hooks.
    pub(crate) fn attach_builtin(&self, session: &str, name: &str, config: Value) -> Result<()> {
        let builtin = find(name)?;
        let made = builtin.made(config)?;
        let points = builtin.points();
        let points =
            points.filter(|point| matches!(point.component(), "Agent" | "Tool" | "Workflow"));
        let attachment = Attachment {
            name: builtin.name,
            points: points.collect(),
            priority: builtin.priority,
            language: EventLanguage::Rust,
            operation: None,
            hook: made.hook,
        };
        self.attach(session, attachment)
    }
}

/// Returns what the built-in hooks counted, if one that counts is enabled: what those of sessions counted is under
/// `sessions`.
pub fn collected(hooks: &Hooks) -> Option<Value> {
    let by_session = hooks.counted_by_session();
    let builtins = hooks.builtins.lock();
    let enabled = builtins.0.values();
    let mut numbers: Map = enabled.flat_map(|enabled| enabled.hook.numbers()).collect();
    if !by_session.is_empty() {
        numbers.insert("sessions", Value::Map(by_session));
    }
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
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
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
