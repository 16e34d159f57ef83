//! A small world for unit tests: a fixed clock, counted random bytes, and a worker that runs the jobs in place.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;
use llmspell_core::{
    Clock, Cx, Door, Environment, Error, Host, Kind, Map, Op, Outcome, Random, Result, Value,
    Worker,
};

use llmspell_runtime::host::{FileRules, NetworkRules, SystemFiles, SystemNetwork};

/// The moment at which every test happens: 2026-01-02T03:04:05Z, in microseconds.
pub(crate) const NOW: i64 = 1_767_323_045_000_000;

struct World {
    bytes: AtomicU8,
}

impl Clock for World {
    fn now(&self) -> i64 {
        NOW
    }
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn processor(&self) -> Duration {
        Duration::ZERO
    }
    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        std::future::ready(()).boxed()
    }
}

impl Random for World {
    fn fill(&self, bytes: &mut [u8]) {
        for byte in bytes {
            *byte = self.bytes.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Environment for World {
    fn var(&self, _: &str) -> Option<String> {
        None
    }
}

impl Worker for World {
    fn run(
        &self,
        job: &'static str,
        input: Value,
        _: Duration,
    ) -> BoxFuture<'static, Result<Value>> {
        let found = crate::jobs()
            .into_iter()
            .find(|candidate| candidate.name == job);
        let outcome = match found {
            Some(found) => (found.run)(input),
            None => Err(Error::new(Kind::Bug, format!("no job named '{job}'"))),
        };
        std::future::ready(outcome).boxed()
    }
}

fn host() -> Host {
    let world = Arc::new(World {
        bytes: AtomicU8::new(0),
    });
    Host::closed(world.clone(), world.clone(), world.clone(), world)
}

/// Returns a context without layers in this world.
pub(crate) fn cx() -> Cx {
    Cx::run("test", Arc::new(Door::default()), host()).build()
}

/// Returns a context whose files are those below `dir`, and whose network is this machine. The policy is the real one.
fn cx_in(dir: &Path) -> Cx {
    let files = FileRules {
        shared_tmp: false,
        ..FileRules::default()
    };
    let network = NetworkRules {
        allow_hosts: vec!["127.0.0.0/8".to_owned(), "localhost".to_owned()],
        proxy: Some(String::new()),
        ..NetworkRules::default()
    };
    let host = Host {
        files: Arc::new(SystemFiles::new(files, dir.to_owned(), dir.join(".run"))),
        network: Arc::new(SystemNetwork::new(network).unwrap()),
        ..host()
    };
    Cx::run("test", Arc::new(Door::default()), host).build()
}

/// Calls a tool through the door with arguments written as JSON.
pub(crate) fn call(op: Op, args: serde_json::Value) -> Result<Outcome> {
    call_with(op, Value::from(args))
}

/// Calls a tool whose files are those below `dir`.
pub(crate) fn call_in(dir: &Path, op: Op, args: serde_json::Value) -> Result<Outcome> {
    let op = Arc::new(op);
    block_on(cx_in(dir).call(&op, args.into()))?.into_typed()
}

/// Calls a tool through the door.
pub(crate) fn call_with(op: Op, args: Value) -> Result<Outcome> {
    let cx = cx();
    let op = Arc::new(op);
    block_on(cx.call(&op, args))?.into_typed()
}

/// Returns the error of a call that must fail.
pub(crate) fn fails(op: Op, args: serde_json::Value) -> Error {
    match call(op, args) {
        Ok(outcome) => panic!("expected an error, got {outcome:?}"),
        Err(error) => error,
    }
}

/// Returns a map of these members.
pub(crate) fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(
        members
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect::<Map>(),
    )
}
