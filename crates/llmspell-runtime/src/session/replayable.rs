//! `Session.can_replay`, `get_replay_metadata` and `list_replayable`: which sessions have calls that can be made again from
//! the journal.

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::record::count;
use super::script::{ScriptSessions, checked};
use super::{query, work};
use crate::agent::moment;
use crate::journal::{Entry, Said};

/// Returns whether a session has calls in the journal, and may be replayed.
///
/// - Errors: `not_found`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct CanReplay {
    /// The session.
    id: String,
}

pub(super) async fn can_replay(cx: Cx, a: CanReplay) -> Result<bool> {
    let sessions = cx.part::<ScriptSessions>()?;
    let metadata = query::metadata(&cx, &sessions, &checked(&a.id)?).await?;
    Ok(metadata.operation_count > 0 && metadata.config.enable_replay)
}

/// Returns what a replay of a session would find.
///
/// - Errors: `not_found`.
#[derive(Deserialize, JsonSchema)]
pub(super) struct GetReplayMetadata {
    /// The session.
    id: String,
}

/// What a replay of a session would find.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "ReplayMetadata")]
pub(super) struct ReplayMetadata {
    session_id: String,
    /// What events and hooks of the replay share.
    correlation_id: String,
    /// Calls in the journal.
    total_operations: i64,
    /// How often hooks were called while it was the current session. They are called again in a replay.
    total_hooks: i64,
    /// When the first of these calls was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_hook_timestamp: Option<String>,
    /// When the last of them was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_hook_timestamp: Option<String>,
    /// Seconds from the begin of the first call to the end of the last one.
    total_duration: f64,
    can_replay: bool,
}

pub(super) async fn get_replay_metadata(cx: Cx, a: GetReplayMetadata) -> Result<ReplayMetadata> {
    let sessions = cx.part::<ScriptSessions>()?;
    let id = checked(&a.id)?;
    sessions.settle().await?;
    let metadata = query::metadata(&cx, &sessions, &id).await?;
    let (store, reader) = (sessions.store().await?, sessions.reader().await?);
    let entries = work::entries(&*store, &reader, &id).await?;
    let begun = |entry: &Entry| matches!(entry.said, Said::Begin | Said::Call);
    let operations = entries.iter().filter(|(_, entry)| begun(entry)).count() as u64;
    let end = entries.iter().map(|(_, entry)| end(entry)).max();
    let begin = entries.iter().map(|(_, entry)| entry.at).min();
    let hooks = sessions.hooks(&id).await?;
    let micros = end.unwrap_or(0).saturating_sub(begin.unwrap_or(0));
    Ok(ReplayMetadata {
        correlation_id: id.clone(),
        session_id: id,
        total_operations: count(operations),
        total_hooks: count(hooks.count),
        first_hook_timestamp: (hooks.count > 0).then(|| moment::text(hooks.first)),
        last_hook_timestamp: (hooks.count > 0).then(|| moment::text(hooks.last)),
        total_duration: micros as f64 / 1e6,
        can_replay: operations > 0 && metadata.config.enable_replay,
    })
}

/// Returns when the call of an entry had ended, as far as the entry tells. A `call` has its begin.
fn end(entry: &Entry) -> i64 {
    match (entry.said, entry.took_us) {
        (Said::Call, Some(took)) => entry.at.saturating_add(took.cast_signed()),
        _ => entry.at,
    }
}

/// Returns the ids of the sessions that can be replayed, oldest first.
#[derive(Deserialize, JsonSchema)]
pub(super) struct ListReplayable {}

pub(super) async fn list_replayable(cx: Cx, _: ListReplayable) -> Result<Vec<String>> {
    let sessions = cx.part::<ScriptSessions>()?;
    let mut all = sessions.all().await?;
    all.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    let mut found = Vec::new();
    for record in all {
        if record.bounds.enable_replay && sessions.counts(&record.id).await?.0.calls > 0 {
            found.push(record.id);
        }
    }
    Ok(found)
}
