//! What the layers around the calls of a run share with its ops.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use llmspell_core::{Host, Result, RunBuilder};
use llmspell_runtime::event::Bus;
use llmspell_runtime::hook::{self, Hooks};
use llmspell_runtime::host::{NetworkRules, SystemNetwork};
use llmspell_runtime::journal::Journal;
use llmspell_runtime::rate::{ToolRates, Turns};
use llmspell_runtime::session::Session;
use llmspell_runtime::telemetry::{Setup, Telemetry};
use llmspell_script::Script;

use crate::config::Config;

/// What the layers around the calls of a run share with its ops.
pub(super) struct Shared {
    pub(super) journal: Arc<Journal>,
    pub(super) bus: Arc<Bus>,
    pub(super) rates: Arc<ToolRates>,
    pub(super) hooks: Arc<Hooks>,
    pub(super) telemetry: Arc<Telemetry>,
}

impl Shared {
    /// Makes it for a run, and gives its world the bus and the rates.
    ///
    /// - Errors: `Config` for a table of a tool, the hooks or a list of hosts that are wrong.
    pub(super) fn open(
        config: &Config,
        session: &Session,
        script: &Script,
        host: &mut Host,
    ) -> Result<Self> {
        let bus = bus(config, session, host);
        let rates = Arc::new(config.tools.rates(Turns::of_process())?);
        host.rates = rates.clone();
        host.events = Some(bus.clone());
        let hooks = Arc::new(Hooks::new(config.hooks.clone()));
        hook::enable_configured(&hooks)?;
        let telemetry = Telemetry::default();
        if let Some(setup) = collector(config)? {
            telemetry.start(session.id(), &script.name, host, setup);
        }
        Ok(Self {
            journal: session.journal(),
            bus,
            rates,
            hooks,
            telemetry: Arc::new(telemetry),
        })
    }

    /// Gives it to a run.
    pub(super) fn parts(self, run: RunBuilder) -> RunBuilder {
        run.part(self.journal)
            .part(self.bus)
            .part(self.hooks)
            .part(self.telemetry)
    }
}

/// Returns the bus of a run, whose events have ids of their own.
fn bus(config: &Config, session: &Session, host: &Host) -> Arc<Bus> {
    let salt = config.runtime.seed;
    let salt = salt.unwrap_or_else(|| RandomState::new().hash_one(session.id()));
    let options = config.events.clone();
    Arc::new(Bus::new(options, session.id(), host.clock.clone(), salt))
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
