//! An agent that delegates to others.

use llmspell_core::{Cx, Handle, Map, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Members, QUESTION, make};
use crate::agent;

/// Makes a workflow in which a supervisor delegates to workers, which it has as tools.
///
/// The supervisor decides whom it asks what, any number of times. The output is its text.
#[derive(Deserialize, JsonSchema)]
pub(in super::super) struct MultiAgentSupervisor {
    /// The name of the workflow.
    #[serde(default)]
    name: Option<String>,
    /// The definition of the supervisor, as `Agent.create` takes it; its `tools` are added to the workers.
    supervisor: Map,
    /// The workers: names, agents or definitions.
    workers: Vec<Value>,
    /// What the supervisor is asked; the input of the execution if absent. May hold tokens.
    #[serde(default)]
    task: Value,
}

pub(in super::super) async fn supervisor(cx: Cx, a: MultiAgentSupervisor) -> Result<Handle> {
    const OP: &str = "Workflow.multi_agent_supervisor";
    let mut members = Members::of(&cx, OP);
    let mut tools = Vec::new();
    let mut names = Vec::new();
    for worker in members.all("workers", a.workers)? {
        names.push(worker.name);
        tools.push(match worker.agent {
            Value::Str(name) => agent::named(&cx, &name)?.into(),
            agent => agent,
        });
    }
    let mut definition = a.supervisor;
    match definition.get("tools") {
        None | Some(Value::Null) => {}
        Some(Value::List(own)) => tools.extend(own.iter().cloned()),
        Some(Value::Map(own)) if own.is_empty() => {}
        Some(other) => {
            let given = other.type_name();
            return Err(error!(
                InvalidArgs,
                "{OP}: the `tools` of the supervisor must be a list, got {given}"
            )
            .with("parameter", "supervisor"));
        }
    }
    definition.insert("tools", Value::List(tools));
    definition
        .entry("name".to_owned())
        .or_insert_with(|| "supervisor".into());
    definition
        .entry("system_prompt".to_owned())
        .or_insert_with(|| instructions(&names).into());
    let supervisor = members.one("supervisor", Value::Map(definition))?;
    let task = match a.task {
        Value::Null => QUESTION.into(),
        task => task,
    };
    let steps = Value::List(vec![supervisor.asked(task)]);
    let about = "A supervisor delegates to workers, which it has as tools.";
    make(&cx, "sequential", a.name, about, [("steps", steps)])
}

fn instructions(names: &[String]) -> String {
    format!(
        "You supervise these workers: {}. Divide the task, ask each worker for what it is good at with the tool of its \
         name, check what comes back, ask again where it is not good enough, and answer with the result.",
        names.join(", ")
    )
}
