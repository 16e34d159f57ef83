//! What can be said of a configuration without running it: unknown names, branches that never run, tokens that cannot
//! resolve.

use std::collections::HashSet;
use std::sync::Arc;

use llmspell_core::{Cx, Error, Kind, Result, Value, error, nearest};

use super::condition::{Condition, Is, Test};
use super::fields::Remark;
use super::outline::Outline;
use super::plan::{Over, Plan, Shape, Step, Who, Work};
use super::read::{self, KINDS};
use super::template::{Template, tokens_within};
use super::token::{Part, Reference, Token};
use crate::{agent, tool};

/// Returns what can be said of a configuration with `type` without running it.
pub fn check(cx: &Cx, config: Value) -> Checked {
    match plan_of(cx, config) {
        Ok(plan) => Checked::of(cx, &plan),
        Err(error) => Checked::broken(&error),
    }
}

/// Returns what a drawing of a configuration with `type` shows.
///
/// - Errors: those of reading it, with the detail `pointer`.
pub fn outline(cx: &Cx, config: Value) -> Result<Outline> {
    plan_of(cx, config).map(|plan| Outline::of(&plan))
}

fn plan_of(cx: &Cx, config: Value) -> Result<Plan> {
    let kind = kind_of(&config)?.to_owned();
    read::plan(cx, &kind, config, &kind)
}

/// Returns the type that a configuration names.
///
/// - Errors: `InvalidArgs` if it names none.
pub(super) fn kind_of(config: &Value) -> Result<&str> {
    if config.as_map().is_none() {
        let given = config.type_name();
        return Err(error!(InvalidArgs, "a workflow is a table, got {given}").with("pointer", ""));
    }
    let kind = config.get("type").and_then(Value::as_str);
    kind.ok_or_else(|| {
        let types = KINDS.join(", ");
        error!(InvalidArgs, "the workflow has no `type`")
            .hint(format!("the types are {types}"))
            .with("pointer", "")
    })
}

/// What can be said of a configuration without running it.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// What keeps it from running.
    pub errors: Vec<Remark>,
    /// What is odd.
    pub warnings: Vec<Remark>,
}

impl Checked {
    pub(super) fn of(cx: &Cx, plan: &Plan) -> Self {
        let mut check = Check {
            cx,
            pointer: String::new(),
            found: Self {
                errors: Vec::new(),
                warnings: plan.warnings.clone(),
            },
        };
        check.plan(plan, &mut Vec::new(), false);
        check.found
    }

    /// Returns the first mistake as an error.
    pub(super) fn into_error(self) -> Option<Error> {
        let more = self.errors.len().saturating_sub(1);
        let first = self.errors.into_iter().next()?;
        let error = Error::new(Kind::InvalidArgs, first.text).with("pointer", first.pointer);
        Some(match more {
            0 => error,
            more => error.hint(format!(
                "there are {more} more; `llmspell workflow validate` lists them"
            )),
        })
    }

    pub(super) fn broken(error: &Error) -> Self {
        let hints = error.hints().iter();
        let text = hints.fold(error.message_alone().to_owned(), |text, hint| {
            format!("{text} ({hint})")
        });
        let pointer = error.details().get("pointer").and_then(Value::as_str);
        Self {
            errors: vec![Remark {
                text,
                pointer: pointer.unwrap_or_default().to_owned(),
            }],
            warnings: Vec::new(),
        }
    }
}

struct Check<'a> {
    cx: &'a Cx,
    /// The step that is looked at.
    pointer: String,
    found: Checked,
}

/// The steps that a step can see, and the path of plans around it.
type Seen = Vec<Arc<str>>;

impl Check<'_> {
    fn plan(&mut self, plan: &Plan, seen: &mut Seen, in_loop: bool) {
        let place = &*plan.name;
        match &plan.shape {
            Shape::Sequential(shape) => self.steps(&shape.steps, place, seen, in_loop),
            Shape::Parallel(shape) => {
                let mut ends = Vec::new();
                for branch in &shape.branches {
                    let mut own = seen.clone();
                    let place = format!("{place}/{}", branch.name);
                    self.steps(&branch.steps, &place, &mut own, in_loop);
                    ends.push(branch.name.clone());
                }
                seen.extend(ends);
                self.steps(&shape.post_steps, place, seen, in_loop);
            }
            Shape::Conditional(shape) => {
                self.steps(&shape.pre_steps, place, seen, in_loop);
                let mut always = None;
                for branch in shape.branches.iter().chain(&shape.default) {
                    let place = format!("{place}/{}", branch.name);
                    self.condition(&branch.condition, &place, seen, in_loop);
                    if matches!(branch.condition.test, Test::Constant(false)) {
                        self.warn(format!("{place}: the branch never runs"));
                    } else if let Some(first) = &always
                        && !shape.all_matching
                    {
                        self.warn(format!(
                            "{place}: the branch never runs, '{first}' before it always does"
                        ));
                    }
                    if matches!(branch.condition.test, Test::Constant(true)) {
                        always.get_or_insert_with(|| branch.name.clone());
                    }
                    let mut own = seen.clone();
                    self.steps(&branch.steps, &place, &mut own, in_loop);
                }
            }
            Shape::Loop(shape) => {
                match &shape.over {
                    Over::Collection(items) => self.template(items, place, seen, in_loop),
                    // Before the first iteration none of the body's steps is seen.
                    Over::While(condition) => self.condition(condition, place, seen, true),
                    Over::Range { .. } => {}
                }
                self.steps(&shape.body, place, seen, true);
                for condition in &shape.breaks {
                    self.condition(condition, place, seen, true);
                }
            }
        }
    }

    fn steps(&mut self, steps: &[Arc<Step>], place: &str, seen: &mut Seen, in_loop: bool) {
        for step in steps {
            let place = format!("{place}/{}", step.name);
            self.pointer.clone_from(&step.pointer);
            for condition in [&step.condition, &step.skip].into_iter().flatten() {
                self.condition(condition, &place, seen, in_loop);
            }
            self.template(&step.input, &place, seen, in_loop);
            match &step.work {
                Work::Tool(name) => self.tool(name, &place),
                Work::Agent(who) => self.agent(who, &place),
                Work::Inline(plan) => self.plan(plan, &mut seen.clone(), in_loop),
                Work::Workflow(workflow) => self.plan(&workflow.plan, &mut Vec::new(), false),
                Work::Function(_) => {}
            }
            self.pointer.clone_from(&step.pointer);
            if let Some(undo) = &step.compensate {
                let mut seen = seen.clone();
                seen.push(step.name.clone());
                self.steps(std::slice::from_ref(undo), &place, &mut seen, in_loop);
            }
            seen.push(step.name.clone());
        }
    }

    fn warn(&mut self, text: String) {
        let pointer = self.pointer.clone();
        self.found.warnings.push(Remark { text, pointer });
    }

    fn wrong(&mut self, text: String) {
        let pointer = self.pointer.clone();
        self.found.errors.push(Remark { text, pointer });
    }

    fn tool(&mut self, name: &str, place: &str) {
        let Ok(tools) = self.cx.part::<tool::Tools>() else {
            return;
        };
        if let Err(error) = tools.require(name) {
            let hint = error.hints().first().cloned().unwrap_or_default();
            self.warn(format!("{place}: {} ({hint})", error.message()));
        }
    }

    fn agent(&mut self, who: &Who, place: &str) {
        if let Who::Named(name) = who
            && !agent::exists(self.cx, name)
        {
            self.warn(format!("{place}: Agent '{name}' not found"));
        }
    }

    fn condition(&mut self, condition: &Condition, place: &str, seen: &Seen, in_loop: bool) {
        let mut all = Vec::new();
        condition.each(&mut |condition| all.push(condition));
        for condition in all {
            match &condition.test {
                Test::Tool { name, input } => {
                    self.tool(name, place);
                    self.template(input, place, seen, in_loop);
                }
                Test::Agent { who, input, .. } => {
                    self.agent(who, place);
                    self.template(input, place, seen, in_loop);
                }
                Test::Equals { step, expected } => {
                    self.step(step, place, seen);
                    self.template(expected, place, seen, in_loop);
                }
                Test::Contains { step, .. } => self.step(step, place, seen),
                Test::Shared {
                    is: Is::Equal(value) | Is::More(value) | Is::Less(value),
                    ..
                } => self.template(value, place, seen, in_loop),
                Test::Expression(expression) => {
                    let mut tokens = Vec::new();
                    expression.tokens(&mut |token| tokens.push(token));
                    for token in tokens {
                        self.token(token, place, seen, in_loop);
                    }
                }
                _ => {}
            }
        }
    }

    fn template(&mut self, template: &Template, place: &str, seen: &Seen, in_loop: bool) {
        let mut tokens = Vec::new();
        let mut malformed = Vec::new();
        template.parts(&mut |part| match part {
            Part::Token(token) => tokens_within(token, &mut |token| tokens.push(token)),
            Part::Malformed(text, why) => malformed.push((text, why)),
            Part::Text(_) => {}
        });
        for (text, why) in malformed {
            self.wrong(format!("{place}: the token '{text}' is malformed: {why}"));
        }
        for token in tokens {
            self.token(token, place, seen, in_loop);
        }
    }

    fn token(&mut self, token: &Token, place: &str, seen: &Seen, in_loop: bool) {
        match &token.reference {
            Reference::Step(wanted) | Reference::Branch(wanted) => {
                let place = format!("{place}: the token '{}'", token.written);
                self.step(&wanted.names, &place, seen);
            }
            Reference::Loop { .. } if !in_loop => {
                let written = &token.written;
                self.wrong(format!("{place}: the token '{written}' stands in no loop"));
            }
            _ => {}
        }
    }

    fn step(&mut self, names: &[String], place: &str, seen: &Seen) {
        let Some(first) = names.first() else {
            return;
        };
        if seen.iter().any(|known| **known == **first) {
            return;
        }
        let known: HashSet<&str> = seen.iter().map(|name| &**name).collect();
        let near = nearest(first, known);
        let hint = match near.first() {
            Some(near) => format!("; did you mean '{near}'?"),
            None => String::new(),
        };
        self.wrong(format!("{place}: no step '{first}' before this one{hint}"));
    }
}
