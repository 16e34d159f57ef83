//! Middleware of sessions: hooks that see only what is done for one.

use std::sync::Arc;

use llmspell_core::{Callback, Cx, Map, Result, Value, bail, error, nearest};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::event::script_language;
use crate::hook::{Attachment, Composite, Hook, Hooks, Named, Pattern, of_script};

/// The members of `config.middleware`.
const NAMES: [&str; 7] = [
    "logging",
    "metrics",
    "security",
    "caching",
    "rate_limiting",
    "custom_hooks",
    "pattern",
];

/// Share of the hooks of a session that must let an operation pass, if they vote and nothing else is said.
const THRESHOLD: f64 = 0.66;

/// The built-in hooks that a session wants for its own calls: of each the options, where a table without members is its
/// defaults.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(title = "SessionMiddleware")]
pub struct Middleware {
    /// `AuditLogger`: a record of each call.
    #[serde(skip_serializing_if = "Option::is_none")]
    logging: Option<Map>,
    /// `MetricsCollector`: numbers, which `Hook.metrics` has under `sessions`.
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics: Option<Map>,
    /// `SecurityValidator`: dangerous input is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    security: Option<Map>,
    /// `CachingOptimizer`: results are used again.
    #[serde(skip_serializing_if = "Option::is_none")]
    caching: Option<Map>,
}

impl Middleware {
    /// Reads what a script wrote. Returns as well whether it wants calls held to a rate, which is a policy.
    ///
    /// - Errors: `InvalidArgs` naming the member that is wrong or unknown.
    pub(super) fn read(written: Value) -> Result<(Self, bool)> {
        let members = match written {
            Value::Map(members) => members,
            Value::Null | Value::Bool(false) => return Ok((Self::default(), false)),
            Value::List(none) if none.is_empty() => return Ok((Self::default(), false)),
            other => bail!(
                InvalidArgs,
                "`config.middleware` must be a table, got {}",
                other.type_name()
            ),
        };
        let (mut middleware, mut rates) = (Self::default(), false);
        for (name, value) in members {
            match name.as_str() {
                "logging" => middleware.logging = wish(&name, value)?,
                "metrics" => middleware.metrics = wish(&name, value)?,
                "security" => middleware.security = wish(&name, value)?,
                "caching" => middleware.caching = wish(&name, value)?,
                "rate_limiting" => rates = wish(&name, value)?.is_some(),
                // Functions live as long as the run: `Own` has them.
                "custom_hooks" | "pattern" => {}
                unknown => {
                    let error = error!(InvalidArgs, "unknown option 'config.middleware.{unknown}'");
                    return Err(match nearest(unknown, NAMES).first() {
                        Some(near) => error.hint(format!("did you mean '{near}'?")),
                        None => error.hint(format!("there are {}", NAMES.join(", "))),
                    });
                }
            }
        }
        Ok((middleware, rates))
    }

    /// Returns whether none is wanted.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Registers the hooks of a session, unless it has some in this run already.
    ///
    /// - Errors: `InvalidArgs` for an option that a hook does not take; `Limit` if there are too many hooks.
    pub(super) fn attach(&self, cx: &Cx, session: &str) -> Result<()> {
        let wishes = [
            ("AuditLogger", &self.logging),
            ("MetricsCollector", &self.metrics),
            ("SecurityValidator", &self.security),
            ("CachingOptimizer", &self.caching),
        ];
        let Ok(hooks) = cx.part::<Hooks>() else {
            return Ok(());
        };
        if self.is_empty() || hooks.has_attached(session) {
            return Ok(());
        }
        for (name, wish) in wishes {
            if let Some(config) = wish {
                hooks.attach_builtin(session, name, Value::Map(config.clone()))?;
            }
        }
        Ok(())
    }
}

/// Lets the hooks of a session go.
pub(super) fn detach(cx: &Cx, session: &str) {
    if let Ok(hooks) = cx.part::<Hooks>() {
        hooks.detach(session);
    }
}

/// Reads `true`, which is the defaults, or a table of options.
fn wish(name: &str, value: Value) -> Result<Option<Map>> {
    Ok(match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some(Map::new()),
        Value::List(none) if none.is_empty() => Some(Map::new()),
        Value::Map(options) => Some(options),
        other => bail!(
            InvalidArgs,
            "`config.middleware.{name}` must be true or a table, got {}",
            other.type_name()
        ),
    })
}

/// Functions of the script that see what is done to and for a session, for as long as the script runs.
#[derive(Default)]
pub(super) struct Own {
    hooks: Vec<Custom>,
    pattern: Value,
}

/// A member of `custom_hooks`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Custom {
    operation: Operation,
    handler: Callback,
    #[serde(default)]
    priority: i32,
}

/// What is done to a session, and for it.
#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Operation {
    Create,
    Read,
    Update,
    Delete,
    /// An agent, a tool or a workflow is called.
    #[serde(rename = "operation")]
    Call,
}

impl Operation {
    const ALL: [Self; 5] = [
        Self::Create,
        Self::Read,
        Self::Update,
        Self::Delete,
        Self::Call,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Call => "operation",
        }
    }

    /// The points at which it is seen.
    fn points(self) -> Vec<Named> {
        match self {
            Self::Create => vec![Named::SessionStart],
            Self::Read => vec![Named::SessionRestore],
            Self::Update => vec![Named::SessionSave, Named::SessionCheckpoint],
            Self::Delete => vec![Named::SessionEnd],
            Self::Call => vec![
                Named::BeforeAgentExecution,
                Named::BeforeToolExecution,
                Named::BeforeWorkflowStart,
            ],
        }
    }
}

impl Own {
    /// Takes the functions out of the `config` of a session.
    ///
    /// - Errors: `InvalidArgs` naming what is wrong.
    pub(super) fn take(config: &mut Value) -> Result<Self> {
        let Value::Map(config) = config else {
            return Ok(Self::default());
        };
        let Some(Value::Map(middleware)) = config.get_mut("middleware") else {
            return Ok(Self::default());
        };
        let hooks = middleware.shift_remove("custom_hooks").unwrap_or_default();
        let pattern = middleware.shift_remove("pattern").unwrap_or_default();
        let hooks = match hooks {
            Value::Null | Value::Bool(false) => Vec::new(),
            hooks => hooks.into_argument("config.middleware.custom_hooks")?,
        };
        Ok(Self { hooks, pattern })
    }

    /// Registers the functions for a session.
    pub(super) fn attach(self, cx: &Cx, session: &str) -> Result<()> {
        let Ok(hooks) = cx.part::<Hooks>() else {
            return Ok(());
        };
        let pattern = pattern(&self.pattern)?;
        for operation in Operation::ALL {
            let own = self.hooks.iter().filter(|own| own.operation == operation);
            let mut own: Vec<&Custom> = own.collect();
            own.sort_by_key(|own| own.priority);
            let Some(first) = own.first() else {
                continue;
            };
            let functions = own.iter().map(|own| of_script(own.handler.clone()));
            let functions: Vec<Arc<dyn Hook>> = functions.collect();
            let attachment = Attachment {
                name: operation.name(),
                points: operation.points(),
                priority: first.priority,
                language: script_language(cx),
                operation: Some(operation.name()),
                hook: Arc::new(Composite::new(pattern, functions)),
            };
            hooks.attach(session, attachment)?;
        }
        Ok(())
    }
}

/// Reads how several functions decide: a name, or `{voting = {threshold = 0.66}}`.
fn pattern(written: &Value) -> Result<Pattern> {
    let table = written.get("voting");
    let name = written.as_str().or_else(|| table.map(|_| "voting"));
    let threshold = match table {
        Some(Value::Map(table)) => table.get("threshold").and_then(Value::as_float),
        Some(share) => share.as_float(),
        None => None,
    };
    match (written, name) {
        (Value::Null, _) => Pattern::read(None, None),
        (_, Some(name)) => Pattern::read(Some(name), threshold.or(Some(THRESHOLD))),
        (other, None) => Err(error!(
            InvalidArgs,
            "`config.middleware.pattern` must be text or {{voting = {{threshold}}}}, got {}",
            other.type_name()
        )),
    }
}
