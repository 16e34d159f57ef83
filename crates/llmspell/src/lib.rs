//! Runs spells: scripts that orchestrate language models, agents and tools, where everything they do to the world
//! passes through one door.
//!
//! The command `llmspell` is made of this library; a program of your own can run spells in the same way:
//!
//! ```no_run
//! # async fn example() -> llmspell_core::Result<()> {
//! let ran = llmspell::Spell::new("hello.lua", "return 6 * 7").run().await?;
//! assert_eq!(ran.results?, [llmspell_core::Value::Int(42)]);
//! # Ok(())
//! # }
//! ```
//!
//! Tools that evaluate foreign input do so in a worker, which is the same program started again: such a program calls
//! [`serve_worker`] first of all in `main` when its first argument is [`WORKER`]. Programs that tools run are confined
//! in the same way: it calls [`launch`] when its first argument is [`LAUNCH`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod config;
mod names;
mod spell;
mod workflow;
mod world;

pub use names::{modules, names};
pub use spell::Spell;
pub use workflow::{WorkflowEngine, WorkflowSource};
pub use world::{Options, Ran, SessionChoice, Watched, World, engine, providers, workers};

/// The argument with which a program starts itself as a worker.
pub const WORKER: &str = "worker";

/// The argument with which a program starts itself to become another program, for processes of tools.
pub const LAUNCH: &str = "launch";

/// Becomes the program that the arguments after [`LAUNCH`] name, confined. Returns only if that is not possible.
pub fn launch() -> std::process::ExitCode {
    llmspell_runtime::host::launch(std::env::args_os().skip(2))
}

/// Serves as a worker until its parent is done with it. Nothing may run in the process before.
pub fn serve_worker() -> ! {
    let jobs: Vec<_> = llmspell_tools::jobs()
        .iter()
        .map(|job| (job.name, job.run))
        .collect();
    llmspell_runtime::worker::serve(&jobs)
}
