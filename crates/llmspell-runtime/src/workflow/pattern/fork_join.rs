//! Tasks at the same time, and an agent that brings their results together.

use llmspell_core::{Cx, Handle, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Members, QUESTION, make};

/// Makes a workflow in which agents work on tasks at the same time, and a coordinator makes one answer of their texts.
///
/// The output is the coordinator's text; without a coordinator a table of all texts.
#[derive(Deserialize, JsonSchema)]
pub(in super::super) struct MultiAgentForkJoin {
    /// The name of the workflow.
    #[serde(default)]
    name: Option<String>,
    /// The tasks, each `{agent, task}`. A task may hold tokens; the input of the execution if absent.
    agent_tasks: Vec<Value>,
    /// The agent that gets all texts.
    #[serde(default)]
    coordinator: Value,
}

pub(in super::super) async fn fork_join(cx: Cx, a: MultiAgentForkJoin) -> Result<Handle> {
    const OP: &str = "Workflow.multi_agent_fork_join";
    let mut members = Members::of(&cx, OP);
    if a.agent_tasks.is_empty() {
        return Err(error!(
            InvalidArgs,
            "{OP}: `agent_tasks` must have at least one task"
        )
        .with("parameter", "agent_tasks"));
    }
    let (mut branches, mut results) = (Vec::new(), String::new());
    for (at, given) in a.agent_tasks.into_iter().enumerate() {
        let Some((agent, task)) = split(given) else {
            return Err(error!(
                InvalidArgs,
                "{OP}: `agent_tasks[{}]` must be {{agent, task}}",
                at + 1
            )
            .with("parameter", "agent_tasks"));
        };
        let member = members.one("agent_tasks", agent)?;
        let name = &member.name;
        let heading = match &task {
            Value::Str(task) if task != QUESTION => format!("{name}: {task}"),
            _ => name.clone(),
        };
        results.push_str(&format!(
            "\n\n## {heading}\n\n{{{{branch:{name}:{name}:text}}}}"
        ));
        branches.push(member.asked(task));
    }
    let mut post_steps = Vec::new();
    if !a.coordinator.is_null() {
        let coordinator = members.one("coordinator", a.coordinator)?;
        let task = "Several agents worked at the same time. Make one answer of what they found.";
        post_steps.push(coordinator.asked(format!("{task}{results}")));
    }
    let most = branches.len();
    make(
        &cx,
        "parallel",
        a.name,
        "Agents work at the same time, a coordinator brings their results together.",
        [
            ("branches", Value::List(branches)),
            ("max_concurrency", most.into()),
            ("post_steps", Value::List(post_steps)),
        ],
    )
}

/// Returns agent and task, which a list names by position and a table by name.
fn split(given: Value) -> Option<(Value, Value)> {
    let (agent, task) = match given {
        Value::List(items) if items.len() <= 2 => {
            let mut items = items.into_iter();
            (items.next()?, items.next().unwrap_or_default())
        }
        Value::Map(mut members) => {
            let agent = members.shift_remove("agent")?;
            let task = ["task", "prompt", "input"];
            let task = task.iter().find_map(|name| members.shift_remove(name));
            (agent, task.unwrap_or_default())
        }
        _ => return None,
    };
    match task {
        Value::Null => Some((agent, QUESTION.into())),
        task => Some((agent, task)),
    }
}
