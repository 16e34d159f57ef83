use std::collections::BTreeSet;
use std::sync::Arc;

use llmspell_core::host::Closed;
use llmspell_core::{Cx, Door, Host};
use llmspell_model::{Providers, ProvidersOptions};
use serde_json::json;

use super::*;
use crate::agent::Agents;
use crate::host::{RunEnvironment, SystemClock, SystemRandom};
use crate::model::{Limiters, Models};
use crate::workflow::plan::{Plan, Shape};
use crate::workflow::{Workflows, create, read};

/// One workflow of each kind that makes use of every member.
fn every_member() -> Vec<Value> {
    let plain = json!({
        "name": "a", "type": "tool", "tool": "calculator", "input": {"input": "1"},
        "condition": {"type": "and", "description": "d", "conditions": ["always", {"type": "not", "condition": false}]},
        "skip_condition": {"type": "expression", "expression": "input.n > 1"},
        "retry": {"max_attempts": 2, "backoff_ms": 1, "backoff_multiplier": 1.5, "max_backoff_ms": 5},
        "timeout_ms": 10, "compensate": {"tool": "calculator"},
    });
    let asked =
        json!({"name": "b", "type": "agent", "agent": "ann", "prompt": "{{step:a:output}}"});
    let nested = json!({"type": "workflow", "workflow": {"type": "sequential", "steps": []}, "input": {"x": 1}});
    let branch = json!({
        "name": "x", "description": "d", "steps": [plain], "required": false, "timeout_ms": 5,
        "condition": {"type": "step_output_equals", "step": "p", "expected": 1},
    });
    let common = |mut own: Value, kind: &str| {
        let more = json!({
            "type": kind, "name": "w", "description": "d", "timeout_ms": 1000,
            "error_strategy": {"type": "retry", "max_attempts": 2},
        });
        if let (Value::Object(own), Value::Object(more)) = (&mut own, more) {
            own.extend(more);
        }
        own
    };
    vec![
        common(
            json!({
                "agents": {"ann": {"model": "mock/echo"}}, "error_handler": "continue",
                "steps": [plain, asked, nested, {
                    "type": "sequential", "input": {"y": 1}, "steps": [], "skip_condition": false,
                    "retry": {"max_attempts": 2}, "compensate": {"tool": "calculator"},
                }],
            }),
            "sequential",
        ),
        common(
            json!({
                "branches": [branch], "max_concurrency": 2, "fail_fast": false, "join_strategy": "merge",
                "post_steps": [plain],
            }),
            "parallel",
        ),
        common(
            json!({
                "branches": [branch, {"workflow": {"type": "sequential", "steps": []}}], "default_branch": {"steps": []},
                "pre_steps": [plain], "execute_all_matching": true, "execute_default_on_no_match": false,
            }),
            "conditional",
        ),
        common(
            json!({"condition": "input.n > 1", "then_branch": {"steps": []}, "else_branch": {"steps": []}}),
            "conditional",
        ),
        common(
            json!({
                "iterator": {"range": {"start": 1, "end": 3, "step": 2}}, "body": [plain], "max_iterations": 2,
                "break_conditions": [
                    {"type": "shared_data_greater_than", "key": "k", "value": 1},
                    {"type": "step_output_contains", "step": "a", "substring": "x"},
                    {"type": "agent_decision", "agent": "ann", "input": "go on?", "expected": "no"},
                    {"type": "tool", "tool": "calculator", "input": {"input": "1"}},
                ],
                "batch_size": 2, "aggregation_strategy": {"type": "first_n", "n": 2}, "delay_ms": 1,
            }),
            "loop",
        ),
        common(
            json!({"iterator": {"while_condition": "true", "max_iterations": 3}, "body": []}),
            "loop",
        ),
        common(
            json!({"iterator": {"collection": [1, "two"]}, "body": []}),
            "loop",
        ),
    ]
}

fn world() -> Cx {
    let host = Host::closed(
        Arc::new(SystemClock),
        Arc::new(SystemRandom::new(Some(1))),
        Arc::new(RunEnvironment::default()),
        Arc::new(Closed::WORKERS),
    );
    Cx::run("test", Arc::new(Door::new(Vec::new())), host)
        .part(Arc::new(Models::new(
            Arc::new(Providers::new(ProvidersOptions::default(), |_| None)),
            Arc::new(Limiters::default()),
        )))
        .part(Arc::new(Agents::default()))
        .part(Arc::new(Workflows::default()))
        .part(Arc::new(crate::tool::Tools::new(&[], Default::default())))
        .build()
}

fn read(cx: &Cx, config: &Value) -> Plan {
    let kind = config["type"].as_str().unwrap();
    read::plan(cx, kind, config.clone().into(), kind).unwrap()
}

/// Returns the names of members that a value has, at any depth below workflows.
fn used(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                names.insert(name.clone());
                used(value, names);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| used(item, names)),
        _ => {}
    }
}

/// Returns the names of members that a schema knows.
fn known(schema: &Value, names: &mut BTreeSet<String>) {
    match schema {
        Value::Object(members) => {
            if let Some(Value::Object(properties)) = members.get("properties") {
                names.extend(properties.keys().cloned());
            }
            members.values().for_each(|value| known(value, names));
        }
        Value::Array(items) => items.iter().for_each(|item| known(item, names)),
        _ => {}
    }
}

#[test]
fn what_is_read_and_what_is_described_are_the_same() {
    let (cx, schema) = (world(), schema());
    let validator = jsonschema::validator_for(&schema).unwrap();
    let mut all = BTreeSet::new();
    for config in every_member() {
        let wrong: Vec<String> = validator
            .iter_errors(&config)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{config}: {wrong:?}");
        let plan = read(&cx, &config);
        assert_eq!(plan.warnings, [], "{config}");
        for step in plan.lists().into_iter().flatten() {
            assert!(step.extra.is_empty(), "{:?}", step.extra);
        }
        used(&config, &mut all);
    }
    let mut described = BTreeSet::new();
    known(&schema, &mut described);
    let unused: Vec<_> = described.difference(&all).collect();
    assert!(
        unused.is_empty(),
        "described, and not read above: {unused:?}"
    );
}

/// What scripts are told of a kind is what files may hold, functions aside.
#[tokio::test]
async fn every_member_that_scripts_are_told_of_is_described() {
    let functions = [
        "on_start",
        "on_complete",
        "on_error",
        "hooks",
        "on_step_complete",
        "on_branch_complete",
        "on_iteration_complete",
    ];
    let mut described = BTreeSet::new();
    known(&schema(), &mut described);
    for kind in read::KINDS {
        let asked = serde_json::from_value(json!({"type": kind})).unwrap();
        let about = create::info(world(), asked).await.unwrap();
        let about = serde_json::to_value(&about).unwrap();
        for name in ["required", "optional"]
            .iter()
            .flat_map(|list| about[list].as_array().unwrap())
        {
            let name = name.as_str().unwrap();
            assert!(
                described.contains(name) || functions.contains(&name),
                "{kind}: {name}"
            );
        }
    }
}

#[test]
fn wrong_files_do_not_fit() {
    let schema = schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for config in [
        json!({"steps": []}),
        json!({"type": "sequentiel", "steps": []}),
        json!({"type": "sequential", "steps": "a"}),
        json!({"type": "loop", "body": []}),
        json!({"type": "sequential", "steps": [{"type": "sequential", "steps": "a"}]}),
        json!({"type": "sequential", "steps": [{"tool": 5}]}),
    ] {
        assert!(!validator.is_valid(&config), "{config}");
    }
}

#[test]
fn places_are_pointers() {
    let pointer = |config: Value| {
        let kind = config["type"].as_str().unwrap().to_owned();
        let error = read::plan(&world(), &kind, config.into(), "w").unwrap_err();
        error.details()["pointer"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        pointer(json!({"type": "sequential", "steps": [{"tool": "x"}, {"tol": "y"}]})),
        "/steps/1"
    );
    assert_eq!(
        pointer(
            json!({"type": "parallel", "branches": [{"steps": [{"tool": "x", "timeout_ms": "soon"}]}]})
        ),
        "/branches/0/steps/0/timeout_ms"
    );
    assert_eq!(
        pointer(json!({"type": "loop", "iterator": {"range": {"start": 1}}, "body": []})),
        "/iterator"
    );
    assert_eq!(
        pointer(
            json!({"type": "sequential", "steps": [{"tool": "x", "condition": {"type": "and", "conditions": ["1 +"]}}]})
        ),
        "/steps/0/condition/conditions/0"
    );
    let Shape::Sequential(plan) = read(
        &world(),
        &json!({"type": "sequential", "steps": [{"tool": "x"}]}),
    )
    .shape
    else {
        panic!("not sequential");
    };
    assert_eq!(plan.steps[0].pointer, "/steps/0");
}
