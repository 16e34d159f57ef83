//! Finding many artifacts.

use llmspell_core::{Map, Result};
use llmspell_store::Scan;

use super::Artifacts;
use super::record::{self, Artifact};
use crate::event::has_values;
use crate::glob;

/// Most artifacts that are looked at in one go.
const PAGE: usize = 200;

/// Which artifacts are wanted. What is absent allows all.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// Only those of this session.
    pub session: Option<String>,
    /// Only those of this type.
    pub kind: Option<String>,
    /// A glob over the name; without `*` and `?` a part of it, in any case.
    pub name_pattern: Option<String>,
    /// All of these.
    pub tags: Vec<String>,
    /// From this time on, in microseconds since 1970.
    pub created_after: Option<i64>,
    /// Up to this time.
    pub created_before: Option<i64>,
    /// From this size on, in bytes.
    pub min_size: Option<u64>,
    /// Up to this size.
    pub max_size: Option<u64>,
    /// Equal values, by path.
    pub custom: Map,
    /// How many to leave out, from the newest on.
    pub offset: usize,
    /// Most artifacts.
    pub limit: usize,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            session: None,
            kind: None,
            name_pattern: None,
            tags: Vec::new(),
            created_after: None,
            created_before: None,
            min_size: None,
            max_size: None,
            custom: Map::new(),
            offset: 0,
            limit: 100,
        }
    }
}

impl Query {
    /// Returns whether an artifact is wanted.
    pub fn fits(&self, artifact: &Artifact) -> bool {
        let session = |session: &String| *session == artifact.id.session_id;
        let name = |pattern: &String| {
            let (name, has) = (&artifact.name, |sign| pattern.contains(sign));
            match has('*') || has('?') {
                true => glob::matches(pattern, name),
                false => name.to_lowercase().contains(&pattern.to_lowercase()),
            }
        };
        self.session.as_ref().is_none_or(session)
            && self.kind.as_ref().is_none_or(|kind| *kind == artifact.kind)
            && self.name_pattern.as_ref().is_none_or(name)
            && self.tags.iter().all(|tag| artifact.tags.contains(tag))
            && self
                .created_after
                .is_none_or(|from| artifact.created_at >= from)
            && self
                .created_before
                .is_none_or(|to| artifact.created_at <= to)
            && self.min_size.is_none_or(|least| artifact.size >= least)
            && self.max_size.is_none_or(|most| artifact.size <= most)
            && (self.custom.is_empty() || has_values(&artifact.custom().into(), &self.custom))
    }
}

impl Artifacts {
    /// Returns the artifacts that fit, newest first.
    pub async fn query(&self, query: &Query) -> Result<Vec<Artifact>> {
        if let Some(session) = &query.session {
            let mut found = self.list(session).await?;
            found.retain(|artifact| query.fits(artifact));
            found.sort_by_key(|artifact| {
                std::cmp::Reverse((artifact.created_at, artifact.id.sequence))
            });
            return Ok(found
                .into_iter()
                .skip(query.offset)
                .take(query.limit)
                .collect());
        }
        let (mut found, mut left_out) = (Vec::new(), 0);
        let mut after = query
            .created_before
            .map(|to| record::time_prefix(to.saturating_add(1)).into_bytes());
        while found.len() < query.limit {
            let mut scan = Scan::prefix(record::TIMES).reverse().limit(PAGE);
            if let Some(after) = after {
                scan = scan.after(after);
            }
            let page = self.store().await?.scan(scan).await?;
            for (key, _) in page.entries {
                let (session, sequence) = record::place(&key)?;
                let Some(artifact) = self.numbered(&session, sequence).await? else {
                    continue;
                };
                if query
                    .created_after
                    .is_some_and(|from| artifact.created_at < from)
                    || found.len() == query.limit
                {
                    return Ok(found);
                }
                match query.fits(&artifact) {
                    true if left_out < query.offset => left_out += 1,
                    true => found.push(artifact),
                    false => {}
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(found)
    }

    /// Returns the artifacts of a session, in the order in which they were stored.
    pub async fn list(&self, session: &str) -> Result<Vec<Artifact>> {
        let mut found = Vec::new();
        let mut scan = Scan::prefix(record::prefix(session));
        loop {
            let page = self.store().await?.scan(scan).await?;
            for (_, bytes) in page.entries {
                found.push(Artifact::read(&bytes)?);
            }
            match page.next {
                Some(next) => scan = Scan::prefix(record::prefix(session)).after(next),
                None => return Ok(found),
            }
        }
    }

    /// Returns the versions of a name in a session, oldest first.
    pub async fn versions(&self, session: &str, name: &str) -> Result<Vec<Artifact>> {
        let mut found = Vec::new();
        let prefix = record::name_prefix(session, name);
        let mut scan = Scan::prefix(prefix.as_str());
        loop {
            let page = self.store().await?.scan(scan).await?;
            for (_, number) in page.entries {
                let number = String::from_utf8_lossy(&number).parse().unwrap_or_default();
                found.extend(self.numbered(session, number).await?);
            }
            match page.next {
                Some(next) => scan = Scan::prefix(prefix.as_str()).after(next),
                None => return Ok(found),
            }
        }
    }
}
