//! The jobs of a run: processes in the background.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use llmspell_core::host::Process;
use llmspell_core::{Map, Outcome, Result, Value, error};

/// How many jobs that have ended can still be asked for.
const REMEMBERED: usize = 32;

/// The jobs of a run. They end with it.
#[derive(Default)]
pub(super) struct Jobs(Mutex<Table>);

#[derive(Default)]
struct Table {
    count: u64,
    jobs: BTreeMap<u64, Slot>,
}

/// A place in the table.
enum Slot {
    /// Kept for a process that is being started.
    Reserved,
    Taken(Arc<futures::lock::Mutex<Job>>),
}

/// A job.
pub(super) struct Job {
    pub(super) process: Box<dyn Process>,
    arguments: Vec<String>,
}

/// A place in the table for a job to be; dropped without one, it is free again.
pub(super) struct Place<'a> {
    jobs: &'a Jobs,
    number: u64,
}

impl Jobs {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a place for one more job.
    ///
    /// - Errors: `Limit` if `most` are running.
    pub(super) fn reserve(&self, most: usize) -> Result<Place<'_>> {
        let mut table = self.table();
        let mut ended = Vec::new();
        for (number, slot) in &table.jobs {
            // A job that is being talked to is running.
            if let Slot::Taken(job) = slot
                && let Some(mut job) = job.try_lock()
                && job.process.exit().is_some()
            {
                ended.push(*number);
            }
        }
        if table.jobs.len() - ended.len() >= most {
            return Err(error!(Limit, "{most} jobs are running, as many as may be")
                .with("limit", most)
                .hint("stop one, or raise `tools.process_executor.max_jobs`"));
        }
        let forgotten = ended.len().saturating_sub(REMEMBERED - 1);
        for number in ended.into_iter().take(forgotten) {
            table.jobs.remove(&number);
        }
        table.count += 1;
        let number = table.count;
        table.jobs.insert(number, Slot::Reserved);
        Ok(Place { jobs: self, number })
    }

    /// Finds a job.
    ///
    /// - Errors: `NotFound`.
    pub(super) fn get(&self, id: &str) -> Result<Arc<futures::lock::Mutex<Job>>> {
        let table = self.table();
        let number = id
            .strip_prefix("job-")
            .and_then(|number| number.parse().ok());
        match number.and_then(|number: u64| table.jobs.get(&number)) {
            Some(Slot::Taken(job)) => Ok(job.clone()),
            Some(Slot::Reserved) | None => Err(error!(NotFound, "there is no job '{id}'")
                .hint("operation 'list' shows the jobs of this run")),
        }
    }

    pub(super) async fn list(&self) -> Outcome {
        let taken: Vec<_> = {
            let table = self.table();
            let taken = table.jobs.iter().filter_map(|(number, slot)| match slot {
                Slot::Taken(job) => Some((*number, job.clone())),
                Slot::Reserved => None,
            });
            taken.collect()
        };
        let mut jobs = Vec::with_capacity(taken.len());
        for (number, job) in taken {
            let mut job = job.lock().await;
            let exit = job.process.exit();
            let mut shown = job.shown(number);
            shown.insert("running", exit.is_none().into());
            let code = exit.and_then(|exit| exit.code).map(i64::from);
            shown.insert("exit_code", code.into());
            jobs.push(Value::Map(shown));
        }
        let message = format!("{} jobs", jobs.len());
        let data = Map::from([
            ("jobs", Value::List(jobs.clone())),
            ("count", jobs.len().into()),
        ]);
        Outcome::new("list", data).output(jobs).message(message)
    }
}

impl Place<'_> {
    /// Puts the job into its place, and returns what is told of it.
    pub(super) fn fill(self, process: Box<dyn Process>, arguments: Vec<String>) -> Map {
        let job = Job { process, arguments };
        let mut shown = job.shown(self.number);
        shown.insert("running", true.into());
        let slot = Slot::Taken(Arc::new(futures::lock::Mutex::new(job)));
        self.jobs.table().jobs.insert(self.number, slot);
        shown
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut table = self.jobs.table();
        if matches!(table.jobs.get(&self.number), Some(Slot::Reserved)) {
            table.jobs.remove(&self.number);
        }
    }
}

impl Job {
    fn shown(&self, number: u64) -> Map {
        let executable = self.process.program().display().to_string();
        Map::from([
            ("job_id", format!("job-{number}").into()),
            ("executable", executable.into()),
            ("arguments", self.arguments.clone().into()),
            ("pid", i64::from(self.process.id()).into()),
        ])
    }
}
