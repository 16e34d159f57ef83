//! What is written about artifacts, and under which keys.

use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;

use llmspell_core::value::{from_record, to_record};
use llmspell_core::{Error, Map, Result, Value, error};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::id::Id;
use crate::segment::{escaped, unescaped};
use crate::session::Holding;

const VERSION: u64 = 1;

/// What another session may do with an artifact; each includes the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// See it and its content.
    Read,
    /// Delete it.
    Write,
    /// Say who may do what with it.
    Admin,
}

impl Permission {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// Returns the name that scripts use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for Permission {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL
            .into_iter()
            .find(|permission| permission.name().eq_ignore_ascii_case(text));
        found.ok_or_else(|| {
            error!(InvalidArgs, "no permission is named '{text}'")
                .hint("write read, write or admin")
        })
    }
}

/// An artifact without its content.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Artifact {
    v: u64,
    /// Its id.
    #[serde(flatten)]
    pub id: Id,
    /// Its name within the session.
    pub name: String,
    /// The type: `agent_output tool_result user_input system_generated`, or an own word.
    pub kind: String,
    /// The MIME type.
    pub mime_type: String,
    /// Bytes of the content.
    pub size: u64,
    /// Bytes that the content takes in the store.
    pub stored_size: u64,
    /// Whether it is stored compressed.
    pub is_compressed: bool,
    /// Whether the content was given as text, and reads back so.
    pub is_text: bool,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// What the caller noted, in record form.
    custom: String,
    /// 1 for the first of its name in the session.
    pub version: u64,
    /// UTC microseconds since 1970.
    pub created_at: i64,
    /// Agent, tool or script.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// What it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<Id>,
    /// What other sessions were granted.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) grants: BTreeMap<String, BTreeSet<Permission>>,
    /// The call that made it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) call: Option<String>,
}

impl Artifact {
    /// Describes a new artifact; what is known only when it is stored is filled in then.
    pub(super) fn new(new: &super::New, content_hash: &str, size: u64) -> Self {
        Self {
            v: VERSION,
            id: Id {
                content_hash: content_hash.to_owned(),
                session_id: new.session.clone(),
                sequence: 0,
            },
            name: new.name.clone(),
            kind: new.kind.clone(),
            mime_type: new.mime_type.clone(),
            size,
            stored_size: size,
            is_compressed: false,
            is_text: new.is_text,
            tags: new.tags.clone(),
            custom: to_record(&Value::Map(new.custom.clone())),
            version: 1,
            created_at: new.created_at,
            created_by: new.created_by.clone(),
            parent: new.parent.clone(),
            grants: BTreeMap::new(),
            call: new.call.clone(),
        }
    }

    /// Returns what the caller noted.
    pub fn custom(&self) -> Map {
        match from_record(&self.custom) {
            Ok(Value::Map(custom)) => custom,
            _ => Map::new(),
        }
    }

    /// Returns whether a session may do this with the artifact.
    pub fn permits(&self, session: &str, permission: Permission) -> bool {
        let granted = self.grants.get(session).and_then(BTreeSet::last);
        self.id.session_id == session || granted.is_some_and(|granted| *granted >= permission)
    }

    pub(super) fn read(bytes: &[u8]) -> Result<Self> {
        let artifact: Self = read("an artifact", bytes)?;
        match artifact.v {
            VERSION => Ok(artifact),
            v => Err(error!(
                Corrupt,
                "the artifact '{}' has version {v}, known is {VERSION}", artifact.name
            )
            .hint("a newer llmspell wrote it; update this one")),
        }
    }

    pub(super) fn key(&self) -> String {
        key(&self.id.session_id, self.id.sequence)
    }

    pub(super) fn name_key(&self) -> String {
        let prefix = name_prefix(&self.id.session_id, &self.name);
        format!("{prefix}{:016x}", self.version)
    }

    pub(super) fn time_key(&self) -> String {
        let Id {
            session_id,
            sequence,
            ..
        } = &self.id;
        format!(
            "{}{session_id}/{sequence:016x}",
            time_prefix(self.created_at)
        )
    }

    pub(super) fn content_key(&self) -> String {
        let prefix = sharing_prefix(&self.id.content_hash, &self.id.session_id);
        format!("{prefix}{:016x}", self.id.sequence)
    }
}

/// The numbers of a session's artifacts. Whatever changes one of them changes this, so it orders all changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Shelf {
    /// The number of the artifact that was stored last.
    pub(super) last: u64,
    pub(super) artifacts: u64,
    pub(super) bytes: u64,
}

/// A content and how many artifacts have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) size: u64,
    pub(super) stored: u64,
    pub(super) lz4: bool,
    pub(super) artifacts: u64,
}

pub(super) fn write<T: Serialize>(record: &T) -> Result<Vec<u8>> {
    serde_json::to_vec(record)
        .map_err(|cause| error!(Bug, "an artifact cannot be written").source(cause))
}

pub(super) fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes)
        .map_err(|cause| error!(Corrupt, "the record of {what} is damaged: {cause}"))
}

/// Begins the keys of a session's artifacts, in the order of their numbers.
pub(super) fn prefix(session: &str) -> String {
    format!("artifact/{}/", escaped(session))
}

pub(super) fn key(session: &str, sequence: u64) -> String {
    format!("{}{sequence:016x}", prefix(session))
}

pub(super) fn shelf_key(session: &str) -> String {
    Holding::key(session)
}

/// Begins the keys of the versions of a name, in their order. Their values are numbers of artifacts.
pub(super) fn name_prefix(session: &str, name: &str) -> String {
    format!("artifact-name/{}/{}/", escaped(session), escaped(name))
}

/// Begins the keys of all artifacts, in the order of their times.
pub(super) const TIMES: &str = "artifact-time/";

/// Begins the keys of the artifacts of a moment.
pub(super) fn time_prefix(at: i64) -> String {
    format!("{TIMES}{:016x}/", at.max(0))
}

/// Begins the keys of all artifacts, in the order of the hashes of their contents.
pub(super) const CONTENTS: &str = "artifact-content/";

/// Begins the keys of the artifacts with a content.
pub(super) fn shared_prefix(hash: &str) -> String {
    format!("{CONTENTS}{hash}/")
}

/// Begins the keys of a session's artifacts with a content.
pub(super) fn sharing_prefix(hash: &str, session: &str) -> String {
    format!("{}{}/", shared_prefix(hash), escaped(session))
}

pub(super) fn call_key(call: &str) -> String {
    format!("artifact-call/{call}")
}

pub(super) fn content_key(hash: &str) -> String {
    format!("content/{hash}")
}

/// Begins the keys of the chunks of a content, in their order.
pub(super) fn chunk_prefix(hash: &str) -> String {
    format!("content/{hash}/")
}

pub(super) fn chunk_key(hash: &str, chunk: u64) -> String {
    format!("{}{chunk:08x}", chunk_prefix(hash))
}

/// Returns the session and the number at the end of a key.
pub(super) fn place(key: &[u8]) -> Result<(String, u64)> {
    let text = String::from_utf8_lossy(key);
    let mut parts = text.rsplit('/');
    let sequence = parts
        .next()
        .and_then(|hex| u64::from_str_radix(hex, 16).ok());
    match (sequence, parts.next()) {
        (Some(sequence), Some(session)) => Ok((unescaped(session), sequence)),
        _ => Err(error!(
            Corrupt,
            "the store has an artifact with the key '{text}'"
        )),
    }
}
