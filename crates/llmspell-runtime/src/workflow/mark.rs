//! What became of the steps of a plan.
//!
//! A step that ends leaves a sight in the journal: at the place of the call that it stands below and its path, the list
//! `[state, took_us, attempts, error, turns]`, of which the end is left out where it says nothing. Sights need no entry of
//! their own call, and a run that is resumed sees the same durations again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::value::from_record;
use llmspell_core::{CallId, Error, Result, Value};
use serde::{Deserialize, Serialize};

use super::done::Done;
use super::execute::PLAN_OP;
use super::flow::Flow;
use super::outcome::Outcome;
use super::outline::{Outline, OutlinePart, OutlineStep, PartRole};
use super::scope::Scope;
use crate::journal::{Entry, Journal, Reader, Said};

/// The sights of steps that ended.
const ENDED: &str = "workflow.step";

/// The call that a branch is.
const BRANCH: &str = "workflow.branch";

/// What became of a step or of a workflow, in all its executions together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// What counts most of it.
    pub state: MarkState,
    /// How often it ended well (count).
    pub done: u64,
    /// How often it failed (count).
    pub failed: u64,
    /// How often it was left out (count).
    pub skipped: u64,
    /// How often its work was begun (count).
    pub attempts: u64,
    /// How long it took in all (milliseconds).
    pub duration_ms: u64,
    /// The kind of its last error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// What became of a step. Of several executions the last in this list counts.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum MarkState {
    /// It never began.
    #[default]
    NotReached,
    /// A condition or a hook left it out.
    Skipped,
    /// It ended well.
    Done,
    /// It failed.
    Failed,
    /// Its process ended before it did.
    Interrupted,
    /// It is under way.
    Running,
}

impl MarkState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::NotReached,
        Self::Skipped,
        Self::Done,
        Self::Failed,
        Self::Interrupted,
        Self::Running,
    ];

    /// Returns the name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NotReached => "not_reached",
            Self::Skipped => "skipped",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
            Self::Running => "running",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

impl Mark {
    fn of(state: MarkState) -> Self {
        Self {
            state,
            ..Self::default()
        }
    }

    fn add(&mut self, other: Self) {
        self.state = self.state.max(other.state);
        self.done += other.done;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.attempts += other.attempts;
        self.duration_ms += other.duration_ms;
        if other.error.is_some() {
            self.error = other.error;
        }
    }

    /// Reads a sight; one that is none says nothing.
    fn read(sight: &Value) -> Self {
        let member = |at: usize| sight.as_list().and_then(|members| members.get(at));
        let number = |at: usize| member(at).and_then(Value::as_int).map(i64::unsigned_abs);
        let state = member(0).and_then(Value::as_str);
        let state = state.and_then(MarkState::from_name).unwrap_or_default();
        let is = |other: MarkState| u64::from(state == other);
        let ran = is(MarkState::Done) + is(MarkState::Failed);
        Self {
            state,
            done: is(MarkState::Done),
            failed: is(MarkState::Failed),
            skipped: is(MarkState::Skipped),
            attempts: number(2).unwrap_or(ran),
            duration_ms: number(1).unwrap_or(0) / 1000,
            error: member(3).and_then(Value::as_str).map(str::to_owned),
        }
    }
}

/// Notes in the journal how a step ended. What ended the same way in an earlier process took as long as it did there.
pub(super) fn step(flow: &Flow, scope: &Scope, done: &mut Done) {
    let (state, attempts) = match (done.has_run(), done.is_success()) {
        (false, _) => (MarkState::Skipped, 0),
        (true, true) => (MarkState::Done, done.retries + 1),
        (true, false) => (MarkState::Failed, done.retries + 1),
    };
    let end = (state, attempts, done.error.as_ref());
    let path = flow.trail(Some(&done.name));
    if let Some(took) = note(flow, &path.names(), &scope.turns(), end, done.duration) {
        done.duration = took;
    }
}

/// Notes in the journal how an execution ended.
pub(super) fn execution(flow: &Flow, outcome: Result<&Outcome, &Error>, took: Duration) {
    let error = match outcome {
        Ok(outcome) => outcome.failed.as_ref().map(|failed| &failed.error),
        Err(error) => Some(error),
    };
    let state = match error {
        None => MarkState::Done,
        Some(_) => MarkState::Failed,
    };
    let trail = flow.trail(None);
    // One that is a step is noted as the step.
    if let path @ [_] = trail.names().as_slice() {
        note(flow, path, &[], (state, 1, error), took);
    }
}

/// Notes an end, and returns how long it took if it was noted before.
fn note(
    flow: &Flow,
    path: &[&str],
    turns: &[u64],
    (state, attempts, error): (MarkState, u32, Option<&Error>),
    took: Duration,
) -> Option<Duration> {
    let journal = flow.cx.part::<Journal>().ok()?;
    if !journal.is_on() {
        return None;
    }
    let mut said = vec![
        state.name().into(),
        u64::try_from(took.as_micros()).unwrap_or(u64::MAX).into(),
        attempts.into(),
        error.map(|error| error.kind().name()).into(),
        turns.iter().map(|turn| Value::from(*turn)).collect(),
    ];
    if turns.is_empty() {
        said.pop();
        if error.is_none() {
            said.pop();
            if attempts == 1 {
                said.pop();
            }
        }
    }
    let detail = detail(path);
    loop {
        // What earlier processes saw that came otherwise this time is passed over.
        let (seen, known) = journal.see(&flow.cx, ENDED, &detail, || said.clone().into());
        if !known {
            return None;
        }
        let seen = seen.as_list()?;
        if seen.first() == said.first() && seen.get(2..) == said.get(2..) {
            let took = seen.get(1).and_then(Value::as_int)?;
            return Some(Duration::from_micros(took.unsigned_abs()));
        }
    }
}

/// Returns what tells the place of a step from those of the others below the same call.
fn detail(path: &[&str]) -> String {
    let mut text = String::new();
    for name in path {
        // With the length no name can look like two.
        text.push_str(&format!("{}:{name}", name.len()));
    }
    text
}

/// Returns the workflows that the script of a session executed, each once in the order of the first executions, with what
/// became of their steps.
///
/// A session that was recorded before there were marks has none. `at_work` says whether its process still runs.
///
/// - Errors: `Corrupt` naming the entry of the journal that cannot be read.
pub async fn executed(reader: &Reader, session: &str, at_work: bool) -> Result<Vec<Outline>> {
    let mut told = Told::default();
    for entry in reader.lines(session).await? {
        told.read(&entry, reader).await?;
    }
    Ok(told.outlines(at_work))
}

/// What a journal tells of workflows.
#[derive(Default)]
struct Told {
    parents: HashMap<CallId, CallId>,
    /// The plans by the executions, of which each is one call.
    plans: IndexMap<CallId, Outline>,
    /// The executions and branches that have not ended, with the names of the branches.
    open: HashMap<CallId, Option<String>>,
    /// The sights by their places, and the calls that they stand below.
    sights: HashMap<CallId, Vec<Value>>,
    above: IndexMap<CallId, ()>,
}

impl Told {
    async fn read(&mut self, entry: &Entry, reader: &Reader) -> Result<()> {
        if entry.said == Said::Saw {
            if let Some(Value::List(seen)) = sights(entry)? {
                self.sights.entry(entry.id).or_default().extend(seen);
                self.above.insert(entry.parent, ());
            }
            return Ok(());
        }
        if !entry.op.is_empty() {
            self.parents.insert(entry.id, entry.parent);
        }
        match (entry.said, entry.op.as_str(), &entry.args) {
            (_, PLAN_OP, Some(args)) => {
                let plan = reader.value(args).await?.get("plan").cloned();
                // Of an edited script the plan that ran last is shown.
                let plan = plan.unwrap_or_default().into_typed()?;
                self.plans.insert(entry.parent, plan);
            }
            (Said::Begin, BRANCH, Some(args)) => {
                let args = reader.glance(args).await?;
                let name = args.get("branch").and_then(Value::as_str);
                self.open.insert(entry.id, name.map(str::to_owned));
            }
            (Said::Begin, "workflow.execute", _) => {
                self.open.insert(entry.id, None);
            }
            (Said::End | Said::Call | Said::Gone, ..) => {
                self.open.remove(&entry.id);
            }
            _ => {}
        }
        Ok(())
    }

    fn outlines(&self, at_work: bool) -> Vec<Outline> {
        let mut above: HashMap<CallId, Vec<CallId>> = HashMap::new();
        for &call in self.above.keys() {
            if let Some(execution) = self.execution_of(call) {
                above.entry(execution).or_default().push(call);
            }
        }
        let mut alike: Vec<(&Outline, Vec<Course>)> = Vec::new();
        for (id, plan) in &self.plans {
            let course = self.course(*id, above.remove(id).unwrap_or_default());
            match alike.iter_mut().find(|(known, _)| *known == plan) {
                Some((_, courses)) => courses.push(course),
                None => alike.push((plan, vec![course])),
            }
        }
        let marked = |(plan, mut courses): (&Outline, Vec<Course>)| {
            let now = match at_work {
                true => MarkState::Running,
                false => MarkState::Interrupted,
            };
            let path = vec![plan.name.clone()];
            for course in courses.iter_mut().filter(|course| course.is_open) {
                course.follow(plan, &path);
            }
            let mut plan = plan.clone();
            if courses.iter().any(Course::says_something) {
                let all = Courses { courses, now };
                all.mark(&mut plan, &path);
            }
            plan
        };
        alike.into_iter().map(marked).collect()
    }

    /// Returns the execution with a plan that a call belongs to.
    fn execution_of(&self, call: CallId) -> Option<CallId> {
        let mut call = call;
        // A damaged journal may have calls in a circle.
        for _ in 0..=self.parents.len() {
            if self.plans.contains_key(&call) {
                return Some(call);
            }
            call = *self.parents.get(&call)?;
        }
        None
    }

    fn course(&self, execution: CallId, above: Vec<CallId>) -> Course<'_> {
        let branches = self.open.iter().filter_map(|(id, name)| {
            let name = name.clone()?;
            (self.execution_of(*id) == Some(execution)).then_some(name)
        });
        Course {
            sights: &self.sights,
            above,
            is_open: self.open.contains_key(&execution),
            branches: branches.collect(),
            under_way: HashSet::new(),
        }
    }
}

/// Returns what an entry says of steps.
fn sights(entry: &Entry) -> Result<Option<Value>> {
    match &entry.result {
        Some(seen) if entry.op == ENDED => from_record(seen).map(Some),
        _ => Ok(None),
    }
}

/// What one execution did.
struct Course<'a> {
    sights: &'a HashMap<CallId, Vec<Value>>,
    /// The calls that steps of it stand below.
    above: Vec<CallId>,
    is_open: bool,
    /// The branches that have not ended.
    branches: HashSet<String>,
    /// The steps that have not ended.
    under_way: HashSet<String>,
}

impl Course<'_> {
    fn says_something(&self) -> bool {
        self.is_open || !self.above.is_empty()
    }

    /// Returns the ends at a path: of each turn that of the last attempt.
    fn ends(&self, path: &[String]) -> Vec<&Value> {
        let names: Vec<&str> = path.iter().map(String::as_str).collect();
        let detail = detail(&names);
        let mut ends = Vec::new();
        for above in &self.above {
            let place = CallId::content(*above, ENDED, &detail);
            let mut last: IndexMap<String, &Value> = IndexMap::new();
            for sight in self.sights.get(&place).into_iter().flatten() {
                let turns = sight.as_list().and_then(|members| members.get(4));
                last.insert(turns.map(Value::to_string).unwrap_or_default(), sight);
            }
            ends.extend(last.into_values());
        }
        ends
    }

    /// Notes what was under way when the execution stopped.
    fn follow(&mut self, outline: &Outline, path: &[String]) {
        self.under_way.insert(text(path));
        for part in &outline.parts {
            let base = within(path, part);
            let entered = match part.role {
                PartRole::Steps | PartRole::Body => true,
                PartRole::Branch => part
                    .name
                    .as_ref()
                    .is_some_and(|name| self.branches.contains(name)),
                PartRole::PreSteps | PartRole::PostSteps | PartRole::Default => false,
            };
            let counts: Vec<usize> = part
                .steps
                .iter()
                .map(|step| self.ends(&then(&base, &step.name)).len())
                .collect();
            // The one that ended less often than the one before it; if they are level, a round begins.
            let behind = counts.windows(2).position(|pair| pair[1] < pair[0]);
            let at = behind.map(|before| before + 1);
            let at = at.or_else(|| (entered && is_due(part, &counts)).then_some(0));
            let Some(step) = at.and_then(|at| part.steps.get(at)) else {
                continue;
            };
            let path = then(&base, &step.name);
            match &step.workflow {
                Some(inner) => self.follow(inner, &path),
                None => {
                    self.under_way.insert(text(&path));
                }
            }
        }
    }
}

/// Returns whether steps that ended equally often begin once more: those of a loop may, others only if they never ran.
fn is_due(part: &OutlinePart, counts: &[usize]) -> bool {
    part.role == PartRole::Body || counts.first() == Some(&0)
}

/// The executions of one plan.
struct Courses<'a> {
    courses: Vec<Course<'a>>,
    /// What a step is that has not ended.
    now: MarkState,
}

impl Courses<'_> {
    fn mark(&self, outline: &mut Outline, path: &[String]) {
        outline.mark = Some(self.at(path));
        for part in &mut outline.parts {
            let base = within(path, part);
            for step in &mut part.steps {
                self.mark_step(step, &base);
            }
        }
    }

    fn mark_step(&self, step: &mut OutlineStep, base: &[String]) {
        let path = then(base, &step.name);
        step.mark = Some(self.at(&path));
        if let Some(inner) = &mut step.workflow {
            self.mark(inner, &path);
        }
        if let Some(undo) = &mut step.compensate {
            self.mark_step(undo, &path);
        }
    }

    fn at(&self, path: &[String]) -> Mark {
        let mut mark = Mark::default();
        for course in &self.courses {
            for end in course.ends(path) {
                mark.add(Mark::read(end));
            }
            if course.under_way.contains(&text(path)) {
                mark.add(Mark::of(self.now));
            }
        }
        mark
    }
}

/// Returns the path of the steps of a part.
fn within(path: &[String], part: &OutlinePart) -> Vec<String> {
    match (part.role, &part.name) {
        (PartRole::Branch | PartRole::Default, Some(name)) => then(path, name),
        _ => path.to_vec(),
    }
}

fn then(path: &[String], name: &str) -> Vec<String> {
    path.iter().cloned().chain([name.to_owned()]).collect()
}

fn text(path: &[String]) -> String {
    detail(&path.iter().map(String::as_str).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_look_like_others() {
        assert_ne!(detail(&["a", "b"]), detail(&["a1:b"]));
        assert_ne!(detail(&["ab"]), detail(&["a", "b"]));
    }

    #[test]
    fn states_have_the_names_of_their_json() {
        for state in MarkState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
    }

    #[test]
    fn several_ends_are_one_mark() {
        let read = |json: serde_json::Value| Mark::read(&json.into());
        let mut mark = Mark::default();
        for end in [
            serde_json::json!(["done", 2_500]),
            serde_json::json!(["failed", 4_000, 3, "timeout"]),
            serde_json::json!(["skipped", 0, 0, null, [2]]),
        ] {
            mark.add(read(end));
        }
        let expected = Mark {
            state: MarkState::Failed,
            done: 1,
            failed: 1,
            skipped: 1,
            attempts: 4,
            duration_ms: 6,
            error: Some("timeout".to_owned()),
        };
        assert_eq!(mark, expected);
        assert_eq!(read(serde_json::json!("odd")), Mark::default());
    }
}
