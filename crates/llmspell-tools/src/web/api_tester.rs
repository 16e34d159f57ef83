//! `api_tester`: requests, and whether their answers are as they should be.

mod check;
mod load;
mod suite;
mod trial;
mod variables;

use std::time::Duration;

use llmspell_core::{Cx, Effect, Level, Map, Op, Outcome, Result, ToolInfo, Value};
use schemars::JsonSchema;
use serde::Deserialize;

use super::request::{HttpArgs, METHODS, effect_of};
use crate::choice::choose_or_first;
use crate::job::Job;
use crate::param::{Given, choices, names};

const OPERATIONS: &[&[&str]] = &[
    &[
        "test", "validate", "get", "post", "put", "delete", "patch", "head", "options",
    ],
    &["suite"],
    &["load", "benchmark"],
];

const LIMIT: Duration = Duration::from_secs(30);

pub(super) const JOBS: &[Job] = &[Job {
    name: check::JOB,
    run: check::run_job,
}];

pub(super) fn op() -> Op {
    Op::new("api_tester", api_tester)
        .effect(Effect::Once)
        .effect_of(effect)
        .tool(
            ToolInfo::new("api")
                .example(
                    "Checks an answer",
                    r#"{"input": "https://example.com/json", "expected_status": 200}"#,
                )
                .level(Level::Restricted)
                .timeout(LIMIT)
                .operations(&names(OPERATIONS))
                .needs(&["test", "load"], &["input"])
                .needs(&["suite"], &["requests"]),
        )
}

/// Sends requests to an API and checks the answers: status, headers, body, schema, duration, jq assertions.
///
/// A check that fails is a result (`passed` = false), not an error. `suite` sends several requests one after the other;
/// what one extracts, later ones use as `{{name}}`. `load` sends the same request many times and measures.
#[derive(Deserialize, JsonSchema)]
struct ApiTester {
    /// What to do; the name of a method is a test with that method.
    #[schemars(transform = choices(OPERATIONS), extend("default" = "test"))]
    operation: Option<String>,
    /// The URL.
    #[schemars(extend("x-synonyms" = ["url"]))]
    input: Option<String>,
    /// What the test is called in the results of a suite.
    name: Option<String>,
    /// The method.
    #[schemars(transform = choices(METHODS), extend("default" = "GET"))]
    method: Option<String>,
    /// The body: text and bytes as they are, everything else as JSON.
    body: Option<Value>,
    /// The body as JSON.
    json: Option<Value>,
    /// The body as a form.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    form: Option<Map>,
    /// Statuses that are right: `200`, `[200, 204]`, `"200-299"`.
    #[schemars(extend("type" = ["integer", "array", "string"]))]
    expected_status: Option<Value>,
    /// Headers that the answer must have: a text, or `{matches = regex}`; null: must not have.
    #[schemars(with = "Option<std::collections::BTreeMap<String, Value>>")]
    expected_headers: Option<Map>,
    /// What the body must equal; a text must be contained.
    expected_body: Option<Value>,
    /// What must hold of the body: each `{path, equals | not_equals | contains | matches | exists | type | greater |
    /// less}`, where `path` is jq or starts with `$.`.
    #[schemars(with = "Option<Vec<std::collections::BTreeMap<String, Value>>>")]
    assertions: Option<Vec<Value>>,
    /// JSON Schema that the body must fit.
    #[schemars(extend("type" = ["object", "string", "boolean"]))]
    expected_schema: Option<Value>,
    /// Longest time that the answer may take (ms).
    #[schemars(range(min = 0))]
    max_duration_ms: Option<i64>,
    /// Values to take out of the body: name and jq.
    #[schemars(with = "Option<std::collections::BTreeMap<String, String>>")]
    extract: Option<Map>,
    /// The tests of `suite`, each with the parameters of a test.
    #[schemars(with = "Option<Vec<std::collections::BTreeMap<String, Value>>>")]
    requests: Option<Vec<Value>>,
    /// Whether a suite ends at the first test that fails.
    #[schemars(extend("default" = true))]
    stop_on_failure: Option<bool>,
    /// Whether a check that fails is an error.
    #[schemars(extend("default" = false))]
    fail_on_mismatch: Option<bool>,
    /// Requests of `load`.
    #[schemars(range(min = 1, max = 1000), extend("default" = 10))]
    count: Option<i64>,
    /// Requests of `load` that are under way at once.
    #[schemars(range(min = 1, max = 20), extend("default" = 1))]
    concurrency: Option<i64>,
}

/// Parameters of a single request and its checks.
const TEST: &str = "input name method body json form expected_status expected_headers expected_body assertions \
expected_schema max_duration_ms extract fail_on_mismatch headers auth query follow_redirects max_redirects retry \
user_agent max_bytes";
const SUITE: &str = "requests stop_on_failure fail_on_mismatch headers auth query follow_redirects max_redirects retry \
user_agent max_bytes";
const LOAD: &str = "input method body json form expected_status count concurrency headers auth query follow_redirects \
max_redirects retry user_agent max_bytes";

fn effect(args: &Value) -> Effect {
    let requests = args.get("requests").and_then(Value::as_list);
    let methods = requests.unwrap_or_default().iter().map(method_in);
    let worst = |worst: Effect, effect: Effect| match (worst, effect) {
        (Effect::Once, _) | (_, Effect::Once) => Effect::Once,
        (Effect::Read, other) => other,
        (own, _) => own,
    };
    methods
        .map(|method| effect_of(&method))
        .fold(effect_of(&method_in(args)), worst)
}

fn method_in(args: &Value) -> String {
    let text = |name: &str| args.get(name).and_then(Value::as_str);
    let named = text("operation").filter(|operation| {
        let mut methods = METHODS.iter().flat_map(|names| names.iter());
        methods.any(|method| method.eq_ignore_ascii_case(operation))
    });
    text("method").or(named).unwrap_or("GET").to_uppercase()
}

async fn api_tester(cx: Cx, call: Given<HttpArgs<ApiTester>>) -> Result<Outcome> {
    let own = &call.args.own;
    let operation = choose_or_first("operation", own.operation.as_deref(), OPERATIONS)?;
    let (used, outcome) = match operation {
        "suite" => (SUITE, suite::run(&cx, &call.args).await?),
        "load" => (LOAD, load::run(&cx, &call.args).await?),
        _ => (TEST, trial::run(&cx, &call.args).await?),
    };
    Ok(call.warn(op, used, outcome))
}

#[cfg(test)]
mod tests;
