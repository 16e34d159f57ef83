//! What other sessions may do with an artifact.

use llmspell_core::{Result, bail};
use llmspell_store::Batch;

use super::super::id::Id;
use super::record::{self, Artifact, Permission};
use super::{Artifacts, Written, find};

impl Artifacts {
    /// Lets another session do this with an artifact, in place of what it was allowed to; `None` takes it back.
    ///
    /// - Errors: `NotFound` if it is gone; `InvalidArgs` for its own session.
    pub async fn allow(
        &self,
        id: &Id,
        other: &str,
        permission: Option<Permission>,
    ) -> Result<Artifact> {
        if id.session_id == other {
            bail!(
                InvalidArgs,
                "a session may do everything with its own artifacts"
            );
        }
        self.change(|| Box::pin(self.allowed(id, other, permission)))
            .await
    }

    async fn allowed(
        &self,
        id: &Id,
        other: &str,
        permission: Option<Permission>,
    ) -> Result<(Artifact, Option<Batch>)> {
        let key = record::key(&id.session_id, id.sequence);
        let value = self.store().await?.get(key.as_bytes()).await?;
        let Some(bytes) = &value else {
            return Err(find::missing(&id.into()));
        };
        let mut artifact = Artifact::read(bytes)?;
        match permission {
            Some(permission) => artifact.grants.insert(other.to_owned(), permission),
            None => artifact.grants.remove(other),
        };
        let was = Written { key, value };
        let batch = was
            .expected(Batch::new())
            .put(artifact.key(), record::write(&artifact)?);
        Ok((artifact, Some(batch)))
    }
}
