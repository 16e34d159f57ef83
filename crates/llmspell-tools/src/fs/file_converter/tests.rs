use serde_json::json;

use super::*;
use crate::test_world::{call, call_in, fails};

fn data(args: serde_json::Value) -> serde_json::Value {
    call(op(), args).unwrap().data.to_serde_json()
}

#[test]
fn detect_tells_what_a_text_has() {
    let found = data(json!({"input": "a\r\n  b\r\n    c\r\n"}));
    assert_eq!(
        found,
        json!({
            "encoding": "utf-8", "confidence": 1.0, "bom": false, "line_ending": "crlf",
            "counts": {"lf": 0, "crlf": 3, "cr": 0}, "indentation": {"style": "spaces", "size": 2}, "is_binary": false,
        })
    );
    let bytes = Value::from([("input", Value::Bytes(b"\x89PNG\r\n\x1a\n\0\0\0".to_vec()))]);
    let binary = crate::test_world::call_with(op(), bytes).unwrap();
    assert_eq!(binary.primary().as_str(), Some("binary"));
    assert_eq!(binary.data.get("is_binary"), Some(&Value::Bool(true)));
    for operation in ["detect", "detect_encoding", "info"] {
        assert_eq!(
            call(op(), json!({"operation": operation, "data": "x"}))
                .unwrap()
                .operation,
            "detect"
        );
    }
}

#[test]
fn texts_are_converted_without_files() {
    let text = |args: serde_json::Value| {
        call(op(), args)
            .unwrap()
            .primary()
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        text(json!({"operation": "line_endings", "input": "a\nb\r\n", "line_ending": "crlf"})),
        "a\r\nb\r\n"
    );
    assert_eq!(
        text(json!({"operation": "convert_line_endings", "input": "a\rb\r\n"})),
        "a\nb\n"
    );
    assert_eq!(
        text(json!({"operation": "indentation", "input": "\ta\n", "tab_size": 2})),
        "  a\n"
    );
    assert_eq!(
        text(json!({"operation": "convert_indentation", "input": "    a\n", "to_tabs": true})),
        "\ta\n"
    );
    assert_eq!(
        text(json!({"operation": "indentation", "input": "    a\n", "to_spaces": false})),
        "\ta\n"
    );
    assert_eq!(
        text(
            json!({"operation": "format", "input": "a: 1\nb: [x, y]\n", "from_format": "yaml", "to_format": "json"})
        ),
        "{\n  \"a\": 1,\n  \"b\": [\n    \"x\",\n    \"y\"\n  ]\n}\n"
    );
    assert_eq!(
        text(
            json!({"operation": "convert_format", "input": "# T\n", "from_format": "markdown", "to_format": "html"})
        ),
        "<h1>T</h1>\n"
    );
    let converted = data(json!({"operation": "indentation", "input": "\ta\nb\n"}));
    assert_eq!(
        (
            &converted["lines_changed"],
            &converted["changed"],
            &converted["content"]
        ),
        (&json!(1), &json!(true), &json!("    a\nb\n"))
    );
}

#[test]
fn files_are_converted_in_place_with_a_backup() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    std::fs::write(place("a.txt"), "café\n").unwrap();
    let args = json!({"operation": "encoding", "path": "a.txt", "to_encoding": "windows-1252"});
    let outcome = call_in(dir.path(), op(), args).unwrap();
    assert_eq!(std::fs::read(place("a.txt")).unwrap(), b"caf\xe9\n");
    assert_eq!(
        std::fs::read(place("a.txt.bak")).unwrap(),
        "café\n".as_bytes()
    );
    let found = outcome.data.to_serde_json();
    assert_eq!(
        (
            &found["from_encoding"],
            &found["to_encoding"],
            &found["replaced"]
        ),
        (&json!("utf-8"), &json!("windows-1252"), &json!(0))
    );
    assert_eq!(
        (&found["changed"], &found["bytes_written"]),
        (&json!(true), &json!(5))
    );
    assert!(
        found["backup_path"]
            .as_str()
            .unwrap()
            .ends_with("/a.txt.bak")
    );
    assert!(outcome.primary().as_str().unwrap().ends_with("/a.txt"));
    let back = json!({"operation": "encoding", "path": "a.txt", "from_encoding": "windows-1252", "to_encoding": "utf-16"});
    call_in(dir.path(), op(), back).unwrap();
    assert_eq!(
        std::fs::read(place("a.txt")).unwrap(),
        b"\xff\xfec\0a\0f\0\xe9\0\n\0"
    );
    assert_eq!(std::fs::read(place("a.txt.bak.1")).unwrap(), b"caf\xe9\n");
    // What is as it should be is not touched.
    let same = json!({"operation": "line_endings", "path": "a.txt"});
    let outcome = call_in(dir.path(), op(), same).unwrap();
    assert_eq!(outcome.data.get("changed"), Some(&Value::Bool(false)));
    assert!(!place("a.txt.bak.2").exists());
}

#[test]
fn files_are_converted_to_others() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name);
    std::fs::write(place("a.csv"), "a,b\n1,x\n").unwrap();
    let args = json!({"operation": "format", "path": "a.csv", "target_path": "out/a.json", "preserve_timestamps": true});
    let outcome = call_in(dir.path(), op(), args).unwrap();
    assert_eq!(
        std::fs::read_to_string(place("out/a.json")).unwrap(),
        "[\n  {\n    \"a\": 1,\n    \"b\": \"x\"\n  }\n]\n"
    );
    assert_eq!(outcome.data.get("backup_path"), Some(&Value::Null));
    let modified = |name: &str| std::fs::metadata(place(name)).unwrap().modified().unwrap();
    assert!(
        modified("out/a.json")
            .duration_since(modified("a.csv"))
            .unwrap_or_default()
            .as_millis()
            < 1
    );
    let text = call_in(
        dir.path(),
        op(),
        json!({"operation": "format", "path": "a.csv", "to_format": "yaml"}),
    )
    .unwrap();
    assert_eq!(text.primary().as_str(), Some("- a: 1\n  b: x\n"));
    assert!(!place("a.csv.bak").exists());
}

#[test]
fn path_traversal_is_refused() {
    let outer = tempfile::tempdir().unwrap();
    let dir = outer.path().join("in");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(outer.path().join("secret.txt"), "x\r\n").unwrap();
    std::fs::write(dir.join("a.txt"), "x\r\n").unwrap();
    std::os::unix::fs::symlink(outer.path().join("secret.txt"), dir.join("link.txt")).unwrap();
    let absolute = outer.path().join("secret.txt").display().to_string();
    for path in ["../secret.txt", "link.txt", &absolute] {
        for args in [
            json!({"path": path}),
            json!({"operation": "line_endings", "path": path}),
            json!({"operation": "line_endings", "path": "a.txt", "target_path": path}),
        ] {
            let error = call_in(&dir, op(), args.clone()).unwrap_err();
            assert_eq!(error.kind(), Kind::Denied, "{args}: {error:?}");
        }
    }
    assert_eq!(
        std::fs::read_to_string(outer.path().join("secret.txt")).unwrap(),
        "x\r\n"
    );
}

#[test]
fn arguments_are_checked() {
    for (args, kind) in [
        (
            json!({"operation": "encoding", "input": "é", "to_encoding": "ascii"}),
            Kind::Execution,
        ),
        (
            json!({"operation": "encoding", "input": "x", "to_encoding": "klingon"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "encoding", "input": "x", "to_encoding": "utf-8", "from_encoding": "klingon"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "encoding", "input": "x"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "indentation", "input": "x", "tab_size": 17}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "indentation", "input": "x", "to_tabs": true, "convert_to_spaces": true}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "format", "input": "x", "to_format": "json"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "format", "input": "x", "from_format": "html", "to_format": "json"}),
            Kind::Unavailable,
        ),
        (
            json!({"operation": "format", "input": "{", "from_format": "json", "to_format": "yaml"}),
            Kind::Parse,
        ),
        (
            json!({"operation": "detekt", "input": "x"}),
            Kind::InvalidArgs,
        ),
        (json!({"operation": "detect"}), Kind::InvalidArgs),
        (
            json!({"operation": "detect", "input": "x", "path": "y"}),
            Kind::InvalidArgs,
        ),
        (
            json!({"operation": "detect", "input": 5}),
            Kind::InvalidArgs,
        ),
        (json!({"input": "x", "encodng": "y"}), Kind::InvalidArgs),
    ] {
        assert_eq!(fails(op(), args.clone()).kind(), kind, "{args}");
    }
    let replaced = data(
        json!({"operation": "encoding", "input": "é", "to_encoding": "ascii", "on_unmappable": "replace"}),
    );
    assert_eq!(replaced["replaced"], 1);
    assert_eq!(replaced["content"], "?");
    let warned = call(op(), json!({"input": "x", "tab_size": 8})).unwrap();
    assert_eq!(warned.metadata["warnings"].as_list().unwrap().len(), 1);
}

#[test]
fn effects_follow_the_files() {
    let effect_of = |args: serde_json::Value| op().effect_with(&args.into());
    assert_eq!(effect_of(json!({"input": "a"})), Effect::Pure);
    assert_eq!(effect_of(json!({"path": "a"})), Effect::Read);
    assert_eq!(
        effect_of(json!({"operation": "encoding", "path": "a"})),
        Effect::Idempotent
    );
}
