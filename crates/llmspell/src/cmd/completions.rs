//! `llmspell completions`.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::cli::Cli;
use crate::desk::Desk;
use crate::exit::Ends;

/// Print a shell's completion script.
#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub(crate) fn completions(args: Completions, desk: Desk) -> Ends {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "llmspell", &mut script);
    desk.screen.bytes(&script);
    Ok(0)
}
