use std::collections::HashSet;

use llmspell_core::{Kind, Map, Value};
use proptest::prelude::*;

#[test]
fn jobs_are_named_after_their_tools() {
    let tools: HashSet<String> = llmspell_tools::modules()
        .into_iter()
        .flat_map(|module| module.ops)
        .map(|op| op.verb().to_owned())
        .collect();
    let mut names = HashSet::new();
    for job in llmspell_tools::jobs() {
        assert!(names.insert(job.name), "{} is listed twice", job.name);
        let (tool, _) = job.name.split_once('.').unwrap();
        assert!(tools.contains(tool), "{} has no tool", job.name);
    }
    for name in [
        "calculator.evaluate",
        "data_validation.run",
        "json_processor.run",
        "template_engine.run",
    ] {
        assert!(names.contains(name), "{name}");
    }
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        r#"[a-z0-9{}%|.$/+*()\[\]"' :,-]{0,12}"#.prop_map(Value::from),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Value::Bytes),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::List),
            prop::collection::btree_map("[a-z$.]{1,6}", inner, 0..4)
                .prop_map(|members| Value::Map(members.into_iter().collect::<Map>())),
        ]
    })
}

fn requests() -> impl Strategy<Value = Value> {
    const NAMES: &[&str] = &[
        "operation",
        "input",
        "query",
        "path",
        "value",
        "variables",
        "schema",
        "with",
        "patch",
        "rules",
        "context",
        "partials",
        "engine",
        "missing",
        "mode",
        "transformation",
        "raw",
        "coerce",
        "merge_patch",
        "body",
        "html",
        "is_html",
        "format",
        "selector",
        "selectors",
        "main_content",
        "previous",
    ];
    const TEXTS: &[&str] = &[
        "query",
        "stream",
        "stringify",
        "validate",
        "set",
        "append",
        "delete",
        "merge",
        "diff",
        "patch",
        "flatten",
        "unflatten",
        "render",
        "variables",
        "handlebars",
        "simple",
        "keep",
        "error",
        "decimal",
        "markdown",
        "json",
        "<p>a<table><tr><td>b",
        "p, td",
    ];
    let text = prop::sample::select(TEXTS).prop_map(Value::from);
    let member = (
        prop::sample::select(NAMES),
        prop_oneof![3 => values(), 1 => text],
    );
    prop::collection::vec(member, 0..6)
        .prop_map(|members| Value::Map(members.into_iter().collect()))
}

proptest! {
    /// Whatever crosses the border of the worker process, a job answers or refuses.
    #[test]
    fn any_request_is_answered_or_refused(request in prop_oneof![requests(), values()]) {
        for job in llmspell_tools::jobs() {
            if let Err(error) = (job.run)(request.clone()) {
                prop_assert!(error.kind() != Kind::Bug, "{}: {:?}", job.name, error);
            }
        }
    }
}
