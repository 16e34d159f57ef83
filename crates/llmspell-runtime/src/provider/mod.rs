//! The global `Provider`: what is configured, and whether it works.

mod get;
mod list;
mod validate;

use llmspell_core::{Effect, Module, Op};

/// Returns the functions of the global `Provider`.
pub fn module() -> Module {
    Module::new("provider", "Provider", "The configured model providers.")
        .synonyms(&["Providers"])
        .op(Op::new("list", list::list))
        .op(Op::new("get", get::get))
        .op(Op::new("validate", validate::validate).effect(Effect::Scope))
}
