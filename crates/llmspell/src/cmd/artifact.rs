//! `llmspell artifact`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use llmspell::config::Loaded;
use llmspell_core::{Result, Value, error};
use llmspell_runtime::artifact::{Artifact as Kept, Artifacts, Query, kind, shown};
use llmspell_runtime::session::Sessions;

use super::confirm::confirmed;
use super::recorded;
use super::session::local;
use crate::desk::Desk;
use crate::exit::{Ends, Failure};
use crate::output::Mode;
use crate::output::table::{Align, Column, table};

/// List, read and delete what sessions keep.
#[derive(Args, Debug)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Artifact {
    #[command(subcommand)]
    verb: Verb,
    /// Store of the sessions: sqlite:PATH
    #[arg(long, value_name = "URL", global = true)]
    store: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// List artifacts, newest first
    List(List),
    /// Write the content of an artifact, byte for byte
    Get(Get),
    /// Delete artifacts; a content goes when no other artifact shares it
    Delete(Delete),
}

#[derive(Args, Debug)]
struct List {
    /// Only those of this session: id, beginning of an id, name, or last
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Only those of this type
    #[arg(long = "type", value_name = "T")]
    kind: Option<String>,
    /// Only those with this tag
    #[arg(long = "tag", value_name = "T")]
    tags: Vec<String>,
    /// Only those whose name fits
    #[arg(long, value_name = "GLOB")]
    name: Option<String>,
    /// Most artifacts
    #[arg(long, value_name = "N", default_value_t = 100)]
    limit: usize,
}

#[derive(Args, Debug)]
struct Get {
    /// Content hash, at least 6 digits of it, or name, of which the newest counts
    #[arg(value_name = "ID")]
    id: String,
    /// Only in this session: id, beginning of an id, name, or last
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Write to this file
    #[arg(short, value_name = "FILE")]
    o: Option<PathBuf>,
    /// What is known of it, instead of its content
    #[arg(long)]
    metadata: bool,
    /// This version of the name
    #[arg(long, value_name = "N")]
    version: Option<u64>,
}

#[derive(Args, Debug)]
struct Delete {
    /// Content hash, at least 6 digits of it, or name, of which the newest counts
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    /// Only in this session: id, beginning of an id, name, or last
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

pub(crate) fn artifact(args: Artifact, mut desk: Desk) -> Ends {
    let loaded = desk.load(Vec::new())?;
    recorded::within(args.store, &loaded, async |sessions| {
        let shelf = Shelf::new(sessions, &loaded);
        match &args.verb {
            Verb::List(args) => list(&shelf, args, &desk).await.map_err(Failure::from),
            Verb::Get(args) => get(&shelf, args, &desk).await.map_err(Failure::from),
            Verb::Delete(args) => delete(&shelf, args, &desk).await,
        }
    })
}

/// The artifacts of the store, if there is one.
struct Shelf<'a> {
    sessions: &'a Sessions,
    artifacts: Option<Artifacts>,
}

impl<'a> Shelf<'a> {
    fn new(sessions: &'a Sessions, loaded: &Loaded) -> Self {
        Self {
            artifacts: sessions.artifacts(loaded.config.artifact_options()),
            sessions,
        }
    }

    async fn session(&self, text: Option<&String>) -> Result<Option<String>> {
        match text {
            Some(text) => self.sessions.find(text).await.map(Some),
            None => Ok(None),
        }
    }

    /// Returns the newest artifact that is meant.
    async fn find(
        &self,
        text: &str,
        session: Option<&String>,
        version: Option<u64>,
    ) -> Result<(&Artifacts, Kept)> {
        let session = self.session(session).await?;
        let found = match &self.artifacts {
            Some(artifacts) => artifacts.search(session.as_deref(), text, version).await?,
            None => None,
        };
        match (found, &self.artifacts) {
            (Some(found), Some(artifacts)) => Ok((artifacts, found)),
            _ => {
                let version =
                    version.map_or_else(String::new, |version| format!(" version {version}"));
                Err(error!(NotFound, "Artifact not found: {text}{version}")
                    .hint("see `llmspell artifact list`"))
            }
        }
    }
}

async fn list(shelf: &Shelf<'_>, args: &List, desk: &Desk) -> Result<u8> {
    let query = Query {
        session: shelf.session(args.session.as_ref()).await?,
        kind: args.kind.as_deref().map(kind),
        name_pattern: args.name.clone(),
        tags: args.tags.clone(),
        limit: args.limit,
        ..Query::default()
    };
    let found = match &shelf.artifacts {
        Some(artifacts) => artifacts.query(&query).await?,
        None => Vec::new(),
    };
    if desk.screen.mode == Mode::Json {
        let all: Vec<Value> = found.iter().map(plain).collect();
        desk.screen.document(&Value::List(all).to_serde_json());
        return Ok(0);
    }
    let columns = [
        Column("HASH", Align::Left),
        Column("SESSION", Align::Left),
        Column("CREATED", Align::Left),
        Column("TYPE", Align::Left),
        Column("SIZE", Align::Right),
        Column("VERSION", Align::Right),
        Column("NAME", Align::Left),
    ];
    let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
    let rows = found.iter().map(|artifact| {
        vec![
            short(&artifact.id.content_hash, 12),
            short(&artifact.id.session_id, 8),
            local(artifact.created_at),
            artifact.kind.clone(),
            artifact.size.to_string(),
            artifact.version.to_string(),
            artifact.name.clone(),
        ]
    });
    desk.screen
        .line(&table(&desk.screen, &columns, rows.collect()));
    Ok(0)
}

/// Returns what is known of an artifact, each fact once.
fn plain(artifact: &Kept) -> Value {
    let mut facts = shown(artifact);
    if let Value::Map(facts) = &mut facts {
        facts.shift_remove("metadata");
    }
    facts
}

async fn get(shelf: &Shelf<'_>, args: &Get, desk: &Desk) -> Result<u8> {
    let (artifacts, found) = shelf
        .find(&args.id, args.session.as_ref(), args.version)
        .await?;
    if args.metadata {
        match plain(&found) {
            facts if desk.screen.mode == Mode::Json => desk.screen.document(&facts.to_serde_json()),
            Value::Map(facts) => {
                for (name, value) in facts {
                    desk.screen.line(&format!("{name:<16}{value}"));
                }
            }
            _ => {}
        }
        return Ok(0);
    }
    let content = artifacts.content(&found).await?;
    match &args.o {
        Some(path) => std::fs::write(path, &content)
            .map_err(|cause| error!(Io, "{} cannot be written: {cause}", path.display()))?,
        None => desk.screen.bytes(&content),
    }
    Ok(0)
}

async fn delete(shelf: &Shelf<'_>, args: &Delete, desk: &Desk) -> Ends {
    let mut found = Vec::new();
    for id in &args.ids {
        let (_, artifact) = shelf.find(id, args.session.as_ref(), None).await?;
        found.push(artifact);
    }
    for artifact in &found {
        let name = &artifact.name;
        if !args.yes && !confirmed(&format!("Delete '{name}' version {}?", artifact.version))? {
            continue;
        }
        if let Some(artifacts) = &shelf.artifacts {
            artifacts.remove(&artifact.id).await?;
            desk.screen
                .note(&format!("deleted '{name}' version {}", artifact.version));
        }
    }
    Ok(0)
}
