//! What exists in this version: modules, tools, types of providers.

use llmspell_core::Module;
use llmspell_model::TYPES;

use crate::config::Names;

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
