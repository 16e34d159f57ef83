//! Workflows: plans of steps that are checked, run, watched; every step a call through the door.
//!
//! A configuration is read in one place, whether a script or a file has it; see [`run_checked`], [`check`], [`outline`].

mod check;
mod condition;
mod conditional;
mod create;
mod done;
mod execute;
mod expression;
mod fields;
mod flow;
mod hooked;
mod instance;
mod looped;
mod mark;
mod metrics;
mod outcome;
mod outline;
mod parallel;
mod pattern;
mod plan;
mod read;
mod run;
mod schema;
mod scope;
mod state;
mod steps;
mod template;
mod token;
mod truth;
mod validate;
mod watch;
mod work;
mod workflows;

use llmspell_core::{Cx, Effect, Module, Op, Result, Value, View};

pub use check::{Checked, check, outline};
pub use execute::{PLAN_OP, run_checked};
pub use fields::Remark;
pub use mark::{Mark, MarkState, executed};
pub use outline::{Outline, OutlinePart, OutlineStep, PartRole};
pub use schema::schema;
pub use token::canonical;
pub use workflows::Workflows;

/// The error of a result, used as text, is its message.
const RESULT: View = View::Within("error", "message");

/// Returns the functions of the global `Workflow` and the methods of workflows.
pub fn module() -> Module {
    let module = Module::new(
        "workflow",
        "Workflow",
        "Workflows: steps in sequence, at the same time, on conditions, in loops.",
    )
    .handle::<instance::Face>("workflow");
    methods(functions(module))
}

/// Returns the methods of the state that functions of workflows get.
pub fn state_module() -> Module {
    Module::hidden("workflow_state", "What the executions of a workflow share.")
        .handle::<instance::StateFace>("workflow_state")
        .op(Op::new("get", state::get).on("workflow_state").positional())
        .op(Op::new("set", state::set).on("workflow_state").positional())
}

fn functions(module: Module) -> Module {
    module
        .op(making(Op::new("sequential", create::sequential)))
        .op(making(Op::new("parallel", create::parallel)))
        .op(making(Op::new("conditional", create::conditional)))
        .op(making(Op::new("loop", create::looped)))
        .op(Op::new("types", create::types).immediate())
        .op(Op::new("list", create::list).view(View::Each("name")))
        .op(Op::new("get", create::get).positional().immediate())
        .op(Op::new("remove", create::remove).positional())
        .op(Op::new("clear", create::clear))
        .op(Op::new("register", create::register).positional())
        .op(Op::new("execute", execute::execute_any)
            .positional()
            .view(RESULT))
        .op(Op::new("info", create::info).positional())
        .op(Op::new("validate", validate::validate).positional())
        .op(Op::new("history", metrics::history))
        .op(Op::new("performance", metrics::performance))
        .op(Op::new(
            "set_default_error_handler",
            execute::set_default_error_handler,
        )
        .positional())
        .op(Op::new("enable_debug", execute::enable_debug))
        .op(Op::new("is_debug_enabled", execute::is_debug_enabled).immediate())
        .op(Op::new("multi_agent_pipeline", pattern::pipeline).immediate())
        .op(Op::new("multi_agent_fork_join", pattern::fork_join).immediate())
        .op(Op::new("multi_agent_consensus", pattern::consensus).immediate())
        .op(Op::new("multi_agent_supervisor", pattern::supervisor).immediate())
        .op(Op::new("multi_agent_debate", pattern::debate).immediate())
}

fn making(op: Op) -> Op {
    op.positional().immediate()
}

fn methods(module: Module) -> Module {
    module
        .op(on_workflow(Op::new("execute", execute::execute))
            .aliases(&["run"])
            .effect(Effect::Scope)
            .view(RESULT))
        .op(on_workflow(Op::new("get_info", validate::get_info)))
        .op(on_workflow(Op::new("get_state", state::get)))
        .op(on_workflow(Op::new("set_state", state::set)))
        .op(on_workflow(Op::new(
            "on_before_execute",
            watch::on_before_execute,
        )))
        .op(on_workflow(Op::new(
            "on_after_execute",
            watch::on_after_execute,
        )))
        .op(on_workflow(Op::new("on_error", watch::on_error)))
        .op(on_workflow(Op::new("emit", watch::emit)))
        .op(on_workflow(Op::new(
            "validate",
            validate::validate_workflow,
        )))
        .op(on_workflow(Op::new("debug", state::debug)))
        .op(on_workflow(Op::new("get_metrics", metrics::get_metrics)))
}

fn on_workflow(op: Op) -> Op {
    op.on("workflow").positional()
}

/// Runs the workflow of an id or a name and returns its output.
///
/// - Errors: `NotFound` with the nearest name; what made it fail.
pub(crate) async fn call(cx: &Cx, name: &str, input: Value) -> Result<Value> {
    let workflow = cx.part::<Workflows>()?.require(name)?;
    let outcome = run::called(cx, &workflow, input, &flow::Trail::default()).await?;
    outcome
        .gave()
        .map(|gave| gave.output)
        .map_err(|failure| failure.error)
}
