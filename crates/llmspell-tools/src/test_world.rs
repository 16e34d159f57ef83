//! A small world for unit tests: a fixed clock, counted random bytes, and a worker that runs the jobs in place.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use futures::FutureExt;
use futures::executor::block_on;
use futures::future::BoxFuture;
use llmspell_core::{
    Clock, Cx, Door, Error, Events, Host, Kind, Op, Outcome, Random, Result, Scopes, Secrets,
    ToolSettings, Value, Worker,
};
use llmspell_runtime::event::{self, Bus, Pattern, Subscription, Wanted};
use llmspell_runtime::host::{
    FileRules, NetworkRules, PolicyEnvironment, RunEnvironment, SystemClock, SystemFiles,
    SystemNetwork, SystemTasks,
};
use llmspell_runtime::state::StoredScopes;

/// The moment at which every test happens: 2026-01-02T03:04:05Z, in microseconds.
pub(crate) const NOW: i64 = 1_767_323_045_000_000;

#[derive(Default)]
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

/// Returns a context without layers in this world.
pub(crate) fn cx() -> Cx {
    Place::default().cx()
}

/// What a test lets a tool reach; what is not named is closed. The policies are the real ones.
#[derive(Default)]
pub(crate) struct Place {
    files: Option<PathBuf>,
    network: Option<NetworkRules>,
    variables: BTreeMap<String, String>,
    environment: PolicyEnvironment,
    settings: Vec<(String, Value)>,
    real_time: bool,
    secrets: Option<Arc<dyn Secrets>>,
    bus: Option<Arc<Bus>>,
    state: Option<Arc<dyn Scopes>>,
}

impl Place {
    /// Files below this directory, and the network of this machine.
    pub(crate) fn at(dir: &Path) -> Self {
        Self::default().files(dir).network()
    }

    /// Files below this directory.
    pub(crate) fn files(mut self, dir: &Path) -> Self {
        self.files = Some(dir.to_owned());
        self
    }

    /// The network, restricted to this machine.
    pub(crate) fn network(mut self) -> Self {
        self.network = Some(NetworkRules {
            allow_hosts: vec!["127.0.0.0/8".to_owned(), "localhost".to_owned()],
            proxy: Some(String::new()),
            ..NetworkRules::default()
        });
        self
    }

    /// The network under these rules.
    pub(crate) fn network_rules(mut self, rules: NetworkRules) -> Self {
        self.network = Some(rules);
        self
    }

    /// An environment variable.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.insert(name.to_owned(), value.to_owned());
        self
    }

    /// The policy of environment variables.
    pub(crate) fn environment(mut self, policy: PolicyEnvironment) -> Self {
        self.environment = policy;
        self
    }

    /// What is to strike out secrets.
    pub(crate) fn secrets(mut self, secrets: Arc<dyn Secrets>) -> Self {
        self.secrets = Some(secrets);
        self
    }

    /// An event bus.
    pub(crate) fn bus(mut self, heard: &Heard) -> Self {
        self.bus = Some(heard.bus.clone());
        self
    }

    /// State in memory.
    pub(crate) fn state(mut self) -> Self {
        self.state = Some(Arc::new(StoredScopes::new("memory:", 1 << 20)));
        self
    }

    /// The configuration `[tools.NAME]`.
    pub(crate) fn settings(mut self, tool: &str, settings: serde_json::Value) -> Self {
        self.settings.push((tool.to_owned(), settings.into()));
        self
    }

    /// The clock of this machine, for what waits for the world.
    pub(crate) fn real_time(mut self) -> Self {
        self.real_time = true;
        self
    }

    /// Returns the root context of a run in this place. Calls of one context share what the run keeps.
    pub(crate) fn cx(self) -> Cx {
        let world = Arc::new(World::default());
        let environment = RunEnvironment::new(self.environment).variables(self.variables);
        let environment = Arc::new(environment);
        let mut host = Host::closed(world.clone(), world.clone(), environment, world);
        host.tasks = Arc::new(SystemTasks);
        if let Some(secrets) = self.secrets {
            host.secrets = secrets;
        }
        host.events = self.bus.map(|bus| bus as Arc<dyn Events>);
        host.state = self.state;
        if self.real_time {
            host.clock = Arc::new(SystemClock);
        }
        if let Some(dir) = self.files {
            let rules = FileRules {
                shared_tmp: false,
                ..FileRules::default()
            };
            let run_tmp = dir.join(".run");
            host.files = Arc::new(SystemFiles::new(rules, dir, run_tmp));
        }
        if let Some(rules) = self.network {
            host.network = Arc::new(SystemNetwork::new(rules).unwrap());
        }
        Cx::run("test", Arc::new(Door::default()), host)
            .part(Arc::new(ToolSettings::new(self.settings)))
            .build()
    }
}

/// An event bus, and what is published on it under types that fit a pattern.
pub(crate) struct Heard {
    bus: Arc<Bus>,
    subscription: Arc<Subscription>,
}

impl Heard {
    pub(crate) fn of(pattern: &str) -> Self {
        let options = event::Options::default();
        let bus = Bus::new(options, "test", Arc::new(World::default()), 1);
        let wanted = Wanted {
            patterns: vec![Pattern::new(pattern).unwrap()],
            language: None,
            filter: None,
            overflow: event::Overflow::Block,
            capacity: 100,
            block_timeout: Duration::from_secs(10),
            handler: None,
            internal: false,
        };
        Self {
            subscription: bus.subscribe(wanted).unwrap(),
            bus: Arc::new(bus),
        }
    }

    /// Returns type, source and facts of the next event, if one waits.
    pub(crate) fn waiting(&self) -> Option<(String, String, serde_json::Value)> {
        let event = self.bus.next(&self.subscription)?;
        let source = event.source.component.to_string();
        Some((
            event.kind.to_string(),
            source,
            event.data.value().to_serde_json(),
        ))
    }

    /// Waits for the next event.
    pub(crate) async fn next(&self) -> (String, String, serde_json::Value) {
        loop {
            match self.waiting() {
                Some(event) => return event,
                None => self.subscription.wait().await,
            }
        }
    }
}

/// Calls a tool in this context with arguments written as JSON.
pub(crate) async fn call_on(cx: &Cx, op: Op, args: serde_json::Value) -> Result<Outcome> {
    cx.call(&Arc::new(op), args.into()).await?.into_typed()
}

/// Calls a tool in this context with arguments written as JSON, and waits for it; for what needs no runtime.
pub(crate) fn call_at(cx: &Cx, op: Op, args: serde_json::Value) -> Result<Outcome> {
    block_on(call_on(cx, op, args))
}

/// Calls a tool through the door with arguments written as JSON.
pub(crate) fn call(op: Op, args: serde_json::Value) -> Result<Outcome> {
    call_with(op, Value::from(args))
}

/// Calls a tool whose files are those below `dir`.
pub(crate) fn call_in(dir: &Path, op: Op, args: serde_json::Value) -> Result<Outcome> {
    block_on(call_on(&Place::default().files(dir).cx(), op, args))
}

/// Calls a tool through the door.
pub(crate) fn call_with(op: Op, args: Value) -> Result<Outcome> {
    block_on(cx().call(&Arc::new(op), args))?.into_typed()
}

/// Returns the error of a call that must fail.
pub(crate) fn fails(op: Op, args: serde_json::Value) -> Error {
    match call(op, args) {
        Ok(outcome) => panic!("expected an error, got {outcome:?}"),
        Err(error) => error,
    }
}

/// Checks that a call is refused for its arguments, with this message.
#[track_caller]
pub(crate) fn refuses(op: Op, args: serde_json::Value, message: &str) {
    let error = fails(op, args);
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::InvalidArgs, message)
    );
}

/// Returns arguments, and more of them.
pub(crate) fn joined(mut args: serde_json::Value, more: &serde_json::Value) -> serde_json::Value {
    let more = more.as_object().unwrap().clone();
    args.as_object_mut().unwrap().extend(more);
    args
}
