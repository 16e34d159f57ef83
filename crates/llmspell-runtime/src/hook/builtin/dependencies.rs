//! `DependencyResolver`: steps of workflows that depend on others, by `depends_on`.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use llmspell_core::{Cx, Result, Value};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;

use super::super::answer::{Again, Answer};
use super::super::context::Context;
use super::super::entry::{Answering, Hook};
use super::super::frame::Within;
use super::super::point::{Named, Point};

#[derive(Clone, Copy, Serialize, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
enum Missing {
    Fail,
    Skip,
    Mock,
}

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Config {
    /// Whether names that no step has are found before the workflow begins.
    validate_dependencies: bool,
    /// Whether a step waits for those of other branches.
    wait_for_dependencies: bool,
    circular_detection: bool,
    /// Seconds.
    timeout_waiting: f64,
    /// Whether a step on which others depend is tried once more when it fails.
    retry_failed_deps: bool,
    /// What becomes of a step whose dependency is missing or failed.
    on_missing_dep: Missing,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            validate_dependencies: true,
            wait_for_dependencies: true,
            circular_detection: true,
            timeout_waiting: 3600.0,
            retry_failed_deps: true,
            on_missing_dep: Missing::Fail,
        }
    }
}

/// How far the steps of one execution are.
#[derive(Default)]
struct Progress {
    /// What each step depends on.
    needs: HashMap<String, Vec<String>>,
    /// Those that ended, and whether they succeeded.
    ended: HashMap<String, bool>,
    /// The workflow itself and those written in place within it, as far as they have not ended.
    open: u32,
}

pub(super) struct DependencyResolver {
    config: Config,
    /// By execution.
    running: Mutex<HashMap<String, Progress>>,
    changed: Notify,
}

pub(super) fn new(config: Config) -> Result<DependencyResolver> {
    Ok(DependencyResolver {
        config,
        running: Mutex::default(),
        changed: Notify::new(),
    })
}

/// How a dependency stands.
enum State {
    Done,
    Failed,
    /// No step has that name.
    Unknown,
    Pending,
}

impl Progress {
    fn state(&self, name: &str) -> State {
        match self.ended.get(name) {
            Some(true) => State::Done,
            Some(false) => State::Failed,
            None if self.needs.contains_key(name) => State::Pending,
            None => State::Unknown,
        }
    }

    /// Returns a step that depends on itself, with the way.
    fn circle(&self) -> Option<String> {
        let mut clear = HashSet::new();
        let mut names: Vec<&String> = self.needs.keys().collect();
        names.sort();
        names
            .into_iter()
            .find_map(|name| self.walk(name, &mut Vec::new(), &mut clear))
    }

    fn walk<'a>(
        &'a self,
        name: &'a str,
        way: &mut Vec<&'a str>,
        clear: &mut HashSet<&'a str>,
    ) -> Option<String> {
        if clear.contains(name) {
            return None;
        }
        if let Some(start) = way.iter().position(|above| *above == name) {
            way.push(name);
            return Some(way[start..].join(" → "));
        }
        way.push(name);
        let needs = self.needs.get(name).into_iter().flatten();
        for need in needs {
            if let Some(circle) = self.walk(need, way, clear) {
                return Some(circle);
            }
        }
        way.pop();
        clear.insert(name);
        None
    }
}

/// Returns what tells executions of one workflow apart.
fn execution(context: &Context<'_>) -> String {
    format!("{}/{}", context.component.id, context.correlation())
}

fn names(given: Option<&Value>) -> Vec<String> {
    match given {
        Some(Value::Str(name)) => vec![name.clone()],
        Some(Value::List(names)) => names
            .iter()
            .filter_map(|name| name.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

impl DependencyResolver {
    /// Notes the steps of a workflow, and refuses one that cannot end.
    fn start(&self, context: &Context<'_>) -> Answer {
        let steps = context.data.get("steps").and_then(Value::as_list);
        let steps = steps.unwrap_or_default().iter();
        let needs = steps.filter_map(|step| {
            let name = step.get("name")?.as_str()?;
            Some((name.to_owned(), names(step.get("dependencies"))))
        });
        let mut running = self.running.lock();
        let progress = running.entry(execution(context)).or_default();
        progress.needs.extend(needs);
        progress.open += 1;
        match self.refusal(progress) {
            Some(why) => {
                running.remove(&execution(context));
                Answer::Cancel(Some(why))
            }
            None => Answer::Continue,
        }
    }

    /// Forgets an execution that has ended.
    fn end(&self, context: &Context<'_>) {
        let mut running = self.running.lock();
        let key = execution(context);
        if let Some(progress) = running.get_mut(&key) {
            progress.open = progress.open.saturating_sub(1);
            if progress.open == 0 {
                running.remove(&key);
            }
        }
    }

    fn refusal(&self, progress: &Progress) -> Option<String> {
        if self.config.circular_detection
            && let Some(circle) = progress.circle()
        {
            return Some(format!("steps depend on each other: {circle}"));
        }
        if !self.config.validate_dependencies || self.config.on_missing_dep != Missing::Fail {
            return None;
        }
        let mut missing: Vec<(&String, &String)> = progress
            .needs
            .iter()
            .flat_map(|(step, needs)| needs.iter().map(move |need| (step, need)))
            .filter(|(_, need)| !progress.needs.contains_key(*need))
            .collect();
        missing.sort();
        let (step, need) = missing.first()?;
        Some(format!(
            "the step '{step}' depends on '{need}', which is no step"
        ))
    }

    /// Returns the first dependency that is not done, and how it stands.
    fn open(&self, workflow: &str, needs: &[String]) -> Option<(String, State)> {
        let running = self.running.lock();
        let progress = running.get(workflow)?;
        needs.iter().find_map(|need| match progress.state(need) {
            State::Done => None,
            state => Some((need.clone(), state)),
        })
    }

    async fn before(&self, cx: &Cx, context: &Context<'_>) -> Result<Answer> {
        let stage = context.data.get("stage");
        let needs = names(stage.and_then(|stage| stage.get("dependencies")));
        if needs.is_empty() {
            return Ok(Answer::Continue);
        }
        let step = context.text("stage_name").unwrap_or_default();
        let limit = Duration::from_secs_f64(self.config.timeout_waiting.clamp(0.0, 1e9));
        let parallel = context.text("workflow_type") == Some("parallel");
        let waits = self.config.wait_for_dependencies && parallel;
        let workflow = &execution(context);
        let waited = async {
            loop {
                let changed = self.changed.notified();
                let mut changed = std::pin::pin!(changed);
                changed.as_mut().enable();
                match self.open(workflow, &needs) {
                    None => return Answer::Continue,
                    Some((_, State::Pending)) if waits => changed.await,
                    Some((need, state)) => return self.unmet(step, &need, &state),
                }
            }
        };
        let clock = &cx.host().clock;
        cx.unless_stopped(async {
            tokio::select! {
                biased;
                answer = waited => answer,
                () = clock.sleep(limit) => Answer::Cancel(Some(format!(
                    "what the step '{step}' depends on did not end within {} s", limit.as_secs_f64()
                ))),
            }
        })
        .await
    }

    fn unmet(&self, step: &str, need: &str, state: &State) -> Answer {
        let why = match state {
            State::Failed => "failed",
            State::Unknown => "is no step",
            State::Pending | State::Done => "has not run",
        };
        let why = format!("the step '{step}' depends on '{need}', which {why}");
        match self.config.on_missing_dep {
            Missing::Fail => Answer::Cancel(Some(why)),
            Missing::Skip => Answer::Skipped(Some(why)),
            Missing::Mock => {
                tracing::warn!(target: "llmspell::hook", "{why}; its result is made up");
                Answer::Replace(Value::from([
                    ("mocked", true.into()),
                    ("reason", why.into()),
                ]))
            }
        }
    }

    fn ended(&self, context: &Context<'_>, success: bool) -> Answer {
        let Some(step) = context.text("stage_name") else {
            return Answer::Continue;
        };
        let mut running = self.running.lock();
        let Some(progress) = running.get_mut(&execution(context)) else {
            return Answer::Continue;
        };
        let attempt = context.data.get("attempt").and_then(Value::as_int);
        let is_needed = || {
            let mut all = progress.needs.values().flatten();
            all.any(|need| need == step)
        };
        if !success && self.config.retry_failed_deps && attempt == Some(1) && is_needed() {
            return Answer::Retry(Box::new(Again {
                delay: Duration::ZERO,
                grows: false,
                max_attempts: 2,
                jitter: 0.0,
                fallback: None,
            }));
        }
        progress.ended.insert(step.to_owned(), success);
        drop(running);
        self.changed.notify_waiters();
        Answer::Continue
    }
}

impl Hook for DependencyResolver {
    fn call<'a>(&'a self, cx: &'a Within<'a>, context: &'a mut Context<'_>) -> Answering<'a> {
        Box::pin(async move {
            Ok(match context.point {
                Point::Named(Named::BeforeWorkflowStart) => self.start(context),
                Point::Named(Named::BeforeWorkflowStage) => self.before(cx, context).await?,
                Point::Named(Named::AfterWorkflowStage) => self.ended(context, true),
                Point::Named(Named::WorkflowError) if context.text("stage_name").is_some() => {
                    self.ended(context, false)
                }
                Point::Named(Named::AfterWorkflowComplete | Named::WorkflowError) => {
                    self.end(context);
                    Answer::Continue
                }
                _ => Answer::Continue,
            })
        })
    }

    fn patience(&self) -> Option<Duration> {
        // It ends by itself before that.
        let most = Duration::from_secs_f64(self.config.timeout_waiting.clamp(0.0, 1e9));
        Some(most.saturating_add(Duration::from_secs(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(steps: &[(&str, &[&str])]) -> Progress {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let steps = steps.iter();
        Progress {
            needs: steps
                .map(|(step, needs)| ((*step).to_owned(), owned(needs)))
                .collect(),
            ..Progress::default()
        }
    }

    #[test]
    fn circles_are_found_with_their_way() {
        let plain = progress(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])]);
        assert_eq!(plain.circle(), None);
        let own = progress(&[("a", &["a"])]);
        assert_eq!(own.circle().as_deref(), Some("a → a"));
        let round = progress(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]);
        assert_eq!(round.circle().as_deref(), Some("b → c → b"));
    }
}
