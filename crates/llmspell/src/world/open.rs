//! Opening: from a configuration to everything that a run needs.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Host, Result, Scopes, ScriptGlobals, ToolSettings, Value, Worker};
use llmspell_runtime::agent::{self, Agents};
use llmspell_runtime::artifact::Artifacts;
use llmspell_runtime::config::Settings;
use llmspell_runtime::event::{Bus, ScriptLanguage};
use llmspell_runtime::hook::{self, Hooks};
use llmspell_runtime::host::{NetworkRules, SystemNetwork, SystemRandom};
use llmspell_runtime::model::{Limiters, Models};
use llmspell_runtime::rate::Turns;
use llmspell_runtime::session::{Choices, Resumption, ScriptSessions, Session};
use llmspell_runtime::telemetry::{Setup, Telemetry};
use llmspell_runtime::tool::Tools;
use llmspell_runtime::workflow::Workflows;
use llmspell_script::Script;

use super::audit::Audit;
use super::door::{Shared, door};
use super::engine::engine;
use super::files::narrower;
use super::host::{host, workers};
use super::output::Recorded;
use super::providers::{providers, usual_model};
use super::session::Beginning;
use super::watch::Watch;
use super::{Options, World, state};
use crate::config::{Config, Language, Loaded};

/// The keys of the configuration that every run uses.
const USED: [&str; 12] = [
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
];

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
        loaded.require(&USED)?;
        let config = &loaded.config;
        let worker: Arc<dyn Worker> = match options.worker {
            Some(worker) => worker,
            None => Arc::new(workers()?),
        };
        let random = random(config, options.resumed.as_ref());
        let key = random.key();
        let (mut host, files) = host(loaded, worker, options.launcher, random)?;
        let providers = providers(loaded)?;
        let beginning = Beginning {
            loaded,
            script,
            engine: match &options.engine {
                Some(engine) => engine.name(),
                None => language.name(),
            },
            key,
            choices: Choices {
                model: usual_model(&providers),
                ..options.choices
            },
            clock: host.clock.clone(),
        };
        let session = match options.resumed {
            Some(resumed) => beginning.again(resumed)?,
            None => beginning.anew(options.session, options.store)?,
        };
        let output = Arc::new(Recorded {
            output: options.output,
            journal: session.journal(),
        });
        let engine = match options.engine {
            Some(engine) => engine,
            None => engine(loaded, language, output)?,
        };
        let bus = bus(config, &session, &host);
        let rates = Arc::new(config.tools.rates(Turns::of_process())?);
        let state = state::scopes(loaded)?;
        host.rates = rates.clone();
        host.events = Some(bus.clone());
        host.state = state.clone().map(|state| state as Arc<dyn Scopes>);
        let narrower = narrower(loaded, &host, files)?;
        let hooks = Arc::new(Hooks::new(config.hooks.clone()));
        hook::enable_configured(&hooks)?;
        let watches = options.events.into_iter();
        let watches: Result<Vec<Watch>> = watches.map(|watch| Watch::open(&bus, watch)).collect();
        let watches = watches?;
        let telemetry = telemetry(config, &session, script, &host)?;
        let (sessions, artifacts) = of_script(config, &session, &bus, &hooks);
        let shared = Shared {
            journal: session.journal(),
            bus: &bus,
            rates,
            hooks: &hooks,
            telemetry: &telemetry,
        };
        let door = Arc::new(door(loaded, shared)?);
        let models = Models::new(Arc::new(providers), Arc::new(Limiters::default()));
        let tools = Tools::new(&llmspell_tools::modules(), config.tools.clone());
        let began = host.clock.monotonic();
        let mut run = Cx::run(session.id(), door, host)
            .part(Arc::new(agents(config)))
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
            .part(Arc::new(settings(loaded)))
            .part(Arc::new(tools.within(narrower)))
            .part(Arc::new(Settings::new(loaded.effective().into())))
            .limits(config.runtime.budget.limits())
            .cancel(options.cancel.child());
        if let Some(state) = &state {
            run = state::parts(run, loaded, state)?;
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
}

/// Returns the random numbers of a run: those that it had if it is resumed.
fn random(config: &Config, resumed: Option<&Resumption>) -> SystemRandom {
    match resumed.and_then(Resumption::key) {
        Some(key) => SystemRandom::of_key(key),
        None => SystemRandom::new(config.runtime.seed),
    }
}

/// Returns the bus of a run, whose events have ids of their own.
fn bus(config: &Config, session: &Session, host: &Host) -> Arc<Bus> {
    let salt = config.runtime.seed;
    let salt = salt.unwrap_or_else(|| RandomState::new().hash_one(session.id()));
    let options = config.events.clone();
    Arc::new(Bus::new(options, session.id(), host.clock.clone(), salt))
}

/// Returns the telemetry of a run, under way if the configuration names a collector.
///
/// - Errors: `Config` for a list of hosts that is wrong.
fn telemetry(
    config: &Config,
    session: &Session,
    script: &Script,
    host: &Host,
) -> Result<Arc<Telemetry>> {
    let telemetry = Telemetry::default();
    if let Some(setup) = collector(config)? {
        telemetry.start(session.id(), &script.name, host, setup);
    }
    Ok(Arc::new(telemetry))
}

/// Returns the collector of telemetry that the configuration names. The operator chose it, so the rules for hosts of spells
/// do not concern it.
///
/// - Errors: `Config` for a list of hosts that is wrong.
fn collector(config: &Config) -> Result<Option<Setup>> {
    if config.telemetry.otlp_endpoint.is_none() {
        return Ok(None);
    }
    let own = &config.security.network;
    let network = SystemNetwork::new(NetworkRules {
        connect_timeout_ms: own.connect_timeout_ms,
        ca_file: own.ca_file.clone(),
        insecure_hosts: own.insecure_hosts.clone(),
        proxy: own.proxy.clone(),
        ..NetworkRules::default()
    })?;
    Ok(Setup::configured(&config.telemetry, Arc::new(network)))
}

/// Returns the sessions that the script makes, and the artifacts that it keeps in them.
fn of_script(
    config: &Config,
    session: &Session,
    bus: &Arc<Bus>,
    hooks: &Arc<Hooks>,
) -> (Arc<ScriptSessions>, Arc<Artifacts>) {
    let sessions = Arc::new(session.of_script(config.session_rules()));
    sessions.heard_on(bus.clone());
    sessions.hooked_by(hooks.clone());
    let artifacts = Artifacts::of_run(sessions.clone(), config.artifact_options());
    let artifacts = Arc::new(artifacts);
    sessions.kept_by(&artifacts);
    (sessions, artifacts)
}

fn agents(config: &Config) -> Agents {
    Agents::new(agent::Options {
        enable_streaming: config.runtime.enable_streaming,
        ..agent::Options::default()
    })
}

/// Returns the tables of single tools, and what is wrong with some of them.
fn settings(loaded: &Loaded) -> ToolSettings {
    let tables = loaded.config.tools.tables();
    ToolSettings::new(tables.map(|(name, table)| (name.clone(), Value::from(table.clone()))))
        .faulty(loaded.faulty_tools())
}
