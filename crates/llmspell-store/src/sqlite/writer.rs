//! The thread that writes, and the queue before it.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Instant;

use llmspell_core::{Error, Result, error};
use parking_lot::{Condvar, Mutex};
use rusqlite::wal::CheckpointMode;
use rusqlite::{Connection, OptionalExtension, Statement};
use tokio::sync::watch;

use super::failure::{failure, io};
use super::part::parts;
use super::read::{entry_ids, last_seq, log_id};
use super::readers::Readers;
use super::{Place, is_busy};
use crate::store::{Applied, Batch, Done, Hash, PATIENCE, Step, closed};

/// Bytes of patient batches after which they are held back no longer.
const PATIENT_BYTES: usize = 1 << 20;

/// Bytes after which a transaction takes no further batch.
const GROUP_BYTES: usize = 8 << 20;

/// Pages of the write-ahead log after which a reader copies them into the database: 8 MiB.
const CHECKPOINT_PAGES: i32 = 2048;

/// Pages of the write-ahead log after which the writer does that itself, so that the log cannot outgrow the copying.
const OVERDUE_PAGES: i32 = 16 * CHECKPOINT_PAGES;

/// Most logs whose length is remembered.
const REMEMBERED: usize = 4096;

/// The way to the thread that writes.
pub(super) struct Writer {
    place: Arc<Place>,
    queue: Arc<Queue>,
    gone: watch::Receiver<Option<Result<()>>>,
}

struct Job {
    batch: Batch,
    done: Done,
}

impl Writer {
    pub(super) fn start(
        conn: Connection,
        place: Arc<Place>,
        readers: Arc<Readers>,
    ) -> Result<Self> {
        let queue = Arc::new(Queue::default());
        let (end, gone) = watch::channel(None);
        let writer = Self {
            place: Arc::clone(&place),
            queue: Arc::clone(&queue),
            gone,
        };
        let thread = std::thread::Builder::new().name("store-write".into());
        thread
            .spawn(move || {
                let ending = Ending { queue: &queue, end };
                let done = write(conn, &place, &queue, &readers);
                ending.end.send_replace(Some(done));
            })
            .map_err(|cause| io(&writer.place.path, "start the thread that writes", cause))?;
        Ok(writer)
    }

    pub(super) fn submit(&self, batch: Batch, done: Done) {
        self.queue.push(Job { batch, done });
    }

    /// Refuses new batches; the thread ends when it has applied what waits and the readers have ended.
    pub(super) fn stop(&self) {
        self.queue.stop();
    }

    /// Waits until the thread has ended, and returns how closing the file went.
    pub(super) async fn gone(&self) -> Result<()> {
        let mut gone = self.gone.clone();
        match gone.wait_for(Option::is_some).await {
            Ok(done) => done.clone().unwrap_or_else(|| Err(self.died())),
            Err(_) => Err(self.died()),
        }
    }

    fn died(&self) -> Error {
        error!(
            Bug,
            "the writer of the store '{}' died",
            self.place.path.display()
        )
    }
}

/// Batches that wait, in the order in which they came.
#[derive(Default)]
struct Queue {
    state: Mutex<Waiting>,
    wake: Condvar,
}

#[derive(Default)]
struct Waiting {
    jobs: Vec<Job>,
    /// Bytes of the jobs.
    bytes: usize,
    /// Whether somebody waits for one of the jobs.
    urgent: bool,
    asleep: bool,
    stopped: bool,
}

impl Waiting {
    /// Returns whether the jobs should be held back no longer.
    fn is_due(&self) -> bool {
        self.urgent || self.stopped || self.bytes >= PATIENT_BYTES
    }
}

impl Queue {
    fn push(&self, job: Job) {
        let mut state = self.state.lock();
        if state.stopped {
            drop(state);
            return (job.done)(Err(closed()));
        }
        let first = state.jobs.is_empty();
        state.bytes += job.batch.bytes();
        state.urgent |= !job.batch.patient;
        state.jobs.push(job);
        // The first job is told of so that its time begins to run.
        let tell = state.asleep && (first || state.is_due());
        state.asleep &= !tell;
        drop(state);
        if tell {
            self.wake.notify_one();
        }
    }

    /// Moves all waiting jobs into the empty `jobs`; waits for one if there is none. Returns false after the last.
    fn take(&self, jobs: &mut Vec<Job>) -> bool {
        let mut state = self.state.lock();
        while state.jobs.is_empty() && !state.stopped {
            state.asleep = true;
            self.wake.wait(&mut state);
        }
        let until = Instant::now() + PATIENCE;
        while !state.is_due() {
            state.asleep = true;
            if self.wake.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        state.asleep = false;
        state.urgent = false;
        state.bytes = 0;
        std::mem::swap(&mut state.jobs, jobs);
        !jobs.is_empty()
    }

    fn stop(&self) {
        self.state.lock().stopped = true;
        self.wake.notify_one();
    }
}

/// Lets no one wait for a thread that has ended, also by a panic.
struct Ending<'a> {
    queue: &'a Queue,
    end: watch::Sender<Option<Result<()>>>,
}

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.queue.stop();
        self.queue.state.lock().jobs.clear();
    }
}

/// Applies batches until the queue ends, then puts the file in order and closes it.
fn write(mut conn: Connection, place: &Place, queue: &Queue, readers: &Arc<Readers>) -> Result<()> {
    let failed = |error| failure(&place.path, error);
    let pages = Arc::new(AtomicI32::new(0));
    let seen = Arc::clone(&pages);
    // It takes the place of SQLite's own checkpoints, which would make a batch wait for the disk.
    let hook = move |_: &mut rusqlite::hooks::Wal, pages| {
        seen.store(pages, Ordering::Relaxed);
        Ok(())
    };
    conn.wal_hook(Some(hook)).map_err(failed)?;
    let mut transactions = Transactions::prepare(&conn, place).map_err(failed)?;
    let mut jobs = Vec::new();
    let mut due = CHECKPOINT_PAGES;
    while queue.take(&mut jobs) {
        transactions.apply(&mut jobs);
        let pages = pages.load(Ordering::Relaxed);
        if pages >= OVERDUE_PAGES && pages >= due {
            // As above: what fails here is tried again.
            conn.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE)
                .ok();
            due = pages + CHECKPOINT_PAGES;
        } else if pages >= due {
            readers.checkpoint();
            due = pages + CHECKPOINT_PAGES;
        } else if pages < CHECKPOINT_PAGES {
            due = CHECKPOINT_PAGES;
        }
    }
    drop(transactions);
    readers.join();
    close(conn, place)
}

/// Moves the write-ahead log into the database, so that one file is left.
fn close(mut conn: Connection, place: &Place) -> Result<()> {
    // Other processes that use the file are not waited for: the last one to close it does this.
    conn.busy_handler(None::<fn(i32) -> bool>)
        .map_err(|error| failure(&place.path, error))?;
    let moved = match conn.wal_checkpoint_v2(None::<&str>, CheckpointMode::TRUNCATE) {
        Err(error) if !is_busy(&error) => Err(failure(&place.path, error)),
        _ => Ok(()),
    };
    let closed = conn
        .close()
        .map_err(|(_, error)| failure(&place.path, error));
    moved.and(closed)
}

/// Why a transaction cannot be committed.
enum Obstacle {
    Sqlite(rusqlite::Error),
    /// A batch asks for something impossible, which was found after some of its steps.
    Refused(Error),
}

impl Obstacle {
    /// Returns whether another process keeps the file locked, which has been waited for already.
    fn is_lock(&self) -> bool {
        matches!(self, Obstacle::Sqlite(error) if is_busy(error))
    }
}

impl From<rusqlite::Error> for Obstacle {
    fn from(error: rusqlite::Error) -> Self {
        Obstacle::Sqlite(error)
    }
}

/// The statements of the thread that writes, and what it remembers between them.
struct Transactions<'a> {
    conn: &'a Connection,
    place: &'a Place,
    begin: Statement<'a>,
    commit: Statement<'a>,
    get: Statement<'a>,
    put: Statement<'a>,
    delete: Statement<'a>,
    name_log: Statement<'a>,
    append: Statement<'a>,
    delete_entries: Statement<'a>,
    delete_log: Statement<'a>,
    find_blob: Statement<'a>,
    put_part: Statement<'a>,
    put_blob: Statement<'a>,
    delete_parts: Statement<'a>,
    delete_blob: Statement<'a>,
    /// What the file says changes with every commit of another connection; `logs` is valid for this one.
    version: u32,
    logs: HashMap<Arc<str>, Log>,
}

#[derive(Clone, Copy)]
struct Log {
    id: i64,
    len: u64,
}

impl<'a> Transactions<'a> {
    fn prepare(conn: &'a Connection, place: &'a Place) -> rusqlite::Result<Self> {
        Ok(Self {
            conn,
            place,
            begin: conn.prepare("BEGIN IMMEDIATE")?,
            commit: conn.prepare("COMMIT")?,
            get: conn.prepare("SELECT value FROM kv WHERE key = ?1")?,
            put: conn.prepare("INSERT OR REPLACE INTO kv (key, value) VALUES (?1, ?2)")?,
            delete: conn.prepare("DELETE FROM kv WHERE key = ?1")?,
            name_log: conn.prepare("INSERT INTO log (name) VALUES (?1)")?,
            append: conn.prepare("INSERT INTO entry (id, bytes) VALUES (?1, ?2)")?,
            delete_entries: conn.prepare("DELETE FROM entry WHERE id BETWEEN ?1 AND ?2")?,
            delete_log: conn.prepare("DELETE FROM log WHERE id = ?1")?,
            find_blob: conn.prepare("SELECT part, parts FROM blob WHERE hash = ?1")?,
            put_part: conn.prepare("INSERT INTO part (bytes) VALUES (?1)")?,
            put_blob: conn.prepare("INSERT INTO blob (hash, part, parts) VALUES (?1, ?2, ?3)")?,
            delete_parts: conn.prepare("DELETE FROM part WHERE id >= ?1 AND id < ?1 + ?2")?,
            delete_blob: conn.prepare("DELETE FROM blob WHERE hash = ?1")?,
            version: 0,
            logs: HashMap::new(),
        })
    }

    /// Applies and answers all jobs, as many as possible in one transaction.
    fn apply(&mut self, jobs: &mut Vec<Job>) {
        while !jobs.is_empty() {
            let count = group(jobs);
            let answers = self.answers(&jobs[..count]);
            for (job, answer) in jobs.drain(..count).zip(answers) {
                (job.done)(answer);
            }
        }
    }

    /// Applies jobs together if that is possible, else each by itself, so that only those fail that have to.
    fn answers(&mut self, jobs: &[Job]) -> Vec<Result<Applied>> {
        match self.transaction(jobs) {
            Ok(answers) => answers,
            Err(obstacle) if jobs.len() == 1 || obstacle.is_lock() => {
                let error = self.error(obstacle);
                jobs.iter().map(|_| Err(error.clone())).collect()
            }
            Err(_) => jobs
                .iter()
                .flat_map(|job| self.answers(std::slice::from_ref(job)))
                .collect(),
        }
    }

    fn error(&self, obstacle: Obstacle) -> Error {
        match obstacle {
            Obstacle::Sqlite(error) => failure(&self.place.path, error),
            Obstacle::Refused(error) => error,
        }
    }

    /// Commits the jobs together and returns their answers, or changes nothing.
    fn transaction(&mut self, jobs: &[Job]) -> Result<Vec<Result<Applied>>, Obstacle> {
        let done = self.attempt(jobs);
        if done.is_err() {
            self.logs.clear();
            if !self.conn.is_autocommit() {
                // If even this fails, so does the next BEGIN, and says why.
                self.conn.execute_batch("ROLLBACK").ok();
            }
        }
        done
    }

    fn attempt(&mut self, jobs: &[Job]) -> Result<Vec<Result<Applied>>, Obstacle> {
        self.begin.execute([])?;
        if self.current_version()? != self.version || self.logs.len() > REMEMBERED {
            self.logs.clear();
        }
        let answers = jobs
            .iter()
            .map(|job| self.batch(&job.batch))
            .collect::<Result<_, _>>()?;
        self.commit.execute([])?;
        self.version = self.current_version()?;
        Ok(answers)
    }

    fn current_version(&self) -> rusqlite::Result<u32> {
        let mut version = 0;
        self.conn.file_control(
            None::<&str>,
            rusqlite::FileControl::DataVersion(&mut version),
        )?;
        Ok(version)
    }

    /// Applies one batch; the inner error is a conflict, after which nothing of it was written.
    fn batch(&mut self, batch: &Batch) -> Result<Result<Applied>, Obstacle> {
        for expectation in &batch.expectations {
            let stored: Option<Vec<u8>> = self
                .get
                .query_row([&expectation.key], |row| row.get(0))
                .optional()?;
            if let Err(conflict) = expectation.check(stored.as_deref()) {
                return Ok(Err(conflict));
            }
        }
        for length in &batch.lengths {
            if let Err(conflict) = length.check(self.len(&length.name)?) {
                return Ok(Err(conflict));
            }
        }
        let mut applied = Applied::default();
        for step in &batch.steps {
            match step {
                Step::Put(key, value) => drop(self.put.execute((key, value))?),
                Step::Delete(key) => drop(self.delete.execute([key])?),
                Step::Append(name, entry) => applied.seqs.push(self.append(name, entry)?),
                Step::DeleteLog(name) => self.delete_log(name)?,
                Step::Blob(hash, bytes) => self.put_blob(hash, bytes)?,
                Step::DeleteBlob(hash) => self.delete_blob(hash)?,
            }
        }
        Ok(Ok(applied))
    }

    fn append(&mut self, name: &Arc<str>, entry: &[u8]) -> Result<u64, Obstacle> {
        let log = match self.logs.get(name) {
            Some(log) => *log,
            None => self.log(name)?,
        };
        let len = log.len + 1;
        let Ok(seq) = u32::try_from(len) else {
            return Err(Obstacle::Refused(error!(
                Limit,
                "the log '{name}' is full: it has {} entries", log.len
            )));
        };
        self.append
            .execute((log.id << 32 | i64::from(seq), entry))?;
        match self.logs.get_mut(name) {
            Some(log) => log.len = len,
            None => drop(self.logs.insert(Arc::clone(name), Log { id: log.id, len })),
        }
        Ok(len)
    }

    fn len(&self, name: &str) -> rusqlite::Result<u64> {
        match self.logs.get(name) {
            Some(log) => Ok(log.len),
            None => match log_id(self.conn, name)? {
                Some(id) => last_seq(self.conn, id),
                None => Ok(0),
            },
        }
    }

    /// Finds a log, or makes it.
    fn log(&mut self, name: &str) -> Result<Log, Obstacle> {
        if let Some(id) = log_id(self.conn, name)? {
            return Ok(Log {
                id,
                len: last_seq(self.conn, id)?,
            });
        }
        let id = self.name_log.insert([name.as_bytes()])?;
        if i32::try_from(id).is_err() {
            return Err(Obstacle::Refused(error!(
                Limit,
                "the store has {id} logs, which is the most"
            )));
        }
        Ok(Log { id, len: 0 })
    }

    fn delete_log(&mut self, name: &Arc<str>) -> rusqlite::Result<()> {
        self.logs.remove(name);
        if let Some(id) = log_id(self.conn, name)? {
            let (first, last) = entry_ids(id);
            self.delete_entries.execute([first, last])?;
            self.delete_log.execute([id])?;
        }
        Ok(())
    }

    fn put_blob(&mut self, hash: &Hash, bytes: &[u8]) -> rusqlite::Result<()> {
        if self.find_blob.exists([hash])? {
            return Ok(());
        }
        let mut first = None;
        let mut count = 0_i64;
        for part in parts(bytes) {
            // New rows get the greatest id plus one, so the parts of a blob are neighbours.
            let id = self.put_part.insert([part])?;
            first.get_or_insert(id);
            count += 1;
        }
        self.put_blob.execute((hash, first, count))?;
        Ok(())
    }

    fn delete_blob(&mut self, hash: &Hash) -> rusqlite::Result<()> {
        let place = self
            .find_blob
            .query_row([hash], |row| Ok([row.get(0)?, row.get(1)?]))
            .optional()?;
        let place: Option<[i64; 2]> = place;
        if let Some(place) = place {
            self.delete_parts.execute(place)?;
            self.delete_blob.execute([hash])?;
        }
        Ok(())
    }
}

/// Returns how many of the jobs, at least one, go into the next transaction.
fn group(jobs: &[Job]) -> usize {
    let mut bytes = 0;
    let full = jobs.iter().position(|job| {
        bytes += job.batch.bytes();
        bytes >= GROUP_BYTES
    });
    full.map_or(jobs.len(), |last| last + 1)
}
