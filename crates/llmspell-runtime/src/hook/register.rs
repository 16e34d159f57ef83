//! Registering hooks and letting them go.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Handle, Op, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::composite::{Composite, Pattern};
use super::entry::{Hook, Registration, ScriptHook};
use super::hooks::Hooks;
use super::point::Point;
use crate::event::script_language;

/// Registers a function that is called at a point, and returns the hook.
///
/// The function gets one table and may answer with a result; see the reference of hooks. `[redacted:NAME]` stands for
/// secrets in the table; a text of the answer that is as the function was told it becomes the secret again. The hook lives
/// until it is unregistered or the script ends.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    /// The point, such as `BeforeToolExecution` or `custom:NAME`.
    #[schemars(extend("x-synonyms" = ["hook_point"]))]
    point: String,
    /// The function; or a list of them, which `pattern` joins.
    handler: Value,
    /// `highest`, `high`, `normal`, `low`, `lowest` or a whole number, smaller first; or a table of the members below.
    #[schemars(with = "PriorityOrOptions")]
    #[serde(default)]
    priority: Value,
    #[serde(flatten)]
    said: Said,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(dead_code, reason = "describes what the third argument may be")]
enum PriorityOrOptions {
    Options(Options),
    Priority(Value),
}

/// The options of a hook.
#[derive(JsonSchema)]
#[schemars(title = "HookOptions")]
#[expect(dead_code, reason = "describes what the options may be")]
struct Options {
    /// `highest`, `high`, `normal`, `low`, `lowest` or a whole number, smaller first.
    priority: Value,
    #[schemars(flatten)]
    said: Said,
}

/// What may be said about a hook beside its priority.
#[derive(Default, Deserialize, JsonSchema)]
struct Said {
    /// A name, unique at the point.
    name: Option<String>,
    /// Words to find it by.
    tags: Option<Vec<String>>,
    /// Longest time of a call.
    timeout_ms: Option<u64>,
    /// Cancel the operation when the hook fails.
    fail_closed: Option<bool>,
    /// How several functions make one answer: `sequential` (default), `parallel`, `first_match` or `voting`.
    pattern: Option<String>,
    /// Share of the functions that must not cancel, for `voting`; 0.5.
    threshold: Option<f64>,
}

pub(super) fn op() -> Op {
    Op::new("register", register).gives("hook")
}

/// A registered hook.
#[derive(Serialize, JsonSchema)]
pub(super) struct Face {
    /// Its name.
    name: String,
    /// The point's canonical name.
    point: String,
}

impl Said {
    /// Returns what is said here, and what `other` says beside it.
    fn or(self, other: Self) -> Self {
        Self {
            name: self.name.or(other.name),
            tags: self.tags.or(other.tags),
            timeout_ms: self.timeout_ms.or(other.timeout_ms),
            fail_closed: self.fail_closed.or(other.fail_closed),
            pattern: self.pattern.or(other.pattern),
            threshold: self.threshold.or(other.threshold),
        }
    }
}

async fn register(cx: Cx, a: Register) -> Result<Handle> {
    let hooks = cx.part::<Hooks>()?;
    let point = Point::parse(&a.point)?;
    let (given, said) = match a.priority {
        Value::Map(mut options) => {
            let priority = options.shift_remove("priority").unwrap_or_default();
            let said = Value::Map(options).into_argument("options")?;
            (priority, a.said.or(said))
        }
        given => (given, a.said),
    };
    let pattern = Pattern::read(said.pattern.as_deref(), said.threshold)?;
    let registration = Registration {
        name: said.name,
        priority: priority(&given),
        tags: said.tags.unwrap_or_default(),
        language: script_language(&cx),
        timeout: said.timeout_ms.map(Duration::from_millis),
        fail_closed: said.fail_closed.unwrap_or(false),
        hook: handler(a.handler, pattern)?,
    };
    let entry = hooks.add(point.clone(), registration)?;
    let face = Face {
        name: entry.name.clone(),
        point: point.name().to_owned(),
    };
    let handle = Handle::with("hook", &entry.id, &face);
    hooks.tell_late(&cx, &entry).await;
    Ok(handle)
}

/// Makes the hook of one function or several.
///
/// - Errors: `InvalidArgs` if there is no function.
fn handler(given: Value, pattern: Pattern) -> Result<Arc<dyn Hook>> {
    let one = |given: &Value| -> Result<Arc<dyn Hook>> {
        match given {
            Value::Function(function) => Ok(Arc::new(ScriptHook(function.clone()))),
            other => bail!(
                InvalidArgs,
                "`handler` must be a function or a list of them, got {}",
                other.type_name()
            ),
        }
    };
    match &given {
        Value::List(functions) if !functions.is_empty() => {
            let hooks = functions.iter().map(one).collect::<Result<_>>()?;
            Ok(Arc::new(Composite::new(pattern, hooks)))
        }
        given => one(given),
    }
}

/// Reads a priority; what is none is the usual one.
pub(super) fn priority(given: &Value) -> i32 {
    let unusual = || {
        tracing::warn!(target: "llmspell::hook", "'{given}' is no priority of a hook; it gets the usual one");
        0
    };
    match given {
        Value::Null => 0,
        Value::Str(name) => match name.to_ascii_lowercase().as_str() {
            "highest" => i32::MIN,
            "high" => -100,
            "normal" => 0,
            "low" => 100,
            "lowest" => i32::MAX,
            _ => unusual(),
        },
        number => match number.as_int() {
            Some(number) => number.clamp(i32::MIN.into(), i32::MAX.into()) as i32,
            None => unusual(),
        },
    }
}

/// Lets a hook go. Returns false if it is gone already.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Unregister {
    /// The hook, or `{name = …}`.
    hook: Value,
}

pub(super) async fn unregister(cx: Cx, a: Unregister) -> Result<bool> {
    let hooks = cx.part::<Hooks>()?;
    match &a.hook {
        Value::Handle(handle) if &*handle.kind == "hook" => Ok(hooks.unregister(&handle.id)),
        Value::Map(wanted) => match wanted.get("name").and_then(Value::as_str) {
            Some(name) => Ok(hooks.remove(|entry| entry.name == name) > 0),
            None => bail!(InvalidArgs, "a hook is unregistered by handle or by `name`"),
        },
        other => Err(error!(
            InvalidArgs,
            "a hook is unregistered by handle or by {{name}}, got {}",
            other.type_name()
        )
        .hint("keep what `Hook.register` returns, or write {name = \"…\"}")),
    }
}

/// A method of a hook.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OfHook {
    /// The hook.
    hook: Handle,
}

/// Returns an error for a hook that is gone.
fn present(cx: &Cx, handle: &Handle) -> Result<()> {
    let all = cx.part::<Hooks>()?.all();
    match all.iter().any(|entry| entry.id == *handle.id) {
        true => Ok(()),
        false => Err(error!(InvalidState, "the hook was unregistered").with("id", &*handle.id)),
    }
}

pub(super) async fn id(cx: Cx, a: OfHook) -> Result<String> {
    present(&cx, &a.hook)?;
    Ok(a.hook.id.to_string())
}

pub(super) async fn hook_point(cx: Cx, a: OfHook) -> Result<String> {
    present(&cx, &a.hook)?;
    let point = a.hook.fields.get("point").and_then(Value::as_str);
    Ok(point.unwrap_or_default().to_owned())
}

pub(super) async fn unregister_handle(cx: Cx, a: OfHook) -> Result<bool> {
    Ok(cx.part::<Hooks>()?.unregister(&a.hook.id))
}
