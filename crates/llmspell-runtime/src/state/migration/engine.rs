//! The work of a migration: read at one moment, changed in memory, written in one transaction.

use std::time::Duration;

use futures::future::{Either, select};
use llmspell_core::value::from_record;
use llmspell_core::{Cx, Error, Kind, Map, Result, Value, error};
use llmspell_store::{Batch, Store};
use semver::Version;

use super::super::scopes::{self, StoredScopes};
use super::known::{FIRST, Leg};
use super::schema::{Schema, Validation, version};
use super::step::Step;
use crate::event;

/// Where a store has its version.
pub(in crate::state) const VERSION: &[u8] = b"state-schema";

/// How often a migration begins again because somebody wrote in between.
const TRIES: usize = 5;

/// A migration to be done.
pub(super) struct Job<'a> {
    pub(super) cx: &'a Cx,
    pub(super) stored: &'a StoredScopes,
    pub(super) from: &'a Version,
    pub(super) to: &'a Version,
    pub(super) legs: &'a [Leg],
    pub(super) schema: &'a Schema,
    pub(super) how: &'a How,
}

/// How it is to be done.
pub(super) struct How {
    pub(super) dry_run: bool,
    pub(super) batch: usize,
    pub(super) timeout: Duration,
    pub(super) validation: Validation,
}

/// An item on its way.
struct Item {
    name: Vec<u8>,
    old: Vec<u8>,
    scope: String,
    key: String,
    value: Map,
}

/// An item as it was and as it will be, in record form.
struct Written {
    name: Vec<u8>,
    old: Vec<u8>,
    new: Vec<u8>,
}

/// Returns the version of a store.
///
/// - Errors: `Corrupt` for what is none.
pub(super) async fn version_of(stored: &StoredScopes) -> Result<Version> {
    let bytes = stored.lasting().await?.get(VERSION).await?;
    read_version(bytes.as_deref())
}

fn read_version(stored: Option<&[u8]>) -> Result<Version> {
    let Some(bytes) = stored else {
        return Ok(FIRST);
    };
    let text = String::from_utf8_lossy(bytes);
    version(&text).map_err(|_| error!(Corrupt, "the version '{text}' of the state is damaged"))
}

/// The detail of an error that says why what was written could not be undone.
pub(super) const ROLLBACK_ERROR: &str = "rollback_error";

impl Job<'_> {
    /// Does it, and returns how many items were changed.
    ///
    /// - Errors: what a transformation says; `InvalidArgs` for an item that does not fit the schema; `Timeout`; `Conflict`
    ///   if others write all the time. Nothing has changed then.
    /// - Cancel: all is changed or nothing.
    pub(super) async fn run(&self) -> Result<usize> {
        let mut lost = error!(Conflict, "the state was changed while it was migrated");
        for _ in 0..TRIES {
            match self.attempt().await {
                Err(error) if error.kind() == Kind::Conflict => lost = error,
                outcome => return outcome,
            }
        }
        Err(lost)
    }

    /// Returns how many items it concerns.
    pub(super) async fn count(&self) -> Result<usize> {
        Ok(self.items().await?.0.len())
    }

    async fn attempt(&self) -> Result<usize> {
        let work = Box::pin(self.change());
        let clock = &self.cx.host().clock;
        let (count, all, stored_version) = match select(work, clock.sleep(self.how.timeout)).await {
            Either::Left((changed, _)) => changed?,
            Either::Right(_) => return Err(self.too_late()),
        };
        if self.how.dry_run {
            return Ok(count);
        }
        let mut batch = Batch::new().put(VERSION, self.to.to_string());
        batch = match stored_version {
            Some(version) => batch.expect(VERSION, version),
            None => batch.expect_absent(VERSION),
        };
        let paranoid = self.how.validation == Validation::Paranoid;
        let kept = paranoid.then(|| all.iter().map(Written::kept).collect::<Vec<_>>());
        for item in all {
            batch = batch
                .expect(item.name.clone(), item.old)
                .put(item.name, item.new);
        }
        self.stored.lasting().await?.apply(batch).await?;
        match kept {
            Some(kept) => self.compare(kept).await.map(|()| count),
            None => Ok(count),
        }
    }

    fn too_late(&self) -> Error {
        let seconds = self.how.timeout.as_secs_f64();
        error!(Timeout, "the migration did not end within {seconds} s")
            .with("limit", seconds)
            .hint("raise `timeout_seconds`")
    }

    /// Returns the items that a step concerns, and the version as it is stored.
    async fn items(&self) -> Result<(Vec<Item>, Option<Vec<u8>>)> {
        let mut version = None;
        let mut items = Vec::new();
        let steps: Vec<&Step> = self.legs.iter().flatten().map(|step| &**step).collect();
        for (name, old) in self.stored.snapshot().await? {
            if name == VERSION {
                version = Some(old);
                continue;
            }
            let Some((scope, key)) = super::super::key::read(&name) else {
                continue;
            };
            if !steps.iter().any(|step| step.concerns(&scope, &key)) {
                continue;
            }
            // What is no map is no item.
            if let Value::Map(value) = scopes::read(&scope, &key, old.clone())? {
                items.push(Item {
                    name,
                    old,
                    scope,
                    key,
                    value,
                });
            }
        }
        if read_version(version.as_deref())? != *self.from {
            return Err(error!(Conflict, "the state was migrated by somebody else"));
        }
        Ok((items, version))
    }

    /// Changes the items in memory.
    async fn change(&self) -> Result<(usize, Vec<Written>, Option<Vec<u8>>)> {
        let (mut items, version) = self.items().await?;
        for leg in self.legs {
            self.walk(leg, &mut items).await?;
        }
        let count = items.len();
        let mut all = Vec::with_capacity(count);
        for item in items {
            let (scope, key) = (item.scope.clone(), item.key.clone());
            let written = self.finish(item);
            all.extend(written.map_err(|error| placed(error, &scope, &key))?);
        }
        self.say("migration_validation", || {
            Value::from([
                ("level", self.how.validation.name().into()),
                ("items", count.into()),
                ("valid", true.into()),
            ])
        })
        .await;
        Ok((count, all, version))
    }

    /// Takes one leg with all items, batch by batch.
    async fn walk(&self, leg: &Leg, items: &mut [Item]) -> Result<()> {
        let ends = |more: Option<(&str, Value)>| {
            let mut facts = Map::new();
            if let Some(step) = leg.first() {
                facts.insert("from_version", step.from.to_string().into());
                facts.insert("to_version", step.to.to_string().into());
            }
            facts.extend(more);
            Value::Map(facts)
        };
        self.say("migration_step_started", || ends(None)).await;
        let walked = self.batches(leg, items).await;
        match &walked {
            Ok(()) => self.say("migration_step_completed", || ends(None)).await,
            Err(error) => {
                self.say("migration_step_failed", || {
                    ends(Some(("error", error.message().into())))
                })
                .await
            }
        }
        walked
    }

    async fn batches(&self, leg: &Leg, items: &mut [Item]) -> Result<()> {
        for batch in items.chunks_mut(self.how.batch) {
            self.cx.check()?;
            for item in batch {
                let done = self.transform(leg, item).await;
                done.map_err(|error| placed(error, &item.scope, &item.key))?;
            }
            // Others have their turn, and the time limit is looked at.
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    async fn transform(&self, leg: &Leg, item: &mut Item) -> Result<()> {
        let Item {
            scope, key, value, ..
        } = item;
        for step in leg.iter().filter(|step| step.concerns(scope, key)) {
            for transformation in &step.transformations {
                if transformation.is_custom() {
                    transformation.apply(self.cx, value, scope, key).await?;
                } else {
                    transformation.change(value)?;
                }
            }
        }
        Ok(())
    }

    /// Compares an item with the schema and returns what is to be written, if it is another one than before.
    fn finish(&self, mut item: Item) -> Result<Option<Written>> {
        self.schema.fill(&mut item.value)?;
        self.schema.check(&item.value, self.how.validation)?;
        let value = Value::Map(item.value);
        let again = (self.how.validation == Validation::Paranoid).then(|| value.clone());
        let record = self.stored.record(&item.key, value)?;
        if let Some(value) = again
            && from_record(&record)? != value
        {
            return Err(error!(Bug, "the item is another one when it is read again"));
        }
        let new = record.into_bytes();
        let Item { name, old, .. } = item;
        Ok((new != old).then_some(Written { name, old, new }))
    }

    /// Reads what was written and compares it; if anything differs or cannot be read, all is undone.
    async fn compare(&self, all: Vec<Written>) -> Result<()> {
        let undo = Batch::new()
            .expect(VERSION, self.to.to_string())
            .put(VERSION, self.from.to_string());
        compare(self.stored.lasting().await?, &all, undo).await
    }

    async fn say(&self, kind: &str, facts: impl FnOnce() -> Value) {
        event::announce(self.cx, "migration_engine", kind, facts).await;
    }
}

impl Written {
    fn kept(&self) -> Self {
        Self {
            name: self.name.clone(),
            old: self.old.clone(),
            new: self.new.clone(),
        }
    }
}

/// Reads what was written, and applies `undo` with the former values if it is not what is read.
async fn compare(store: &dyn Store, all: &[Written], undo: Batch) -> Result<()> {
    let mut wrong = None;
    for item in all {
        wrong = match store.get(&item.name).await {
            Ok(read) if read.as_deref() == Some(&*item.new) => continue,
            Ok(_) => Some(error!(Corrupt, "what was written is not what is read")),
            Err(failure) => Some(failure),
        };
        break;
    }
    let Some(wrong) = wrong else {
        return Ok(());
    };
    let undo = all.iter().fold(undo, |undo, item| {
        undo.put(item.name.clone(), item.old.clone())
    });
    match store.apply(undo).await {
        Ok(_) => Err(undone(&wrong)),
        Err(failure) => Err(not_undone(&wrong, &failure)),
    }
}

/// Returns the error of a migration that was written, and undone.
fn undone(wrong: &Error) -> Error {
    let message = format!("{}; everything is as before", wrong.message());
    Error::new(Kind::Corrupt, message)
}

/// Returns the error of a migration that was written and could not be undone, told apart by the detail
/// [`ROLLBACK_ERROR`].
fn not_undone(wrong: &Error, failure: &Error) -> Error {
    let (wrong, failure) = (wrong.message(), failure.message());
    error!(
        Corrupt,
        "{wrong}, and it could not be undone: {failure}; the state is as migrated"
    )
    .with(ROLLBACK_ERROR, failure)
    .hint("restore the backup that was made before it")
}

/// Says which item an error is about.
fn placed(error: Error, scope: &str, key: &str) -> Error {
    let message = format!("'{key}' in scope '{scope}': {}", error.message());
    let placed = Error::new(error.kind(), message);
    placed
        .with("scope", scope)
        .with("key", key)
        .transient(error.is_retryable())
}

#[cfg(test)]
mod tests {
    use llmspell_store::Memory;

    use super::*;

    #[tokio::test]
    async fn what_is_not_read_as_written_is_undone_unless_somebody_else_migrated() {
        let written = || Written {
            name: b"state/global/a".to_vec(),
            old: b"1".to_vec(),
            new: b"2".to_vec(),
        };
        let undo = || Batch::new().expect(VERSION, "1.1.0").put(VERSION, "1.0.0");
        let left = |version: &'static str, value: &'static str| async move {
            let store = Memory::new();
            let batch = Batch::new().put(VERSION, version);
            let batch = batch.put(written().name, value);
            store.apply(batch).await.unwrap();
            let compared = compare(&store, &[written()], undo()).await;
            let value = store.get(&written().name).await.unwrap().unwrap();
            (compared, String::from_utf8(value).unwrap())
        };
        let (well, value) = left("1.1.0", "2").await;
        assert_eq!((well.is_ok(), &*value), (true, "2"));
        let (undone, value) = left("1.1.0", "3").await;
        let undone = undone.unwrap_err();
        assert_eq!((undone.kind(), &*value), (Kind::Corrupt, "1"));
        assert!(!undone.details().contains_key(ROLLBACK_ERROR), "{undone}");
        let (failed, value) = left("1.2.0", "3").await;
        let failed = failed.unwrap_err();
        assert_eq!((failed.kind(), &*value), (Kind::Corrupt, "3"));
        assert!(failed.details().contains_key(ROLLBACK_ERROR), "{failed}");
    }
}
