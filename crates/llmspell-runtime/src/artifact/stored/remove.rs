//! Deleting.

use llmspell_core::Result;
use llmspell_store::{Batch, Scan};

use super::super::id::Id;
use super::record::{self, Artifact, Content};
use super::{Artifacts, Written, content};

impl Artifacts {
    /// Deletes an artifact, and its content if no other has it. Returns false if it was gone.
    ///
    /// - Cancel: it is deleted whole or not at all.
    pub async fn remove(&self, id: &Id) -> Result<bool> {
        let (was_there, frees) = self.change(|| Box::pin(self.removed(id))).await?;
        if frees {
            self.cache.forget(&id.content_hash);
        }
        Ok(was_there)
    }

    /// Returns whether the artifact is there, whether its content goes with it, and how.
    async fn removed(&self, id: &Id) -> Result<((bool, bool), Option<Batch>)> {
        let key = record::key(&id.session_id, id.sequence);
        let value = self.store().await?.get(key.as_bytes()).await?;
        let Some(bytes) = &value else {
            return Ok(((false, false), None));
        };
        let artifact = Artifact::read(bytes)?;
        let (mut shelf, shelf_was) = self.shelf(&id.session_id).await?;
        let (found, content_was) = self.stored_content(&artifact.id.content_hash).await?;
        shelf.artifacts = shelf.artifacts.saturating_sub(1);
        shelf.bytes = shelf.bytes.saturating_sub(artifact.size);
        let batch = Written { key, value }.expected(Batch::new());
        let batch = content_was
            .expected(shelf_was.expected(batch))
            .put(shelf_was.key, record::write(&shelf)?)
            .delete(artifact.key())
            .delete(artifact.name_key())
            .delete(artifact.time_key())
            .delete(artifact.content_key());
        let batch = match &artifact.call {
            Some(call) => batch.delete(record::call_key(call)),
            None => batch,
        };
        let Some(found) = found else {
            return Ok(((true, true), Some(batch)));
        };
        let frees = found.artifacts <= 1;
        let batch = match frees {
            true => content::delete(batch, &artifact.id.content_hash, &found),
            false => {
                let rest = Content {
                    artifacts: found.artifacts - 1,
                    ..found
                };
                batch.put(content_was.key, record::write(&rest)?)
            }
        };
        Ok(((true, frees), Some(batch)))
    }

    /// Deletes all artifacts of a session, as its own end does, and its numbers.
    ///
    /// - Cancel: some may be deleted; called again it goes on.
    pub async fn remove_all(&self, session: &str) -> Result<()> {
        loop {
            let found = self.all_of(Scan::prefix(record::prefix(session))).await?;
            if found.is_empty() {
                break;
            }
            for artifact in found {
                self.remove(&artifact.id).await?;
            }
        }
        let batch = Batch::new().delete(record::shelf_key(session));
        self.store().await?.apply(batch).await.map(drop)
    }
}
