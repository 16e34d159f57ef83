use llmspell_core::{Error, Kind};
use llmspell_runtime::host::PolicyEnvironment;
use serde_json::json;

use super::*;
use crate::test_world::{Place, call_at};

fn place() -> Place {
    Place::default()
        .variable("HOME", "/home/ada")
        .variable("LANG", "en_GB.UTF-8")
        .variable("LC_ALL", "C")
        .variable("USER", "")
        .variable("SHELL", "sk-0123456789abcdefghijkl")
        .variable("EDITOR", "hidden-by-no-rule")
        .variable("OPENAI_API_KEY", "hidden-value-of-a-key")
}

fn call(args: serde_json::Value) -> Result<Outcome> {
    call_at(&place().cx(), op(), args)
}

#[track_caller]
fn data(args: serde_json::Value) -> serde_json::Value {
    match call(args.clone()) {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

#[track_caller]
fn fails(args: serde_json::Value) -> Error {
    match call(args) {
        Ok(outcome) => panic!("expected an error, got {outcome:?}"),
        Err(error) => error,
    }
}

#[test]
fn one_variable() {
    let outcome = call(json!({"variable_name": "HOME"})).unwrap();
    assert_eq!(outcome.operation, "get");
    assert_eq!(outcome.primary(), &Value::from("/home/ada"));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"variable_name": "HOME", "value": "/home/ada", "found": true})
    );
    assert_eq!(
        data(json!({"variable_name": "TZ"})),
        json!({"variable_name": "TZ", "value": null, "found": false})
    );
    assert_eq!(
        data(json!({"variable_name": "TZ", "default": "UTC"})),
        json!({"variable_name": "TZ", "value": "UTC", "found": false})
    );
    assert_eq!(
        data(json!({"variable_name": "HOME", "mask": true}))["value"],
        "/h…da"
    );
    assert_eq!(
        data(json!({"variable_name": "LC_ALL", "mask": true}))["value"],
        "…"
    );
}

#[test]
fn several_variables() {
    let names = ["HOME", "TZ", "OPENAI_API_KEY", "EDITOR"];
    let outcome = call(json!({"variable_name": names})).unwrap();
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"variables": {"HOME": "/home/ada"}, "missing": ["TZ"], "denied": ["OPENAI_API_KEY", "EDITOR"]})
    );
    assert_eq!(
        outcome.primary().to_serde_json(),
        json!({"HOME": "/home/ada"})
    );
    assert_eq!(
        data(json!({"variable_name": ["HOME"]}))["variables"],
        json!({"HOME": "/home/ada"})
    );
}

#[test]
fn listing_and_patterns() {
    let all = data(json!({}));
    let names: Vec<_> = all["variables"].as_object().unwrap().keys().collect();
    assert_eq!(names, ["HOME", "LANG", "LC_ALL", "SHELL", "USER"]);
    assert_eq!(
        (&all["count"], &all["truncated"]),
        (&json!(5), &json!(false))
    );
    for args in [
        json!({"operation": "pattern", "pattern": "L*"}),
        json!({"operation": "list", "pattern": "la*|lc_*"}),
        json!({"operation": "pattern", "pattern": "^L(ANG|C_.*)$", "regex": true}),
    ] {
        assert_eq!(
            data(args)["variables"],
            json!({"LANG": "en_GB.UTF-8", "LC_ALL": "C"})
        );
    }
    let found = data(json!({"operation": "pattern", "pattern": "*KEY*"}));
    assert_eq!(found["variables"], json!({}));
    let few = place().settings("environment_reader", json!({"max_variables": 2}));
    let few = call_at(&few.cx(), op(), json!({})).unwrap();
    assert_eq!(few.data.get("truncated"), Some(&Value::Bool(true)));
    assert_eq!(few.data.get("count"), Some(&Value::Int(5)));
    assert_eq!(few.primary().as_map().unwrap().len(), 2);
}

#[test]
fn existence() {
    assert_eq!(
        call(json!({"operation": "exists", "variable_name": "USER"}))
            .unwrap()
            .primary(),
        &Value::Bool(true)
    );
    assert_eq!(
        data(json!({"operation": "exists", "variable_name": "TZ"}))["exists"],
        false
    );
}

#[test]
fn expansion() {
    for (input, value, missing) in [
        ("$HOME/bin", "/home/ada/bin", json!([])),
        ("${LANG}!", "en_GB.UTF-8!", json!([])),
        ("<${TZ}|$TZ>", "<|>", json!(["TZ"])),
        ("${TZ:-UTC} ${USER:-nobody}", "UTC nobody", json!([])),
        ("[${USER}]", "[]", json!([])),
        ("5$ $1 $$ \\$", "5$ $1 $$ \\$", json!([])),
        ("${TZ:-$HOME}", "$HOME", json!([])),
    ] {
        let got = data(json!({"operation": "expand", "input": input}));
        assert_eq!(
            (&got["value"], &got["missing"]),
            (&json!(value), &missing),
            "{input}"
        );
    }
    for input in ["a ${HOME", "${}", "${A B}", "${A:+x}"] {
        let error = fails(json!({"operation": "expand", "input": input}));
        assert_eq!(error.kind(), Kind::Parse, "{input}");
    }
}

#[test]
fn setting_concerns_the_run_alone() {
    let open = PolicyEnvironment {
        allow_set: vec!["TZ".into(), "LC_*".into()],
        ..PolicyEnvironment::default()
    };
    let cx = place().environment(open).cx();
    let set = |name: &str, value: &str| {
        let args = json!({"operation": "set", "variable_name": name, "value": value});
        call_at(&cx, op(), args)
    };
    let outcome = set("TZ", "Europe/Paris").unwrap();
    assert_eq!(outcome.primary(), &Value::Bool(true));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"variable_name": "TZ", "previous": null})
    );
    let message = outcome.metadata["message"].as_str().unwrap();
    assert!(!message.contains("Paris"), "{message}");
    assert_eq!(
        set("TZ", "UTC").unwrap().data.get("previous"),
        Some(&"Europe/Paris".into())
    );
    assert_eq!(cx.host().environment.var("TZ").as_deref(), Some("UTC"));
    assert_eq!(set("HOME", "/").unwrap_err().kind(), Kind::Denied);
    assert_eq!(set("LC_X", "a\0b").unwrap_err().kind(), Kind::InvalidArgs);
    let args = Value::from(json!({"operation": "SET"}));
    assert_eq!(op().effect_with(&args), Effect::Idempotent);
    assert_eq!(
        op().tool_info().unwrap().level_with(&args),
        Level::Privileged
    );
    let args = Value::from(json!({"operation": "get"}));
    assert_eq!(op().effect_with(&args), Effect::Read);
}

#[test]
fn every_synonym_means_its_operation() {
    for (name, operation) in [
        ("read", "get"),
        ("get_all", "list"),
        ("get-all", "list"),
        ("filter", "pattern"),
        ("search", "pattern"),
    ] {
        let args = json!({"operation": name, "variable_name": "HOME", "pattern": "H*"});
        assert_eq!(call(args).unwrap().operation, operation, "{name}");
    }
    for parameter in ["variable_name", "name", "key", "variable", "variables"] {
        assert_eq!(data(json!({parameter: "LC_ALL"}))["value"], "C");
    }
    assert_eq!(
        data(json!({"operation": "pattern", "filter": "HO*"}))["count"],
        1
    );
}

#[test]
fn environment_leak_is_refused() {
    for name in [
        "OPENAI_API_KEY",
        "openai_api_key",
        "EDITOR",
        "LD_PRELOAD",
        "NOT_SET",
    ] {
        for args in [
            json!({"variable_name": name}),
            json!({"operation": "exists", "variable_name": name}),
            json!({"operation": "expand", "input": format!("${{{name}:-x}}")}),
        ] {
            let error = fails(args);
            assert_eq!(error.kind(), Kind::Denied);
            assert_eq!(
                error.message(),
                format!("Access to environment variable '{name}' is not permitted")
            );
            assert!(!error.hints().is_empty());
        }
    }
    let everything = format!(
        "{:?}{:?}",
        call(json!({})).unwrap(),
        call(json!({"operation": "pattern", "pattern": ".*", "regex": true})).unwrap()
    );
    assert!(!everything.contains("hidden"), "{everything}");
    // What looks like a key is hidden though its name is allowed.
    assert_eq!(data(json!({"name": "SHELL"}))["value"], "[redacted:SHELL]");
}

#[test]
fn misuse_is_told() {
    for (args, message) in [
        (
            json!({"operation": "get"}),
            "Missing required parameter 'variable_name' for environment_reader operation 'get'",
        ),
        (
            json!({"operation": "pattern"}),
            "Missing required parameter 'pattern' for environment_reader operation 'pattern'",
        ),
        (
            json!({"operation": "expand"}),
            "Missing required parameter 'input' for environment_reader operation 'expand'",
        ),
        (
            json!({"operation": "set", "name": "TZ"}),
            "Missing required parameter 'value' for environment_reader operation 'set'",
        ),
        (
            json!({"operation": "exists", "name": ["A", "B"]}),
            "operation 'exists' takes one variable at a time",
        ),
        (
            json!({"variable_name": "A=B"}),
            "parameter 'variable_name' is no name of a variable",
        ),
        (
            json!({"nmae": "A"}),
            "unknown parameter 'nmae' (did you mean 'name'?)",
        ),
        (
            json!({"name": 5}),
            "parameter 'variable_name' must be string or array, got integer (5)",
        ),
        (
            json!({"operation": "unset"}),
            "unknown operation 'unset', expected one of: get, list, pattern, exists, expand, set",
        ),
    ] {
        let error = fails(args);
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
    let args = json!({"operation": "pattern", "pattern": "(", "regex": true});
    assert_eq!(fails(args).kind(), Kind::InvalidArgs);
    let args = json!({"operation": "pattern", "pattern": "x".repeat(2000)});
    assert_eq!(fails(args).kind(), Kind::Limit);
    let args = json!({"operation": "pattern", "pattern": "(a{1000}){1000}", "regex": true});
    assert_eq!(fails(args).kind(), Kind::InvalidArgs);
    let warned = call(json!({"name": "HOME", "regex": true})).unwrap();
    assert_eq!(
        warned.metadata["warnings"].to_serde_json(),
        json!(["operation 'get' does not use parameter 'regex'"])
    );
}
