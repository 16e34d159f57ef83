//! Tools: the names they are called by, the one path of every call, and what scripts see of them.

mod breakers;
mod call;
mod cap;
mod define;
mod describe;
mod discovery;
mod envelope;
mod get;
mod invoke;
mod list;
mod options;
mod parameters;
mod spill;
mod tools;
mod validate;

use llmspell_core::{Module, Op, View};

pub use breakers::{Circuit, ToolBreakers};
pub(crate) use call::call;
pub use call::invoke;
pub(crate) use cap::measure;
pub(crate) use define::{Define, script_tool};
pub use describe::describe;
pub(crate) use discovery::narrowed;
pub use envelope::Envelope;
pub(crate) use envelope::told;
pub(crate) use get::name_of;
pub use options::{Options, Spill, ToolTable, names};
pub use tools::{Tool, Tools};
pub(crate) use tools::{folded, model_name, not_found};
pub use validate::check;

/// Returns the functions of the global `Tool`.
pub fn module() -> Module {
    Module::new(
        "tool",
        "Tool",
        "The built-in tools and those that the spell defines.",
    )
    .op(invoke::op())
    .op(get::op())
    .op(list::op())
    .op(Op::new("exists", get::exists).positional().immediate())
    .op(Op::new("categories", list::categories))
    .op(Op::new("discover", list::discover).view(View::Each("name")))
    .op(Op::new("get_schema", describe::get_schema)
        .positional()
        .view(View::Named("parameters"))
        .returns::<Option<describe::Description>>())
    .op(Op::new("define", define::define))
    .op(Op::new("validate", validate::validate).positional())
    .op(invoke::method())
    .op(Op::new("get_schema", describe::schema_of_handle)
        .on("tool")
        .view(View::Named("parameters"))
        .returns::<describe::Description>())
    .handle::<tools::Face>("tool")
    .field_view("schema", View::Named("parameters"))
    .index("get")
}
