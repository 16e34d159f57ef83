//! `Artifact.grant` and `revoke`.

use llmspell_core::{Cx, Effect, Map, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::permitted::permitted;
use super::stored::{Artifacts, Permission};
use super::{hooked, recorded, session, shown};

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
    session::known(&cx, &a.other_session_id).await?;
    let change = Change {
        kind: Kind::Grant,
        other: a.other_session_id,
        permission,
    };
    change.make(&cx, a.session_id.as_deref(), &a.id).await
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
    /// `read` takes back everything.
    #[serde(default = "read")]
    permission: String,
}

fn read() -> String {
    Permission::Read.name().to_owned()
}

pub(super) async fn revoke(cx: Cx, a: Revoke) -> Result<()> {
    let permission: Permission = a.permission.parse()?;
    let change = Change {
        kind: Kind::Revoke,
        other: a.other_session_id,
        permission,
    };
    change.make(&cx, a.session_id.as_deref(), &a.id).await
}

#[derive(Clone, Copy)]
enum Kind {
    Grant,
    Revoke,
}

/// A change of what another session may do.
struct Change {
    kind: Kind,
    other: String,
    permission: Permission,
}

impl Change {
    async fn make(self, cx: &Cx, given: Option<&str>, id: &Value) -> Result<()> {
        let op = match self.kind {
            Kind::Grant => "artifact.grant",
            Kind::Revoke => "artifact.revoke",
        };
        let cx = &cx.as_operation();
        let artifact = permitted(cx, op, given, id, Permission::Admin).await?;
        let owner = artifact.id.session_id.clone();
        let facts = || shown::facts(&artifact);
        hooked::permit(cx, "before_modify", &owner, facts).await?;
        let args = Map::from([
            ("id", artifact.id.to_value()),
            ("other_session_id", self.other.as_str().into()),
            ("permission", self.permission.name().into()),
        ]);
        let id = artifact.id.clone();
        let body = move |cx: Cx| async move {
            let artifacts = cx.part::<Artifacts>()?;
            match self.kind {
                Kind::Grant => artifacts.grant(&id, &self.other, self.permission).await?,
                Kind::Revoke => artifacts.revoke(&id, &self.other, self.permission).await?,
            }
            Ok(Value::Null)
        };
        recorded(cx, op, Effect::Idempotent, Value::Map(args), body).await?;
        let kinds = ["artifact.modified", "artifact.metadata_updated"];
        hooked::announce(cx, &owner, &artifact, &kinds).await;
        hooked::notice(cx, "after_modify", &owner, facts).await;
        Ok(())
    }
}
