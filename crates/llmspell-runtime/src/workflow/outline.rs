//! A workflow as it is drawn: what there is, in which order, and when.

use llmspell_core::Value;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, Test};
use super::done::milliseconds;
use super::mark::Mark;
use super::plan::{
    Aggregation, Branch, Handler, Join, Loop, Over, Parallel, Plan, Shape, Step, Strategy, Work,
};
use super::template::Template;

/// A workflow with everything that a drawing of it shows.
///
/// - Shape: data that can be stored; the journal has one of every workflow that a spell executed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The name.
    pub name: String,
    /// `sequential`, `parallel`, `conditional` or `loop`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What is not usual about it, such as `each of {{input:files}}` or `2 at once`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Its lists of steps, in the order in which they run.
    pub parts: Vec<OutlinePart>,
    /// What became of it, in the outline of what a session executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

/// A list of steps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlinePart {
    /// What the list is.
    pub role: PartRole,
    /// The name of a branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What is not usual about it, such as `if input.n > 10` or `optional`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The steps.
    pub steps: Vec<OutlineStep>,
}

/// What a list of steps is to its workflow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartRole {
    /// The steps of a sequential workflow.
    Steps,
    /// Before the conditions of a conditional one.
    PreSteps,
    /// One of several at the same time, or of which some run.
    Branch,
    /// What runs if no condition is true.
    Default,
    /// After the branches of a parallel one.
    PostSteps,
    /// What a loop repeats.
    Body,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutlineStep {
    /// The name.
    pub name: String,
    /// `tool`, `agent`, `function`, `workflow`, or the kind of the workflow that stands in its place.
    #[serde(rename = "type")]
    pub kind: String,
    /// The tool, the agent, where the function was written, the workflow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What is not usual about it, such as `3 attempts` or `unless steps.a.output`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The workflow that it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workflow: Option<Box<Outline>>,
    /// What undoes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensate: Option<Box<OutlineStep>>,
    /// What became of it, in the outline of what a session executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mark: Option<Mark>,
}

impl Outline {
    pub(super) fn of(plan: &Plan) -> Self {
        let mut notes = of_shape(&plan.shape);
        notes.extend(of_strategy(&plan.strategy));
        if plan.timeout.as_secs() != 300 {
            notes.push(format!("at most {} ms", milliseconds(plan.timeout)));
        }
        Self {
            name: plan.name.to_string(),
            kind: plan.shape.name().to_owned(),
            description: plan.description.clone(),
            notes,
            parts: parts(&plan.shape),
            mark: None,
        }
    }
}

fn parts(shape: &Shape) -> Vec<OutlinePart> {
    let mut parts = Vec::new();
    let list = |role: PartRole, steps: &[_]| OutlinePart {
        role,
        name: None,
        notes: Vec::new(),
        steps: steps
            .iter()
            .map(|step: &std::sync::Arc<Step>| of_step(step))
            .collect(),
    };
    match shape {
        Shape::Sequential(plan) => parts.push(list(PartRole::Steps, &plan.steps)),
        Shape::Loop(plan) => parts.push(list(PartRole::Body, &plan.body)),
        Shape::Parallel(plan) => {
            parts.extend(
                plan.branches
                    .iter()
                    .map(|one| branch(one, PartRole::Branch)),
            );
            parts.push(list(PartRole::PostSteps, &plan.post_steps));
        }
        Shape::Conditional(plan) => {
            parts.push(list(PartRole::PreSteps, &plan.pre_steps));
            parts.extend(
                plan.branches
                    .iter()
                    .map(|one| branch(one, PartRole::Branch)),
            );
            parts.extend(
                plan.default
                    .iter()
                    .map(|one| branch(one, PartRole::Default)),
            );
        }
    }
    let needed = |part: &OutlinePart| {
        !part.steps.is_empty() || !matches!(part.role, PartRole::PreSteps | PartRole::PostSteps)
    };
    parts.retain(needed);
    parts
}

fn branch(branch: &Branch, role: PartRole) -> OutlinePart {
    let mut notes = Vec::new();
    if !matches!(branch.condition.test, Test::Constant(true)) {
        notes.push(format!("if {}", words(&branch.condition)));
    }
    if !branch.required {
        notes.push("optional".to_owned());
    }
    if let Some(limit) = branch.timeout {
        notes.push(format!("at most {} ms", milliseconds(limit)));
    }
    OutlinePart {
        role,
        name: Some(branch.name.to_string()),
        notes,
        steps: branch.steps.iter().map(|step| of_step(step)).collect(),
    }
}

fn of_step(step: &Step) -> OutlineStep {
    let (target, workflow) = match &step.work {
        Work::Tool(name) => (Some(name.clone()), None),
        Work::Agent(who) => (Some(who.to_string()), None),
        Work::Function(function) => (Some(function.name().to_owned()), None),
        Work::Workflow(workflow) => {
            let outline = Outline::of(&workflow.plan);
            (Some(workflow.name().to_owned()), Some(Box::new(outline)))
        }
        Work::Inline(plan) => (None, Some(Box::new(Outline::of(plan)))),
    };
    let mut notes = Vec::new();
    if let Some(condition) = &step.condition {
        notes.push(format!("if {}", words(condition)));
    }
    if let Some(condition) = &step.skip {
        notes.push(format!("unless {}", words(condition)));
    }
    if let Some(retry) = &step.retry {
        notes.push(format!("{} attempts", retry.max_attempts));
    }
    if step.on_error.is_some() {
        notes.push("on_error".to_owned());
    }
    // The limit of a workflow in place is shown with the workflow.
    if let (Some(limit), Some(_)) = (step.timeout, &target) {
        notes.push(format!("at most {} ms", milliseconds(limit)));
    }
    OutlineStep {
        name: step.name.to_string(),
        kind: step.work.kind().to_owned(),
        target,
        notes,
        workflow,
        compensate: step.compensate.as_ref().map(|undo| Box::new(of_step(undo))),
        mark: None,
    }
}

fn of_strategy(strategy: &Strategy) -> Option<String> {
    match strategy {
        Strategy::FailFast => None,
        Strategy::Continue => Some("goes on after failures".to_owned()),
        Strategy::Retry(retry) => Some(format!("{} attempts of each step", retry.max_attempts)),
    }
}

fn of_shape(shape: &Shape) -> Vec<String> {
    match shape {
        Shape::Sequential(plan) => match &plan.handler {
            None => Vec::new(),
            Some(Handler::Function(_)) => vec!["error_handler".to_owned()],
            Some(Handler::Strategy(strategy)) => of_strategy(strategy).into_iter().collect(),
        },
        Shape::Parallel(plan) => of_parallel(plan),
        Shape::Conditional(plan) if plan.all_matching => vec!["all that match".to_owned()],
        Shape::Conditional(_) => Vec::new(),
        Shape::Loop(plan) => of_loop(plan),
    }
}

fn of_parallel(plan: &Parallel) -> Vec<String> {
    let mut notes = Vec::new();
    if plan.max_concurrency < plan.branches.len() {
        notes.push(format!("{} at once", plan.max_concurrency));
    }
    match plan.join {
        Join::All => {}
        Join::Any => notes.push("the first wins".to_owned()),
        Join::Merge => notes.push("merged".to_owned()),
        Join::None => notes.push("failures do not count".to_owned()),
    }
    if !plan.fail_fast {
        notes.push("all are waited for".to_owned());
    }
    notes
}

fn of_loop(plan: &Loop) -> Vec<String> {
    let mut notes = vec![match &plan.over {
        Over::Range {
            start,
            end,
            step: 1,
        } => format!("from {start} to {end}"),
        Over::Range { start, end, step } => format!("from {start} to {end} by {step}"),
        Over::Collection(items) => format!("each of {}", short(items)),
        Over::While(condition) => format!("while {}", words(condition)),
    }];
    if plan.batch > 1 {
        notes.push(format!("{} at a time", plan.batch));
    }
    for condition in &plan.breaks {
        notes.push(format!("until {}", words(condition)));
    }
    if !matches!(plan.over, Over::Range { .. }) && plan.max_iterations < 1_000_000 {
        notes.push(format!("at most {} times", plan.max_iterations));
    }
    match &plan.aggregation {
        Aggregation::All | Aggregation::Outputs => {}
        Aggregation::Last => notes.push("the last counts".to_owned()),
        Aggregation::FirstN(n) => notes.push(format!("the first {n} count")),
        Aggregation::LastN(n) => notes.push(format!("the last {n} count")),
        Aggregation::Summary => notes.push("summary".to_owned()),
        Aggregation::Nothing => notes.push("results are not kept".to_owned()),
        Aggregation::Custom(_) => notes.push("custom aggregation".to_owned()),
    }
    notes
}

/// Returns a collection as it was written, or how long it is.
fn short(items: &Template) -> String {
    match items {
        Template::Plain(Value::List(items)) => format!("{} items", items.len()),
        Template::Plain(Value::Map(members)) => format!("{} members", members.len()),
        Template::Plain(value) => value.to_string(),
        Template::Text(parts) => parts.iter().map(ToString::to_string).collect(),
        Template::List(items) => format!("{} items", items.len()),
        Template::Map(members) => format!("{} members", members.len()),
    }
}

fn words(condition: &Condition) -> String {
    let joined = |inner: &[Condition], word: &str| {
        let inner: Vec<String> = inner.iter().map(words).collect();
        format!("({})", inner.join(word))
    };
    match &condition.test {
        Test::All(inner) => joined(inner, " and "),
        Test::Any(inner) => joined(inner, " or "),
        Test::Not(inner) => format!("not {}", words(inner)),
        Test::Function(function) => format!("function {}", function.name()),
        _ => condition.text.clone(),
    }
}
