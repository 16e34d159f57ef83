//! The progress line on a terminal: which agent is at work, its turn, the running tool, time and tokens.

use std::collections::HashMap;
use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use llmspell_core::{Cx, Error, Observer, Op, Usage, Value};
use parking_lot::Mutex;

/// A line on standard error that says what a run is doing. It appears with the first call of an agent, a model or a
/// tool that takes a moment.
pub(crate) struct Progress {
    bar: ProgressBar,
    state: Mutex<State>,
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
    /// Makes the line if standard error is a terminal and not told to be quiet.
    pub(crate) fn on_terminal(quiet: bool) -> Option<Self> {
        let wanted = !quiet && io::stderr().is_terminal();
        wanted.then(|| Self {
            bar: ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            state: Mutex::default(),
        })
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
        self.bar.disable_steady_tick();
        self.bar.set_draw_target(ProgressDrawTarget::hidden());
    }

    fn show(&self, state: &mut State) {
        if !state.shown {
            state.shown = true;
            let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}");
            self.bar
                .set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
            self.bar
                .set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            self.bar.enable_steady_tick(Duration::from_millis(120));
        }
        self.bar.set_message(state.message());
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
