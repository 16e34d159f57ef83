//! Progress: on a terminal which agent is at work, its turn, the running tool, time and tokens, and the tree of steps of
//! workflows; elsewhere a line for each step that ended.

mod steps;

use std::collections::HashMap;
use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use llmspell::Watched;
use llmspell_core::{Cx, Error, Observer, Op, Usage, Value};
use llmspell_runtime::event::Event;
use parking_lot::Mutex;

use self::steps::{Said, Steps};

/// What a run is doing, on standard error. On a terminal it is redrawn, from the first call of an agent, a model or a
/// tool that takes a moment, or the first workflow on.
pub(crate) struct Progress {
    bar: ProgressBar,
    /// Whether standard error is a terminal.
    moves: bool,
    began: Instant,
    state: Mutex<State>,
    /// Not locked while the bar draws, which reads it.
    steps: Arc<Mutex<Steps>>,
}

#[derive(Default)]
struct State {
    /// Calls under way, in the order of their start: depth and what they are.
    running: Vec<(u32, String)>,
    turns: HashMap<String, u32>,
    usage: Usage,
    shown: bool,
}

impl Progress {
    /// Makes the progress of runs that are told to be quiet or not.
    pub(crate) fn new(quiet: bool) -> Option<Self> {
        (!quiet).then(|| Self {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            moves: io::stderr().is_terminal(),
            began: Instant::now(),
            state: Mutex::default(),
            steps: Arc::default(),
        })
    }

    /// Makes the progress of what is typed on a terminal.
    pub(crate) fn on_terminal(quiet: bool) -> Option<Self> {
        Self::new(quiet).filter(|progress| progress.moves)
    }

    /// Returns who must be told of calls, where a line of them is shown.
    pub(crate) fn observer(self: &Arc<Self>) -> Option<Arc<dyn Observer>> {
        self.moves.then(|| self.clone() as Arc<dyn Observer>)
    }

    /// Returns what must be told of events for workflows to be seen.
    pub(crate) fn watched(self: &Arc<Self>) -> Watched {
        let progress = self.clone();
        Watched {
            patterns: vec!["workflow.**".to_owned()],
            tell: Arc::new(move |event| progress.told(event)),
        }
    }

    fn told(&self, event: &Event) {
        let data = event.data.value();
        let Some(said) = Said::read(&event.kind, &data) else {
            return;
        };
        let now = self.began.elapsed();
        if self.moves {
            self.steps.lock().take(said, now);
            self.show(&mut self.state.lock());
            return;
        }
        let line = self.steps.lock().line(said, now);
        if let Some(line) = line {
            // There is nowhere to report that standard error is closed.
            let _ = writeln!(io::stderr().lock(), "{line}");
        }
    }

    /// Does something that writes while the line is away.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        self.bar.suspend(write)
    }

    /// Takes the line away for good.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    /// Takes the line away until the next call.
    pub(crate) fn rest(&self) {
        let mut state = self.state.lock();
        *state = State::default();
        *self.steps.lock() = Steps::default();
        self.bar.disable_steady_tick();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    fn show(&self, state: &mut State) {
        if !state.shown {
            state.shown = true;
            let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}\n{tree}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
            self.bar.set_style(style.with_key("tree", self.tree()));
            self.bar
                .set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
        self.bar.set_message(state.message());
    }

    /// Returns what writes the tree of steps whenever the bar is drawn.
    fn tree(&self) -> impl Fn(&ProgressState, &mut dyn fmt::Write) + Send + Sync + Clone + 'static {
        let (steps, began) = (self.steps.clone(), self.began);
        move |_, out| {
            let lines = steps.lock().lines(began.elapsed());
            // Writing into memory does not fail.
            let _ = out.write_str(&lines.join("\n"));
        }
    }
}

impl State {
    fn message(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        let mut rest = 0;
        for (_, what) in &self.running {
            match parts.len() {
                0..3 => parts.push(what.clone()),
                _ => rest += 1,
            }
        }
        if rest > 0 {
            parts.push(format!("{rest} more"));
        }
        if let Some(tokens) = self.usage.total_tokens() {
            parts.push(format!("{tokens} tokens"));
        }
        parts.join(" · ")
    }
}

/// Returns what a call is in the line, if it is worth one.
fn label(op: &Op, args: &Value, turns: &mut HashMap<String, u32>) -> Option<String> {
    if op.tool_info().is_some() {
        return Some(op.verb().to_owned());
    }
    match op.name() {
        "agent.execute" => {
            let agent = args
                .get("agent")
                .and_then(|agent| agent.get("name"))
                .and_then(Value::as_str);
            Some(format!("agent {}", agent.unwrap_or("?")))
        }
        "model.complete" => {
            let target = args
                .get("target")
                .and_then(Value::as_str)
                .unwrap_or("model")
                .to_owned();
            let turn = turns.entry(target.clone()).or_insert(0);
            *turn += 1;
            Some(format!("{target} turn {turn}"))
        }
        _ => None,
    }
}

impl Observer for Progress {
    fn started(&self, cx: &Cx, op: &Op, args: &Value) {
        let mut state = self.state.lock();
        let Some(what) = label(op, args, &mut state.turns) else {
            return;
        };
        state.running.push((cx.depth(), what));
        self.show(&mut state);
    }

    fn ended(&self, cx: &Cx, op: &Op, _: Result<&Value, &Error>, _: Duration) {
        let mut state = self.state.lock();
        let ended = state.running.iter().rposition(|(depth, what)| {
            let same = match op.name() {
                "agent.execute" => what.starts_with("agent "),
                "model.complete" => what.contains(" turn "),
                _ => what == op.verb(),
            };
            *depth == cx.depth() && same
        });
        if let Some(at) = ended {
            state.running.remove(at);
            if op.name() == "model.complete" {
                state.usage.add(&cx.usage());
            }
            if state.shown {
                self.bar.set_message(state.message());
            }
        }
    }
}
