//! `Artifact.delete`.

use llmspell_core::{Cx, Effect, Map, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::permitted::permitted;
use super::stored::{Artifacts, Permission};
use super::{hooked, recorded, session, shown};

/// Deletes an artifact. Its content goes when no other artifact shares it; other versions of its name stay.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Delete {
    /// The session that asks; the current one if absent or empty.
    session_id: Option<String>,
    /// The artifact: its id table, its content hash, or what another function returned of it.
    id: Value,
}

pub(super) async fn delete(cx: Cx, a: Delete) -> Result<()> {
    let cx = cx.as_operation();
    let artifact = permitted(
        &cx,
        "artifact.delete",
        a.session_id.as_deref(),
        &a.id,
        Permission::Write,
    )
    .await?;
    let owner = artifact.id.session_id.clone();
    session::active(&cx, &owner).await?;
    let facts = || shown::facts(&artifact);
    hooked::permit(&cx, "before_delete", &owner, facts).await?;
    let args = Map::from([("id", artifact.id.to_value())]);
    let id = artifact.id.clone();
    let body = move |cx: Cx| async move {
        let artifacts = cx.part::<Artifacts>()?;
        artifacts.remove(&id).await.map(Value::from)
    };
    recorded(
        &cx,
        "artifact.delete",
        Effect::Idempotent,
        Value::Map(args),
        body,
    )
    .await?;
    hooked::announce(
        &cx,
        &owner,
        &artifact,
        &["session.artifact.deleted", "artifact.deleted"],
    )
    .await;
    hooked::notice(&cx, "after_delete", &owner, facts).await;
    Ok(())
}
