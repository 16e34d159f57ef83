//! `Session.get_current` and `set_current`.

use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::calls;
use super::script::{ScriptSessions, checked, missing};

/// Returns the id of the session that was chosen with `set_current`; nothing if none is.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetCurrent {}

pub(super) async fn get_current(cx: Cx, _: GetCurrent) -> Result<Option<String>> {
    let sessions = cx.part::<ScriptSessions>()?;
    sessions.check()?;
    Ok(sessions.current().map(|id| id.to_string()))
}

/// Chooses the session that calls are made for from now on; nothing is the run's own.
///
/// It may stand in any way. While it is not active, calls are made for the run's own; when it ends, it is no longer chosen.
///
/// - Errors: `not_found`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SetCurrent {
    /// The session.
    id: Option<String>,
}

pub(super) async fn set_current(cx: Cx, a: SetCurrent) -> Result<Value> {
    let sessions = cx.part::<ScriptSessions>()?;
    sessions.check()?;
    match a.id {
        None => sessions.set_current(None).await?,
        Some(id) => {
            let id = checked(&id)?;
            // A run that is resumed chooses a session as it stood then, also one that it deleted later on.
            match calls::find(&cx, &id).await? {
                Some(seen) => sessions.choose(&id, Some(seen.record()?)).await?,
                None if calls::exists(&cx, &id).await? => sessions.choose(&id, None).await?,
                None => return Err(missing(&id)),
            }
        }
    }
    Ok(Value::Null)
}
