//! Branches of which some run.

use std::sync::Arc;

use llmspell_core::{Error, Map, Result, Value, error};

use super::done::{Done, milliseconds};
use super::flow::Flow;
use super::hooked;
use super::outcome::{Counts, Failed, Outcome};
use super::parallel::of_chain;
use super::plan::{Branch, Conditional};
use super::scope::Scope;
use super::steps;

pub(super) async fn run(flow: &Flow, scope: &mut Scope, plan: &Conditional) -> Result<Outcome> {
    let mut outcome = Outcome::default();
    let pre = steps::run(flow, scope, &plan.pre_steps).await?;
    outcome.inner.clone_from(&pre.done);
    outcome.steps = pre.done;
    let mut ends: Vec<Arc<Done>> = Vec::new();
    let mut matched = 0_u64;
    outcome.failed = pre.failed.map(|done| Failed::of(&done, &*done.name));
    if outcome.is_success() {
        for branch in &plan.branches {
            let holds = branch.condition.holds(flow, scope).await;
            hooked::custom(flow, "condition_evaluation", "condition", || {
                Map::from([
                    ("branch", Value::from(&*branch.name)),
                    ("condition", branch.condition.text.as_str().into()),
                    ("result", holds.as_ref().is_ok_and(|holds| *holds).into()),
                ])
            })
            .await;
            match holds {
                Ok(false) => continue,
                Ok(true) => matched += 1,
                Err(error) => {
                    outcome.failed = Some(wrong(branch, error));
                    break;
                }
            }
            let end = one(flow, scope, branch).await?;
            let failed = !end.is_success();
            ends.push(end);
            if failed || !plan.all_matching {
                break;
            }
        }
        if let (0, true, Some(branch), true) = (
            matched,
            plan.default_on_no_match,
            &plan.default,
            outcome.is_success(),
        ) {
            ends.push(one(flow, scope, branch).await?);
        }
    }
    Ok(ended(flow, plan, outcome, ends, matched))
}

async fn one(flow: &Flow, scope: &mut Scope, branch: &Branch) -> Result<Arc<Done>> {
    hooked::custom(flow, "branch_selection", "branch", || {
        Map::from([("branch", Value::from(&*branch.name))])
    })
    .await;
    let since = flow.now();
    let bounded = flow
        .at(flow.cx.bounded(branch.timeout, None))
        .along(&branch.name);
    let chain = steps::run(&bounded, scope, &branch.steps).await?;
    let mut end = of_chain(&branch.name, "branch", chain);
    end.duration = flow.now().saturating_sub(since);
    let end = Arc::new(end);
    scope.branches.insert(end.name.clone(), end.clone());
    Ok(end)
}

fn wrong(branch: &Branch, error: Error) -> Failed {
    let name = &branch.name;
    let message = format!(
        "the condition of branch '{name}' failed: {}",
        error.message()
    );
    Failed {
        details: error.details().clone(),
        error: error
            .hints()
            .iter()
            .fold(Error::new(error.kind(), message), |wrong, hint| {
                wrong.hint(hint.as_str())
            }),
        location: name.to_string(),
    }
}

fn ended(
    flow: &Flow,
    plan: &Conditional,
    mut outcome: Outcome,
    ends: Vec<Arc<Done>>,
    matched: u64,
) -> Outcome {
    if outcome.is_success() {
        let failed = ends.iter().find(|end| !end.is_success());
        outcome.failed = match failed {
            Some(end) => Some(Failed::of(end, &*end.name)),
            None if ends.is_empty() => Some(no_match(flow)),
            None => None,
        };
    }
    let output = ends
        .last()
        .map(|end| end.output.clone())
        .unwrap_or_default();
    let executed = ends.iter().map(|end| {
        Value::from([
            ("branch_name", Value::from(&*end.name)),
            ("success", end.is_success().into()),
            ("steps_executed", Counts::of(&end.inner).executed.into()),
            ("duration_ms", milliseconds(end.duration)),
        ])
    });
    outcome.extra = Map::from([("executed_branches", executed.collect())]);
    outcome.facts = Map::from([
        ("executed_branches", ends.len().into()),
        ("matched_branches", matched.into()),
        ("total_branches", plan.branches.len().into()),
        ("branch_output", output.clone()),
    ]);
    outcome.output = output;
    let steps = ends.iter().flat_map(|end| end.inner.iter().cloned());
    outcome.steps.extend(steps);
    outcome.counts = Counts::of(&outcome.steps);
    outcome.inner.extend(ends);
    outcome
}

fn no_match(flow: &Flow) -> Failed {
    let name = &flow.plan.name;
    Failed {
        error: error!(NotFound, "no branch of workflow '{name}' matched")
            .hint("give it a `default_branch`"),
        location: name.to_string(),
        details: Map::from([("workflow", Value::from(&**name))]),
    }
}
