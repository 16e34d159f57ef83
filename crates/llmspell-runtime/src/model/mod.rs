//! The op `model.complete`: the one way in which the runtime asks a model.

mod complete;
mod limiter;
mod models;

use std::sync::{Arc, LazyLock};

use llmspell_core::{Module, Op};

pub use limiter::{Limiter, Limiters};
pub use models::{Ask, Models};

static MODULE: LazyLock<Module> =
    LazyLock::new(|| Module::hidden("model", "Asking models.").op(complete::op()));

/// Returns the ops, which scripts reach through agents only.
pub fn module() -> Module {
    MODULE.clone()
}

/// Returns the op `model.complete`.
pub(crate) fn complete_op() -> &'static Arc<Op> {
    &MODULE.ops[0]
}
