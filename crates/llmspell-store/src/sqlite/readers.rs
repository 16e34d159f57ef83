//! The threads that read, each with a connection of its own.

use std::collections::VecDeque;
use std::sync::Arc;

use llmspell_core::{Result, error};
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;
use rusqlite::wal::CheckpointMode;
use tokio::sync::oneshot;

use super::Place;
use super::failure::{failure, io};
use crate::store::closed;

/// Most threads; they are started when there is work for them.
const MOST: usize = 3;

type Job = Box<dyn FnOnce(Result<&Connection>) + Send>;

/// A few threads that take reads from one queue.
pub(super) struct Readers {
    place: Arc<Place>,
    state: Mutex<State>,
    /// Told when a job waits or the threads are to end.
    work: Condvar,
    /// Told when a thread has ended.
    ended: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    stopped: bool,
}

impl Readers {
    pub(super) fn new(place: Arc<Place>) -> Self {
        Self {
            place,
            state: Mutex::default(),
            work: Condvar::new(),
            ended: Condvar::new(),
        }
    }

    /// Runs a read on one of the threads.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let place = Arc::clone(&self.place);
        self.run(move |conn| read(conn).map_err(|error| failure(&place.path, error)))
            .await
    }

    /// Runs `job` on one of the threads, unless nobody waits for it any more when its turn comes.
    pub(super) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        job: impl FnOnce(&Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (answer, result) = oneshot::channel();
        self.submit(Box::new(move |conn| {
            if !answer.is_closed() {
                answer.send(conn.and_then(job)).ok();
            }
        }))?;
        result.await.unwrap_or_else(|_| {
            Err(error!(
                Bug,
                "a reader of the store '{}' died",
                self.place.path.display()
            ))
        })
    }

    /// Copies the write-ahead log into the database, as far as no one is in the way, without waiting for it.
    pub(super) fn checkpoint(self: &Arc<Self>) {
        // What fails here is tried again after the next commits, or on close, which reports it.
        let job = |conn: Result<&Connection>| {
            conn.map(|conn| conn.wal_checkpoint_v2(None::<&str>, CheckpointMode::PASSIVE))
                .ok();
        };
        self.submit(Box::new(job)).ok();
    }

    fn submit(self: &Arc<Self>, job: Job) -> Result<()> {
        let mut state = self.state.lock();
        if state.stopped {
            return Err(closed());
        }
        state.jobs.push_back(job);
        if state.jobs.len() > state.idle && state.threads < MOST {
            let readers = Arc::clone(self);
            match std::thread::Builder::new()
                .name("store-read".into())
                .spawn(move || readers.serve())
            {
                Ok(_) => state.threads += 1,
                Err(cause) if state.threads == 0 => {
                    state.jobs.pop_back();
                    return Err(io(&self.place.path, "start a thread that reads", cause));
                }
                Err(_) => {}
            }
        }
        drop(state);
        self.work.notify_one();
        Ok(())
    }

    /// Does jobs until there are none and none will come.
    fn serve(&self) {
        let _leaving = Leaving(self);
        let mut open = None;
        while let Some(job) = self.next() {
            let conn = match open.take() {
                Some(conn) => Ok(conn),
                None => self.place.connect(),
            };
            job(conn.as_ref().map_err(Clone::clone));
            open = conn.ok();
        }
    }

    fn next(&self) -> Option<Job> {
        let mut state = self.state.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.stopped {
                return None;
            }
            state.idle += 1;
            self.work.wait(&mut state);
            state.idle -= 1;
        }
    }

    /// Refuses new jobs; the threads end when the queue is empty.
    pub(super) fn stop(&self) {
        self.state.lock().stopped = true;
        self.work.notify_all();
    }

    /// Blocks until all threads have ended.
    pub(super) fn join(&self) {
        let mut state = self.state.lock();
        while state.threads > 0 {
            self.ended.wait(&mut state);
        }
    }
}

/// Counts a thread out when it ends, also by a panic; its connection is closed by then.
struct Leaving<'a>(&'a Readers);

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        self.0.state.lock().threads -= 1;
        self.0.ended.notify_all();
    }
}
