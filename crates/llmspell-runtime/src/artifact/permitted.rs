//! Artifacts that a session may do something with.

use llmspell_core::{Cx, Effect, Map, Result, Value};

use super::id::Wanted;
use super::stored::{Artifact, Artifacts, Permission};
use super::{recorded, session};

/// Returns the artifact if the session may do that with it, looked up as a recorded call.
///
/// - Errors: `NotFound`, `Denied`; `InvalidState` without a session.
pub(super) async fn permitted(
    cx: &Cx,
    op: &str,
    given: Option<&str>,
    id: &Value,
    permission: Permission,
) -> Result<Artifact> {
    let session = session::meant(cx, given).await?;
    let wanted = Wanted::read(id)?;
    let args = Map::from([
        ("session_id", Value::from(session.as_str())),
        ("id", id.clone()),
        ("permission", permission.name().into()),
    ]);
    let body = move |cx: Cx| async move {
        let artifacts = cx.part::<Artifacts>()?;
        let artifact = artifacts.find(&session, &wanted, permission).await?;
        Value::from_serialize(&artifact)
    };
    let found = recorded(cx, "artifact.find", Effect::Read, Value::Map(args), body).await;
    found.map_err(|error| error.with_op(op))?.into_typed()
}
