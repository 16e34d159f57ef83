//! A world without files, network, processes or workers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use core::net::SocketAddr;

use futures::future::{BoxFuture, FutureExt, ready};
use futures::stream::BoxStream;

use super::files::{Access, Change, Entries, FileEntry, Files, ReadFile, WriteFile, WriteMode};
use super::http::{HttpRequest, HttpResponse};
use super::network::{Connection, Endpoint, Network, Secured};
use super::processes::{Command, Finished, Process, Processes};
use super::tasks::Tasks;
use super::worker::Worker;
use crate::error::{Error, Kind, Result};
use crate::value::Value;

/// A world without files, network, processes or workers: every call is refused, with the setting that would allow it.
#[derive(Clone, Copy, Debug)]
pub struct Closed {
    what: &'static str,
    hint: &'static str,
}

impl Closed {
    /// No access to files.
    pub const FILES: Self = Self {
        what: "access to files is not permitted",
        hint: "set `security.allow_file_access = true`",
    };
    /// No network.
    pub const NETWORK: Self = Self {
        what: "access to the network is not permitted",
        hint: "set `security.allow_network_access = true`",
    };
    /// No processes.
    pub const PROCESSES: Self = Self {
        what: "starting processes is not permitted",
        hint: "name the program in `security.process.allow`",
    };
    /// No work beside the calls.
    pub const TASKS: Self = Self {
        what: "work beside a call is not possible here",
        hint: "wait for its result within the call",
    };
    /// No workers.
    pub const WORKERS: Self = Self {
        what: "hostile input cannot be evaluated here",
        hint: "give the run workers of its own",
    };
    /// Nothing, for a run of level `safe`.
    pub const SAFE: Self = Self {
        what: "a run of level safe has neither files nor network nor processes: not permitted",
        hint: "set `security.level = \"restricted\"`",
    };

    fn refused<T>(self) -> Result<T> {
        Err(Error::new(Kind::Denied, self.what).hint(self.hint))
    }

    fn later<T: Send + 'static>(self) -> BoxFuture<'static, Result<T>> {
        ready(self.refused()).boxed()
    }
}

impl Files for Closed {
    fn working_dir(&self) -> &Path {
        Path::new("/")
    }
    fn temp_dir(&self) -> Result<PathBuf> {
        self.refused()
    }
    fn resolve(&self, _: &Path, _: Access) -> Result<PathBuf> {
        self.refused()
    }
    fn entry(&self, _: &Path) -> Result<Option<FileEntry>> {
        self.refused()
    }
    fn open(&self, _: &Path) -> Result<Box<dyn ReadFile>> {
        self.refused()
    }
    fn create(&self, _: &Path, _: WriteMode) -> Result<Box<dyn WriteFile>> {
        self.refused()
    }
    fn list(&self, _: &Path) -> Result<Entries> {
        self.refused()
    }
    fn create_dir(&self, _: &Path, _: bool) -> Result<bool> {
        self.refused()
    }
    fn remove(&self, _: &Path) -> Result<()> {
        self.refused()
    }
    fn check_tree(&self, _: &Path, _: Access) -> Result<()> {
        self.refused()
    }
    fn rename(&self, _: &Path, _: &Path, _: bool) -> Result<()> {
        self.refused()
    }
    fn set_mode(&self, _: &Path, _: u32) -> Result<()> {
        self.refused()
    }
    fn set_modified(&self, _: &Path, _: i64) -> Result<()> {
        self.refused()
    }
    fn watch(&self, _: &[PathBuf], _: bool) -> Result<BoxStream<'static, Change>> {
        self.refused()
    }
    fn max_file_bytes(&self) -> u64 {
        0
    }
    fn spawn(&self, work: Box<dyn FnOnce() + Send>) {
        // Nothing in it can wait.
        work();
    }
}

impl Network for Closed {
    fn send(&self, _: HttpRequest) -> BoxFuture<'static, Result<HttpResponse>> {
        self.later()
    }
    fn connect(&self, _: Endpoint) -> BoxFuture<'static, Result<Box<dyn Connection>>> {
        self.later()
    }
    fn secure(&self, _: Box<dyn Connection>, _: &str) -> BoxFuture<'static, Result<Secured>> {
        self.later()
    }
    fn resolve(&self, _: Endpoint) -> BoxFuture<'static, Result<Vec<SocketAddr>>> {
        self.later()
    }
    fn max_response_bytes(&self) -> u64 {
        0
    }
}

impl Processes for Closed {
    fn find(&self, _: &str) -> Result<PathBuf> {
        self.refused()
    }
    fn start(&self, _: Command) -> BoxFuture<'static, Result<Box<dyn Process>>> {
        self.later()
    }
    fn run(&self, _: Command) -> BoxFuture<'static, Result<Finished>> {
        self.later()
    }
}

impl Tasks for Closed {
    fn spawn(&self, _: BoxFuture<'static, ()>) -> Result<()> {
        self.refused()
    }
}

impl Worker for Closed {
    fn run(&self, _: &'static str, _: Value, _: Duration) -> BoxFuture<'static, Result<Value>> {
        self.later()
    }
}
