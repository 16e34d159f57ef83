//! The calls below the functions of `Session`: what they read of the store and what they change there.
//!
//! They are calls of their own so that a run that is resumed answers them from its journal, while what stands around them,
//! hooks and events, happens again.

use std::sync::{Arc, LazyLock};

use llmspell_core::{Cx, Effect, Module, Op, Result, Value};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::Record;
use super::script::{ScriptSessions, missing};
use super::stage::Stage;
use super::work::Holding;
use super::{erase, snapshot};
use crate::journal::Totals;

/// A session as a call saw it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    /// The record as it is stored, JSON.
    record: String,
    pub(super) totals: Totals,
    pub(super) holding: Holding,
}

impl Seen {
    pub(super) async fn of(sessions: &ScriptSessions, record: &Record) -> Result<Self> {
        let (totals, holding) = sessions.counts(&record.id).await?;
        Ok(Self {
            record: record.write()?,
            totals,
            holding,
        })
    }

    /// One that was made just now.
    pub(super) fn new(record: &Record) -> Result<Self> {
        Ok(Self {
            record: record.write()?,
            totals: Totals::default(),
            holding: Holding::default(),
        })
    }

    pub(super) fn record(&self) -> Result<Record> {
        Record::read("", self.record.as_bytes())
    }
}

struct Calls {
    exists: Arc<Op>,
    look: Arc<Op>,
    put: Arc<Op>,
    step: Arc<Op>,
    erase: Arc<Op>,
    snapshot: Arc<Op>,
    revive: Arc<Op>,
}

static CALLS: LazyLock<Calls> = LazyLock::new(|| {
    let module = Module::hidden("session", "What is stored of sessions.")
        .op(Op::new("exists", run_exists).effect(Effect::Read))
        .op(Op::new("look", run_look).effect(Effect::Read))
        .op(Op::new("put", run_put).effect(Effect::Keyed))
        .op(Op::new("step", run_step).effect(Effect::Idempotent))
        .op(Op::new("erase", run_erase).effect(Effect::Idempotent))
        .op(Op::new("snapshot", run_snapshot).effect(Effect::Idempotent))
        .op(Op::new("revive", run_revive).effect(Effect::Idempotent));
    let op = |verb| crate::clock::op(&module, verb);
    Calls {
        exists: op("exists"),
        look: op("look"),
        put: op("put"),
        step: op("step"),
        erase: op("erase"),
        snapshot: op("snapshot"),
        revive: op("revive"),
    }
});

/// Returns whether there is a session, a run or one that a script made.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Exists {
    id: String,
}

async fn run_exists(cx: Cx, a: Exists) -> Result<bool> {
    let sessions = cx.part::<ScriptSessions>()?;
    Ok(sessions.facts(&a.id).await?.is_some())
}

pub(super) async fn exists(cx: &Cx, id: &str) -> Result<bool> {
    let args = Value::from_serialize(&Exists { id: id.to_owned() })?;
    Ok(cx.call(&CALLS.exists, args).await?.as_bool() == Some(true))
}

/// Returns a session that a script made, after what time alone did to it.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Look {
    id: String,
}

async fn run_look(cx: Cx, a: Look) -> Result<Value> {
    let sessions = cx.part::<ScriptSessions>()?;
    match sessions.settled(&cx, &a.id).await? {
        Some(record) => Value::from_serialize(&Seen::of(&sessions, &record).await?),
        None => Ok(Value::Null),
    }
}

/// Returns a session that a script made.
///
/// - Errors: `InvalidState` for a run, `NotFound`.
pub(super) async fn look(cx: &Cx, id: &str) -> Result<Seen> {
    match find(cx, id).await? {
        Some(seen) => Ok(seen),
        None if exists(cx, id).await? => Err(llmspell_core::error!(
            InvalidState,
            "the session {id} is a run, which begins and ends by itself"
        )
        .with("session", id)),
        None => Err(missing(id)),
    }
}

pub(super) async fn find(cx: &Cx, id: &str) -> Result<Option<Seen>> {
    let args = Value::from_serialize(&Look { id: id.to_owned() })?;
    match cx.call(&CALLS.look, args).await? {
        Value::Null => Ok(None),
        seen => seen.into_typed().map(Some),
    }
}

/// Keeps a new session.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Put {
    record: String,
}

async fn run_put(cx: Cx, a: Put) -> Result<()> {
    let record = Record::read("", a.record.as_bytes())?;
    cx.part::<ScriptSessions>()?.add(&record).await
}

pub(super) async fn put(cx: &Cx, record: &Record) -> Result<()> {
    let record = record.write()?;
    let args = Value::from_serialize(&Put { record })?;
    cx.call(&CALLS.put, args).await.map(drop)
}

/// Lets a session go to another stage; one that stands there already stays.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Step {
    id: String,
    to: Stage,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

async fn run_step(cx: Cx, a: Step) -> Result<Value> {
    let sessions = cx.part::<ScriptSessions>()?;
    let record = sessions.go(&a.id, a.to, a.reason.as_deref()).await?;
    if record.stage == Stage::Archived {
        snapshot::put_away(&sessions, record.clone()).await?;
    }
    Value::from_serialize(&Seen::of(&sessions, &record).await?)
}

pub(super) async fn step(cx: &Cx, id: &str, to: Stage, reason: Option<&str>) -> Result<Seen> {
    let args = Value::from_serialize(&Step {
        id: id.to_owned(),
        to,
        reason: reason.map(str::to_owned),
    })?;
    let seen: Seen = cx.call(&CALLS.step, args).await?.into_typed()?;
    // The run knows of it also if the journal answered.
    cx.part::<ScriptSessions>()?.note(&seen.record()?);
    Ok(seen)
}

/// Removes a session with all that is kept of it.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Erase {
    id: String,
}

async fn run_erase(cx: Cx, a: Erase) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    erase::session(&sessions, &a.id).await
}

pub(super) async fn erase(cx: &Cx, id: &str) -> Result<()> {
    let args = Value::from_serialize(&Erase { id: id.to_owned() })?;
    cx.call(&CALLS.erase, args).await.map(drop)
}

/// Writes the snapshot of a session.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Snapshot {
    id: String,
}

async fn run_snapshot(cx: Cx, a: Snapshot) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    snapshot::store(&sessions, &a.id).await
}

pub(super) async fn snapshot(cx: &Cx, id: &str) -> Result<()> {
    let args = Value::from_serialize(&Snapshot { id: id.to_owned() })?;
    cx.call(&CALLS.snapshot, args).await.map(drop)
}

/// Brings back a session of a run that is gone, or one whose record is lost.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Revive {
    id: String,
}

async fn run_revive(cx: Cx, a: Revive) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    snapshot::revive(&sessions, &a.id).await
}

pub(super) async fn revive(cx: &Cx, id: &str) -> Result<()> {
    let args = Value::from_serialize(&Revive { id: id.to_owned() })?;
    cx.call(&CALLS.revive, args).await.map(drop)
}
