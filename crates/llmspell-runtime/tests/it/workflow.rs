//! Workflows without a script: functions in Rust, real calls through the door.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use futures::future::BoxFuture;
use llmspell_core::{Callable, Callback, Cx, Effect, Op, Result, Value, error};
use llmspell_runtime::host::SystemClock;
use llmspell_runtime::layer;
use llmspell_runtime::workflow::{Workflows, module};
use parking_lot::Mutex;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use crate::world::{echo, run};

type Body = dyn Fn(Cx, Value) -> BoxFuture<'static, Result<Value>> + Send + Sync;

struct Function(Arc<Body>);

impl Callable for Function {
    fn name(&self) -> &str {
        "test"
    }

    fn call(&self, cx: Cx, mut args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
        (self.0)(cx, args.swap_remove(0))
    }
}

fn function<F, Fut>(body: F) -> Value
where
    F: Fn(Cx, Value) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Value>> + Send + 'static,
{
    let body: Arc<Body> = Arc::new(move |cx, context| Box::pin(body(cx, context)));
    Value::Function(Callback::new(Function(body)))
}

/// A step whose function returns this.
fn gives(name: &str, value: Json) -> Value {
    let value = Value::from(value);
    let execute = function(move |_, _| std::future::ready(Ok(value.clone())));
    Value::from([("name", name.into()), ("execute", execute)])
}

/// A step that returns its input.
fn shows(name: &str, input: Json) -> Value {
    let execute = function(|_, context| {
        std::future::ready(Ok(context.get("params").cloned().unwrap_or_default()))
    });
    Value::from([
        ("name", name.into()),
        ("input", input.into()),
        ("execute", execute),
    ])
}

fn fails(name: &str) -> Value {
    let execute = function(|_, _| std::future::ready(Err(error!(Execution, "bad"))));
    Value::from([("name", name.into()), ("execute", execute)])
}

fn world() -> Cx {
    run(layer::Options::default(), Arc::new(SystemClock))
        .part(Arc::new(Workflows::default()))
        .build()
}

async fn execute(cx: &Cx, kind: &str, config: Value, input: Json) -> Json {
    let module = module();
    let make: &Arc<Op> = module.find(kind).unwrap();
    let made = cx
        .call(make, Value::from([("config", config)]))
        .await
        .unwrap();
    let mut ops = module.ops.iter();
    let method = ops
        .find(|op| op.verb() == "execute" && op.method_of().is_some())
        .unwrap();
    let args = Value::from([("workflow", made), ("input", input.into())]);
    cx.call(method, args).await.unwrap().to_serde_json()
}

fn steps<const N: usize>(steps: [Value; N]) -> Value {
    Value::from([("name", "w".into()), ("steps", Value::List(steps.into()))])
}

fn with(config: Value, name: &str, value: impl Into<Value>) -> Value {
    let Value::Map(mut members) = config else {
        return config;
    };
    members.insert(name, value.into());
    Value::Map(members)
}

#[tokio::test]
async fn data_flows_through_tokens() {
    let plan = steps([
        gives("a", json!({"rows": [1, 2]})),
        shows(
            "b",
            json!({"typed": "{{step:a:output.rows}}", "text": "{{input:n}}/{{step:a:output.rows | length}}"}),
        ),
    ]);
    let result = execute(&world(), "sequential", plan, json!({"n": 3})).await;
    assert_eq!(result["success"], true);
    assert_eq!(result["output"], json!({"typed": [1, 2], "text": "3/2"}));
    assert_eq!(result["data"]["steps_executed"], 2);
    assert_eq!(result["step_results"][0]["name"], "a");
}

#[tokio::test]
async fn a_failure_is_told_and_undone() {
    let undone = Arc::new(Mutex::new(Vec::new()));
    let note = |text: &'static str| {
        let undone = undone.clone();
        function(move |_, _| {
            undone.lock().push(text);
            std::future::ready(Ok(Value::Null))
        })
    };
    let plan = steps([
        with(gives("a", json!(1)), "compensate", note("a")),
        with(gives("b", json!(2)), "compensate", note("b")),
        fails("c"),
        gives("d", json!(3)),
    ]);
    let result = execute(&world(), "sequential", plan, json!(null)).await;
    assert_eq!(result["success"], false);
    assert_eq!(result["error"]["location"], "c");
    assert_eq!(result["error"]["kind"], "execution");
    assert_eq!(result["error"]["error_type"], "SequentialExecutionError");
    assert_eq!(result["step_results"].as_array().unwrap().len(), 3);
    assert_eq!(*undone.lock(), ["b", "a"]);
}

#[tokio::test]
async fn strategies() {
    let goes_on = with(
        steps([fails("x"), gives("y", json!("y"))]),
        "error_strategy",
        "continue",
    );
    let result = execute(&world(), "sequential", goes_on, json!(null)).await;
    assert_eq!(
        (&result["success"], &result["output"]),
        (&json!(true), &json!("y"))
    );
    assert_eq!(result["data"]["failed_steps"], 1);

    let retry: Value = json!({"max_attempts": 3, "backoff_ms": 1}).into();
    let tried = steps([with(fails("x"), "retry", retry)]);
    let result = execute(&world(), "sequential", tried, json!(null)).await;
    assert_eq!(result["step_results"][0]["retry_count"], 2);
    assert_eq!(result["error"]["details"]["attempts"], 3);
}

#[tokio::test]
async fn a_failed_branch_stops_the_others() {
    let waits = function(|cx, _| async move {
        cx.host().clock.sleep(Duration::from_secs(600)).await;
        Ok(Value::Null)
    });
    let branches = Value::List(vec![
        Value::from([
            ("name", "bad".into()),
            ("steps", Value::List(vec![fails("x")])),
        ]),
        Value::from([("name", "long".into()), ("execute", waits)]),
    ]);
    let plan = Value::from([("name", "p".into()), ("branches", branches)]);
    let result = execute(&world(), "parallel", plan, json!(null)).await;
    assert_eq!(result["error"]["location"], "bad");
    assert_eq!(result["error"]["details"]["path"], "bad/x");
    assert_eq!(result["data"]["failed_branches"], 2);
    assert_eq!(result["metadata"]["extra"]["stopped_early"], true);
}

#[tokio::test]
async fn loops_and_conditions() {
    let range: Value = json!({"range": {"start": 1, "end": 3}}).into();
    let plan = Value::from([
        ("name", "l".into()),
        ("iterator", range),
        ("aggregation_strategy", "collect_outputs".into()),
        ("body", shows("s", json!("{{loop:current_value}}"))),
    ]);
    let result = execute(&world(), "loop", plan, json!(null)).await;
    assert_eq!(result["data"]["aggregated_results"], json!([1, 2, 3]));
    assert_eq!(result["data"]["total_iterations"], 3);

    let branch = |name: &str, condition: &str| {
        Value::from([
            ("name", name.into()),
            ("condition", condition.into()),
            ("steps", Value::List(vec![gives("s", json!(name))])),
        ])
    };
    let branches = vec![
        branch("big", "input.n > 10"),
        branch("small", "input.n <= 10"),
    ];
    let plan = Value::from([("name", "c".into()), ("branches", Value::List(branches))]);
    let result = execute(&world(), "conditional", plan, json!({"n": 3})).await;
    assert_eq!(result["output"], "small");
}

/// Runs branches that all make the same call after pauses of their own, and returns the ids of the calls by branch.
async fn ids(pauses: [u64; 3]) -> BTreeSet<(usize, String)> {
    let seen = Arc::new(Mutex::new(BTreeSet::new()));
    let branches = pauses.into_iter().enumerate().map(|(at, pause)| {
        let seen = seen.clone();
        let execute = function(move |cx, _| {
            let seen = seen.clone();
            async move {
                cx.host().clock.sleep(Duration::from_millis(pause)).await;
                let (id, _) = cx
                    .call_prepared(&echo("same", Effect::Read), json!({"x": 1}).into())
                    .await;
                seen.lock().insert((at, id.to_string()));
                Ok(Value::Null)
            }
        });
        Value::from([("execute", execute)])
    });
    let plan = Value::from([("name", "p".into()), ("branches", branches.collect())]);
    execute(&world(), "parallel", plan, json!(null)).await;
    seen.lock().clone()
}

#[tokio::test]
async fn ids_do_not_depend_on_which_branch_ends_first() {
    let first = ids([1, 20, 40]).await;
    assert_eq!(first.len(), 3);
    assert_eq!(first, ids([40, 20, 1]).await);
    assert_eq!(first, ids([20, 1, 40]).await);
}

/// A plan for the property that ids do not depend on order.
#[derive(Clone, Debug)]
enum Plan {
    Call(u8),
    Steps(Vec<Plan>),
    Branches(Vec<Plan>, u64),
    Turns(u8, Box<Plan>),
    Choice(bool, Box<Plan>, Box<Plan>),
}

fn plans() -> impl Strategy<Value = Plan> {
    let call = (0..3u8).prop_map(Plan::Call);
    call.prop_recursive(4, 24, 4, |inner| {
        let some = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            some().prop_map(Plan::Steps),
            (some(), 1..5u64).prop_map(|(branches, most)| Plan::Branches(branches, most)),
            (1..4u8, inner.clone()).prop_map(|(times, body)| Plan::Turns(times, body.into())),
            (any::<bool>(), inner.clone(), inner.clone())
                .prop_map(|(holds, yes, no)| Plan::Choice(holds, yes.into(), no.into())),
        ]
    })
}

/// What the steps of a random plan share: which ids they saw, and how long each of them dawdles.
struct Course {
    seen: Mutex<Vec<String>>,
    random: Mutex<u64>,
}

impl Course {
    /// Returns how often a step lets others go first.
    fn dawdle(&self) -> u64 {
        let mut state = self.random.lock();
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (*state >> 33) % 7
    }
}

fn step(plan: &Plan, at: usize, course: &Arc<Course>) -> Value {
    let list = |plans: &[Plan]| -> Value {
        let steps = plans.iter().enumerate();
        steps.map(|(at, plan)| step(plan, at, course)).collect()
    };
    let name = ("name", Value::from(format!("s{at}")));
    match plan {
        Plan::Call(x) => {
            let (x, course) = (*x, course.clone());
            let execute = function(move |cx, _| {
                let course = course.clone();
                async move {
                    for _ in 0..course.dawdle() {
                        tokio::task::yield_now().await;
                    }
                    let same = echo("same", Effect::Read);
                    let (id, _) = cx.call_prepared(&same, json!({"x": x}).into()).await;
                    course.seen.lock().push(id.to_string());
                    Ok(Value::Null)
                }
            });
            Value::from([name, ("execute", execute)])
        }
        Plan::Steps(steps) => {
            Value::from([name, ("type", "sequential".into()), ("steps", list(steps))])
        }
        Plan::Branches(branches, most) => Value::from([
            name,
            ("type", "parallel".into()),
            ("max_concurrency", (*most).into()),
            ("branches", list(branches)),
        ]),
        Plan::Turns(times, body) => {
            let range: Value = json!({"range": {"start": 1, "end": times}}).into();
            Value::from([
                name,
                ("type", "loop".into()),
                ("iterator", range),
                ("body", list(std::slice::from_ref(body))),
            ])
        }
        Plan::Choice(holds, yes, no) => {
            let side = |plan: &Plan| Value::from([("steps", list(std::slice::from_ref(plan)))]);
            Value::from([
                name,
                ("type", "conditional".into()),
                ("condition", (*holds).into()),
                ("then_branch", side(yes)),
                ("else_branch", side(no)),
            ])
        }
    }
}

/// Runs a plan and returns the ids of its calls, sorted.
fn ids_of(plan: &Plan, seed: u64) -> Vec<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let course = Arc::new(Course {
        seen: Mutex::default(),
        random: Mutex::new(seed),
    });
    let steps = steps([step(plan, 0, &course)]);
    let result = runtime.block_on(execute(&world(), "sequential", steps, json!(null)));
    assert_eq!(result["success"], true, "{result}");
    let mut seen = std::mem::take(&mut *course.seen.lock());
    seen.sort();
    seen
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn ids_are_those_of_the_plan(plan in plans(), one: u64, other: u64) {
        let first = ids_of(&plan, one);
        let mut distinct = first.clone();
        distinct.dedup();
        prop_assert_eq!(&distinct, &first, "two calls have one id");
        prop_assert_eq!(first, ids_of(&plan, other));
    }
}

/// What a loop of ten thousand iterations gave is not kept if nobody wants it.
#[tokio::test]
async fn a_long_loop_keeps_no_results() {
    const SIZE: usize = 50_000;
    let large = function(|_, _| std::future::ready(Ok("x".repeat(SIZE).into())));
    let range: Value = json!({"range": {"start": 1, "end": 10_000}}).into();
    let plan = Value::from([
        ("name", "l".into()),
        ("iterator", range),
        ("aggregation_strategy", "none".into()),
        (
            "body",
            Value::from([("name", "s".into()), ("execute", large)]),
        ),
    ]);
    let before = peak();
    let result = execute(&world(), "loop", plan, json!(null)).await;
    assert_eq!(result["data"]["total_iterations"], 10_000);
    // Half a gigabyte went through it; other tests of this process take some as well.
    let grown = peak().saturating_sub(before);
    assert!(grown < 200 << 20, "{} MB were kept", grown >> 20);
}

/// Returns the most memory that this process had, in bytes; 0 where the system does not say.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.unwrap_or(0) << 10
}
