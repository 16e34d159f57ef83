//! Which session is meant.

use llmspell_core::{Cx, Error, Result, error};

use super::stored::Artifacts;
use crate::journal::Journal;

/// Returns the session that a script names, or else the one that it works for.
///
/// - Errors: `InvalidState` if it names none and works for none.
pub(super) fn meant(cx: &Cx, given: Option<&str>) -> Result<String> {
    match given.filter(|given| !given.is_empty()) {
        Some(given) => Ok(given.to_owned()),
        None => current(cx).ok_or_else(|| error!(InvalidState, "No current session set")),
    }
}

/// Returns the session that the run works for: its own if it is recorded.
pub(crate) fn current(cx: &Cx) -> Option<String> {
    let journal = cx.part::<Journal>().ok()?;
    journal.is_on().then(|| cx.session().to_owned())
}

/// Demands that a session exists.
///
/// - Errors: `NotFound`.
pub(super) async fn known(cx: &Cx, artifacts: &Artifacts, session: &str) -> Result<()> {
    if session == cx.session() || artifacts.has_session(session).await? {
        return Ok(());
    }
    Err(missing(session))
}

/// Demands that a session is active.
///
/// - Errors: `NotFound`; `InvalidState`.
pub(super) async fn active(cx: &Cx, artifacts: &Artifacts, session: &str) -> Result<()> {
    if session == cx.session() {
        return Ok(());
    }
    known(cx, artifacts, session).await?;
    Err(error!(InvalidState, "the session {session} is not active"))
}

fn missing(session: &str) -> Error {
    error!(NotFound, "Session not found: {session}")
}
