//! `Artifact.list` and `versions`.

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::stored::{Artifacts, Query};
use super::{kind, session, shown, store};

/// Returns the artifacts of a session, in the order in which they were stored.
#[derive(Deserialize, JsonSchema)]
pub(super) struct List {
    /// The session; the current one if absent or empty.
    session_id: Option<String>,
    /// Which of them.
    filter: Option<Filter>,
}

/// Which artifacts are listed.
#[derive(Deserialize, JsonSchema)]
struct Filter {
    /// Only those of this type.
    #[schemars(extend("x-synonyms" = ["type"]))]
    artifact_type: Option<String>,
    /// Only those with all of these.
    #[serde(default)]
    tags: Value,
}

pub(super) async fn list(cx: Cx, a: List) -> Result<Vec<Value>> {
    let artifacts = cx.part::<Artifacts>()?;
    let session = session::meant(&cx, a.session_id.as_deref()).await?;
    session::known(&cx, &session).await?;
    let mut query = Query::default();
    if let Some(filter) = a.filter {
        query.kind = filter.artifact_type.as_deref().map(kind::kind);
        query.tags = store::tags(&filter.tags)?;
    }
    let listed = artifacts.list(&session).await?;
    Ok(listed
        .iter()
        .filter(|found| query.fits(found))
        .map(shown::shown)
        .collect())
}

/// Returns the versions of a name in a session, oldest first.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Versions {
    /// The session; the current one if absent or empty.
    session_id: Option<String>,
    /// The name.
    name: String,
}

pub(super) async fn versions(cx: Cx, a: Versions) -> Result<Vec<Value>> {
    let artifacts = cx.part::<Artifacts>()?;
    let session = session::meant(&cx, a.session_id.as_deref()).await?;
    session::known(&cx, &session).await?;
    let versions = artifacts.versions(&session, &a.name).await?;
    Ok(versions.iter().map(shown::shown).collect())
}
