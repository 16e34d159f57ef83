//! `State.migration_status` and `State.schema_versions`.

use std::collections::BTreeSet;

use llmspell_core::{Cx, Result};
use schemars::JsonSchema;
use semver::Version;
use serde::{Deserialize, Serialize};

use super::super::stored;
use super::{engine, known};

/// Returns which version the state has, and which it can be migrated to.
#[derive(Deserialize, JsonSchema)]
pub(super) struct MigrationStatus {}

/// Which version the state has, and which it can be migrated to.
#[derive(Default, Serialize, JsonSchema)]
pub(super) struct Standing {
    /// `unknown` if the state has a version without a schema.
    current_version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    latest_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_latest: Option<bool>,
    /// Whether a way leads to another version.
    migration_available: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_schemas: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    major_versions_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    compatible_versions: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration_targets: Option<Vec<String>>,
    /// The same as `migration_targets`.
    #[serde(skip_serializing_if = "Option::is_none")]
    migration_candidates: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn migration_status(cx: Cx, _: MigrationStatus) -> Result<Standing> {
    let (stored, known) = (stored(&cx)?, known(&cx)?);
    let current = engine::version_of(&stored).await?;
    let Some(schema) = known.schema(&current) else {
        return Ok(Standing {
            current_version: "unknown".to_owned(),
            error: Some("No current schema found".to_owned()),
            ..Standing::default()
        });
    };
    let schemas = known.schemas();
    let text = |version: &Version| version.to_string();
    let latest = schemas.last().map(|(version, _)| text(version));
    let majors: BTreeSet<u64> = schemas.iter().map(|(version, _)| version.major).collect();
    let own = text(&current);
    let compatible = schemas.iter().filter(|(other, others)| {
        schema.compatible_with.contains(&text(other)) || others.compatible_with.contains(&own)
    });
    let targets: Vec<String> = known.reachable(&current).iter().map(text).collect();
    Ok(Standing {
        is_latest: Some(latest.as_ref() == Some(&own)),
        latest_version: latest,
        oldest_version: schemas.first().map(|(version, _)| text(version)),
        migration_available: !targets.is_empty(),
        total_schemas: Some(schemas.len()),
        major_versions_count: Some(majors.len()),
        compatible_versions: Some(compatible.map(|(version, _)| text(version)).collect()),
        migration_targets: Some(targets.clone()),
        migration_candidates: Some(targets),
        current_version: own,
        error: None,
    })
}

/// Returns the versions that have a schema, the oldest first.
#[derive(Deserialize, JsonSchema)]
pub(super) struct SchemaVersions {}

pub(super) async fn schema_versions(cx: Cx, _: SchemaVersions) -> Result<Vec<String>> {
    let schemas = known(&cx)?.schemas();
    Ok(schemas
        .iter()
        .map(|(version, _)| version.to_string())
        .collect())
}
