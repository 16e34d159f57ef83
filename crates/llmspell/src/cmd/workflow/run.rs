//! `llmspell workflow run`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use llmspell::WorkflowEngine;
use llmspell_core::Value;
use llmspell_core::value::{from_json, to_json};

use super::super::given;
use super::super::running::{self, By, Flags};
use crate::desk::Desk;
use crate::exit::{Ends, Failure};

/// Run a workflow.
#[derive(Args, Debug)]
pub(crate) struct Run {
    #[command(flatten)]
    flags: Flags,
    /// Input of the workflow: JSON, @FILE, or - for standard input
    #[arg(long, value_name = "JSON|@FILE|-")]
    input: Option<String>,
    /// File in TOML or JSON, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

pub(crate) fn run(args: Run, desk: Desk) -> Ends {
    let input = match &args.input {
        Some(text) => input(text)?,
        None => Value::Null,
    };
    let recorded = args.input.as_ref().map(|_| to_json(&input));
    let recorded: Vec<String> = recorded.into_iter().collect();
    let script = super::super::run::read(&args.file, &recorded)?;
    let engine = Arc::new(WorkflowEngine::new(input));
    running::run(script, By::Engine(engine), &args.flags, desk)
}

fn input(text: &str) -> Result<Value, Failure> {
    let json = given::text(text)?;
    from_json(&json).map_err(|error| {
        let error = error.hint("--input takes JSON; a text needs quotes of its own: '\"text\"'");
        Failure::with_code(error, 2)
    })
}
