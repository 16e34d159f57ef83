//! What exists in this version: modules, tools, providers.

use llmspell_core::{Module, Result};
use llmspell_model::{Providers, ProvidersOptions, TYPES};

use crate::config::{Loaded, Names, is_loopback};

/// Returns the modules whose functions scripts see.
pub fn modules() -> Vec<Module> {
    llmspell_runtime::modules()
}

/// Returns the names that a configuration may refer to.
pub fn names() -> Names {
    let types = TYPES
        .iter()
        .flat_map(|kind| std::iter::once(kind.name).chain(kind.synonyms.iter().copied()));
    let modules = llmspell_tools::modules();
    let mut names = Names {
        providers: types.map(str::to_owned).collect(),
        ..Names::default()
    };
    for (table, schema) in llmspell_tools::shared_settings() {
        names.settings.insert(table.to_owned(), schema);
    }
    for op in modules.iter().flat_map(|module| &module.ops) {
        let Some(info) = op.tool_info() else {
            continue;
        };
        let name = op.verb();
        let synonyms = info.synonyms.iter().cloned();
        names.tools.push(name.to_owned());
        names
            .synonyms
            .extend(synonyms.map(|synonym| (synonym, name.to_owned())));
        names
            .settings
            .extend(info.settings.map(|schema| (name.to_owned(), schema)));
    }
    names.tools.sort_unstable();
    names
}

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
