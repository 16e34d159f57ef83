//! Ready-made plans for several agents. Each becomes an ordinary workflow: what it does can be shown, watched and
//! resumed like any other.

mod consensus;
mod debate;
mod fork_join;
mod pipeline;
mod supervisor;

use std::collections::HashSet;

use llmspell_core::{Cx, Handle, Result, Value, error};

use super::workflows::Workflows;
use crate::agent;

pub(super) use consensus::consensus;
pub(super) use debate::debate;
pub(super) use fork_join::fork_join;
pub(super) use pipeline::pipeline;
pub(super) use supervisor::supervisor;

/// What an execution is asked: the text of its input, whatever form that has.
const QUESTION: &str =
    "{{input:text ? {{input:text}} : {{input:prompt ? {{input:prompt}} : {{input:}}}}}}";

/// An agent of a pattern.
struct Member {
    /// The name of its step.
    name: String,
    /// Its name or its handle.
    agent: Value,
}

/// The agents of a pattern; each has a name of its own.
struct Members<'a> {
    cx: &'a Cx,
    /// The function that is called, for errors.
    op: &'static str,
    names: HashSet<String>,
}

impl<'a> Members<'a> {
    fn of(cx: &'a Cx, op: &'static str) -> Self {
        Self {
            cx,
            op,
            names: HashSet::new(),
        }
    }

    /// Reads a list of agents.
    ///
    /// - Errors: `InvalidArgs` for an empty list.
    fn all(&mut self, parameter: &str, agents: Vec<Value>) -> Result<Vec<Member>> {
        if agents.is_empty() {
            return Err(error!(
                InvalidArgs,
                "{}: `{parameter}` must have at least one agent", self.op
            )
            .with("parameter", parameter));
        }
        let read = |agent| self.one(parameter, agent);
        agents.into_iter().map(read).collect()
    }

    /// Reads one agent: its name, itself, or its definition, of which it is made.
    fn one(&mut self, parameter: &str, agent: Value) -> Result<Member> {
        let agent = match agent {
            Value::Map(mut definition) => {
                definition
                    .entry("name".to_owned())
                    .or_insert_with(|| parameter.trim_end_matches('s').into());
                agent::define(self.cx, Value::Map(definition))?.into()
            }
            other => other,
        };
        let name = match &agent {
            Value::Str(name) => Some(name.as_str()),
            Value::Handle(handle) if &*handle.kind == "agent" => {
                handle.fields.get("name").and_then(Value::as_str)
            }
            _ => None,
        };
        let Some(name) = name else {
            let given = agent.type_name();
            return Err(error!(
                InvalidArgs,
                "{}: `{parameter}` takes names of agents, agents and definitions, got {given}",
                self.op
            )
            .with("parameter", parameter));
        };
        let name = self.own_name(name);
        Ok(Member { name, agent })
    }

    /// Returns a name that tokens can refer to and that no other step has.
    fn own_name(&mut self, name: &str) -> String {
        let plain = name.replace([':', '|', '?', '{', '}'], "_");
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let mut names = std::iter::once(plain.clone()).chain(numbered);
        let free = names.find(|name| self.names.insert(name.clone()));
        free.unwrap_or(plain)
    }
}

impl Member {
    /// Returns the step in which it is asked this.
    fn asked(&self, question: impl Into<Value>) -> Value {
        self.asked_as(&self.name, question)
    }

    /// Returns a step of that name in which it is asked this.
    fn asked_as(&self, step: &str, question: impl Into<Value>) -> Value {
        let input = match question.into() {
            table @ Value::Map(_) => table,
            text => Value::from([("text", text)]),
        };
        Value::from([
            ("name", step.into()),
            ("agent", self.agent.clone()),
            ("input", input),
        ])
    }
}

/// Makes the workflow of a configuration.
fn make<const N: usize>(
    cx: &Cx,
    kind: &str,
    name: Option<String>,
    description: &str,
    config: [(&str, Value); N],
) -> Result<Handle> {
    let mut config: llmspell_core::Map = config.into_iter().collect();
    config.insert("description", description.into());
    if let Some(name) = name {
        config.insert("name", name.into());
    }
    let workflows = cx.part::<Workflows>()?;
    let workflow = workflows.make(cx, kind, Value::Map(config))?;
    Ok(workflow.handle.clone())
}
