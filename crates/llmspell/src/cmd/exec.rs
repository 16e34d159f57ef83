//! `llmspell exec`.

use clap::Args;
use llmspell::config::Language;
use llmspell_script::Script;

use super::running::{self, By, Flags};
use crate::desk::Desk;
use crate::exit::Ends;

/// Run a piece of code.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  llmspell exec '1 + 1'
  llmspell exec 'print(Args[1])' hello
  llmspell exec --engine js 'await Tool.calculator({ input: \"2 * 3\" })' --output json")]
pub(crate) struct Exec {
    #[command(flatten)]
    flags: Flags,
    /// Compile only
    #[arg(long)]
    check: bool,
    /// Statements, or one expression whose value is printed
    #[arg(value_name = "CODE", allow_hyphen_values = true)]
    code: String,
    /// Arguments of the spell
    #[arg(
        value_name = "ARGS",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    args: Vec<String>,
}

pub(crate) fn exec(args: Exec, desk: Desk) -> Ends {
    let script = Script {
        name: "(exec)".to_owned(),
        source: args.code,
        args: args.args,
        dir: std::env::current_dir().ok(),
        expression: true,
    };
    let language = desk.flags.engine.as_deref().and_then(Language::from_name);
    match args.check {
        true => running::check(&script, language, desk),
        false => running::run(script, By::Language(language), &args.flags, desk),
    }
}
