//! The command line.

use std::ffi::OsString;
use std::num::ParseIntError;
use std::path::PathBuf;

use clap::error::ContextKind;
use clap::{Args, Parser, Subcommand, ValueEnum};
use llmspell::config::Language;

use crate::cmd;
use crate::output::Mode;

/// Runs spells: scripts that orchestrate language models, agents and tools.
#[derive(Debug, Parser)]
#[command(
    name = "llmspell",
    version,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(after_help = "\
`llmspell FILE` is `llmspell run FILE`.

Examples:
  llmspell exec '1 + 1'
  llmspell init --template agent --dir first && llmspell first/hello.lua
  llmspell tool run calculator input='sqrt(2)'")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags that may stand before or after the command.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct Global {
    /// Configuration file, instead of the user's and the project's
    #[arg(
        short,
        long,
        value_name = "PATH",
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) config: Option<PathBuf>,
    /// Profile of the configuration: [profiles.NAME]
    #[arg(
        long,
        value_name = "NAME",
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) profile: Option<String>,
    /// Read no configuration file
    #[arg(
        long,
        global = true,
        conflicts_with = "config",
        help_heading = "Global options"
    )]
    pub(crate) no_config: bool,
    /// Set one configuration key; the value is TOML, else text
    #[arg(
        long,
        value_name = "KEY=VALUE",
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) set: Vec<String>,
    /// Language of the spell; guessed from the file's extension
    #[arg(long, value_name = "lua|javascript", global = true, env = "LLMSPELL_ENGINE", hide_env = true, value_parser = ["lua", "javascript", "js"], help_heading = "Global options")]
    pub(crate) engine: Option<String>,
    /// How results are written
    #[arg(long, value_enum, default_value_t = Mode::Text, global = true, hide_default_value = true, help_heading = "Global options")]
    pub(crate) output: Mode,
    /// Log more: info, debug (-vv), trace (-vvv)
    #[arg(short, long, action = clap::ArgAction::Count, global = true, help_heading = "Global options")]
    pub(crate) verbose: u8,
    /// Log errors only
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Global options"
    )]
    pub(crate) quiet: bool,
    /// How log records are written
    #[arg(
        long,
        value_enum,
        value_name = "text|json",
        hide_possible_values = true,
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) log_format: Option<LogFormat>,
    /// When output is coloured
    #[arg(
        long,
        value_enum,
        value_name = "auto|always|never",
        hide_possible_values = true,
        global = true,
        help_heading = "Global options"
    )]
    pub(crate) color: Option<Color>,
}

/// How log records are written.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LogFormat {
    Text,
    Json,
}

/// When output is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

/// One command per file of `cmd/`.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run a spell
    Run(cmd::run::Run),
    /// Run a piece of code
    Exec(cmd::exec::Exec),
    /// Type a spell line by line
    Repl(cmd::repl::Repl),
    /// Show version, engines, paths and what this machine supports
    Info(cmd::info::Info),
    /// List model providers
    Providers(cmd::providers::Providers),
    /// Check the configuration or a spell
    Validate(cmd::validate::Validate),
    /// Write a commented configuration file
    Init(cmd::init::Init),
    /// Show and change the configuration
    Config(cmd::config::Config),
    /// List, describe and run tools
    Tool(cmd::tool::Tool),
    /// Show recorded sessions, and go on with them
    Session(cmd::session::Session),
    /// List, read and delete what sessions keep
    Artifact(cmd::artifact::Artifact),
    /// Read, change and migrate what spells keep
    State(cmd::state::State),
    /// Make, check and put back backups of state
    Backup(cmd::backup::Backup),
    /// Run, draw and check workflows that are written as files
    Workflow(cmd::workflow::Workflow),
    /// Print a shell's completion script
    Completions(cmd::completions::Completions),
    /// Print editor stubs for the script API
    Api(cmd::api::Api),
    /// A file is run.
    #[command(external_subcommand)]
    File(Vec<OsString>),
}

/// Parses the arguments of the process; `llmspell FILE` becomes `llmspell run FILE`.
///
/// Ends the process with code 2 for wrong usage and 0 for help.
pub(crate) fn parse() -> Cli {
    let mut args: Vec<OsString> = std::env::args_os().collect();
    name_output_of_init(&mut args);
    resolve(args)
}

fn resolve(mut args: Vec<OsString>) -> Cli {
    let cli = parse_or_exit(&args);
    let Command::File(file) = &cli.command else {
        return cli;
    };
    let at = args.len() - file.len();
    let given = PathBuf::from(&file[0]);
    let script = given.extension().and_then(|extension| extension.to_str());
    let script = script.is_some_and(|extension| Language::from_extension(extension).is_some());
    if given.is_file() || script || file[0] == "-" {
        args.insert(at, "run".into());
        return parse_or_exit(&args);
    }
    // People type these flags as commands: `llmspell help run`.
    if let Some(flag) = file[0].to_str().and_then(flag_of) {
        args.remove(at);
        args.push(flag.into());
        return resolve(args);
    }
    let name = given.display().to_string();
    let command = <Cli as clap::CommandFactory>::command();
    let known: Vec<&str> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    let hint = match llmspell_core::nearest(&name, known.iter().copied()).first() {
        Some(near) => format!("did you mean '{near}'?"),
        None => format!("commands are: {}", known.join(", ")),
    };
    command
        .clone()
        .error(
            clap::error::ErrorKind::InvalidSubcommand,
            format!("'{name}' is neither a command nor a file; {hint}"),
        )
        .exit()
}

fn flag_of(word: &str) -> Option<&'static str> {
    match word {
        "help" => Some("--help"),
        "version" => Some("--version"),
        _ => None,
    }
}

/// `init` has a file for `--output`, which means the form of results everywhere else.
fn name_output_of_init(args: &mut [OsString]) {
    let Some(init) = args.iter().position(|arg| arg == "init") else {
        return;
    };
    let only_flags = args[1..init]
        .iter()
        .all(|arg| arg.to_str().is_some_and(|arg| arg.starts_with('-')));
    for arg in args[init..].iter_mut().filter(|_| only_flags) {
        if arg == "--output" {
            *arg = "--path".into();
        } else if let Some(path) = arg.to_str().and_then(|arg| arg.strip_prefix("--output=")) {
            *arg = format!("--path={path}").into();
        }
    }
}

fn parse_or_exit(args: &[OsString]) -> Cli {
    match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) if error.kind() == clap::error::ErrorKind::DisplayVersion => {
            cmd::info::version_and_exit(args)
        }
        Err(error) => plain(error).exit(),
    }
}

/// Says what was expected where Rust's own words would say how reading a number failed.
fn plain(error: clap::Error) -> clap::Error {
    use std::num::IntErrorKind::{Empty, InvalidDigit};
    let source = std::error::Error::source(&error);
    let failure = source.and_then(|source| source.downcast_ref::<ParseIntError>());
    let given = |kind| error.get(kind).map(ToString::to_string);
    match (
        failure.map(ParseIntError::kind),
        given(ContextKind::InvalidArg),
        given(ContextKind::InvalidValue),
    ) {
        (Some(Empty | InvalidDigit), Some(flag), Some(value)) => {
            let message = format!("{flag} must be a whole number, not '{value}'");
            <Cli as clap::CommandFactory>::command().error(error.kind(), message)
        }
        _ => error,
    }
}
