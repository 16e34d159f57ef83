//! Agents: what a spell asks, and the one loop in which they think, call tools and answer.

mod agents;
mod alert;
mod answer;
mod capability;
mod collect;
mod composite;
mod config;
mod context;
mod conversation;
mod custom;
mod directory;
mod execute;
mod execution;
mod health;
mod hierarchy;
mod history;
mod hooked;
mod input;
mod instance;
mod lifecycle;
mod media;
mod metrics;
pub(crate) mod moment;
mod moved;
mod saved;
pub(crate) mod schema;
mod stream;
mod template;
mod toolbox;
mod tooling;
mod transition;
mod tuning;
mod turn;
mod view;
mod wrap;

use std::sync::{Arc, LazyLock};

use llmspell_core::{Cx, Effect, Handle, Map, Module, Op, Result, Value, View};

pub(crate) use agents::depth;
pub use agents::{Agents, Options};
pub(crate) use context::user_of;
pub use hooked::end_all;
pub(crate) use tooling::tools_of;

static MODULE: LazyLock<Module> = LazyLock::new(build);

/// Returns the functions of the global `Agent` and the methods of agents.
pub fn module() -> Module {
    MODULE.clone()
}

/// Returns the methods of the streams that `agent:stream` returns.
pub fn stream_module() -> Module {
    Module::hidden("stream", "Streams of chunks.")
        .handle::<stream::Face>("stream")
        .op(Op::new("next", stream::next)
            .on("stream")
            .iterates()
            .returns::<Option<view::Chunk>>())
        .op(Op::new("is_done", stream::is_done).on("stream"))
        .op(Op::new("collect", stream::collect)
            .on("stream")
            .returns::<Vec<view::Chunk>>())
        .op(Op::new("close", stream::close).on("stream"))
}

fn build() -> Module {
    let module = Module::new(
        "agent",
        "Agent",
        "Agents: models with tools, memory and limits.",
    );
    let module = module.handle::<instance::Face>("agent");
    let module = methods(functions(module));
    saved::add_to(transitions(module))
}

fn functions(module: Module) -> Module {
    module
        .op(directory::create_op())
        .op(Op::new("register", directory::register).positional())
        .op(Op::new("get", directory::get).positional())
        .op(Op::new("list", directory::list).view(View::Each("name")))
        .op(Op::new("list_instances", directory::list_instances))
        .op(Op::new("discover", template::discover))
        .op(Op::new("list_templates", template::list_templates))
        .op(Op::new("create_from_template", template::create_from_template).positional())
        .op(Op::new("get_info", template::get_info))
        .op(Op::new("get_details", capability::get_details))
        .op(Op::new("list_capabilities", capability::list_capabilities)
            .view(View::Numbered("capabilities")))
        .op(Op::new(
            "discover_by_capability",
            capability::discover_by_capability,
        ))
        .op(Op::new("wrap_as_tool", wrap::wrap_as_tool).positional())
        .op(Op::new("create_composite", composite::create_composite).positional())
        .op(Op::new("get_hierarchy", hierarchy::get_hierarchy))
        .op(Op::new("create_context", context::create_context))
        .op(Op::new("create_child_context", context::create_child_context).positional())
        .op(Op::new("update_context", context::update_context).positional())
        .op(Op::new("get_context_data", context::get_context_data).positional())
        .op(Op::new("remove_context", context::remove_context).positional())
        .op(Op::new("set_shared_memory", context::set_shared_memory).positional())
        .op(Op::new("get_shared_memory", context::get_shared_memory).positional())
}

fn methods(module: Module) -> Module {
    module
        .op(on_agent(Op::new("execute", execute::execute))
            .aliases(&["invoke", "run"])
            .effect(Effect::Scope)
            .view(View::Text("text"))
            .returns::<answer::Answer>())
        .op(on_agent(Op::new("complete", execute::complete)).returns::<String>())
        .op(on_agent(Op::new("invoke_stream", stream::invoke_stream))
            .view(View::Text("text"))
            .returns::<answer::Answer>())
        .op(on_agent(Op::new("stream", stream::stream))
            .returns::<Handle>()
            .gives("stream"))
        .op(on_agent(Op::new(
            "execute_with_context",
            execute::execute_with_context,
        ))
        .effect(Effect::Scope)
        .view(View::Text("text"))
        .returns::<answer::Answer>())
        .op(on_agent(Op::new(
            "get_agent_state",
            custom::get_agent_state,
        )))
        .op(on_agent(Op::new("get_state", custom::get_state)))
        .op(on_agent(Op::new("set_state", custom::set_state)))
        .op(on_agent(Op::new("get_config", capability::get_config)))
        .op(
            on_agent(Op::new("get_conversation", history::get_conversation))
                .returns::<Vec<conversation::Shown>>(),
        )
        .op(on_agent(Op::new(
            "clear_conversation",
            history::clear_conversation,
        )))
        .op(on_agent(Op::new("discover_tools", tooling::discover_tools)))
        .op(on_agent(Op::new("has_tool", tooling::has_tool)))
        .op(on_agent(Op::new(
            "get_tool_metadata",
            tooling::get_tool_metadata,
        )))
        .op(on_agent(Op::new(
            "get_all_tool_metadata",
            tooling::get_all_tool_metadata,
        )))
        .op(on_agent(Op::new("invoke_tool", tooling::invoke_tool)).view(View::Envelope))
        .op(on_agent(Op::new("get_metrics", metrics::get_metrics)))
        .op(on_agent(Op::new(
            "get_performance",
            metrics::get_performance,
        )))
        .op(on_agent(Op::new(
            "get_bridge_metrics",
            metrics::get_bridge_metrics,
        )))
        .op(on_agent(Op::new("get_health", health::get_health)))
        .op(on_agent(Op::new("is_healthy", health::is_healthy)))
        .op(on_agent(Op::new(
            "configure_alerts",
            alert::configure_alerts,
        )))
        .op(on_agent(Op::new("get_alerts", alert::get_alerts)))
        .op(on_agent(Op::new("log_event", custom::log_event)))
        .op(on_agent(Op::new("destroy", directory::destroy)))
}

fn transitions(module: Module) -> Module {
    module
        .op(on_agent(Op::new("initialize", transition::initialize)))
        .op(on_agent(Op::new("start", transition::start)))
        .op(on_agent(Op::new("pause", transition::pause)))
        .op(on_agent(Op::new("resume", transition::resume)))
        .op(on_agent(Op::new("stop", transition::stop)))
        .op(on_agent(Op::new("set_error", transition::set_error)))
        .op(on_agent(Op::new("recover", transition::recover)))
        .op(on_agent(Op::new("terminate", transition::terminate)))
        .op(on_agent(Op::new(
            "get_state_history",
            transition::get_state_history,
        )))
        .op(on_agent(Op::new(
            "get_state_metrics",
            transition::get_state_metrics,
        )))
        .op(on_agent(Op::new(
            "get_last_error",
            transition::get_last_error,
        )))
        .op(on_agent(Op::new(
            "get_recovery_attempts",
            transition::get_recovery_attempts,
        )))
}

fn on_agent(op: Op) -> Op {
    op.on("agent").positional()
}

/// Returns the op `agent.execute`, by which agents call each other.
fn execute_op() -> &'static Arc<Op> {
    static EXECUTE: LazyLock<Arc<Op>> = LazyLock::new(|| {
        let execute = MODULE.ops.iter().find(|op| op.verb() == "execute");
        execute.expect("`methods` lists it").clone()
    });
    &EXECUTE
}

/// Runs the agent of that name with a text or a table.
///
/// - Errors: `NotFound` with the nearest names; those of the execution.
pub(crate) async fn ask(cx: &Cx, name: &str, input: Value) -> Result<Value> {
    let agent = cx.part::<Agents>()?.require(name)?;
    let input = match input {
        Value::Map(input) => input,
        text => Map::from([("text", text)]),
    };
    cx.call(execute_op(), execute::arguments(&agent.handle, input))
        .await
}

/// Runs an agent with the members of a question.
///
/// - Errors: those of the execution.
pub(crate) async fn ask_agent(cx: &Cx, agent: &Handle, input: Map) -> Result<Value> {
    cx.call(execute_op(), execute::arguments(agent, input))
        .await
}

/// Makes an agent of its definition.
///
/// - Errors: as those of `Agent.create`.
pub(crate) fn define(cx: &Cx, definition: Value) -> Result<Handle> {
    let (definition, _) = directory::create_op().prepare(definition)?;
    let agent = instance::Agent::create(cx, definition.into_typed()?)?;
    crate::event::tell(cx, "agent", "agent.created", || agent.about([]));
    Ok(agent.handle.clone())
}

/// Returns the agent of that name.
///
/// - Errors: `NotFound` with the nearest names.
pub(crate) fn named(cx: &Cx, name: &str) -> Result<Handle> {
    Ok(cx.part::<Agents>()?.require(name)?.handle.clone())
}

/// Returns whether a name means an agent.
pub(crate) fn exists(cx: &Cx, name: &str) -> bool {
    cx.part::<Agents>()
        .is_ok_and(|agents| agents.named(name).is_some())
}

/// Makes the call of an op for another agent.
pub(crate) async fn instead(cx: &Cx, op: Arc<Op>, name: &str, mut args: Value) -> Result<Value> {
    let agent = cx.part::<Agents>()?.require(name)?;
    if let Value::Map(args) = &mut args {
        args.insert("agent", agent.handle.clone().into());
    }
    cx.call(&op, args).await
}
