//! Sessions: every run is one, from its first recorded call on, and a script makes others, for which its calls are made.
//!
//! A run `R` has in its store the key `session/R` with its `Meta`, the key `started/TIME/R` by which runs are listed in the
//! order of their begin, and the log `journal/R`. A session `S` that a script made has the key `made/S` with its `Record`,
//! while it is active `active/S`, and `work/S/R` for each run that made calls for it; see
//! `docs/decisions/0016-sessions-of-a-script.md`.

mod action;
mod belongings;
mod bounds;
mod calls;
mod choices;
mod create;
mod current;
mod edit;
mod erase;
mod export;
mod kept;
mod lease;
mod list;
mod made;
mod meta;
mod middleware;
mod policy;
mod query;
mod record;
mod relation;
mod replayable;
mod resume;
mod script;
mod snapshot;
mod stage;
mod steps;
mod tree;
mod upkeep;
mod versioned;
mod work;

use std::str::FromStr;
use std::sync::Arc;

use llmspell_core::{CallId, Clock, Effect, Error, Module, Op, Result, Value};
use llmspell_store::{Batch, Durability, Store};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::journal::{Journal, Place, Recorder, Redact, Totals};

pub use belongings::Belongings;
pub use bounds::{Bounds, HookChoice, Resources, Rules};
pub use choices::Choices;
pub use kept::Keeper;
pub use list::{Filter, Sessions, Summary};
pub use made::{Made, MadeFilter};
pub use middleware::Middleware;
pub(crate) use policy::Guard;
pub use policy::Policies;
pub(crate) use record::key as record_key;
pub use relation::{Relation, RelationKind, relations};
pub use resume::{Resumable, Resumption};
pub use script::{Facts, ScriptSessions};
pub use stage::Stage;
pub use tree::{CallState, Node, Shown};
pub use work::Holding;

use lease::Lease;
use meta::Meta;
use work::Work;

/// Returns the functions of the global `Session`.
pub fn module() -> Module {
    Module::new(
        "session",
        "Session",
        "Sessions: what belongs together over several runs, with its calls, numbers and artifacts.",
    )
    .op(Op::new("create", create::create).effect(Effect::Scope))
    .op(Op::new("get", query::get).positional().effect(Effect::Read))
    .op(Op::new("list", query::list).effect(Effect::Read))
    .op(step(Op::new("save", snapshot::save)))
    .op(step(Op::new("load", snapshot::load)))
    .op(step(Op::new("suspend", steps::suspend)))
    .op(step(Op::new("resume", steps::resume)))
    .op(step(Op::new("complete", steps::complete)))
    .op(step(Op::new("fail", steps::fail)))
    .op(step(Op::new("archive", steps::archive)))
    .op(step(Op::new("delete", steps::delete)))
    .op(edit(Op::new("update_metadata", edit::update_metadata)))
    .op(edit(Op::new("add_tags", edit::add_tags)))
    .op(edit(Op::new("remove_tags", edit::remove_tags)))
    .op(Op::new("stats", query::stats)
        .positional()
        .effect(Effect::Read))
    .op(Op::new("export", export::export)
        .positional()
        .effect(Effect::Idempotent)
        .effect_of(export::effect))
    .op(Op::new("get_current", current::get_current))
    .op(Op::new("set_current", current::set_current).positional())
    .op(Op::new("can_replay", replayable::can_replay)
        .positional()
        .effect(Effect::Read))
    .op(
        Op::new("get_replay_metadata", replayable::get_replay_metadata)
            .positional()
            .effect(Effect::Read),
    )
    .op(Op::new("list_replayable", replayable::list_replayable).effect(Effect::Read))
}

/// What hooks stand around: done again when a run is resumed, with what it reads and writes answered from the journal.
fn step(op: Op) -> Op {
    op.positional().effect(Effect::Scope)
}

fn edit(op: Op) -> Op {
    op.positional().effect(Effect::Idempotent)
}

/// Returns what the status of a run is among the stages of sessions.
fn stage_of(status: Status) -> Stage {
    match status {
        Status::Running => Stage::Active,
        Status::Suspended | Status::Interrupted => Stage::Suspended,
        Status::Completed => Stage::Completed,
        Status::Failed | Status::Cancelled => Stage::Failed,
    }
}

/// The store of sessions that end with their run.
const MEMORY: &str = "memory:";

/// Where sessions are kept.
#[derive(Clone, Debug)]
pub enum Choice {
    /// In the store with this URL, opened at the first recorded call.
    Url(String),
    /// In a store that is open already, and is not closed by the session.
    Store(Arc<dyn Store>),
    /// Nowhere: nothing is recorded.
    Ephemeral,
}

/// How a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its process is at it.
    Running,
    /// It ended well.
    Completed,
    /// It ended with an error.
    Failed,
    /// It was stopped and is not to go on.
    Cancelled,
    /// It was stopped and can go on.
    Suspended,
    /// Its process is gone without having said how it ended. Never stored, only found.
    Interrupted,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Cancelled,
        Self::Suspended,
        Self::Interrupted,
    ];

    /// Returns the name that listings show and filters take.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Suspended => "suspended",
            Self::Interrupted => "interrupted",
        }
    }
}

impl FromStr for Status {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let known = Self::ALL.into_iter().find(|status| status.name() == text);
        known.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|status| status.name()).collect();
            llmspell_core::error!(
                InvalidArgs,
                "no status is named '{text}'; known are {}",
                names.join(", ")
            )
        })
    }
}

/// What a session is begun with.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it is kept.
    pub store: Choice,
    /// What a recorded call survives.
    pub durability: Durability,
    /// Its name, by which it can be shown; `None` takes the script's.
    pub name: Option<String>,
    /// The name of the script: a path, `exec`, `repl`.
    pub script: String,
    /// The script's source, of which the hash is kept.
    pub source: String,
    /// Whether the source itself is kept as well, since there is no file of it. One that holds a known secret never is.
    pub keeps_source: bool,
    /// The language.
    pub engine: String,
    /// The arguments of the script.
    pub args: Vec<String>,
    /// The working directory, for a later process that resumes the run.
    pub cwd: String,
    /// The key of the places of the run's random numbers.
    pub key: [u8; 32],
    /// What the command line chose.
    pub choices: Choices,
    /// The secrets that must not be written.
    pub redact: Redact,
    /// Whether nothing is written before the script makes a session.
    pub waits: bool,
}

impl Options {
    /// Begins with a script in this language, recorded nowhere.
    pub fn new(
        script: impl Into<String>,
        source: impl Into<String>,
        engine: impl Into<String>,
    ) -> Self {
        Self {
            store: Choice::Ephemeral,
            durability: Durability::default(),
            name: None,
            script: script.into(),
            source: source.into(),
            keeps_source: false,
            engine: engine.into(),
            args: Vec::new(),
            cwd: String::new(),
            key: [0; 32],
            choices: Choices::default(),
            redact: Redact::default(),
            waits: false,
        }
    }
}

/// A session that this process runs.
///
/// Its store is opened, and made if it does not exist, by the first call that is recorded; a run without one leaves no
/// trace. One that is dropped without [`finish`](Session::finish) is shown as interrupted.
pub struct Session {
    id: String,
    /// One that leads into the memory of the run if nothing is kept beyond it.
    recorder: Arc<Recorder>,
    lasts: bool,
    journal: Arc<Journal>,
    clock: Arc<dyn Clock>,
    meta: Mutex<Meta>,
    owned: bool,
    /// What makes a run that is resumed this process's own.
    claim: Mutex<Option<Batch>>,
}

impl Session {
    /// Begins a session with a new id. Opens nothing.
    pub fn begin(options: Options, clock: Arc<dyn Clock>) -> Result<Self> {
        let id = uuid::Uuid::new_v4().hyphenated().to_string();
        let redact = options.redact;
        let clean = |text: &str| redact.text(text).into_owned();
        let started_at = clock.now();
        let meta = Meta {
            v: meta::VERSION,
            id: id.clone(),
            name: clean(options.name.as_ref().unwrap_or(&options.script)),
            script: clean(&options.script),
            source: blake3::hash(options.source.as_bytes()).to_hex().to_string(),
            engine: options.engine,
            args: options.args.iter().map(|arg| clean(arg)).collect(),
            struck: options.args.iter().any(|arg| redact.finds(arg)),
            cwd: options.cwd,
            choices: options.choices,
            ids: CallId::SCHEME,
            key: blake3::Hash::from_bytes(options.key).to_hex().to_string(),
            resumed: 0,
            answered: 0,
            status: Status::Running,
            started_at,
            ended_at: None,
            lease: Some(Lease::take(&id)),
            result: None,
            error: None,
            totals: None,
        };
        let lasts = !matches!(options.store, Choice::Ephemeral);
        let (place, owned) = match options.store {
            Choice::Url(url) => (Place::Url(url, options.durability), true),
            Choice::Store(store) => (Place::Open(store), false),
            Choice::Ephemeral => (Place::Url(MEMORY.to_owned(), options.durability), true),
        };
        let mut first = Batch::new()
            .expect_absent(meta::key(&id))
            .put(meta::key(&id), meta.write()?)
            .put(meta::started_key(started_at, &id), Vec::new());
        if options.keeps_source && lasts && !redact.finds(&options.source) {
            let source = options.source.into_bytes();
            first = first.blob(llmspell_store::hash(&source), source);
        }
        let recorder = Arc::new(Recorder::new(place, &id, first, redact, clock.clone()));
        let journal = Journal::new(recorder.clone(), lasts && !options.waits);
        Ok(Self {
            id,
            recorder,
            lasts,
            journal: Arc::new(journal),
            clock,
            meta: Mutex::new(meta),
            owned,
            claim: Mutex::default(),
        })
    }

    /// Makes a run that is resumed this process's own; does nothing for any other.
    ///
    /// - Errors: `Conflict` if another process resumes it.
    pub async fn claim(&self) -> Result<()> {
        let claim = self.claim.lock().take();
        match (claim, self.recorder.opened()) {
            (Some(claim), Some(store)) => store
                .apply(claim)
                .await
                .map(drop)
                .map_err(|cause| resume::lost(&self.id, cause)),
            _ => Ok(()),
        }
    }

    /// Returns the id, a UUID.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the journal, for the layers of the run.
    pub fn journal(&self) -> Arc<Journal> {
        self.journal.clone()
    }

    /// Returns whether anything was recorded, so that the session can be shown later.
    pub fn is_recorded(&self) -> bool {
        self.lasts && self.recorder.opened().is_some()
    }

    /// Returns the sessions that the script of this run makes and uses. They are kept where the run is recorded, and in
    /// memory if it is not.
    pub fn of_script(&self, rules: Rules) -> ScriptSessions {
        ScriptSessions::new(self, rules)
    }

    /// Returns the numbers of the calls so far.
    pub fn totals(&self) -> Totals {
        self.journal.totals()
    }

    /// Writes how the session ended, and closes its store. Does nothing if nothing was recorded.
    ///
    /// - Errors: those of the store.
    pub async fn finish(self, status: Status, outcome: Result<&Value, &Error>) -> Result<Totals> {
        let totals = self.totals();
        let recorder = &self.recorder;
        let Some(store) = recorder.opened() else {
            return Ok(totals);
        };
        let mut meta = self.meta.lock().clone();
        meta.status = status;
        meta.ended_at = Some(self.clock.now());
        meta.lease = None;
        meta.totals = Some(totals);
        meta.answered = self.journal.answered().unwrap_or(0);
        let mut batch = Batch::new();
        match outcome {
            Ok(value) => {
                let (text, blobs) = recorder.text(value, batch)?;
                batch = blobs;
                meta.result = Some(meta::raw(text)?);
            }
            Err(error) => {
                let clean = recorder.redact().value(error.to_value());
                meta.error = Some(meta::raw(llmspell_core::value::to_record(&clean))?);
            }
        }
        let mut batch = batch.put(meta::key(&self.id), meta.write()?);
        for attribution in self.journal.current().all() {
            let work = Work {
                upto: recorder.len(),
                totals: attribution.totals(),
                events: attribution.events(0),
                hooks: attribution.hooks(),
            };
            batch = batch.put(work::key(&attribution.session, &self.id), work.write()?);
        }
        let written = recorder.settle().await;
        let written = written.and(store.apply(batch).await);
        if self.owned {
            store.close().await?;
        }
        written?;
        Ok(totals)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Session({})", self.id)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        lease::release(&self.id);
    }
}
