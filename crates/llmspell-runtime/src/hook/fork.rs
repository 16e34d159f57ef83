//! Operations that hooks start beside the one they were called for.

use std::sync::Arc;

use futures::future::join_all;
use llmspell_core::{Cx, Map, Result, Value, bail};

use super::answer::Branch;
use super::frame::Frame;
use crate::agent;
use crate::tool;
use crate::workflow;

/// Runs operations at the same time and returns what became of each. Their failures are no failure of anybody else.
pub(crate) async fn run_all(cx: &Cx, forks: Vec<(Branch, u64)>) -> Vec<Value> {
    if forks.is_empty() {
        return Vec::new();
    }
    let outer: Option<Arc<Frame>> = Frame::of(cx);
    let running = forks.into_iter().map(|(branch, hook)| {
        // A hook is not called for what it started itself.
        let own = cx.carrying(Frame::within(outer.as_ref(), hook));
        async move { run(&own, branch).await }
    });
    join_all(running).await
}

async fn run(cx: &Cx, branch: Branch) -> Value {
    let clock = cx.host().clock.clone();
    let since = clock.monotonic();
    let outcome = operation(cx, &branch.operation, branch.parameters).await;
    let elapsed = clock.monotonic().saturating_sub(since);
    let (success, name, value) = match outcome {
        Ok(result) => (true, "result", result),
        Err(error) => (false, "error", error.message().into()),
    };
    Value::from([
        ("id", branch.id.into()),
        ("operation_type", branch.operation.into()),
        ("success", success.into()),
        (name, value),
        ("duration_ms", (elapsed.as_secs_f64() * 1000.0).into()),
    ])
}

/// Runs `tool:NAME`, `agent:NAME` or `workflow:ID`.
pub(crate) async fn operation(cx: &Cx, operation: &str, parameters: Value) -> Result<Value> {
    match operation.split_once(':') {
        Some(("tool", name)) => {
            let envelope = tool::invoke(cx, name, parameters).await?;
            Ok(envelope.outcome?.primary().clone())
        }
        Some(("agent", name)) => {
            let answer = agent::ask(cx, name, parameters).await?;
            Ok(answer.get("text").cloned().unwrap_or_default())
        }
        Some(("workflow", name)) => workflow::call(cx, name, parameters).await,
        _ => bail!(
            InvalidArgs,
            "'{operation}' is no operation: write 'tool:NAME', 'agent:NAME' or 'workflow:ID'"
        ),
    }
}

/// Adds what became of forks to a result's `metadata`.
pub(super) fn attach(result: &mut Value, name: &str, value: Value) {
    if let Value::Map(members) = result {
        let metadata = members
            .entry("metadata".to_owned())
            .or_insert_with(|| Value::Map(Map::new()));
        if let Value::Map(metadata) = metadata {
            metadata.insert(name, value);
        }
    }
}
