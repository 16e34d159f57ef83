//! What a migration gives.

use llmspell_core::{Error, Value};
use schemars::JsonSchema;
use semver::Version;
use serde::Serialize;

/// How a migration went.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "MigrationResult")]
pub(super) struct Migrated {
    success: bool,
    /// `completed`, `already_current` or `failed`.
    status: &'static str,
    from_version: String,
    to_version: String,
    target_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_version: Option<String>,
    /// How many items were changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    items_migrated: Option<usize>,
    /// How many steps the way had.
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration_ms: Option<f64>,
    /// Whether nothing was written since that was wanted.
    #[serde(skip_serializing_if = "Option::is_none")]
    dry_run: Option<bool>,
    /// The backup that was made first.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_kind: Option<&'static str>,
    /// Whether everything is as it was before.
    #[serde(skip_serializing_if = "Option::is_none")]
    rolled_back: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<Value>>,
}

/// What a migration did.
#[derive(Debug, Default)]
pub(super) struct Done {
    pub(super) items: usize,
    pub(super) steps: usize,
    pub(super) duration_ms: f64,
    pub(super) dry_run: bool,
    pub(super) backup_id: Option<String>,
    pub(super) warnings: Vec<String>,
}

impl Migrated {
    fn new(success: bool, status: &'static str, from: &Version, to: &Version) -> Self {
        Self {
            success,
            status,
            from_version: from.to_string(),
            to_version: to.to_string(),
            target_version: to.to_string(),
            current_version: None,
            items_migrated: None,
            steps: None,
            duration_ms: None,
            dry_run: None,
            backup_id: None,
            message: None,
            warnings: None,
            error: None,
            error_kind: None,
            rolled_back: None,
            errors: None,
        }
    }

    pub(super) fn completed(from: &Version, to: &Version, done: Done) -> Self {
        let current = if done.dry_run { from } else { to };
        Self {
            current_version: Some(current.to_string()),
            items_migrated: Some(done.items),
            steps: Some(done.steps),
            duration_ms: Some(done.duration_ms),
            dry_run: Some(done.dry_run),
            backup_id: done.backup_id,
            warnings: Some(done.warnings),
            errors: Some(Vec::new()),
            ..Self::new(true, "completed", from, to)
        }
    }

    pub(super) fn already(version: &Version) -> Self {
        Self {
            current_version: Some(version.to_string()),
            items_migrated: Some(0),
            message: Some(format!("the state has the version {version} already")),
            ..Self::new(true, "already_current", version, version)
        }
    }

    pub(super) fn failed(from: &Version, to: &Version, error: &Error) -> Self {
        Self {
            error: Some(error.message().to_owned()),
            error_kind: Some(error.kind().name()),
            rolled_back: Some(true),
            errors: Some(vec![error.to_value()]),
            ..Self::new(false, "failed", from, to)
        }
    }
}
