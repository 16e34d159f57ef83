//! Executions of agents, as hooks see them.

use llmspell_core::{Call, Cx, Error, Kind, Map, Name, Result, Value};

use super::super::context::{Component, plain};
use crate::agent;

pub(super) fn component(call: &Call) -> Component {
    let of = |name: &str| {
        let value = call.args.get("agent").and_then(|agent| agent.get(name));
        Name::from(value.and_then(Value::as_str).unwrap_or_default())
    };
    Component {
        kind: "Agent",
        name: of("name"),
        id: of("id"),
    }
}

/// Returns the input as one table with `text`, options merged over it.
fn input(call: &Call) -> Map {
    let mut input = match call.args.get("input") {
        Some(Value::Map(input)) => input.clone(),
        None | Some(Value::Null) => Map::new(),
        Some(text) => Map::from([("text", text.clone())]),
    };
    if !input.contains_key("text")
        && let Some(prompt) = input.get("prompt").cloned()
    {
        input.insert("text", prompt);
    }
    if let Some(Value::Map(options)) = call.args.get("options") {
        input.extend(options.clone());
    }
    input
}

pub(super) fn facts(call: &Call) -> Map {
    let agent = call.args.get("agent");
    let of = |name: &str| {
        agent
            .and_then(|agent| agent.get(name))
            .cloned()
            .unwrap_or_default()
    };
    let input = input(call);
    let member = |name: &str| input.get(name).map(plain).unwrap_or_default();
    let own_tools = || match agent {
        Some(Value::Handle(agent)) => agent::tools_of(&call.cx, agent).unwrap_or_default(),
        _ => Value::Null,
    };
    Map::from([
        ("agent_name", of("name")),
        ("model", of("model")),
        ("prompt", member("text")),
        ("tools", input.get("tools").map_or_else(own_tools, plain)),
        ("variables", member("variables")),
        ("input", plain(&Value::Map(input.clone()))),
    ])
}

/// Returns the arguments with what hooks changed of the input.
pub(super) fn arguments(call: &Call, before: &Map, after: &Map) -> Value {
    let mut input = input(call);
    let mut take = |name: &str, value: &Value| {
        input.insert(name, value.clone());
    };
    let changed = |name: &str| after.get(name).filter(|new| before.get(name) != Some(new));
    match changed("input") {
        Some(Value::Map(new)) => {
            let old = before.get("input");
            for (name, value) in new {
                if old.and_then(|old| old.get(name)) != Some(value) {
                    take(name, value);
                }
            }
        }
        Some(text) => take("text", text),
        None => {}
    }
    for (name, member) in [
        ("prompt", "text"),
        ("tools", "tools"),
        ("variables", "variables"),
        ("model", "model"),
    ] {
        if let Some(value) = changed(name) {
            take(member, value);
        }
    }
    input.shift_remove("prompt");
    let mut args = call.args.clone();
    if let Value::Map(args) = &mut args {
        args.insert("input", Value::Map(input));
        args.shift_remove("options");
    }
    args
}

pub(super) fn result_facts(facts: &Map, result: &Value) -> Map {
    let mut told = facts.clone();
    let of = |name: &str| result.get(name).cloned().unwrap_or_default();
    let usage = of("usage");
    let counted = |name: &str| usage.get(name).cloned().unwrap_or_default();
    let model = of("model");
    let provider = model.as_str().and_then(|model| model.split_once('/'));
    let provider = provider.map_or("", |(provider, _)| provider);
    let mut put = |name: &str, value: Value| told.insert(name, value);
    put("result", of("text"));
    put("output", of("output"));
    put("text", of("text"));
    put("tokens_used", counted("total_tokens"));
    put(
        "token_usage",
        Value::from([
            ("input_tokens", counted("input_tokens")),
            ("output_tokens", counted("output_tokens")),
            ("total_tokens", counted("total_tokens")),
            ("provider", provider.into()),
            ("model", model),
        ]),
    );
    put("cost_usd", counted("cost_usd"));
    put("success", true.into());
    told
}

pub(super) fn changed(mut result: Value, changed: impl Fn(&str) -> Option<Value>) -> Value {
    let new = ["text", "result", "output"]
        .iter()
        .find_map(|name| changed(name));
    if let (Value::Map(members), Some(new)) = (&mut result, new) {
        for name in ["text", "content", "output"] {
            members.insert(name.to_owned(), new.clone());
        }
    }
    result
}

/// Makes an answer of data: a text, or members of an answer.
pub(super) fn replaced(call: &Call, data: Value) -> Value {
    let of = |name: &str| {
        let agent = call.args.get("agent");
        agent
            .and_then(|agent| agent.get(name))
            .cloned()
            .unwrap_or_default()
    };
    let given = match data {
        Value::Map(given) => given,
        Value::Str(text) => Map::from([("text", text.into())]),
        Value::Null => Map::from([("text", "".into())]),
        other => Map::from([
            ("text", llmspell_core::value::to_json(&other).into()),
            ("data", other),
        ]),
    };
    let text = ["text", "output", "content"]
        .iter()
        .find_map(|name| given.get(name))
        .cloned();
    let text = text.unwrap_or_else(|| "".into());
    let mut answer = Map::from([
        ("text", text.clone()),
        ("content", text.clone()),
        ("output", text),
        ("success", true.into()),
        ("usage", nothing_used()),
        ("tool_calls", Value::List(Vec::new())),
        ("finish_reason", "stop".into()),
        ("model", of("model")),
        ("turns", 0.into()),
        (
            "metadata",
            Value::from([("agent_id", of("id")), ("agent_name", of("name"))]),
        ),
    ]);
    answer.extend(given);
    Value::Map(answer)
}

/// Returns the usage of an answer for which no model was asked.
fn nothing_used() -> Value {
    let counts = ["input_tokens", "output_tokens", "total_tokens"];
    counts.map(|count| (count, 0.into())).into()
}

pub(super) async fn redirected(cx: &Cx, call: &Call, target: &str, args: Value) -> Result<Value> {
    agent::instead(cx, call.op.clone(), target, args).await
}

/// Returns where an execution failed.
pub(super) fn stage(error: &Error) -> &'static str {
    match error.kind() {
        Kind::Limit => "limit",
        Kind::Parse => "parse",
        Kind::Remote | Kind::Auth | Kind::RateLimited | Kind::Timeout => "model",
        Kind::Script | Kind::Execution => "tool",
        _ => "init",
    }
}
