//! Opening: from a configuration to everything that a run needs.

use std::sync::Arc;
use std::time::Duration;

use llmspell_core::{Cx, Result, Scopes, ScriptGlobals, ToolSettings, Value, Worker};
use llmspell_runtime::agent::{self, Agents};
use llmspell_runtime::artifact::Artifacts;
use llmspell_runtime::config::Settings;
use llmspell_runtime::event::ScriptLanguage;
use llmspell_runtime::host::SystemRandom;
use llmspell_runtime::model::{Limiters, Models};
use llmspell_runtime::session::{Choices, Resumption, ScriptSessions, Session};
use llmspell_runtime::tool::Tools;
use llmspell_runtime::workflow::Workflows;
use llmspell_script::Script;

use super::audit::Audit;
use super::door::door;
use super::engine::engine;
use super::files::narrower;
use super::host::{host, workers};
use super::output::Recorded;
use super::providers::{providers, usual_model};
use super::session::Beginning;
use super::shared::Shared;
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
        let state = state::scopes(loaded)?;
        host.state = state.clone().map(|state| state as Arc<dyn Scopes>);
        let shared = Shared::open(config, &session, script, &mut host)?;
        let narrower = narrower(loaded, &host, files)?;
        let watches = Watch::all(&shared.bus, options.events)?;
        let (sessions, artifacts) = of_script(config, &session, &shared);
        let door = Arc::new(door(config, &shared)?);
        let models = Models::new(Arc::new(providers), Arc::new(Limiters::default()));
        let tools = Tools::new(&llmspell_tools::modules(), config.tools.clone());
        let began = host.clock.monotonic();
        let run = Cx::run(session.id(), door, host);
        let mut run = shared
            .parts(run)
            .part(Arc::new(agents(config)))
            .part(Arc::new(Workflows::default()))
            .part(sessions)
            .part(artifacts)
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
            config_path: loaded.file.clone(),
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

/// Returns the sessions that the script makes, and the artifacts that it keeps in them.
fn of_script(
    config: &Config,
    session: &Session,
    shared: &Shared,
) -> (Arc<ScriptSessions>, Arc<Artifacts>) {
    let sessions = Arc::new(session.of_script(config.session_rules()));
    sessions.heard_on(shared.bus.clone());
    sessions.hooked_by(shared.hooks.clone());
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
