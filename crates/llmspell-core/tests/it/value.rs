use std::collections::BTreeMap;

use llmspell_core::value::{self, MAX_DEPTH};
use llmspell_core::{Handle, Kind, Map, Value};
use proptest::prelude::*;
use serde::{Deserialize, Serialize};

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>()
            .prop_filter("NaN never equals itself", |f| !f.is_nan())
            .prop_map(Value::Float),
        ".{0,12}".prop_map(Value::Str),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Value::Bytes),
        "[a-z]{1,5}".prop_map(|id| Value::Handle(Handle::new("agent", &id, Map::new()))),
    ];
    leaf.prop_recursive(5, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::List),
            prop::collection::vec(("[$a-z]{0,8}", inner), 0..6)
                .prop_map(|members| Value::Map(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_record_restores_the_value(value in any_value()) {
        prop_assert_eq!(value::from_record(&value::to_record(&value)).unwrap(), value);
    }

    #[test]
    fn serde_carries_the_value_whole(value in any_value()) {
        prop_assert_eq!(Value::from_serialize(&value).unwrap(), value.clone());
        prop_assert_eq!(value.clone().into_typed::<Value>().unwrap(), value);
    }

    #[test]
    fn plain_json_is_parsed_to_what_was_written(value in any_value()) {
        let text = value::to_json(&value);
        let again = value::from_json(&text).unwrap();
        prop_assert_eq!(value::to_json(&again), text);
    }

    #[test]
    fn json_text_never_makes_live_values(text in ".{0,80}") {
        if let Ok(value) = value::from_json(&text) {
            prop_assert!(value.as_handle().is_none() && value.as_function().is_none());
        }
    }

    #[test]
    fn records_of_any_text_are_read_or_refused(text in ".{0,80}") {
        let _ = value::from_record(&text);
    }
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Shape {
    Dot,
    Circle(f64),
    Line { from: i64, to: i64 },
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Everything {
    name: String,
    big: i64,
    ratio: f32,
    small: u8,
    maybe: Option<bool>,
    list: Vec<u16>,
    map: BTreeMap<i32, String>,
    shapes: Vec<Shape>,
    any: Value,
    handle: Handle,
}

#[test]
fn typed_data_goes_there_and_back() {
    let everything = Everything {
        name: "x".into(),
        big: i64::MIN,
        ratio: 0.5,
        small: 255,
        maybe: None,
        list: vec![1, 2],
        map: BTreeMap::from([(-1, "minus".into())]),
        shapes: vec![
            Shape::Dot,
            Shape::Circle(1.0),
            Shape::Line { from: 1, to: 2 },
        ],
        any: Value::Bytes(vec![0, 255]),
        handle: Handle::new("agent", "7", Map::new()),
    };
    let value = Value::from_serialize(&everything).unwrap();
    assert_eq!(value.get("any"), Some(&Value::Bytes(vec![0, 255])));
    assert_eq!(value.into_typed::<Everything>().unwrap(), everything);
}

#[test]
fn an_empty_table_is_whatever_the_reader_wants() {
    #[derive(Debug, PartialEq, Deserialize)]
    struct Wants {
        list: Vec<i64>,
        map: BTreeMap<String, i64>,
    }
    let empty = Value::from([
        ("list", Value::Map(Map::new())),
        ("map", Value::List(vec![])),
    ]);
    assert_eq!(
        empty.into_typed::<Wants>().unwrap(),
        Wants {
            list: vec![],
            map: BTreeMap::new()
        }
    );
}

#[test]
fn a_misfit_names_the_path() {
    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "only its shape matters")]
    struct Outer {
        items: Vec<BTreeMap<String, u8>>,
    }
    let value = value::from_json(r#"{"items":[{"a":1},{"b":300}]}"#).unwrap();
    let error = value.into_typed::<Outer>().unwrap_err();
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert_eq!(
        error.details().get("path"),
        Some(&Value::from("items[1].b"))
    );
}

#[test]
fn integers_keep_64_bits_and_larger_ones_become_floats() {
    let text = "[9223372036854775807,-9223372036854775808,18446744073709551615,3.0]";
    let value = value::from_json(text).unwrap();
    let items = value.as_list().unwrap();
    assert_eq!(items[..2], [Value::Int(i64::MAX), Value::Int(i64::MIN)]);
    assert_eq!(
        items[2..],
        [Value::Float(18446744073709551615.0), Value::Float(3.0)]
    );
}

#[test]
fn deep_json_is_refused_without_a_crash() {
    let text = "[".repeat(100_000);
    assert_eq!(value::from_json(&text).unwrap_err().kind(), Kind::Parse);
    let mut deep = Value::Null;
    for _ in 0..MAX_DEPTH + 1 {
        deep = Value::List(vec![deep]);
    }
    assert_eq!(deep.depth(), MAX_DEPTH + 1);
    assert_eq!(
        Value::from_serialize(&deep).unwrap_err().kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn bad_json_says_where() {
    let error = value::from_json("{\n  \"a\": ,\n}").unwrap_err();
    assert_eq!(
        error.message(),
        "not valid JSON: expected value at line 2, column 8"
    );
}

#[test]
fn damaged_records_are_corrupt() {
    for text in [
        r#"{"$bytes":"%"}"#,
        r#"{"$handle":{"kind":1}}"#,
        r#"{"$new":1}"#,
        "{",
    ] {
        assert_eq!(
            value::from_record(text).unwrap_err().kind(),
            Kind::Corrupt,
            "{text}"
        );
    }
}
