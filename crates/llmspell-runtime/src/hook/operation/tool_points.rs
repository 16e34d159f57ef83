//! The points about tools that have no name of their own: `custom:tool_…`.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Call, Cx, Kind, Map, Next, Result, Value};
use parking_lot::Mutex;

use super::super::context::{Component, Context};
use super::super::hooks::Hooks;
use super::super::point::Point;
use crate::host::resident_memory;

/// Calls a tool, and tells of it from the check of its parameters to the release of what it took.
///
/// - Errors: `Cancelled` by a hook of `custom:tool_security_check`; those of the call.
pub(super) async fn run(hooks: &Hooks, call: Call, next: Next<'_>) -> Result<Value> {
    let (cx, op) = (call.cx.clone(), call.op.clone());
    let mut watched = Watched::new(hooks, &cx, op.verb());
    watched.tell("tool_parameter_validation").await;
    watched.permit("tool_security_check").await?;
    watched.begin();
    watched.tell("tool_resource_allocated").await;
    let outcome = super::operate(hooks, super::Kind::Tool, call, next).await;
    watched.tell("tool_resource_released").await;
    if outcome
        .as_ref()
        .is_err_and(|error| error.kind() == Kind::Timeout)
    {
        watched.tell("tool_timeout").await;
    }
    outcome
}

/// How often each tool of a run was called, and how many of these calls are under way.
#[derive(Default)]
struct Calls(Mutex<HashMap<String, Count>>);

#[derive(Clone, Copy, Default)]
struct Count {
    all: u64,
    running: u64,
}

impl Calls {
    fn change(&self, tool: &str, change: impl FnOnce(&mut Count)) -> Count {
        let mut all = self.0.lock();
        let count = all.entry(tool.to_owned()).or_default();
        change(count);
        *count
    }
}

/// A call under way.
struct Watched<'a> {
    hooks: &'a Hooks,
    cx: &'a Cx,
    tool: &'a str,
    calls: Arc<Calls>,
    /// The processor time of the process at its begin.
    since: Option<Duration>,
}

impl<'a> Watched<'a> {
    fn new(hooks: &'a Hooks, cx: &'a Cx, tool: &'a str) -> Self {
        Self {
            hooks,
            cx,
            tool,
            calls: cx.kept::<Calls>(),
            since: None,
        }
    }

    fn begin(&mut self) {
        self.since = Some(self.cx.host().clock.processor());
        self.calls.change(self.tool, |count| {
            count.all += 1;
            count.running += 1;
        });
    }

    fn context(&self, point: Point) -> Context<'_> {
        let count = self.calls.change(self.tool, |_| {});
        let now = self.cx.host().clock.processor();
        let used = now.saturating_sub(self.since.unwrap_or(now));
        let facts = Map::from([
            ("tool_name", self.tool.into()),
            ("memory_bytes", resident_memory().map(Value::from).into()),
            ("cpu_time_ms", (used.as_secs_f64() * 1000.0).into()),
            ("operations_count", count.all.into()),
            ("concurrent_ops", count.running.into()),
        ]);
        let mut context = Context::new(self.cx, point, Component::new("Tool", self.tool), facts);
        context.operation = "tool_execution";
        context
    }

    async fn tell(&self, name: &str) {
        let point = Point::Custom(format!("custom:{name}").into());
        let make = || self.context(point.clone());
        self.hooks.notice(self.cx, point.clone(), make).await;
    }

    async fn permit(&self, name: &str) -> Result<()> {
        let point = Point::Custom(format!("custom:{name}").into());
        let make = || self.context(point.clone());
        let asked = self.hooks.permit(self.cx, point.clone(), make);
        asked.await.map(drop)
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if self.since.is_some() {
            self.calls.change(self.tool, |count| count.running -= 1);
        }
    }
}
