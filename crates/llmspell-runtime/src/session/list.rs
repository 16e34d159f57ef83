//! Finds sessions in a store.

use std::path::Path;
use std::sync::Arc;

use llmspell_core::{Error, Result, error};
use llmspell_store::{Durability, Scan, Store};
use serde::Serialize;
use serde_json::value::RawValue;

use super::made::several;
use super::meta::{self, Meta};
use super::tree::{self, Shown};
use super::{Choice, Status, work};
use crate::journal::{Reader, Totals, open_store};

/// Fewest characters of an id that are tried as its beginning.
const SHORTEST_PREFIX: usize = 4;

/// Which sessions a listing shows, newest first.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Only these.
    pub status: Option<Status>,
    /// Only those that began at this time or later, UTC microseconds since 1970.
    pub since: Option<i64>,
    /// Most sessions; `None` is all.
    pub limit: Option<usize>,
}

/// One line of a listing.
#[derive(Clone, Debug, Serialize)]
pub struct Summary {
    /// The id, a UUID. Listings show its first eight digits.
    pub id: String,
    /// The name.
    pub name: String,
    /// How it stands.
    pub status: Status,
    /// UTC microseconds since 1970.
    pub started_at: i64,
    /// UTC microseconds since 1970.
    pub ended_at: Option<i64>,
    /// The script.
    pub script: String,
    /// BLAKE3 of the script's source, in hex.
    pub source: String,
    /// The language.
    pub engine: String,
    /// The script's arguments.
    pub args: Vec<String>,
    /// How often it was resumed.
    pub resumed: u64,
    /// How many calls the journal answered when it was resumed last; 0 until that has ended.
    pub answered: u64,
    /// What it returned, in the stored form.
    pub result: Option<Box<RawValue>>,
    /// The error that ended it.
    pub error: Option<Box<RawValue>>,
    /// The numbers of its calls.
    pub totals: Totals,
}

impl Summary {
    /// Returns the beginning of the id that listings show.
    pub fn short_id(&self) -> &str {
        self.id.get(..8).unwrap_or(&self.id)
    }
}

/// The sessions in a store. They are only read.
#[derive(Clone, Debug)]
pub struct Sessions {
    /// Absent if there is no store yet, which is the same as an empty one.
    pub(super) store: Option<Arc<dyn Store>>,
    owned: bool,
}

impl Sessions {
    /// Opens the store, unless it does not exist: then there are no sessions, and nothing is made.
    ///
    /// - Errors: those of [`llmspell_store::open`].
    pub async fn open(choice: &Choice) -> Result<Self> {
        let (store, owned) = match choice {
            Choice::Ephemeral => (None, false),
            Choice::Store(store) => (Some(store.clone()), false),
            Choice::Url(url) if is_missing(url) => (None, true),
            Choice::Url(url) => (Some(open_store(url, Durability::Process).await?), true),
        };
        Ok(Self { store, owned })
    }

    /// Closes the store if this opened it.
    pub async fn close(self) -> Result<()> {
        match self.store {
            Some(store) if self.owned => store.close().await,
            _ => Ok(()),
        }
    }

    /// Returns a reader for the values in the journals.
    ///
    /// - Errors: `NotFound` if there is no store.
    pub fn reader(&self) -> Result<Reader> {
        match &self.store {
            Some(store) => Ok(Reader::new(store.clone())),
            None => Err(error!(NotFound, "there are no sessions yet")),
        }
    }

    /// Returns the sessions that pass the filter, newest first.
    ///
    /// - Errors: `Corrupt` naming the session that cannot be read.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Summary>> {
        let mut found = Vec::new();
        let most = filter.limit.unwrap_or(usize::MAX);
        let mut after = None;
        while found.len() < most {
            let (ids, next) = self.page(after).await?;
            for id in ids {
                let Some(meta) = self.meta(&id).await? else {
                    continue;
                };
                if filter.since.is_some_and(|since| meta.started_at < since) || found.len() == most
                {
                    return Ok(found);
                }
                if filter.status.is_none_or(|status| status == meta.status()) {
                    found.push(self.summary(meta).await?);
                }
            }
            match next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        Ok(found)
    }

    /// Returns some ids, newest first, and where to go on.
    async fn page(&self, after: Option<Vec<u8>>) -> Result<(Vec<String>, Option<Vec<u8>>)> {
        let Some(store) = &self.store else {
            return Ok((Vec::new(), None));
        };
        let mut scan = Scan::prefix(meta::STARTED).reverse().limit(100);
        if let Some(after) = after {
            scan = scan.after(after);
        }
        let page = store.scan(scan).await?;
        let ids = page
            .entries
            .iter()
            .map(|(key, _)| id_of(key))
            .collect::<Result<_>>()?;
        Ok((ids, page.next))
    }

    pub(super) async fn meta(&self, id: &str) -> Result<Option<Meta>> {
        let Some(store) = &self.store else {
            return Ok(None);
        };
        match store.get(meta::key(id).as_bytes()).await? {
            Some(bytes) => Meta::read(id, &bytes).map(Some),
            None => Ok(None),
        }
    }

    /// Returns the runs that ended before a time, UTC microseconds since 1970, oldest first.
    pub(super) async fn ended_before(&self, time: i64) -> Result<Vec<String>> {
        let (mut found, mut after) = (Vec::new(), None);
        let Some(store) = &self.store else {
            return Ok(found);
        };
        loop {
            let mut scan = Scan::prefix(meta::STARTED).limit(100);
            if let Some(after) = after {
                scan = scan.after(after);
            }
            let page = store.scan(scan).await?;
            for (key, _) in &page.entries {
                let id = id_of(key)?;
                let Some(meta) = self.meta(&id).await? else {
                    continue;
                };
                // Those that began later ended later.
                if meta.started_at >= time {
                    return Ok(found);
                }
                if meta.ended_at.is_some_and(|at| at < time) {
                    found.push(id);
                }
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(found),
            }
        }
    }

    /// Returns the run of an id as a line of a listing.
    pub(super) async fn summary_of(&self, id: &str) -> Result<Option<Summary>> {
        match self.meta(id).await? {
            Some(meta) => self.summary(meta).await.map(Some),
            None => Ok(None),
        }
    }

    /// Makes the line of a listing. Totals of a session that has not said how it ended come from its journal.
    async fn summary(&self, meta: Meta) -> Result<Summary> {
        let totals = match meta.totals {
            Some(totals) => totals,
            None => work::count(&self.reader()?.entries(&meta.id).await?, None),
        };
        let status = meta.status();
        Ok(Summary {
            id: meta.id,
            name: meta.name,
            status,
            started_at: meta.started_at,
            ended_at: meta.ended_at,
            script: meta.script,
            source: meta.source,
            engine: meta.engine,
            args: meta.args,
            resumed: meta.resumed,
            answered: meta.answered,
            result: meta.result,
            error: meta.error,
            totals,
        })
    }

    /// Finds a session by `last`, its id, the beginning of its id (at least 4 characters), or its name, of which the
    /// newest counts; returns the id.
    ///
    /// - Errors: `NotFound`; `InvalidArgs` naming the candidates if several ids begin so.
    pub async fn find(&self, text: &str) -> Result<String> {
        if text == "last" {
            let (ids, _) = self.page(None).await?;
            let last = ids.into_iter().next();
            return last.ok_or_else(|| error!(NotFound, "there are no sessions yet"));
        }
        if let Some(id) = self.by_prefix(text).await? {
            return Ok(id);
        }
        let mut after = None;
        loop {
            let (ids, next) = self.page(after).await?;
            for id in ids {
                if self.meta(&id).await?.is_some_and(|meta| meta.name == text) {
                    return Ok(id);
                }
            }
            after = match next {
                Some(next) => Some(next),
                None => return Err(missing(text)),
            };
        }
    }

    /// Returns the runs of a name that began before another one of it, oldest first; of so many the newest.
    pub(super) async fn named_before(
        &self,
        name: &str,
        run: &str,
        most: usize,
    ) -> Result<Vec<String>> {
        let (mut found, mut is_before, mut after) = (Vec::new(), false, None);
        loop {
            let (ids, next) = self.page(after).await?;
            for id in ids {
                if id == run {
                    is_before = true;
                } else if is_before
                    && found.len() < most
                    && self.meta(&id).await?.is_some_and(|meta| meta.name == name)
                {
                    found.push(id);
                }
            }
            after = next.filter(|_| found.len() < most);
            if after.is_none() {
                found.reverse();
                return Ok(found);
            }
        }
    }

    async fn by_prefix(&self, text: &str) -> Result<Option<String>> {
        let (Some(store), Some(prefix)) = (&self.store, prefix(text)) else {
            return Ok(None);
        };
        let scan = Scan::prefix(format!("{}{prefix}", meta::SESSIONS)).limit(4);
        let page = store.scan(scan).await?;
        let ids: Vec<_> = page
            .entries
            .iter()
            .map(|(key, _)| id_of(key))
            .collect::<Result<_>>()?;
        if ids.len() > 1 {
            return Err(several(text, &ids));
        }
        Ok(ids.into_iter().next())
    }

    /// Returns how the run of an id stands.
    ///
    /// - Errors: `NotFound`.
    pub async fn status(&self, id: &str) -> Result<Status> {
        let meta = self.meta(id).await?.ok_or_else(|| missing(id))?;
        Ok(meta.status())
    }

    /// Returns a session with the tree of its calls. `text` is as in [`find`](Sessions::find).
    ///
    /// - Errors: as `find`; `Corrupt` naming the session and what of it cannot be read.
    pub async fn show(&self, text: &str) -> Result<Shown> {
        let id = self.find(text).await?;
        let Some(meta) = self.meta(&id).await? else {
            return Err(missing(text));
        };
        let reader = self.reader()?;
        let entries = reader.entries(&id).await?;
        let running = meta.status() == Status::Running;
        let calls = tree::grow(&reader, &entries, meta.started_at, running).await?;
        let session = self.summary(meta).await?;
        Ok(Shown { session, calls })
    }
}

fn missing(text: &str) -> Error {
    error!(NotFound, "Session not found: {text}").hint("see `llmspell session list`")
}

/// Returns whether the URL names a file that does not exist.
fn is_missing(url: &str) -> bool {
    let path = url.strip_prefix("sqlite:");
    let path = path.map(|path| path.strip_prefix("//").unwrap_or(path));
    path.is_some_and(|path| !path.is_empty() && !Path::new(path).exists())
}

/// Returns the id at the end of a key.
pub(super) fn id_of(key: &[u8]) -> Result<String> {
    let text = String::from_utf8_lossy(key);
    match text.rsplit_once('/') {
        Some((_, id)) => Ok(id.to_owned()),
        None => Err(error!(
            Corrupt,
            "the store has a session with the key '{text}'"
        )),
    }
}

/// Returns the beginning of an id that the text may mean, with hyphens where ids have them.
pub(super) fn prefix(text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|&digit| digit != '-').collect();
    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    if !hex || !(SHORTEST_PREFIX..=32).contains(&digits.len()) {
        return None;
    }
    let mut prefix = String::new();
    for (place, digit) in digits.to_ascii_lowercase().chars().enumerate() {
        if [8, 12, 16, 20].contains(&place) {
            prefix.push('-');
        }
        prefix.push(digit);
    }
    Some(prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_of_ids() {
        assert_eq!(prefix("4F1c09ae").as_deref(), Some("4f1c09ae"));
        assert_eq!(prefix("4f1c09aeb").as_deref(), Some("4f1c09ae-b"));
        assert_eq!(prefix("4f1c09ae-b").as_deref(), Some("4f1c09ae-b"));
        let id = "4f1c09ae-b123-4567-89ab-cdef01234567";
        assert_eq!(prefix(id).as_deref(), Some(id));
        assert_eq!(prefix(&id.replace('-', "")).as_deref(), Some(id));
        for text in ["", "4f1", "report", &format!("{id}0")] {
            assert_eq!(prefix(text), None, "{text}");
        }
    }
}
