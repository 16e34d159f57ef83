//! Finding one artifact.

use llmspell_core::{Error, Result, bail, error};
use llmspell_store::Scan;

use super::super::id::Wanted;
use super::record::{self, Artifact, Permission};
use super::{Artifacts, Query};

/// Fewest digits of a content hash that are tried as its beginning.
const SHORTEST_PREFIX: usize = 6;

impl Artifacts {
    /// Returns the artifact that is meant, if `session` may do that with it.
    ///
    /// - Errors: `NotFound`; `Denied` if it belongs to another session that did not grant it.
    pub async fn find(
        &self,
        session: &str,
        wanted: &Wanted,
        permission: Permission,
    ) -> Result<Artifact> {
        let found = match wanted {
            Wanted::Numbered {
                session: owner,
                sequence,
                hash,
            } => {
                let owner = owner.as_deref().unwrap_or(session);
                let found = self.numbered(owner, *sequence).await?;
                let is_meant = |found: &Artifact| {
                    hash.as_ref()
                        .is_none_or(|hash| *hash == found.id.content_hash)
                };
                found.filter(is_meant)
            }
            Wanted::Content(hash) => self.of_content(session, hash, permission).await?,
        };
        let found = found.ok_or_else(|| missing(wanted))?;
        match found.permits(session, permission) {
            true => Ok(found),
            false => Err(denied(session, &found, permission)),
        }
    }

    /// Returns the newest artifact with this name, this content hash, or a hash that begins so (at least 6 digits), of one
    /// session or of all.
    ///
    /// - Errors: `InvalidArgs` if several contents begin so.
    pub async fn search(
        &self,
        session: Option<&str>,
        text: &str,
        version: Option<u64>,
    ) -> Result<Option<Artifact>> {
        let is_meant = |found: &Artifact| {
            session.is_none_or(|session| found.id.session_id == session)
                && version.is_none_or(|version| found.version == version)
        };
        let mut found = self.of_beginning(text).await?;
        found.retain(is_meant);
        let mut hashes: Vec<&str> = found.iter().map(|found| &*found.id.content_hash).collect();
        hashes.dedup();
        if hashes.len() > 1 {
            bail!(
                InvalidArgs,
                "several contents begin with '{text}': {}",
                hashes.join(", ")
            );
        }
        if let Some(newest) = found
            .into_iter()
            .max_by_key(|found| (found.created_at, found.id.sequence))
        {
            return Ok(Some(newest));
        }
        let query = Query {
            session: session.map(str::to_owned),
            limit: usize::MAX,
            ..Query::default()
        };
        let named = |found: &Artifact| found.name == text && is_meant(found);
        Ok(self.query(&query).await?.into_iter().find(named))
    }

    /// Returns the artifacts whose content hash begins so.
    async fn of_beginning(&self, text: &str) -> Result<Vec<Artifact>> {
        let is_hex = text.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !is_hex || !(SHORTEST_PREFIX..=64).contains(&text.len()) {
            return Ok(Vec::new());
        }
        let prefix = format!("{}{}", record::CONTENTS, text.to_ascii_lowercase());
        self.all_of(Scan::prefix(prefix)).await
    }

    /// Returns whether a session has an artifact of that name.
    pub async fn has_name(&self, session: &str, name: &str) -> Result<bool> {
        Ok(self.last_version(session, name).await? > 0)
    }

    pub(super) async fn numbered(&self, session: &str, sequence: u64) -> Result<Option<Artifact>> {
        let key = record::key(session, sequence);
        let found = self.store().await?.get(key.as_bytes()).await?;
        found.map(|bytes| Artifact::read(&bytes)).transpose()
    }

    /// Returns the session's newest artifact with a content, else one of another session, one that is granted if any is.
    async fn of_content(
        &self,
        session: &str,
        hash: &str,
        permission: Permission,
    ) -> Result<Option<Artifact>> {
        let own = Scan::prefix(record::sharing_prefix(hash, session)).reverse();
        if let Some(found) = self.all_of(own.limit(1)).await?.pop() {
            return Ok(Some(found));
        }
        let others = self
            .all_of(Scan::prefix(record::shared_prefix(hash)))
            .await?;
        let granted = others
            .iter()
            .position(|found| found.permits(session, permission));
        Ok(others.into_iter().nth(granted.unwrap_or(0)))
    }

    /// Returns the artifacts that a page of keys leads to, in their order.
    pub(super) async fn all_of(&self, scan: Scan) -> Result<Vec<Artifact>> {
        let page = self.store().await?.scan(scan).await?;
        let mut found = Vec::new();
        for (key, _) in page.entries {
            let (session, sequence) = record::place(&key)?;
            found.extend(self.numbered(&session, sequence).await?);
        }
        Ok(found)
    }
}

pub(super) fn missing(wanted: &Wanted) -> Error {
    error!(NotFound, "Artifact not found: {}", wanted.shown())
}

pub(super) fn denied(session: &str, artifact: &Artifact, permission: Permission) -> Error {
    error!(
        Denied,
        "Access denied: session {session} has no {} permission for the artifact '{}' of session {}",
        permission.name(),
        artifact.name,
        artifact.id.session_id
    )
    .with("resource", artifact.name.as_str())
    .with("permission", permission.name())
    .hint("its session can allow it with Artifact.grant")
}
