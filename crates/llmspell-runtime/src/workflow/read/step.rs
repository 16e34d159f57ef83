//! Reading one step.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Handle, Map, Result, ScriptGlobals, Value, bail, error, nearest};

use super::super::condition::Condition;
use super::super::fields::{Fields, Place};
use super::super::plan::{Retry, Step, Who, Work};
use super::super::template::Template;
use super::super::workflows::Workflows;
use super::{KINDS, Reader, retry};
use crate::{agent, tool};

/// The types of steps.
const TYPES: [&str; 9] = [
    "tool",
    "agent",
    "function",
    "workflow",
    "sequential",
    "parallel",
    "conditional",
    "loop",
    "custom",
];

/// The members that say what a step does, and the type that each tells.
const WORK: [(&str, &str); 9] = [
    ("tool", "tool"),
    ("agent", "agent"),
    ("workflow", "workflow"),
    ("execute", "function"),
    ("function", "function"),
    ("iterator", "loop"),
    ("body", "loop"),
    ("branches", "parallel"),
    ("steps", "sequential"),
];

impl Reader<'_> {
    pub(super) fn step(&mut self, value: Value, index: usize, within: &Place) -> Result<Step> {
        self.one(value, index, within)
            .map_err(|error| within.told(error))
    }

    fn one(&mut self, value: Value, index: usize, within: &Place) -> Result<Step> {
        let value = match value {
            Value::Function(function) => [("execute", Value::Function(function))]
                .into_iter()
                .collect(),
            value @ Value::Map(_) => value,
            other => bail!(
                InvalidArgs,
                "{within}: step {index} must be a table, got {}",
                other.type_name()
            ),
        };
        let usual = || format!("step_{index}");
        let name: Arc<str> = match value.get("name") {
            Some(Value::Str(name)) if !name.is_empty() => name.as_str().into(),
            None | Some(Value::Null | Value::Str(_)) => usual().into(),
            Some(other) => bail!(
                InvalidArgs,
                "{within}: the `name` of step {index} must be text, got {}",
                other.type_name()
            ),
        };
        let place = within.clone().said(format_args!("step '{name}'"));
        let mut fields = Fields::new(value, place)?;
        fields.take(&["name"]);
        let kind = self.kind(&mut fields)?;
        if KINDS.contains(&kind) {
            return self.nested(kind, fields, name, index);
        }
        let mut step = self.plain(kind, &mut fields, name, index)?;
        fields.misspelt(&mut self.warnings);
        step.extra = fields.rest();
        Ok(step)
    }

    /// Returns the type that is written, or the one that the members tell.
    fn kind(&self, fields: &mut Fields) -> Result<&'static str> {
        let Some(written) = fields.text(&["type"])? else {
            let told = WORK.iter().find(|(name, _)| fields.has(name));
            let Some((_, kind)) = told else {
                return Err(
                    error!(InvalidArgs, "{}: it says nothing to do", fields.place)
                        .hint("a step has `tool`, `agent`, `workflow` or `execute`, or a `type`"),
                );
            };
            only(fields, kind)?;
            return Ok(*kind);
        };
        match TYPES.iter().find(|known| **known == written) {
            // A function sees the members of its step, so any may be there.
            Some(&("custom" | "function")) => Ok("function"),
            Some(known) => {
                if ["tool", "agent", "workflow"].contains(known) {
                    only(fields, known)?;
                }
                Ok(*known)
            }
            None => {
                let error = error!(
                    InvalidArgs,
                    "{}: unknown step type '{written}'", fields.place
                );
                Err(match nearest(&written, TYPES).first() {
                    Some(near) => error.hint(format!("did you mean '{near}'?")),
                    None => error.hint(format!("the types are {}", TYPES.join(", "))),
                })
            }
        }
    }

    fn plain(
        &mut self,
        kind: &str,
        fields: &mut Fields,
        name: Arc<str>,
        index: usize,
    ) -> Result<Step> {
        let (condition, skip) = gates(fields)?;
        let on_error = fields.function(&["on_error"])?;
        let retry = retries(fields)?;
        let timeout = fields.count(&["timeout_ms", "timeout"], 1)?;
        let compensate = self.compensation(fields, &name)?;
        let input = input(fields, kind)?;
        let work = match kind {
            "tool" => self.tool(fields)?,
            "agent" => Work::Agent(self.agent(fields, &name)?),
            "workflow" => self.workflow(fields, &name)?,
            _ => self.function(fields)?,
        };
        Ok(Step {
            name,
            index,
            work,
            input: Template::new(input),
            condition,
            skip,
            on_error,
            retry,
            timeout: timeout.map(Duration::from_millis),
            compensate,
            pointer: fields.place.pointer.clone(),
            extra: Map::new(),
        })
    }

    /// Reads a step that is a workflow written in place.
    fn nested(
        &mut self,
        kind: &'static str,
        mut fields: Fields,
        name: Arc<str>,
        index: usize,
    ) -> Result<Step> {
        // `condition` may be what decides between two branches, or whether a loop goes on.
        let own = match kind {
            "conditional" => !fields.has("then_branch"),
            "loop" => fields.is_table("iterator"),
            _ => true,
        };
        let (condition, skip) = match own {
            true => gates(&mut fields)?,
            false => (None, skip_gate(&mut fields)?),
        };
        let on_error = None;
        let retry = retries(&mut fields)?;
        let compensate = self.compensation(&mut fields, &name)?;
        let input = input(&mut fields, "workflow")?;
        let pointer = fields.place.pointer.clone();
        let plan = self.plan(kind, fields, &name)?;
        Ok(Step {
            pointer,
            timeout: Some(plan.timeout),
            name,
            index,
            work: Work::Inline(Arc::new(plan)),
            input: Template::new(input),
            condition,
            skip,
            on_error,
            retry,
            compensate,
            extra: Map::new(),
        })
    }

    fn compensation(&mut self, fields: &mut Fields, name: &str) -> Result<Option<Arc<Step>>> {
        let value = match fields.take(&["compensate"]) {
            Value::Null => return Ok(None),
            Value::Map(mut map) => {
                map.entry("name".to_owned())
                    .or_insert_with(|| format!("compensate_{name}").into());
                Value::Map(map)
            }
            Value::Function(function) => [
                ("name", Value::from(format!("compensate_{name}"))),
                ("execute", Value::Function(function)),
            ]
            .into_iter()
            .collect(),
            other => return Err(fields.wrong("compensate", "a step or a function", &other)),
        };
        let place = fields.place.at("compensate");
        Ok(Some(Arc::new(self.step(value, 1, &place)?)))
    }

    fn function(&mut self, fields: &mut Fields) -> Result<Work> {
        match fields.take(&["execute", "function"]) {
            Value::Function(function) => Ok(Work::Function(function)),
            Value::Str(name) => self
                .cx
                .part::<ScriptGlobals>()?
                .function(&name)
                .map(Work::Function),
            Value::Null => Err(fields.missing("execute")),
            other => Err(fields.wrong("execute", "a function or the name of a global one", &other)),
        }
    }

    fn tool(&mut self, fields: &mut Fields) -> Result<Work> {
        let given = fields.take(&["tool", "tool_name"]);
        match tool::name_of(&given) {
            Some(name) => Ok(Work::Tool(name.to_owned())),
            None if given.is_null() => Err(fields.missing("tool")),
            None => Err(fields.wrong("tool", "the name of a tool or a tool", &given)),
        }
    }

    fn agent(&mut self, fields: &mut Fields, step: &str) -> Result<Who> {
        let given = fields.take(&["agent", "agent_name"]);
        if let Some(who) = Who::read(&given) {
            return Ok(who);
        }
        match given {
            Value::Null => Err(fields.missing("agent")),
            Value::Map(mut definition) => {
                definition
                    .entry("name".to_owned())
                    .or_insert_with(|| step.into());
                agent::define(self.cx, Value::Map(definition)).map(Who::Handle)
            }
            other => Err(fields.wrong(
                "agent",
                "the name of an agent, an agent or a definition",
                &other,
            )),
        }
    }

    fn workflow(&mut self, fields: &mut Fields, step: &str) -> Result<Work> {
        let workflows = self.cx.part::<Workflows>()?;
        match fields.take(&["workflow"]) {
            Value::Null => Err(fields.missing("workflow")),
            Value::Handle(handle) => Ok(Work::Workflow(workflows.of(&handle)?)),
            Value::Str(name) => Ok(Work::Workflow(workflows.require(&name)?)),
            inline @ Value::Map(_) => {
                let place = fields.place.at("workflow").said("workflow");
                let inner = Fields::new(inline, place)?;
                self.inline(inner, step)
            }
            other => Err(fields.wrong("workflow", "a workflow or its configuration", &other)),
        }
    }

    fn inline(&mut self, mut fields: Fields, name: &str) -> Result<Work> {
        // A workflow that was stored as data is `{kind, id}`.
        if let (Some(kind), Some(id)) = (fields.text(&["kind"])?, fields.text(&["id"])?)
            && kind == "workflow"
        {
            let workflows = self.cx.part::<Workflows>()?;
            return Ok(Work::Workflow(workflows.of(&Handle::new(
                "workflow",
                &id,
                Map::new(),
            ))?));
        }
        let kind = match fields.text(&["type"])? {
            Some(kind) => kind,
            None => self.kind(&mut fields)?.to_owned(),
        };
        Ok(Work::Inline(Arc::new(self.plan(&kind, fields, name)?)))
    }
}

/// Refuses a step of this type that names something else to do as well.
fn only(fields: &Fields, kind: &str) -> Result<()> {
    let mut given = WORK.iter().filter(|(name, _)| fields.has(name));
    let own = given.clone().find(|(_, told)| *told == kind);
    let other = given.find(|(_, told)| {
        *told != kind && !(*told == "sequential" && ["loop", "parallel"].contains(&kind))
    });
    let (Some((own, _)), Some((other, _))) = (own, other) else {
        return Ok(());
    };
    Err(error!(
        InvalidArgs,
        "{}: it names both `{own}` and `{other}`", fields.place
    )
    .with("parameter", *other)
    .with("pointer", fields.place.at(other).pointer)
    .hint("a step does one thing: make two steps of it"))
}

fn gates(fields: &mut Fields) -> Result<(Option<Condition>, Option<Condition>)> {
    let condition = match fields.take(&["condition"]) {
        Value::Null => None,
        condition => Some(Condition::read(condition, &fields.place.at("condition"))?),
    };
    Ok((condition, skip_gate(fields)?))
}

fn skip_gate(fields: &mut Fields) -> Result<Option<Condition>> {
    match fields.take(&["skip_condition"]) {
        Value::Null => Ok(None),
        condition => {
            let place = fields.place.at("skip_condition");
            Ok(Some(Condition::read(condition, &place)?))
        }
    }
}

fn retries(fields: &mut Fields) -> Result<Option<Retry>> {
    let table = fields.take(&["retry"]);
    let count = fields.count(&["retry_count", "retries"], 0)?;
    let place = fields.place.at("retry").said("retry");
    match (table, count) {
        (Value::Null, None) => Ok(None),
        (Value::Null, Some(count)) => {
            let attempts = u32::try_from(count).unwrap_or(u32::MAX).saturating_add(1);
            Ok(Some(Retry {
                max_attempts: attempts,
                ..Retry::default()
            }))
        }
        (table, _) => retry(&mut Fields::new(table, place)?).map(Some),
    }
}

/// Reads the input, which may be spread over three members.
fn input(fields: &mut Fields, kind: &str) -> Result<Value> {
    let given = ["input", "parameters", "params"].map(|name| fields.take(&[name]));
    let prompt = match kind {
        "agent" => fields.take(&["prompt"]),
        _ => Value::Null,
    };
    let mut merged = Map::new();
    let mut single = Value::Null;
    for value in given {
        match value {
            Value::Null => {}
            Value::Map(members) => {
                for (name, value) in members {
                    merged.entry(name).or_insert(value);
                }
            }
            Value::Str(text) if kind == "agent" => {
                merged
                    .entry("text".to_owned())
                    .or_insert_with(|| text.into());
            }
            other if kind == "tool" || kind == "agent" => {
                let expected = if kind == "agent" {
                    "text or a table"
                } else {
                    "a table"
                };
                return Err(fields.wrong("input", expected, &other));
            }
            other if single.is_null() => single = other,
            _ => {}
        }
    }
    if !prompt.is_null() && !merged.contains_key("text") {
        merged.insert("text", prompt);
    }
    Ok(match (single, merged.is_empty()) {
        (Value::Null, true) if kind != "tool" => Value::Null,
        (Value::Null, _) => Value::Map(merged),
        (single, _) => single,
    })
}
