//! How artifacts are named.

use llmspell_core::{Map, Result, Value, bail, error};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of an artifact.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[schemars(title = "ArtifactId")]
pub struct Id {
    /// BLAKE3 of the content, 64 hex digits.
    pub content_hash: String,
    /// The session that it belongs to.
    pub session_id: String,
    /// Its number within the session, from 1.
    pub sequence: u64,
}

impl Id {
    /// Returns the id as a table.
    pub fn to_value(&self) -> Value {
        Value::Map(self.members())
    }

    pub(super) fn members(&self) -> Map {
        Map::from([
            ("content_hash", self.content_hash.as_str().into()),
            ("session_id", self.session_id.as_str().into()),
            ("sequence", self.sequence.into()),
        ])
    }
}

/// What a caller knows of an artifact: its id, or the hash of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This one. `hash` must be that of its content, if it is given.
    Numbered {
        /// The session that it belongs to; that of the caller if absent.
        session: Option<String>,
        /// Its number.
        sequence: u64,
        /// BLAKE3 of its content.
        hash: Option<String>,
    },
    /// The newest with this content, of the caller's session if it has one.
    Content(String),
}

impl Wanted {
    /// Reads an id table, a content hash, or the table of an artifact.
    ///
    /// - Errors: `InvalidArgs` for anything else.
    pub fn read(given: &Value) -> Result<Self> {
        let members = match given {
            Value::Str(hash) if !hash.is_empty() => return Ok(Self::Content(hash.clone())),
            Value::Map(members) => members,
            other => bail!(
                InvalidArgs,
                "an artifact is named by its id table or its content hash, got {}",
                other.type_name()
            ),
        };
        let members = match members.get("id") {
            Some(Value::Map(id)) => id,
            _ => members,
        };
        let text = |name: &str| {
            let text = members.get(name).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let (hash, session) = (text("content_hash"), text("session_id"));
        let sequence = members.get("sequence").and_then(Value::as_int);
        match (sequence.map(u64::try_from), hash) {
            (Some(Ok(sequence)), hash) => Ok(Self::Numbered {
                session,
                sequence,
                hash,
            }),
            (None, Some(hash)) => Ok(Self::Content(hash)),
            _ => Err(error!(
                InvalidArgs,
                "the id of an artifact has `content_hash`, `session_id` and `sequence`"
            )),
        }
    }

    /// Returns it as messages show it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Content(hash) => hash.clone(),
            Self::Numbered {
                session, sequence, ..
            } => match session {
                Some(session) => format!("number {sequence} of session {session}"),
                None => format!("number {sequence}"),
            },
        }
    }
}

impl From<&Id> for Wanted {
    fn from(id: &Id) -> Self {
        Self::Numbered {
            session: Some(id.session_id.clone()),
            sequence: id.sequence,
            hash: Some(id.content_hash.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn ids_hashes_and_whole_artifacts() {
        let id = json!({"content_hash": "ab", "session_id": "s", "sequence": 3});
        let wanted = Wanted::read(&id.clone().into()).unwrap();
        assert_eq!(
            wanted,
            Wanted::read(&json!({"id": id, "name": "n"}).into()).unwrap()
        );
        assert_eq!(wanted.shown(), "number 3 of session s");
        assert_eq!(
            Wanted::read(&"ab".into()).unwrap(),
            Wanted::Content("ab".into())
        );
        let hash = json!({"content_hash": "ab"});
        assert_eq!(
            Wanted::read(&hash.into()).unwrap(),
            Wanted::Content("ab".into())
        );
        for wrong in [
            json!({}),
            json!(5),
            json!(""),
            json!({"sequence": -1}),
            json!(null),
        ] {
            assert!(Wanted::read(&wrong.clone().into()).is_err(), "{wrong}");
        }
    }
}
