//! Agents: making them, asking them, their tools and limits.

use llmspell_core::{Kind, Outcome, Value, error};
use serde_json::{Value as Json, json};

use crate::spell::{Spell, function, table, tool_op};

fn call(name: &str, arguments: Json) -> Json {
    json!({"tool_calls": [{"name": name, "arguments": arguments}]})
}

#[tokio::test]
async fn an_agent_answers() {
    let spell = Spell::new();
    let agent = spell
        .agent(json!({"name": "helper", "model": "mock/echo"}))
        .await;
    assert_eq!(agent.get("name").unwrap(), &Value::from("helper"));
    assert_eq!(agent.get("model").unwrap(), &Value::from("mock/echo"));
    assert_eq!(agent.get("id").unwrap(), &Value::from(id_of("helper")));
    let answer = spell.ask(&agent, json!("What is 6*7?")).await;
    for name in ["text", "content", "output"] {
        assert_eq!(answer[name], "What is 6*7?");
    }
    assert_eq!(
        (&answer["success"], &answer["finish_reason"]),
        (&json!(true), &json!("stop"))
    );
    assert_eq!(
        (&answer["turns"], &answer["model"]),
        (&json!(1), &json!("mock/echo"))
    );
    let usage = &answer["usage"];
    assert_eq!(
        usage["total_tokens"],
        usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap()
    );
    assert_eq!(
        (&usage["cached_tokens"], &usage["cost_usd"]),
        (&json!(0), &json!(0.0))
    );
    let metadata = &answer["metadata"];
    assert_eq!(
        (&metadata["agent_name"], &metadata["provider"]),
        (&json!("helper"), &json!("mock"))
    );
    assert_eq!(metadata["token_count"], usage["total_tokens"]);
    let text = spell.on(&agent, "complete", ["hi".into()]).await.unwrap();
    assert_eq!(text, Value::from("hi"));
    for verb in ["invoke", "run"] {
        let answer = spell.on(&agent, verb, ["x".into()]).await.unwrap();
        assert_eq!(answer.get("text").unwrap(), &Value::from("x"));
    }
}

fn id_of(name: &str) -> String {
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_DNS, name.as_bytes()).to_string()
}

#[tokio::test]
async fn the_conversation_is_kept_within_its_length() {
    let spell = Spell::new();
    let agent = spell
        .agent(
            json!({"model": "mock/echo", "max_conversation_length": 3, "system_prompt": "one two"}),
        )
        .await;
    let mut input = Vec::new();
    for _ in 0..4 {
        let answer = spell.ask(&agent, json!("a b c")).await;
        input.push(answer["usage"]["input_tokens"].as_u64().unwrap());
    }
    // The system prompt has 2 words; one exchange of 6 words fits before the 3 of the prompt.
    assert_eq!(input, [5, 11, 11, 11]);
    assert_eq!(spell.conversation(&agent).await.len(), 8);
    spell.on(&agent, "clear_conversation", []).await.unwrap();
    assert!(spell.conversation(&agent).await.is_empty());
}

#[tokio::test]
async fn tools_are_called_and_their_results_told() {
    let spell = Spell::new();
    let agent = spell
        .agent(json!({"model": "mock/tools", "tools": ["add", "fail"]}))
        .await;
    let answer = spell
        .ask(
            &agent,
            json!("use add {\"a\": 2, \"b\": 3} and fail {\"a\": 1}"),
        )
        .await;
    assert_eq!(
        answer["text"],
        "add: 5\nfail failed: {\"error\":\"no file 'x'\",\"error_kind\":\"not_found\",\"hint\":\"try 'y'\"}"
    );
    assert_eq!(answer["turns"], 2);
    let calls = answer["tool_calls"].as_array().unwrap();
    assert_eq!(
        (&calls[0]["name"], &calls[0]["arguments"]),
        (&json!("add"), &json!({"a": 2, "b": 3}))
    );
    assert_eq!(
        (&calls[0]["result"], &calls[0]["success"]),
        (&json!(5), &json!(true))
    );
    assert_eq!(
        (&calls[1]["success"], &calls[1]["result"]["error_kind"]),
        (&json!(false), &json!("not_found"))
    );
    assert!(calls[0]["id"].is_string() && calls[0]["duration_ms"].is_u64());
    let roles: Vec<Json> = spell
        .conversation(&agent)
        .await
        .iter()
        .map(|message| message["role"].clone())
        .collect();
    assert_eq!(roles, ["user", "assistant", "tool", "tool", "assistant"]);
}

#[tokio::test]
async fn what_a_model_does_wrong_is_told_to_it() {
    let spell = Spell::new();
    let replies = json!([
        call("ad", json!({})),
        call("add", json!("{\"a\": ")),
        call("add", json!({"x": 1})),
        "done"
    ]);
    let agent = spell.scripted("a", replies, json!(["add"])).await;
    let answer = spell.ask(&agent, json!("go")).await;
    assert_eq!(
        (&answer["text"], &answer["turns"]),
        (&json!("done"), &json!(4))
    );
    let told: Vec<&Json> = answer["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["result"])
        .collect();
    assert_eq!(told[0]["error"], "Tool 'ad' not found");
    assert_eq!(told[0]["hint"], "did you mean 'add'?");
    assert_eq!(
        told[1]["error"],
        "the arguments of 'add' are no JSON object"
    );
    assert_eq!(told[2]["error"], "unknown parameter 'x'");
    assert!(told.iter().all(|told| told["error_kind"].is_string()));
}

#[tokio::test]
async fn the_calls_of_one_turn_run_at_the_same_time_and_keep_their_order() {
    let barrier = std::sync::Arc::new(tokio::sync::Barrier::new(3));
    let meet = tool_op("meet", move |_, args| {
        let barrier = barrier.clone();
        async move {
            // Nobody goes on before all three are here.
            barrier.wait().await;
            let number = args.get("a").cloned().unwrap();
            for _ in 0..10 - number.as_int().unwrap() {
                tokio::task::yield_now().await;
            }
            Ok(Outcome::new("meet", number))
        }
    });
    let spell = Spell::tools(vec![meet]);
    let calls: Vec<Json> = (1..=3)
        .map(|n| json!({"name": "meet", "arguments": {"a": n}}))
        .collect();
    let agent = spell
        .scripted("a", json!([{"tool_calls": calls}, "done"]), json!(["meet"]))
        .await;
    let answer = spell.ask(&agent, json!("go")).await;
    let results: Vec<&Json> = answer["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["result"])
        .collect();
    assert_eq!(results, [1, 2, 3]);
    let told: Vec<Json> = spell.conversation(&agent).await[2..5]
        .iter()
        .map(|m| m["content"].clone())
        .collect();
    assert_eq!(told, ["1", "2", "3"]);
}

#[tokio::test]
async fn an_answer_with_a_schema_is_checked_and_asked_for_again() {
    let spell = Spell::new();
    let schema =
        json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
    let replies = json!(["no", "{\"n\": \"x\"}", "```json\n{\"n\": 5}\n```"]);
    let agent = spell.scripted("a", replies, json!([])).await;
    let answer = spell
        .ask(&agent, json!({"text": "give n", "schema": schema}))
        .await;
    assert_eq!(
        (&answer["data"], &answer["turns"]),
        (&json!({"n": 5}), &json!(3))
    );
    let said = spell.conversation(&agent).await;
    assert!(
        said[2]["content"]
            .as_str()
            .unwrap()
            .contains("not valid JSON"),
        "{said:#?}"
    );
    assert!(
        said[4]["content"].as_str().unwrap().contains("at /n"),
        "{said:#?}"
    );

    let hopeless = spell
        .scripted("b", json!(["1", "2", "3", "4"]), json!([]))
        .await;
    let input = json!({"text": "give n", "schema": schema});
    let error = spell
        .on(&hopeless, "execute", [input.into()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(error.details()["text"], Value::from("3"));
    spell.conversation(&hopeless).await;
    let default = spell
        .agent(json!({"model": "mock/x", "schema": schema}))
        .await;
    assert_eq!(
        spell.ask(&default, json!("so {\"n\": 7}")).await["data"],
        json!({"n": 7})
    );
}

#[tokio::test]
async fn an_input_overrides_what_the_agent_has() {
    let spell = Spell::new();
    let agent = spell
        .agent(json!({"model": "mock/x", "tools": ["add"], "system_prompt": "{{who}} x"}))
        .await;
    let input = json!({
        "text": "hi {{who}}", "variables": {"who": "Ada Lovelace"}, "model": "mock/echo", "tools": ["fail"],
        "temperature": 0.5, "max_tokens": 9, "parameters": {"k": [1]},
    });
    let answer = spell.ask(&agent, input).await;
    assert_eq!(answer["text"], "hi Ada Lovelace\nk: [1]");
    // 3 words of the system prompt, 5 of the prompt.
    assert_eq!(answer["usage"]["input_tokens"], 8);
    let options = [json!({"text": "a"}).into(), json!({"text": "b"}).into()];
    let answer = spell.on(&agent, "execute", options).await.unwrap();
    assert_eq!(answer.get("text").unwrap(), &Value::from("mock: b"));
}

#[tokio::test]
async fn limits_are_raised() {
    let spell = Spell::new();
    let again = |count: usize| Json::from(vec![call("add", json!({"a": 1})); count]);
    let limited = async |name: &str, limits: Json, replies: Json| {
        let cfg = json!({
            "name": name, "model": "mock/x", "tools": ["add"], "resource_limits": limits,
            "settings": {"responses": replies},
        });
        let agent = spell.agent(cfg).await;
        let error = spell
            .on(&agent, "execute", ["go".into()])
            .await
            .unwrap_err();
        spell.conversation(&agent).await;
        assert_eq!(error.kind(), Kind::Limit, "{error}");
        error
            .details()
            .get("what")
            .cloned()
            .unwrap_or_default()
            .to_serde_json()
    };
    assert_eq!(
        limited("t", json!({"max_turns": 2}), again(3)).await,
        "max_turns"
    );
    assert_eq!(
        limited("c", json!({"max_tool_calls": 1}), again(3)).await,
        "max_tool_calls"
    );
    assert_eq!(
        limited("n", json!({"max_tokens": 400}), again(30)).await,
        "tokens"
    );
}

#[tokio::test]
async fn money_is_reserved_before_it_is_spent() {
    // Nobody listens there: a request that was sent would be an error of the kind `remote`.
    let options = json!({"dear": {
        "type": "custom", "base_url": "http://127.0.0.1:9/v1", "max_retries": 0,
        "models": [{"id": "priced", "input_price": 1e5, "output_price": 1e5}],
    }});
    let spell = Spell::with(options, json!({}), Vec::new());
    for (model, most, kind) in [
        ("dear/priced", 10.0, Kind::Limit),
        ("dear/priced", 50.0, Kind::Remote),
        ("dear/unpriced", 50.0, Kind::Limit),
    ] {
        let agent = spell
            .agent(json!({"model": model, "resource_limits": {"max_cost_usd": most}}))
            .await;
        let error = spell
            .on(&agent, "execute", ["go".into()])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{model} {most}: {error}");
        assert!(spell.conversation(&agent).await.is_empty());
    }
}

#[tokio::test]
async fn agents_that_call_each_other_without_end_are_stopped() {
    let spell = Spell::new();
    let replies = json!([call("deep_tool", json!({"text": "deeper"})), "up"]);
    let cfg = json!({
        "name": "deep", "model": "mock/x", "tools": "*", "settings": {"responses": replies},
        "resource_limits": {"max_recursion_depth": 3},
    });
    let agent = spell.agent(cfg).await;
    spell
        .call("agent.wrap_as_tool", ["deep".into()])
        .await
        .unwrap();
    let answer = spell.ask(&agent, json!("go")).await;
    assert_eq!(answer["text"], "up");
    let metrics = spell
        .on(&agent, "get_metrics", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        (&metrics["requests_total"], &metrics["requests_failed"]),
        (&json!(3), &json!(0))
    );
    let said = spell.conversation(&agent).await;
    let refused = said[2]["content"].as_str().unwrap();
    assert!(
        refused.contains("max_recursion_depth") && refused.contains("limit"),
        "{refused}"
    );
}

#[tokio::test]
async fn an_agent_has_tools_of_its_own_and_other_agents() {
    let spell = Spell::new();
    let helper = spell
        .agent(json!({"name": "helper", "model": "mock/echo"}))
        .await;
    let own = table([
        ("name", "twice".into()),
        (
            "parameters",
            json!([{"name": "n", "type": "integer", "required": true}]).into(),
        ),
        (
            "execute",
            function(|_, args| async move {
                Ok(Value::from(args[0].get("n").unwrap().as_int().unwrap() * 2))
            }),
        ),
    ]);
    let add = spell.call("tool.get", ["add".into()]).await.unwrap();
    let replies = json!([{"tool_calls": [
        {"name": "twice", "arguments": {"n": 4}},
        {"name": "helper_tool", "arguments": {"prompt": "hello"}},
        {"name": "add", "arguments": {"a": 1}},
    ]}, "done"]);
    let cfg = table([
        ("name", "a".into()),
        ("model", "mock/x".into()),
        ("tools", Value::List(vec![own, helper, add])),
        ("settings", json!({"responses": replies}).into()),
    ]);
    let agent = spell.call("agent.create", [cfg]).await.unwrap();
    let answer = spell.ask(&agent, json!("go")).await;
    let results: Vec<&Json> = answer["tool_calls"]
        .as_array()
        .unwrap()
        .iter()
        .map(|call| &call["result"])
        .collect();
    assert_eq!(results, [&json!(8), &json!("hello"), &json!(1)]);
    assert_eq!(
        spell.call("tool.exists", ["twice".into()]).await.unwrap(),
        false.into()
    );

    let tools = spell
        .on(&agent, "discover_tools", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(tools, json!(["add", "helper_tool", "twice"]));
    for (name, has) in [("twice", true), ("fail", false)] {
        assert_eq!(
            spell.on(&agent, "has_tool", [name.into()]).await.unwrap(),
            has.into()
        );
    }
    let about = spell
        .on(&agent, "get_tool_metadata", ["add".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        about,
        json!({"name": "add", "description": "Adds two numbers.", "version": "1.0.0"})
    );
    assert_eq!(
        spell
            .on(&agent, "get_tool_metadata", ["fail".into()])
            .await
            .unwrap(),
        Value::Null
    );
    let all = spell
        .on(&agent, "get_all_tool_metadata", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(all.as_object().unwrap().len(), 3);
    let called = spell
        .on(
            &agent,
            "invoke_tool",
            ["fail".into(), json!({"a": 1}).into()],
        )
        .await
        .unwrap();
    assert_eq!(called.get("error_kind").unwrap(), &Value::from("not_found"));
    let metrics = spell.on(&agent, "get_metrics", []).await.unwrap();
    assert_eq!(metrics.get("tool_invocations").unwrap(), &Value::Int(4));
}

#[tokio::test]
async fn bad_configurations_are_named() {
    let spell = Spell::new();
    for (cfg, kind) in [
        (json!({"model": "nobody/x"}), Kind::NotFound),
        (json!({"model": ""}), Kind::InvalidArgs),
        (
            json!({"model": "mock/x", "tools": ["nothing"]}),
            Kind::NotFound,
        ),
        (json!({"model": "mock/x", "tools": [5]}), Kind::InvalidArgs),
        (
            json!({"model": "mock/x", "temperature": 3}),
            Kind::InvalidArgs,
        ),
        (
            json!({"model": "mock/x", "agent_type": "lmm"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"model": "mock/x", "schema": {"type": "nonsense"}}),
            Kind::InvalidArgs,
        ),
        (
            json!({"model": "mock/x", "timeout_ms": 0}),
            Kind::InvalidArgs,
        ),
        (json!({"name": " ", "model": "mock/x"}), Kind::InvalidArgs),
    ] {
        let error = spell
            .call("agent.create", [cfg.clone().into()])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{cfg}: {error}");
    }
    let cfg = json!({"model": {"provider": "mock", "model_id": "echo", "temperature": 0.1}, "apiKey": "sk-secret"});
    let agent = spell.agent(cfg).await;
    assert_eq!(agent.get("model").unwrap(), &Value::from("mock/echo"));
    let config = spell
        .on(&agent, "get_config", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(config["temperature"], 0.1);
    assert!(!config.to_string().contains("sk-secret"));
    assert!(config["name"].as_str().unwrap().starts_with("agent_"));
}

#[tokio::test]
async fn without_a_model_the_mock_is_used() {
    let spell = Spell::new();
    let agent = spell.agent(json!({})).await;
    assert_eq!(agent.get("model").unwrap(), &Value::from("mock/tools"));
    let other = Spell::with(json!({"default_model": "mock/echo"}), json!({}), Vec::new());
    let agent = other.agent(json!({})).await;
    assert_eq!(agent.get("model").unwrap(), &Value::from("mock/echo"));
}

#[tokio::test]
async fn on_error_repeats_or_answers() {
    let spell = Spell::new();
    let down = |count: usize| Json::from(vec![json!({"error": {"kind": "auth"}}); count]);
    let input = |answer: Json| {
        let on_error = function(move |_, args| {
            assert_eq!(args[0].get("kind").unwrap(), &Value::from("auth"));
            std::future::ready(Ok(answer.clone().into()))
        });
        table([("text", "go".into()), ("on_error", on_error)])
    };
    let mut replies = down(2);
    replies.as_array_mut().unwrap().push("up".into());
    let agent = spell.scripted("a", replies, json!([])).await;
    let retry = input(json!({"retry": true, "delay_ms": 0}));
    let answer = spell.on(&agent, "execute", [retry.clone()]).await.unwrap();
    assert_eq!(answer.get("text").unwrap(), &Value::from("up"));
    let agent = spell.scripted("b", down(9), json!([])).await;
    assert_eq!(
        spell
            .on(&agent, "execute", [retry])
            .await
            .unwrap_err()
            .kind(),
        Kind::Auth
    );
    let answer = spell
        .on(&agent, "execute", [input(json!({"text": "instead"}))])
        .await
        .unwrap();
    assert_eq!(answer.get("text").unwrap(), &Value::from("instead"));
    let raised = spell
        .on(&agent, "execute", [input(Json::Null)])
        .await
        .unwrap_err();
    assert_eq!(raised.kind(), Kind::Auth);
}

#[tokio::test]
async fn media_reach_models_that_take_them() {
    let spell = Spell::new();
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let answer = spell
        .ask(
            &agent,
            json!({"text": "look", "media": [{"base64": "iVBORw0KGgo="}]}),
        )
        .await;
    assert_eq!(answer["text"], "look");
    let bad = json!({"text": "look", "image": {"type": "x"}});
    let error = spell.on(&agent, "execute", [bad.into()]).await.unwrap_err();
    assert_eq!(
        (error.kind(), &error.details()["index"]),
        (Kind::InvalidArgs, &Value::Int(1))
    );
    let blind = spell
        .agent(json!({"model": "mock/echo", "supports_multimodal": false}))
        .await;
    let input = json!({"image": {"base64": "iVBORw0KGgo="}});
    let error = spell
        .on(&blind, "execute", [input.into()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Unavailable);
    let error = spell
        .on(&agent, "execute", [json!({"text": ""}).into()])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[tokio::test]
async fn agents_are_registered_found_and_destroyed() {
    let spell = Spell::new();
    let first = spell
        .agent(json!({"name": "a", "model": "mock/echo", "description": "Old"}))
        .await;
    let second = spell
        .agent(json!({"name": "a", "model": "mock/x", "description": "New"}))
        .await;
    assert_eq!(first.get("id"), second.get("id"));
    assert_ne!(first, second);
    assert_eq!(spell.call("agent.get", ["a".into()]).await.unwrap(), second);
    assert_eq!(
        spell.ask(&first, json!("still here")).await["text"],
        "still here"
    );
    let name = spell
        .call(
            "agent.register",
            [json!({"name": "b", "agent_type": "basic"}).into()],
        )
        .await
        .unwrap();
    assert_eq!(name, Value::from("b"));
    spell
        .call(
            "agent.register",
            ["c".into(), json!({"model": "mock/x"}).into()],
        )
        .await
        .unwrap();
    spell
        .call("agent.register", ["alias".into(), first.clone()])
        .await
        .unwrap();
    assert_eq!(
        spell.call("agent.get", ["alias".into()]).await.unwrap(),
        first
    );
    let names = spell
        .call("agent.list_instances", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(names, json!(["a", "a", "b", "c"]));
    let list = spell.call("agent.list", []).await.unwrap().to_serde_json();
    assert_eq!(
        (&list[2]["name"], &list[2]["state"]),
        (&json!("b"), &json!("Uninitialized"))
    );
    let basic = spell.call("agent.get", ["b".into()]).await.unwrap();
    assert_eq!(
        spell.ask(&basic, json!("hi")).await["text"],
        "BasicAgent 'b' received: hi"
    );
    spell.on(&second, "destroy", []).await.unwrap();
    assert_eq!(
        spell.call("agent.get", ["a".into()]).await.unwrap(),
        Value::Null
    );
    for verb in ["destroy", "get_metrics"] {
        let error = spell.on(&second, verb, []).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidState);
    }
    let error = spell
        .call("agent.get_details", ["a".into()])
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.message()),
        (Kind::NotFound, "Agent 'a' not found")
    );
}

#[tokio::test]
async fn templates_make_agents() {
    let spell = Spell::new();
    let names = spell
        .call("agent.list_templates", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(names, json!(["basic", "llm", "tool-orchestrator"]));
    let found = spell
        .call("agent.discover", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(found[2]["type"], "tool-orchestrator");
    let info = spell
        .call("agent.get_info", ["llm".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        (&info["category"], &info["required_parameters"]),
        (&json!("agent"), &json!(["model"]))
    );
    assert_eq!(
        spell
            .call("agent.get_info", ["x".into()])
            .await
            .unwrap_err()
            .kind(),
        Kind::NotFound
    );
    let args = [
        "o".into(),
        "tool-orchestrator".into(),
        json!({"model": "mock/tools"}).into(),
    ];
    let agent = spell
        .call("agent.create_from_template", args)
        .await
        .unwrap();
    assert_eq!(
        spell.on(&agent, "has_tool", ["add".into()]).await.unwrap(),
        true.into()
    );
    let config = spell.on(&agent, "get_config", []).await.unwrap();
    assert_eq!(config.get("temperature").unwrap(), &Value::Float(0.3));
    let error = spell
        .call("agent.create_from_template", ["o".into(), "lm".into()])
        .await
        .unwrap_err();
    assert_eq!(error.message(), "Template not found: lm");
}

#[tokio::test]
async fn abilities_and_details_are_real() {
    let spell = Spell::new();
    spell
        .agent(json!({"name": "talker", "model": "mock/x", "description": "Writes prose"}))
        .await;
    spell
        .agent(json!({"name": "plain", "agent_type": "basic"}))
        .await;
    spell
        .call(
            "agent.create_composite",
            ["pair".into(), json!(["talker", "plain"]).into()],
        )
        .await
        .unwrap();
    let by = async |word: &str| {
        spell
            .call("agent.discover_by_capability", [word.into()])
            .await
            .unwrap()
            .to_serde_json()
    };
    assert_eq!(by("tools").await, json!(["talker", "pair"]));
    assert_eq!(by("composite").await, json!(["pair"]));
    assert_eq!(by("streaming").await, json!(["talker", "plain", "pair"]));
    assert_eq!(by("PROSE").await, json!(["talker"]));
    let all = spell
        .call("agent.list_capabilities", [])
        .await
        .unwrap()
        .to_serde_json();
    let talker = &all["talker"]["capabilities"];
    assert_eq!(
        (&talker["supports_tools"], &talker["supports_composite"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(talker["1"], "streaming");
    let details = spell
        .call("agent.get_details", ["talker".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(details["config"]["model"], "mock/x");
    assert_eq!(details["metrics"]["requests_total"], 0);
    assert_eq!(details["composition"]["can_be_wrapped"], true);
}

#[tokio::test]
async fn composites_route() {
    let spell = Spell::new();
    for (name, about) in [("poet", "writes poems"), ("cook", "cooks soup")] {
        let cfg = json!({"name": name, "model": "mock/echo", "description": about, "system_prompt": name});
        spell.agent(cfg).await;
    }
    spell
        .agent(json!({"name": "loud", "agent_type": "basic"}))
        .await;
    let made = async |name: &str, routing: &str, names: Json| {
        let args = [
            name.into(),
            names.into(),
            json!({"routing_strategy": routing}).into(),
        ];
        spell.call("agent.create_composite", args).await.unwrap()
    };
    let answer = async |agent: &Value, input: Json| {
        let answer = spell.ask(agent, input).await;
        (
            answer["text"].clone(),
            answer["metadata"]["delegates"].clone(),
        )
    };
    let line = made("line", "sequential", json!(["poet", "loud"])).await;
    assert_eq!(
        answer(&line, json!("hi")).await,
        (
            json!("BasicAgent 'loud' received: hi"),
            json!(["poet", "loud"])
        )
    );
    let both = made("both", "parallel", json!(["poet", "loud"])).await;
    assert_eq!(
        answer(&both, json!("hi")).await.0,
        "hi\n\nBasicAgent 'loud' received: hi"
    );
    let turns = made("turns", "round_robin", json!(["poet", "cook"])).await;
    for name in ["poet", "cook", "poet"] {
        assert_eq!(answer(&turns, json!("hi")).await.1, json!([name]));
    }
    let able = made("able", "capability_based", json!(["poet", "cook"])).await;
    assert_eq!(
        answer(&able, json!("some soup please")).await.1,
        json!(["cook"])
    );
    assert_eq!(answer(&able, json!("whatever")).await.1, json!(["poet"]));
    let task = made("task", "task_based", json!(["poet", "cook"])).await;
    assert_eq!(
        answer(&task, json!({"text": "hi", "task": "cook"})).await,
        (json!("hi"), json!(["cook"]))
    );
    assert_eq!(answer(&task, json!("soup")).await.1, json!(["cook"]));

    let nested = made("nested", "sequential", json!(["line", "both"])).await;
    let whole = spell.ask(&nested, json!("hi")).await;
    assert!(whole["usage"]["total_tokens"].as_u64().unwrap() > 0);
    assert_eq!(spell.conversation(&nested).await.len(), 2);
    let tree = spell
        .call("agent.get_hierarchy", ["nested".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(tree["root"]["type"], "composite");
    assert_eq!(tree["root"]["children"][0]["children"][1]["name"], "loud");
    let taken = spell
        .call(
            "agent.create_composite",
            ["line".into(), json!(["poet"]).into()],
        )
        .await
        .unwrap_err();
    assert_eq!(taken.kind(), Kind::Exists);
    let missing = spell
        .call(
            "agent.create_composite",
            ["z".into(), json!(["pot"]).into()],
        )
        .await
        .unwrap_err();
    assert_eq!(
        (missing.kind(), missing.message()),
        (Kind::NotFound, "Agent 'pot' not found")
    );
    let unknown = [
        Value::from("z"),
        json!(["poet"]).into(),
        json!({"routing_strategy": "serial"}).into(),
    ];
    assert_eq!(
        spell
            .call("agent.create_composite", unknown)
            .await
            .unwrap_err()
            .kind(),
        Kind::InvalidArgs
    );
}

#[tokio::test]
async fn an_agent_becomes_a_tool() {
    let spell = Spell::new();
    spell
        .agent(json!({"name": "echo", "model": "mock/echo"}))
        .await;
    let name = spell
        .call("agent.wrap_as_tool", ["echo".into()])
        .await
        .unwrap();
    assert_eq!(name, Value::from("echo_tool"));
    for key in ["text", "prompt", "input", "query"] {
        let params = json!({key: "hi", "parameters": {"n": 1}});
        let seen = spell
            .call("tool.invoke", [name.clone(), params.into()])
            .await
            .unwrap()
            .to_serde_json();
        assert_eq!(
            (&seen["data"], &seen["output"]),
            (&json!("hi\nn: 1"), &json!("hi\nn: 1"))
        );
    }
    let list = spell.call("tool.list", []).await.unwrap().to_serde_json();
    assert!(
        list.as_array()
            .unwrap()
            .iter()
            .any(|item| item["name"] == "echo_tool")
    );
    assert_eq!(
        spell
            .call("agent.wrap_as_tool", ["echo".into()])
            .await
            .unwrap_err()
            .kind(),
        Kind::Exists
    );
    assert_eq!(
        spell
            .call("agent.wrap_as_tool", ["no".into()])
            .await
            .unwrap_err()
            .kind(),
        Kind::NotFound
    );
    let cfg = json!({"tool_name": "parrot", "description": "Repeats"});
    spell
        .call("agent.wrap_as_tool", ["echo".into(), cfg.into()])
        .await
        .unwrap();
    let tool = spell.call("tool.get", ["parrot".into()]).await.unwrap();
    assert_eq!(tool.get("description").unwrap(), &Value::from("Repeats"));
}

#[tokio::test]
async fn contexts_hand_down_their_data() {
    let spell = Spell::new();
    let scope = json!({"type": "user", "id": "u"});
    let cfg = json!({"user_id": "u", "scope": scope, "data": {"lang": "en"}});
    let root = spell
        .call("agent.create_context", [cfg.into()])
        .await
        .unwrap();
    let shared = [scope.clone().into(), "team".into(), "red".into()];
    spell.call("agent.set_shared_memory", shared).await.unwrap();
    let read = async |id: &Value, key: &str| {
        spell
            .call("agent.get_context_data", [id.clone(), key.into()])
            .await
            .unwrap()
            .to_serde_json()
    };
    let child = async |inheritance: &str| {
        let args = [root.clone(), Value::Null, inheritance.into()];
        spell
            .call("agent.create_child_context", args)
            .await
            .unwrap()
    };
    let write = async |id: &Value, key: &str, value: &str| {
        spell
            .call(
                "agent.update_context",
                [id.clone(), key.into(), value.into()],
            )
            .await
            .unwrap();
    };
    assert_eq!(read(&root, "lang").await, "en");
    assert_eq!(read(&root, "team").await, "red");
    let [inherit, copy, share, isolate] = [
        child("inherit").await,
        child("copy").await,
        child("share").await,
        child("isolate").await,
    ];
    write(&root, "lang", "fr").await;
    assert_eq!(read(&inherit, "lang").await, "fr");
    assert_eq!(read(&copy, "lang").await, "en");
    assert_eq!(read(&isolate, "lang").await, Json::Null);
    write(&share, "lang", "de").await;
    assert_eq!(read(&root, "lang").await, "de");
    write(&inherit, "lang", "it").await;
    assert_eq!(
        (read(&root, "lang").await, read(&inherit, "lang").await),
        (json!("de"), json!("it"))
    );
    let seen = spell
        .call("agent.get_shared_memory", [scope.into(), "team".into()])
        .await
        .unwrap();
    assert_eq!(seen, Value::from("red"));

    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let args = ["hi".into(), inherit.clone()];
    let answer = spell
        .on(&agent, "execute_with_context", args)
        .await
        .unwrap();
    let text = answer.get("text").unwrap().as_str().unwrap();
    assert!(
        text.starts_with("Context:\nteam: \"red\"\nlang: \"it\"\n"),
        "{text}"
    );
    assert!(text.ends_with("\n\nhi"), "{text}");

    spell
        .call("agent.remove_context", [root.clone()])
        .await
        .unwrap();
    assert_eq!(read(&inherit, "user_id").await, Json::Null);
    for args in [
        vec![root.clone(), "k".into(), 1.into()],
        vec!["nobody".into(), "k".into(), 1.into()],
    ] {
        assert_eq!(
            spell
                .call("agent.update_context", args)
                .await
                .unwrap_err()
                .kind(),
            Kind::NotFound
        );
    }
    for bad in [json!({"type": "user"}), json!({"type": "moon"}), json!({})] {
        let args = [bad.into(), "k".into()];
        assert_eq!(
            spell
                .call("agent.get_shared_memory", args)
                .await
                .unwrap_err()
                .kind(),
            Kind::InvalidArgs
        );
    }
    let args = [inherit, Value::Null, "steal".into()];
    assert_eq!(
        spell
            .call("agent.create_child_context", args)
            .await
            .unwrap_err()
            .kind(),
        Kind::InvalidArgs
    );
}

#[tokio::test]
async fn numbers_are_measured_and_watched() {
    let spell = Spell::new();
    let replies = json!(["one", {"error": {"kind": "auth"}}, "two"]);
    let agent = spell.scripted("a", replies, json!([])).await;
    let health = async || {
        spell
            .on(&agent, "get_health", [])
            .await
            .unwrap()
            .to_serde_json()["status"]
            .clone()
    };
    assert_eq!(health().await, "Unknown");
    let rule = json!({"metric": "error_rate", "above": 0.4, "severity": "critical"});
    spell
        .on(&agent, "configure_alerts", [rule.into()])
        .await
        .unwrap();
    spell.ask(&agent, json!("go")).await;
    assert_eq!(health().await, "Healthy");
    spell
        .on(&agent, "execute", ["go".into()])
        .await
        .unwrap_err();
    assert_eq!(health().await, "Unhealthy");
    let alerts = spell
        .on(&agent, "get_alerts", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(alerts.as_array().unwrap().len(), 1);
    assert_eq!(
        (&alerts[0]["severity"], &alerts[0]["value"]),
        (&json!("critical"), &json!(0.5))
    );
    let metrics = spell
        .on(&agent, "get_metrics", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(metrics["agent_id"], id_of("a"));
    assert_eq!(
        (&metrics["requests_total"], &metrics["requests_failed"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(
        (&metrics["requests_active"], &metrics["cost_usd"]),
        (&json!(0), &json!(0.0))
    );
    assert!(
        metrics["tokens_total"].as_u64().unwrap() > 0
            && metrics["memory_bytes"].as_u64().unwrap() > 0
    );
    let performance = spell
        .on(&agent, "get_performance", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        (&performance["success_rate"], &performance["error_rate"]),
        (&json!(0.5), &json!(0.5))
    );
    let all = spell
        .on(&agent, "get_bridge_metrics", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        (&all["active_agents"], &all["total_tools"]),
        (&json!(1), &json!(4))
    );
    for bad in [
        json!({"metric": "error_rat", "above": 1}),
        json!({"metric": "error_rate"}),
        json!(5),
    ] {
        let error = spell
            .on(&agent, "configure_alerts", [bad.into()])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs);
    }
}

#[tokio::test]
async fn states_follow_the_table() {
    let spell = Spell::new();
    let agent = spell
        .agent(json!({"name": "a", "model": "mock/echo"}))
        .await;
    let state = async || {
        spell
            .on(&agent, "get_agent_state", [])
            .await
            .unwrap()
            .to_serde_json()
    };
    let doing = async |verb: &str| spell.on(&agent, verb, []).await;
    assert_eq!(
        doing("start").await.unwrap_err().message(),
        "agent 'a' cannot go from Uninitialized to Running (start)"
    );
    for (verb, then) in [
        ("initialize", "Ready"),
        ("start", "Running"),
        ("pause", "Paused"),
        ("resume", "Running"),
        ("stop", "Ready"),
        ("pause", "Paused"),
    ] {
        doing(verb).await.unwrap();
        assert_eq!(state().await, then);
    }
    let refused = spell.on(&agent, "execute", ["x".into()]).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::InvalidState);
    doing("stop").await.unwrap();
    spell.ask(&agent, json!("x")).await;
    assert_eq!(state().await, "Ready");
    assert_eq!(doing("is_healthy").await.unwrap(), true.into());
    spell
        .on(&agent, "set_error", ["broken".into()])
        .await
        .unwrap();
    assert_eq!(
        doing("get_last_error").await.unwrap(),
        Value::from("broken")
    );
    assert_eq!(doing("is_healthy").await.unwrap(), false.into());
    doing("recover").await.unwrap();
    assert_eq!(
        (state().await, doing("get_recovery_attempts").await.unwrap()),
        (json!("Ready"), 1.into())
    );
    assert_eq!(doing("get_last_error").await.unwrap(), Value::Null);
    let history = doing("get_state_history").await.unwrap().to_serde_json();
    assert_eq!(
        (&history[0]["from"], &history[0]["to"]),
        (&json!("Uninitialized"), &json!("Initializing"))
    );
    let metrics = doing("get_state_metrics").await.unwrap().to_serde_json();
    assert_eq!(
        metrics["total_transitions"],
        history.as_array().unwrap().len()
    );
    doing("terminate").await.unwrap();
    doing("terminate").await.unwrap();
    assert_eq!(
        doing("initialize").await.unwrap_err().kind(),
        Kind::InvalidState
    );
    assert_eq!(doing("get_state").await.unwrap(), Value::from("Terminated"));
}

#[tokio::test]
async fn custom_data_is_kept() {
    let spell = Spell::new();
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    spell
        .on(&agent, "set_state", [json!({"a": 1, "b": 2}).into()])
        .await
        .unwrap();
    let merged = table([("b", Value::Null), ("c", 3.into())]);
    spell.on(&agent, "set_state", [merged]).await.unwrap();
    for (key, value) in [("a", 1.into()), ("b", Value::Null), ("c", 3.into())] {
        assert_eq!(
            spell.on(&agent, "get_state", [key.into()]).await.unwrap(),
            value
        );
    }
    spell
        .on(&agent, "log_event", ["started".into(), "hello".into()])
        .await
        .unwrap();
}

#[tokio::test]
async fn too_many_requests_wait_or_are_refused() {
    let spell = Spell::new();
    let agent = spell
        .agent(json!({"model": "mock/echo", "rate_limit": {"requests_per_minute": 1}, "timeout_ms": 1000}))
        .await;
    spell.ask(&agent, json!("x")).await;
    let error = spell.on(&agent, "execute", ["x".into()]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::RateLimited);
}

#[tokio::test]
async fn a_callback_that_raises_is_told_as_it_was_raised() {
    let spell = Spell::new();
    let agent = spell.agent(json!({"model": "mock/echo"})).await;
    let callback = function(|_, _| async { Err(error!(Conflict, "mine").hint("own hint")) });
    let error = spell
        .on(&agent, "invoke_stream", ["a b".into(), callback])
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.message()), (Kind::Conflict, "mine"));
    assert!(error.details().is_empty(), "{error:?}");
    assert!(spell.conversation(&agent).await.is_empty());
}
