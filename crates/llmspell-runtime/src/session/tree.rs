//! The tree of the calls of a session.

use std::collections::HashMap;

use llmspell_core::{CallId, Effect, Result, Usage, Value};
use serde::Serialize;

use super::Summary;
use crate::journal::{Entry, Reader, Said};

/// A session with its calls.
#[derive(Clone, Debug, Serialize)]
pub struct Shown {
    /// The session.
    pub session: Summary,
    /// The calls that the spell itself made, each with those below it.
    pub calls: Vec<Node>,
}

impl Shown {
    /// Returns every call, each before those below it.
    pub fn all(&self) -> Vec<&Node> {
        let mut all = Vec::new();
        let mut open: Vec<&Node> = self.calls.iter().rev().collect();
        while let Some(node) = open.pop() {
            all.push(node);
            open.extend(node.calls.iter().rev());
        }
        all
    }
}

/// How a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CallState {
    /// It returned a result.
    Done,
    /// It raised an error.
    Failed,
    /// It is under way.
    Running,
    /// Its process is gone before it ended. It can be made again.
    Interrupted,
    /// It was dispatched, its outcome is unknown, and doing it twice would not be the same as once.
    InDoubt,
    /// Its caller stopped waiting.
    GivenUp,
}

/// One call.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// Its id, 32 hex digits.
    pub id: String,
    /// The op; `?` for a call of which only calls below it were written.
    pub op: String,
    /// What the call was about, if its arguments tell: the agent's name, the model, the operation.
    pub label: Option<String>,
    /// What it does to the world.
    pub effect: Option<Effect>,
    /// How it stands.
    pub state: CallState,
    /// Microseconds from the begin of the session to its begin.
    pub offset_us: i64,
    /// Microseconds from dispatch to end.
    pub took_us: Option<u64>,
    /// What the call itself reported, without the calls below it.
    pub usage: Usage,
    /// How often the body was begun.
    pub attempts: u32,
    /// The error's kind.
    pub error_kind: Option<String>,
    /// The error's sentence.
    pub error: Option<String>,
    /// Its number in the journal.
    pub seq: u64,
    /// The calls that it made, in the order in which they began.
    pub calls: Vec<Node>,
}

/// Makes the tree from the entries of a journal.
pub(super) async fn grow(
    reader: &Reader,
    entries: &[Entry],
    started_at: i64,
    running: bool,
) -> Result<Vec<Node>> {
    let mut calls = Calls::default();
    for entry in entries {
        let label = match &entry.args {
            Some(args) => label(&reader.glance(args).await?),
            None => None,
        };
        calls.read(entry, label, started_at)?;
    }
    Ok(calls.tree(running))
}

/// The calls in the order of their first entries, with their parents.
#[derive(Default)]
struct Calls {
    nodes: Vec<Option<Node>>,
    parents: Vec<CallId>,
    places: HashMap<CallId, usize>,
}

impl Calls {
    fn read(&mut self, entry: &Entry, label: Option<String>, started_at: i64) -> Result<()> {
        let place = *self.places.entry(entry.id).or_insert_with(|| {
            self.nodes.push(Some(unknown(entry)));
            self.parents.push(CallId::ROOT);
            self.nodes.len() - 1
        });
        let Some(Some(node)) = self.nodes.get_mut(place) else {
            return Ok(());
        };
        if !entry.op.is_empty() {
            node.op.clone_from(&entry.op);
            node.effect = entry.effect;
            node.label = label;
            node.offset_us = entry.at - started_at;
            self.parents[place] = entry.parent;
        }
        node.state = match entry.said {
            Said::Begin => CallState::Running,
            Said::End | Said::Call if entry.error.is_some() => CallState::Failed,
            Said::End | Said::Call => CallState::Done,
            Said::Gone | Said::Saw => CallState::GivenUp,
        };
        if entry.said != Said::Begin {
            node.took_us = entry.took_us;
            node.usage = entry.usage;
            node.attempts = entry.attempts;
        }
        if let Some(stored) = &entry.error {
            let error = llmspell_core::value::from_record(stored)?;
            let text = |name| error.get(name).and_then(Value::as_str).map(str::to_owned);
            node.error_kind = text("kind");
            node.error = text("message");
        }
        Ok(())
    }

    /// Hangs each call below the one that made it. Of a call that is not written, one without a name takes its place.
    fn tree(mut self, running: bool) -> Vec<Node> {
        for place in 0..self.parents.len() {
            let parent = self.parents[place];
            if parent != CallId::ROOT && !self.places.contains_key(&parent) {
                let mut node = unwritten(parent);
                node.offset_us = self.nodes[place].as_ref().map_or(0, |node| node.offset_us);
                self.places.insert(parent, self.nodes.len());
                self.nodes.push(Some(node));
                self.parents.push(CallId::ROOT);
            }
        }
        for node in self.nodes.iter_mut().flatten() {
            node.state = settle(node, running);
        }
        let mut below: HashMap<usize, Vec<usize>> = HashMap::new();
        let mut roots = Vec::new();
        for (place, parent) in self.parents.iter().enumerate() {
            match self.places.get(parent) {
                Some(&above) if above != place => below.entry(above).or_default().push(place),
                _ => roots.push(place),
            }
        }
        let mut tree = self.hang(roots, &below);
        // A damaged journal may have calls in a circle, which hang from no root; they are shown all the same.
        let lost: Vec<_> = (0..self.nodes.len())
            .filter(|&place| self.nodes[place].is_some())
            .collect();
        tree.extend(
            lost.into_iter()
                .filter_map(|place| self.nodes[place].take()),
        );
        tree
    }

    fn hang(&mut self, places: Vec<usize>, below: &HashMap<usize, Vec<usize>>) -> Vec<Node> {
        let mut nodes: Vec<Node> = places
            .into_iter()
            .filter_map(|place| {
                let mut node = self.nodes[place].take()?;
                if let Some(places) = below.get(&place) {
                    node.calls = self.hang(places.clone(), below);
                }
                Some(node)
            })
            .collect();
        nodes.sort_by_key(|node| (node.offset_us, node.seq));
        nodes
    }
}

/// Says what became of a call without an outcome.
fn settle(node: &Node, running: bool) -> CallState {
    match node.state {
        CallState::Running if running => CallState::Running,
        CallState::Running | CallState::GivenUp if node.effect == Some(Effect::Once) => {
            CallState::InDoubt
        }
        CallState::Running => CallState::Interrupted,
        state => state,
    }
}

fn unknown(entry: &Entry) -> Node {
    Node {
        seq: entry.seq,
        ..unwritten(entry.id)
    }
}

fn unwritten(id: CallId) -> Node {
    Node {
        id: id.to_string(),
        op: "?".into(),
        label: None,
        effect: None,
        state: CallState::Running,
        offset_us: 0,
        took_us: None,
        usage: Usage::default(),
        attempts: 1,
        error_kind: None,
        error: None,
        seq: 0,
        calls: Vec::new(),
    }
}

/// Returns what the arguments of a call say it is about: the name of the object whose method it is, the model, a tool's
/// operation, or the branch of a workflow.
fn label(args: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let map = args.as_map()?;
    let handle = map.values().find_map(Value::as_handle);
    if let Some(handle) = handle {
        let named = handle.fields.get("name").and_then(text);
        return Some(named.unwrap_or_else(|| handle.id.to_string()));
    }
    ["target", "model", "operation", "name", "branch"]
        .iter()
        .find_map(|name| map.get(name).and_then(text))
}
