//! What the journal of a run tells of the calls of earlier processes.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use llmspell_core::{CallId, Effect, Error, Result, Value, error};
use llmspell_store::Store;
use parking_lot::Mutex;

use super::entry::{Entry, Line, Said};
use super::reader::Reader;
use super::recorder::{Totals, log_name};

/// Entries read at once when the journal is gone through.
const SCAN: usize = 2_000;

/// Entries read at once when one is needed, and how many such pages are kept. A run asks again in nearly the same order.
const PAGE: u64 = 256;
const PAGES: usize = 8;

/// The calls of a journal by their ids: where they stand, not what they say.
#[derive(Debug)]
pub(super) struct History {
    reader: Reader,
    store: Arc<dyn Store>,
    session: String,
    log: String,
    calls: HashMap<CallId, Past>,
    /// The entry with which the last call below each call began.
    last: HashMap<CallId, u64>,
    pages: Mutex<VecDeque<Arc<Page>>>,
}

/// What else the journal says, besides of calls.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) totals: Totals,
    /// How many entries it has.
    pub(super) len: u64,
    pub(super) sights: HashMap<CallId, VecDeque<Value>>,
}

#[derive(Debug)]
struct Page {
    first: u64,
    lines: Vec<Vec<u8>>,
}

/// What is known of a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Past {
    pub(super) parent: CallId,
    pub(super) effect: Effect,
    pub(super) fate: Fate,
    pub(super) struck: bool,
    /// UTC microseconds since 1970.
    pub(super) at: i64,
    pub(super) took_us: u64,
    /// The entry that names op and arguments.
    head: u64,
    /// The last entry.
    tail: u64,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It began, and its process died.
    Begun,
    /// It returned a result.
    Done,
    /// It raised an error.
    Failed,
    /// Its caller stopped waiting.
    Gone,
}

impl History {
    /// Goes through the journal of a session.
    ///
    /// - Errors: `Corrupt` naming the session and the entry that cannot be read.
    pub(super) async fn read(store: &Arc<dyn Store>, session: &str) -> Result<(Self, Found)> {
        let mut history = Self {
            reader: Reader::new(store.clone()),
            store: store.clone(),
            session: session.to_owned(),
            log: log_name(session),
            calls: HashMap::new(),
            last: HashMap::new(),
            pages: Mutex::default(),
        };
        let mut found = Found::default();
        loop {
            let page = store.read_log(&history.log, found.len, SCAN).await?;
            if page.is_empty() {
                return Ok((history, found));
            }
            for entry in page {
                found.len = entry.seq;
                history.add(entry.seq, &entry.bytes, &mut found)?;
            }
        }
    }

    fn add(&mut self, seq: u64, bytes: &[u8], found: &mut Found) -> Result<()> {
        let line = Line::glance(bytes).and_then(|line| Some((line.ids()?, line)));
        let Some(((id, parent), line)) = line else {
            Entry::read(&self.session, seq, bytes)?;
            let session = &self.session;
            return Err(error!(
                Corrupt,
                "entry {seq} of the journal of session {session} cannot be read"
            )
            .with("session", session.as_str())
            .with("entry", seq));
        };
        if line.kind == Said::Saw {
            let values = line.result.map_or("[]", |values| values.get());
            if let Value::List(values) = llmspell_core::value::from_record(values)? {
                found.sights.entry(id).or_default().extend(values);
            }
            return Ok(());
        }
        count(&mut found.totals, &line);
        let fate = match line.kind {
            Said::Begin => Fate::Begun,
            Said::End | Said::Call if line.error.is_some() => Fate::Failed,
            Said::End | Said::Call => Fate::Done,
            Said::Gone | Said::Saw => Fate::Gone,
        };
        let named = line.effect.is_some();
        if named {
            self.last.insert(parent, seq);
        }
        let past = self.calls.entry(id).or_insert(Past {
            parent,
            // What was emptied with a session names no effect; it is not asked for again.
            effect: line.effect.unwrap_or(Effect::Read),
            fate,
            struck: false,
            at: line.at,
            took_us: 0,
            head: seq,
            tail: seq,
        });
        if named {
            (past.parent, past.head, past.at) = (parent, seq, line.at);
            past.effect = line.effect.unwrap_or(past.effect);
        }
        (past.fate, past.tail, past.struck) = (fate, seq, line.struck);
        past.took_us = line.took_us.unwrap_or(0);
        Ok(())
    }

    pub(super) fn get(&self, id: CallId) -> Option<&Past> {
        self.calls.get(&id)
    }

    pub(super) fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Returns whether the run went on when this call had ended: its caller made another call after it, or ended well, or
    /// failed and the run went on after that.
    pub(super) fn went_on(&self, past: &Past) -> bool {
        let mut past = past;
        // A damaged journal may have calls in a circle.
        for _ in 0..self.calls.len() {
            if self
                .last
                .get(&past.parent)
                .is_some_and(|&last| last > past.tail)
            {
                return true;
            }
            match self.calls.get(&past.parent) {
                Some(above) if above.fate == Fate::Done => return true,
                Some(above) if above.fate == Fate::Failed => past = above,
                _ => return false,
            }
        }
        false
    }

    /// Returns the entry that names op and arguments of a call.
    pub(super) async fn head(&self, past: &Past) -> Result<Entry> {
        self.entry(past.head).await
    }

    /// Returns the entry that tells how a call ended.
    pub(super) async fn tail(&self, past: &Past) -> Result<Entry> {
        self.entry(past.tail).await
    }

    async fn entry(&self, seq: u64) -> Result<Entry> {
        let page = match self.kept(seq) {
            Some(page) => page,
            None => self.load(seq).await?,
        };
        match page.line(seq) {
            Some(line) => Entry::read(&self.session, seq, line),
            None => Err(self.missing(seq)),
        }
    }

    fn kept(&self, seq: u64) -> Option<Arc<Page>> {
        let pages = self.pages.lock();
        pages.iter().find(|page| page.line(seq).is_some()).cloned()
    }

    async fn load(&self, seq: u64) -> Result<Arc<Page>> {
        let start = (seq - 1) / PAGE * PAGE;
        let mut page = self.page(start).await?;
        // Pages of large entries end early.
        if page.line(seq).is_none() {
            page = self.page(seq - 1).await?;
        }
        let page = Arc::new(page);
        let mut pages = self.pages.lock();
        pages.truncate(PAGES - 1);
        pages.push_front(page.clone());
        Ok(page)
    }

    async fn page(&self, after: u64) -> Result<Page> {
        let lines = self.store.read_log(&self.log, after, PAGE as usize).await?;
        Ok(Page {
            first: after + 1,
            lines: lines.into_iter().map(|entry| entry.bytes).collect(),
        })
    }

    fn missing(&self, seq: u64) -> Error {
        let session = &self.session;
        error!(
            Corrupt,
            "entry {seq} of the journal of session {session} is missing"
        )
        .with("session", session.as_str())
        .with("entry", seq)
    }
}

impl Page {
    fn line(&self, seq: u64) -> Option<&[u8]> {
        let place = usize::try_from(seq.checked_sub(self.first)?).ok()?;
        self.lines.get(place).map(Vec::as_slice)
    }
}

fn count(totals: &mut Totals, line: &Line<'_>) {
    let named = !line.op.is_empty();
    let begins = matches!(line.kind, Said::Begin | Said::Call) || line.kind == Said::Gone && named;
    let given_up = line.kind == Said::Gone && line.took_us.is_some();
    totals.calls += u64::from(begins);
    totals.failed += u64::from(line.error.is_some() || given_up);
    totals.add_usage(&line.usage);
}
