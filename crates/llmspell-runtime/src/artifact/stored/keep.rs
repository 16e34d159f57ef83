//! Storing.

use bytes::Bytes;
use llmspell_core::{Error, Result, bail, error};
use llmspell_store::{Batch, Scan};

use super::content::Packed;
use super::record::{self, Artifact, Content, Shelf};
use super::{Artifacts, New, Totals};

/// Longest type and name, in characters.
const MAX_NAME: usize = 255;

/// Longest tag, in characters.
const MAX_TAG: usize = 64;

impl Artifacts {
    /// Says what is wrong with an artifact before anything is stored.
    ///
    /// - Errors: `InvalidArgs` for an empty name, type or tag; `Limit` for what is too long or too large.
    pub fn check(&self, new: &New, size: u64) -> Result<()> {
        within("type", &new.kind, MAX_NAME)?;
        within("name", &new.name, MAX_NAME)?;
        for tag in &new.tags {
            within("tag", tag, MAX_TAG)?;
        }
        let most = self.options.max_bytes;
        if size > most {
            return Err(
                exceeded("bytes of an artifact", size, most).hint("raise `artifacts.max_bytes`")
            );
        }
        Ok(())
    }

    /// Stores a content as the next artifact of a session. It is durable when this returns.
    ///
    /// - Errors: those of [`check`](Self::check); `Limit` if the session has too many artifacts or bytes.
    /// - Cancel: it is stored whole or not at all.
    pub async fn keep(&self, new: &New, content: Bytes) -> Result<Artifact> {
        self.check(new, content.len() as u64)?;
        let packed = Packed::new(content.clone(), self.options.compression_threshold).await?;
        let kept = self.change(|| Box::pin(self.kept(new, &packed))).await?;
        self.cache.put(&packed.hash, content);
        Ok(kept)
    }

    async fn kept(&self, new: &New, packed: &Packed) -> Result<(Artifact, Option<Batch>)> {
        if let Some(call) = &new.call
            && let Some(made) = self.made_by(call).await?
        {
            return Ok((made, None));
        }
        let (mut shelf, shelf_was) = self.shelf(&new.session).await?;
        let (content, content_was) = self.stored_content(&packed.hash).await?;
        self.make_room(&mut shelf, packed.size(), new.most)?;
        let is_new = content.is_none();
        let content = match content {
            Some(content) => Content {
                artifacts: content.artifacts + 1,
                ..content
            },
            None => packed.record(),
        };
        let mut artifact = Artifact::new(new, &packed.hash, packed.size());
        artifact.id.sequence = shelf.last;
        artifact.version = self.last_version(&new.session, &new.name).await? + 1;
        artifact.stored_size = content.stored;
        artifact.is_compressed = content.lz4;
        let batch = self.while_there(new).await?;
        let batch = shelf_was.expected(batch);
        let batch = content_was
            .expected(batch)
            .put(shelf_was.key, record::write(&shelf)?)
            .put(content_was.key, record::write(&content)?)
            .put(artifact.key(), record::write(&artifact)?)
            .put(artifact.name_key(), artifact.id.sequence.to_string())
            .put(artifact.time_key(), Vec::new())
            .put(artifact.content_key(), Vec::new());
        let batch = match &new.call {
            Some(call) => batch.put(record::call_key(call), artifact.key()),
            None => batch,
        };
        let batch = if is_new { packed.put(batch) } else { batch };
        Ok((artifact, Some(batch)))
    }

    /// Begins a batch that demands that the session is still there.
    ///
    /// - Errors: `NotFound` if it is not.
    async fn while_there(&self, new: &New) -> Result<Batch> {
        let Some(key) = &new.session_key else {
            return Ok(Batch::new());
        };
        match self.store().await?.get(key.as_bytes()).await? {
            Some(value) => Ok(Batch::new().expect(key.as_str(), value)),
            None => Err(error!(NotFound, "Session not found: {}", new.session)),
        }
    }

    /// Returns what a call has made already.
    async fn made_by(&self, call: &str) -> Result<Option<Artifact>> {
        let store = self.store().await?;
        let Some(key) = store.get(record::call_key(call).as_bytes()).await? else {
            return Ok(None);
        };
        let found = store.get(&key).await?;
        found.map(|bytes| Artifact::read(&bytes)).transpose()
    }

    /// Counts one more artifact.
    fn make_room(&self, shelf: &mut Shelf, size: u64, most: Option<Totals>) -> Result<()> {
        let own = most.unwrap_or(Totals {
            count: u64::MAX,
            bytes: u64::MAX,
        });
        shelf.last += 1;
        shelf.artifacts += 1;
        shelf.bytes += size;
        let most = self.options.max_artifacts.min(own.count);
        if shelf.artifacts > most {
            return Err(exceeded("artifacts of a session", shelf.artifacts, most)
                .hint("delete some, or raise `sessions.max_artifacts_per_session`"));
        }
        let most = self.options.max_session_bytes.min(own.bytes);
        if shelf.bytes > most {
            return Err(
                exceeded("bytes of a session's artifacts", shelf.bytes, most)
                    .hint("delete some, or raise `artifacts.max_session_bytes`"),
            );
        }
        Ok(())
    }

    /// Returns the greatest version of a name; 0 if there is none.
    pub(super) async fn last_version(&self, session: &str, name: &str) -> Result<u64> {
        let prefix = record::name_prefix(session, name);
        let scan = Scan::prefix(prefix).reverse().limit(1);
        let page = self.store().await?.scan(scan).await?;
        match page.entries.first() {
            Some((key, _)) => Ok(record::place(key)?.1),
            None => Ok(0),
        }
    }
}

fn within(what: &'static str, text: &str, most: usize) -> Result<()> {
    let length = text.chars().count();
    if length == 0 {
        bail!(InvalidArgs, "the {what} of an artifact must not be empty");
    }
    match length > most {
        true => Err(exceeded(
            format!("characters of the {what} of an artifact"),
            length as u64,
            most as u64,
        )
        .with("parameter", what)),
        false => Ok(()),
    }
}

fn exceeded(what: impl Into<String>, value: u64, most: u64) -> Error {
    let what = what.into();
    error!(Limit, "{what}: {value}, at most {most}")
        .with("what", what)
        .with("limit", most)
        .with("value", value)
}
