//! What is kept about a session beside its journal.

use llmspell_core::{Result, error};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Status;
use super::choices::Choices;
use super::lease::Lease;
use super::versioned;
use crate::journal::Totals;

pub(super) const VERSION: u64 = 1;

pub(super) const SESSIONS: &str = "session/";
pub(super) const STARTED: &str = "started/";

/// The value of the key `session/ID`, as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Meta {
    pub(super) v: u64,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) script: String,
    /// BLAKE3 of the source, in hex.
    pub(super) source: String,
    pub(super) engine: String,
    pub(super) args: Vec<String>,
    /// Whether a secret was struck out of the arguments.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) struck: bool,
    /// The working directory.
    #[serde(default)]
    pub(super) cwd: String,
    /// What the command line chose.
    #[serde(default, skip_serializing_if = "Choices::is_empty")]
    pub(super) choices: Choices,
    /// Which way the ids of its calls are derived: [`CallId::SCHEME`](llmspell_core::CallId::SCHEME).
    #[serde(default = "first_scheme")]
    pub(super) ids: u32,
    /// The key of the places of random numbers, in hex.
    #[serde(default)]
    pub(super) key: String,
    /// How often it was resumed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) resumed: u64,
    /// How many calls were answered from the journal when it was resumed last.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) answered: u64,
    pub(super) status: Status,
    /// UTC microseconds since 1970.
    pub(super) started_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ended_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) lease: Option<Lease>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) totals: Option<Totals>,
}

impl Meta {
    pub(super) fn write(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|cause| error!(Bug, "the session cannot be written").source(cause))
    }

    pub(super) fn read(id: &str, bytes: &[u8]) -> Result<Self> {
        versioned::read(id, bytes, VERSION)
    }

    /// Returns the status, found out if it is not stored.
    pub(super) fn status(&self) -> Status {
        match (self.status, &self.lease) {
            (Status::Running, Some(lease)) if lease.is_held(&self.id) => Status::Running,
            (Status::Running, _) => Status::Interrupted,
            (stored, _) => stored,
        }
    }
}

/// The way in which ids were derived when that was not recorded yet.
fn first_scheme() -> u32 {
    1
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

pub(super) fn key(id: &str) -> String {
    format!("{SESSIONS}{id}")
}

pub(super) fn started_key(at: i64, id: &str) -> String {
    format!("{STARTED}{:016x}/{id}", at.max(0))
}

pub(super) fn raw(text: String) -> Result<Box<RawValue>> {
    RawValue::from_string(text)
        .map_err(|cause| error!(Bug, "a value was written wrongly").source(cause))
}
