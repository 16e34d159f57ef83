//! The workers that are kept.

use std::collections::{HashMap, VecDeque};
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::BoxFuture;
use llmspell_core::{Error, Result, Value, Worker, error};
use parking_lot::{Condvar, Mutex};
use tokio::sync::oneshot;

use super::child::{Child, Silence, kill, late};
use super::confine::Confinement;
use super::frame::{self, Job};

/// Most workers at once, unless said otherwise.
const MOST: usize = 2;

/// How long a worker without a job is kept.
const IDLE: Duration = Duration::from_secs(30);

/// How a worker is started.
#[derive(Clone, Debug)]
pub(super) struct Program {
    pub(super) path: PathBuf,
    pub(super) args: Vec<OsString>,
    pub(super) environment: Vec<(OsString, OsString)>,
}

/// A few warm worker processes.
///
/// Workers are started by the first jobs, at most two; further jobs wait for one of them, and the limit of a job counts
/// from when a worker has it. One that died is replaced at the next job, one without a job ends after 30 s. Dropping
/// the pool ends all of them; a worker also ends when this process does, however that happens.
///
/// A worker's environment is empty, its directory `/`, its process group its own.
#[derive(Debug)]
pub struct Pool {
    shared: Arc<Shared>,
}

impl Pool {
    /// Starts workers as this program with these arguments, which must lead it to [`serve`](super::serve).
    pub fn new<A: Into<OsString>>(program: PathBuf, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            shared: Arc::new(Shared {
                program: Program {
                    path: program,
                    args: args.into_iter().map(Into::into).collect(),
                    environment: ALLOCATOR
                        .iter()
                        .map(|(name, value)| (name.into(), value.into()))
                        .collect(),
                },
                most: MOST,
                state: Mutex::default(),
                wake: Condvar::new(),
            }),
        }
    }

    /// Returns what confines workers on this machine. Starts one if none is warm.
    ///
    /// - Errors: `Unavailable` if no worker can be started.
    pub async fn confinement(&self) -> Result<Confinement> {
        self.run("", Value::Null, Duration::from_secs(30)).await?;
        let found = self.shared.state.lock().confinement.clone();
        found.ok_or_else(|| error!(Bug, "no worker has greeted"))
    }
}

/// An allocator that reserves a gigabyte at once would not fit into a worker's memory.
const ALLOCATOR: &[(&str, &str)] = &[
    ("MIMALLOC_ARENA_RESERVE", "16MiB"),
    ("MIMALLOC_ARENA_EAGER_COMMIT", "0"),
];

impl Worker for Pool {
    fn run(
        &self,
        job: &'static str,
        input: Value,
        limit: Duration,
    ) -> BoxFuture<'static, Result<Value>> {
        let shared = self.shared.clone();
        Box::pin(async move {
            let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX >> 1);
            let asked = Job {
                name: job.to_owned(),
                limit_ms: limit_ms.min(u64::MAX >> 1),
                input,
            };
            let (answer, result) = oneshot::channel();
            let place = Place::default();
            let task = Task {
                job,
                frame: frame::pack(&asked.to_value(), "the input")?,
                limit,
                answer,
                place: place.clone(),
            };
            drop(asked);
            let _stop = Stop(place);
            shared.push(task)?;
            result.await.unwrap_or_else(|_| Err(stopped()))
        })
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.state.lock();
        state.stopped = true;
        state.waiting.clear();
        for place in state.active.values() {
            place.give_up();
        }
        self.shared.wake.notify_all();
    }
}

fn stopped() -> Error {
    error!(Unavailable, "the worker processes were stopped")
}

/// A job that waits for a worker, or has one.
#[derive(Debug)]
struct Task {
    job: &'static str,
    frame: Vec<u8>,
    limit: Duration,
    answer: oneshot::Sender<Result<Value>>,
    place: Place,
}

/// Where a job is.
#[derive(Clone, Debug, Default)]
struct Place(Arc<Mutex<Stage>>);

#[derive(Debug, Default)]
enum Stage {
    #[default]
    Waiting,
    /// In the worker with this process number, which is not reaped meanwhile.
    Running(u32),
    /// Answered, or no longer wanted.
    Over,
}

impl Place {
    /// Returns false if the job is no longer wanted.
    fn enter(&self, pid: u32) -> bool {
        let mut stage = self.0.lock();
        let wanted = matches!(*stage, Stage::Waiting);
        if wanted {
            *stage = Stage::Running(pid);
        }
        wanted
    }

    fn leave(&self) {
        *self.0.lock() = Stage::Over;
    }

    fn is_over(&self) -> bool {
        matches!(*self.0.lock(), Stage::Over)
    }

    fn give_up(&self) {
        let mut stage = self.0.lock();
        if let Stage::Running(pid) = *stage {
            kill(pid);
        }
        *stage = Stage::Over;
    }
}

/// Ends the worker of a job whose caller stopped waiting.
struct Stop(Place);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.give_up();
    }
}

#[derive(Debug)]
struct Shared {
    program: Program,
    most: usize,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Task>,
    /// Threads, each of which has at most one worker.
    threads: usize,
    /// Of these, how many wait for a job.
    idle: usize,
    /// The jobs that workers have, by the number of their thread.
    active: HashMap<u64, Place>,
    started: u64,
    confinement: Option<Confinement>,
    stopped: bool,
}

impl Shared {
    fn push(self: &Arc<Self>, task: Task) -> Result<()> {
        let mut state = self.state.lock();
        if state.stopped {
            return Err(stopped());
        }
        state.waiting.push_back(task);
        if state.idle >= state.waiting.len() || state.threads >= self.most {
            drop(state);
            self.wake.notify_one();
            return Ok(());
        }
        state.threads += 1;
        state.started += 1;
        let number = state.started;
        drop(state);
        let shared = self.clone();
        let thread = std::thread::Builder::new().name("worker".into());
        match thread.spawn(move || shared.work(number)) {
            Ok(_) => Ok(()),
            Err(cause) => {
                let mut state = self.state.lock();
                state.threads -= 1;
                if state.threads > 0 {
                    return Ok(());
                }
                state.waiting.clear();
                Err(error!(Unavailable, "the thread of a worker cannot be started").source(cause))
            }
        }
    }

    /// Lets one worker do one job after the other. The thread lives as long as its worker, which dies with it.
    fn work(&self, number: u64) {
        let _ended = Ended(self, number);
        let mut child = None;
        while let Some(task) = self.next(number) {
            if task.place.is_over() {
                continue;
            }
            let outcome = self.attempt(&mut child, &task);
            self.state.lock().active.remove(&number);
            // No one may be waiting any more.
            task.answer.send(outcome).ok();
        }
    }

    /// Waits for a job; `None` if the thread is to end.
    fn next(&self, number: u64) -> Option<Task> {
        let mut state = self.state.lock();
        let deadline = Instant::now() + IDLE;
        while !state.stopped {
            if let Some(task) = state.waiting.pop_front() {
                state.active.insert(number, task.place.clone());
                return Some(task);
            }
            state.idle += 1;
            let late = self.wake.wait_until(&mut state, deadline).timed_out();
            state.idle -= 1;
            if late && state.waiting.is_empty() {
                return None;
            }
        }
        None
    }

    fn attempt(&self, warm: &mut Option<Child>, task: &Task) -> Result<Value> {
        // One that died while it waited is not the fault of this job.
        if warm.as_mut().is_some_and(Child::has_ended) {
            *warm = None;
        }
        let child = match warm {
            Some(child) => child,
            None => {
                let child = Child::start(&self.program)?;
                self.state.lock().confinement = Some(child.confinement.clone());
                warm.insert(child)
            }
        };
        if !task.place.enter(child.pid()) {
            return Err(stopped());
        }
        let answer = child.ask(&task.frame, Instant::now().checked_add(task.limit));
        let gone = task.place.is_over();
        task.place.leave();
        let silence = match answer {
            Ok(answer) => {
                if gone {
                    *warm = None;
                }
                return frame::outcome(answer);
            }
            Err(silence) => silence,
        };
        let error = match silence {
            _ if gone => stopped(),
            Silence::Deadline => late(task.job, task.limit),
            Silence::Garbled(error) => error,
            Silence::Gone => child.end().error(task.job, task.limit),
        };
        *warm = None;
        Err(error)
    }
}

/// Takes a thread that ends off the books, also after a panic.
struct Ended<'a>(&'a Shared, u64);

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state.lock();
        state.threads -= 1;
        state.active.remove(&self.1);
    }
}
