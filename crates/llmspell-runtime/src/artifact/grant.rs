//! `Artifact.grant` and `revoke`.

use llmspell_core::{Cx, Effect, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::id::Wanted;
use super::stored::{Artifact, Artifacts, Permission};
use super::{hooked, recorded, session, shown};
use crate::hook::members_of;

/// Lets another session use an artifact.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Grant {
    /// The session that asks; the current one if absent or empty.
    session_id: Option<String>,
    /// The artifact: its id table, its content hash, or what another function returned of it.
    id: Value,
    /// The other session.
    other_session_id: String,
    /// `read`; `write` to delete it as well; `admin` to grant as well.
    permission: String,
}

pub(super) async fn grant(cx: Cx, a: Grant) -> Result<()> {
    let permission: Permission = a.permission.parse()?;
    let artifacts = cx.part::<Artifacts>()?;
    session::known(&cx, &artifacts, &a.other_session_id).await?;
    let artifact = permitted(&cx, a.session_id.as_deref(), &a.id, Permission::Admin).await?;
    allow(&cx, artifact, a.other_session_id, Some(permission)).await
}

/// Takes back what another session may do with an artifact: that, and what includes it.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Revoke {
    /// The session that asks; the current one if absent or empty.
    session_id: Option<String>,
    /// The artifact: its id table, its content hash, or what another function returned of it.
    id: Value,
    /// The other session.
    other_session_id: String,
    /// `read` takes everything back, `write` leaves `read`, `admin` leaves `write`.
    #[serde(default = "read")]
    permission: String,
}

fn read() -> String {
    Permission::Read.name().to_owned()
}

pub(super) async fn revoke(cx: Cx, a: Revoke) -> Result<()> {
    let permission: Permission = a.permission.parse()?;
    let artifact = permitted(&cx, a.session_id.as_deref(), &a.id, Permission::Admin).await?;
    let left = match artifact.granted(&a.other_session_id) {
        Some(granted) if granted >= permission => permission.below(),
        // It is not allowed that much anyway.
        granted => granted,
    };
    allow(&cx, artifact, a.other_session_id, left).await
}

/// Returns the artifact if the session may do that with it, looked up as a recorded call.
///
/// - Errors: `NotFound`, `Denied`; `InvalidState` without a session.
pub(super) async fn permitted(
    cx: &Cx,
    given: Option<&str>,
    id: &Value,
    permission: Permission,
) -> Result<Artifact> {
    let session = session::meant(cx, given)?;
    let wanted = Wanted::read(id)?;
    let args = members_of([
        ("session_id", Value::from(session.as_str())),
        ("id", id.clone()),
        ("permission", permission.name().into()),
    ]);
    let body = move |cx: Cx| async move {
        let artifacts = cx.part::<Artifacts>()?;
        let artifact = artifacts.find(&session, &wanted, permission).await?;
        Value::from_serialize(&artifact)
    };
    let found = recorded(cx, "artifact.find", Effect::Read, Value::Map(args), body).await?;
    found.into_typed()
}

async fn allow(
    cx: &Cx,
    artifact: Artifact,
    other: String,
    permission: Option<Permission>,
) -> Result<()> {
    let owner = artifact.id.session_id.clone();
    hooked::permit(cx, "before_modify", &owner, || shown::facts(&artifact)).await?;
    let granted = permission.map(Permission::name);
    let args = members_of([
        ("id", artifact.id.to_value()),
        ("other_session_id", other.as_str().into()),
        ("permission", granted.map(Value::from).unwrap_or_default()),
    ]);
    let id = artifact.id.clone();
    let body = move |cx: Cx| async move {
        let artifacts = cx.part::<Artifacts>()?;
        artifacts.allow(&id, &other, permission).await?;
        Ok(Value::Null)
    };
    recorded(
        cx,
        "artifact.allow",
        Effect::Idempotent,
        Value::Map(args),
        body,
    )
    .await?;
    hooked::tell(
        cx,
        &owner,
        &artifact,
        &["artifact.modified", "artifact.metadata_updated"],
    );
    hooked::notice(cx, "after_modify", &owner, || shown::facts(&artifact)).await;
    Ok(())
}
