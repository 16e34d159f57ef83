//! The tools that an agent may call.

use std::collections::HashMap;
use std::sync::Arc;

use llmspell_core::{Cx, Op, Result, Value, error};

use super::agents::Agents;
use super::wrap;
use crate::tool::{self, Define, Tool, Tools, folded, model_name};

/// What an agent was given: names of tools, and tools that only it has.
#[derive(Debug, Default)]
pub(super) struct Toolbox {
    all: bool,
    own: Vec<Arc<Tool>>,
    /// Agents that were given as tools.
    pub(super) agents: Vec<String>,
}

/// The tools of one execution, in the canonical order in which models get them.
#[derive(Debug)]
pub(super) struct Offer {
    tools: Vec<Arc<Tool>>,
    names: HashMap<String, usize>,
}

impl Toolbox {
    /// All tools of the run.
    pub(super) fn all() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Reads a list of names, tool tables, agents and own tools, or `"*"`.
    ///
    /// - Errors: `NotFound` for an unknown tool, `InvalidArgs` for anything else, `Exists` for two of the same name.
    pub(super) fn new(cx: &Cx, given: &Value) -> Result<Self> {
        let mut toolbox = Self::default();
        match given {
            Value::Null => {}
            Value::List(items) => {
                for item in items {
                    toolbox.add(cx, item)?;
                }
            }
            Value::Map(map) if map.is_empty() => {}
            one => toolbox.add(cx, one)?,
        }
        Offer::new(toolbox.own.clone())?;
        Ok(toolbox)
    }

    fn add(&mut self, cx: &Cx, item: &Value) -> Result<()> {
        let tool = match item {
            Value::Str(star) if star == "*" => {
                self.all = true;
                return Ok(());
            }
            Value::Handle(handle) if &*handle.kind == "agent" => {
                let agent = cx.part::<Agents>()?.of(handle)?;
                self.agents.push(agent.name().to_owned());
                let name = format!("{}_tool", agent.name());
                private(wrap::agent_tool(&agent, &name, None))
            }
            Value::Map(map) if map.contains_key("execute") => {
                let define: Define = item.clone().into_typed()?;
                private(tool::script_tool(define)?)
            }
            item => match tool::name_of(item) {
                Some(name) => cx.part::<Tools>()?.require(name)?,
                None => {
                    let given = item.type_name();
                    return Err(error!(
                        InvalidArgs,
                        "`tools` holds names, tools, agents and own tools, got {given}"
                    )
                    .hint("an own tool has `name`, `description`, `parameters` and `execute`"));
                }
            },
        };
        if !self.own.iter().any(|own| Arc::ptr_eq(own, &tool)) {
            self.own.push(tool);
        }
        Ok(())
    }

    /// Returns the tools that models get now. With `"*"` those that the spell defined meanwhile are among them; a tool
    /// of the agent's own hides one of the run with the same name.
    pub(super) fn offer(&self, cx: &Cx) -> Result<Offer> {
        let mut tools = self.own.clone();
        if self.all {
            let own: Vec<String> = tools.iter().map(|tool| folded(tool.name())).collect();
            let all = cx.part::<Tools>()?.all().into_iter();
            tools.extend(
                all.filter(|tool| tool.is_enabled() && !own.contains(&folded(tool.name()))),
            );
        }
        Offer::new(tools)
    }
}

fn private(op: Op) -> Arc<Tool> {
    Arc::new(Tool::new(Arc::new(op), true))
}

impl Offer {
    fn new(mut tools: Vec<Arc<Tool>>) -> Result<Self> {
        tools.sort_by(|left, right| left.name().cmp(right.name()));
        let mut names = HashMap::with_capacity(tools.len());
        for (index, tool) in tools.iter().enumerate() {
            let taken = names.insert(folded(&model_name(tool.name())), index);
            if let Some(other) = taken {
                let (left, right) = (tools[other].name(), tool.name());
                return Err(error!(
                    Exists,
                    "the tools '{left}' and '{right}' have the same name for a model"
                )
                .hint("rename one of them"));
            }
        }
        Ok(Self { tools, names })
    }

    /// Leaves out tools that are not named.
    pub(super) fn only(mut self, names: &[String]) -> Self {
        self.tools
            .retain(|tool| names.iter().any(|name| name == tool.name()));
        let numbered = self.tools.iter().enumerate();
        let named = numbered.map(|(index, tool)| (folded(&model_name(tool.name())), index));
        self.names = named.collect();
        self
    }

    /// Finds the tool that a model or a script named.
    pub(super) fn find(&self, name: &str) -> Option<&Arc<Tool>> {
        let index = self.names.get(&folded(&model_name(name)))?;
        self.tools.get(*index)
    }

    pub(super) fn tools(&self) -> &[Arc<Tool>] {
        &self.tools
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.tools.iter().map(|tool| tool.name())
    }

    /// Returns the descriptions for a request.
    pub(super) fn specs(&self) -> Vec<Value> {
        self.tools.iter().map(|tool| tool.spec().clone()).collect()
    }
}
