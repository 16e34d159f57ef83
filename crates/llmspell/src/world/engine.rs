//! The engine of a language, with the globals of all modules that the configuration offers.

use std::sync::Arc;

use llmspell_core::{Module, Result};
use llmspell_runtime::state::{backup, migration};
use llmspell_runtime::{clock, fetch, file, input};
use llmspell_script::{
    Engine, FileOps, HostOps, InputOps, JavaScript, JavaScriptOptions, Lua, LuaOptions, Output,
};

use crate::config::{Keeping, Language, Loaded};
use crate::names::modules;

/// Returns the engine of a language, with the globals of all modules.
///
/// - Errors: `Config` for a key of the engine that is wrong.
pub fn engine(
    loaded: &Loaded,
    language: Language,
    output: Arc<dyn Output>,
) -> Result<Arc<dyn Engine>> {
    let (engines, runtime) = (&loaded.config.engines, &loaded.config.runtime);
    let modules = offered(&loaded.config.state);
    let most = usize::try_from(runtime.max_memory).unwrap_or(usize::MAX);
    Ok(match language {
        Language::Lua => {
            loaded.require(&["engines.lua"])?;
            let options = LuaOptions {
                max_memory: engines.lua.max_memory.min(most),
                ..engines.lua.clone()
            };
            Arc::new(Lua::new(&modules, host_ops(), options, output))
        }
        Language::JavaScript => {
            loaded.require(&["engines.javascript"])?;
            let options = JavaScriptOptions {
                max_memory: engines.javascript.max_memory.min(most),
                ..engines.javascript.clone()
            };
            Arc::new(JavaScript::new(&modules, host_ops(), options, output))
        }
    })
}

/// Returns the ops behind what the languages themselves offer: their clocks, files and streams.
fn host_ops() -> HostOps {
    let (clock, file, network) = (clock::module(), file::module(), fetch::module());
    let input = input::module();
    HostOps {
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
    }
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
