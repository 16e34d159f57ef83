//! What a step can see: the input, the steps before it, the loops around it.

use std::sync::Arc;

use indexmap::IndexMap;
use llmspell_core::{Map, Result, Value, error, nearest};

use super::done::Done;
use super::token::Piece;

/// What a step can see. Branches and iterations have one of their own, made of the one around them.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// The input of the workflow.
    pub(super) input: Arc<Value>,
    /// The last result of each step by name, in the order of execution.
    pub(super) steps: IndexMap<Arc<str>, Arc<Done>>,
    /// The branches that were joined, for the steps after them.
    pub(super) branches: IndexMap<Arc<str>, Arc<Done>>,
    /// The innermost loop.
    pub(super) turn: Option<Arc<Turn>>,
}

/// The variables of a loop.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    pub(super) item: Value,
    pub(super) index: u64,
    /// Whether the item is several of a collection.
    pub(super) is_batch: bool,
    pub(super) parent: Option<Arc<Turn>>,
}

impl Scope {
    /// Makes the scope of an execution.
    pub(super) fn new(input: Value) -> Self {
        Self {
            input: Arc::new(input),
            ..Self::default()
        }
    }

    /// Takes the result of a step.
    pub(super) fn add(&mut self, done: &Arc<Done>) {
        self.steps.insert(done.name.clone(), done.clone());
    }

    /// Returns the step of a name, or one within another.
    ///
    /// - Errors: `NotFound` with the known names.
    pub(super) fn step(&self, names: &[String]) -> Result<&Arc<Done>> {
        find(&self.steps, names, "step")
    }

    /// Returns the step of a branch.
    ///
    /// - Errors: `NotFound` with the known names.
    pub(super) fn branch(&self, names: &[String]) -> Result<&Arc<Done>> {
        find(&self.branches, names, "branch")
    }

    /// Returns the loop so many loops further out.
    ///
    /// - Errors: `NotFound` if there is none.
    pub(super) fn turn(&self, parents: usize) -> Result<&Arc<Turn>> {
        let mut loops = std::iter::successors(self.turn.as_ref(), |turn| turn.parent.as_ref());
        loops.nth(parents).ok_or_else(|| match parents {
            0 => error!(NotFound, "there is no loop around this step"),
            _ => error!(NotFound, "there are no {parents} loops around this one"),
        })
    }

    /// Returns the indices of the loops around, the outermost first.
    pub(super) fn turns(&self) -> Vec<u64> {
        let loops = std::iter::successors(self.turn.as_ref(), |turn| turn.parent.as_ref());
        let mut turns: Vec<u64> = loops.map(|turn| turn.index).collect();
        turns.reverse();
        turns
    }

    /// Returns what a name means before any state is looked at: a variable of the loop, a member of the input.
    pub(super) fn given(&self, name: &str) -> Option<Value> {
        let of_loop = self.turn.as_ref().and_then(|turn| turn.variable(name));
        of_loop.or_else(|| self.input.get(name).cloned())
    }

    /// Returns `{step = output}`.
    pub(super) fn outputs(&self) -> Value {
        let steps = self.steps.iter();
        Value::Map(
            steps
                .map(|(name, done)| (name.to_string(), done.output.clone()))
                .collect(),
        )
    }

    /// Returns the results by name, as functions of the script see them.
    pub(super) fn shown(&self) -> Value {
        let shown = self.steps.iter();
        Value::Map(
            shown
                .map(|(name, done)| (name.to_string(), done.brief()))
                .collect(),
        )
    }
}

/// The names of the current item.
const ITEM: [&str; 3] = ["current_item", "current_value", "loop_value"];

/// The names of the current index.
const INDEX: [&str; 3] = ["current_index", "loop_index", "iteration"];

impl Turn {
    /// Returns the variable of a name.
    fn variable(&self, name: &str) -> Option<Value> {
        match name {
            name if ITEM.contains(&name) => Some(self.item.clone()),
            name if INDEX.contains(&name) => Some(self.index.into()),
            "batch" => self.is_batch.then(|| self.item.clone()),
            "parent" => self.parent.as_ref().map(|parent| parent.shown().into()),
            _ => None,
        }
    }

    /// Returns the variables as functions of the script see them.
    pub(super) fn shown(&self) -> Map {
        let mut shown = Map::new();
        for name in ITEM {
            shown.insert(name.to_owned(), self.item.clone());
        }
        for name in INDEX {
            shown.insert(name.to_owned(), self.index.into());
        }
        if self.is_batch {
            shown.insert("batch", self.item.clone());
        }
        if let Some(parent) = &self.parent {
            shown.insert("parent", Value::Map(parent.shown()));
        }
        shown
    }
}

fn find<'a>(
    known: &'a IndexMap<Arc<str>, Arc<Done>>,
    names: &[String],
    what: &str,
) -> Result<&'a Arc<Done>> {
    let (first, inner) = names
        .split_first()
        .ok_or_else(|| error!(NotFound, "no {what} is named"))?;
    let mut done = known
        .get(first.as_str())
        .ok_or_else(|| unknown(what, first, known.keys().map(|name| &**name)))?;
    for name in inner {
        let around = done;
        let found = around.inner.iter().rfind(|inner| *inner.name == **name);
        done = found.ok_or_else(|| {
            let names = around.inner.iter().map(|inner| &*inner.name);
            unknown(&format!("step within '{}'", around.name), name, names)
        })?;
    }
    Ok(done)
}

fn unknown<'a>(
    what: &str,
    name: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> llmspell_core::Error {
    let mut error =
        error!(NotFound, "there is no {what} '{name}' before this one").with("step", name);
    if let Some(near) = nearest(name, names.clone()).first() {
        error = error.hint(format!("did you mean '{near}'?"));
    }
    let mut known: Vec<&str> = names.take(12).collect();
    known.dedup();
    match known.is_empty() {
        true => error.hint("there are none"),
        false => error.hint(format!("there are: {}", known.join(", "))),
    }
}

/// Returns the value at a path; null if there is none. Text that is JSON is not looked into.
pub(super) fn at(value: &Value, path: &[Piece]) -> Value {
    let mut found = value;
    for piece in path {
        let inner = match piece {
            Piece::Name(name) => found.get(name),
            Piece::Index(index) => found.as_list().and_then(|items| items.get(*index)),
        };
        match inner {
            Some(inner) => found = inner,
            None => return Value::Null,
        }
    }
    found.clone()
}
