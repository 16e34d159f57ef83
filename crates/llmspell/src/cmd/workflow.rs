//! `llmspell workflow`.

mod run;
mod schema;
mod show;
mod validate;

use std::path::Path;

use clap::{Args, Subcommand};
use llmspell::WorkflowSource;
use llmspell::config::Loaded;
use llmspell_core::{Cx, Result, Value};
use llmspell_runtime::agent::Agents;
use llmspell_script::Script;

use super::unrecorded;
use crate::desk::Desk;
use crate::exit::{Ends, Failure};

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
        unrecorded::within(loaded, &self.script, async |world| {
            world.cx().part::<Agents>()?.keep_quiet();
            Ok(look(world.cx(), self.source.config().clone()))
        })
    }
}
