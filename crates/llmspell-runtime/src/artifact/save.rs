//! The one way of every artifact into the store.

use bytes::Bytes;
use llmspell_core::{Cx, Effect, Map, Result, Value};

use super::id::Id;
use super::stored::{Artifact, Artifacts, New, Totals};
use super::{hooked, kind, mime, recorded, session};

/// What somebody wants kept.
pub(crate) struct Made {
    /// The session; `None` is the one that the script chose.
    pub(crate) session: Option<String>,
    /// The type.
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) content: Bytes,
    /// Whether the content was given as text.
    pub(crate) is_text: bool,
    /// Found out if absent.
    pub(crate) mime_type: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) custom: Map,
    pub(crate) parent: Option<Id>,
    pub(crate) created_by: String,
}

/// Stores an artifact, with the hooks and events around it.
///
/// - Errors: `InvalidArgs` for an empty name or type; `InvalidState` for a session that is not active, or none;
///   `Limit`; `Cancelled` by a hook.
pub(crate) async fn save(cx: &Cx, made: Made) -> Result<Artifact> {
    let artifacts = cx.part::<Artifacts>()?;
    let session = session::meant(cx, made.session.as_deref()).await?;
    let facts = session::active(cx, &session).await?;
    let mime_type = match made.mime_type {
        Some(given) => given,
        None => mime::sniff(&made.name, &made.content).to_owned(),
    };
    let new = New {
        session,
        kind: kind::kind(&made.kind),
        name: made.name,
        mime_type,
        is_text: made.is_text,
        tags: made.tags,
        custom: made.custom,
        parent: made.parent,
        created_by: Some(made.created_by),
        created_at: cx.host().clock.now(),
        most: Some(Totals {
            count: facts.bounds.max_artifacts,
            bytes: facts.bounds.resource_limits.max_storage_bytes,
        }),
        session_key: session::key(cx, &facts.id),
        call: None,
    };
    let cx = &cx.as_operation();
    validate(cx, &artifacts, &new, &made.content).await?;
    let draft = || hooked::draft(&new, made.content.len());
    hooked::permit(cx, "before_create", &new.session, draft).await?;
    if cx
        .part::<crate::hook::Hooks>()
        .is_ok_and(|hooks| hooks.has_custom())
        && artifacts.has_name(&new.session, &new.name).await?
    {
        hooked::permit(cx, "before_modify", &new.session, draft).await?;
    }
    let kept = keep(cx, new, made.content).await?;
    hooked::stored(cx, &kept).await;
    Ok(kept)
}

async fn validate(cx: &Cx, artifacts: &Artifacts, new: &New, content: &Bytes) -> Result<()> {
    let draft = || hooked::draft(new, content.len());
    hooked::permit(cx, "before_validate", &new.session, draft).await?;
    let checked = artifacts.check(new, content.len() as u64);
    let (point, kind) = match &checked {
        Ok(()) => ("after_validate", "artifact.validated"),
        Err(_) => ("validation_failed", "artifact.validation_failed"),
    };
    crate::event::announce(cx, "artifact", kind, || Value::Map(draft())).await;
    hooked::notice(cx, point, &new.session, draft).await;
    checked
}

/// Writes it, as a call whose arguments have the hash of the content in its place.
async fn keep(cx: &Cx, mut new: New, content: Bytes) -> Result<Artifact> {
    let artifacts = cx.part::<Artifacts>()?;
    let mut args = hooked::draft(&new, content.len());
    let hash = blake3::hash(&content).to_hex().to_string();
    args.insert("content_hash", hash.into());
    if let Some(parent) = &new.parent {
        args.insert("parent_artifact", parent.to_value());
    }
    let body = move |cx: Cx| async move {
        // What a process stored that died before it could tell is found again.
        new.call = Some(format!("{}/{}", cx.session(), cx.id()));
        Value::from_serialize(&artifacts.keep(&new, content).await?)
    };
    let kept = recorded(cx, "artifact.store", Effect::Keyed, Value::Map(args), body).await?;
    kept.into_typed()
}
