//! `llmspell session export`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use llmspell_core::{Result, Value, error};
use llmspell_runtime::artifact;
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
    /// Without the artifacts of the session
    #[arg(long)]
    no_artifacts: bool,
}

/// How an export is written.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// One document.
    Json,
    /// The session, then each call, then each artifact, on a line of its own.
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
    let artifacts = match args.no_artifacts {
        true => Vec::new(),
        false => kept(sessions, &id).await?,
    };
    let text = match args.format {
        Format::Json => {
            let mut document = json!({"session": session, "operations": operations});
            if !args.no_artifacts {
                document["artifacts"] = artifacts.into();
            }
            pretty(&document)
        }
        Format::Jsonl => lines(&session, &operations, &artifacts),
    };
    match &args.o {
        Some(path) => std::fs::write(path, text)
            .map_err(|cause| error!(Io, "{} cannot be written: {cause}", path.display()))?,
        None => desk.screen.bytes(text.as_bytes()),
    }
    Ok(0)
}

/// Returns the artifacts of a session with their contents; what is not text is in base64, and says so.
async fn kept(sessions: &Sessions, id: &str) -> Result<Vec<Json>> {
    let mut all = Vec::new();
    let Some(artifacts) = sessions.artifacts(artifact::Options::default()) else {
        return Ok(all);
    };
    for artifact in artifacts.list(id).await? {
        let content = artifacts.content(&artifact).await?;
        let mut document = artifact::shown(&artifact).to_serde_json();
        if let Some(members) = document.as_object_mut() {
            members.shift_remove("metadata");
        }
        match std::str::from_utf8(&content) {
            Ok(text) if artifact.is_text => document["content"] = text.into(),
            _ => {
                document["encoding"] = "base64".into();
                document["content"] = Value::Bytes(content.into()).to_serde_json();
            }
        }
        all.push(document);
    }
    Ok(all)
}

fn pretty(document: &Json) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

fn lines(session: &Json, operations: &Json, artifacts: &[Json]) -> String {
    let mut text = format!("{}\n", json!({"session": session}));
    for operation in operations.as_array().into_iter().flatten() {
        text.push_str(&format!("{operation}\n"));
    }
    for artifact in artifacts {
        text.push_str(&format!("{}\n", json!({"artifact": artifact})));
    }
    text
}
