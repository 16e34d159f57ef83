//! The outside world of a run, as far as the configuration opens it.

use std::path::PathBuf;
use std::sync::Arc;

use llmspell_core::host::Closed;
use llmspell_core::{Environment, Host, Level, Result, Worker, error};
use llmspell_runtime::host::{
    RunEnvironment, SystemClock, SystemFiles, SystemNetwork, SystemProcesses, SystemRandom,
    SystemTasks,
};
use llmspell_runtime::worker::Pool;

use super::files::files;
use crate::config::Loaded;
use crate::{LAUNCH, WORKER};

/// Returns the world of a run, without what hears of it or outlives it, and its files if it may have any.
///
/// - Errors: `Config` for a list of hosts that is wrong; `Io` without a working directory.
pub(super) fn host(
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
    let files = files(security)?;
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
