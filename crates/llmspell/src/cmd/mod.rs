//! The commands, one file each.

pub(crate) mod api;
pub(crate) mod artifact;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod config;
mod confirm;
pub(crate) mod exec;
mod given;
pub(crate) mod info;
pub(crate) mod init;
mod kept;
pub(crate) mod providers;
mod recorded;
pub(crate) mod repl;
pub(crate) mod run;
pub(crate) mod running;
pub(crate) mod session;
pub(crate) mod state;
mod timeline;
pub(crate) mod tool;
mod unrecorded;
pub(crate) mod validate;
pub(crate) mod workflow;

use crate::cli::Command;
use crate::desk::Desk;
use crate::exit::Ends;

/// Runs a command.
pub(crate) fn dispatch(command: Command, desk: Desk) -> Ends {
    match command {
        Command::Run(args) => run::run(args, desk),
        Command::Exec(args) => exec::exec(args, desk),
        Command::Repl(args) => repl::repl(args, desk),
        Command::Info(args) => info::info(args, desk),
        Command::Providers(args) => providers::providers(args, desk),
        Command::Validate(args) => validate::validate(args, desk),
        Command::Init(args) => init::init(args, desk),
        Command::Config(args) => config::config(args, desk),
        Command::Tool(args) => tool::tool(args, desk),
        Command::Session(args) => session::session(args, desk),
        Command::Artifact(args) => artifact::artifact(args, desk),
        Command::State(args) => state::state(args, desk),
        Command::Backup(args) => backup::backup(args, desk),
        Command::Workflow(args) => workflow::workflow(args, desk),
        Command::Completions(args) => completions::completions(args, desk),
        Command::Api(args) => api::api(args, desk),
        // The parser has turned files into `run FILE` or ended the process.
        Command::File(_) => Ok(2),
    }
}
