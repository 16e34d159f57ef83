//! `State.register_schema` and `State.register_migration`.

use indexmap::IndexMap;
use llmspell_core::{Cx, Result, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::known;
use super::schema::{Rule, Schema, version};
use super::step::{Patterns, Step};
use super::transform::Transformation;

/// Makes a schema known: a version, and what items look like in it.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RegisterSchema {
    /// `major.minor.patch`.
    version: String,
    /// The members of items by name: `{type, required, default}`.
    #[serde(default)]
    fields: IndexMap<String, Rule>,
    /// What it is about.
    description: Option<String>,
    /// Versions whose items can be read without a migration.
    #[serde(default)]
    compatible_with: Vec<String>,
}

pub(super) async fn register_schema(cx: Cx, a: RegisterSchema) -> Result<()> {
    known(&cx)?.add_schema(Schema {
        version: a.version,
        fields: a.fields,
        description: a.description,
        compatible_with: a.compatible_with,
        migrations: Vec::new(),
    })
}

/// Makes a step known: how items get from one version to another.
///
/// A step downwards is one of its own.
#[derive(Deserialize, JsonSchema)]
pub(super) struct RegisterMigration {
    /// The version that it leads from.
    #[schemars(extend("x-synonyms" = ["from_version"]))]
    from: String,
    /// The version that it leads to.
    #[schemars(extend("x-synonyms" = ["to_version"]))]
    to: String,
    /// Which keys it concerns, with `*` and `?`; or a list of such.
    #[serde(default)]
    keys: Patterns,
    /// Which scopes it concerns, in the same way.
    #[serde(default)]
    scopes: Patterns,
    /// What is done to each item, in this order: `{transform, field, …}`, or a function of the item, its key and scope.
    transformations: Vec<Value>,
}

pub(super) async fn register_migration(cx: Cx, a: RegisterMigration) -> Result<()> {
    let known = known(&cx)?;
    let (from, to) = (version(&a.from)?, version(&a.to)?);
    let step = Step::new(
        from,
        to,
        (a.keys, a.scopes),
        transformations(a.transformations)?,
    )?;
    known.add_step(step);
    Ok(())
}

/// Reads transformations.
///
/// - Errors: `InvalidArgs` saying which one is wrong.
pub(super) fn transformations(written: Vec<Value>) -> Result<Vec<Transformation>> {
    let read = |(place, written): (usize, Value)| {
        Transformation::try_from(written).map_err(|error| {
            let message = format!("transformations[{place}]: {}", error.message());
            let hints = error.hints().to_vec();
            let error = llmspell_core::Error::new(error.kind(), message);
            hints.into_iter().fold(error, llmspell_core::Error::hint)
        })
    };
    written.into_iter().enumerate().map(read).collect()
}
