//! Work that a command does in a run of its own, which is not recorded.

use std::sync::Arc;

use llmspell::config::{Language, Loaded};
use llmspell::{Options, SessionChoice, World};
use llmspell_core::{Cancel, Result};
use llmspell_script::Script;

use super::running::{Signals, threads};
use crate::output::console::{Console, Form};

/// Puts a run together, does work in it and finishes it; no script is run. Signals stop it.
pub(super) fn within<T>(
    loaded: &Loaded,
    script: &Script,
    work: impl AsyncFnOnce(&World) -> Result<T>,
) -> Result<T> {
    let threads = threads(loaded)?;
    let cancel = Cancel::new();
    let options = Options {
        session: SessionChoice::None,
        output: Arc::new(Console::new(Form::Direct, None)),
        cancel: cancel.clone(),
        ..Options::default()
    };
    let done = crate::wait(&threads, async {
        let _signals = Signals::listen(cancel);
        let world = World::open(loaded, Language::Lua, script, options)?;
        let done = work(&world).await;
        let outcome = done.as_ref().map(|_| Vec::new()).map_err(Clone::clone);
        world.finish(outcome).await;
        done
    });
    super::running::end(threads);
    done
}
