//! Migrations: what is kept goes from one version of its schema to another, all of it or nothing.
//!
//! A schema names a version and says what items look like; an item is a value that is a map. A step leads from one version
//! to another by transformations of the items whose scope and key fit. The version of a store is its key `state-schema`;
//! a store without it is new, and has the built-in version 1.0.0.

mod engine;
mod field;
mod field_type;
mod known;
mod migrate;
mod register;
mod result;
mod schema;
mod status;
mod step;
mod transform;

use std::sync::Arc;

use llmspell_core::{Cx, Effect, Module, Op, Result, error};

pub(super) use engine::VERSION;
pub use field_type::Type;
pub use known::Migrations;
pub use schema::{Arrival, Rule, Schema};
pub use step::Patterns;
pub use transform::Transformation;

/// The functions that a run without migrations does not have.
pub const FUNCTIONS: &[&str] = &[
    "migrate",
    "migration_status",
    "schema_versions",
    "register_schema",
    "register_migration",
];

/// Adds the functions.
pub(super) fn add_to(module: Module) -> Module {
    module
        .op(Op::new("migrate", migrate::migrate)
            .aliases(&["migrate_to_version"])
            .positional()
            .effect(Effect::Idempotent)
            .effect_here(|cx, args| super::effect(cx, args, Effect::Idempotent)))
        .op(Op::new("migration_status", status::migration_status)
            .aliases(&["get_migration_status"])
            .effect(Effect::Read)
            .effect_here(|cx, args| super::effect(cx, args, Effect::Read)))
        .op(Op::new("schema_versions", status::schema_versions).aliases(&["list_schema_versions"]))
        .op(Op::new("register_schema", register::register_schema))
        .op(Op::new("register_migration", register::register_migration))
}

/// Returns the schemas and steps of the run.
///
/// - Errors: `Unavailable` if the configuration switches migrations off.
fn known(cx: &Cx) -> Result<Arc<Migrations>> {
    cx.part::<Migrations>().map_err(|_| {
        error!(Unavailable, "migrations of state are switched off")
            .hint("set `state.migration_enabled = true`")
    })
}
