//! A change as it is told.

use serde::Serialize;

/// What can happen, with other names.
pub(super) const KINDS: &[&[&str]] = &[
    &["created", "create"],
    &["modified", "modify"],
    &["deleted", "delete"],
    &["renamed", "rename"],
    &["other"],
];

/// A change as it is told.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Event {
    pub(super) kind: &'static str,
    pub(super) event_type: &'static str,
    pub(super) path: String,
    pub(super) old_path: Option<String>,
    pub(super) is_dir: bool,
    pub(super) size: Option<u64>,
    pub(super) timestamp: Option<String>,
}

/// Returns a kind as `event_type` has it.
pub(super) fn event_type(kind: &str) -> &'static str {
    match kind {
        "created" => "Create",
        "modified" => "Modify",
        "deleted" => "Delete",
        "renamed" => "Rename",
        _ => "Other",
    }
}
