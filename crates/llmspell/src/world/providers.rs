//! The model providers of a run.

use llmspell_core::Result;
use llmspell_model::{Providers, ProvidersOptions, TYPES};

use crate::config::{Loaded, is_loopback};

/// Returns the providers as the configuration has them. Where it closes the network, remote ones are disabled.
///
/// - Errors: `Config` if a key that is used names a variable that is not set.
pub fn providers(loaded: &Loaded) -> Result<Providers> {
    let variables = loaded.variables.clone();
    let make = |options: ProvidersOptions| {
        let variables = variables.clone();
        Providers::new(options, move |name| {
            let found = variables.iter().find(|(given, _)| given == name);
            found.map(|(_, value)| value.clone())
        })
    };
    let options = &loaded.config.providers;
    let open = loaded.config.security.network();
    let providers = make(options.clone());
    if open {
        return Ok(providers);
    }
    let types = TYPES.iter().map(|kind| kind.name.to_owned());
    let all: Vec<String> = options.instances.keys().cloned().chain(types).collect();
    let mut closed = options.clone();
    for name in all {
        let address = providers.get(&name).and_then(|info| info.base_url);
        if address.is_some_and(|address| !is_loopback(&address)) {
            closed.instances.entry(name).or_default().enabled = Some(false);
        }
    }
    Ok(make(closed))
}

/// Returns the model that is used where a script names none; nothing if none can be, which its first use says.
pub(super) fn usual_model(providers: &Providers) -> Option<String> {
    let target = providers.default_target().ok()?.target;
    Some(format!("{}/{}", target.provider, target.model))
}
