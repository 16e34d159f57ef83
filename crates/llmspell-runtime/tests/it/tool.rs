//! Tools as scripts see them.

use llmspell_core::{Kind, Value, error};
use serde_json::json;

use crate::spell::{Spell, function, table};

#[tokio::test]
async fn a_call_answers_an_envelope() {
    let spell = Spell::new();
    for verb in ["tool.invoke", "tool.execute", "tool.execute_async"] {
        let args = [Value::from("add"), json!({"a": 2, "b": 3}).into()];
        let seen = spell.call(verb, args).await.unwrap().to_serde_json();
        assert_eq!(seen["success"], true);
        assert_eq!((&seen["data"], &seen["output"]), (&json!(5), &json!(5)));
        assert_eq!(seen["operation"], "add");
        assert_eq!(seen["error"], json!(null));
        let metadata = &seen["metadata"];
        assert_eq!(
            (&metadata["tool"], &metadata["message"]),
            (&json!("add"), &json!("added"))
        );
        assert!(metadata["duration_ms"].is_u64() && metadata["call_id"].is_string());
    }
}

#[tokio::test]
async fn parameters_are_unwrapped_renamed_and_converted() {
    let spell = Spell::new();
    let sum = async |params: serde_json::Value| {
        let answer = spell
            .call("tool.invoke", ["Add-Synonym".into(), params.into()])
            .await;
        answer.unwrap().to_serde_json()["output"].clone()
    };
    assert_eq!(sum(json!({"parameters": {"first": "4"}, })).await, 4);
    assert_eq!(
        sum(json!({"a": 4.0, "timeout_ms": 50, "max_output_bytes": 100})).await,
        4
    );
}

#[tokio::test]
async fn shapes_raise_and_values_do_not() {
    let spell = Spell::new();
    let error = spell.call("tool.invoke", ["ad".into()]).await.unwrap_err();
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(error.message(), "Tool 'ad' not found");
    assert_eq!(error.hints(), ["did you mean 'add'?"]);
    for params in [
        json!({}),
        json!({"a": "x"}),
        json!({"a": 1, "c": 1}),
        json!(5),
        json!({"a": 1, "timeout_ms": []}),
    ] {
        let args = ["add".into(), params.clone().into()];
        let error = spell.call("tool.invoke", args).await.unwrap_err();
        assert_eq!(error.kind(), Kind::InvalidArgs, "{params}");
    }
    let args = ["fail".into(), json!({"a": 1}).into()];
    let seen = spell
        .call("tool.invoke", args.clone())
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(seen["success"], false);
    assert_eq!(seen["error"], "no file 'x' (try 'y')");
    assert_eq!(seen["error_kind"], "not_found");
    assert_eq!(seen["output"], json!(null));
    let [tool, params] = args;
    let raised = spell
        .call("tool.invoke", [tool, params, json!({"raise": true}).into()])
        .await;
    let raised = raised.unwrap_err();
    assert_eq!(
        (raised.kind(), raised.op_name()),
        (Kind::NotFound, Some("tool:fail"))
    );
    let range = ["add".into(), json!({"a": 1, "timeout_ms": 0}).into()];
    let seen = spell
        .call("tool.invoke", range)
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(seen["error_kind"], "invalid_args");
}

#[tokio::test]
async fn listings_name_what_there_is() {
    let spell = Spell::new();
    let list = spell.call("tool.list", []).await.unwrap().to_serde_json();
    let names: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["add", "big", "danger", "fail"]);
    assert_eq!(
        list[0],
        json!({"name": "add", "description": "Adds two numbers.", "version": "1.0.0", "category": "utility"})
    );
    let found = spell
        .call("tool.discover", [json!({"category": "system"}).into()])
        .await
        .unwrap();
    assert_eq!(found.to_serde_json()[0]["name"], "danger");
    let found = spell
        .call("tool.discover", [json!({"tag": "WHOLE ones"}).into()])
        .await
        .unwrap();
    assert_eq!(found.to_serde_json()[0]["name"], "add");
    let categories = spell
        .call("tool.categories", [])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(categories.as_array().unwrap().len(), 8);
    for (name, there) in [("ADD", true), ("nothing", false)] {
        assert_eq!(
            spell.call("tool.exists", [name.into()]).await.unwrap(),
            there.into()
        );
    }
    let item = Value::from(list[0].clone());
    for given in [item, "add".into()] {
        let tool = spell.call("tool.get", [given]).await.unwrap();
        assert_eq!(tool.get("category").unwrap(), &Value::from("utility"));
        let seen = spell
            .on(&tool, "execute", [json!({"a": 1}).into()])
            .await
            .unwrap();
        assert_eq!(seen.get("output").unwrap(), &Value::Int(1));
    }
    assert_eq!(
        spell.call("tool.get_by_name", ["x".into()]).await.unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn the_schema_has_the_parameters_with_their_synonyms() {
    let spell = Spell::new();
    let schema = spell
        .call("tool.get_schema", ["add".into()])
        .await
        .unwrap()
        .to_serde_json();
    assert_eq!(
        schema["parameters"][0],
        json!({
            "name": "a", "type": "integer", "description": "One number.", "required": true, "synonyms": ["first"],
        })
    );
    assert_eq!(schema["parameters"][1]["default"], 0);
    assert_eq!(
        (&schema["security_level"], &schema["effect"]),
        (&json!("safe"), &json!("read"))
    );
    let tool = spell.call("tool.get", ["add".into()]).await.unwrap();
    assert_eq!(
        spell
            .on(&tool, "get_schema", [])
            .await
            .unwrap()
            .to_serde_json(),
        schema
    );
    assert_eq!(tool.get("schema").unwrap().to_serde_json(), schema);
    assert_eq!(
        spell.call("tool.get_schema", ["x".into()]).await.unwrap(),
        Value::Null
    );
}

#[tokio::test]
async fn validation_does_not_run() {
    let spell = Spell::new();
    let valid = spell
        .call(
            "tool.validate",
            ["fail".into(), json!({"first": "1"}).into()],
        )
        .await
        .unwrap();
    assert_eq!(
        valid.to_serde_json(),
        json!({"valid": true, "errors": [], "parameters": {"a": 1}})
    );
    let bad = spell
        .call("tool.validate", ["add".into(), json!({"aa": 1}).into()])
        .await
        .unwrap();
    let bad = bad.to_serde_json();
    assert_eq!(bad["valid"], false);
    assert_eq!(bad["errors"][0]["kind"], "invalid_args");
}

#[tokio::test]
async fn a_spell_defines_tools() {
    let spell = Spell::new();
    let double = function(|_, args| async move {
        match args[0].get("n").and_then(Value::as_int) {
            Some(13) => Err(error!(Script, "unlucky")),
            Some(0) => Ok(json!({"success": false, "error": "zero", "error_kind": "limit"}).into()),
            n => Ok(Value::from(n.unwrap() * 2)),
        }
    });
    let cfg = table([
        ("name", "double".into()),
        ("description", "Doubles n".into()),
        (
            "parameters",
            json!([{"name": "n", "type": "number", "required": true, "maximum": 100}]).into(),
        ),
        ("execute", double),
    ]);
    let tool = spell.call("tool.define", [cfg.clone()]).await.unwrap();
    let outcome = async |n: i64| {
        let seen = spell
            .on(&tool, "execute", [json!({"n": n}).into()])
            .await
            .unwrap()
            .to_serde_json();
        (seen["output"].clone(), seen["error_kind"].clone())
    };
    assert_eq!(outcome(21).await, (json!(42), json!(null)));
    assert_eq!(outcome(13).await, (json!(null), json!("script")));
    assert_eq!(outcome(0).await, (json!(null), json!("limit")));
    assert_eq!(outcome(101).await, (json!(null), json!("invalid_args")));
    let taken = spell.call("tool.define", [cfg]).await.unwrap_err();
    assert_eq!(taken.kind(), Kind::Exists);
    assert_eq!(
        spell.call("tool.exists", ["Double".into()]).await.unwrap(),
        true.into()
    );
}

#[tokio::test]
async fn settings_choose_the_tools_and_bound_their_payload() {
    let options = json!({"deny": ["f*"], "max_output_bytes": 100, "preview_bytes": 5, "add": {"enabled": false}});
    let spell = Spell::with(json!({}), options, Vec::new());
    assert_eq!(
        spell.call("tool.exists", ["fail".into()]).await.unwrap(),
        false.into()
    );
    let add = spell
        .call("tool.invoke", ["add".into(), json!({"a": 1}).into()])
        .await
        .unwrap();
    assert_eq!(add.get("error_kind").unwrap(), &Value::from("unavailable"));
    let big = spell
        .call("tool.invoke", ["big".into(), json!({"a": 1000}).into()])
        .await
        .unwrap();
    let big = big.to_serde_json();
    assert_eq!(
        big["data"]["text"],
        json!({"truncated": true, "size": 1002, "preview": "xxxxx"})
    );
    assert_eq!(big["metadata"]["truncated"], true);
    let danger = spell
        .call("tool.invoke", ["danger".into(), json!({"a": 1}).into()])
        .await
        .unwrap();
    assert_eq!(danger.get("error_kind").unwrap(), &Value::from("denied"));
}

#[tokio::test]
async fn a_tool_ends_at_its_own_limit() {
    let stuck = crate::spell::tool_op("stuck", |_, _| std::future::pending());
    let spell = Spell::tools(vec![stuck]);
    let params = json!({"a": 1, "timeout_ms": 1});
    let seen = spell
        .call("tool.invoke", ["stuck".into(), params.into()])
        .await
        .unwrap();
    assert_eq!(seen.get("error_kind").unwrap(), &Value::from("timeout"));
}
