//! Hooks: what users add to operations without touching the spell. They see, change and stop them.

mod answer;
mod attached;
mod builtin;
mod cache;
mod composite;
mod context;
mod enable;
mod entry;
mod facts;
mod fire;
mod fork;
mod frame;
mod hooks;
mod known;
mod list;
mod load;
mod operation;
mod options;
mod point;
mod register;
mod veil;

use llmspell_core::{Module, Op};

pub use crate::breaker::{Preset, State as BreakerState};
pub use answer::{Again, Answer, Branch, Cached};
pub(crate) use attached::{Attachment, of_script};
pub use builtin::{DEBUG_TARGET, collected, enable_configured};
pub use composite::{Composite, Pattern};
pub(crate) use context::plain;
pub use context::{Component, Context};
pub use entry::{Answering, Hook, Registration};
pub use facts::Facts;
pub(crate) use fire::{alarms, limit_met, slow, violation};
pub use fire::{shut_down, start_up};
pub(crate) use fork::{operation as run_target, run_all as run_forks};
pub use frame::Within;
pub(crate) use frame::{Frame, hop};
pub use hooks::Hooks;
pub(crate) use hooks::{Decision, cancelled};
pub use load::watch_load;
pub(crate) use operation::{Kind as OperationKind, run as run_with_hooks};
pub use options::Options;
pub use point::{Named, Nature, Point};

/// Returns the functions of the global `Hook`.
pub fn module() -> Module {
    Module::new(
        "hook",
        "Hook",
        "Functions that see, change and stop what happens.",
    )
    .op(register::op())
    .op(Op::new("unregister", register::unregister).positional())
    .op(Op::new("list", list::list).positional())
    .op(Op::new("fire", fire::fire).positional())
    .op(Op::new("enable_builtin", enable::enable_builtin).positional())
    .op(Op::new("disable_builtin", enable::disable_builtin).positional())
    .op(Op::new("disable_all_builtin", enable::disable_all_builtin))
    .op(Op::new("is_builtin_enabled", enable::is_builtin_enabled).positional())
    .op(Op::new("list_builtin", enable::list_builtin))
    .op(Op::new("metrics", enable::metrics).positional())
    .op(Op::new("id", register::id).on("hook"))
    .op(Op::new("hook_point", register::hook_point).on("hook"))
    .op(Op::new("unregister", register::unregister_handle).on("hook"))
    .handle::<register::Face>("hook")
}
