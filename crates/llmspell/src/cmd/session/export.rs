//! `llmspell session export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use llmspell_core::{Result, error};
use llmspell_runtime::artifact::Artifacts;
use llmspell_runtime::session::{Belongings as _, Sessions};
use serde_json::{Value as Json, json};

use super::{made, summary_json};
use crate::desk::Desk;

#[derive(Args, Debug)]
pub(super) struct Export {
    /// Id, beginning of an id, name, or last
    #[arg(value_name = "ID|last", default_value = "last")]
    id: String,
    /// Write to this file
    #[arg(short, value_name = "FILE")]
    o: Option<PathBuf>,
    /// How it is written
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    format: Format,
    /// Leave out what the session keeps
    #[arg(long)]
    no_artifacts: bool,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One document.
    Json,
    /// The session, then each call and each artifact, on a line of its own.
    Jsonl,
    /// One archive.
    #[value(hide = true)]
    Bundle,
}

/// Writes a session with all of its calls and artifacts. Secrets were struck out when they were recorded.
pub(super) async fn export(
    sessions: &Sessions,
    artifacts: Option<&Artifacts>,
    args: &Export,
    desk: &Desk,
) -> Result<u8> {
    let (id, session) = match sessions.find_made(&args.id).await? {
        Some(found) => (found.id.clone(), made::document(&found)),
        None => {
            let shown = sessions.show(&args.id).await?;
            (shown.session.id.clone(), summary_json(&shown.session))
        }
    };
    let operations = sessions.operations(&id).await?;
    let kept = match artifacts.filter(|_| !args.no_artifacts) {
        Some(artifacts) => Some(artifacts.export(&id).await?.to_serde_json()),
        None => None,
    };
    let text = match args.format {
        Format::Json => pretty(session, operations, kept),
        Format::Jsonl => lines(&session, &operations, kept.as_ref()),
        Format::Bundle => {
            let error = error!(
                Unavailable,
                "sessions are not written as archives in this version"
            );
            return Err(error.hint(
                "`--format jsonl` has the session, its calls and its artifacts in one file",
            ));
        }
    };
    match &args.o {
        Some(path) => std::fs::write(path, text)
            .map_err(|cause| error!(Io, "{} cannot be written: {cause}", path.display()))?,
        None => desk.screen.bytes(text.as_bytes()),
    }
    Ok(0)
}

fn pretty(session: Json, operations: Json, artifacts: Option<Json>) -> String {
    let mut document = json!({"session": session, "operations": operations});
    if let Some(artifacts) = artifacts {
        document["artifacts"] = artifacts;
    }
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

fn lines(session: &Json, operations: &Json, artifacts: Option<&Json>) -> String {
    let mut text = format!("{}\n", json!({"session": session}));
    for operation in operations.as_array().into_iter().flatten() {
        text.push_str(&format!("{operation}\n"));
    }
    for artifact in artifacts.and_then(Json::as_array).into_iter().flatten() {
        text.push_str(&format!("{}\n", json!({"artifact": artifact})));
    }
    text
}
