//! `Session.save` and `load`: a copy of what is kept of a session beside the journals.
//!
//! The key `snapshot/S`, in `archive/S` once the session was put away, has: `LLS1`, the length of the JSON text (32 bits, little
//! end first), the first 16 bytes of the text's BLAKE3 hash, the text compressed as one LZ4 block.

use llmspell_core::{Cx, Error, Result, error};
use llmspell_store::{Batch, Store};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::record::{self, Record};
use super::script::{ScriptSessions, checked};
use super::stage::Stage;
use super::work::{self, Holding, Work};
use super::{calls, erase};

const MAGIC: &[u8; 4] = b"LLS1";

/// Bytes before the compressed text.
const HEAD: usize = 4 + 4 + 16;

/// Most bytes of the text, so that a damaged length asks for no memory.
const MOST: usize = 64 << 20;

/// A copy of what is kept of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Snapshot {
    /// UTC microseconds since 1970.
    pub(super) saved_at: i64,
    pub(super) record: Record,
    /// The runs that worked for it.
    pub(super) runs: Vec<(String, Work)>,
    pub(super) holding: Holding,
}

impl Snapshot {
    pub(super) async fn take(sessions: &ScriptSessions, record: Record) -> Result<Self> {
        let store = sessions.store().await?;
        Ok(Self {
            saved_at: sessions.clock.now(),
            runs: work::runs(&*store, &record.id).await?,
            holding: Holding::of(&*store, &record.id).await?,
            record,
        })
    }

    fn pack(&self) -> Result<Vec<u8>> {
        let text = serde_json::to_vec(self)
            .map_err(|cause| error!(Bug, "the session cannot be written").source(cause))?;
        let length = u32::try_from(text.len())
            .ok()
            .filter(|_| text.len() <= MOST);
        let Some(length) = length else {
            return Err(error!(
                Limit,
                "a snapshot has at most {MOST} bytes, got {}",
                text.len()
            )
            .hint("keep large values in state or as artifacts"));
        };
        let mut packed = MAGIC.to_vec();
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(&llmspell_store::hash(&text));
        packed.extend_from_slice(&lz4_flex::block::compress(&text));
        Ok(packed)
    }

    fn unpack(id: &str, packed: &[u8]) -> Result<Self> {
        let damaged = || -> Error {
            error!(Corrupt, "the snapshot of the session {id} is damaged").with("session", id)
        };
        let (head, block) = packed.split_at_checked(HEAD).ok_or_else(damaged)?;
        let (magic, rest) = head.split_at(4);
        let (length, hash) = rest.split_at(4);
        let length = length
            .iter()
            .rev()
            .fold(0, |all, byte| all << 8 | usize::from(*byte));
        if magic != MAGIC || length > MOST {
            return Err(damaged());
        }
        let text = lz4_flex::block::decompress(block, length).map_err(|_| damaged())?;
        if text.len() != length || llmspell_store::hash(&text) != *hash {
            return Err(damaged());
        }
        serde_json::from_slice(&text).map_err(|_| damaged())
    }
}

pub(super) fn key(id: &str) -> String {
    format!("snapshot/{id}")
}

pub(super) fn archive_key(id: &str) -> String {
    format!("archive/{id}")
}

/// Writes a snapshot of a session. The journal is always current; this is beside it.
///
/// - Errors: `not_found`; `cancelled` by a hook of `SessionSave`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Save {
    /// The session.
    id: String,
}

pub(super) async fn save(cx: Cx, a: Save) -> Result<()> {
    let id = checked(&a.id)?;
    let seen = calls::look(&cx, &id).await?;
    Action::Save.call_hooks(&cx, &seen).await?;
    calls::snapshot(&cx, &id).await?;
    Action::Save.say(&cx, &seen, None).await
}

/// Writes the snapshot of a session to its store.
pub(super) async fn store(sessions: &ScriptSessions, id: &str) -> Result<()> {
    let Some(record) = sessions.look(id).await? else {
        return Err(super::script::missing(id));
    };
    let packed = Snapshot::take(sessions, record).await?.pack()?;
    let batch = Batch::new().put(key(id), packed);
    sessions.store().await?.apply(batch).await.map(drop)
}

/// Puts the snapshot of a session that is over into the archive.
pub(super) async fn put_away(sessions: &ScriptSessions, record: Record) -> Result<()> {
    let id = record.id.clone();
    let packed = Snapshot::take(sessions, record).await?.pack()?;
    let batch = Batch::new().put(archive_key(&id), packed).delete(key(&id));
    sessions.store().await?.apply(batch).await.map(drop)
}

/// Removes a session that need not be kept, and leaves its snapshot in the archive.
pub(super) async fn retire(sessions: &ScriptSessions, record: Record) -> Result<()> {
    let id = record.id.clone();
    let packed = Snapshot::take(sessions, record).await?.pack()?;
    erase::session(sessions, &id).await?;
    let batch = Batch::new().put(archive_key(&id), packed);
    sessions.store().await?.apply(batch).await.map(drop)
}

/// Makes a stored session live again, however it stands, and returns its id; `resume` lets it go on.
///
/// One whose record is lost or damaged comes back from its snapshot, suspended if it was active.
///
/// - Errors: `not_found`; `cancelled` by a hook of `SessionRestore`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Load {
    /// The session.
    id: String,
}

pub(super) async fn load(cx: Cx, a: Load) -> Result<String> {
    let id = checked(&a.id)?;
    calls::revive(&cx, &id).await?;
    let seen = calls::look(&cx, &id).await?;
    Action::Load.call_hooks(&cx, &seen).await?;
    Action::Load.say(&cx, &seen, None).await?;
    cx.part::<ScriptSessions>()?.attend(&cx);
    Ok(id)
}

/// Writes down that a session of a run that is gone waits, and brings back one whose record is lost or damaged.
pub(super) async fn revive(sessions: &ScriptSessions, id: &str) -> Result<()> {
    let store = sessions.store().await?;
    let stored = store.get(record::key(id).as_bytes()).await?;
    match stored.as_deref().map(|bytes| Record::read(id, bytes)) {
        Some(Ok(stored)) if stored.stage == Stage::Active => {
            // A look says how it stands, which may be otherwise than what is stored.
            let stands = |record: &mut Record| Ok(record.stage != Stage::Active);
            sessions.change(id, stands).await.map(drop)
        }
        Some(Ok(_)) => Ok(()),
        lost => {
            let Some(mut record) = saved(&*store, id).await? else {
                return lost.transpose().map(drop);
            };
            if record.stage == Stage::Active {
                record.stage = Stage::Suspended;
            }
            let batch = match stored {
                Some(bytes) => Batch::new().expect(record::key(id), bytes),
                None => Batch::new().expect_absent(record::key(id)),
            };
            let batch = batch.put(record::key(id), record.write()?);
            store.apply(batch).await.map(drop)
        }
    }
}

/// Returns the record in the snapshot of a session, if there is one that can be read.
async fn saved(store: &dyn Store, id: &str) -> Result<Option<Record>> {
    for key in [key(id), archive_key(id)] {
        if let Some(packed) = store.get(key.as_bytes()).await?
            && let Ok(snapshot) = Snapshot::unpack(id, &packed)
        {
            return Ok(Some(snapshot.record));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Bounds;

    fn snapshot() -> Snapshot {
        let mut record = Record::new("s", "r", 5, Bounds::default());
        record.description = Some("long ".repeat(1000));
        Snapshot {
            saved_at: 7,
            record,
            runs: vec![("r".to_owned(), Work::default())],
            holding: Holding::default(),
        }
    }

    #[test]
    fn snapshots_and_back() {
        let packed = snapshot().pack().unwrap();
        assert!(packed.len() < 2000, "{}", packed.len());
        assert_eq!(Snapshot::unpack("s", &packed).unwrap(), snapshot());
    }

    #[test]
    fn damage_is_found() {
        let packed = snapshot().pack().unwrap();
        for end in 0..packed.len() {
            assert!(Snapshot::unpack("s", &packed[..end]).is_err(), "{end}");
        }
        for place in 0..packed.len() {
            let mut other = packed.clone();
            other[place] ^= 0x55;
            // Another block may say the same.
            let read = Snapshot::unpack("s", &other);
            assert!(read.is_err() || read.unwrap() == snapshot(), "{place}");
        }
        let mut huge = packed;
        huge[4..8].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(Snapshot::unpack("s", &huge).is_err());
    }
}
