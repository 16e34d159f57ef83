use futures::future::BoxFuture;
use llmspell_core::Callable;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::test_world::{call, call_with, fails};

/// Returns the errors as `field: rule: message`, and the outcome's data.
#[track_caller]
fn errors(args: serde_json::Value) -> Vec<String> {
    match call(op(), args.clone()) {
        Ok(outcome) => lines(&outcome),
        Err(error) => panic!("{args}: {error:?}"),
    }
}

fn lines(outcome: &Outcome) -> Vec<String> {
    let errors = outcome.data.get("errors").unwrap().as_list().unwrap();
    let text = |error: &Value, name: &str| error.get(name).unwrap().as_str().unwrap().to_owned();
    errors
        .iter()
        .map(|error| {
            format!(
                "{}: {}: {}",
                text(error, "field"),
                text(error, "rule"),
                text(error, "message")
            )
        })
        .collect()
}

#[track_caller]
fn check(rules: serde_json::Value, input: serde_json::Value, expected: &[&str]) {
    assert_eq!(
        errors(json!({"input": input, "rules": rules})),
        expected,
        "{rules} {input}"
    );
}

#[test]
fn rules_have_many_forms() {
    let wrong = &["input: email: must be a valid email address"];
    for rules in [
        json!({"rules": ["email"]}),
        json!({"rules": [{"type": "email"}]}),
        json!(["email"]),
        json!({"type": "email"}),
        json!("email"),
        json!([["email"]]),
    ] {
        check(rules.clone(), json!("x"), wrong);
        check(rules.clone(), json!("a@example.com"), &[]);
        assert_eq!(errors(json!({"input": "x", "schema": rules})), wrong);
    }
    let fields = json!({"user": {"email": ["required", "email"], "age": "range:18-99"}});
    check(
        fields.clone(),
        json!({"user": {"age": 5}}),
        &[
            "input.user.email: required: is required",
            "input.user.age: range: must be at least 18",
        ],
    );
    check(
        fields,
        json!({"user": {"email": "a@example.com", "age": 20}, "more": 1}),
        &[],
    );
}

#[test]
fn data_says_what_was_checked() {
    let outcome = call(op(), json!({"input": {"name": "x"}, "rules": {"name": ["required", {"type": "length", "min": 3, "max": 65}]}})).unwrap();
    let expected = json!({
        "valid": false,
        "errors": [{"field": "input.name", "value": "x", "rule": "length", "message": "must have at least 3 characters", "path": "/name"}],
        "error_count": 1, "rule_count": 2, "value": {"name": "x"},
    });
    assert_eq!(outcome.data, expected.into());
    assert_eq!(outcome.primary(), &Value::Bool(false));
    assert_eq!(outcome.metadata["message"], "The data has 1 error".into());
    let valid = call(op(), json!({"input": "x", "rules": "required"})).unwrap();
    assert_eq!(valid.primary(), &Value::Bool(true));
    assert_eq!(valid.metadata["message"], "The data is valid".into());
}

#[test]
fn every_rule_accepts_and_refuses() {
    for (rule, good, bad, message) in [
        (
            json!("required"),
            json!(0),
            json!(""),
            "required: is required",
        ),
        (
            json!("type:integer"),
            json!(5),
            json!(5.5),
            "type: wrong type: expected integer, got number",
        ),
        (
            json!({"type": "type", "expected": ["string", "null"]}),
            json!("x"),
            json!(1),
            "type: wrong type: expected string or null, got integer",
        ),
        (
            json!("string"),
            json!("x"),
            json!(true),
            "type: wrong type: expected string, got boolean",
        ),
        (
            json!({"type": "length", "max": 65}),
            json!("é".repeat(65)),
            json!("x".repeat(66)),
            "length: must have at most 65 characters",
        ),
        (
            json!("length:1-2"),
            json!([1]),
            json!([]),
            "length: must have at least 1 item",
        ),
        (
            json!("length:3"),
            json!("abc"),
            json!("ab"),
            "length: must have at least 3 characters",
        ),
        (
            json!("length:3-"),
            json!("abcd"),
            json!(5),
            "length: wrong type: expected string or array, got integer",
        ),
        (
            json!("range:1-5"),
            json!(5),
            json!(5.5),
            "range: must be at most 5",
        ),
        (
            json!("range:-5--1"),
            json!(-3),
            json!(0),
            "range: must be at most -1",
        ),
        (
            json!("range:..0.5"),
            json!(0.5),
            json!(1),
            "range: must be at most 0.5",
        ),
        (
            json!({"type": "range", "min": 0, "exclusive": true}),
            json!(1),
            json!(0),
            "range: must be greater than 0",
        ),
        (
            json!("range:1-5"),
            json!(1),
            json!("3"),
            "range: wrong type: expected number, got string",
        ),
        (
            json!("pattern:^[a-z]+$"),
            json!("abc"),
            json!("aBc"),
            "pattern: must match the pattern ^[a-z]+$",
        ),
        (
            json!({"type": "pattern", "regex": "x:y"}),
            json!("x:y"),
            json!(1),
            "pattern: wrong type: expected string, got integer",
        ),
        (
            json!("enum:a, b"),
            json!("b"),
            json!("c"),
            "enum: must be one of: a, b",
        ),
        (
            json!({"type": "enum", "values": [1, "x"]}),
            json!(1.0),
            json!(2),
            "enum: must be one of: 1, x",
        ),
        (
            json!("url"),
            json!("https://example.com"),
            json!("x"),
            "url: must be a valid URL",
        ),
        (
            json!("uuid"),
            json!("6ba7b810-9dad-11d1-80b4-00c04fd430c8"),
            json!("x"),
            "uuid: must be a valid UUID",
        ),
        (
            json!("ip"),
            json!("::1"),
            json!("x"),
            "ip: must be a valid IP address",
        ),
        (
            json!("hostname"),
            json!("a.b"),
            json!("a b"),
            "hostname: must be a valid host name",
        ),
        (
            json!("json"),
            json!("[1]"),
            json!("["),
            "json: must be a valid JSON text",
        ),
        (
            json!("phone"),
            json!("+49 30 123456"),
            json!("1"),
            "phone: must be a valid phone number",
        ),
        (
            json!("credit-card"),
            json!("4111111111111111"),
            json!("1"),
            "credit_card: must be a valid credit card number",
        ),
        (
            json!("base64"),
            json!("aGk="),
            json!("?"),
            "base64: must be a valid base64 text",
        ),
        (
            json!("slug"),
            json!("a-b"),
            json!("A"),
            "slug: must be a valid slug of lower-case letters, digits and '-'",
        ),
        (
            json!("date"),
            json!("2026-02-28"),
            json!("2026-02-30"),
            "date: must be a valid date",
        ),
        (
            json!("date:%d.%m.%Y"),
            json!("28.02.2026"),
            json!("2026-02-28"),
            "date: must be a valid date in the format %d.%m.%Y",
        ),
        (
            json!({"type": "custom", "name": "phone"}),
            json!("+49 30 123456"),
            json!("1"),
            "custom: must be a valid phone number",
        ),
        (
            json!({"type": "array", "min_items": 1}),
            json!([1]),
            json!([]),
            "array: must have at least 1 item",
        ),
        (
            json!({"type": "array", "max_items": 1}),
            json!([1]),
            json!([1, 2]),
            "array: must have at most 1 item",
        ),
        (
            json!({"type": "array", "unique": true}),
            json!([1, 2]),
            json!([1, 1]),
            "array: items must be unique",
        ),
        (
            json!({"type": "array"}),
            json!([]),
            json!("x"),
            "array: wrong type: expected array, got string",
        ),
        (
            json!({"type": "object"}),
            json!({}),
            json!("x"),
            "object: wrong type: expected object, got string",
        ),
        (
            json!({"type": "any_of", "rules": ["email", "integer"]}),
            json!(5),
            json!("x"),
            "any_of: must meet at least one of the rules",
        ),
        (
            json!({"type": "all_of", "rules": ["string", "length:2"]}),
            json!("ab"),
            json!("a"),
            "length: must have at least 2 characters",
        ),
        (
            json!({"type": "not", "rules": "email"}),
            json!("x"),
            json!("a@example.com"),
            "not: must not meet the rules",
        ),
        (
            json!("email"),
            json!("a@example.com"),
            json!(5),
            "email: wrong type: expected string, got integer",
        ),
    ] {
        check(rule.clone(), good, &[]);
        check(rule, bad, &[&format!("input: {message}")]);
    }
}

#[test]
fn nested_values_are_named_by_field_and_path() {
    let rules = json!({"type": "object", "required": ["id"], "additional_properties": false, "properties": {
        "tags": {"type": "array", "item_rules": ["string", "length:1-3"]},
        "a/b": "integer",
    }});
    let outcome = call(
        op(),
        json!({"input": {"tags": ["ok", 5, "long!"], "a/b": "x", "extra": 1}, "rules": rules}),
    )
    .unwrap();
    assert_eq!(
        lines(&outcome),
        [
            "input.id: required: is required",
            "input.tags[1]: type: wrong type: expected string, got integer",
            "input.tags[1]: length: wrong type: expected string or array, got integer",
            "input.tags[2]: length: must have at most 3 characters",
            "input.a/b: type: wrong type: expected integer, got string",
            "input.extra: object: is not an allowed property",
        ]
    );
    let path = |index: usize| {
        outcome.data.get("errors").unwrap().as_list().unwrap()[index]
            .get("path")
            .cloned()
            .unwrap()
    };
    assert_eq!(path(1), "/tags/1".into());
    assert_eq!(path(4), "/a~1b".into());
}

#[test]
fn fields_are_compared() {
    let rules = json!({"again": {"type": "compare", "field": "password", "operator": "=="}, "to": {"type": "compare", "field": "from", "operator": "ge"}});
    check(
        rules.clone(),
        json!({"password": "x", "again": "x", "from": 1, "to": 2}),
        &[],
    );
    check(
        rules,
        json!({"password": "x", "again": "y", "from": 3, "to": 2}),
        &[
            "input.again: compare: must be == 'password'",
            "input.to: compare: must be >= 'from'",
        ],
    );
}

#[test]
fn schemas_are_checked_as_well() {
    let schema = json!({"type": "object", "properties": {"users": {"type": "array", "items": {"properties": {"age": {"type": "integer"}}}}}, "required": ["id"]});
    let found = errors(json!({"input": {"users": [{"age": "x"}]}, "schema": schema}));
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("input.users[0].age: type: ")),
        "{found:?}"
    );
    assert!(
        found
            .iter()
            .any(|line| line.starts_with("input: required: ")),
        "{found:?}"
    );
    assert_eq!(
        errors(json!({"input": {"id": 1}, "schema": schema.to_string()})),
        Vec::<String>::new()
    );
    let coerced = call(
        op(),
        json!({"input": {"id": 1, "users": [{"age": "5"}]}, "schema": schema, "coerce": true}),
    )
    .unwrap();
    assert_eq!(
        coerced.data.get("value").unwrap().to_serde_json(),
        json!({"id": 1, "users": [{"age": 5}]})
    );
    assert_eq!(
        fails(
            op(),
            json!({"input": 1, "schema": {"$ref": "http://example.com"}})
        )
        .kind(),
        Kind::Denied
    );
    assert_eq!(
        fails(
            op(),
            json!({"input": 1, "schema": {"type": "strin", "minimum": "x"}})
        )
        .kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn texts_are_converted_on_request() {
    let rules = json!({"n": "integer", "r": "range:0-9.5", "b": "type:boolean", "d": "date:%d.%m.%Y", "s": "string"});
    let input = json!({"n": "5", "r": " 2.5 ", "b": "TRUE", "d": "28.02.2026", "s": "7"});
    let outcome = call(
        op(),
        json!({"input": input, "rules": rules, "coerce": true}),
    )
    .unwrap();
    assert_eq!(lines(&outcome), Vec::<String>::new());
    let value = outcome.data.get("value").unwrap().to_serde_json();
    assert_eq!(value["n"], json!(5));
    assert_eq!(value["r"], json!(2.5));
    assert_eq!(value["b"], json!(true));
    assert_eq!(value["s"], json!("7"));
    assert_eq!(value["d"], json!("2026-02-28"));
    let plain = call(op(), json!({"input": "5", "rules": "integer"})).unwrap();
    assert_eq!(plain.primary(), &Value::Bool(false));
}

#[test]
fn options_bound_and_word_the_errors() {
    let input: Vec<i32> = (0..50).collect();
    let rules = json!({"type": "array", "item_rules": "string"});
    assert_eq!(
        errors(json!({"input": input, "rules": rules, "max_errors": 3})).len(),
        3
    );
    assert_eq!(
        errors(json!({"input": input, "rules": rules, "fail_fast": true})).len(),
        1
    );
    let messages = json!({"email": "no mail", "input.b": "b is odd", "range": "too far"});
    let found = errors(
        json!({"input": {"email": 1, "b": 1, "c": 9}, "rules": {"email": "string", "b": "string", "c": "range:1-5"}, "messages": messages}),
    );
    assert_eq!(
        found,
        [
            "input.email: type: no mail",
            "input.b: type: b is odd",
            "input.c: range: too far"
        ]
    );
}

#[test]
fn wrong_rules_are_refused() {
    for (rules, message) in [
        (json!("emial"), "unknown rule 'emial'"),
        (json!({"type": "emial"}), "unknown rule 'emial'"),
        (
            json!({"a": ["emial"]}),
            "unknown rule 'emial' (in the rules of 'a')",
        ),
        (
            json!({"type": "length", "mn": 3}),
            "rule 'length' has no field 'mn'",
        ),
        (
            json!({"type": "email", "min": 3}),
            "rule 'email' has no field 'min'",
        ),
        (
            json!({"type": "length", "min": "x"}),
            "field 'min' of rule 'length' must be a count, got string",
        ),
        (
            json!({"type": "pattern"}),
            "rule 'pattern' needs the field 'regex'",
        ),
        (
            json!({"type": "enum"}),
            "rule 'enum' needs the field 'values'",
        ),
        (
            json!({"type": "custom"}),
            "rule 'custom' needs the field 'name' or 'check'",
        ),
        (
            json!({"type": "custom", "name": "x"}),
            "unknown custom rule 'x', expected one of: phone, uuid, credit_card",
        ),
        (
            json!({"type": "type", "expected": "text"}),
            "unknown type 'text', expected one of: null, boolean, number, integer, string, array, object",
        ),
        (
            json!("range:x"),
            "rule 'range:x' needs a range such as 'range:1-5'",
        ),
        (json!("email:x"), "rule 'email' takes no argument"),
        (
            json!(5),
            "a rule must be a name, an object or a list of them, got integer",
        ),
        (
            json!({"type": "custom", "check": "x"}),
            "field 'check' of rule 'custom' must be a function, got string",
        ),
    ] {
        let error = fails(op(), json!({"input": "x", "rules": rules}));
        assert_eq!(error.kind(), Kind::InvalidArgs, "{error:?}");
        assert_eq!(error.message(), message);
    }
    let near = fails(op(), json!({"input": "x", "rules": ["emial"]}));
    assert_eq!(near.hints(), ["did you mean 'email'?"]);
    for regex in ["(", "(a{1000}){1000}"] {
        let error = fails(
            op(),
            json!({"input": "x", "rules": {"type": "pattern", "regex": regex}}),
        );
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert!(
            error
                .message()
                .starts_with("field 'regex' of rule 'pattern' cannot be used: "),
            "{error:?}"
        );
    }
}

/// A function that finds even numbers right, words wrong numbers, and says nothing about others.
struct Even;

impl Callable for Even {
    fn name(&self) -> &str {
        "spell.lua:1"
    }
    fn call(&self, _: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        assert!(args[1].as_str().unwrap().starts_with("input"));
        let said = match args[0].as_int() {
            Some(number) if number % 2 == 0 => Value::Bool(true),
            Some(number) => format!("{number} is odd").into(),
            None => Value::Null,
        };
        Box::pin(std::future::ready(Ok(said)))
    }
}

#[test]
fn functions_of_the_script_check_values() {
    let even = || {
        Value::from([
            ("type", "custom".into()),
            ("check", Value::Function(Callback::new(Even))),
        ])
    };
    let run = |rules: Value, input: serde_json::Value| {
        call_with(
            op(),
            Value::from([("input", input.into()), ("rules", rules)]),
        )
        .unwrap()
    };
    let items = Value::from([
        ("type", "array".into()),
        ("item_rules", Value::List(vec![even()])),
    ]);
    assert_eq!(
        lines(&run(items, json!([2, 3, "x"]))),
        [
            "input[1]: custom: 3 is odd",
            "input[2]: custom: does not pass the check"
        ]
    );
    let either = Value::from([
        ("type", "any_of".into()),
        ("rules", Value::List(vec!["string".into(), even()])),
    ]);
    assert_eq!(
        lines(&run(either.clone(), json!(3))),
        ["input: any_of: must meet at least one of the rules"]
    );
    assert_eq!(lines(&run(either, json!(4))), Vec::<String>::new());
    let neither = Value::from([("type", "not".into()), ("rules", even())]);
    assert_eq!(
        lines(&run(neither, json!(4))),
        ["input: not: must not meet the rules"]
    );
    let input = Value::from([
        ("input", Value::Function(Callback::new(Even))),
        ("rules", "required".into()),
    ]);
    assert_eq!(
        call_with(op(), input).unwrap_err().message(),
        "parameter 'input' must be plain data, got function"
    );
}

#[test]
fn limits_are_clear() {
    let items: Vec<i32> = vec![1; 300_000];
    let rules =
        json!({"type": "array", "item_rules": ["integer", "range:0-9", "number", "required"]});
    let error = fails(op(), json!({"input": items, "rules": rules}));
    assert_eq!(error.kind(), Kind::Limit);
    assert_eq!(error.message(), "more than 1000000 rules to apply");
    let mut deep = json!("email");
    for _ in 0..100 {
        deep = json!({"type": "not", "rules": deep});
    }
    assert!(call(op(), json!({"input": "x", "rules": deep})).is_ok());
    for _ in 0..100 {
        deep = json!({"type": "not", "rules": deep});
    }
    assert_eq!(
        fails(op(), json!({"input": "x", "rules": deep})).kind(),
        Kind::Limit
    );
}

#[test]
fn arguments_are_checked() {
    assert_eq!(
        fails(op(), json!({"rules": "email"})).message(),
        "Missing required parameter 'input' for data_validation"
    );
    for parameter in ["input", "data", "value"] {
        assert!(
            call(op(), json!({parameter: 1, "rules": "integer"})).is_ok(),
            "{parameter}"
        );
    }
    assert_eq!(
        fails(op(), json!({"input": 1})).hints(),
        ["give 'rules' or 'schema'"]
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "rules": "email", "schema": {}})).kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "rule": "email"})).message(),
        "unknown parameter 'rule' (did you mean 'rules'?)"
    );
    assert_eq!(
        fails(
            op(),
            json!({"input": 1, "rules": "email", "coerce": "maybe"})
        )
        .message(),
        "parameter 'coerce' must be boolean, got string (\"maybe\")"
    );
    assert_eq!(
        fails(op(), json!({"input": 1, "rules": "email", "max_errors": 0})).kind(),
        Kind::InvalidArgs
    );
}

proptest! {
    #[test]
    fn any_rule_text_is_read_or_refused(rules in "[a-z:.,0-9 -]{0,20}", input in ".{0,10}") {
        let request = json!({"input": input, "rules": rules});
        if let Err(error) = run_job(request.into()) {
            prop_assert_eq!(error.kind(), Kind::InvalidArgs);
        }
    }
}
