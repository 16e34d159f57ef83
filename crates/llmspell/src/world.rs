//! The wiring: from a configuration to everything that a run needs.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use llmspell_core::host::Closed;
use llmspell_core::{
    Cancel, Cx, Door, Environment, Error, Host, Kind, Level, Module, Observer, Result, Scopes,
    ScriptGlobals, Secrets as _, ToolSettings, Usage, Value, Worker, bail, error,
};
use llmspell_model::Providers;
use llmspell_runtime::agent::{self, Agents};
use llmspell_runtime::artifact::{self, Artifacts};
use llmspell_runtime::config::Settings;
use llmspell_runtime::event::{self, Bus, Pattern, Publication, ScriptLanguage};
use llmspell_runtime::fetch;
use llmspell_runtime::file;
use llmspell_runtime::hook::{self, Hooks};
use llmspell_runtime::host::{
    FileRules, NetworkRules, RunEnvironment, SystemClock, SystemFiles, SystemNetwork,
    SystemProcesses, SystemRandom, SystemTasks,
};
use llmspell_runtime::journal::Redact;
use llmspell_runtime::layer::{self, Policy};
use llmspell_runtime::model::{Limiters, Models};
use llmspell_runtime::rate::Turns;
use llmspell_runtime::session::{
    self, Choice, Choices, Keeper, Resumption, ScriptSessions, Session, Status,
};
use llmspell_runtime::state::StoredScopes;
use llmspell_runtime::state::backup::{self, Backups, Passphrase};
use llmspell_runtime::state::migration::{self, Migrations};
use llmspell_runtime::telemetry::{Setup, Telemetry};
use llmspell_runtime::tool::{self, Tools};
use llmspell_runtime::worker::Pool;
use llmspell_runtime::workflow::Workflows;
use llmspell_runtime::{clock, input};
use llmspell_script::{
    Engine, FileOps, HostOps, InputOps, Interpreter, JavaScript, JavaScriptOptions, Lua,
    LuaOptions, Output, Script, Stream,
};

use crate::audit::Audit;
use crate::config::{Backend, Endurance, Keeping, Language, Loaded, Record, Security, run_tmp};
use crate::names::{modules, providers};
use crate::recorded::Recorded;
use crate::schemas;
use crate::watch::{Watch, Watched};
use crate::{LAUNCH, WORKER};

/// How long a run may take to end by itself after its time is over.
const GRACE: Duration = Duration::from_secs(10);

/// How long handlers of events may take when the script has ended.
const LAST_EVENTS: Duration = Duration::from_secs(1);

/// How long hooks may take when the script has ended.
const LAST_HOOKS: Duration = Duration::from_secs(2);

/// What a run is given beside its configuration.
pub struct Options {
    /// Which session it belongs to.
    pub session: SessionChoice,
    /// The store of its record, in place of the configured one.
    pub store: Option<String>,
    /// Who watches its calls.
    pub observers: Vec<Arc<dyn Observer>>,
    /// Who is told of which of its events.
    pub events: Vec<Watched>,
    /// Where its output goes.
    pub output: Arc<dyn Output>,
    /// Where foreign input is evaluated, in place of workers that are this program.
    pub worker: Option<Arc<dyn Worker>>,
    /// The program that starts processes, in place of this one.
    pub launcher: Option<PathBuf>,
    /// What runs the script, in place of the engine of a language.
    pub engine: Option<Arc<dyn Engine>>,
    /// What the command line chose, which is kept for a process that resumes the run.
    pub choices: Choices,
    /// The run that it goes on with, in place of a session of its own.
    pub resumed: Option<Resumption>,
    /// What may stop it.
    pub cancel: Cancel,
}

impl Default for Options {
    /// Records as configured; output goes to the process's own streams.
    fn default() -> Self {
        Self {
            session: SessionChoice::AsConfigured,
            store: None,
            observers: Vec::new(),
            events: Vec::new(),
            output: Arc::new(Inherited),
            worker: None,
            launcher: None,
            engine: None,
            choices: Choices::default(),
            resumed: None,
            cancel: Cancel::new(),
        }
    }
}

/// Which session a run belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionChoice {
    /// A new one if the configuration records every run, else none.
    AsConfigured,
    /// A new one.
    New,
    /// A new one of this name.
    Named(String),
    /// None: nothing is recorded.
    None,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// What the script returned, or the error that ended it.
    pub results: Result<Vec<Value>>,
    /// What the models consumed.
    pub usage: Usage,
    /// How long it took.
    pub duration: Duration,
    /// The language.
    pub engine: &'static str,
    /// The session, if anything was recorded.
    pub session: Option<String>,
    /// How many calls the journal answered, if the run was resumed.
    pub answered: Option<u64>,
}

/// Everything that one run needs: its context, its engine, its session.
pub struct World {
    cx: Cx,
    engine: Arc<dyn Engine>,
    session: Session,
    watches: Vec<Watch>,
    state: Option<Arc<StoredScopes>>,
    persist: Vec<String>,
    redact: Redact,
    timeout: Duration,
    began: Duration,
}

impl World {
    /// Puts a run together. Nothing is opened before it is used: no store, no connection, no worker.
    ///
    /// `script` is what the session is named after.
    ///
    /// - Errors: `Config` for a key that is needed and wrong; `Unavailable` for a language or feature that this
    ///   version does not have.
    pub fn open(
        loaded: &Loaded,
        language: Language,
        script: &Script,
        options: Options,
    ) -> Result<Self> {
        loaded.require(&[
            "runtime",
            "state",
            "sessions",
            "artifacts",
            "storage",
            "security",
            "tools",
            "events",
            "hooks",
            "telemetry",
            "providers.default_provider",
            "providers.default_model",
        ])?;
        let config = &loaded.config;
        let redact = loaded.redact.clone();
        let worker = match options.worker {
            Some(worker) => worker,
            None => Arc::new(workers()?),
        };
        let random = match options.resumed.as_ref().and_then(Resumption::key) {
            Some(key) => SystemRandom::of_key(key),
            None => SystemRandom::new(config.runtime.seed),
        };
        let key = random.key();
        let (mut host, files) = host(loaded, worker, options.launcher, random)?;
        let name = match &options.engine {
            Some(engine) => engine.name(),
            None => language.name(),
        };
        let providers = providers(loaded)?;
        let choices = Choices {
            model: usual_model(&providers),
            ..options.choices
        };
        let session = match options.resumed {
            Some(resumed) => {
                let choices = compared(choices, resumed.choices());
                resumed.begin(
                    &script.source,
                    &script.args,
                    choices,
                    redact,
                    durability(loaded),
                    host.clock.clone(),
                )?
            }
            None => begin(
                loaded,
                name,
                script,
                (redact, key, choices),
                &host,
                options.session,
                options.store,
            )?,
        };
        let output = Arc::new(Recorded {
            output: options.output,
            journal: session.journal(),
        });
        let engine = match options.engine {
            Some(engine) => engine,
            None => engine(loaded, language, output)?,
        };
        let tools = config.tools.clone();
        let salt = match config.runtime.seed {
            Some(seed) => seed,
            None => salt(session.id()),
        };
        let bus = Arc::new(Bus::new(
            config.events.clone(),
            session.id(),
            host.clock.clone(),
            salt,
        ));
        let rates = Arc::new(tools.rates(Turns::of_process())?);
        host.rates = rates.clone();
        host.events = Some(bus.clone());
        let state = state(loaded)?;
        host.state = state.clone().map(|state| state as Arc<dyn Scopes>);
        let narrower = narrower(loaded, &host, files)?;
        let hooks = Arc::new(Hooks::new(config.hooks.clone()));
        hook::enable_configured(&hooks)?;
        let watches = options.events.into_iter();
        let watches: Result<Vec<Watch>> = watches.map(|watch| Watch::open(&bus, watch)).collect();
        let watches = watches?;
        let telemetry = Arc::new(Telemetry::default());
        if let Some(setup) = collector(loaded)? {
            telemetry.start(session.id(), &script.name, &host, setup);
        }
        let sessions = Arc::new(session.of_script(rules(loaded)));
        sessions.heard_on(bus.clone());
        sessions.hooked_by(hooks.clone());
        let artifacts = Arc::new(Artifacts::of_run(
            sessions.clone(),
            artifact_options(loaded),
        ));
        sessions.kept_by(&artifacts);
        let door = Door::new(layer::stack(layer::Options {
            max_concurrency: config.runtime.max_concurrency,
            policy: Arc::new(policy(&tools, config.security.level)),
            journal: session.journal(),
            events: Some(bus.clone()),
            breakers: Arc::new(tools.breakers()?),
            rates,
            hooks: hooks.clone(),
            telemetry: telemetry.clone(),
        }));
        let models = Models::new(Arc::new(providers), Arc::new(Limiters::default()));
        let began = host.clock.monotonic();
        let mut run = Cx::run(session.id(), Arc::new(door), host)
            .part(Arc::new(Agents::new(agent::Options {
                enable_streaming: config.runtime.enable_streaming,
                ..agent::Options::default()
            })))
            .part(Arc::new(Workflows::default()))
            .part(session.journal())
            .part(sessions)
            .part(artifacts)
            .part(bus)
            .part(hooks)
            .part(telemetry)
            .part(Arc::new(ScriptGlobals::default()))
            .part(Arc::new(ScriptLanguage(language.of_events())))
            .part(Arc::new(models))
            .part(Arc::new(settings(loaded, &tools)))
            .part(Arc::new(
                Tools::new(&llmspell_tools::modules(), tools).within(narrower),
            ))
            .part(Arc::new(Settings::new(loaded.effective().into())))
            .limits(config.runtime.budget.limits())
            .cancel(options.cancel.child());
        if let Some(state) = &state {
            run = run.part(state.clone());
            if config.state.migration_enabled {
                run = run.part(Arc::new(migrations(&config.state)?));
            }
            if config.state.backup_enabled {
                let backups = Backups::new(config.state.backup.clone());
                run = run.part(Arc::new(backups.encrypted(passphrase(loaded))));
            }
        }
        for observer in options.observers {
            run = run.observer(observer);
        }
        if let Some(path) = &config.security.audit_file {
            run = run.observer(Arc::new(Audit::open(path, loaded.redact.clone())?));
        }
        Ok(Self {
            cx: run.build(),
            engine,
            session,
            watches,
            state,
            persist: config.events.persist.clone(),
            redact: loaded.redact.clone(),
            timeout: Duration::from_millis(config.runtime.timeout_ms),
            began,
        })
    }

    /// Returns the context of the spell itself.
    pub fn cx(&self) -> &Cx {
        &self.cx
    }

    /// Returns the engine.
    pub fn engine(&self) -> &Arc<dyn Engine> {
        &self.engine
    }

    /// Starts the interpreter of the run's scripts, in which ops find global functions by name.
    ///
    /// - Errors: those of [`Engine::open`].
    pub fn interpreter(&self) -> Result<Arc<dyn Interpreter>> {
        let interpreter = self.engine.open()?;
        // The ops of a run must not keep its interpreter alive.
        let weak = Arc::downgrade(&interpreter);
        self.cx
            .part::<ScriptGlobals>()?
            .set(move |name| weak.upgrade()?.global(name));
        Ok(interpreter)
    }

    /// Runs a script within the time of the run, and finishes the session.
    ///
    /// - Errors: `Conflict` if another process resumes the same run; what the script raised is in the result.
    pub async fn run(self, script: Script) -> Result<Ran> {
        self.session.claim().await?;
        let keeper = match self.keep_events() {
            Ok(keeper) => keeper,
            Err(error) => return Ok(self.finish(Err(error)).await),
        };
        self.say("system.started");
        hook::start_up(&self.cx, self.engine.name(), None).await;
        let bounded = self.cx.bounded(Some(self.timeout), None);
        // Functions that the script handed out live as long as its interpreter.
        let interpreter = match self.interpreter() {
            Ok(interpreter) => interpreter,
            Err(error) => return Ok(self.finish(Err(error)).await),
        };
        let running = interpreter.eval(bounded, script);
        // The engine ends at the deadline by itself; this is for the case that it cannot.
        let limit = self.timeout.saturating_add(GRACE);
        let results = tokio::select! {
            biased;
            results = tokio::time::timeout(limit, running) => results
                .unwrap_or_else(|_| Err(error!(Timeout, "the run did not end within its time"))),
            never = hook::watch_load(&self.cx, || interpreter.heap()) => match never {},
        };
        let results = results.map_err(|error| self.redact.error(self.explain(error)));
        self.say("system.stopping");
        if self.cx.check().is_ok() {
            event::drain(&self.cx, LAST_EVENTS).await;
            // What hooks do at the end must not keep the run from ending.
            let _ = tokio::time::timeout(LAST_HOOKS, self.last_hooks(&results)).await;
        }
        drop(interpreter);
        if let Some(keeper) = keeper {
            keeper.end().await;
        }
        Ok(self.finish(results).await)
    }

    /// Begins to keep events in the session's store.
    ///
    /// - Errors: `Config` for a malformed pattern.
    fn keep_events(&self) -> Result<Option<Keeper>> {
        let patterns = self.persist.iter().map(|text| Pattern::new(text));
        let patterns: Result<Vec<Pattern>> = patterns.collect();
        let patterns = patterns
            .map_err(|failure| error!(Config, "`events.persist`: {}", failure.message()))?;
        self.session.keep_events(&self.cx.part::<Bus>()?, patterns)
    }

    /// Calls the hooks of the end of a run.
    async fn last_hooks(&self, results: &Result<Vec<Value>>) {
        agent::end_all(&self.cx).await;
        let (reason, code) = match results {
            Ok(_) => ("completed", 0),
            Err(error) => ("failed", i64::from(error.kind().exit_code())),
        };
        let uptime = self.cx.host().clock.monotonic().saturating_sub(self.began);
        hook::shut_down(&self.cx, reason, code, uptime).await;
    }

    /// Publishes an event about the run.
    fn say(&self, kind: &str) {
        if let Ok(bus) = self.cx.part::<Bus>()
            && bus.takes_runtime()
        {
            let session = Value::from(self.session.id());
            let facts = [("session_id".to_owned(), session)].into_iter().collect();
            bus.tell(kind, Publication::of_runtime("runtime", Value::Map(facts)));
        }
    }

    /// Says which limit a run met that was stopped by its own deadline.
    fn explain(&self, error: Error) -> Error {
        let passed = self.cx.host().clock.monotonic().saturating_sub(self.began) >= self.timeout;
        match error.kind() {
            Kind::Timeout if passed => error
                .with("limit_ms", self.timeout.as_millis())
                .hint("raise it with --timeout or `runtime.timeout_ms`"),
            _ => error,
        }
    }

    /// Finishes the session of a run that was done otherwise than by [`World::run`].
    pub async fn finish(self, results: Result<Vec<Value>>) -> Ran {
        let duration = self.cx.host().clock.monotonic().saturating_sub(self.began);
        for watch in &self.watches {
            watch.end().await;
        }
        // Streams that the spell left open end with it.
        self.cx
            .cancel()
            .cancel(Cancel::reason("the spell has ended"));
        if let Ok(sessions) = self.cx.part::<ScriptSessions>() {
            sessions.end();
        }
        // A run whose calls could not be written has not done what it says.
        let settled = self.session.journal().settle().await;
        let results = results.and_then(|results| settled.map(|()| results));
        let session = self
            .session
            .is_recorded()
            .then(|| self.session.id().to_owned());
        let first = results
            .as_ref()
            .map(|results| results.first().cloned().unwrap_or_default());
        let hooks = self.cx.part::<Hooks>();
        let metrics = hooks.ok().and_then(|hooks| hook::collected(&hooks));
        if let Some(metrics) = metrics
            && let Err(failure) = self.session.keep_metrics(&metrics).await
        {
            tracing::warn!(target: "llmspell::session", "the numbers of the hooks could not be kept: {failure}");
        }
        if let Ok(telemetry) = self.cx.part::<Telemetry>() {
            telemetry.end(results.as_ref().err()).await;
        }
        let answered = self.session.journal().answered();
        let finished = self
            .session
            .finish(status(&results), first.as_ref().map_err(|error| *error))
            .await;
        if let Err(failure) = finished {
            tracing::warn!(target: "llmspell::session", "the end of the session could not be recorded: {failure}");
        }
        if let Some(state) = &self.state
            && let Err(failure) = state.close().await
        {
            tracing::warn!(target: "llmspell::state", "the store of state could not be closed: {failure}");
        }
        Ran {
            usage: self.cx.usage(),
            duration,
            engine: self.engine.name(),
            session,
            answered,
            results,
        }
    }
}

fn status(results: &Result<Vec<Value>>) -> Status {
    let Err(error) = results else {
        return Status::Completed;
    };
    let detail = |name: &str| error.details().get(name);
    match error.kind() {
        Kind::Cancelled if detail("broken_pipe").is_some() => Status::Completed,
        Kind::Cancelled if detail("exit_code").and_then(Value::as_int) == Some(0) => {
            Status::Completed
        }
        Kind::Cancelled if detail("signal").is_some() => Status::Suspended,
        Kind::Cancelled if detail("exit_code").is_none() => Status::Cancelled,
        Kind::InvalidState if detail("in_doubt").is_some() => Status::Suspended,
        _ => Status::Failed,
    }
}

/// Returns the collector of telemetry that the configuration names. The operator chose it, so the rules for hosts of spells
/// do not concern it.
///
/// - Errors: `Config` for a list of hosts that is wrong.
fn collector(loaded: &Loaded) -> Result<Option<Setup>> {
    let telemetry = &loaded.config.telemetry;
    if telemetry.otlp_endpoint.is_none() {
        return Ok(None);
    }
    let own = &loaded.config.security.network;
    let network = SystemNetwork::new(NetworkRules {
        connect_timeout_ms: own.connect_timeout_ms,
        ca_file: own.ca_file.clone(),
        insecure_hosts: own.insecure_hosts.clone(),
        proxy: own.proxy.clone(),
        ..NetworkRules::default()
    })?;
    Ok(Setup::configured(telemetry, Arc::new(network)))
}

/// Returns what makes the ids of a run's events its own.
fn salt(session: &str) -> u64 {
    use std::hash::{BuildHasher, RandomState};
    RandomState::new().hash_one(session)
}

/// Returns the worker processes: this program, started again when one is needed.
///
/// - Errors: `Io` if the program's own file cannot be found.
pub fn workers() -> Result<Pool> {
    Ok(Pool::new(program()?, [WORKER]))
}

fn program() -> Result<PathBuf> {
    std::env::current_exe()
        .map_err(|failure| error!(Io, "the program's own file cannot be found: {failure}"))
}

/// Returns the world of a run, without what hears of it or outlives it, and its files if it may have any.
///
/// - Errors: `Config` for a list of hosts that is wrong; `Io` without a working directory.
fn host(
    loaded: &Loaded,
    worker: Arc<dyn Worker>,
    launcher: Option<PathBuf>,
    random: SystemRandom,
) -> Result<(Host, Option<SystemFiles>)> {
    let security = &loaded.config.security;
    let environment = RunEnvironment::new(security.environment.policy())
        .settings(loaded.variables.iter().cloned());
    let environment: Arc<dyn Environment> = Arc::new(environment);
    let mut host = Host {
        secrets: Arc::new(loaded.redact.clone()),
        tasks: Arc::new(SystemTasks),
        ..Host::closed(
            Arc::new(SystemClock),
            Arc::new(random),
            environment.clone(),
            worker,
        )
    };
    if security.level == Level::Safe {
        let closed = Closed::SAFE;
        (host.files, host.network) = (Arc::new(closed), Arc::new(closed));
        host.processes = Arc::new(closed);
        return Ok((host, None));
    }
    if security.allow_network_access {
        host.network = Arc::new(SystemNetwork::new(security.network.clone())?);
    }
    let (rules, run_tmp) = file_rules(security);
    let files = SystemFiles::new(rules, current_dir()?, run_tmp);
    host.processes = Arc::new(SystemProcesses::new(
        security.process.clone(),
        security.allow_process_spawn,
        files.clone(),
        environment,
        (launcher.map_or_else(program, Ok)?, LAUNCH.into()),
    ));
    if !security.allow_file_access {
        return Ok((host, None));
    }
    host.files = Arc::new(files.clone());
    Ok((host, Some(files)))
}

/// Returns the worlds of tools that see fewer files than the run.
///
/// - Errors: `Config` for a table of a tool that is wrong.
fn narrower(
    loaded: &Loaded,
    host: &Host,
    files: Option<SystemFiles>,
) -> Result<HashMap<String, Arc<Host>>> {
    let mut narrower = HashMap::new();
    let Some(files) = files else {
        return Ok(narrower);
    };
    for (tool, table) in loaded.config.tools.tables() {
        let Some(own) = table.get("files") else {
            continue;
        };
        let own = over(files.rules(), own).map_err(|cause| {
            error!(Config, "[tools.{tool}.files]: {cause}")
                .hint("it takes the keys of [security.files]")
        })?;
        let host = Host {
            files: Arc::new(files.narrowed(&own)),
            ..host.clone()
        };
        narrower.insert(tool.clone(), Arc::new(host));
    }
    Ok(narrower)
}

/// Lays written keys over rules.
fn over(rules: &FileRules, written: &serde_json::Value) -> serde_json::Result<FileRules> {
    let mut all = serde_json::to_value(rules)?;
    if let (Some(all), Some(written)) = (all.as_object_mut(), written.as_object()) {
        all.extend(written.clone());
    }
    serde_json::from_value(all)
}

/// Returns the rules of files and where the run's own directory will be.
fn file_rules(security: &Security) -> (FileRules, PathBuf) {
    static RUNS: AtomicU32 = AtomicU32::new(0);
    let mut rules = security.files.clone();
    let planned = run_tmp();
    // Further runs of one process have directories of their own.
    let own = match RUNS.fetch_add(1, Ordering::Relaxed) {
        0 => planned.clone(),
        count => planned.with_extension(count.to_string()),
    };
    for root in rules.roots.iter_mut().chain(&mut rules.read_only_roots) {
        if let Ok(rest) = Path::new(root.as_str()).strip_prefix(&planned) {
            *root = own.join(rest).display().to_string();
        }
    }
    // The whole file system is nobody's working directory by accident.
    if security.level != Level::Privileged {
        let at_top = std::env::current_dir().is_ok_and(|cwd| cwd == Path::new("/"));
        rules
            .roots
            .retain(|root| root != "/" && !(at_top && root == "${cwd}"));
    }
    (rules, own)
}

fn current_dir() -> Result<PathBuf> {
    std::env::current_dir()
        .map_err(|failure| error!(Io, "the working directory cannot be used: {failure}"))
}

/// Returns the tables of single tools, and what is wrong with some of them.
fn settings(loaded: &Loaded, tools: &tool::Options) -> ToolSettings {
    let tables = tools.tables();
    ToolSettings::new(tables.map(|(name, table)| (name.clone(), Value::from(table.clone()))))
        .faulty(loaded.faulty_tools())
}

/// Returns the engine of a language, with the globals of all modules.
///
/// - Errors: `Config` for a key of the engine that is wrong.
pub fn engine(
    loaded: &Loaded,
    language: Language,
    output: Arc<dyn Output>,
) -> Result<Arc<dyn Engine>> {
    let (engines, runtime) = (&loaded.config.engines, &loaded.config.runtime);
    let (clock, file, network) = (clock::module(), file::module(), fetch::module());
    let input = input::module();
    let host = HostOps {
        now: clock::op(&clock, "now"),
        processor: clock::op(&clock, "processor"),
        sleep: clock::op(&clock, "sleep"),
        seed: clock::op(&clock, "seed"),
        variable: clock::op(&clock, "variable"),
        input: InputOps {
            recall: clock::op(&input, "recall"),
            note: clock::op(&input, "note"),
        },
        fetch: clock::op(&network, "fetch"),
        files: FileOps {
            open: clock::op(&file, "open"),
            read: clock::op(&file, "read"),
            write: clock::op(&file, "write"),
            size: clock::op(&file, "size"),
            remove: clock::op(&file, "remove"),
            rename: clock::op(&file, "rename"),
            temp: clock::op(&file, "temp"),
        },
    };
    let most = usize::try_from(runtime.max_memory).unwrap_or(usize::MAX);
    Ok(match language {
        Language::Lua => {
            loaded.require(&["engines.lua"])?;
            let options = LuaOptions {
                max_memory: engines.lua.max_memory.min(most),
                ..engines.lua.clone()
            };
            Arc::new(Lua::new(
                &offered(&loaded.config.state),
                host,
                options,
                output,
            ))
        }
        Language::JavaScript => {
            loaded.require(&["engines.javascript"])?;
            let options = JavaScriptOptions {
                max_memory: engines.javascript.max_memory.min(most),
                ..engines.javascript.clone()
            };
            Arc::new(JavaScript::new(
                &offered(&loaded.config.state),
                host,
                options,
                output,
            ))
        }
    })
}

/// Returns the modules of a run: functions that the configuration switches off are not there, so that a spell can ask.
fn offered(state: &Keeping) -> Vec<Module> {
    let mut withheld = Vec::new();
    if !(state.enabled && state.migration_enabled) {
        withheld.extend(migration::FUNCTIONS);
    }
    if !(state.enabled && state.backup_enabled) {
        withheld.extend(backup::FUNCTIONS);
    }
    let offer = |module: Module| match module.name {
        "state" => module.without(&withheld),
        _ => module,
    };
    modules().into_iter().map(offer).collect()
}

/// Returns the versions of the state that the configuration knows.
///
/// - Errors: `Config` for a schema that is wrong.
fn migrations(state: &Keeping) -> Result<Migrations> {
    let schemas = match &state.schema_directory {
        Some(directory) => schemas::read(directory)?,
        None => Vec::new(),
    };
    Migrations::new(schemas, state.backup_on_migration)
        .map_err(|wrong| error!(Config, "`state.schema_directory`: {}", wrong.message()))
}

/// Returns where the configuration keeps sessions.
///
/// - Errors: `Unavailable` for a backend that is not built in.
pub fn session_store(loaded: &Loaded) -> Result<Choice> {
    loaded.require(&["sessions", "storage"])?;
    let sessions = &loaded.config.sessions;
    let dir = sessions.path.as_deref();
    store_url(loaded, sessions.storage_backend, dir, "sessions").map(Choice::Url)
}

/// Returns what holds for the sessions of scripts.
fn rules(loaded: &Loaded) -> session::Rules {
    session::Rules {
        auto_collect: loaded.config.artifacts.auto_collect,
        ..loaded.config.sessions.rules()
    }
}

/// Returns the bounds of artifacts.
pub fn artifact_options(loaded: &Loaded) -> artifact::Options {
    let (sessions, artifacts) = (&loaded.config.sessions, &loaded.config.artifacts);
    artifact::Options {
        max_bytes: artifacts.max_bytes,
        max_session_bytes: artifacts.max_session_bytes,
        max_artifacts: sessions.max_artifacts_per_session,
        compression_threshold: sessions.artifact_compression_threshold,
    }
}

/// Returns what the run keeps beyond its end, if it keeps anything.
///
/// - Errors: `Unavailable` for a backend that is not built in.
fn state(loaded: &Loaded) -> Result<Option<Arc<StoredScopes>>> {
    let state = &loaded.config.state;
    if !state.enabled {
        return Ok(None);
    }
    let url = store_url(loaded, state.backend, state.path.as_deref(), "state")?;
    let scopes = StoredScopes::new(url, state.max_value_bytes);
    Ok(Some(Arc::new(
        scopes.max_total_bytes(state.max_total_bytes),
    )))
}

/// Returns with what backups are encrypted, and keeps it out of what is written.
fn passphrase(loaded: &Loaded) -> Passphrase {
    let name = loaded.config.state.backup.encryption_key_env.as_deref();
    let Some(name) = name.map(str::trim).filter(|name| !name.is_empty()) else {
        return Passphrase::default();
    };
    let mut variables = loaded.variables.iter();
    match variables.find(|(given, text)| given == name && !text.is_empty()) {
        Some((_, text)) => {
            loaded.redact.add(name, text);
            Passphrase::new(text)
        }
        None => Passphrase::missing(name),
    }
}

/// Returns the URL of a store of this program: the database `NAME.db` in `dir`, or in the directory of that name for data.
fn store_url(loaded: &Loaded, backend: Backend, dir: Option<&Path>, name: &str) -> Result<String> {
    match backend {
        Backend::Memory => Ok("memory:".to_owned()),
        Backend::Sqlite => {
            let dir = dir.map_or_else(|| loaded.data_dir.join(name), Path::to_owned);
            let file = dir.join(name).with_extension("db");
            Ok(format!("sqlite:{}", file.display()))
        }
        other => bail!(
            Unavailable,
            "the store '{}' for {name} is not built into this version",
            other.name()
        ),
    }
}

fn begin(
    loaded: &Loaded,
    engine: &str,
    script: &Script,
    (redact, key, choices): (Redact, [u8; 32], Choices),
    host: &Host,
    choice: SessionChoice,
    store: Option<String>,
) -> Result<Session> {
    let sessions = &loaded.config.sessions;
    let asked = store.is_some() || matches!(choice, SessionChoice::New | SessionChoice::Named(_));
    let waits = !asked && sessions.record == Record::Explicit;
    let recorded = match choice {
        SessionChoice::None => false,
        _ if !sessions.enabled && asked => {
            return Err(
                error!(Unavailable, "sessions are disabled").hint("set `sessions.enabled = true`")
            );
        }
        _ if !sessions.enabled => false,
        _ => asked || sessions.record != Record::None,
    };
    let name = match choice {
        SessionChoice::Named(name) if is_id(&name) => {
            return Err(error!(
                InvalidArgs,
                "--session takes a name or new; {name} is the id of a session"
            )
            .hint(format!("`llmspell session resume {name}` goes on with it")));
        }
        SessionChoice::Named(name) => Some(name),
        _ => None,
    };
    let options = session::Options {
        store: match (recorded, store) {
            (false, _) => Choice::Ephemeral,
            (true, Some(url)) => Choice::Url(url),
            (true, None) => session_store(loaded)?,
        },
        durability: durability(loaded),
        cwd: current_dir().map_or_else(|_| String::new(), |cwd| cwd.display().to_string()),
        key,
        choices,
        keeps_source: ["(exec)", "-"].contains(&&*script.name),
        name,
        args: script.args.clone(),
        redact,
        waits,
        ..session::Options::new(&*script.name, &*script.source, engine)
    };
    if let Choice::Url(url) = &options.store {
        check_url(url)?;
    }
    Session::begin(options, host.clock.clone())
}

/// Returns the model that is used where a script names none; nothing if none can be, which its first use says.
fn usual_model(providers: &Providers) -> Option<String> {
    let target = providers.default_target().ok()?.target;
    Some(format!("{}/{}", target.provider, target.model))
}

/// Says what is other than when the run began.
fn compared(now: Choices, before: &Choices) -> Choices {
    if let (Some(was), Some(is)) = (&before.model, &now.model)
        && was != is
    {
        tracing::warn!(
            target: "llmspell::session",
            "where the spell names no model, {was} was asked, and now is {is}, for which the journal has no answers; \
             `--set providers.default_model={was}` asks as before"
        );
    }
    now
}

fn durability(loaded: &Loaded) -> llmspell_store::Durability {
    match loaded.config.sessions.durability {
        Endurance::Process => llmspell_store::Durability::Process,
        Endurance::Power => llmspell_store::Durability::Power,
    }
}

/// A store that cannot exist is refused before the run, not at its first call.
fn check_url(url: &str) -> Result<()> {
    let known = url == "memory:"
        || url
            .strip_prefix("sqlite:")
            .is_some_and(|path| !path.is_empty());
    match known {
        true => Ok(()),
        false => Err(error!(Config, "'{url}' is no store").hint("write sqlite:PATH or memory:")),
    }
}

/// Whether a text is the id of a session: a UUID.
fn is_id(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

/// Returns which calls are permitted. A run of level `safe` has what is granted lowered; any other has it as it is written.
fn policy(tools: &tool::Options, level: Level) -> Policy {
    let concerning = |globs: &[String]| globs.iter().map(|glob| format!("tool:{glob}")).collect();
    Policy {
        allow: concerning(&tools.allow),
        deny: concerning(&tools.deny),
        grant: tools.grant,
        agent_grant: tools.agent_grant,
        grants: tools.grants(),
        is_safe: level == Level::Safe,
        ..Policy::default()
    }
}

impl Security {
    /// Returns whether remote services may be used.
    pub(crate) fn network(&self) -> bool {
        self.allow_network_access && self.level != Level::Safe
    }
}

/// The streams of this process.
struct Inherited;

impl Output for Inherited {
    fn write(&self, stream: Stream, bytes: &[u8]) -> std::io::Result<()> {
        use std::io::Write;
        match stream {
            Stream::Stdout => std::io::stdout().lock().write_all(bytes),
            Stream::Stderr => std::io::stderr().lock().write_all(bytes),
        }
    }

    fn flush(&self, stream: Stream) -> std::io::Result<()> {
        use std::io::Write;
        match stream {
            Stream::Stdout => std::io::stdout().lock().flush(),
            Stream::Stderr => std::io::stderr().lock().flush(),
        }
    }

    fn read(&self, buffer: &mut [u8]) -> std::io::Result<usize> {
        use std::io::Read;
        std::io::stdin().lock().read(buffer)
    }
}
