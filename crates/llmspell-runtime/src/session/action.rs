//! What is done to a session, as hooks and events hear of it.
//!
//! Nothing here publishes `session.custom.NAME`: these types are for what a script says of a session itself, with
//! `Event.publish`.

use std::time::Duration;

use llmspell_core::{Cx, Map, Result, Value};

use super::bounds::HookChoice;
use super::calls::Seen;
use super::middleware;
use super::record::{Record, count};
use super::stage::Stage;
use crate::agent::moment;
use crate::event;
use crate::hook::{Component, Context, Hooks, Named, Nature, Point};

/// What is done to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Suspend,
    Resume,
    Load,
    Complete,
    Fail,
    Archive,
    Delete,
    /// It has lived as long as it may.
    Timeout,
    Save,
    AutoSave,
}

impl Action {
    /// Returns the name that hooks see.
    const fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Suspend => "suspend",
            Self::Resume => "resume",
            Self::Load => "load",
            Self::Complete => "complete",
            Self::Fail => "fail",
            Self::Archive => "archive",
            Self::Delete => "delete",
            Self::Timeout => "timeout",
            Self::Save => "save",
            Self::AutoSave => "auto_save",
        }
    }

    const fn point(self) -> Option<Named> {
        match self {
            Self::Create => Some(Named::SessionStart),
            Self::Suspend => Some(Named::SessionCheckpoint),
            Self::Resume | Self::Load => Some(Named::SessionRestore),
            Self::Complete | Self::Fail | Self::Delete | Self::Timeout => Some(Named::SessionEnd),
            Self::Save | Self::AutoSave => Some(Named::SessionSave),
            Self::Archive => None,
        }
    }

    /// Returns whether the session wants hooks to be called.
    const fn is_wanted(self, choice: &HookChoice) -> bool {
        match self {
            Self::Create => choice.on_start,
            Self::Suspend => choice.on_suspend,
            Self::Resume | Self::Load => choice.on_resume,
            Self::Complete | Self::Fail | Self::Delete | Self::Timeout => choice.on_end,
            Self::Save | Self::AutoSave | Self::Archive => true,
        }
    }

    /// Returns whether hooks can prevent it, and so are called before it.
    pub(super) fn is_asked_for(self) -> bool {
        self.point()
            .is_some_and(|point| point.nature() == Nature::Veto)
    }

    /// Calls the hooks about it.
    ///
    /// - Errors: `Cancelled` if one of them prevents it.
    pub(super) async fn call_hooks(self, cx: &Cx, seen: &Seen) -> Result<()> {
        let Ok(hooks) = cx.part::<Hooks>() else {
            return Ok(());
        };
        let Some(named) = self.point() else {
            return Ok(());
        };
        let point = Point::Named(named);
        if !hooks.has(&point) {
            return Ok(());
        }
        let record = seen.record()?;
        let choice = &record.bounds.hook_config;
        if !self.is_wanted(choice) {
            return Ok(());
        }
        let mut data = data(cx, &record, seen)?;
        data.insert("action", self.name().into());
        let cx = cx.bounded(Some(Duration::from_millis(choice.timeout_ms)), None);
        let context = || {
            let mut component = Component::new("Session", "session-manager");
            component.id = record.id.as_str().into();
            let mut context = Context::new(&cx, point.clone(), component, data);
            context.operation = "session";
            context
        };
        let outcome = match named.nature() {
            Nature::Veto => hooks.permit(&cx, point.clone(), context).await.map(drop),
            _ => {
                hooks.notice(&cx, point.clone(), context).await;
                Ok(())
            }
        };
        event::tell_of_hooks(&cx, "session", "session.hook.executed", || {
            let facts = vec![
                ("point", named.name().into()),
                ("allowed", outcome.is_ok().into()),
            ];
            about(&record.id, facts)
        });
        outcome
    }

    /// Publishes that it was done. `from` is how the session stood before.
    pub(super) async fn say(self, cx: &Cx, seen: &Seen, from: Option<Stage>) -> Result<()> {
        let record = seen.record()?;
        let status = || vec![("status", record.stage.name().into())];
        let id = &*record.id;
        match self {
            Self::Load | Self::Resume => record.bounds.middleware.attach(cx, id)?,
            Self::Complete | Self::Fail | Self::Timeout | Self::Delete => {
                middleware::detach(cx, id);
            }
            _ => {}
        }
        match self {
            Self::Create => {
                announce(cx, "session.created", id, Vec::new).await;
                announce(cx, "session.started", id, || {
                    vec![("hook_count", hooks_of(cx, Named::SessionStart).into())]
                })
                .await;
            }
            Self::Suspend => announce(cx, "session.suspended", id, status).await,
            Self::Resume => announce(cx, "session.resumed", id, status).await,
            Self::Load => announce(cx, "session.loaded", id, Vec::new).await,
            Self::Complete => {
                announce(cx, "session.completed", id, || {
                    let took = record.completed_at.unwrap_or(record.updated_at) - record.created_at;
                    vec![
                        ("duration_ms", (took / 1000).into()),
                        ("artifact_count", count(seen.holding.artifacts).into()),
                        ("operation_count", count(seen.totals.calls).into()),
                    ]
                })
                .await
            }
            Self::Fail | Self::Timeout => {
                announce(cx, "session.failed", id, || {
                    vec![("reason", record.failure_reason.clone().into())]
                })
                .await
            }
            Self::Archive => announce(cx, "session.archived", id, Vec::new).await,
            Self::Delete => announce(cx, "session.deleted", id, Vec::new).await,
            Self::Save | Self::AutoSave => announce(cx, "session.saved", id, Vec::new).await,
        }
        if let Some(from) = from.filter(|from| *from != record.stage) {
            announce(cx, "session.state.changed", id, || {
                vec![
                    ("from", from.name().into()),
                    ("to", record.stage.name().into()),
                ]
            })
            .await;
        }
        Ok(())
    }
}

async fn announce(
    cx: &Cx,
    kind: &str,
    id: &str,
    facts: impl FnOnce() -> Vec<(&'static str, Value)>,
) {
    event::announce(cx, "session", kind, || about(id, facts())).await;
}

/// Returns what an event about a session says.
fn about(id: &str, facts: Vec<(&'static str, Value)>) -> Value {
    let own = [("session_id", Value::from(id))];
    own.into_iter().chain(facts).collect()
}

fn hooks_of(cx: &Cx, point: Named) -> i64 {
    let hooks = cx.part::<Hooks>();
    hooks.map_or(0, |hooks| count(hooks.count(&Point::Named(point)) as u64))
}

/// Returns what hooks are told of a session.
fn data(cx: &Cx, record: &Record, seen: &Seen) -> Result<Map> {
    let mut data = Map::from([
        ("session_id", record.id.as_str().into()),
        ("session_status", record.stage.name().into()),
    ]);
    let texts = [
        ("session_name", &record.name),
        ("session_description", &record.description),
        ("created_by", &record.created_by),
        ("parent_session_id", &record.parent),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| {
        let text = text.as_deref()?;
        Some((name.to_owned(), Value::from(text)))
    });
    data.extend(texts);
    let tags = record.tags.iter().map(|tag| Value::from(tag.as_str()));
    let end = record.completed_at.unwrap_or_else(|| cx.host().clock.now());
    let lived = end.saturating_sub(record.created_at).max(0);
    let metrics = Map::from([
        ("operation_count", count(seen.totals.calls).into()),
        ("artifact_count", count(seen.holding.artifacts).into()),
        ("total_artifact_size", count(seen.holding.bytes).into()),
        ("session_duration_seconds", (lived / 1_000_000).into()),
        ("session_duration_ms", (lived / 1000).into()),
    ]);
    data.extend(Map::from([
        ("created_at", moment::text(record.created_at).into()),
        ("updated_at", moment::text(record.updated_at).into()),
        ("tags", tags.collect()),
        ("custom_metadata", Value::Map(record.custom()?)),
        ("performance_metrics", Value::Map(metrics)),
    ]));
    Ok(data)
}
