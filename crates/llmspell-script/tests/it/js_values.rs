//! Values on the way into JavaScript and back.

use llmspell_core::{Handle, Kind, Map, Value};
use proptest::prelude::*;

use crate::round_trip;
use crate::world::{World, js, text};

/// Any value without functions. A float without a fraction would come back as an integer.
fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("finite", |number| number.is_finite()
                && (number.fract() != 0.0 || number.abs() > 1e16))
            .prop_map(Value::Float),
        ".{0,12}".prop_map(Value::Str),
        proptest::collection::vec(any::<u8>(), 0..12).prop_map(Value::Bytes),
        ("[a-z]{1,5}", "[a-z]{1,5}").prop_map(|(kind, id)| Value::from(Handle::new(
            &kind,
            &id,
            Map::new()
        ))),
    ];
    scalar.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            proptest::collection::vec((".{0,6}", inner), 0..6)
                .prop_map(|members| Value::Map(members.into_iter().collect())),
        ]
    })
}

#[test]
fn any_value_comes_back_equal() {
    let world = World::javascript(Default::default());
    round_trip::check(&world, "await Test.note((v) => Test.note(v))", &any_value());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_say_data() {
    for (source, expected) in [
        ("[1, undefined, null, 4]", "[1,null,null,4]"),
        (
            "{ a: undefined, b: null, [Symbol('x')]: 1 }",
            r#"{"b":null}"#,
        ),
        ("[]", "[]"),
        ("{}", "{}"),
        (
            "new Map([['a', 1], [2, 'x'], [{}, 3]])",
            r#"{"a":1,"2":"x"}"#,
        ),
        ("new Set([1, 'b'])", r#"[1,"b"]"#),
        ("new Date(0)", r#""1970-01-01T00:00:00.000Z""#),
        (
            "[1.5, 3.0, 1.25e15, NaN, -Infinity, -0]",
            "[1.5,3,1250000000000000,null,null,0]",
        ),
        (
            "[2 ** 53, 2 ** 53 + 2, 9007199254740993n, -(2n ** 63n)]",
            "[9007199254740992,9007199254740994.0,9007199254740993,-9223372036854775808]",
        ),
        ("{ toJSON: () => ['own'] }", r#"["own"]"#),
        (
            "Object.assign(Object.create({ inherited: 1 }), { own: 2 })",
            r#"{"own":2}"#,
        ),
        (
            "new TypeError('bad')",
            r#"{"name":"TypeError","message":"bad"}"#,
        ),
        ("'half \\ud83d'", "\"half \u{fffd}\""),
        ("new Proxy({ a: 1 }, {})", r#"{"a":1}"#),
        ("{ ['__proto__']: 1 }", r#"{"__proto__":1}"#),
    ] {
        let got = js(&format!("await Test.note({source})")).await.1;
        assert_eq!(got.to_string(), expected, "{source}");
    }
    for (source, bytes) in [
        ("new Uint8Array([0, 255])", &[0, 255][..]),
        ("new Uint8Array([1, 2, 3]).subarray(1)", &[2, 3]),
        ("new Uint8Array([7]).buffer", &[7]),
    ] {
        let got = js(&format!("await Test.note({source})")).await.1;
        assert_eq!(got, Value::Bytes(bytes.to_vec()), "{source}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_passed_is_named() {
    let world = World::javascript(Default::default());
    for (source, message) in [
        (
            "const a = { b: [] }; a.b.push({ a }); Test.note(a)",
            "a value contains itself at 'b[0].a'",
        ),
        (
            "let a = []; for (let i = 0; i < 200; i++) a = [a]; Test.note({ x: a })",
            "a value is nested deeper than 128 levels at",
        ),
        (
            "Test.note({ a: [Promise.resolve(1)] })",
            "cannot convert a Promise at 'a[0]'",
        ),
        (
            "Test.note([10n ** 30n])",
            "cannot convert a BigInt of more than 64 bits at '[0]'",
        ),
        ("Test.note(Symbol('x'))", "cannot convert a symbol"),
        (
            "Test.note({ get a() { throw new Error('from the getter') } })",
            "from the getter",
        ),
    ] {
        let error = world
            .error(&source.replace("Test.note", "await Test.note"))
            .await;
        assert!(error.message().starts_with(message), "{source}: {error:?}");
        let expected = if message == "from the getter" {
            Kind::Script
        } else {
            Kind::InvalidArgs
        };
        assert_eq!(error.kind(), expected, "{source}");
    }
    let error = world
        .error("await Test.note('x'.repeat(2 ** 26 + 1))")
        .await;
    assert_eq!(error.kind(), Kind::Limit, "{error:?}");
    assert_eq!(error.details()["what"], text("value"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn results_become_data_somehow() {
    let source = "const own = { name: 'x' }; own.own = own;
        export default [own, () => 1, Symbol('s'), new Promise(() => {}), await Agent.create('ann'), /x/]";
    let world = World::javascript(Default::default());
    let got = world.value(source).await;
    assert_eq!(
        got.to_string(),
        r#"[{"name":"x","own":"<cycle>"},"<function>","<symbol>","<promise>","<agent ann>",{}]"#
    );
}
