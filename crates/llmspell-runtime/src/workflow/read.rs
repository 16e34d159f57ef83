//! Making a plan of what a script wrote.

mod kind;
mod step;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Error, Map, Result, Value, bail, error, nearest};

use super::condition::Condition;
use super::fields::{Fields, Place, Remark};
use super::plan::{Branch, Calls, Plan, Retry, Shape, Step, Strategy};
use crate::agent;

/// The kinds, in the order in which scripts are told them.
pub(super) const KINDS: [&str; 4] = ["sequential", "conditional", "loop", "parallel"];

/// Deepest nesting of workflows.
const MAX_NESTING: usize = 16;

/// Reads a workflow. `name` is the one that it has if it names none.
///
/// - Errors: `InvalidArgs` naming workflow, step and member; `Parse` for wrong expressions.
pub(super) fn plan(cx: &Cx, kind: &str, config: Value, name: &str) -> Result<Plan> {
    let given = config.get("name").and_then(Value::as_str).unwrap_or(name);
    let place = format!("workflow '{given}'");
    let mut reader = Reader {
        cx,
        warnings: Vec::new(),
        depth: 0,
    };
    let mut plan = reader.plan(kind, Fields::new(config, &*place)?, name)?;
    if plan.depth() > MAX_NESTING {
        let depth = plan.depth();
        return Err(error!(
            InvalidArgs,
            "workflow '{}' is nested {depth} deep, at most {MAX_NESTING} are possible", plan.name
        )
        .with("limit", MAX_NESTING)
        .with("value", depth));
    }
    plan.warnings = reader.warnings;
    Ok(plan)
}

/// Returns the error for a kind that there is not.
pub(super) fn unknown_kind(place: &str, kind: &str) -> Error {
    let error = error!(InvalidArgs, "{place}: unknown workflow type '{kind}'").with("type", kind);
    match nearest(kind, KINDS).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error.hint(format!("the types are {}", KINDS.join(", "))),
    }
}

struct Reader<'a> {
    cx: &'a Cx,
    warnings: Vec<Remark>,
    depth: usize,
}

impl Reader<'_> {
    fn plan(&mut self, kind: &str, mut fields: Fields, name: &str) -> Result<Plan> {
        if self.depth > MAX_NESTING {
            bail!(
                InvalidArgs,
                "{}: workflows are nested deeper than {MAX_NESTING}",
                fields.place
            );
        }
        self.depth += 1;
        // `$schema` tells editors what a file is.
        fields.take(&["type", "$schema"]);
        self.agents(&mut fields)?;
        let name = fields
            .text(&["name"])?
            .filter(|given| !given.is_empty())
            .unwrap_or_else(|| name.to_owned());
        let description = fields.text(&["description"])?.unwrap_or_default();
        let timeout = fields.count(&["timeout_ms", "timeout"], 1)?;
        let mut calls = Calls {
            on_start: fields.function(&["on_start"])?,
            on_complete: fields.function(&["on_complete"])?,
            on_error: fields.function(&["on_error"])?,
            ..Calls::default()
        };
        let hooks = fields.take(&["hooks"]);
        let mut hooks = Fields::new(hooks, fields.place.at("hooks").said("hooks"))?;
        calls.before_stage = hooks.function(&["before_stage"])?;
        calls.after_stage = hooks.function(&["after_stage"])?;
        hooks.end(&mut self.warnings);
        let strategy = fields.take(&["error_strategy"]);
        let strategy = strategy_of(&fields, strategy)?;
        let shape = match kind {
            "sequential" => {
                calls.on_part = fields.function(&["on_step_complete"])?;
                Shape::Sequential(self.sequential(&mut fields)?)
            }
            "parallel" => {
                calls.on_part = fields.function(&["on_branch_complete"])?;
                Shape::Parallel(self.parallel(&mut fields)?)
            }
            "conditional" => Shape::Conditional(self.conditional(&mut fields)?),
            "loop" => {
                calls.on_part = fields.function(&["on_iteration_complete"])?;
                Shape::Loop(self.looped(&mut fields)?)
            }
            unknown => return Err(unknown_kind(&fields.place, unknown)),
        };
        fields.end(&mut self.warnings);
        self.depth -= 1;
        Ok(Plan {
            name: name.into(),
            description,
            shape,
            strategy,
            timeout: Duration::from_millis(timeout.unwrap_or(300_000)),
            calls,
            warnings: Vec::new(),
        })
    }

    /// Makes the agents that a workflow brings along, for its steps to name.
    fn agents(&mut self, fields: &mut Fields) -> Result<()> {
        let place = fields.place.at("agents");
        let agents = match fields.take(&["agents"]) {
            Value::Null => return Ok(()),
            Value::Map(agents) => agents,
            other => return Err(fields.wrong("agents", "a table", &other)),
        };
        for (name, definition) in agents {
            let place = place.at(&name).said(format_args!("agent '{name}'"));
            let Value::Map(mut definition) = definition else {
                let given = definition.type_name();
                return Err(place.told(error!(
                    InvalidArgs,
                    "{place}: expected a definition, got {given}"
                )));
            };
            definition
                .entry("name".to_owned())
                .or_insert_with(|| name.into());
            agent::define(self.cx, Value::Map(definition)).map_err(|error| place.told(error))?;
        }
        Ok(())
    }

    /// Reads a list of steps, one step, or a table with `steps`.
    fn steps(&mut self, value: Value, place: &Place) -> Result<Vec<Arc<Step>>> {
        let one = value.as_map().is_some();
        let items = match value {
            Value::Null => Vec::new(),
            Value::List(items) => items,
            Value::Map(map) if map.is_empty() => Vec::new(),
            Value::Map(mut map) if is_plain_list(&map) => {
                let steps = map.shift_remove("steps").unwrap_or_default();
                return self.steps(steps, &place.at("steps"));
            }
            one @ Value::Map(_) => vec![one],
            other => {
                let given = other.type_name();
                return Err(place.told(error!(
                    InvalidArgs,
                    "{place}: expected a list of steps, got {given}"
                )));
            }
        };
        let mut names = HashSet::new();
        let mut steps = Vec::with_capacity(items.len());
        for (at, item) in items.into_iter().enumerate() {
            let own = if one { place.clone() } else { place.at(at) };
            let step = self.step(item, at + 1, &own)?;
            if !names.insert(step.name.clone()) {
                let text = format!(
                    "{place}: the name '{}' is used by two steps; the later one hides the earlier one",
                    step.name
                );
                self.warnings.push(Remark::new(text, &own));
            }
            steps.push(Arc::new(step));
        }
        Ok(steps)
    }

    /// Reads a branch: `{name, steps}`, `{name, workflow}` or a step.
    fn branch(&mut self, value: Value, usual: &str, within: &Place) -> Result<Branch> {
        let name = value.get("name").and_then(Value::as_str).unwrap_or(usual);
        let name: Arc<str> = name.into();
        let place = within.clone().said(format_args!("branch '{name}'"));
        let is_list = value.get("steps").is_some() && value.get("type").is_none();
        let is_step = !is_list && value.get("workflow").is_none();
        let mut fields = Fields::new(value, place.clone())?;
        let required = fields.flag(&["required"])?;
        let optional = fields.flag(&["optional"])?;
        let required = required.unwrap_or(!optional.unwrap_or(false));
        if is_step {
            let step = self.steps(Value::Map(named(fields.rest(), &name)), &place)?;
            return Ok(Branch {
                name,
                steps: step,
                required,
                condition: Condition::constant(true),
                timeout: None,
            });
        }
        let condition = match fields.take(&["condition"]) {
            Value::Null => Condition::constant(true),
            condition => Condition::read(condition, &place.at("condition"))?,
        };
        let timeout = fields.count(&["timeout_ms", "timeout"], 1)?;
        let steps = if is_list {
            let steps = fields.take(&["steps"]);
            fields.take(&["name"]);
            fields.take(&["description"]);
            let steps = self.steps(steps, &place.at("steps"))?;
            fields.end(&mut self.warnings);
            steps
        } else {
            self.steps(Value::Map(named(fields.rest(), &name)), &place)?
        };
        Ok(Branch {
            name,
            steps,
            required,
            condition,
            timeout: timeout.map(Duration::from_millis),
        })
    }
}

/// Returns the members of a step with the name of its branch, which may be the usual one.
fn named(mut members: Map, name: &str) -> Map {
    members
        .entry("name".to_owned())
        .or_insert_with(|| name.into());
    members
}

/// Returns whether a table only holds a list of steps.
fn is_plain_list(map: &Map) -> bool {
    let kind = map.get("type").and_then(Value::as_str);
    map.contains_key("steps")
        && matches!(kind, None | Some("sequential"))
        && map.keys().all(|name| name == "steps" || name == "type")
}

/// Reads an error strategy.
fn strategy_of(fields: &Fields, value: Value) -> Result<Strategy> {
    let wrong = |value: &Value| {
        fields
            .wrong("error_strategy", "'fail_fast', 'continue' or 'retry'", value)
            .hint("the strategies are fail_fast, continue and {type = 'retry', max_attempts, backoff_ms}")
    };
    match &value {
        Value::Null => Ok(Strategy::FailFast),
        Value::Str(name) => match name.as_str() {
            "fail_fast" | "failfast" | "stop" | "fail" => Ok(Strategy::FailFast),
            "continue" => Ok(Strategy::Continue),
            "retry" => Ok(Strategy::Retry(Retry::default())),
            _ => Err(wrong(&value)),
        },
        Value::Map(map) => {
            let name = map.get("type").or_else(|| map.get("strategy"));
            match name.and_then(Value::as_str) {
                Some("retry") => {
                    let place = fields.place.at("error_strategy").said("error_strategy");
                    let mut inner = Fields::new(value, place)?;
                    Ok(Strategy::Retry(retry(&mut inner)?))
                }
                Some(name) => strategy_of(fields, name.into()),
                None => Err(wrong(&value)),
            }
        }
        other => Err(wrong(other)),
    }
}

/// Reads how something is repeated.
fn retry(fields: &mut Fields) -> Result<Retry> {
    let usual = Retry::default();
    let attempts = fields.count(&["max_attempts"], 1)?;
    let retries = fields.count(&["max_retries"], 0)?.map(|count| count + 1);
    let ms = |ms: Option<u64>, usual: Duration| ms.map_or(usual, Duration::from_millis);
    let backoff = fields.count(&["backoff_ms", "initial_delay_ms", "delay_ms"], 0)?;
    let fixed = fields.take(&["backoff"]) == Value::from("fixed");
    let factor = fields.number(&["backoff_multiplier"])?;
    let most = fields.count(&["max_backoff_ms", "max_delay_ms"], 0)?;
    let attempts = attempts.or(retries).unwrap_or(usual.max_attempts.into());
    Ok(Retry {
        max_attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        backoff: ms(backoff, usual.backoff),
        factor: factor.unwrap_or(if fixed { 1.0 } else { usual.factor }),
        max: ms(most, usual.max),
    })
}
