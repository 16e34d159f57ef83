//! Steps again and again.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::value::from_json;
use llmspell_core::{Error, Kind, Map, Name, Result, Value, error};

use super::done::{Done, milliseconds};
use super::flow::Flow;
use super::hooked;
use super::outcome::{Counts, Failed, Outcome};
use super::plan::{Aggregation, Loop, Over};
use super::run::tell_function;
use super::scope::{Scope, Turn};
use super::steps;

/// What the iterations gave so far.
struct Gathered {
    /// The steps of each iteration, as far as they are wanted.
    kept: Vec<Vec<Arc<Done>>>,
    first: Value,
    last: Value,
    total: u64,
    completed: u64,
    failed: u64,
    counts: Counts,
    ended_by: Option<String>,
}

pub(super) async fn run(flow: &Flow, scope: &mut Scope, plan: &Loop) -> Result<Outcome> {
    let since = flow.now();
    let mut gathered = Gathered {
        kept: Vec::new(),
        first: Value::Null,
        last: Value::Null,
        total: 0,
        completed: 0,
        failed: 0,
        counts: Counts::default(),
        ended_by: None,
    };
    let outer = scope.turn.take();
    let failed = match Items::of(flow, scope, plan, outer.clone()).await {
        Ok(items) => iterate(flow, scope, plan, items, outer.clone(), &mut gathered).await?,
        Err(error) => Some(at_iteration(0, error)),
    };
    scope.turn = outer;
    hooked::custom(flow, "loop_termination", "termination", || {
        Map::from([
            ("iterations", gathered.total.into()),
            ("reason", gathered.ended_by.clone().into()),
        ])
    })
    .await;
    let took = flow.now().saturating_sub(since);
    ended(flow, plan, gathered, failed, took).await
}

async fn iterate(
    flow: &Flow,
    scope: &mut Scope,
    plan: &Loop,
    mut items: Items,
    outer: Option<Arc<Turn>>,
    gathered: &mut Gathered,
) -> Result<Option<Failed>> {
    let mut index = 0;
    loop {
        scope.turn = Some(Arc::new(Turn {
            item: Value::Null,
            index,
            is_batch: false,
            parent: outer.clone(),
        }));
        let next = match &plan.over {
            Over::While(condition) => match condition.holds(flow, scope).await {
                Ok(holds) => holds.then(|| index.into()),
                Err(error) => return Ok(Some(at_iteration(index, error))),
            },
            _ => items.next(plan.batch),
        };
        let Some(item) = next else {
            return Ok(None);
        };
        if index >= plan.max_iterations {
            gathered.ended_by = Some("max_iterations".to_owned());
            return Ok(None);
        }
        if index > 0 && !plan.delay.is_zero() {
            let sleep = flow.cx.host().clock.sleep(plan.delay);
            // What stops the wait is seen by the next step.
            let _ = flow.cx.unless_stopped(sleep).await;
        }
        scope.turn = Some(Arc::new(Turn {
            item,
            index,
            is_batch: plan.batch > 1,
            parent: outer.clone(),
        }));
        if let Some(failed) = once(flow, scope, plan, index, gathered).await? {
            return Ok(Some(failed));
        }
        for condition in &plan.breaks {
            match condition.holds(flow, scope).await {
                Ok(false) => {}
                Ok(true) => {
                    let text = &condition.text;
                    gathered.ended_by = Some(match condition.is_described {
                        true => text.clone(),
                        false => format!("condition: {text}"),
                    });
                    return Ok(None);
                }
                Err(error) => return Ok(Some(at_iteration(index, error))),
            }
        }
        index += 1;
    }
}

/// Runs the body once.
async fn once(
    flow: &Flow,
    scope: &mut Scope,
    plan: &Loop,
    index: u64,
    gathered: &mut Gathered,
) -> Result<Option<Failed>> {
    let facts = || Map::from([("iteration", index.into())]);
    hooked::custom(flow, "loop_iteration_start", "iteration", facts).await;
    gathered.total += 1;
    let chain = steps::run(flow, scope, &plan.body).await?;
    hooked::custom(flow, "loop_iteration_complete", "iteration", facts).await;
    let success = chain.done.iter().all(|done| done.is_success());
    match success {
        true => gathered.completed += 1,
        false => gathered.failed += 1,
    }
    if let Some(output) = chain.output() {
        if gathered.first.is_null() {
            gathered.first = output.clone();
        }
        gathered.last = output;
    }
    chain.done.iter().for_each(|done| gathered.counts.add(done));
    if let Some(told) = &flow.plan.calls.on_part {
        let steps: Value = chain.done.iter().map(|done| done.to_value()).collect();
        let result = Map::from([
            ("success", success.into()),
            ("output", chain.output().unwrap_or_default()),
            ("steps", steps),
        ]);
        let args = vec![index.into(), Value::Map(result)];
        tell_function(flow, "on_iteration_complete", told, args).await;
    }
    gathered.keep(&plan.aggregation, chain.done);
    Ok(chain.failed.map(|done| {
        if done.error.as_ref().map(Error::kind) == Some(Kind::Timeout) && flow.cx.check().is_err() {
            gathered.ended_by = Some("timeout".to_owned());
        }
        Failed::of(&done, format!("iteration {index}"))
    }))
}

fn at_iteration(index: u64, error: Error) -> Failed {
    Failed {
        details: error.details().clone(),
        error,
        location: format!("iteration {index}"),
    }
}

/// What a loop has still to go over.
enum Items {
    None,
    Range {
        next: Option<i64>,
        end: i64,
        step: i64,
    },
    List(std::vec::IntoIter<Value>),
}

impl Items {
    async fn of(
        flow: &Flow,
        scope: &mut Scope,
        plan: &Loop,
        outer: Option<Arc<Turn>>,
    ) -> Result<Self> {
        Ok(match &plan.over {
            Over::While(_) => Self::None,
            Over::Range { start, end, step } => Self::Range {
                next: Some(*start),
                end: *end,
                step: *step,
            },
            Over::Collection(items) => {
                // The collection belongs to what is around the loop.
                scope.turn = outer;
                let items = items.resolve(flow, scope).await?;
                Self::List(list_of(items)?.into_iter())
            }
        })
    }

    fn one(&mut self) -> Option<Value> {
        match self {
            Self::None => None,
            Self::List(items) => items.next(),
            Self::Range { next, end, step } => {
                let number = next.take()?;
                let within = if *step > 0 {
                    number <= *end
                } else {
                    number >= *end
                };
                if within {
                    *next = number.checked_add(*step);
                    return Some(number.into());
                }
                None
            }
        }
    }

    /// Returns the next item, or the next several.
    fn next(&mut self, batch: usize) -> Option<Value> {
        if batch == 1 {
            return self.one();
        }
        let items: Vec<Value> = std::iter::from_fn(|| self.one()).take(batch).collect();
        (!items.is_empty()).then_some(Value::List(items))
    }
}

fn list_of(items: Value) -> Result<Vec<Value>> {
    match items {
        Value::List(items) => Ok(items),
        Value::Map(members) => {
            let pair =
                |(key, value): (Name, Value)| Value::from([("key", key.into()), ("value", value)]);
            Ok(members.into_iter().map(pair).collect())
        }
        Value::Str(text) => match from_json(&text) {
            Ok(Value::List(items)) => Ok(items),
            _ => Err(no_list("text")),
        },
        other => Err(no_list(other.type_name())),
    }
}

fn no_list(given: &str) -> Error {
    error!(
        InvalidArgs,
        "the collection must be a list or JSON text of one, got {given}"
    )
}

impl Gathered {
    /// Keeps the steps of an iteration as long as the aggregation wants them, those of the last one always.
    fn keep(&mut self, aggregation: &Aggregation, steps: Vec<Arc<Done>>) {
        match aggregation {
            Aggregation::All | Aggregation::Outputs | Aggregation::Custom(_) => {}
            Aggregation::FirstN(n) if self.kept.len() < *n => {}
            Aggregation::LastN(n) if *n > 0 => {
                if self.kept.len() == *n {
                    self.kept.remove(0);
                }
            }
            Aggregation::FirstN(n) if *n > 0 => return,
            _ => self.kept.clear(),
        }
        self.kept.push(steps);
    }
}

async fn ended(
    flow: &Flow,
    plan: &Loop,
    gathered: Gathered,
    failed: Option<Failed>,
    took: Duration,
) -> Result<Outcome> {
    let mut failed = failed;
    let results = match aggregated(flow, plan, &gathered, took).await {
        Ok(results) => results,
        Err(error) => {
            failed.get_or_insert_with(|| at_iteration(gathered.total, error));
            Value::Null
        }
    };
    let mut facts = gathered.numbers();
    facts.insert("failed_iterations", gathered.failed.into());
    facts.insert("aggregated_results", results);
    Ok(Outcome {
        output: gathered.last,
        facts,
        inner: gathered.kept.last().cloned().unwrap_or_default(),
        steps: gathered.kept.into_iter().flatten().collect(),
        counts: gathered.counts,
        failed,
        ..Outcome::default()
    })
}

impl Gathered {
    fn numbers(&self) -> Map {
        let mut numbers = Map::from([
            ("total_iterations", self.total.into()),
            ("completed_iterations", self.completed.into()),
        ]);
        if let Some(reason) = &self.ended_by {
            numbers.insert("break_reason", reason.as_str().into());
        }
        numbers
    }

    fn iterations(&self) -> Value {
        let iterations = self.kept.iter();
        iterations
            .map(|steps| {
                let steps = steps.iter().map(|done| done.to_value());
                steps.collect::<Value>()
            })
            .collect()
    }
}

async fn aggregated(
    flow: &Flow,
    plan: &Loop,
    gathered: &Gathered,
    took: Duration,
) -> Result<Value> {
    let last_of = |steps: &Vec<Arc<Done>>| {
        let ran = steps
            .iter()
            .rev()
            .find(|done| done.is_success() && done.has_run());
        ran.map(|done| done.output.clone()).unwrap_or_default()
    };
    Ok(match &plan.aggregation {
        Aggregation::All => {
            let mut about = gathered.numbers();
            about.insert("duration_ms", milliseconds(took));
            Value::from([
                ("all_iterations", gathered.iterations()),
                ("loop_metadata", Value::Map(about)),
            ])
        }
        Aggregation::Outputs | Aggregation::FirstN(_) | Aggregation::LastN(_) => {
            let none = matches!(
                plan.aggregation,
                Aggregation::FirstN(0) | Aggregation::LastN(0)
            );
            let kept = gathered.kept.iter().filter(|_| !none);
            kept.map(last_of).collect()
        }
        Aggregation::Last => gathered.last.clone(),
        Aggregation::Summary => Value::from([
            ("total", gathered.total.into()),
            ("completed", gathered.completed.into()),
            ("failed", gathered.failed.into()),
            ("first_output", gathered.first.clone()),
            ("last_output", gathered.last.clone()),
        ]),
        Aggregation::Nothing => Value::Null,
        Aggregation::Custom(aggregate) => {
            let call = aggregate.call(&flow.cx, vec![gathered.iterations()]);
            flow.cx.unless_stopped(call).await??
        }
    })
}
