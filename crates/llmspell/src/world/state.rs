//! What a run keeps beyond its end: values, their versions, their backups.

use std::sync::Arc;

use llmspell_core::{Result, RunBuilder, error};
use llmspell_runtime::state::StoredScopes;
use llmspell_runtime::state::backup::{Backups, Passphrase};
use llmspell_runtime::state::migration::Migrations;

use super::schemas;
use crate::config::{Keeping, Loaded};

/// Returns what the run keeps beyond its end, if it keeps anything.
///
/// - Errors: `Unavailable` for a backend that is not built in.
pub(super) fn scopes(loaded: &Loaded) -> Result<Option<Arc<StoredScopes>>> {
    let state = &loaded.config.state;
    if !state.enabled {
        return Ok(None);
    }
    let scopes = StoredScopes::new(loaded.state_store()?, state.max_value_bytes);
    Ok(Some(Arc::new(
        scopes.max_total_bytes(state.max_total_bytes),
    )))
}

/// Gives a run the parts that the functions of `State` need.
///
/// - Errors: `Config` for a schema that is wrong.
pub(super) fn parts(
    run: RunBuilder,
    loaded: &Loaded,
    scopes: &Arc<StoredScopes>,
) -> Result<RunBuilder> {
    let state = &loaded.config.state;
    let mut run = run.part(scopes.clone());
    if state.migration_enabled {
        run = run.part(Arc::new(migrations(state)?));
    }
    if state.backup_enabled {
        let backups = Backups::new(state.backup.clone());
        run = run.part(Arc::new(backups.encrypted(passphrase(loaded))));
    }
    Ok(run)
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

/// Returns with what backups are encrypted, and keeps it out of what is written.
fn passphrase(loaded: &Loaded) -> Passphrase {
    use llmspell_core::Secrets as _;
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
