//! The hook points and events of artifacts.

use std::sync::Arc;

use llmspell_core::{Cx, Map, Result, Value};

use super::shown;
use super::stored::{Artifact, New};
use crate::event;
use crate::hook::{Component, Context, Hooks, Point};
use crate::session::ScriptSessions;

/// What hooks are told of an artifact that is not stored yet.
pub(super) fn draft(new: &New, size: usize) -> Map {
    Map::from([
        ("name", Value::from(new.name.as_str())),
        ("session_id", new.session.as_str().into()),
        ("artifact_type", new.kind.as_str().into()),
        ("mime_type", new.mime_type.as_str().into()),
        ("size", size.into()),
        (
            "tags",
            new.tags
                .iter()
                .map(|tag| Value::from(tag.as_str()))
                .collect(),
        ),
        ("custom", Value::Map(new.custom.clone())),
    ])
}

/// Asks the hooks of `custom:artifact:NAME`.
///
/// - Errors: `Cancelled` with the hook's reason.
pub(super) async fn permit(
    cx: &Cx,
    name: &str,
    session: &str,
    artifact: impl FnOnce() -> Map,
) -> Result<()> {
    let Some(hooks) = listening(cx, session).await else {
        return Ok(());
    };
    let point = point(name);
    let make = || context(cx, point.clone(), session, artifact());
    hooks.permit(cx, point.clone(), make).await.map(drop)
}

/// Tells the hooks of `custom:artifact:NAME`.
pub(super) async fn notice(cx: &Cx, name: &str, session: &str, artifact: impl FnOnce() -> Map) {
    if let Some(hooks) = listening(cx, session).await {
        let point = point(name);
        let make = || context(cx, point.clone(), session, artifact());
        hooks.notice(cx, point.clone(), make).await;
    }
}

/// Returns the hooks of the run, if any may be about artifacts and the session does not forbid it.
async fn listening(cx: &Cx, session: &str) -> Option<Arc<Hooks>> {
    let hooks = cx.part::<Hooks>().ok().filter(|hooks| hooks.has_custom())?;
    let sessions = cx.part::<ScriptSessions>().ok()?;
    let facts = sessions.facts(session).await.ok()??;
    facts.bounds.hook_config.on_artifact_create.then_some(hooks)
}

fn point(name: &str) -> Point {
    Point::Custom(format!("custom:artifact:{name}").into())
}

fn context<'a>(cx: &'a Cx, point: Point, session: &str, artifact: Map) -> Context<'a> {
    let name = artifact
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let component = Component::new("Artifact", name);
    let data = Map::from([
        ("session_id", Value::from(session)),
        ("artifact", Value::Map(artifact)),
    ]);
    Context::new(cx, point, component, data)
}

/// Publishes events about an artifact.
pub(super) async fn announce(cx: &Cx, session: &str, artifact: &Artifact, kinds: &[&str]) {
    for kind in kinds {
        let facts = || {
            let facts = Map::from([
                ("session_id", Value::from(session)),
                ("artifact_id", artifact.id.to_value()),
                ("artifact_type", artifact.kind.as_str().into()),
                ("name", artifact.name.as_str().into()),
                ("size", artifact.size.into()),
                ("version", artifact.version.into()),
            ]);
            Value::Map(facts)
        };
        event::announce(cx, "artifact", kind, facts).await;
    }
}

/// Tells hooks and subscribers that an artifact was stored.
pub(super) async fn stored(cx: &Cx, artifact: &Artifact) {
    let session = &artifact.id.session_id;
    let facts = || shown::facts(artifact);
    announce(
        cx,
        session,
        artifact,
        &["session.artifact.stored", "artifact.created"],
    )
    .await;
    notice(cx, "after_create", session, facts).await;
    if artifact.version > 1 {
        announce(
            cx,
            session,
            artifact,
            &["artifact.versioned", "artifact.modified"],
        )
        .await;
        notice(cx, "after_modify", session, facts).await;
    }
    if artifact.parent.is_some() {
        announce(cx, session, artifact, &["artifact.derived"]).await;
        notice(cx, "derived", session, facts).await;
    }
}
