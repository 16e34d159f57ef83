use serde_json::json;

use super::*;
use crate::test_world::{call, fails};

#[track_caller]
fn data(args: serde_json::Value) -> serde_json::Value {
    match call(op(), args.clone()) {
        Ok(outcome) => outcome.data.to_serde_json(),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

#[test]
fn one_result_is_that_value_and_several_are_a_list() {
    let input = json!({"items": [{"n": 1}, {"n": 2}]});
    assert_eq!(
        data(json!({"input": input, "query": ".items[0].n"})),
        json!(1)
    );
    assert_eq!(
        data(json!({"input": input, "query": ".items[].n"})),
        json!([1, 2])
    );
    assert_eq!(
        data(json!({"input": input, "query": ".items[] | select(.n > 5)"})),
        json!([])
    );
    assert_eq!(data(json!({"input": input})), input);
    let outcome = call(op(), json!({"input": "[1,2,3]", "query": "add"})).unwrap();
    assert_eq!(outcome.operation, "query");
    assert_eq!(outcome.primary(), &Value::Int(6));
    assert_eq!(outcome.metadata["result_count"], Value::Int(1));
    assert_eq!(outcome.metadata["parsed"], Value::Bool(true));
    assert_eq!(
        outcome.metadata["message"],
        "The query gave 1 result".into()
    );
}

#[test]
fn every_synonym_means_its_operation() {
    for name in ["query", "transform", "JQ", "extract"] {
        assert_eq!(
            call(
                op(),
                json!({"operation": name, "input": {"a": 1}, "query": ".a"})
            )
            .unwrap()
            .operation,
            "query"
        );
    }
    for (name, operation) in [
        ("jsonl", "stream"),
        ("format", "stringify"),
        ("pretty", "stringify"),
        ("minify", "stringify"),
        ("update", "set"),
        ("remove", "delete"),
        ("push", "append"),
    ] {
        let args =
            json!({"operation": name, "input": {"a": [1]}, "path": ".a", "value": 1, "query": "."});
        assert_eq!(call(op(), args).unwrap().operation, operation, "{name}");
    }
    for parameter in ["input", "json", "input_json", "data"] {
        assert_eq!(
            data(json!({parameter: "{\"a\": 1}", "query": ".a"})),
            json!(1)
        );
    }
    for parameter in ["query", "filter", "expression"] {
        assert_eq!(data(json!({"input": {"a": 1}, parameter: ".a"})), json!(1));
    }
    for parameter in ["variables", "args"] {
        assert_eq!(
            data(json!({"input": [1, 2], "query": "map(. + $n)", parameter: {"n": 10}})),
            json!([11, 12])
        );
    }
}

#[test]
fn text_that_is_not_json_stays_text_unless_strict() {
    let outcome = call(op(), json!({"input": "hello", "query": "length"})).unwrap();
    assert_eq!(outcome.primary(), &Value::Int(5));
    assert_eq!(outcome.metadata["parsed"], Value::Bool(false));
    let error = fails(op(), json!({"input": "{\"a\":\n x}", "strict": true}));
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(error.details().get("line"), Some(&Value::Int(2)));
    assert_eq!(error.details().get("column"), Some(&Value::Int(2)));
    assert_eq!(
        fails(op(), json!({"operation": "parse", "input": "{"})).kind(),
        Kind::Parse
    );
    assert_eq!(
        data(json!({"operation": "parse", "input": "[1, {\"a\": null}]"})),
        json!([1, {"a": null}])
    );
}

#[test]
fn paths_in_the_manner_of_jsonpath() {
    let input = json!({"a": {"b": [{"x": 1}, {"x": 2}]}, "sum": 7, "x": 0});
    for (query, expected) in [
        ("$", input.clone()),
        ("$.a.b[0].x", json!(1)),
        ("$.a.b[*].x", json!([1, 2])),
        ("$..x", json!([0, 1, 2])),
        ("$.sum < 100", json!(true)),
        ("$.a.b | length", json!(2)),
        ("$['sum']", json!(7)),
    ] {
        assert_eq!(
            data(json!({"input": input, "query": query})),
            expected,
            "{query}"
        );
    }
    assert_eq!(
        data(json!({"input": 1, "query": "$x + 1", "variables": {"x": 41}})),
        json!(42)
    );
}

#[test]
fn jq_is_complete() {
    for (input, query, expected) in [
        (json!([3, 1, 2]), "sort | map(. * 2)", json!([2, 4, 6])),
        (
            json!([{"k": "a", "v": 1}, {"k": "b", "v": 2}, {"k": "a", "v": 3}]),
            "group_by(.k) | map({(.[0].k): (map(.v) | add)}) | add",
            json!({"a": 4, "b": 2}),
        ),
        (
            json!({"a": 1}),
            "to_entries",
            json!([{"key": "a", "value": 1}]),
        ),
        (json!("a1b22"), "[scan(\"[0-9]+\")]", json!(["1", "22"])),
        (
            json!([["a", 1, null, true]]),
            ".[] | @csv",
            json!("\"a\",1,,true"),
        ),
        (json!([["a\tb", 1]]), ".[] | @tsv", json!("a\\tb\t1")),
        (
            json!({"a": [1]}),
            "[tostream]",
            json!([[["a", 0], 1], [["a", 0]], [["a"]]]),
        ),
        (json!([1, [2]]), "[leaf_paths]", json!([[0], [1, 0]])),
        (
            json!([{"id": 1}, {"id": 2}]),
            "INDEX(.id) | keys",
            json!(["1", "2"]),
        ),
        (json!(2), "IN(1, 2)", json!(true)),
        (
            json!("null"),
            "[range(0; 10; 3)], [range(3; 0; -1)]",
            json!([[0, 3, 6, 9], [3, 2, 1]]),
        ),
        (
            json!({"a": {"b": 1}}),
            "del(.a.b) | .c = 5",
            json!({"a": {}, "c": 5}),
        ),
        (
            json!(5),
            "def f: if . <= 1 then 1 else . * (. - 1 | f) end; f",
            json!(120),
        ),
        (
            json!([1, 2, 3, 4]),
            "reduce .[] as $x (0; . + $x)",
            json!(10),
        ),
        (json!({}), ".a // \"none\"", json!("none")),
        (json!("x"), "try error(\"boom\") catch .", json!("boom")),
        (json!(1425599621), "todate", json!("2015-03-05T23:53:41Z")),
        (json!("aGk="), "@base64d", json!("hi")),
        (json!("xay"), "trimstr(\"x\") | ascii_upcase", json!("AY")),
    ] {
        assert_eq!(
            data(json!({"input": input, "query": query})),
            expected,
            "{query}"
        );
    }
}

#[test]
fn nothing_outside_can_be_reached() {
    for query in [
        "env",
        "$ENV",
        "$ENV.PATH",
        "input",
        "inputs",
        "input_filename",
        "debug",
        "debug(1)",
        "now",
        "stderr",
        "halt",
        "halt_error",
        "localtime",
        "strflocaltime(\"%Y\")",
        "input_line_number",
        "get_search_list",
        "$__prog_args",
        "import \"a\" as a; .",
        "include \"a\"; .",
        "import \"a\" as $a; $a",
        "def f: env; f",
        "a::b",
        "\"\\(env)\"",
        "getpath([env])",
    ] {
        let error = fails(op(), json!({"input": "null", "query": query}));
        assert_eq!(error.kind(), Kind::InvalidArgs, "{query}: {error:?}");
        assert!(
            error.message().starts_with("the query does not compile: "),
            "{error:?}"
        );
    }
    let error = fails(op(), json!({"input": 1, "query": ".a | env.PATH"}));
    assert_eq!(
        error.message(),
        "the query does not compile: unknown filter 'env/0' at line 1, column 6\n  .a | env.PATH\n       ^"
    );
    assert!(
        error.hints()[0].contains("do not exist in this evaluator"),
        "{error:?}"
    );
    assert_eq!(
        data(json!({"input": "\"env input debug\"", "query": "{env: .}"})),
        json!({"env": "env input debug"})
    );
}

#[test]
fn compile_errors_have_place_and_caret() {
    for (query, message) in [
        (
            ".a | )",
            "the query does not compile: unexpected ')' at line 1, column 6\n  .a | )\n       ^",
        ),
        (
            ".a |",
            "the query does not compile: expected term, got the end at line 1, column 5\n  .a |\n      ^",
        ),
        (
            "\n .a | sotr",
            "the query does not compile: unknown filter 'sotr/0' at line 2, column 7\n   .a | sotr\n        ^",
        ),
        (
            "$missing",
            "the query does not compile: unknown variable '$missing' at line 1, column 1\n  $missing\n  ^",
        ),
    ] {
        let error = fails(op(), json!({"input": 1, "query": query}));
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(error.message(), message);
    }
    assert_eq!(
        fails(op(), json!({"input": 1, "query": "sotr"})).hints(),
        ["did you mean 'sort'?"]
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "query": "map"})).hints(),
        ["'map' exists with another number of arguments"]
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "query": "\"abc"})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "variables": {"a b": 1}})).kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn errors_of_a_query_are_execution_errors() {
    let error = fails(op(), json!({"input": {"a": 1}, "query": ".a.b"}));
    assert_eq!(error.kind(), Kind::Execution);
    assert!(error.message().contains("cannot index 1"), "{error:?}");
    assert_eq!(
        fails(op(), json!({"input": 1, "query": "error(\"boom\")"})).message(),
        "boom"
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "query": ". % 0"})).kind(),
        Kind::Execution
    );
    let unmade = fails(op(), json!({"input": {}, "query": ".a.b = 1"}));
    assert!(unmade.hints()[0].contains("operation 'set'"), "{unmade:?}");
    assert_eq!(
        data(json!({"input": {}, "query": ".a //= {} | .a.b = 1"})),
        json!({"a": {"b": 1}})
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "query": "{(1, 2): 3}"})).kind(),
        Kind::Execution
    );
}

#[test]
fn expression_bombs_end_with_a_limit() {
    for (query, message) in [
        ("def f: 1+f; f", "the query calls itself too deeply"),
        (
            "until(false; .)",
            "the query takes more than 10000000 steps",
        ),
        (
            "\"xxxxxxxxxxxx\" * 1000000000000000000",
            "the query needs more memory than there is",
        ),
        (
            "reduce range(1000) as $i (0; [.])",
            "a result is nested deeper than 128 levels",
        ),
    ] {
        let error = fails(op(), json!({"input": 1, "query": query}));
        assert_eq!(error.kind(), Kind::Limit, "{query}: {error:?}");
        assert_eq!(error.message(), message, "{query}");
    }
    for query in [
        "(".repeat(100_000),
        "[".repeat(200),
        "x".repeat(100_001),
        format!("{}.{}", "(".repeat(500), ")".repeat(500)),
    ] {
        assert_eq!(
            fails(op(), json!({"input": 1, "query": query})).kind(),
            Kind::Limit
        );
    }
    let deep = "[".repeat(200) + &"]".repeat(200);
    assert_eq!(fails(op(), json!({"input": deep})).kind(), Kind::Limit);
    // Digits that a value does not hold are looked for in the text as well.
    let deep = "[".repeat(100_000) + "12345678901234567890123" + &"]".repeat(100_000);
    for operation in ["parse", "flatten"] {
        let error = fails(op(), json!({"operation": operation, "input": deep}));
        assert_eq!(error.kind(), Kind::Limit, "{operation}");
    }
}

#[test]
fn numbers_stay_exact() {
    let text = "{\"id\":9223372036854775807,\"big\":123456789012345678901234567890,\"price\":1.10}";
    assert_eq!(
        data(json!({"input": text, "query": ".id"})),
        json!(9_223_372_036_854_775_807_i64)
    );
    assert_eq!(
        data(json!({"operation": "minify", "input": text})),
        json!(text)
    );
    assert_eq!(
        data(json!({"input": text, "query": ".big, .price", "raw": true})),
        json!("123456789012345678901234567890\n1.10")
    );
    assert_eq!(
        data(json!({"input": 9_007_199_254_740_993_i64, "query": ". + 1"})),
        json!(9_007_199_254_740_994_i64)
    );
    assert!(
        call(op(), json!({"input": "[1, 2.5]", "query": ".[0]"}))
            .unwrap()
            .data
            .eq(&Value::Int(1))
    );
}

#[test]
fn raw_results_are_one_text() {
    let input = json!(["a", 1, {"b": [true]}]);
    assert_eq!(
        data(json!({"input": input, "query": ".[]", "raw": true})),
        json!("a\n1\n{\"b\":[true]}")
    );
    assert_eq!(
        data(json!({"input": input, "query": "empty", "raw": true})),
        json!("")
    );
}

#[test]
fn stream_takes_json_lines() {
    let lines = "{\"n\":1}\n\n{\"n\":2}\r\n";
    let outcome = call(
        op(),
        json!({"operation": "stream", "input": lines, "query": ".n"}),
    )
    .unwrap();
    assert_eq!(outcome.data.to_serde_json(), json!([1, 2]));
    assert_eq!(outcome.metadata["result_count"], Value::Int(2));
    assert_eq!(
        data(json!({"operation": "stream", "input": "{\"n\":1}", "query": ".n"})),
        json!([1])
    );
    assert_eq!(
        data(json!({"operation": "jsonl", "input": [{"n": 5}], "query": ".n"})),
        json!([5])
    );
    let error = fails(op(), json!({"operation": "stream", "input": "1\nx\n"}));
    assert_eq!(error.kind(), Kind::Parse);
    assert!(error.message().contains("line 2"), "{error}");
    assert_eq!(error.details().get("line"), Some(&Value::Int(2)));
    assert_eq!(
        data(json!({"operation": "stream", "input": "1\nx\n", "strict": false})),
        json!([1, "x"])
    );
}

#[test]
fn numbers_that_no_value_holds_are_refused() {
    for input in ["{\"e\": 1e400}", "[1, -1e999]"] {
        let error = fails(op(), json!({"input": input}));
        assert_eq!(error.kind(), Kind::Parse, "{input}");
        assert!(error.message().contains("number out of range"), "{error}");
    }
}

#[test]
fn transformation_takes_pointers() {
    let input = json!({"a": {"b": [1, 2], "0": "zero", "x/y": {"m~n": 7}}});
    let members = json!({
        "item": "/a/b/1", "member": "/a/0", "escaped": "/a/x~1y/m~0n", "none": "/a/b/c/0", "past": "/a/b/9",
    });
    assert_eq!(
        data(json!({"operation": "transform", "input": input, "transformation": members})),
        json!({"item": 2, "member": "zero", "escaped": 7, "none": null, "past": null})
    );
}

#[test]
fn errors_show_a_path_as_it_was_written() {
    for query in ["$.a | nope", "$.a.b[?(@.c > 1)]"] {
        let error = fails(op(), json!({"input": {}, "query": query}));
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(
            error.message().contains(&format!("\n  {query}\n")),
            "{error}"
        );
    }
    let error = fails(op(), json!({"input": {}, "query": "$.a | nope"}));
    assert_eq!(
        error.details().get("column"),
        Some(&Value::Int(7)),
        "{error}"
    );
    let error = fails(
        op(),
        json!({"input": {}, "transformation": {"a": "$.a | nope"}}),
    );
    assert!(error.message().contains("\n  $.a | nope\n"), "{error}");
}

#[test]
fn stringify_lays_out_and_sorts() {
    let input = json!({"b": [1, {}], "a": "é\n"});
    let text = |mut args: serde_json::Value| {
        args["input"] = input.clone();
        data(args).as_str().unwrap().to_owned()
    };
    assert_eq!(
        text(json!({"operation": "stringify"})),
        "{\"b\":[1,{}],\"a\":\"é\\n\"}"
    );
    assert_eq!(
        text(json!({"operation": "stringify", "sort_keys": true})),
        "{\"a\":\"é\\n\",\"b\":[1,{}]}"
    );
    assert_eq!(
        text(json!({"operation": "pretty"})),
        "{\n  \"b\": [\n    1,\n    {}\n  ],\n  \"a\": \"é\\n\"\n}"
    );
    assert_eq!(
        text(json!({"operation": "stringify", "pretty": true, "indent": 1})),
        "{\n \"b\": [\n  1,\n  {}\n ],\n \"a\": \"é\\n\"\n}"
    );
    assert_eq!(
        text(json!({"operation": "format"})),
        text(json!({"operation": "stringify", "pretty": true}))
    );
    let error = fails(
        op(),
        json!({"operation": "pretty", "input": 1, "indent": 9}),
    );
    assert_eq!(
        error.message(),
        "parameter 'indent' must be between 0 and 8, got 9"
    );
}

#[test]
fn validate_reports_every_violation() {
    let schema =
        json!({"type": "object", "required": ["name"], "properties": {"age": {"minimum": 0}}});
    let outcome = call(
        op(),
        json!({"operation": "validate", "input": "{\"age\": -1}", "schema": schema}),
    )
    .unwrap();
    assert_eq!(outcome.data.get("is_valid"), Some(&Value::Bool(false)));
    assert_eq!(outcome.data.get("valid"), Some(&Value::Bool(false)));
    let errors = outcome.data.get("errors").unwrap().as_list().unwrap();
    let keywords: Vec<_> = errors
        .iter()
        .filter_map(|error| error.get("keyword")?.as_str())
        .collect();
    assert!(
        keywords.contains(&"required") && keywords.contains(&"minimum"),
        "{keywords:?}"
    );
    let valid = call(
        op(),
        json!({"operation": "validate", "input": {"name": "x"}, "schema": schema.to_string()}),
    )
    .unwrap();
    assert_eq!(
        valid.data.to_serde_json(),
        json!({"is_valid": true, "valid": true, "errors": []})
    );
    let remote =
        json!({"operation": "validate", "input": 1, "schema": {"$ref": "https://example.com/x"}});
    assert_eq!(fails(op(), remote).kind(), Kind::Denied);
    assert_eq!(
        fails(op(), json!({"operation": "validate", "input": 1})).message(),
        "Missing required parameter 'schema' for json_processor operation 'validate'"
    );
}

#[test]
fn documents_are_changed_by_path() {
    let input = json!({"a": {"b": [1, 2]}});
    assert_eq!(
        data(json!({"operation": "set", "input": input, "path": ".a.c", "value": "[3]"})),
        json!({"a": {"b": [1, 2], "c": [3]}})
    );
    assert_eq!(
        data(
            json!({"operation": "set", "input": input, "path": ".a", "value": "[3]", "parse_value": false})
        ),
        json!({"a": "[3]"})
    );
    assert_eq!(
        data(json!({"operation": "append", "input": input, "query": "$.a.b", "value": 3})),
        json!({"a": {"b": [1, 2, 3]}})
    );
    assert_eq!(
        data(json!({"operation": "append", "input": [1], "value": "two"})),
        json!([1, "two"])
    );
    assert_eq!(
        data(json!({"operation": "delete", "input": input, "path": "/a/b/0"})),
        json!({"a": {"b": [2]}})
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "set", "input": input, "value": 1})
        )
        .message(),
        "Missing required parameter 'path' for json_processor operation 'set'"
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "set", "input": input, "path": ".a"})
        )
        .message(),
        "Missing required parameter 'value' for json_processor operation 'set'"
    );
}

#[test]
fn merge_diff_and_patch() {
    assert_eq!(
        data(json!({"operation": "merge", "input": [{"a": 1}, {"b": 2}, "{\"a\": 3}"]})),
        json!({"a": 3, "b": 2})
    );
    assert_eq!(
        data(
            json!({"operation": "merge", "input": {"a": {"x": 1}}, "with": "{\"a\": {\"y\": 2}}"})
        ),
        json!({"a": {"x": 1, "y": 2}})
    );
    assert_eq!(
        data(
            json!({"operation": "merge", "input": {"l": [1]}, "with": {"l": [2]}, "strategy": "Concat"})
        ),
        json!({"l": [1, 2]})
    );
    assert_eq!(
        data(json!({"operation": "diff", "input": {"a": 1}, "with": {"a": 2}})),
        json!([{"op": "replace", "path": "/a", "value": 2}])
    );
    assert_eq!(
        data(
            json!({"operation": "diff", "input": {"a": 1, "b": 2}, "with": {"a": 2}, "merge_patch": true})
        ),
        json!({"b": null, "a": 2})
    );
    assert_eq!(
        data(
            json!({"operation": "patch", "input": {"a": 1}, "patch": [{"op": "add", "path": "/b", "value": 2}]})
        ),
        json!({"a": 1, "b": 2})
    );
    assert_eq!(
        data(
            json!({"operation": "patch", "input": {"a": 1}, "patch": {"a": null, "b": 2}, "merge_patch": true})
        ),
        json!({"b": 2})
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "patch", "input": {}, "patch": [{"op": "remove", "path": "/x"}]})
        )
        .kind(),
        Kind::Execution
    );
    assert_eq!(
        fails(
            op(),
            json!({"operation": "patch", "input": {}, "patch": [{"op": "fly"}]})
        )
        .kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"operation": "merge", "input": 5})).kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn flatten_and_unflatten() {
    assert_eq!(
        data(json!({"operation": "flatten", "input": {"a": {"b": [1, 2]}}})),
        json!({"a.b.0": 1, "a.b.1": 2})
    );
    assert_eq!(
        data(json!({"operation": "unflatten", "input": {"a.b.0": 1, "a.b.1": 2}})),
        json!({"a": {"b": [1, 2]}})
    );
    assert_eq!(
        fails(op(), json!({"operation": "flatten", "input": 1})).kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn transformation_builds_an_object() {
    let args = json!({
        "operation": "transform",
        "input": {"user": {"name": "Ann"}, "tags": ["a", "b"]},
        "transformation": {"name": "$.user.name", "first": ".tags[0]", "all": ".tags[]", "same": "user.name", "none": ".x"}
    });
    assert_eq!(
        data(args),
        json!({"name": "Ann", "first": "a", "all": ["a", "b"], "same": "Ann", "none": null})
    );
}

#[test]
fn arguments_are_checked() {
    assert_eq!(
        fails(op(), json!({"query": "."})).message(),
        "Missing required parameter 'input' for json_processor"
    );
    let unknown = fails(op(), json!({"input": 1, "qery": "."}));
    assert_eq!(
        unknown.message(),
        "unknown parameter 'qery' (did you mean 'query'?)"
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "query": [1]})).message(),
        "parameter 'query' must be string, got array"
    );
    let operation = fails(op(), json!({"input": 1, "operation": "flaten"}));
    assert_eq!(operation.hints(), ["did you mean 'flatten'?"]);
    let warned = call(op(), json!({"input": [1], "patch": []})).unwrap();
    assert_eq!(warned.metadata["warnings"].as_list().unwrap().len(), 1);
}

#[test]
fn rounded_numbers_are_said() {
    let warning = |args: serde_json::Value| {
        let outcome = call(op(), args).unwrap();
        let warnings = outcome.metadata.get("warnings").cloned();
        warnings.map(|warnings| warnings.as_list().unwrap()[0].to_string())
    };
    let text = r#"{"a": {"b": 12345678901234567890}, "c": 1}"#;
    let said = |place: &str| {
        Some(format!(
            "\"the number 12345678901234567890 at '{place}' has more digits than a value holds and was rounded\""
        ))
    };
    assert_eq!(
        warning(json!({"operation": "parse", "input": text})),
        said("input.a.b")
    );
    assert_eq!(warning(json!({"input": text})), said("a.b"));
    assert_eq!(
        warning(json!({"input": text, "query": ".c, .a.b"})),
        said("[1]")
    );
    assert_eq!(
        warning(json!({"operation": "stream", "input": format!("{{}}\n{text}")})),
        said("[1].a.b")
    );
    assert_eq!(
        warning(json!({"input": text, "transformation": {"x": "a"}})),
        said("x.b")
    );
    assert_eq!(
        warning(json!({"operation": "merge", "input": {}, "with": text})),
        said("with.a.b")
    );
    for kept in [
        json!({"input": text, "query": ".c"}),
        json!({"input": text, "query": ".a.b", "raw": true}),
        json!({"operation": "stringify", "input": text}),
        json!({"operation": "parse", "input": "9223372036854775807"}),
    ] {
        assert_eq!(warning(kept.clone()), None, "{kept}");
    }
}
