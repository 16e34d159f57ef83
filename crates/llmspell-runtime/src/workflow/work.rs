//! What steps do, each through the door.

use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{Cx, Effect, Error, Kind, Map, Op, Result, Value};
use parking_lot::Mutex;
use serde_json::json;

use super::done::{Failure, Gave};
use super::flow::Flow;
use super::plan::{Step, Who, Work};
use super::run;
use super::scope::Scope;
use super::truth::text_of;
use crate::{agent, tool};

/// Does the work of a step with its input.
pub(super) fn perform<'a>(
    flow: &'a Flow,
    scope: &'a Scope,
    step: &'a Step,
    input: Value,
) -> BoxFuture<'a, Result<Gave, Failure>> {
    Box::pin(async move {
        let cx = &flow.cx;
        match &step.work {
            Work::Tool(name) => {
                let envelope = tool::invoke(cx, name, input).await?;
                let outcome = envelope.outcome?;
                let output = outcome.output.unwrap_or_else(|| outcome.data.clone());
                Ok(Gave {
                    output,
                    data: outcome.data,
                    inner: Vec::new(),
                })
            }
            Work::Agent(who) => {
                let answer = ask(cx, who, input).await?;
                Ok(Gave {
                    output: answer.get("text").cloned().unwrap_or_default(),
                    data: answer,
                    inner: Vec::new(),
                })
            }
            Work::Function(function) => {
                let context = flow.context(scope, Some((step, &input)));
                let call = function.call(cx, vec![context, flow.state_handle()]);
                let returned = cx.unless_stopped(call).await?.map_err(|error| {
                    // What stopped the function may come back as an error of its own.
                    cx.check().err().unwrap_or(error)
                })?;
                Gave::returned(returned)
            }
            Work::Workflow(workflow) => {
                let trail = flow.trail(Some(&step.name));
                run::called(cx, workflow, input, &trail).await?.gave()
            }
            Work::Inline(plan) => {
                let inner = flow.within(plan.clone(), &step.name);
                let mut own = scope.clone();
                if !input.is_null() {
                    own.input = Arc::new(input);
                }
                run::perform(&inner, own).await?.gave()
            }
        }
    })
}

/// Asks an agent.
pub(super) async fn ask(cx: &Cx, who: &Who, input: Value) -> Result<Value> {
    let input = match input {
        Value::Null => Map::new(),
        Value::Map(mut input) => {
            // A token alone keeps the type of what it stands for.
            if let Some(text) = input.get_mut("text").filter(|text| text.as_str().is_none()) {
                *text = text_of(text).into();
            }
            input
        }
        other => [("text", Value::from(text_of(&other)))]
            .into_iter()
            .collect(),
    };
    match who {
        Who::Named(name) => agent::ask(cx, name, Value::Map(input)).await,
        Who::Handle(handle) => agent::ask_agent(cx, handle, input).await,
    }
}

/// Makes a call that consists of other calls: `body` runs below it and returns what is wanted, and what is recorded.
///
/// Each branch is such a call, so that what happens within one has the same ids whichever ends first.
pub(super) async fn scoped<T, F, Fut>(cx: &Cx, name: &str, args: Value, body: F) -> Result<T>
where
    T: Send + 'static,
    F: FnOnce(Cx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(T, Value)>> + Send + 'static,
{
    let slot: Arc<Mutex<Option<T>>> = Arc::default();
    let (body, filled) = (Mutex::new(Some(body)), slot.clone());
    let op = Op::dynamic(name, json!({"type": "object"}), move |cx, _| {
        let (body, slot) = (body.lock().take(), filled.clone());
        async move {
            let body = body.ok_or_else(|| Error::new(Kind::Bug, "a scope was entered twice"))?;
            let (gave, recorded) = body(cx).await?;
            *slot.lock() = Some(gave);
            Ok(recorded)
        }
    });
    // Nothing is checked: the arguments are told, not taken.
    let (_, outcome) = cx
        .call_prepared(&Arc::new(op.effect(Effect::Scope)), args)
        .await;
    outcome?;
    let gave = slot.lock().take();
    gave.ok_or_else(|| Error::new(Kind::Bug, "a scope gave nothing"))
}
