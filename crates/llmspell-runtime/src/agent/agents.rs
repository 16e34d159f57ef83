//! The agents of a run.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use indexmap::IndexMap;
use llmspell_core::{Cx, Error, Handle, Ledger, Result, Value, error, nearest};
use llmspell_model::{DefaultTarget, Target};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;

use super::context::Contexts;
use super::instance::Agent;
use super::stream::Streams;
use crate::model::Models;

/// What holds for all agents of a run.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Options {
    /// Hand out answers piece by piece; otherwise a streaming call delivers one piece.
    pub enable_streaming: bool,
    /// Agents alive at the same time (count).
    pub max_agents: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            enable_streaming: true,
            max_agents: 10_000,
        }
    }
}

/// The agents of one run, their contexts and streams.
pub struct Agents {
    pub(super) options: Options,
    pub(super) contexts: Contexts,
    pub(super) streams: Streams,
    known: Mutex<Known>,
    executing: Mutex<HashSet<usize>>,
    warned: AtomicBool,
    began: OnceLock<Duration>,
}

#[derive(Default)]
struct Known {
    agents: IndexMap<Arc<str>, Arc<Agent>>,
    names: HashMap<String, Arc<str>>,
    /// How many agents were made under a name, so that an old handle keeps meaning the old agent.
    made: HashMap<String, u32>,
}

impl Agents {
    /// Makes the part of a run that holds its agents.
    pub fn new(options: Options) -> Self {
        Self {
            options,
            contexts: Contexts::default(),
            streams: Streams::default(),
            known: Mutex::default(),
            executing: Mutex::default(),
            warned: AtomicBool::new(false),
            began: OnceLock::new(),
        }
    }

    /// Ends the executions behind streams that are still open. Called when the spell has ended: they would go on alone.
    pub fn close(&self) {
        self.streams.close();
    }

    /// Returns the id under which the next agent of that name is found.
    ///
    /// - Errors: `Limit` if there are too many agents.
    pub(super) fn reserve(&self, name: &str, id: &str) -> Result<Arc<str>> {
        let mut known = self.known.lock();
        let (alive, most) = (known.agents.len(), self.options.max_agents);
        if alive >= most {
            return Err(error!(Limit, "there are {alive} agents, which is the most")
                .with("limit", most)
                .with("value", alive + 1)
                .hint("destroy agents that are no longer needed"));
        }
        let made = known.made.entry(name.to_owned()).or_insert(0);
        *made += 1;
        Ok(match *made {
            1 => id.into(),
            n => format!("{id}#{n}").into(),
        })
    }

    /// Adds an agent; its name now means it.
    pub(super) fn add(&self, agent: Arc<Agent>) {
        let mut known = self.known.lock();
        known
            .names
            .insert(agent.name().to_owned(), agent.key.clone());
        known.agents.insert(agent.key.clone(), agent);
    }

    /// Lets a name mean an agent.
    pub(super) fn alias(&self, name: &str, agent: &Agent) {
        self.known
            .lock()
            .names
            .insert(name.to_owned(), agent.key.clone());
    }

    /// Removes an agent and frees its names.
    pub(super) fn remove(&self, agent: &Agent) {
        let mut known = self.known.lock();
        known.agents.shift_remove(&agent.key);
        known.names.retain(|_, key| *key != agent.key);
    }

    /// Returns all agents in the order of their making.
    pub(super) fn all(&self) -> Vec<Arc<Agent>> {
        self.known.lock().agents.values().cloned().collect()
    }

    /// Returns the agent that a name means.
    pub(super) fn named(&self, name: &str) -> Option<Arc<Agent>> {
        let known = self.known.lock();
        known.agents.get(known.names.get(name)?).cloned()
    }

    /// Returns the agent that a name must mean.
    ///
    /// - Errors: `NotFound` with the nearest names.
    pub(super) fn require(&self, name: &str) -> Result<Arc<Agent>> {
        self.named(name).ok_or_else(|| {
            let known = self.known.lock();
            unknown(name, known.names.keys().map(String::as_str))
        })
    }

    /// Returns the agent of a handle.
    ///
    /// - Errors: `InvalidState` if it was destroyed, `NotFound` for a handle that another run stored.
    pub(super) fn of(&self, handle: &Handle) -> Result<Arc<Agent>> {
        if &*handle.kind != "agent" {
            return Err(error!(
                InvalidArgs,
                "expected an agent, got a {}", handle.kind
            ));
        }
        if let Some(agent) = self.known.lock().agents.get(&handle.id) {
            return Ok(agent.clone());
        }
        Err(match handle.fields.get("name").and_then(Value::as_str) {
            Some(name) => error!(InvalidState, "agent '{name}' was destroyed"),
            None => error!(NotFound, "no agent with the id '{}'", handle.id),
        })
    }

    /// Does not say that agents use the mock: for runs in which none of them is asked.
    pub fn keep_quiet(&self) {
        self.warned.store(true, Ordering::Relaxed);
    }

    /// Returns the model of an agent that names none. Says once per run if it is the mock.
    pub(super) fn default_target(&self, models: &Models) -> Result<Target> {
        let DefaultTarget { target, is_mock } = models.providers().default_target()?;
        if is_mock && !self.warned.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                target: "llmspell::agent",
                "no model is configured: agents use {target}, which only pretends to think. Set the key of a provider, \
                 such as OPENAI_API_KEY or ANTHROPIC_API_KEY, or `default_model` in [providers], to use a real one"
            );
        }
        Ok(target)
    }

    /// Returns the time since the first agent of the run was made.
    pub(super) fn uptime(&self, cx: &Cx) -> Duration {
        let now = cx.host().clock.monotonic();
        now.saturating_sub(*self.began.get_or_init(|| now))
    }

    /// Says that an execution charged to this account is under way.
    pub(super) fn begin(&self, ledger: &Arc<Ledger>) {
        self.executing.lock().insert(address(ledger));
    }

    /// Says that it ended.
    pub(super) fn end(&self, ledger: &Arc<Ledger>) {
        self.executing.lock().remove(&address(ledger));
    }

    /// Returns how many executions of agents this call is within.
    pub(super) fn depth(&self, cx: &Cx) -> usize {
        let executing = self.executing.lock();
        if executing.is_empty() {
            return 0;
        }
        let mut seen = 0;
        lineage(cx, |ledger| {
            seen += usize::from(executing.contains(&address(ledger)))
        });
        seen
    }
}

/// Returns within how many executions of agents a call stands.
pub(crate) fn depth(cx: &Cx) -> usize {
    cx.part_ref::<Agents>().map_or(0, |agents| agents.depth(cx))
}

fn address(ledger: &Arc<Ledger>) -> usize {
    Arc::as_ptr(ledger) as usize
}

/// Shows the accounts that this call is within, innermost first, each once.
pub(super) fn lineage(cx: &Cx, mut show: impl FnMut(&Arc<Ledger>)) {
    let mut shown: Option<usize> = None;
    let mut place = Some(cx);
    while let Some(cx) = place {
        let ledger = cx.ledger();
        if shown != Some(address(ledger)) {
            shown = Some(address(ledger));
            show(ledger);
        }
        place = cx.parent();
    }
}

fn unknown<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Error {
    let error = error!(NotFound, "Agent '{name}' not found").with("agent", name);
    match nearest(name, names).first() {
        Some(near) => error.hint(format!("did you mean '{near}'?")),
        None => error,
    }
}

impl Default for Agents {
    fn default() -> Self {
        Self::new(Options::default())
    }
}

impl fmt::Debug for Agents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known.lock();
        f.debug_list().entries(known.names.keys()).finish()
    }
}
