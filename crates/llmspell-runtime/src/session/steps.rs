//! `Session.suspend`, `resume`, `complete`, `fail`, `archive` and `delete`.

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::Deserialize;

use super::action::Action;
use super::calls;
use super::script::{ScriptSessions, checked};
use super::stage::Stage;

/// Suspends an active session, until it is resumed.
///
/// - Errors: `invalid_state` for one that is over; `cancelled` by a hook of `SessionCheckpoint`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Suspend {
    /// The session.
    id: String,
}

pub(super) async fn suspend(cx: Cx, a: Suspend) -> Result<()> {
    go(&cx, &a.id, Action::Suspend, Stage::Suspended, None).await
}

/// Makes a suspended session active again.
///
/// - Errors: `invalid_state` for one that is over; `limit` if as many are active as may be; `cancelled` by a hook of
///   `SessionRestore`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Resume {
    /// The session.
    id: String,
}

pub(super) async fn resume(cx: Cx, a: Resume) -> Result<()> {
    go(&cx, &a.id, Action::Resume, Stage::Active, None).await?;
    cx.part::<ScriptSessions>()?.attend(&cx);
    Ok(())
}

/// Ends a session well.
///
/// - Errors: `invalid_state` for one that is over.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Complete {
    /// The session.
    id: String,
}

pub(super) async fn complete(cx: Cx, a: Complete) -> Result<()> {
    go(&cx, &a.id, Action::Complete, Stage::Completed, None).await
}

/// Ends a session that went wrong.
///
/// - Errors: `invalid_state` for one that is over.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Fail {
    /// The session.
    id: String,
    /// Why.
    reason: Option<String>,
}

pub(super) async fn fail(cx: Cx, a: Fail) -> Result<()> {
    go(&cx, &a.id, Action::Fail, Stage::Failed, a.reason.as_deref()).await
}

/// Puts a session away that is over. It stays readable.
///
/// - Errors: `invalid_state` for one that is not over.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Archive {
    /// The session.
    id: String,
}

pub(super) async fn archive(cx: Cx, a: Archive) -> Result<()> {
    go(&cx, &a.id, Action::Archive, Stage::Archived, None).await
}

async fn go(cx: &Cx, id: &str, action: Action, to: Stage, reason: Option<&str>) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    let id = checked(id)?;
    let before = calls::look(cx, &id).await?;
    let from = before.record()?.stage;
    if !from.step(to)? {
        return Ok(());
    }
    if action.is_asked_for() {
        action.call_hooks(cx, &before).await?;
    }
    let reason = reason.map(|reason| sessions.redact().text(reason));
    let after = calls::step(cx, &id, to, reason.as_deref()).await?;
    // Also when the step itself was answered from the journal.
    sessions.note(&after.record()?);
    if !action.is_asked_for() {
        action.call_hooks(cx, &after).await?;
    }
    action.say(cx, &after, Some(from)).await
}

/// Removes a session with all that is kept of it. One that there is not is fine.
///
/// - Errors: `invalid_state` for a run that is at work.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Delete {
    /// The session.
    id: String,
}

pub(super) async fn delete(cx: Cx, a: Delete) -> Result<()> {
    let sessions = cx.part::<ScriptSessions>()?;
    let id = checked(&a.id)?;
    let seen = calls::find(&cx, &id).await?;
    calls::erase(&cx, &id).await?;
    sessions.forget(&id);
    if let Some(seen) = seen {
        Action::Delete.call_hooks(&cx, &seen).await?;
        Action::Delete.say(&cx, &seen, None).await?;
    }
    Ok(())
}
