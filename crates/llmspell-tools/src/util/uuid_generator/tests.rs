use std::collections::BTreeSet;

use llmspell_core::Kind;
use serde_json::json;

use super::*;
use crate::test_world::{call, cx, fails, refuses};

fn output(args: serde_json::Value) -> Value {
    call(op(), args).unwrap().primary().clone()
}

fn text(args: serde_json::Value) -> String {
    output(args).as_str().unwrap().to_owned()
}

#[test]
fn every_version_is_what_it_says() {
    for version in ["v1", "v4", "v6", "v7"] {
        let uuid = Uuid::try_parse(&text(json!({"version": version}))).unwrap();
        assert_eq!(format!("v{}", uuid.get_version_num()), version);
        assert_eq!(uuid.get_variant(), Variant::RFC4122);
        let by_operation = Uuid::try_parse(&text(json!({"operation": version}))).unwrap();
        assert_eq!(by_operation.get_version(), uuid.get_version());
    }
    assert_eq!(
        text(json!({"version": "nil"})),
        "00000000-0000-0000-0000-000000000000"
    );
    assert_eq!(
        text(json!({"version": "max"})),
        "ffffffff-ffff-ffff-ffff-ffffffffffff"
    );
    assert_eq!(text(json!({"version": "nanoid"})).len(), 21);
    let ulid = Ulid::from_string(&text(json!({"version": "ulid"}))).unwrap();
    assert_eq!(ulid.timestamp_ms(), (crate::test_world::NOW / 1000) as u64);
}

#[test]
fn names_give_the_vectors_of_the_standard() {
    // RFC 9562, appendices A.2 and A.4.
    assert_eq!(
        text(json!({"version": 3, "name": "www.example.com"})),
        "5df41881-3aed-3515-88a7-2f4a814cf09e"
    );
    assert_eq!(
        text(json!({"version": "V5", "name": "www.example.com", "namespace": "DNS"})),
        "2ed6657d-e927-568b-95e1-2665a8aea6a2"
    );
    let given = json!({"operation": "v5", "name": "www.example.com", "namespace": Uuid::NAMESPACE_DNS.to_string()});
    assert_eq!(text(given), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

#[test]
fn formats() {
    let nil = |format: &str| text(json!({"input": "nil", "format": format}));
    assert_eq!(nil("simple"), "0".repeat(32));
    assert_eq!(nil("urn"), "urn:uuid:00000000-0000-0000-0000-000000000000");
    assert_eq!(nil("Braced"), "{00000000-0000-0000-0000-000000000000}");
    assert_eq!(nil("standard"), nil("hyphenated"));
    let outcome = call(op(), json!({"version": "ulid", "format": "urn"})).unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["format 'urn' does not apply to ulid"].into()
    );
}

#[test]
fn several_are_different_and_version_7_is_in_order() {
    for version in ["v1", "v6", "v7"] {
        let list = output(json!({"version": version, "count": 300}));
        let list: Vec<&str> = list
            .as_list()
            .unwrap()
            .iter()
            .filter_map(Value::as_str)
            .collect();
        assert_eq!(list.iter().collect::<BTreeSet<_>>().len(), 300, "{version}");
        assert!(version == "v1" || list.is_sorted(), "{version}");
    }
    for version in ["v4", "ulid", "nanoid"] {
        let list = output(json!({"version": version, "count": 2}));
        assert_ne!(
            list.as_list().unwrap()[0],
            list.as_list().unwrap()[1],
            "{version}"
        );
    }
    let outcome = call(op(), json!({"count": 2})).unwrap();
    assert_eq!(outcome.data.get("uuid"), outcome.data.get("value"));
    assert_eq!(
        outcome.data.get("uuids").unwrap().as_list().unwrap().len(),
        2
    );
}

#[test]
fn version_7_stays_in_order_when_its_counter_overflows() {
    let cx = cx();
    let mut last = moment::v7(&cx);
    for _ in 0..20_000 {
        let next = moment::v7(&cx);
        assert!(next > last);
        last = next;
    }
}

#[test]
fn prefixed_ids() {
    let id = text(json!({"operation": "component_id", "short": true}));
    assert!(
        id.starts_with("component_") && id.len() == "component_".len() + 8,
        "{id}"
    );
    let id = text(json!({"operation": "component-id", "prefix": "agent"}));
    assert!(Uuid::try_parse(id.strip_prefix("agent_").unwrap()).is_ok());
    let id = text(
        json!({"operation": "custom", "prefix": "a", "suffix": "z", "timestamp": true, "short": true}),
    );
    let parts: Vec<&str> = id.split('_').collect();
    assert_eq!((parts[0], parts[1], parts[3]), ("a", "1767323045000", "z"));
    assert_eq!(parts[2].len(), 8);
}

#[test]
fn deterministic_ids_repeat() {
    let id = text(json!({"operation": "deterministic", "name": "x"}));
    assert_eq!(
        id,
        text(json!({"operation": "deterministic", "name": "x", "namespace": "agent"}))
    );
    assert_ne!(
        id,
        text(json!({"operation": "deterministic", "name": "x", "namespace": "tool"}))
    );
    assert_ne!(
        id,
        text(json!({"operation": "deterministic", "name": "x", "namespace": "workflow"}))
    );
    let error = fails(op(), json!({"operation": "deterministic"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'name' for uuid_generator operation 'deterministic'"
    );
}

#[test]
fn validating_never_fails() {
    let check = |text: &str| call(op(), json!({"operation": "validate", "uuid": text})).unwrap();
    for good in [
        "2ed6657d-e927-568b-95e1-2665a8aea6a2",
        "2ED6657DE927568B95E12665A8AEA6A2",
        "urn:uuid:2ed6657d-e927-568b-95e1-2665a8aea6a2",
        "{2ed6657d-e927-568b-95e1-2665a8aea6a2}",
    ] {
        let outcome = check(good);
        assert_eq!(outcome.output, Some(true.into()));
        assert_eq!(outcome.data.get("version"), Some(&"v5".into()));
        assert_eq!(outcome.data.get("variant"), Some(&"RFC4122".into()));
    }
    for bad in [
        "",
        "x",
        "2ed6657d-e927-568b-95e1-2665a8aea6ag",
        &"é".repeat(13),
        &"9".repeat(100_000),
    ] {
        let outcome = check(bad);
        assert_eq!(outcome.output, Some(false.into()));
        assert!(outcome.data.get("error").unwrap().as_str().is_some());
    }
    assert_eq!(
        output(json!({"operation": "is_valid", "input": "nope"})),
        false.into()
    );
}

#[test]
fn parsing_shows_everything() {
    // RFC 9562, appendices A.1 and A.6.
    let outcome = call(
        op(),
        json!({"operation": "info", "input": "C232AB00-9414-11EC-B3C8-9F6BDECED846"}),
    )
    .unwrap();
    assert_eq!(
        outcome.primary().to_serde_json(),
        json!({
            "uuid": "c232ab00-9414-11ec-b3c8-9f6bdeced846",
            "version": "v1",
            "variant": "RFC4122",
            "timestamp": "2022-02-22T19:22:22Z",
            "node": "9f:6b:de:ce:d8:46",
            "hex": "c232ab00941411ecb3c89f6bdeced846",
            "bytes": [194, 50, 171, 0, 148, 20, 17, 236, 179, 200, 159, 107, 222, 206, 216, 70],
            "urn": "urn:uuid:c232ab00-9414-11ec-b3c8-9f6bdeced846",
        })
    );
    let time = |uuid: &str| {
        let outcome = call(op(), json!({"operation": "parse", "uuid": uuid})).unwrap();
        outcome.data.get("timestamp").cloned().unwrap()
    };
    assert_eq!(
        time("017F22E2-79B0-7CC3-98C4-DC0C0C07398F"),
        "2022-02-22T19:22:22Z".into()
    );
    assert_eq!(
        time("1EC9414C-232A-6B00-B3C8-9F6BDECED846"),
        "2022-02-22T19:22:22Z".into()
    );
    assert_eq!(time("2ed6657d-e927-568b-95e1-2665a8aea6a2"), Value::Null);
    assert_eq!(
        time("01ARYZ6S41TSV4RRFFQ69G5FAV"),
        "2016-07-30T22:36:16.385Z".into()
    );
    let error = fails(op(), json!({"operation": "parse", "uuid": "zz"}));
    assert_eq!(error.kind(), Kind::Parse);
}

#[test]
fn wrong_parameters_are_named() {
    let check = |args, message: &str| refuses(op(), args, message);
    check(
        json!({"count": 0}),
        "parameter 'count' must be between 1 and 10000, got 0",
    );
    check(
        json!({"count": 10_001}),
        "parameter 'count' must be between 1 and 10000, got 10001",
    );
    check(
        json!({"count": "many"}),
        "parameter 'count' must be integer, got string (\"many\")",
    );
    check(
        json!({"cuont": 1}),
        "unknown parameter 'cuont' (did you mean 'count'?)",
    );
    check(
        json!({"operation": "v4", "version": "v7"}),
        "operation 'v4' and version 'v7' differ",
    );
    check(
        json!({"version": "v5"}),
        "Missing required parameter 'name' for uuid_generator operation 'generate'",
    );
    check(
        json!({"version": "v5", "name": "x", "namespace": "here"}),
        "unknown namespace 'here', expected a UUID or one of: dns, url, oid, x500, agent, tool, workflow",
    );
    check(
        json!({"version": "v9"}),
        "unknown version 'v9', expected one of: v4, v1, v3, v5, v6, v7, nil, max, ulid, nanoid",
    );
    check(
        json!({"operation": "make"}),
        "unknown operation 'make', expected one of: generate, component_id, deterministic, custom, validate, parse",
    );
}

#[test]
fn parameters_of_other_operations_are_mentioned() {
    let outcome = call(
        op(),
        json!({"operation": "custom", "count": 2, "version": "v4"}),
    )
    .unwrap();
    assert_eq!(
        outcome.metadata["warnings"],
        vec!["operation 'custom' does not use parameter 'count'"].into()
    );
}

#[test]
fn derived_ids_are_pure_and_others_are_read() {
    let effect = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(effect(json!({})), Effect::Read);
    assert_eq!(effect(json!({"operation": "custom"})), Effect::Read);
    for pure in [
        json!({"version": 5, "name": "x"}),
        json!({"operation": "v3"}),
        json!({"input": "nil"}),
        json!({"operation": "deterministic"}),
        json!({"operation": "validate", "input": "x"}),
        json!({"operation": "info"}),
    ] {
        assert_eq!(effect(pure), Effect::Pure);
    }
}

#[test]
fn parameters_that_mean_the_same_must_agree() {
    let id = "886313e1-3b8a-5372-9b90-0c9aee199e5d";
    for (args, message) in [
        (
            json!({"version": "v4", "input": "v7"}),
            "'version' and 'input' mean the same and differ",
        ),
        (
            json!({"operation": "validate", "uuid": id, "input": "other"}),
            "'uuid' and 'input' mean the same and differ",
        ),
    ] {
        let error = fails(op(), args);
        assert_eq!(
            (error.kind(), error.message()),
            (Kind::InvalidArgs, message)
        );
    }
    assert!(call(op(), json!({"version": "v7", "input": "7"})).is_ok());
    assert!(call(op(), json!({"operation": "parse", "uuid": id, "input": id})).is_ok());
}
