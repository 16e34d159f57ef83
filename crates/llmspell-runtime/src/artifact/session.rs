//! Which session is meant.

use std::sync::Arc;

use llmspell_core::{Cx, Error, Kind, Result, error};

use crate::journal::Journal;
use crate::session::{Facts, ScriptSessions, record_key};

/// Returns the session that a script names, or else the one that it chose.
///
/// - Errors: `InvalidState` if it names none and chose none; `Unavailable` if the configuration switches sessions off.
pub(super) async fn meant(cx: &Cx, given: Option<&str>) -> Result<String> {
    let sessions = cx.part::<ScriptSessions>()?;
    sessions.store().await?;
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        return Ok(given.to_owned());
    }
    let chosen = sessions.current();
    chosen
        .map(|chosen| chosen.to_string())
        .ok_or_else(no_session)
}

/// Returns the session that work is done for: the one that the script chose if it is active, else the run's own if it is
/// recorded.
pub(crate) fn current(cx: &Cx) -> Option<Arc<str>> {
    let sessions = cx.part::<ScriptSessions>().ok()?;
    let place = sessions.place();
    let is_recorded = |journal: Arc<Journal>| journal.is_on();
    let lasts = *place != *sessions.run() || cx.part::<Journal>().is_ok_and(is_recorded);
    lasts.then_some(place)
}

/// As [`current`], if large results of the session become artifacts unasked.
pub(crate) async fn collecting(cx: &Cx) -> Option<Arc<str>> {
    let current = current(cx)?;
    let sessions = cx.part::<ScriptSessions>().ok()?;
    let facts = sessions.facts(&current).await.ok()??;
    facts.bounds.auto_collect_artifacts.then_some(current)
}

pub(crate) fn no_session() -> Error {
    error!(InvalidState, "No current session set")
        .hint("name a session, or choose one with Session.set_current")
}

/// Returns what is known of a session.
///
/// - Errors: `NotFound`.
pub(super) async fn known(cx: &Cx, session: &str) -> Result<Facts> {
    let facts = cx.part::<ScriptSessions>()?.require(session).await;
    facts.map_err(|error| unknown(session, error))
}

/// Returns what is known of a session that is active.
///
/// - Errors: `NotFound`; `InvalidState`.
pub(super) async fn active(cx: &Cx, session: &str) -> Result<Facts> {
    let facts = cx.part::<ScriptSessions>()?.require_active(session).await;
    facts.map_err(|error| unknown(session, error))
}

/// Returns the key of a session's record; a run that is at work needs none.
pub(super) fn key(cx: &Cx, session: &str) -> Option<String> {
    let is_made = session != cx.session();
    is_made.then(|| record_key(session))
}

/// A text that can be no id is the id of no session.
fn unknown(session: &str, error: Error) -> Error {
    match error.kind() {
        Kind::InvalidArgs => error!(NotFound, "Session not found: {session}"),
        _ => error,
    }
}
