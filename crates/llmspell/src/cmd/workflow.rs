//! `llmspell workflow`.

mod run;
mod schema;
mod show;
mod validate;

use std::path::Path;
use std::sync::Arc;

use clap::{Args, Subcommand};
use llmspell::config::{Language, Loaded};
use llmspell::{Options, SessionChoice, WorkflowSource, World};
use llmspell_core::{Cx, Result, Value};
use llmspell_runtime::agent::Agents;
use llmspell_script::Script;

use super::running::threads;
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::console::{Console, Form};

/// Run, draw and check workflows that are written as files.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Workflow {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Run a workflow
    Run(Box<run::Run>),
    /// Draw a workflow, or those that a session executed
    Show(show::Show),
    /// Check a workflow without running it
    Validate(validate::Validate),
    /// Print the JSON Schema of workflow files
    Schema(schema::Schema),
}

pub(crate) fn workflow(args: Workflow, desk: Desk) -> Ends {
    match args.verb {
        Verb::Run(args) => run::run(*args, desk),
        Verb::Show(args) => show::show(args, desk),
        Verb::Validate(args) => validate::validate(args, desk),
        Verb::Schema(args) => schema::schema(args, desk),
    }
}

/// A workflow file, read.
struct Opened {
    script: Script,
    source: WorkflowSource,
}

impl Opened {
    /// Reads a file, or standard input for `-`.
    fn read(path: &Path) -> Result<Self, Failure> {
        let script = super::run::read(path, &[])?;
        let source = WorkflowSource::parse(&script.name, &script.source)
            .map_err(|error| Failure::from(error).quoting(&script.name, &script.source))?;
        Ok(Self { script, source })
    }

    /// Does something with the configuration in a run that records nothing and calls nothing.
    fn with<T>(&self, loaded: &Loaded, look: impl FnOnce(&Cx, Value) -> T) -> Result<T> {
        let threads = threads(loaded)?;
        let options = Options {
            session: SessionChoice::None,
            output: Arc::new(Console::new(Form::Direct, None)),
            ..Options::default()
        };
        let seen = crate::wait(&threads, async {
            let world = World::open(loaded, Language::Lua, &self.script, options)?;
            world.cx().part::<Agents>()?.keep_quiet();
            let seen = look(world.cx(), self.source.config().clone());
            world.finish(Ok(Vec::new())).await;
            Ok(seen)
        });
        threads.shutdown_background();
        seen
    }
}
