//! `llmspell session delete`.

use clap::Args;
use jiff::Timestamp;
use llmspell_core::Result;
use llmspell_runtime::artifact::Artifacts;
use llmspell_runtime::session::Sessions;

use crate::cmd::confirm::confirmed;
use crate::desk::Desk;
use crate::exit::Ends;

/// Microseconds of a day.
const DAY: i64 = 86_400_000_000;

#[derive(Args, Debug)]
pub(super) struct Delete {
    /// Id, beginning of an id, name, or last
    #[arg(value_name = "ID", required_unless_present = "expired")]
    ids: Vec<String>,
    /// Those that ended longer ago than they are kept
    #[arg(long)]
    expired: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Removes sessions with all that is kept of them.
pub(super) async fn delete(
    sessions: &Sessions,
    artifacts: Option<&Artifacts>,
    args: &Delete,
    retention_days: u64,
    desk: &Desk,
) -> Ends {
    let ids = wanted(sessions, args, retention_days).await?;
    if ids.is_empty() {
        desk.screen.note("there is nothing to delete");
        return Ok(0);
    }
    let what = match ids.as_slice() {
        [id] => format!("Delete the session {id}?"),
        ids => format!("Delete {} sessions?", ids.len()),
    };
    if !args.yes && !confirmed(&what)? {
        return Ok(1);
    }
    for id in &ids {
        if let Some(artifacts) = artifacts {
            artifacts.remove_all(id).await?;
        }
        sessions.erase(id).await?;
        desk.screen.note(&format!("deleted {id}"));
    }
    Ok(0)
}

async fn wanted(sessions: &Sessions, args: &Delete, retention_days: u64) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    for text in &args.ids {
        ids.push(match sessions.find_made(text).await? {
            Some(made) => made.id,
            None => sessions.find(text).await?,
        });
    }
    if args.expired {
        let now = Timestamp::now().as_microsecond();
        let days = i64::try_from(retention_days).unwrap_or(i64::MAX);
        let before = now.saturating_sub(days.saturating_mul(DAY));
        ids.extend(sessions.expired(now, before).await?);
    }
    Ok(ids)
}
