//! `Artifact.get` and `get_content`.

use llmspell_core::{Cx, Effect, Map, Result, Value, error};
use schemars::JsonSchema;
use serde::Deserialize;

use super::id::Wanted;
use super::stored::{Artifact, Artifacts, Permission};
use super::{hooked, recorded, session, shown};

/// Returns an artifact with its content.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Get {
    /// The session that asks; the current one if absent or empty.
    session_id: Option<String>,
    /// The artifact: its id table, its content hash, or what another function returned of it.
    id: Value,
}

pub(super) async fn get(cx: Cx, a: Get) -> Result<Value> {
    let (artifact, content) = fetch(&cx, a.session_id.as_deref(), &a.id).await?;
    Ok(shown::whole(&artifact, content))
}

/// Returns the content of an artifact: text if it was given as text, else bytes.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetContent {
    /// The session that asks; the current one if absent or empty.
    session_id: Option<String>,
    /// The artifact: its id table, its content hash, or what another function returned of it.
    id: Value,
}

pub(super) async fn get_content(cx: Cx, a: GetContent) -> Result<Value> {
    let (_, content) = fetch(&cx, a.session_id.as_deref(), &a.id).await?;
    Ok(content)
}

/// Reads an artifact and its content as a recorded call, so that a run that is repeated sees what it saw, and tells that
/// it was read.
///
/// - Errors: `NotFound`, `Denied`; `InvalidState` without a session.
pub(crate) async fn fetch(cx: &Cx, given: Option<&str>, id: &Value) -> Result<(Artifact, Value)> {
    let session = session::meant(cx, given).await?;
    let wanted = Wanted::read(id)?;
    let args = Map::from([
        ("session_id", Value::from(session.as_str())),
        ("id", id.clone()),
    ]);
    let reader = session.clone();
    let body = move |cx: Cx| async move {
        let artifacts = cx.part::<Artifacts>()?;
        let artifact = artifacts.find(&reader, &wanted, Permission::Read).await?;
        let content = artifacts.content(&artifact).await?;
        let content = shown::content(&artifact, content);
        Ok(Value::List(vec![
            Value::from_serialize(&artifact)?,
            content,
        ]))
    };
    let cx = &cx.as_operation();
    let read = recorded(cx, "artifact.get", Effect::Read, Value::Map(args), body).await?;
    let Value::List(mut read) = read else {
        return Err(error!(Bug, "an artifact was read as something else"));
    };
    let (content, artifact) = (read.pop(), read.pop());
    let artifact: Artifact = artifact.unwrap_or_default().into_typed()?;
    hooked::announce(
        cx,
        &session,
        &artifact,
        &["session.artifact.retrieved", "artifact.accessed"],
    )
    .await;
    hooked::notice(cx, "accessed", &session, || shown::facts(&artifact)).await;
    Ok((artifact, content.unwrap_or_default()))
}
