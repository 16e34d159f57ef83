//! The members that belong to one kind of workflows.

use std::time::Duration;

use llmspell_core::{Result, Value, bail, error, nearest};

use super::super::condition::{Condition, Test};
use super::super::expression::Expression;
use super::super::fields::{Fields, Place};
use super::super::plan::{
    Aggregation, Branch, Conditional, Handler, Join, Loop, Over, Parallel, Sequential,
};
use super::super::template::Template;
use super::{Reader, strategy_of};

/// Most branches of a conditional workflow.
const MAX_BRANCHES: usize = 100;

/// Most branches of a parallel workflow.
const MAX_PARALLEL: usize = 1000;

impl Reader<'_> {
    pub(super) fn sequential(&mut self, fields: &mut Fields) -> Result<Sequential> {
        let handler = match fields.take(&["error_handler"]) {
            Value::Null => None,
            Value::Function(function) => Some(Handler::Function(function)),
            value => Some(Handler::Strategy(strategy_of(fields, value)?)),
        };
        let steps = fields.list(&["steps"])?.unwrap_or_default();
        let steps = self.steps(Value::List(steps), &fields.place.at("steps"))?;
        Ok(Sequential { steps, handler })
    }

    pub(super) fn parallel(&mut self, fields: &mut Fields) -> Result<Parallel> {
        let place = fields.place_of(&["branches", "steps"]);
        let branches = fields.list(&["branches", "steps"])?;
        let branches = branches.ok_or_else(|| fields.missing("branches"))?;
        few_enough(&place, branches.len(), MAX_PARALLEL)?;
        let branches: Result<Vec<Branch>> = branches
            .into_iter()
            .enumerate()
            .map(|(at, branch)| self.branch(branch, &format!("branch_{}", at + 1), &place.at(at)))
            .collect();
        let max_concurrency = fields.count(&["max_concurrency"], 1)?.unwrap_or(4);
        let join = match fields.text(&["join_strategy"])?.as_deref() {
            None | Some("all") => Join::All,
            Some("any" | "first") => Join::Any,
            Some("merge") => Join::Merge,
            Some("none") => Join::None,
            Some(other) => {
                let expected = "'all', 'any', 'first', 'merge' or 'none'";
                return Err(fields.wrong("join_strategy", expected, &other.into()));
            }
        };
        let post_steps = fields.take(&["post_steps"]);
        Ok(Parallel {
            branches: branches?,
            max_concurrency: usize::try_from(max_concurrency).unwrap_or(usize::MAX),
            fail_fast: fields.flag(&["fail_fast"])?.unwrap_or(true),
            join,
            post_steps: self.steps(post_steps, &within(&fields.place, "post_steps"))?,
        })
    }

    pub(super) fn conditional(&mut self, fields: &mut Fields) -> Result<Conditional> {
        let place = fields.place.clone();
        let mut branches = Vec::new();
        match fields.take(&["branches"]) {
            Value::Null => {}
            Value::List(items) => {
                for (at, item) in items.into_iter().enumerate() {
                    let usual = format!("branch_{}", at + 1);
                    let place = place.at("branches").at(at);
                    branches.push(self.branch(item, &usual, &place)?);
                }
            }
            Value::Map(members) => {
                let mut members: Vec<_> = members.into_iter().collect();
                members.sort_by(|left, right| left.0.cmp(&right.0));
                for (name, branch) in members {
                    let place = place.at("branches").at(&name);
                    branches.push(self.branch(branch, &name, &place)?);
                }
            }
            other => return Err(fields.wrong("branches", "a list or a table", &other)),
        }
        let condition = fields.take(&["condition"]);
        let (then, otherwise) = (fields.take(&["then_branch"]), fields.take(&["else_branch"]));
        if !then.is_null() {
            let mut branch = self.side(then, "then", &place.at("then_branch"))?;
            branch.condition = Condition::read(condition, &place.at("condition"))?;
            branches.push(branch);
        } else if branches.is_empty() {
            return Err(fields.missing("branches"));
        }
        few_enough(&place, branches.len(), MAX_BRANCHES)?;
        let default = match (fields.take(&["default_branch"]), otherwise) {
            (Value::Null, Value::Null) => None,
            (Value::Null, branch) => Some(self.side(branch, "else", &place.at("else_branch"))?),
            (branch, _) => Some(self.side(branch, "default", &place.at("default_branch"))?),
        };
        let pre_steps = fields.take(&["pre_steps"]);
        Ok(Conditional {
            branches,
            default,
            pre_steps: self.steps(pre_steps, &within(&place, "pre_steps"))?,
            all_matching: fields.flag(&["execute_all_matching"])?.unwrap_or(false),
            default_on_no_match: fields
                .flag(&["execute_default_on_no_match"])?
                .unwrap_or(true),
        })
    }

    /// Reads a branch that may be a mere list of steps.
    fn side(&mut self, value: Value, name: &str, place: &Place) -> Result<Branch> {
        let value = match value {
            steps @ Value::List(_) => [("steps", steps)].into_iter().collect(),
            // An empty table is an empty list as well.
            Value::Map(members) if members.is_empty() => {
                [("steps", Value::List(Vec::new()))].into_iter().collect()
            }
            other => other,
        };
        self.branch(value, name, place)
    }

    pub(super) fn looped(&mut self, fields: &mut Fields) -> Result<Loop> {
        let place = fields.place.clone();
        let mut own_limit = None;
        let over = over(fields, &mut own_limit)?;
        let body_place = fields.place_of(&["body", "steps"]).said("body");
        let body = fields.take(&["body", "steps"]);
        if body.is_null() {
            return Err(fields.missing("body"));
        }
        let usual = match over {
            Over::While(_) => 100,
            _ => 1_000_000,
        };
        let limit = fields.count(&["max_iterations"], 0)?;
        let mut breaks = Vec::new();
        let listed = fields.list(&["break_conditions"])?.unwrap_or_default();
        for (at, condition) in listed.into_iter().enumerate() {
            let place = place.at("break_conditions").at(at);
            breaks.push(Condition::read(condition, &place)?);
        }
        match fields.take(&["break_condition"]) {
            Value::Null => {}
            condition => breaks.push(Condition::read(condition, &place.at("break_condition"))?),
        }
        let batch = fields.count(&["batch_size"], 1)?.unwrap_or(1);
        let delay = fields.count(&["delay_ms", "iteration_delay_ms"], 0)?;
        Ok(Loop {
            over,
            body: self.steps(body, &body_place)?,
            max_iterations: limit.or(own_limit).unwrap_or(usual),
            breaks,
            batch: usize::try_from(batch).unwrap_or(usize::MAX),
            aggregation: aggregation(fields)?,
            delay: Duration::from_millis(delay.unwrap_or(0)),
        })
    }
}

/// Refuses too many branches.
fn few_enough(place: &Place, count: usize, most: usize) -> Result<()> {
    match count <= most {
        true => Ok(()),
        false => Err(place.told(
            error!(
                InvalidArgs,
                "{place}: at most {most} branches are possible, got {count}"
            )
            .with("limit", most),
        )),
    }
}

fn within(place: &Place, member: &str) -> Place {
    place.at(member).said(member)
}

/// Reads what a loop goes over, in each of the ways that it may be written.
fn over(fields: &mut Fields, limit: &mut Option<u64>) -> Result<Over> {
    let iterator = fields.take(&["iterator"]);
    let place = within(&fields.place, "iterator");
    match iterator {
        Value::Str(kind) => flat(fields, &kind, limit),
        Value::Null => match fields.take(&["condition"]) {
            condition @ Value::Map(_) => {
                let mut inner = Fields::new(condition, place)?;
                let kind = inner.text(&["type"])?;
                flat(&mut inner, kind.as_deref().unwrap_or_default(), limit)
            }
            Value::Null => Err(fields.missing("iterator")),
            condition => Ok(Over::While(condition_of(condition, &place)?)),
        },
        iterator => {
            let mut inner = Fields::new(iterator, place.clone())?;
            *limit = inner.count(&["max_iterations"], 0)?;
            if inner.has("range") {
                let range = inner.take(&["range"]);
                return range_of(&mut Fields::new(range, place)?);
            }
            if inner.has("collection") {
                return collection_of(&inner.take(&["collection"]), &inner);
            }
            match inner.take(&["while_condition", "while"]) {
                Value::Null => Err(inner
                    .missing("range")
                    .hint("an iterator has `range`, `collection` or `while_condition`")),
                condition => Ok(Over::While(condition_of(condition, &place)?)),
            }
        }
    }
}

fn flat(fields: &mut Fields, kind: &str, limit: &mut Option<u64>) -> Result<Over> {
    match kind {
        "range" => range_of(fields),
        "collection" => {
            let items = fields.take(&["items", "collection"]);
            collection_of(&items, fields)
        }
        "while" | "while_condition" | "expression" => {
            let condition = fields.take(&["condition", "while_condition", "expression"]);
            if condition.is_null() {
                return Err(fields.missing("condition"));
            }
            Ok(Over::While(condition_of(condition, &fields.place)?))
        }
        "count" => {
            let count = fields.count(&["max_iterations", "count"], 0)?;
            let count = count.ok_or_else(|| fields.missing("max_iterations"))?;
            *limit = Some(u64::MAX);
            let end = i64::try_from(count).unwrap_or(i64::MAX) - 1;
            Ok(Over::Range {
                start: 0,
                end,
                step: 1,
            })
        }
        other => {
            let kinds = ["range", "collection", "while", "count", "expression"];
            let expected = "'range', 'collection' or 'while'";
            let error = fields.wrong("iterator", expected, &other.into());
            match nearest(other, kinds).first() {
                Some(near) => Err(error.hint(format!("did you mean '{near}'?"))),
                None => Err(error),
            }
        }
    }
}

fn condition_of(value: Value, place: &Place) -> Result<Condition> {
    match value {
        Value::Str(text) if !matches!(text.as_str(), "always" | "never") => Ok(Condition {
            test: Test::Expression(Expression::parse(&text).map_err(|error| place.told(error))?),
            text,
            is_described: false,
        }),
        other => Condition::read(other, place),
    }
}

fn range_of(fields: &mut Fields) -> Result<Over> {
    let start = fields.integer(&["start"])?.unwrap_or(0);
    let end = fields.integer(&["end"])?;
    let end = end.ok_or_else(|| fields.missing("end"))?;
    let step = fields.integer(&["step"])?.unwrap_or(1);
    if step == 0 {
        bail!(InvalidArgs, "{}: `step` must not be 0", fields.place);
    }
    Ok(Over::Range { start, end, step })
}

fn collection_of(items: &Value, fields: &Fields) -> Result<Over> {
    match items {
        Value::List(_) | Value::Map(_) => Ok(Over::Collection(Template::new(items.clone()))),
        Value::Str(text) if text.contains("{{") || text.trim_start().starts_with('[') => {
            Ok(Over::Collection(Template::new(items.clone())))
        }
        Value::Null => Err(fields.missing("items")),
        other => Err(fields.wrong("collection", "a list or a token", other)),
    }
}

fn aggregation(fields: &mut Fields) -> Result<Aggregation> {
    let value = fields.take(&["aggregation_strategy", "aggregation"]);
    let (name, mut inner) = match value {
        Value::Null => return Ok(Aggregation::All),
        Value::Str(name) => (name, Fields::new(Value::Null, fields.place.clone())?),
        table @ Value::Map(_) => {
            let place = within(&fields.place, "aggregation_strategy");
            let mut inner = Fields::new(table, place)?;
            let name = inner.text(&["type"])?;
            (name.ok_or_else(|| inner.missing("type"))?, inner)
        }
        other => return Err(fields.wrong("aggregation_strategy", "text or a table", &other)),
    };
    let mut some = || -> Result<usize> {
        let count = inner.count(&["n"], 0)?;
        let count = count.ok_or_else(|| inner.missing("n"))?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    };
    Ok(match name.as_str() {
        "collect_all" => Aggregation::All,
        "collect_outputs" => Aggregation::Outputs,
        "last_only" => Aggregation::Last,
        "summary" => Aggregation::Summary,
        "none" => Aggregation::Nothing,
        "first_n" => Aggregation::FirstN(some()?),
        "last_n" => Aggregation::LastN(some()?),
        "custom" => {
            let aggregate = inner.function(&["aggregate"])?;
            Aggregation::Custom(aggregate.ok_or_else(|| inner.missing("aggregate"))?)
        }
        other => {
            let expected =
                "collect_all, collect_outputs, last_only, first_n, last_n, summary, none or custom";
            return Err(fields.wrong("aggregation_strategy", expected, &other.into()));
        }
    })
}
