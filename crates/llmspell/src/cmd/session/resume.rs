//! `llmspell session resume`: going on with a run.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use llmspell::WorkflowEngine;
use llmspell::config::Language;
use llmspell_core::value::from_json;
use llmspell_core::{Result, Value, error};
use llmspell_runtime::journal::Doubt;
use llmspell_runtime::session::{Resumable, Resumption};
use llmspell_script::Script;

use super::super::recorded::choice;
use super::super::running::{self, By, threads};
use crate::desk::Desk;
use crate::exit::{Ends, Failure};

/// Scripts that are not files.
const CODE: &str = "(exec)";
const INPUT: &str = "-";

#[derive(Args, Debug)]
pub(super) struct Resume {
    /// Id, beginning of an id, name, or last
    #[arg(value_name = "ID|last")]
    id: String,
    /// Make calls again that may have happened already
    #[arg(long, conflicts_with = "skip_in_doubt")]
    retry_in_doubt: bool,
    /// Leave out calls that may have happened already; their result is null
    #[arg(long)]
    skip_in_doubt: bool,
    /// Arguments of the spell, in place of the recorded ones
    #[arg(value_name = "ARGS", last = true)]
    args: Vec<String>,
}

impl Resume {
    fn doubt(&self) -> Doubt {
        match (self.retry_in_doubt, self.skip_in_doubt) {
            (true, _) => Doubt::Retry,
            (_, true) => Doubt::Skip,
            _ => Doubt::Stop,
        }
    }
}

/// Runs the script of a session again. Calls whose outcome is recorded are answered with it; the rest is made, and recorded
/// in the same session.
pub(super) fn resume(args: &Resume, store: Option<String>, desk: Desk) -> Ends {
    let loaded = desk.draft(Vec::new())?.load()?;
    let choice = choice(store, &loaded)?;
    let threads = threads(&loaded)?;
    let (script, by, resumed) = crate::wait(&threads, async {
        let found = Resumable::find(&choice, &args.id).await?;
        let script = script(&found, args, &desk).await?;
        let by = by(&found, &script)?;
        let resumed: Result<Resumption> = found.read(args.doubt()).await;
        Ok::<_, Failure>((script, by, resumed?))
    })?;
    let ends = running::resume(script, by, resumed, desk);
    threads.shutdown_background();
    ends
}

/// Returns the script: the file as it is now, or the recorded source of one that is no file.
async fn script(found: &Resumable, args: &Resume, desk: &Desk) -> Result<Script, Failure> {
    let name = found.script();
    if name == "repl" || name.starts_with("tool ") {
        let refused = error!(
            InvalidState,
            "the session {} ran no script that could be run again",
            found.id()
        );
        return Err(refused.with("session", found.id()).into());
    }
    enter(found)?;
    let given: &[String] = match args.args.is_empty() {
        true => found.args()?,
        false => &args.args,
    };
    if name == CODE || name == INPUT {
        return Ok(Script {
            source: found.source().await?,
            args: given.to_vec(),
            dir: Some(Path::new(".").to_owned()),
            expression: name == CODE,
            ..Script::new(name, "")
        });
    }
    let script = super::super::run::read(Path::new(name), given)?;
    if !found.is_source(&script.source) {
        desk.screen.note(&format!(
            "{name} has changed since; what it asks for as before is answered from the journal"
        ));
    }
    Ok(script)
}

/// Goes to the directory in which the run was begun, which its paths are relative to.
fn enter(found: &Resumable) -> Result<()> {
    if found.cwd().is_empty() {
        return Ok(());
    }
    std::env::set_current_dir(found.cwd()).map_err(|failure| {
        error!(
            Io,
            "the directory {} of the run cannot be entered: {failure}",
            found.cwd()
        )
        .with("session", found.id())
    })
}

fn by(found: &Resumable, script: &Script) -> Result<By, Failure> {
    if found.engine() == "workflow" {
        let input = script.args.first().map(|input| from_json(input));
        let input = input.transpose()?.unwrap_or(Value::Null);
        return Ok(By::Engine(Arc::new(WorkflowEngine::new(input))));
    }
    Ok(By::Language(Language::from_name(found.engine())))
}
