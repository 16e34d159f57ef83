//! Finds the sessions that scripts made in a store, from outside of a run.

use llmspell_core::{Error, Result, Value, error};
use llmspell_store::Scan;
use serde::Serialize;

use super::list::{id_of, prefix};
use super::record::{self, Record};
use super::tree::{self, Node};
use super::work::{self, Holding};
use super::{Sessions, Stage, Status, erase, export};
use crate::journal::Totals;

/// A session that a script made.
#[derive(Clone, Debug, Serialize)]
pub struct Made {
    /// The id, a UUID.
    pub id: String,
    /// The name.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// How it stands.
    pub stage: Stage,
    /// UTC microseconds since 1970.
    pub created_at: i64,
    /// UTC microseconds since 1970.
    pub updated_at: i64,
    /// UTC microseconds since 1970.
    pub completed_at: Option<i64>,
    /// Who made it.
    pub created_by: Option<String>,
    /// The session that it belongs to.
    pub parent: Option<String>,
    /// Why it failed.
    pub failure_reason: Option<String>,
    /// What scripts keep with it.
    pub custom: serde_json::Value,
    /// The runs that made calls for it.
    pub runs: Vec<String>,
    /// The numbers of these calls.
    pub totals: Totals,
    /// What it has.
    pub holding: Holding,
}

impl Sessions {
    /// Returns the sessions that scripts made and that pass the filter, newest first.
    ///
    /// - Errors: `Corrupt` naming the session that cannot be read.
    pub async fn made(&self, filter: &MadeFilter) -> Result<Vec<Made>> {
        let mut records = Vec::new();
        for record in self.records().await? {
            let since = filter.since.is_none_or(|since| record.created_at >= since);
            let stage = filter.stage.is_none_or(|stage| record.stage == stage);
            if since && stage && filter.tags.iter().all(|tag| record.tags.contains(tag)) {
                records.push(record);
            }
        }
        records.sort_by_key(|record| std::cmp::Reverse(record.created_at));
        records.truncate(filter.limit.unwrap_or(usize::MAX));
        let mut found = Vec::with_capacity(records.len());
        for record in records {
            found.push(self.shown(record).await?);
        }
        Ok(found)
    }

    async fn records(&self) -> Result<Vec<Record>> {
        let Some(store) = &self.store else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for record in record::all(&**store).await? {
            found.push(self.waiting(record).await?);
        }
        Ok(found)
    }

    /// One that is active for a run that is not at work waits.
    async fn waiting(&self, mut record: Record) -> Result<Record> {
        if record.stage == Stage::Active {
            let run = self.meta(&record.run).await?;
            if run.is_none_or(|run| run.status() != Status::Running) {
                record.stage = Stage::Suspended;
            }
        }
        Ok(record)
    }

    async fn shown(&self, record: Record) -> Result<Made> {
        let (reader, store) = (self.reader()?, self.stored()?);
        let (mut totals, mut runs) = (Totals::default(), Vec::new());
        for (run, work) in work::runs(store, &record.id).await? {
            work::add(
                &mut totals,
                &work::totals(&reader, &record.id, &run, work).await?,
            );
            runs.push(run);
        }
        let holding = Holding::of(store, &record.id).await?;
        Ok(Made {
            custom: Value::Map(record.custom()?).to_serde_json(),
            id: record.id,
            name: record.name,
            description: record.description,
            tags: record.tags,
            stage: record.stage,
            created_at: record.created_at,
            updated_at: record.updated_at,
            completed_at: record.completed_at,
            created_by: record.created_by,
            parent: record.parent,
            failure_reason: record.failure_reason,
            runs,
            totals,
            holding,
        })
    }

    /// Finds a session that a script made by its id, the beginning of it (at least 4 characters), or its name, of which the
    /// newest counts.
    ///
    /// - Errors: `InvalidArgs` naming the candidates if several ids begin so.
    pub async fn find_made(&self, text: &str) -> Result<Option<Made>> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        if let Some(begin) = prefix(text) {
            let page = store
                .scan(Scan::prefix(record::key(&begin)).limit(4))
                .await?;
            let ids: Result<Vec<String>> = page.entries.iter().map(|(key, _)| id_of(key)).collect();
            let ids = ids?;
            if ids.len() > 1 {
                return Err(several(text, &ids));
            }
            if let (Some(id), Some((_, bytes))) = (ids.first(), page.entries.first()) {
                let record = self.waiting(Record::read(id, bytes)?).await?;
                return self.shown(record).await.map(Some);
            }
        }
        let mut named = self.records().await?;
        named.retain(|record| record.name.as_deref() == Some(text));
        match named.into_iter().max_by_key(|record| record.created_at) {
            Some(record) => self.shown(record).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns the tree of the calls that were made for a session that a script made.
    ///
    /// - Errors: `Corrupt` naming what cannot be read.
    pub async fn calls_for(&self, made: &Made) -> Result<Vec<Node>> {
        let reader = self.reader()?;
        let entries = work::entries(self.stored()?, &reader, &made.id).await?;
        let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        let running = made.stage == Stage::Active;
        tree::grow(&reader, &entries, made.created_at, running).await
    }

    /// Returns the calls of a run, or those made for a session that a script made, as `Session.export` shows them.
    ///
    /// - Errors: `Corrupt` naming what cannot be read.
    pub async fn operations(&self, id: &str) -> Result<serde_json::Value> {
        let reader = self.reader()?;
        let entries = work::entries(self.stored()?, &reader, id).await?;
        Ok(export::operations(&reader, &entries).await?.to_serde_json())
    }

    /// Removes a session, a run or one that a script made, with all that is kept of it but artifacts.
    ///
    /// - Errors: `InvalidState` for a run that is at work.
    pub async fn erase(&self, id: &str) -> Result<()> {
        erase::from(self.stored()?, id).await
    }

    /// Returns the ids of sessions that need not be kept at this time, UTC microseconds since 1970: those that scripts made
    /// as each says, and runs that ended before `runs_before`.
    pub async fn expired(&self, now: i64, runs_before: i64) -> Result<Vec<String>> {
        let mut ids: Vec<String> = Vec::new();
        for record in self.records().await? {
            if record.expires_at().is_some_and(|at| at <= now) {
                ids.push(record.id);
            }
        }
        ids.extend(self.ended_before(runs_before).await?);
        Ok(ids)
    }

    fn stored(&self) -> Result<&dyn llmspell_store::Store> {
        match &self.store {
            Some(store) => Ok(&**store),
            None => Err(error!(NotFound, "there are no sessions yet")),
        }
    }
}

/// Which sessions that scripts made a listing shows, newest first.
#[derive(Clone, Debug, Default)]
pub struct MadeFilter {
    /// Only these.
    pub stage: Option<Stage>,
    /// Only those with all of these words.
    pub tags: Vec<String>,
    /// Only those that were made at this time or later, UTC microseconds since 1970.
    pub since: Option<i64>,
    /// Most sessions; `None` is all.
    pub limit: Option<usize>,
}

pub(super) fn several(text: &str, ids: &[String]) -> Error {
    error!(
        InvalidArgs,
        "several sessions begin with '{text}': {}",
        ids.join(", ")
    )
}
