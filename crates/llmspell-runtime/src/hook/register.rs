//! Registering hooks and letting them go.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Handle, Map, Op, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::composite::{Composite, Pattern};
use super::entry::{Hook, Registration, ScriptHook};
use super::hooks::Hooks;
use super::point::Point;
use crate::event::script_language;

/// Registers a function that is called at a point, and returns the hook.
///
/// The function gets one table and may answer with a result; see the reference of hooks. It lives until it is
/// unregistered or the script ends.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Register {
    /// The point, such as `BeforeToolExecution` or `custom:NAME`.
    point: String,
    /// The function; or a list of them, which `pattern` joins.
    handler: Value,
    /// `highest`, `high`, `normal`, `low`, `lowest` or a whole number, smaller first; or a table of the members below.
    #[serde(default)]
    priority: Value,
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

async fn register(cx: Cx, a: Register) -> Result<Handle> {
    let hooks = cx.part::<Hooks>()?;
    let point = Point::parse(&a.point)?;
    let options = match &a.priority {
        Value::Map(options) => options.clone(),
        _ => Map::new(),
    };
    let text = |name: &str| options.get(name).and_then(Value::as_str).map(str::to_owned);
    let given = match &a.priority {
        Value::Map(options) => options.get("priority").cloned().unwrap_or_default(),
        given => given.clone(),
    };
    let timeout = a.timeout_ms.or_else(|| {
        let given = options
            .get("timeout_ms")
            .or_else(|| options.get("timeoutMs"))?;
        u64::try_from(given.as_int()?).ok()
    });
    let fail_closed = a.fail_closed.or_else(|| {
        let given = options
            .get("fail_closed")
            .or_else(|| options.get("failClosed"))?;
        given.as_bool()
    });
    let number = |name: &str| options.get(name).and_then(Value::as_float);
    let pattern = Pattern::read(
        a.pattern.or_else(|| text("pattern")).as_deref(),
        a.threshold.or_else(|| number("threshold")),
    )?;
    let registration = Registration {
        name: a.name.or_else(|| text("name")),
        priority: priority(&given),
        tags: a.tags.unwrap_or_else(|| tags(&options)),
        language: script_language(&cx),
        timeout: timeout.map(Duration::from_millis),
        fail_closed: fail_closed.unwrap_or(false),
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

fn tags(options: &Map) -> Vec<String> {
    let given = options
        .get("tags")
        .and_then(Value::as_list)
        .unwrap_or_default();
    given
        .iter()
        .filter_map(|tag| tag.as_str().map(str::to_owned))
        .collect()
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
        other => bail!(
            InvalidArgs,
            "a hook is unregistered by handle or by {{name}}, got {}",
            other.type_name()
        ),
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
