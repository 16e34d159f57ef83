//! Values on the way into Lua and back.

use llmspell_core::{Handle, Map, Value};
use proptest::prelude::*;

use crate::round_trip;
use crate::world::World;

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
    let world = World::new();
    round_trip::check(
        &world,
        "Test.note(function(v) return Test.note(v) end)",
        &any_value(),
    );
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
