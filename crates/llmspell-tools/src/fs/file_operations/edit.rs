//! Changing parts of a text file.

use std::time::Duration;

use llmspell_core::host::{Access, WriteMode};
use llmspell_core::{Outcome, Result, error};
use serde::Serialize;
use similar::TextDiff;

use super::write::put;
use super::{Edit, Work, data};
use crate::fs::entry::shown;
use crate::param::refused;

/// How long the shortest difference is searched for; a longer one serves as well.
const SEARCH: Duration = Duration::from_millis(500);

/// Lines around a difference.
const CONTEXT: usize = 3;

#[derive(Serialize)]
struct Data {
    path: String,
    replacements: usize,
    diff: String,
}

pub(super) fn edit(work: &Work<'_>) -> Result<Outcome> {
    let path = work.path()?;
    let edits = work.a.edits.as_ref();
    let edits = edits.ok_or_else(|| work.missing("edits"))?;
    if edits.is_empty() {
        return Err(refused("edits", "parameter 'edits' has no change"));
    }
    let most = Some(work.config.max_file_bytes);
    let old = work.files.read_text(path, most);
    let old = old.map_err(|error| work.limited(error))?;
    let resolved = work.files.resolve(path, Access::Write)?;
    let (mut new, mut replacements) = (old.clone(), 0);
    for (index, edit) in edits.iter().enumerate() {
        work.cx.check()?;
        let hits = hits(&new, index, edit)?;
        new = new.replace(&edit.old, &edit.new);
        replacements += hits;
        if new.len() as u64 > work.config.max_file_bytes {
            let error = error!(Limit, "after edit {} the text is too long", index + 1);
            return Err(work.limited(error));
        }
    }
    let shown = shown(&resolved);
    let compared = TextDiff::configure()
        .timeout(SEARCH)
        .diff_lines(old.as_str(), new.as_str());
    let diff = compared
        .unified_diff()
        .context_radius(CONTEXT)
        .header(&shown, &shown)
        .to_string();
    let made = match work.is_dry() {
        true => "Would make",
        false => "Made",
    };
    if !work.is_dry() && old != new {
        put(work, &resolved, WriteMode::Replace, new.as_bytes())?;
    }
    let message = format!("{made} {replacements} replacements in {shown}");
    let data = data(&Data {
        path: shown,
        replacements,
        diff,
    })?;
    Ok(Outcome::new("edit", data)
        .output(&*message)
        .message(message))
}

/// Returns how often the text that an edit replaces is there.
fn hits(text: &str, index: usize, edit: &Edit) -> Result<usize> {
    let number = index + 1;
    if edit.old.is_empty() {
        let message = format!("edit {number}: 'old' is empty");
        return Err(refused("edits", message));
    }
    let hits = text.matches(&edit.old).count();
    if hits == 0 {
        let message = format!("edit {number}: 'old' is not in the file");
        return Err(refused("edits", message).hint("it is compared letter by letter, blanks too"));
    }
    let count = edit.count as usize;
    if count > 0 && hits > count {
        let message = format!("edit {number}: 'old' is in the file {hits} times, not {count}");
        return Err(refused("edits", message)
            .with("found", hits)
            .hint("let 'old' hold more of the text around it, or set 'count'; 0 replaces all"));
    }
    Ok(hits)
}
