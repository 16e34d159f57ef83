//! What other sessions may do with an artifact.

use std::collections::BTreeSet;

use llmspell_core::{Result, bail};
use llmspell_store::Batch;

use super::super::id::Id;
use super::record::{self, Artifact, Permission};
use super::{Artifacts, Written, find};

/// A change of what one session was granted.
type Change = fn(&mut BTreeSet<Permission>, Permission);

impl Artifacts {
    /// Lets another session do this with an artifact, beside what it was granted before.
    ///
    /// - Errors: `NotFound` if it is gone; `InvalidArgs` for its own session.
    pub async fn grant(&self, id: &Id, other: &str, permission: Permission) -> Result<()> {
        let add: Change = |granted, permission| {
            granted.insert(permission);
        };
        self.change(|| Box::pin(self.granted(id, other, permission, add)))
            .await
    }

    /// Takes back what another session was granted: this, and what includes it.
    ///
    /// - Errors: `NotFound` if it is gone; `InvalidArgs` for its own session.
    pub async fn revoke(&self, id: &Id, other: &str, permission: Permission) -> Result<()> {
        let take: Change = |granted, permission| granted.retain(|granted| *granted < permission);
        self.change(|| Box::pin(self.granted(id, other, permission, take)))
            .await
    }

    async fn granted(
        &self,
        id: &Id,
        other: &str,
        permission: Permission,
        change: Change,
    ) -> Result<((), Option<Batch>)> {
        if id.session_id == other {
            bail!(
                InvalidArgs,
                "a session may do everything with its own artifacts"
            );
        }
        let key = record::key(&id.session_id, id.sequence);
        let value = self.store().await?.get(key.as_bytes()).await?;
        let Some(bytes) = &value else {
            return Err(find::missing(&id.into()));
        };
        let mut artifact = Artifact::read(bytes)?;
        let granted = artifact.grants.entry(other.to_owned()).or_default();
        change(granted, permission);
        artifact.grants.retain(|_, granted| !granted.is_empty());
        let was = Written { key, value };
        let batch = was
            .expected(Batch::new())
            .put(artifact.key(), record::write(&artifact)?);
        Ok(((), Some(batch)))
    }
}
