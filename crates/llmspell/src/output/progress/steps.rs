//! The steps of workflows, as a tree that grows while they run.

use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::Value;

/// Most lines of the tree.
const LINES: usize = 20;

/// Most characters of a line.
const WIDTH: usize = 100;

/// The workflows of a run and their steps.
#[derive(Debug, Default)]
pub(super) struct Steps(Twigs);

/// What stands beside each other, by name.
type Twigs = IndexMap<String, Twig>;

/// A workflow, a branch or a step.
#[derive(Debug)]
struct Twig {
    state: State,
    /// When it began last.
    since: Duration,
    /// How often it ended.
    times: u32,
    failed: u32,
    below: Twigs,
}

#[derive(Debug, PartialEq)]
enum State {
    /// What it consists of says how it stands.
    Open,
    Running,
    Done(Duration),
    Failed(String),
}

/// What an event says about a step or a workflow.
pub(super) struct Said<'a> {
    path: Vec<&'a str>,
    state: State,
}

impl<'a> Said<'a> {
    /// Reads an event of this type; nothing if it is not about the course of a workflow.
    pub(super) fn read(kind: &str, data: &'a Value) -> Option<Self> {
        let names = data.get("path")?.as_list()?.iter();
        let path: Vec<&str> = names.filter_map(Value::as_str).collect();
        let is_step = kind.starts_with("workflow.step.");
        // A workflow that is a step is told of as a step.
        if path.is_empty() || (!is_step && path.len() > 1) {
            return None;
        }
        let state = match kind.rsplit_once('.')?.1 {
            "started" => State::Running,
            "completed" => {
                let took = data.get("duration_ms").and_then(Value::as_int).unwrap_or(0);
                State::Done(Duration::from_millis(took.unsigned_abs()))
            }
            "failed" => {
                let error = data.get("error").and_then(Value::as_str);
                State::Failed(error.unwrap_or("failed").to_owned())
            }
            _ => return None,
        };
        Some(Self { path, state })
    }
}

impl Steps {
    /// Takes what was said at a time.
    pub(super) fn take(&mut self, said: Said<'_>, now: Duration) {
        let Said { path, state } = said;
        let Some(twig) = find(&mut self.0, &path, now) else {
            return;
        };
        match &state {
            // What a repeated step did before is over.
            State::Running => (twig.since, twig.below) = (now, Twigs::new()),
            State::Failed(_) => (twig.times, twig.failed) = (twig.times + 1, twig.failed + 1),
            _ => twig.times += 1,
        }
        twig.state = state;
    }

    /// Returns the line that a step leaves where nothing moves; nothing for what was told before.
    pub(super) fn line(&mut self, said: Said<'_>, now: Duration) -> Option<String> {
        let path = said.path.join("/");
        let line = match &said.state {
            State::Running if said.path.len() == 1 => format!("{path}: started"),
            State::Done(took) => format!("{path}: done in {}", short(*took)),
            State::Failed(error) => format!("{path}: failed: {}", first_line(error)),
            State::Running | State::Open => String::new(),
        };
        let is_news = matches!(said.state, State::Failed(_)) || {
            let twig = find(&mut self.0, &said.path, now)?;
            twig.times == 0 || said.path.len() == 1
        };
        self.take(said, now);
        (is_news && !line.is_empty()).then_some(line)
    }

    /// Returns the lines of the workflows that are under way.
    pub(super) fn lines(&self, now: Duration) -> Vec<String> {
        let mut lines = Vec::new();
        for (name, twig) in self.0.iter().filter(|(_, twig)| twig.is_running()) {
            twig.draw(name, 0, now, &mut lines);
        }
        let more = lines.len().saturating_sub(LINES);
        if more > 0 {
            // What is done is known; what runs stands at the end.
            lines.drain(1..=more);
            lines.insert(1, format!("  … {more} lines"));
        }
        lines
    }
}

fn find<'a>(twigs: &'a mut Twigs, path: &[&str], now: Duration) -> Option<&'a mut Twig> {
    let (first, rest) = path.split_first()?;
    let twig = twigs.entry((*first).to_owned()).or_insert_with(|| Twig {
        state: State::Open,
        since: now,
        times: 0,
        failed: 0,
        below: Twigs::new(),
    });
    match rest.is_empty() {
        true => Some(twig),
        false => find(&mut twig.below, rest, now),
    }
}

impl Twig {
    fn is_running(&self) -> bool {
        match self.state {
            State::Open => self.below.values().any(Twig::is_running),
            State::Running => true,
            State::Done(_) | State::Failed(_) => false,
        }
    }

    fn draw(&self, name: &str, depth: usize, now: Duration, lines: &mut Vec<String>) {
        let runs = self.is_running();
        let (mark, time) = match &self.state {
            State::Open => ("·", String::new()),
            State::Running => ("•", short(now.saturating_sub(self.since))),
            State::Done(took) => ("✓", short(*took)),
            State::Failed(error) => ("✗", first_line(error).to_owned()),
        };
        let repeated = match (self.times, self.failed) {
            (0 | 1, _) => String::new(),
            (times, 0) => format!(" ({times} times)"),
            (times, failed) => format!(" ({times} times, {failed} failed)"),
        };
        let indent = "  ".repeat(depth);
        let line = format!("{indent}{mark} {name}{repeated} {time}");
        lines.push(line.trim_end().chars().take(WIDTH).collect());
        // Of what is over only failures are worth a line.
        let is_news = |below: &Twig| runs || matches!(below.state, State::Failed(_));
        for (name, below) in self.below.iter().filter(|(_, below)| is_news(below)) {
            below.draw(name, depth + 1, now, lines);
        }
    }
}

fn short(time: Duration) -> String {
    crate::cmd::running::duration(time)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// An event: its type and its facts.
    type Told = (String, Value);

    fn read(event: &Told) -> Option<Said<'_>> {
        Said::read(&event.0, &event.1)
    }

    fn event(kind: &str, path: &[&str], more: serde_json::Value) -> Told {
        let mut data = json!({"path": path});
        if let (Some(data), Some(more)) = (data.as_object_mut(), more.as_object()) {
            data.extend(more.clone());
        }
        (format!("workflow.{kind}"), data.into())
    }

    fn course() -> Vec<Told> {
        let done = json!({"duration_ms": 3});
        vec![
            event("started", &["w"], json!({})),
            event("step.started", &["w", "sum"], json!({})),
            event("step.completed", &["w", "sum"], done.clone()),
            event("step.started", &["w", "fan"], json!({})),
            event("started", &["w", "fan"], json!({})),
            event("step.started", &["w", "fan", "left", "a"], json!({})),
            event(
                "step.failed",
                &["w", "fan", "left", "a"],
                json!({"error": "bad\nworse"}),
            ),
            event("step.started", &["w", "fan", "right", "b"], json!({})),
            event("step.completed", &["w", "fan", "right", "b"], done.clone()),
            event("step.started", &["w", "fan", "right", "b"], json!({})),
        ]
    }

    #[test]
    fn a_tree_shows_what_runs_and_what_became_of_the_rest() {
        let mut steps = Steps::default();
        for event in &course() {
            if let Some(said) = read(event) {
                steps.take(said, Duration::from_millis(1500));
            }
        }
        insta::assert_snapshot!(steps.lines(Duration::from_secs(2)).join("\n"), @r"
        • w 500 ms
          ✓ sum 3 ms
          • fan 500 ms
            · left
              ✗ a bad
            · right
              • b 500 ms
        ");
        for (kind, path) in [("step.completed", &["w", "fan"][..]), ("completed", &["w"])] {
            let event = event(kind, path, json!({"duration_ms": 9}));
            steps.take(read(&event).unwrap(), Duration::from_secs(2));
        }
        assert!(steps.lines(Duration::from_secs(2)).is_empty());
    }

    #[test]
    fn where_nothing_moves_each_end_is_a_line() {
        let mut steps = Steps::default();
        let mut lines = Vec::new();
        let mut events = course();
        events.push(event(
            "step.completed",
            &["w", "fan", "right", "b"],
            json!({"duration_ms": 1}),
        ));
        events.push(event("completed", &["w"], json!({"duration_ms": 2000})));
        for event in &events {
            if let Some(said) = read(event) {
                lines.extend(steps.line(said, Duration::ZERO));
            }
        }
        insta::assert_snapshot!(lines.join("\n"), @r"
        w: started
        w/sum: done in 3 ms
        w/fan/left/a: failed: bad
        w/fan/right/b: done in 3 ms
        w: done in 2.0 s
        ");
    }

    #[test]
    fn a_long_tree_is_cut() {
        let mut steps = Steps::default();
        let started = event("started", &["w"], json!({}));
        steps.take(read(&started).unwrap(), Duration::ZERO);
        for number in 0..50 {
            let name = number.to_string();
            let event = event("step.completed", &["w", &name], json!({"duration_ms": 1}));
            steps.take(read(&event).unwrap(), Duration::ZERO);
        }
        let lines = steps.lines(Duration::ZERO);
        assert_eq!(lines.len(), LINES + 1);
        assert_eq!(lines[1], "  … 31 lines");
    }
}
