//! What a spell would do, from Rust: functions and methods by name, arguments by position.

use std::future::Future;
use std::sync::Arc;

use futures::future::BoxFuture;
use llmspell_core::{
    Callable, Callback, Cx, Effect, Level, Map, Module, Op, Outcome, Result, ToolInfo, Value,
};
use llmspell_model::{Providers, ProvidersOptions};
use llmspell_runtime::agent::{self, Agents};
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::model::{Limiters, Models};
use llmspell_runtime::tool::{self, Tools};
use llmspell_runtime::{layer, provider};
use serde_json::{Value as Json, json};

use crate::world;

pub(crate) struct Spell {
    pub(crate) cx: Cx,
    modules: Vec<Module>,
}

impl Spell {
    pub(crate) fn new() -> Self {
        Self::with(json!({}), json!({}), Vec::new())
    }

    /// A spell with these tools besides the usual ones.
    pub(crate) fn tools(tools: Vec<Op>) -> Self {
        Self::with(json!({}), json!({}), tools)
    }

    pub(crate) fn with(providers: Json, tools: Json, more: Vec<Op>) -> Self {
        let builder = world::run(layer::Options::default(), Arc::new(SystemClock));
        Self::within(builder, providers, tools, more)
    }

    pub(crate) fn within(
        builder: llmspell_core::RunBuilder,
        providers: Json,
        tools: Json,
        more: Vec<Op>,
    ) -> Self {
        let options: ProvidersOptions = serde_json::from_value(providers).unwrap();
        let providers = Arc::new(Providers::new(options, |_| None));
        let group = more.into_iter().fold(usual_tools(), Module::op);
        let options = serde_json::from_value(tools).unwrap();
        let cx = builder
            .part(Arc::new(Models::new(
                providers,
                Arc::new(Limiters::default()),
            )))
            .part(Arc::new(Agents::default()))
            .part(Arc::new(Tools::new(&[group], options)))
            .build();
        let modules = vec![
            agent::module(),
            agent::stream_module(),
            tool::module(),
            provider::module(),
        ];
        Self { cx, modules }
    }

    fn op(&self, module: &str, verb: &str, method: bool) -> Arc<Op> {
        let ops = self
            .modules
            .iter()
            .filter(|known| known.name == module)
            .flat_map(|known| &known.ops);
        let mut found = ops.filter(|op| {
            let named = op.verb() == verb || op.script_aliases().contains(&verb);
            named && op.method_of().is_some() == method
        });
        found
            .next()
            .unwrap_or_else(|| panic!("{module}.{verb}"))
            .clone()
    }

    /// Calls a function of a global: `call("agent.create", [cfg])`.
    pub(crate) async fn call(&self, name: &str, args: impl Into<Vec<Value>>) -> Result<Value> {
        let (module, verb) = name.split_once('.').unwrap();
        let op = self.op(module, verb, false);
        self.cx.call(&op, op.bind(args.into())?).await
    }

    /// Calls a method of a handle.
    pub(crate) async fn on(
        &self,
        handle: &Value,
        verb: &str,
        args: impl Into<Vec<Value>>,
    ) -> Result<Value> {
        let kind = handle.as_handle().unwrap().kind.to_string();
        let op = self.op(&kind, verb, true);
        let mut values = vec![handle.clone()];
        values.extend(args.into());
        self.cx.call(&op, op.bind(values)?).await
    }

    /// Creates an agent.
    pub(crate) async fn agent(&self, cfg: Json) -> Value {
        self.call("agent.create", [cfg.into()]).await.unwrap()
    }

    /// Creates an agent whose model plays these replies.
    pub(crate) async fn scripted(&self, name: &str, replies: Json, tools: Json) -> Value {
        self.agent(json!({
            "name": name, "model": "mock/x", "tools": tools, "settings": {"responses": replies},
        }))
        .await
    }

    /// Runs an agent.
    pub(crate) async fn ask(&self, agent: &Value, input: Json) -> Json {
        self.on(agent, "execute", [input.into()])
            .await
            .unwrap()
            .to_serde_json()
    }

    /// Returns the conversation after checking that it is valid.
    pub(crate) async fn conversation(&self, agent: &Value) -> Vec<Json> {
        let seen = self
            .on(agent, "get_conversation", [])
            .await
            .unwrap()
            .to_serde_json();
        let messages = seen.as_array().unwrap().clone();
        check_valid(&messages);
        messages
    }
}

/// Fails unless the conversation begins with the user and each tool call is followed by its result.
#[track_caller]
pub(crate) fn check_valid(messages: &[Json]) {
    let mut open: Vec<&str> = Vec::new();
    for (index, message) in messages.iter().enumerate() {
        let role = message["role"].as_str().unwrap();
        if index == 0 {
            assert_eq!(role, "user", "{messages:#?}");
        }
        if role == "tool" {
            assert_eq!(
                message["tool_call_id"],
                *open.first().unwrap(),
                "{messages:#?}"
            );
            open.remove(0);
            continue;
        }
        assert!(open.is_empty(), "a call without a result: {messages:#?}");
        let calls = message["tool_calls"].as_array().into_iter().flatten();
        open = calls.map(|call| call["id"].as_str().unwrap()).collect();
    }
    assert!(open.is_empty(), "a call without a result: {messages:#?}");
}

/// Tools of every sort: one that works, one that fails, one that says which level it needs.
fn usual_tools() -> Module {
    let add = tool_op("add", |_, args| async move {
        let number = |name: &str| args.get(name).and_then(Value::as_int).unwrap_or(0);
        let sum = number("a") + number("b");
        Ok(Outcome::new("add", sum).message("added"))
    });
    let fail = tool_op("fail", |_, _| async {
        Err(llmspell_core::error!(NotFound, "no file 'x'").hint("try 'y'"))
    });
    let big = tool_op("big", |_, args| async move {
        let size = args.get("a").and_then(Value::as_int).unwrap_or(0);
        let data = Map::from([("text", Value::from("x".repeat(size as usize)))]);
        Ok(Outcome::new("big", data))
    });
    let danger = tool_op("danger", |_, _| async { Ok(Outcome::new("danger", true)) })
        .tool(ToolInfo::new("system").level(Level::Privileged));
    Module::hidden("test", "Tools for tests.")
        .op(add.doc("Adds two numbers.\n\nWhole ones."))
        .op(fail)
        .op(big)
        .op(danger)
}

/// Makes a tool with the parameters `a` and `b`.
pub(crate) fn tool_op<F, Fut>(name: &str, body: F) -> Op
where
    F: Fn(Cx, Value) -> Fut + Send + Sync + Clone + 'static,
    Fut: Future<Output = Result<Outcome>> + Send + 'static,
{
    let schema = json!({
        "type": "object",
        "properties": {
            "a": {"type": "integer", "description": "One number.", "x-synonyms": ["first"]},
            "b": {"type": "integer", "default": 0},
        },
        "required": ["a"],
        "additionalProperties": false,
    });
    Op::dynamic(name, schema, move |cx, args| {
        let running = body(cx, args);
        async move { Value::from_serialize(&running.await?) }
    })
    .doc(format!("The tool {name}."))
    .effect(Effect::Read)
    .tool(ToolInfo::new("utility").synonyms(&[&format!("{name}_synonym")]))
}

struct Closure<F>(F);

impl<F> Callable for Closure<F>
where
    F: Fn(Cx, Vec<Value>) -> BoxFuture<'static, Result<Value>> + Send + Sync,
{
    fn name(&self) -> &str {
        "test:1"
    }

    fn call(&self, cx: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        (self.0)(cx, args)
    }
}

/// Makes a function of the script.
pub(crate) fn function<F, Fut>(body: F) -> Value
where
    F: Fn(Cx, Vec<Value>) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Value>> + Send + 'static,
{
    let boxed = move |cx, args| -> BoxFuture<'static, Result<Value>> { Box::pin(body(cx, args)) };
    Value::Function(Callback::new(Closure(boxed)))
}
