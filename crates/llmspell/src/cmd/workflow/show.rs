//! `llmspell workflow show`.

use std::path::Path;

use clap::{Args, ValueEnum};
use llmspell_core::{Kind, Result, error};
use llmspell_runtime::session::{Sessions, Status};
use llmspell_runtime::workflow::{self, Outline};
use serde_json::Value as Json;

use super::super::recorded;
use super::Opened;
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::Mode;
use crate::output::drawing::{dot, mermaid, tree};

/// Draw a workflow, or those that a session executed, with what became of each step.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// How it is drawn; text, or json with --output json
    #[arg(
        long,
        value_enum,
        value_name = "text|mermaid|dot|json",
        hide_possible_values = true
    )]
    format: Option<Format>,
    /// Store of the record: sqlite:PATH
    #[arg(long, value_name = "URL")]
    store: Option<String>,
    /// File in TOML or JSON; or a session: id, beginning of an id, name, or last
    #[arg(value_name = "FILE|ID|last")]
    what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Mermaid,
    Dot,
    Json,
}

pub(crate) fn show(args: Show, mut desk: Desk) -> Ends {
    let path = Path::new(&args.what);
    let named = path.extension().and_then(|extension| extension.to_str());
    let is_file = path.is_file() || args.what == "-" || matches!(named, Some("toml" | "json"));
    let outlines = match is_file {
        true => vec![of_file(path, &mut desk)?],
        false => of_session(&args, &mut desk)?,
    };
    let format = args.format.unwrap_or(match desk.screen.mode {
        Mode::Json => Format::Json,
        Mode::Text | Mode::Pretty => Format::Text,
    });
    if format == Format::Json {
        // A file has one workflow, a session any number of them.
        let mut all: Vec<Json> = outlines.iter().map(json).collect();
        let document = match (is_file, all.pop()) {
            (true, Some(one)) => one,
            (_, last) => all.into_iter().chain(last).collect(),
        };
        desk.screen.document(&document);
        return Ok(0);
    }
    let drawings: Vec<String> = outlines
        .iter()
        .map(|outline| match format {
            Format::Mermaid => mermaid::draw(outline),
            Format::Dot => dot::draw(outline),
            Format::Text | Format::Json => tree::draw(outline),
        })
        .collect();
    desk.screen.line(&drawings.join("\n"));
    Ok(0)
}

fn json(outline: &Outline) -> Json {
    // An outline is plain data, which always has a JSON form.
    serde_json::to_value(outline).unwrap_or_default()
}

fn of_file(path: &Path, desk: &mut Desk) -> Result<Outline, Failure> {
    let opened = Opened::read(path)?;
    let loaded = desk.load(Vec::new())?;
    let name = &opened.script.name;
    opened.with(&loaded, workflow::outline)?.map_err(|error| {
        let error = opened.source.placed(name, error);
        Failure::from(error).quoting(name, &opened.script.source)
    })
}

/// Returns the workflows that the script of a session executed, each once, with what became of their steps.
fn of_session(args: &Show, desk: &mut Desk) -> Result<Vec<Outline>, Failure> {
    let loaded = desk.load(Vec::new())?;
    recorded::within(args.store.clone(), &loaded, async |sessions| {
        Ok(executed(sessions, &args.what).await?)
    })
}

async fn executed(sessions: &Sessions, text: &str) -> Result<Vec<Outline>> {
    let id = sessions
        .find(text)
        .await
        .map_err(|error| match error.kind() {
            Kind::NotFound if text != "last" => error.hint("nor is there a file of this name"),
            _ => error,
        })?;
    let at_work = sessions.status(&id).await? == Status::Running;
    let outlines = workflow::executed(&sessions.reader()?, &id, at_work).await?;
    if outlines.is_empty() {
        let error = error!(
            NotFound,
            "the journal of session {id} has no plan of a workflow"
        );
        return Err(error
            .hint(format!(
                "`llmspell session show {id}` shows the calls that it made"
            ))
            .with("session", id));
    }
    Ok(outlines)
}
