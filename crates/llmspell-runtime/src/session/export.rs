//! `Session.export`.

use std::collections::HashMap;
use std::path::PathBuf;

use llmspell_core::host::WriteMode;
use llmspell_core::value::to_json_pretty;
use llmspell_core::{CallId, Cx, Effect, Map, Result, Value, bail};
use schemars::JsonSchema;
use serde::Deserialize;

use super::query;
use super::script::{ScriptSessions, checked};
use super::work;
use crate::agent::moment;
use crate::hook::plain;
use crate::journal::{Entry, Reader, Said};

/// Returns a session with its numbers and all calls that were made for it, in the order of their times; or writes that to a
/// file and returns its path.
///
/// - Errors: `not_found`; `denied` for a path that the sandbox does not allow.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Export {
    /// The session.
    id: String,
    /// What to return.
    #[serde(default)]
    options: Option<Options>,
}

/// What to return.
#[derive(Default, Deserialize, JsonSchema)]
#[serde(default)]
struct Options {
    /// `json`.
    format: Option<String>,
    /// Whether artifacts are in it.
    include_artifacts: bool,
    /// A file to write it to.
    path: Option<String>,
}

/// An export to a file changes the world.
pub(super) fn effect(args: &Value) -> Effect {
    let path = args.get("options").and_then(|options| options.get("path"));
    match path {
        Some(path) if !path.is_null() => Effect::Idempotent,
        _ => Effect::Read,
    }
}

pub(super) async fn export(cx: Cx, a: Export) -> Result<Value> {
    let options = a.options.unwrap_or_default();
    if let Some(format) = options.format.filter(|format| format != "json") {
        bail!(InvalidArgs, "`format` must be json, got '{format}'");
    }
    let sessions = cx.part::<ScriptSessions>()?;
    let whole = whole(&cx, &sessions, &checked(&a.id)?, options.include_artifacts).await?;
    let Some(path) = options.path else {
        return Ok(whole);
    };
    let text = to_json_pretty(&whole);
    let written = cx
        .files(move |files, _| {
            files.write(&PathBuf::from(path), WriteMode::Replace, text.as_bytes())
        })
        .await?;
    Ok(written.path.display().to_string().into())
}

async fn whole(cx: &Cx, sessions: &ScriptSessions, id: &str, artifacts: bool) -> Result<Value> {
    // What was called until now is in it.
    sessions.settle().await?;
    let metadata = query::metadata(cx, sessions, id).await?;
    let numbers = query::numbers(cx, sessions, id).await?;
    let (store, reader) = (sessions.store().await?, sessions.reader().await?);
    let entries = work::entries(&*store, &reader, id).await?;
    let mut whole = Map::from([
        ("session", Value::from_serialize(&metadata)?),
        ("stats", Value::from_serialize(&numbers)?),
        ("operations", operations(&reader, &entries).await?),
    ]);
    if artifacts {
        let found = match sessions.belongings() {
            Some(belongings) => belongings.export(id).await?,
            None => Value::List(Vec::new()),
        };
        whole.insert("artifacts", found);
    }
    Ok(Value::Map(whole))
}

/// Returns each call once, in the order of their begins.
pub(super) async fn operations(reader: &Reader, entries: &[(String, Entry)]) -> Result<Value> {
    let mut shown: Vec<Map> = Vec::new();
    let mut places: HashMap<(&str, CallId), usize> = HashMap::new();
    for (run, entry) in entries {
        let place = *places.entry((run, entry.id)).or_insert_with(|| {
            shown.push(Map::from([
                ("sequence", Value::from(shown.len() as u64 + 1)),
                ("id", entry.id.to_string().into()),
                ("run_id", run.as_str().into()),
            ]));
            shown.len() - 1
        });
        tell(&mut shown[place], reader, entry).await?;
    }
    Ok(shown.into_iter().map(Value::Map).collect())
}

async fn tell(shown: &mut Map, reader: &Reader, entry: &Entry) -> Result<()> {
    let mut put = |name: &str, value: Value| {
        shown.insert(name, value);
    };
    if !entry.op.is_empty() {
        put("operation", entry.op.as_str().into());
        if entry.parent != CallId::ROOT {
            put("parent_id", entry.parent.to_string().into());
        }
        if let Some(effect) = entry.effect {
            put("effect", effect.name().into());
        }
        put("started_at", moment::text(entry.at).into());
    }
    if let Some(args) = &entry.args {
        put("arguments", plain(&reader.value(args).await?));
    }
    let status = match entry.said {
        Said::Begin => "started",
        Said::Gone | Said::Saw => "given_up",
        Said::End | Said::Call if entry.error.is_some() => "failed",
        Said::End | Said::Call => "completed",
    };
    put("status", status.into());
    if let Some(result) = &entry.result {
        put("result", plain(&reader.value(result).await?));
    }
    if let Some(error) = &entry.error {
        put("error", llmspell_core::value::from_record(error)?);
    }
    if let Some(took) = entry.took_us {
        put("duration_ms", (took as f64 / 1000.0).into());
    }
    if !entry.usage.is_empty() {
        put("usage", Value::Map(entry.usage.to_map()));
    }
    if entry.attempts > 1 {
        put("attempts", entry.attempts.into());
    }
    Ok(())
}
