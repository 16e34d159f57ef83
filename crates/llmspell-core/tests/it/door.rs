use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::BoxFuture;
use llmspell_core::{
    Call, CallId, Callable, Callback, Cx, Effect, Error, Flow, Kind, Layer, Module, Next, Op,
    Result, Sink, Value,
};
use parking_lot::Mutex;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::world::cx;

/// Adds.
#[derive(Deserialize, JsonSchema)]
struct Add {
    left: i64,
    right: i64,
}

async fn add(_: Cx, args: Add) -> Result<i64> {
    Ok(args.left + args.right)
}

fn op(op: Op) -> Arc<Op> {
    Module::new("math", "Math", "Sums.").op(op).ops[0].clone()
}

fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("nothing here waits")
}

struct Note(&'static str, Arc<Mutex<Vec<String>>>);

impl Layer for Note {
    fn applies(&self, op: &Op) -> bool {
        op.is_recorded()
    }
    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        Box::pin(async move {
            self.1
                .lock()
                .push(format!("{} > {} {}", self.0, call.op.name(), call.args));
            let outcome = next.run(call).await;
            self.1.lock().push(format!("{} < {outcome:?}", self.0));
            outcome
        })
    }
}

#[test]
fn layers_see_the_call_from_the_outside_in() {
    let notes = Arc::default();
    let cx = cx(vec![
        Arc::new(Note("a", Arc::clone(&notes))),
        Arc::new(Note("b", Arc::clone(&notes))),
    ]);
    let sum = now(cx.call(
        &op(Op::new("add", add).effect(Effect::Read)),
        Value::from_serialize(
            &[("left", 1)]
                .into_iter()
                .chain([("right", 2)])
                .collect::<std::collections::BTreeMap<_, _>>(),
        )
        .unwrap(),
    ));
    assert_eq!(sum.unwrap(), Value::Int(3));
    assert_eq!(
        *notes.lock(),
        [
            r#"a > math.add {"left":1,"right":2}"#,
            r#"b > math.add {"left":1,"right":2}"#,
            "b < Ok(Int(3))",
            "a < Ok(Int(3))"
        ]
    );
}

#[test]
fn a_layer_that_does_not_apply_is_passed_by() {
    let notes: Arc<Mutex<Vec<String>>> = Arc::default();
    let cx = cx(vec![Arc::new(Note("a", Arc::clone(&notes)))]);
    let add = op(Op::new("add", add).positional());
    let args = add.bind(vec![1.into(), 2.into()]).unwrap();
    assert_eq!(now(cx.call(&add, args)).unwrap(), Value::Int(3));
    assert!(notes.lock().is_empty());
}

#[test]
fn arguments_are_checked_before_any_layer() {
    let notes: Arc<Mutex<Vec<String>>> = Arc::default();
    let cx = cx(vec![Arc::new(Note("a", Arc::clone(&notes)))]);
    let add = op(Op::new("add", add).effect(Effect::Read).positional());
    let error = now(cx.call(&add, add.bind(vec![1.into(), "two".into()]).unwrap())).unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(
        error.to_string(),
        r#"math.add: parameter 'right' must be integer, got string ("two")"#
    );
    assert!(notes.lock().is_empty());
}

#[test]
fn a_panic_becomes_an_error() {
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    async fn explode(_: Cx, _: Nothing) -> Result<()> {
        panic!("the invariant broke")
    }
    let error = now(cx(vec![]).call(&op(Op::new("explode", explode)), Value::Null)).unwrap_err();
    assert_eq!(error.kind(), Kind::Bug);
    assert_eq!(
        error.to_string(),
        "math.explode: a defect in the runtime: the invariant broke"
    );
}

#[test]
fn an_endless_recursion_ends_in_an_error() {
    struct Again(Mutex<Option<Arc<Op>>>);
    let again = Arc::new(Again(Mutex::default()));
    let inner = again.clone();
    let schema = serde_json::json!({"type": "object"});
    let endless = op(Op::dynamic("again", schema, move |cx: Cx, args| {
        let op = inner.0.lock().clone();
        async move { Box::pin(cx.call(&op.unwrap(), args)).await }
    })
    .effect(Effect::Scope));
    *again.0.lock() = Some(endless.clone());
    let error = now(cx(vec![]).call(&endless, Value::Null)).unwrap_err();
    assert_eq!(error.kind(), Kind::Limit);
}

#[test]
fn pieces_reach_the_listener_and_may_be_refused() {
    #[derive(Deserialize, JsonSchema)]
    struct Nothing {}
    async fn count(cx: Cx, _: Nothing) -> Result<i64> {
        for number in 0..5 {
            if cx.emit(Value::Int(number)).await? == Flow::Stop {
                return Ok(number);
            }
        }
        Ok(5)
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let seen = seen.clone();
        Sink::new(move |piece| {
            seen.lock().push(piece.as_int().unwrap());
            let flow = if piece == Value::Int(2) {
                Flow::Stop
            } else {
                Flow::Continue
            };
            Box::pin(std::future::ready(Ok(flow)))
        })
    };
    let count = op(Op::new("count", count));
    assert_eq!(
        now(cx(vec![]).call_streaming(&count, Value::Null, sink)).unwrap(),
        Value::Int(2)
    );
    assert_eq!(*seen.lock(), [0, 1, 2]);
}

#[test]
fn functions_travel_inside_arguments() {
    struct Double;
    impl Callable for Double {
        fn name(&self) -> &str {
            "spell.lua:3"
        }
        fn call(&self, _: Cx, args: Vec<Value>) -> BoxFuture<'static, Result<Value>> {
            let number = args[0]
                .as_int()
                .ok_or_else(|| Error::new(Kind::Script, "no number"));
            Box::pin(std::future::ready(
                number.map(|number| Value::Int(number * 2)),
            ))
        }
    }
    #[derive(Deserialize, JsonSchema)]
    struct Apply {
        function: Callback,
        nested: std::collections::BTreeMap<String, Value>,
    }
    async fn apply(cx: Cx, args: Apply) -> Result<Value> {
        let once = args.function.call(&cx, vec![4.into()]).await?;
        args.nested["again"]
            .as_function()
            .unwrap()
            .call(&cx, vec![once])
            .await
    }
    let function = Value::Function(Callback::new(Double));
    let nested = Value::Map(
        [("again".to_owned(), function.clone())]
            .into_iter()
            .collect(),
    );
    let args = Value::Map(
        [
            ("function".to_owned(), function),
            ("nested".to_owned(), nested),
        ]
        .into_iter()
        .collect(),
    );
    assert_eq!(
        llmspell_core::value::to_json(&args),
        r#"{"function":"<function>","nested":{"again":"<function>"}}"#
    );
    assert_eq!(
        now(cx(vec![]).call(&op(Op::new("apply", apply)), args)).unwrap(),
        Value::Int(16)
    );
}

#[test]
fn the_same_call_has_the_same_id_wherever_it_stands() {
    let first = CallId::derive(CallId::ROOT, "model.complete", "{}", 0);
    assert_eq!(
        first,
        CallId::content(CallId::ROOT, "model.complete", "{}").nth(0)
    );
    assert_ne!(
        first,
        CallId::derive(CallId::ROOT, "model.complete", "{}", 1)
    );
    assert_ne!(first, CallId::derive(first, "model.complete", "{}", 0));
    assert_eq!(CallId::parse(&first.to_string()), Some(first));
    assert_eq!(CallId::parse("zz"), None);
}

/// If this fails, the calls of all runs that were recorded have other names now: raise `CallId::SCHEME`.
#[test]
fn ids_are_those_that_were_recorded_under_this_scheme() {
    let id = CallId::derive(
        CallId::ROOT,
        "tool:uuid_generator",
        r#"{"operation":"generate"}"#,
        3,
    );
    assert_eq!(
        (CallId::SCHEME, id.hex().as_str()),
        (2, "d45da34fc0fcd38dfa6c877e0ef71732")
    );
    assert_eq!(id.hex(), id.to_string());
}

#[test]
fn ids_are_digests_of_any_length() {
    for length in [0, 1, 400, 510, 513, 5000] {
        let args = "x".repeat(length);
        let op = 4_u64.to_le_bytes();
        let all = [&[7; 16][..], &op, b"tool", args.as_bytes()].concat();
        let digest = blake3::hash(&all);
        let id = CallId::content(CallId([7; 16]), "tool", &args);
        assert_eq!(id.0, digest.as_bytes()[..16], "{length}");
    }
}

#[test]
fn repetitions_have_ids_of_their_own() {
    let mut seen = std::collections::HashSet::new();
    for content in 0..50_u8 {
        // Contents as near to each other as can be.
        let content = CallId([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, content]);
        assert!((0..200).all(|nth| seen.insert(content.nth(nth))));
        assert!(seen.insert(content.nth(u32::MAX)));
    }
    // The first half alone, by which calls are counted, differs as well.
    let halves: std::collections::HashSet<_> = seen.iter().map(|id| id.0[..8].to_vec()).collect();
    assert_eq!(halves.len(), seen.len());
}

#[test]
fn an_op_passes_the_layers_of_each_door_that_it_comes_to() {
    let first: Arc<Mutex<Vec<String>>> = Arc::default();
    let second: Arc<Mutex<Vec<String>>> = Arc::default();
    let watched = cx(vec![Arc::new(Note("a", first.clone()))]);
    let beside = cx(vec![
        Arc::new(Note("b", second.clone())),
        Arc::new(Note("c", second.clone())),
    ]);
    let add = op(Op::new("add", add).effect(Effect::Read).positional());
    let args = || add.bind(vec![1.into(), 2.into()]).unwrap();
    for cx in [&watched, &beside, &watched, &beside] {
        assert_eq!(now(cx.call(&add, args())).unwrap(), Value::Int(3));
    }
    assert_eq!((first.lock().len(), second.lock().len()), (4, 8));
    // What an op becomes is another one.
    let pure = Arc::new((*add).clone().effect(Effect::Pure));
    assert_eq!(now(beside.call(&pure, args())).unwrap(), Value::Int(3));
    assert_eq!(second.lock().len(), 8);
}

/// Notes the keys of a call, of a part of it, and of a further attempt.
struct Keys(Arc<Mutex<Vec<[usize; 3]>>>);

impl Layer for Keys {
    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let (part, again) = (call.cx.bounded(None, None), call.cx.again());
        let keys = [call.cx.key(), part.key(), again.by_model().key()];
        self.0.lock().push(keys);
        next.run(call)
    }
}

#[test]
fn parts_and_further_attempts_are_the_same_call() {
    let keys = Arc::default();
    let cx = cx(vec![Arc::new(Keys(Arc::clone(&keys)))]);
    let args = [("left", Value::Int(1)), ("right", Value::Int(2))];
    let add = op(Op::new("add", add).effect(Effect::Read));
    now(cx.call(&add, args.into_iter().collect())).unwrap();
    let [call, part, again] = keys.lock()[0];
    assert_eq!((part, again), (call, call));
    assert_ne!(call, cx.key());
}

#[test]
fn a_part_with_a_place_is_its_call_with_ids_of_its_own() {
    let cx = cx(Vec::new());
    let place = CallId([7; 16]);
    let part = cx.bounded(None, None).apart(place);
    assert_eq!((part.id(), part.call_id()), (place, CallId::ROOT));
    assert_eq!((part.key(), part.depth()), (cx.key(), cx.depth()));
    let content = CallId([1; 16]);
    assert_eq!((cx.count(content), cx.count(content)), (0, 1));
    // What the part counts is its own.
    assert_eq!(
        (part.count(content), part.bounded(None, None).count(content)),
        (0, 1)
    );
}

/// Notes the origin of a call.
struct Origins(Arc<Mutex<Vec<CallId>>>);

impl Layer for Origins {
    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        self.0.lock().push(call.cx.origin());
        next.run(call)
    }
}

#[test]
fn what_is_done_as_one_operation_has_one_origin() {
    let below = Arc::default();
    let cx = cx(vec![Arc::new(Origins(Arc::clone(&below)))]);
    assert_ne!(cx.origin(), cx.origin());
    let one = cx.as_operation();
    let origin = one.origin();
    let part = one.bounded(None, None).carrying(Arc::new(()));
    assert_eq!(part.origin(), origin);
    assert_eq!(one.as_operation().origin(), origin);
    assert_ne!(cx.as_operation().origin(), origin);
    assert_eq!((one.key(), one.id(), one.depth()), (cx.key(), cx.id(), 0));
    let add = op(Op::new("add", add).effect(Effect::Read).positional());
    let args = || add.bind(vec![1.into(), 2.into()]).unwrap();
    now(part.call(&add, args())).unwrap();
    now(cx.call(&add, args())).unwrap();
    let below = below.lock();
    assert_eq!(below[0], origin);
    assert_ne!(below[1], origin);
}

/// Moves the end of a call whose own time is over when it begins.
struct Later(Arc<Mutex<Vec<bool>>>);

impl Layer for Later {
    fn call<'a>(&'a self, call: Call, next: Next<'a>) -> BoxFuture<'a, Result<Value>> {
        let cx = &call.cx;
        let mut seen = vec![cx.is_overdue(), cx.check().is_ok()];
        let again = cx.again();
        seen.extend([again.is_overdue(), again.check().is_ok()]);
        again.renew();
        seen.extend([again.is_overdue(), again.check().is_ok()]);
        cx.prolong(Duration::MAX);
        let part = cx.carrying_until(Arc::new(()), Duration::MAX);
        seen.extend([cx.is_overdue(), cx.check().is_ok(), part.check().is_ok()]);
        *self.0.lock() = seen;
        next.run(call)
    }
}

#[test]
fn the_time_of_a_call_itself_can_be_moved_but_not_that_of_its_caller() {
    let seen = Arc::default();
    let cx = cx(vec![Arc::new(Later(Arc::clone(&seen)))]);
    let add = op(Op::new("add", add).effect(Effect::Read).positional());
    let limit = (Duration::from_secs(3600), Duration::ZERO);
    let call = |caller: &Cx| {
        let args = add.bind(vec![1.into(), 2.into()]).unwrap();
        now(caller.call_until(limit, None, &add, args)).1.unwrap();
        seen.lock().clone()
    };
    let (yes, no) = (true, false);
    assert_eq!(call(&cx), [yes, no, yes, no, no, yes, no, yes, yes]);
    let late = cx.bounded(Some(Duration::ZERO), None);
    assert_eq!(call(&late), [no; 9]);
    assert!(late.after_stop().check().is_ok());
}
