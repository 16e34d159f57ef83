//! A Lua spell that is run in this process, and how long it took.

use std::time::{Duration, Instant};

use llmspell::config::{Draft, Language, Selection, Surroundings};
use llmspell::{Options, SessionChoice, World};
use llmspell_core::Value;
use llmspell_script::Script;
use tokio::runtime::Runtime;

/// Returns the least time of five runs.
pub(crate) fn best(runtime: &Runtime, source: &str, set: &[&str]) -> Duration {
    let runs = (0..5).map(|_| run(runtime, source, set).0);
    runs.min().unwrap_or_default()
}

/// Returns the time of a spell under these settings, and what it returned.
pub(crate) fn run(runtime: &Runtime, source: &str, set: &[&str]) -> (Duration, Value) {
    let dir = tempfile::tempdir().unwrap();
    let script = Script::new("bench.lua", source);
    let place = format!("storage.dir={}", dir.path().display());
    let set = set.iter().copied().chain([&*place]);
    let selection = Selection {
        no_files: true,
        set: set
            .map(|set| ("--set".to_owned(), set.to_owned()))
            .collect(),
        ..Selection::default()
    };
    let surroundings = Surroundings {
        cwd: dir.path().to_owned(),
        ..Surroundings::default()
    };
    let loaded = Draft::read(&selection, &surroundings, &llmspell::names()).unwrap();
    let loaded = loaded.load().unwrap();
    let options = Options {
        session: SessionChoice::None,
        ..Options::default()
    };
    runtime.block_on(async {
        let world = World::open(&loaded, Language::Lua, &script, options).unwrap();
        let since = Instant::now();
        let ran = world.run(script).await.unwrap();
        let value = ran.results.unwrap().into_iter().next();
        (since.elapsed(), value.unwrap_or_default())
    })
}
