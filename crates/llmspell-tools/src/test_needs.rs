//! What tools declare that their operations need, beside what they say when they are called without it.

use std::sync::Arc;

use llmspell_core::{Error, Kind, Map, Op, Value};

use crate::test_world::Place;

/// Returns each tool with each of its operations; null stands for the one that is done unasked.
fn calls() -> Vec<(Arc<Op>, Value)> {
    let ops = crate::modules().into_iter().flat_map(|module| module.ops);
    let calls = ops.flat_map(|op| {
        let named = op.tool_info().unwrap().operations.clone();
        let named = named.into_iter().map(Value::from);
        let all: Vec<Value> = std::iter::once(Value::Null).chain(named).collect();
        all.into_iter()
            .map(move |operation| (op.clone(), operation))
    });
    calls.collect()
}

/// Returns the parameter that the error says is missing, if it is such an error.
fn missing(error: &Error) -> Option<String> {
    let is_missing = error.message().starts_with("Missing required parameter");
    let parameter = error.details().get("parameter").and_then(Value::as_str);
    parameter.filter(|_| is_missing).map(str::to_owned)
}

/// Returns a value that a parameter takes.
fn some_value(op: &Op, parameter: &str) -> Value {
    let field = op.shape().field(parameter).unwrap();
    match field.types.first().map(String::as_str) {
        _ if !field.choices.is_empty() => field.choices[0].as_str().into(),
        Some("integer" | "number") => 1.into(),
        Some("array") => Value::List(Vec::new()),
        Some("object") => Value::Map(Map::new()),
        _ => "x".into(),
    }
}

#[test]
fn declarations_name_operations_and_parameters_that_there_are() {
    for (op, _) in calls() {
        let operation = op.shape().field("operation");
        for (name, one_of) in &op.tool_info().unwrap().needs {
            let known = operation.is_none_or(|field| field.choice(name) == Some(name));
            assert!(known, "{}: no operation {name}", op.name());
            assert!(!one_of.is_empty(), "{}: {name} needs nothing", op.name());
            for parameter in *one_of {
                let name = parameter.split('.').next().unwrap();
                let is_canonical = op
                    .shape()
                    .field(name)
                    .is_some_and(|field| field.name == name);
                assert!(is_canonical, "{}: no parameter {parameter}", op.name());
            }
        }
    }
}

#[tokio::test]
async fn each_operation_declares_what_it_says_is_missing() {
    for (op, operation) in calls() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let cx = Place::default().files(&root).cx();
        let mut args = Map::from([("operation", operation.clone())]);
        if operation.is_null() || op.shape().field("operation").is_none() {
            args.clear();
        }
        loop {
            let call = format!("{} {}", op.name(), Value::Map(args.clone()));
            let prepared = op.prepare(Value::Map(args.clone()));
            let checked = prepared.and_then(|(args, _)| op.check_needs(&args));
            let ran = cx.call(&op, Value::Map(args.clone())).await;
            match (checked, ran) {
                (Err(error), Err(_)) => {
                    assert_eq!(error.kind(), Kind::InvalidArgs, "{call}: {error}");
                    let Some(parameter) = missing(&error) else {
                        panic!("{call}: {error}");
                    };
                    let value = some_value(&op, &parameter);
                    assert!(args.insert(parameter, value).is_none(), "{call}: {error}");
                }
                (Err(error), Ok(_)) => panic!("{call} works, but validation says: {error}"),
                (Ok(()), Err(error)) => {
                    assert_eq!(missing(&error), None, "{call}: validation says nothing");
                    break;
                }
                (Ok(()), Ok(_)) => break,
            }
        }
    }
}
