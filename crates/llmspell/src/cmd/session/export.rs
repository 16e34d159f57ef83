//! `llmspell session export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use llmspell_core::{Result, error};
use llmspell_runtime::session::Sessions;
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
}

/// How an export is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One document.
    Json,
    /// The session, then each call, on a line of its own.
    Jsonl,
}

/// Writes a session with all of its calls. Secrets were struck out when they were recorded.
pub(super) async fn export(sessions: &Sessions, args: &Export, desk: &Desk) -> Result<u8> {
    let (id, session) = match sessions.find_made(&args.id).await? {
        Some(found) => (found.id.clone(), made::document(&found)),
        None => {
            let shown = sessions.show(&args.id).await?;
            (shown.session.id.clone(), summary_json(&shown.session))
        }
    };
    let operations = sessions.operations(&id).await?;
    let text = match args.format {
        Format::Json => pretty(&json!({"session": session, "operations": operations})),
        Format::Jsonl => lines(&session, &operations),
    };
    match &args.o {
        Some(path) => std::fs::write(path, text)
            .map_err(|cause| error!(Io, "{} cannot be written: {cause}", path.display()))?,
        None => desk.screen.bytes(text.as_bytes()),
    }
    Ok(0)
}

fn pretty(document: &Json) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

fn lines(session: &Json, operations: &Json) -> String {
    let mut text = format!("{}\n", json!({"session": session}));
    for operation in operations.as_array().into_iter().flatten() {
        text.push_str(&format!("{operation}\n"));
    }
    text
}
