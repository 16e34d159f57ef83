//! Branches at the same time.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use llmspell_core::{Cancel, Cx, Error, Kind, Map, Result, Value, error};

use super::done::{Done, Failure, Gave, milliseconds};
use super::flow::Flow;
use super::hooked;
use super::outcome::{Counts, Failed, Outcome};
use super::plan::{Branch, Join, Parallel, Shape};
use super::run::tell_function;
use super::scope::Scope;
use super::{steps, work};

pub(super) async fn run(flow: &Flow, scope: &mut Scope, plan: &Parallel) -> Result<Outcome> {
    let phase = || Map::from([("branches", plan.branches.len().into())]);
    hooked::custom(flow, "parallel_fork", "fork", phase).await;
    let (ends, stopped) = fan_out(flow, scope, plan).await?;
    hooked::custom(flow, "parallel_join", "join", phase).await;
    let mut outcome = joined(plan, &ends, stopped);
    for end in &ends {
        scope.branches.insert(end.name.clone(), end.clone());
        scope.add(end);
    }
    if outcome.is_success() && !plan.post_steps.is_empty() {
        let chain = steps::run(flow, scope, &plan.post_steps).await?;
        if let Some(output) = chain.output() {
            outcome.output = output;
        }
        if let Some(done) = &chain.failed {
            outcome.failed = Some(Failed::of(done, &*done.name));
        }
        outcome.inner.extend(chain.done.iter().cloned());
        outcome.steps.extend(chain.done);
    }
    outcome.counts = Counts::of(&outcome.steps);
    Ok(outcome)
}

/// Runs the branches and returns their ends in the order of their declaration, and whether some were stopped.
async fn fan_out(flow: &Flow, scope: &Scope, plan: &Parallel) -> Result<(Vec<Arc<Done>>, bool)> {
    let mut waiting: VecDeque<usize> = (0..plan.branches.len()).collect();
    let mut running = FuturesUnordered::new();
    let mut stops: Vec<Option<Cancel>> = vec![None; plan.branches.len()];
    let mut ends: Vec<Option<Arc<Done>>> = vec![None; plan.branches.len()];
    let (mut stopped, mut raised) = (false, None);
    loop {
        while running.len() < plan.max_concurrency
            && let Some(at) = waiting.pop_front()
        {
            let bounded = flow.cx.bounded(plan.branches[at].timeout, None);
            stops[at] = Some(bounded.cancel().clone());
            running.push(branch(flow.at(bounded), scope.clone(), at));
        }
        let Some((at, end)) = running.next().await else {
            break;
        };
        let end = match end {
            Ok(end) => Arc::new(end),
            Err(error) => {
                let failed = Done::failed(&plan.branches[at].name, "branch", error.clone().into());
                raised.get_or_insert(error);
                Arc::new(failed)
            }
        };
        hooked::custom(flow, "parallel_synchronization", "synchronization", || {
            Map::from([
                ("branch", Value::from(&*end.name)),
                ("success", end.is_success().into()),
            ])
        })
        .await;
        let reason = ends_all(plan, at, &end).filter(|_| !stopped);
        if let Some(told) = &flow.plan.calls.on_part {
            let args = vec![Value::from(&*end.name), shown(&end)];
            tell_function(flow, "on_branch_complete", told, args).await;
        }
        ends[at] = Some(end);
        let reason = reason.or_else(|| raised.clone().filter(|_| !stopped));
        if let Some(reason) = reason {
            stopped = !waiting.is_empty() || !running.is_empty();
            waiting.clear();
            for (other, stop) in stops.iter().enumerate() {
                if let (Some(stop), None) = (stop, &ends[other]) {
                    stop.cancel(reason.clone());
                }
            }
        }
    }
    if let Some(error) = raised {
        return Err(error);
    }
    let ends = plan.branches.iter().zip(ends);
    let ends = ends
        .map(|(branch, end)| end.unwrap_or_else(|| Done::skipped(&branch.name, "branch").into()));
    Ok((ends.collect(), stopped))
}

/// Returns why the other branches are to be stopped, if this end is a reason.
fn ends_all(plan: &Parallel, at: usize, end: &Done) -> Option<Error> {
    let branch = &plan.branches[at];
    let name = &branch.name;
    match plan.join {
        Join::Any if end.is_success() => Some(error!(Cancelled, "the branch '{name}' was first")),
        Join::All | Join::Merge if plan.fail_fast && branch.required && !end.is_success() => {
            Some(error!(Cancelled, "the branch '{name}' failed"))
        }
        _ => None,
    }
}

/// Runs one branch as a call of its own, so that the ids of what it calls do not depend on the others.
async fn branch(flow: Flow, scope: Scope, at: usize) -> (usize, Result<Done>) {
    let plan = flow.plan.clone();
    let Shape::Parallel(parallel) = &plan.shape else {
        return (at, Err(error!(Bug, "branches of what is not parallel")));
    };
    let own = &parallel.branches[at];
    let args = Map::from([
        ("workflow", Value::from(&*plan.name)),
        ("branch", Value::from(&*own.name)),
        ("index", at.into()),
    ]);
    let (since, cx) = (flow.now(), flow.cx.clone());
    let (inner, inner_name) = (flow.clone(), own.name.clone());
    let call = work::scoped(&cx, "workflow.branch", Value::Map(args), move |cx: Cx| {
        let flow = inner.at(cx).along(&inner_name);
        async move { below(&flow, scope, at).await }
    });
    let outcome = cx.unless_stopped(call).await.unwrap_or_else(Err);
    let mut done = match outcome {
        Ok(Ok(mut done)) => {
            done.error = done.error.map(|error| timed(own, &flow, error));
            done
        }
        // A hook stopped the workflow.
        Ok(Err(raised)) => return (at, Err(raised)),
        Err(error) => Done::failed(&own.name, "branch", timed(own, &flow, error).into()),
    };
    done.duration = flow.now().saturating_sub(since);
    (at, Ok(done))
}

fn timed(branch: &Branch, flow: &Flow, error: Error) -> Error {
    match branch.timeout {
        Some(limit) if error.kind() == Kind::Timeout && flow.cx.check().is_err() => {
            let (name, ms) = (&branch.name, limit.as_millis());
            error!(Timeout, "branch '{name}' took longer than {ms} ms").with("limit_ms", ms)
        }
        _ => error,
    }
}

type Below = (Result<Done>, Value);

async fn below(flow: &Flow, mut scope: Scope, at: usize) -> Result<Below> {
    let plan = flow.plan.clone();
    let Shape::Parallel(parallel) = &plan.shape else {
        return Err(error!(Bug, "branches of what is not parallel"));
    };
    let own = &parallel.branches[at];
    let chain = match steps::run(flow, &mut scope, &own.steps).await {
        Ok(chain) => chain,
        Err(raised) => return Ok((Err(raised), Value::Null)),
    };
    let done = of_chain(&own.name, "branch", chain);
    let recorded = Map::from([
        ("branch", Value::from(&*own.name)),
        ("success", done.is_success().into()),
    ]);
    Ok((Ok(done), Value::Map(recorded)))
}

/// Makes the end of a branch of those of its steps.
pub(super) fn of_chain(name: &Arc<str>, kind: &'static str, chain: steps::Chain) -> Done {
    let outputs = chain.done.iter();
    let outputs: Map = outputs
        .map(|done| (done.name.to_string(), done.output.clone()))
        .collect();
    let output = chain.output().unwrap_or_default();
    match &chain.failed {
        None => Done::of(
            name,
            kind,
            Gave {
                output,
                data: Value::Map(outputs),
                inner: chain.done,
            },
        ),
        Some(done) => {
            let error = done.error.clone();
            let unknown = || Error::new(Kind::Execution, "a step failed");
            Done::failed(
                name,
                kind,
                Failure {
                    error: error.unwrap_or_else(unknown),
                    data: Value::Map(outputs),
                    inner: chain.done,
                },
            )
        }
    }
}

fn joined(plan: &Parallel, ends: &[Arc<Done>], stopped: bool) -> Outcome {
    let pairs = || plan.branches.iter().zip(ends);
    let succeeded = || ends.iter().filter(|end| end.has_run() && end.is_success());
    let failed: Vec<&Arc<Done>> = ends.iter().filter(|end| !end.is_success()).collect();
    let outputs: Map = succeeded()
        .map(|end| (end.name.to_string(), end.output.clone()))
        .collect();
    let output = match plan.join {
        Join::Merge => Value::Map(merged(succeeded())),
        Join::Any => succeeded()
            .next()
            .map(|end| end.output.clone())
            .unwrap_or_default(),
        Join::All | Join::None => Value::Map(outputs.clone()),
    };
    let details = pairs().map(|(branch, end)| {
        let mut detail = Map::from([
            ("branch_name", Value::from(&*branch.name)),
            ("success", (end.has_run() && end.is_success()).into()),
            ("required", branch.required.into()),
            ("duration_ms", milliseconds(end.duration)),
        ]);
        if let Some(error) = &end.error {
            detail.insert("error", error.message().into());
        }
        Value::Map(detail)
    });
    Outcome {
        output,
        facts: Map::from([
            ("successful_branches", succeeded().count().into()),
            ("failed_branches", failed.len().into()),
            ("branch_outputs", Value::Map(outputs)),
        ]),
        extra: Map::from([
            ("branch_details", details.collect()),
            ("stopped_early", stopped.into()),
        ]),
        steps: ends
            .iter()
            .flat_map(|end| end.inner.iter().cloned())
            .collect(),
        inner: ends.to_vec(),
        failed: failure(plan, ends, &failed),
        ..Outcome::default()
    }
}

/// Joins the members of the maps that branches gave; later ones win.
fn merged<'a>(ends: impl Iterator<Item = &'a Arc<Done>>) -> Map {
    let mut merged = Map::new();
    for end in ends {
        match &end.output {
            Value::Map(members) => merged.extend(members.clone()),
            Value::Null => {}
            other => {
                merged.insert(end.name.to_string(), other.clone());
            }
        }
    }
    merged
}

fn failure(plan: &Parallel, ends: &[Arc<Done>], failed: &[&Arc<Done>]) -> Option<Failed> {
    let counts = |(branch, end): &(&Branch, &Arc<Done>)| match plan.join {
        Join::None => false,
        Join::Any => true,
        Join::All | Join::Merge => branch.required && !end.is_success(),
    };
    let won = ends.iter().any(|end| end.has_run() && end.is_success());
    if plan.join == Join::Any && (won || ends.is_empty()) {
        return None;
    }
    let mut causes = plan.branches.iter().zip(ends).filter(counts);
    // A branch that was stopped because another failed is not the cause.
    let is_cause = |(_, end): &(&Branch, &Arc<Done>)| {
        let kind = end.error.as_ref().map(Error::kind);
        kind.is_some_and(|kind| kind != Kind::Cancelled)
    };
    let first = plan.branches.iter().zip(ends).filter(counts).find(is_cause);
    let (_, cause) = first.or_else(|| causes.next())?;
    let mut because = Failed::of(cause, &*cause.name);
    let names = failed.iter().map(|end| Value::from(&*end.name));
    because.details.insert("failed_branches", names.collect());
    Some(because)
}

fn shown(end: &Done) -> Value {
    let mut shown = end.to_value();
    if let Value::Map(members) = &mut shown {
        members.insert("branch_name", Value::from(&*end.name));
    }
    shown
}
