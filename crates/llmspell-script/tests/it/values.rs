//! Values on the way into Lua and back.

use llmspell_core::{Handle, Kind, Map, Value};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::world::{World, cx, text, value};

/// Any value without functions; members that are null vanish in Lua, so there are none.
fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite())
            .prop_map(Value::Float),
        ".{0,12}".prop_map(Value::Str),
        proptest::collection::vec(any::<u8>(), 1..12)
            .prop_filter("not text", |bytes| std::str::from_utf8(bytes).is_err())
            .prop_map(Value::Bytes),
        ("[a-z]{1,5}", "[a-z]{1,5}").prop_map(|(kind, id)| Value::from(Handle::new(
            &kind,
            &id,
            Map::new()
        ))),
    ];
    scalar.prop_recursive(5, 60, 6, |inner| {
        let slot = prop_oneof![4 => inner.clone(), 1 => Just(Value::Null)];
        prop_oneof![
            proptest::collection::vec(slot, 0..6).prop_map(Value::List),
            proptest::collection::vec((".{0,6}", inner), 0..6)
                .prop_map(|members| Value::Map(members.into_iter().collect())),
        ]
    })
}

#[test]
fn any_value_comes_back_equal() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let world = World::new();
    // The values come in as arguments of a function that hands them to an op.
    let identity = runtime.block_on(async {
        let opened = llmspell_script::Engine::open(&world.lua).unwrap();
        let script = llmspell_script::Script::new(
            "id.lua",
            "Test.note(function(v) return Test.note(v) end)",
        );
        opened.eval(cx(), script).await.unwrap();
        (opened, world.shared.seen.lock().pop().unwrap())
    });
    let function = identity.1.as_function().unwrap().clone();
    let mut runner = TestRunner::new(Config {
        cases: 1_000,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&any_value(), |value| {
        runtime
            .block_on(function.call(&cx(), vec![value.clone()]))
            .unwrap();
        let back = world.shared.seen.lock().pop().unwrap();
        prop_assert_eq!(back, value);
        Ok(())
    });
    outcome.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_say_lists_and_maps() {
    let source = "return {Test.echo{1, 2, nil, 4}, Test.echo({}), Test.echo(JSON.array()), Test.echo{a=1, [2]='x'},
        Test.echo{JSON.null, 1}, Test.echo{a=JSON.null} , Test.echo{[true]=1}}";
    let world = World::new();
    let got = world.value(source).await;
    assert_eq!(
        got.to_string(),
        r#"[[1,2],{},[],{"2":"x","a":1},[null,1],{},{}]"#
    );
    let noted = "Test.note{a=JSON.null, b={}} Test.note{JSON.null, {}} Test.note(JSON.array{})";
    world.run(noted).await.unwrap();
    let seen: Vec<String> = world
        .shared
        .seen
        .lock()
        .iter()
        .map(Value::to_string)
        .collect();
    assert_eq!(seen, [r#"{"a":null,"b":{}}"#, "[null,{}]", "[]"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_list_that_was_read_stays_one() {
    let source = "local l = Test.echo(JSON.array()); Test.note{list=l, map={}}; l[1] = 5; table.remove(l); Test.note(l)";
    let world = World::new();
    world.run(source).await.unwrap();
    let seen = world.shared.seen.lock().clone();
    assert_eq!(seen[0].get("list"), Some(&Value::List(Vec::new())));
    assert_eq!(seen[0].get("map"), Some(&Value::Map(Map::new())));
    assert_eq!(seen[1], Value::List(Vec::new()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_keep_their_kind() {
    let source = "return {Test.echo(9007199254740993), Test.echo(3.0), math.type(Test.echo(3.0)), Test.echo(0/0) == nil,
        Test.echo(1/0) == nil, Test.echo(math.mininteger)}";
    let Value::List(got) = value(source).await else {
        panic!()
    };
    assert_eq!(got[0], Value::Int(9_007_199_254_740_993));
    assert_eq!(got[1], Value::Float(3.0));
    assert_eq!(got[2], text("float"));
    assert_eq!(got[3..], [true.into(), true.into(), Value::Int(i64::MIN)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_passed_is_named() {
    let world = World::new();
    for (source, message) in [
        (
            "local t = {} t.a = {b = t} Test.echo(t)",
            "a value contains itself at 'a.b'",
        ),
        (
            "local t = {} for i = 1, 200 do t = {t} end Test.echo{x = t}",
            "nested deeper than 128 levels",
        ),
        (
            "Test.echo{a = {1, coroutine.create(print)}}",
            "cannot convert a thread at 'a[2]'",
        ),
    ] {
        let error = world.error(source).await;
        assert_eq!(error.kind(), Kind::InvalidArgs, "{source}");
        assert!(error.message().contains(message), "{}", error.message());
        assert_eq!(error.op_name(), Some("test.echo"));
    }
    let shared = "local t = {1} return Test.echo{a = t, b = t}";
    assert_eq!(
        world.value(shared).await.to_string(),
        r#"{"a":[1],"b":[1]}"#
    );
    let wide = "local t = {} for i = 1, 60 do t = {t, t} end Test.echo(t)";
    assert_eq!(world.error(wide).await.kind(), Kind::Limit);
    let large = "Test.echo(('x'):rep(65 * 1024 * 1024))";
    assert_eq!(world.error(large).await.kind(), Kind::Limit);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_become_data_somehow() {
    let source = "local t = {1, 2, x = 3} local c = {} c.c = c
        return t, print, Agent.create{name='ann'}, c, 0/0, {f = print}, nil";
    let values = World::new().run(source).await.unwrap();
    let shown: Vec<String> = values.iter().map(Value::to_string).collect();
    assert_eq!(
        shown,
        [
            r#"{"1":1,"2":2,"x":3}"#,
            r#""<function>""#,
            r#""<agent ann>""#,
            r#"{"c":"<cycle>"}"#,
            "null",
            r#"{"f":"<function>"}"#,
            "null"
        ]
    );
    let large = World::new()
        .run("return ('x'):rep(100 * 1024 * 1024)")
        .await
        .unwrap();
    assert_eq!(large[0].as_str().map(str::len), Some(100 << 20));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bytes_stay_bytes() {
    let world = World::new();
    world
        .run("Test.note(Test.echo('\\xff\\0a')) Test.note('\\0')")
        .await
        .unwrap();
    let seen = world.shared.seen.lock().clone();
    assert_eq!(seen, [Value::Bytes(vec![0xff, 0, b'a']), text("\0")]);
}
