//! Hooks and events of a single workflow.

use std::sync::Arc;

use llmspell_core::{Callback, Cx, Handle, Result, Takes, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::workflows::Workflows;
use crate::event::{self, Bus, Publication};
use crate::hook::{Answer, Answering, Context, Hook, Hooks, Named, Point, Registration, Within};

/// The points at which a single workflow can be watched.
pub(super) const POINTS: [Named; 3] = [
    Named::BeforeWorkflowStart,
    Named::AfterWorkflowComplete,
    Named::WorkflowError,
];

/// A function that only sees one workflow.
struct Only {
    id: Arc<str>,
    function: Callback,
}

impl Hook for Only {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        Box::pin(async move {
            if context.text("workflow_id") != Some(&*self.id) {
                return Ok(Answer::Continue);
            }
            let mut told = context.to_value(cx);
            let results = told
                .get("data")
                .and_then(|data| data.get("results"))
                .cloned();
            if let (Value::Map(told), Some(results)) = (&mut told, results) {
                told.insert("results", results);
            }
            context.answer(cx, self.function.ask(cx, vec![told]).await?)
        })
    }
}

/// Calls a function before each execution of the workflow.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OnBeforeExecute {
    /// The workflow.
    workflow: Handle,
    /// Gets the context of the hook with `workflow_id` and `results`, and may answer as hooks do.
    #[schemars(with = "Takes<Value>")]
    handler: Callback,
}

/// Calls a function after each execution of the workflow that succeeded.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OnAfterExecute {
    /// The workflow.
    workflow: Handle,
    /// Gets the context of the hook with `workflow_id` and `results`, and may answer as hooks do.
    #[schemars(with = "Takes<Value>")]
    handler: Callback,
}

/// Calls a function when a step or an execution of the workflow failed.
#[derive(Deserialize, JsonSchema)]
pub(super) struct OnError {
    /// The workflow.
    workflow: Handle,
    /// Gets the context of the hook with `workflow_id` and `results`, and may answer as hooks do.
    #[schemars(with = "Takes<Value>")]
    handler: Callback,
}

/// That a function watches.
#[derive(Serialize, JsonSchema)]
pub(super) struct Watched {
    workflow_id: String,
    /// `before_execute`, `after_execute` or `on_error`.
    hook_type: &'static str,
    message: String,
}

pub(super) async fn on_before_execute(cx: Cx, a: OnBeforeExecute) -> Result<Watched> {
    let [point, ..] = POINTS;
    watch(&cx, &a.workflow, a.handler, point, "before_execute")
}

pub(super) async fn on_after_execute(cx: Cx, a: OnAfterExecute) -> Result<Watched> {
    let [_, point, _] = POINTS;
    watch(&cx, &a.workflow, a.handler, point, "after_execute")
}

pub(super) async fn on_error(cx: Cx, a: OnError) -> Result<Watched> {
    let [.., point] = POINTS;
    watch(&cx, &a.workflow, a.handler, point, "on_error")
}

fn watch(
    cx: &Cx,
    handle: &Handle,
    function: Callback,
    point: Named,
    hook_type: &'static str,
) -> Result<Watched> {
    let workflow = cx.part::<Workflows>()?.of(handle)?;
    let hook = Only {
        id: workflow.id.clone(),
        function,
    };
    let registration = Registration {
        name: None,
        language: event::script_language(cx),
        ..Registration::new("", Arc::new(hook))
    };
    cx.part::<Hooks>()?
        .register(Point::Named(point), registration)?;
    Ok(Watched {
        workflow_id: workflow.id.to_string(),
        hook_type,
        message: format!(
            "the function is called at {} of workflow '{}'",
            point.name(),
            workflow.name()
        ),
    })
}

/// Publishes an event in the workflow's name.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Emit {
    /// The workflow.
    workflow: Handle,
    /// The type of the event.
    event: String,
    /// The facts.
    #[serde(default)]
    data: Value,
}

/// That an event was published.
#[derive(Serialize, JsonSchema)]
pub(super) struct Emitted {
    success: bool,
    workflow_id: String,
    event_name: String,
}

pub(super) async fn emit(cx: Cx, a: Emit) -> Result<Emitted> {
    let workflow = cx.part::<Workflows>()?.of(&a.workflow)?;
    let facts = Value::from([
        ("workflow_id", Value::from(&*workflow.id)),
        ("workflow_name", workflow.name().into()),
        ("workflow_type", workflow.plan.shape.name().into()),
        ("data", a.data.without_functions()?),
    ]);
    let draft = Publication {
        correlation: Some(event::correlation(&cx)),
        ..Publication::of_runtime("workflow", facts)
    };
    event::say(&cx, &*cx.part::<Bus>()?, &a.event, draft).await?;
    Ok(Emitted {
        success: true,
        workflow_id: workflow.id.to_string(),
        event_name: a.event,
    })
}
