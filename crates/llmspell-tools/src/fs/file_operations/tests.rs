use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value as Json, json};

use super::*;
use crate::test_folder::Folder;
use crate::test_world::Place;

/// A directory beside which lies one, `out`, that is not permitted.
fn world() -> Folder {
    let folder = Folder::of(op);
    fs::create_dir(folder.beside("out")).unwrap();
    fs::write(folder.beside("out/secret"), "secret").unwrap();
    folder
}

#[test]
fn a_text_is_read() {
    let world = world();
    world.put("a.txt", "one\ntwo\nthree");
    let outcome = world.run(json!({"operation": "read", "path": "a.txt"}));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({
            "path": world.shown("a.txt"), "content": "one\ntwo\nthree", "size": 13, "encoding": "utf-8",
            "line_count": 3, "start_line": 1, "end_line": 3, "input": "one\ntwo\nthree",
        })
    );
    assert_eq!(outcome.output, Some("one\ntwo\nthree".into()));
    world.put("empty", "");
    let empty = world.data(json!({"operation": "cat", "file_path": "empty"}));
    assert_eq!(
        (&empty["content"], &empty["line_count"]),
        (&json!(""), &json!(0))
    );
}

#[test]
fn lines_and_beginnings_are_read() {
    let world = world();
    world.put("a.txt", "one\r\ntwo\nthree\n");
    let part = |start: Json, end: Json| {
        let args =
            json!({"operation": "read", "path": "a.txt", "start_line": start, "end_line": end});
        let data = world.data(args);
        assert_eq!(data["line_count"], 3);
        (
            data["content"].clone(),
            data["start_line"].clone(),
            data["end_line"].clone(),
        )
    };
    assert_eq!(
        part(json!(2), json!(2)),
        (json!("two\n"), json!(2), json!(2))
    );
    assert_eq!(
        part(json!(2), Json::Null),
        (json!("two\nthree\n"), json!(2), json!(3))
    );
    assert_eq!(
        part(Json::Null, json!(1)),
        (json!("one\r\n"), json!(1), json!(1))
    );
    assert_eq!(
        part(json!(3), json!(99)),
        (json!("three\n"), json!(3), json!(3))
    );
    world.put("umlaut", "aäb");
    let cut = world.run(json!({"operation": "read", "path": "umlaut", "max_bytes": 2}));
    assert_eq!(
        cut.output,
        Some("a".into()),
        "the cut goes through a character"
    );
    assert_eq!(cut.metadata.get("truncated"), Some(&true.into()));
    let whole = world.run(json!({"operation": "read", "path": "umlaut", "max_bytes": 4}));
    assert_eq!(whole.output, Some("aäb".into()));
    assert_eq!(whole.metadata.get("truncated"), None);
}

#[test]
fn lines_that_are_not_there_are_refused() {
    let world = world();
    world.put("a.txt", "one\n");
    for (start, end) in [(2, 3), (3, 2), (0, 1)] {
        let args =
            json!({"operation": "read", "path": "a.txt", "start_line": start, "end_line": end});
        assert_eq!(world.fails(args).kind(), Kind::InvalidArgs);
    }
    let args = json!({"operation": "read", "path": "a.txt", "start_line": 5});
    assert!(world.fails(args).message().contains("has 1 lines"));
}

#[test]
fn lines_are_found_before_bytes_are_counted() {
    let world = world();
    world.put("a.txt", "one\ntwo\nthree\n");
    let read = |start: i64, end: Json, most: i64| {
        world.run(json!({
            "operation": "read", "path": "a.txt", "start_line": start, "end_line": end, "max_bytes": most,
        }))
    };
    for (start, end, most, content, last, count, is_cut) in [
        (2, json!(null), 3, "two", 2, json!(null), true),
        (2, json!(null), 4, "two\n", 2, json!(null), true),
        (2, json!(null), 6, "two\nth", 3, json!(null), true),
        (2, json!(2), 4, "two\n", 2, json!(null), false),
        (3, json!(9), 100, "three\n", 3, json!(3), false),
        (1, json!(null), 14, "one\ntwo\nthree\n", 3, json!(3), false),
    ] {
        let outcome = read(start, end, most);
        let data = outcome.data.to_serde_json();
        assert_eq!(data["content"], content);
        assert_eq!(
            (&data["start_line"], &data["end_line"]),
            (&json!(start), &json!(last))
        );
        assert_eq!(data["line_count"], count, "{content}");
        assert_eq!(
            outcome.metadata.contains_key("truncated"),
            is_cut,
            "{content}"
        );
    }
    let args = json!({"operation": "read", "path": "a.txt", "start_line": 4, "max_bytes": 2});
    let error = world.fails(args);
    assert!(error.message().contains("has 3 lines"), "{error}");
}

#[test]
fn a_binary_file_is_read_and_written_as_base64() {
    let world = world();
    world.put("b", [0xFF, 0x00, 0x80]);
    let error = world.fails(json!({"operation": "read", "path": "b"}));
    assert_eq!(error.kind(), Kind::Parse);
    assert_eq!(error.hints(), ["read it with encoding = 'base64'"]);
    let outcome = world.run(json!({"operation": "read", "path": "b", "encoding": "base64"}));
    assert_eq!(outcome.output, Some("/wCA".into()));
    world.run(json!({"operation": "write", "path": "c", "input": "/wCA", "encoding": "base64"}));
    assert_eq!(fs::read(world.path("c")).unwrap(), [0xFF, 0x00, 0x80]);
    let wrong = json!({"operation": "write", "path": "c", "input": "!", "encoding": "base64"});
    assert_eq!(world.fails(wrong).kind(), Kind::Parse);
    let lines = json!({"operation": "read", "path": "b", "encoding": "base64", "start_line": 1});
    assert_eq!(world.fails(lines).kind(), Kind::InvalidArgs);
    let encoding = json!({"operation": "read", "path": "b", "encoding": "latin1"});
    assert_eq!(world.fails(encoding).kind(), Kind::InvalidArgs);
}

#[test]
fn missing_files_and_directories_are_not_read() {
    let world = world();
    let error = world.fails(json!({"operation": "read", "path": "none"}));
    assert_eq!(error.kind(), Kind::NotFound);
    assert_eq!(
        world
            .fails(json!({"operation": "read", "path": "."}))
            .kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn a_file_is_written_whole() {
    let world = world();
    let outcome =
        world.run(json!({"operation": "write", "path": "new/dir/a.txt", "content": "hi"}));
    let path = world.shown("new/dir/a.txt");
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"path": path, "bytes_written": 2, "size": 2, "created": true})
    );
    assert_eq!(
        outcome.output,
        Some(format!("Wrote 2 bytes to {path}").into())
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let again =
        world.data(json!({"operation": "create", "path": "new/dir/a.txt", "data": "longer"}));
    assert_eq!(again["created"], false);
    assert_eq!(world.text("new/dir/a.txt"), "longer");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640, "permissions stay");
    let left = fs::read_dir(world.path("new/dir")).unwrap().count();
    assert_eq!(left, 1, "no temporary file stays");
}

#[tokio::test]
async fn tables_are_written_as_json_and_bytes_as_they_are() {
    let world = world();
    world.run(json!({"operation": "write", "path": "t.json", "input": {"a": [1, "x"]}}));
    assert_eq!(world.text("t.json"), r#"{"a":[1,"x"]}"#);
    let bytes = Value::from([
        ("operation", "write".into()),
        ("path", "raw".into()),
        ("input", Value::Bytes(vec![0xFE, 1])),
    ]);
    let cx = Place::default().files(world.root()).cx();
    cx.call(&Arc::new(op()), bytes).await.unwrap();
    assert_eq!(fs::read(world.path("raw")).unwrap(), [0xFE, 1]);
}

#[test]
fn writing_has_modes() {
    let world = world();
    world.put("a", "1");
    let args = json!({"operation": "write", "path": "a", "input": "2", "mode": "create_new"});
    assert_eq!(world.fails(args).kind(), Kind::Exists);
    world.run(json!({"operation": "write", "path": "a", "input": "2", "mode": "append"}));
    assert_eq!(world.text("a"), "12");
    let args = json!({"operation": "write", "path": "a", "input": "2", "mode": "Create-New"});
    assert_eq!(world.fails(args).kind(), Kind::Exists);
    let args = json!({"operation": "write", "path": "a", "input": "2", "mode": "other"});
    assert_eq!(world.fails(args).kind(), Kind::InvalidArgs);
}

#[test]
fn text_is_appended() {
    let world = world();
    let first = world.run(json!({"operation": "append", "path": "log", "input": "one\n"}));
    assert_eq!(
        first.output,
        Some(format!("Appended 4 bytes to {}", world.shown("log")).into())
    );
    let data = world.data(json!({"operation": "append", "path": "log", "text": "two\n"}));
    assert_eq!(
        data,
        json!({"path": world.shown("log"), "appended_size": 4, "size": 8})
    );
    assert_eq!(world.text("log"), "one\ntwo\n");
}

#[test]
fn edits_are_all_made_or_none() {
    let world = world();
    world.put("a", "red green red\nblue\n");
    let edit = |edits: Json| json!({"operation": "edit", "path": "a", "edits": edits});
    let outcome = world.run(edit(json!([
        {"old": "green", "new": "white"},
        {"old": "red", "new": "RED", "count": 0},
    ])));
    assert_eq!(world.text("a"), "RED white RED\nblue\n");
    assert_eq!(outcome.data.get("replacements"), Some(&3.into()));
    let diff = outcome.data.get("diff").unwrap().as_str().unwrap();
    assert!(
        diff.contains("-red green red\n+RED white RED\n blue\n"),
        "{diff}"
    );

    for edits in [
        json!([{"old": "blue", "new": "x"}, {"old": "none", "new": "x"}]),
        json!([{"old": "RED", "new": "x"}]),
        json!([{"old": "", "new": "x"}]),
        json!([]),
    ] {
        let error = world.fails(edit(edits));
        assert_eq!(error.kind(), Kind::InvalidArgs);
        assert_eq!(world.text("a"), "RED white RED\nblue\n");
    }
    let error = world.fails(edit(json!([{"old": "RED", "new": "x"}])));
    assert!(error.message().contains("2 times, not 1"), "{error}");
    world.run(edit(json!({"old": "RED", "new": "x", "count": 2})));
    assert_eq!(world.text("a"), "x white x\nblue\n");
}

#[test]
fn edits_can_be_tried() {
    let world = world();
    world.put("a", "old");
    let args = json!({"operation": "replace", "path": "a", "edits": [{"old": "old", "new": "new"}], "dry_run": true});
    let outcome = world.run(args);
    assert_eq!(world.text("a"), "old");
    assert!(
        outcome
            .primary()
            .as_str()
            .unwrap()
            .starts_with("Would make 1")
    );
}

#[test]
fn directories_are_made() {
    let world = world();
    let deep = json!({"operation": "mkdir", "path": "a/b/c"});
    let error = world.fails(deep);
    assert_eq!(error.kind(), Kind::NotFound);
    assert!(error.hints()[0].contains("recursive"));
    let made = world.data(json!({"operation": "create_dir", "path": "a/b/c", "recursive": true}));
    assert_eq!(made, json!({"path": world.shown("a/b/c"), "created": true}));
    let again = world.data(json!({"operation": "create_directory", "directory": "a/b/c"}));
    assert_eq!(again["created"], false);
    world.put("f", "");
    let error = world.fails(json!({"operation": "create_dir", "path": "f"}));
    assert_eq!(error.kind(), Kind::Exists);
}

fn tree(world: &Folder) {
    for (name, text) in [
        ("d/b.rs", "b"),
        ("d/a.txt", "a"),
        ("d/sub/c.rs", "cc"),
        ("top", ""),
    ] {
        world.put(name, text);
    }
}

#[test]
fn directories_are_listed() {
    let world = world();
    tree(&world);
    symlink("a.txt", world.path("d/link")).unwrap();
    let outcome = world.run(json!({"operation": "list_dir", "path": "d"}));
    let data = outcome.data.to_serde_json();
    assert_eq!(data["files"], json!(["a.txt", "b.rs", "link", "sub"]));
    assert_eq!(
        (&data["count"], &data["truncated"]),
        (&json!(4), &json!(false))
    );
    let types: Vec<_> = data["entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["type"])
        .collect();
    assert_eq!(types, ["file", "file", "symlink", "directory"]);
    let first = &data["entries"][0];
    assert_eq!(first["path"], world.shown("d/a.txt"));
    assert_eq!(
        (&first["size"], &first["readonly"]),
        (&json!(1), &json!(false))
    );
    assert!(first["modified"].as_str().unwrap().ends_with('Z'));
    assert_eq!(outcome.primary().to_serde_json(), data["entries"]);
    let message = outcome.metadata.get("message").unwrap();
    assert_eq!(
        message,
        &Value::from(format!("Found 4 entries in {}", world.shown("d")))
    );
    let deep =
        world.data(json!({"operation": "ls", "path": "d", "recursive": true, "pattern": "*.rs"}));
    assert_eq!(deep["files"], json!(["b.rs", "sub/c.rs"]));
    assert_eq!(
        world
            .fails(json!({"operation": "list", "path": "none"}))
            .kind(),
        Kind::NotFound
    );
    assert_eq!(
        world
            .fails(json!({"operation": "dir", "path": "top"}))
            .kind(),
        Kind::InvalidArgs
    );
}

#[test]
fn only_so_many_entries_are_listed() {
    let world = world();
    tree(&world);
    let cut = world
        .run(json!({"operation": "list_dir", "path": "d", "recursive": true, "max_entries": 2}));
    assert_eq!(
        cut.data.get("files").unwrap().to_serde_json(),
        json!(["a.txt", "b.rs"])
    );
    assert_eq!(cut.data.get("truncated"), Some(&true.into()));
    assert_eq!(cut.metadata.get("truncated"), Some(&true.into()));
    let whole = world.data(json!({"operation": "list_dir", "path": "d", "max_entries": 3}));
    assert_eq!(whole["truncated"], false);
    for most in [0, 100_001] {
        let args = json!({"operation": "list_dir", "path": "d", "max_entries": most});
        assert_eq!(world.fails(args).kind(), Kind::InvalidArgs);
    }
    let args = json!({"operation": "list_dir", "path": "d"});
    let configured = world
        .configured(json!({"max_dir_entries": 1}), args)
        .unwrap();
    assert_eq!(configured.data.get("count"), Some(&1.into()));
}

#[test]
fn globs_find_paths() {
    let world = world();
    tree(&world);
    let found = |pattern: &str| {
        let outcome = world.run(json!({"operation": "glob", "path": "d", "pattern": pattern}));
        assert_eq!(outcome.primary(), outcome.data.get("files").unwrap());
        outcome.primary().to_serde_json()
    };
    assert_eq!(found("*.rs"), json!([world.shown("d/b.rs")]));
    assert_eq!(
        found("**/*.rs"),
        json!([world.shown("d/b.rs"), world.shown("d/sub/c.rs")])
    );
    assert_eq!(found("s?b/*"), json!([world.shown("d/sub/c.rs")]));
    assert_eq!(
        found("{a,b}.*"),
        json!([world.shown("d/a.txt"), world.shown("d/b.rs")])
    );
    let error = world.fails(json!({"operation": "find", "path": "d", "pattern": "["}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    let error = world.fails(json!({"operation": "glob", "path": "d"}));
    assert!(error.is_misshapen());
}

#[test]
fn files_and_trees_are_copied() {
    let world = world();
    tree(&world);
    fs::set_permissions(world.path("d/b.rs"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("a.txt", world.path("d/link")).unwrap();
    let one = world.data(json!({"operation": "cp", "from": "d/a.txt", "to": "x/y.txt"}));
    assert_eq!(
        one,
        json!({"source": world.shown("d/a.txt"), "target": world.shown("x/y.txt"), "bytes": 1, "files": 1})
    );
    assert_eq!(world.text("x/y.txt"), "a");
    let error = world.fails(json!({"operation": "copy", "source": "d", "target": "e"}));
    assert!(error.hints()[0].contains("recursive"));
    let all =
        json!({"operation": "copy", "source_path": "d", "target_path": "e", "recursive": true});
    let dry = {
        let mut dry = all.clone();
        dry["dry_run"] = json!(true);
        world.data(dry)
    };
    assert!(!world.path("e").exists());
    let outcome = world.run(all);
    let data = outcome.data.to_serde_json();
    assert_eq!((&data["files"], &data["bytes"]), (&json!(3), &json!(4)));
    assert_eq!(data, dry);
    assert_eq!(world.text("e/sub/c.rs"), "cc");
    assert!(
        fs::metadata(world.path("e/b.rs"))
            .unwrap()
            .permissions()
            .mode()
            & 0o100
            != 0
    );
    let warnings = outcome.metadata.get("warnings").unwrap().to_serde_json();
    assert!(
        warnings[0].as_str().unwrap().contains("d/link"),
        "{warnings}"
    );
    assert!(!world.path("e/link").exists());
}

#[test]
fn copies_and_moves_may_keep_what_is_there() {
    let world = world();
    world.put("a", "a");
    world.put("b", "b");
    for operation in ["copy", "move"] {
        let args = json!({"operation": operation, "source_path": "a", "target_path": "b", "overwrite": false});
        assert_eq!(world.fails(args).kind(), Kind::Exists);
    }
    assert_eq!(world.text("b"), "b");
    world.run(json!({"operation": "copy", "source_path": "a", "target_path": "b"}));
    assert_eq!(world.text("b"), "a");
    world.put("d/x", "");
    let inside =
        json!({"operation": "copy", "source_path": "d", "target_path": "d/e", "recursive": true});
    assert_eq!(world.fails(inside).kind(), Kind::InvalidArgs);
}

#[test]
fn files_and_directories_are_moved() {
    let world = world();
    tree(&world);
    let dry =
        json!({"operation": "move", "source_path": "d", "target_path": "n/e", "dry_run": true});
    let dry = world.data(dry);
    assert!(world.path("d").exists() && !world.path("n").exists());
    let outcome = world.run(json!({"operation": "mv", "source": "d", "destination": "n/e"}));
    let (from, to) = (world.shown("d"), world.shown("n/e"));
    assert_eq!(
        outcome.data.to_serde_json(),
        json!({"source": from, "target": to})
    );
    assert_eq!(dry["source"], json!(from));
    assert_eq!(outcome.output, Some(format!("Moved {from} to {to}").into()));
    assert_eq!(world.text("n/e/sub/c.rs"), "cc");
    assert!(!world.path("d").exists());
    let error = world.fails(json!({"operation": "rename", "source_path": "d", "target_path": "x"}));
    assert_eq!(error.kind(), Kind::NotFound);
}

#[test]
fn files_and_trees_are_deleted() {
    let world = world();
    tree(&world);
    let error = world.fails(json!({"operation": "delete", "path": "d"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    assert!(error.message().contains("not empty"));
    let dry = json!({"operation": "delete", "path": "d", "recursive": true, "dry_run": true});
    assert_eq!(world.data(dry)["deleted"], 5);
    assert!(world.path("d/sub/c.rs").exists());
    let outcome = world.run(json!({"operation": "rm", "path": "d", "recursive": true}));
    assert_eq!(outcome.data.get("deleted"), Some(&5.into()));
    assert!(!world.path("d").exists());
    world.run(json!({"operation": "remove", "path": "top"}));
    assert_eq!(
        world
            .fails(json!({"operation": "delete", "path": "top"}))
            .kind(),
        Kind::NotFound
    );
    fs::create_dir(world.path("empty")).unwrap();
    world.run(json!({"operation": "delete", "path": "empty"}));
}

#[test]
fn what_holds_something_denied_is_not_deleted_and_not_wholly_copied() {
    let world = world();
    for name in ["d/a", "d/sub/.env", "d/sub/b", "d/z"] {
        world.put(name, "x");
    }
    for (path, dry_run) in [("d", true), ("d", false), (".", true), (".", false)] {
        let args =
            json!({"operation": "delete", "path": path, "recursive": true, "dry_run": dry_run});
        let error = world.fails(args);
        assert_eq!(error.kind(), Kind::Denied, "{path} {dry_run}: {error}");
    }
    for name in ["d/a", "d/sub/.env", "d/sub/b", "d/z"] {
        assert_eq!(world.text(name), "x");
    }
    let copy =
        json!({"operation": "copy", "source_path": "d", "target_path": "e", "recursive": true});
    let outcome = world.run(copy);
    assert_eq!(outcome.data.get("files"), Some(&3.into()));
    let warnings = outcome.metadata.get("warnings").unwrap().to_serde_json();
    assert!(
        warnings[0].as_str().unwrap().contains("sub/.env"),
        "{warnings}"
    );
}

#[test]
fn a_root_is_not_deleted_and_nothing_in_it() {
    let world = world();
    tree(&world);
    for path in [".".to_owned(), world.root().display().to_string()] {
        let error = world.fails(json!({"operation": "delete", "path": path, "recursive": true}));
        assert_eq!(error.kind(), Kind::Denied, "{error}");
    }
    assert_eq!(world.text("d/sub/c.rs"), "cc");
}

#[test]
fn a_link_is_deleted_and_not_its_target() {
    let world = world();
    world.put("d/file", "x");
    symlink("d", world.path("link")).unwrap();
    let outcome = world.run(json!({"operation": "delete", "path": "link", "recursive": true}));
    assert_eq!(outcome.data.get("deleted"), Some(&1.into()));
    assert_eq!(world.text("d/file"), "x");
}

#[test]
fn metadata_is_told() {
    let world = world();
    world.put("a.json", "{}");
    world.put("plain", "text");
    world.put("binary", [0, 1]);
    fs::set_permissions(world.path("a.json"), fs::Permissions::from_mode(0o444)).unwrap();
    symlink("a.json", world.path("link")).unwrap();
    let data = world.data(json!({"operation": "stat", "path": "a.json"}));
    assert_eq!(data["type"], "file");
    assert_eq!(
        (&data["size"], &data["readonly"]),
        (&json!(2), &json!(true))
    );
    assert_eq!(
        (&data["permissions"], &data["mime_type"]),
        (&json!("0444"), &json!("application/json"))
    );
    assert_eq!(data["symlink_target"], Json::Null);
    for name in ["created", "modified", "accessed"] {
        assert!(data[name].is_null() || data[name].as_str().unwrap().ends_with('Z'));
    }
    let link = world.data(json!({"operation": "info", "path": "link"}));
    assert_eq!(
        (&link["type"], &link["symlink_target"]),
        (&json!("symlink"), &json!(world.shown("a.json")))
    );
    let mime = |name: &str| {
        world.data(json!({"operation": "metadata", "path": name}))["mime_type"].clone()
    };
    assert_eq!(
        (mime("plain"), mime("binary")),
        (json!("text/plain"), json!("application/octet-stream"))
    );
    assert_eq!(mime("."), Json::Null);
    assert_eq!(
        world
            .fails(json!({"operation": "metadata", "path": "none"}))
            .kind(),
        Kind::NotFound
    );
}

#[test]
fn existence_is_told() {
    let world = world();
    world.put("a", "");
    let outcome = world.run(json!({"operation": "exists", "path": "a"}));
    assert_eq!(outcome.output, Some(true.into()));
    assert_eq!(outcome.data.get("type"), Some(&"file".into()));
    let outcome = world.run(json!({"operation": "exists", "path": "none/at/all"}));
    assert_eq!(outcome.output, Some(false.into()));
    assert_eq!(outcome.data.get("type"), Some(&Value::Null));
    assert_eq!(
        world
            .fails(json!({"operation": "exists", "path": "/etc/passwd"}))
            .kind(),
        Kind::Denied
    );
}

/// Every operation with a path is refused at that path.
#[track_caller]
fn refused_everywhere(world: &Folder, path: &str, contains: &str) {
    world.put("here", "here");
    for args in [
        json!({"operation": "read", "path": path}),
        json!({"operation": "write", "path": path, "input": "x"}),
        json!({"operation": "append", "path": path, "input": "x"}),
        json!({"operation": "edit", "path": path, "edits": [{"old": "secret", "new": "x"}]}),
        json!({"operation": "create_dir", "path": format!("{path}/x"), "recursive": true}),
        json!({"operation": "list_dir", "path": path}),
        json!({"operation": "glob", "path": path, "pattern": "**"}),
        json!({"operation": "copy", "source_path": path, "target_path": "there"}),
        json!({"operation": "copy", "source_path": "here", "target_path": path}),
        json!({"operation": "move", "source_path": "here", "target_path": format!("{path}/x")}),
    ] {
        let error = world.fails(args.clone());
        assert_eq!(error.kind(), Kind::Denied, "{args}: {error}");
        assert!(error.message().contains(contains), "{args}: {error}");
    }
    assert!(!world.path("there").exists());
    let secret = fs::read_to_string(world.beside("out/secret")).unwrap();
    assert_eq!(secret, "secret");
}

#[test]
fn path_traversal_is_refused() {
    let world = world();
    refused_everywhere(&world, "../out/secret", "not permitted");
    refused_everywhere(&world, "x/../../out/secret", "not permitted");
    let absolute = world.beside("out/secret").display().to_string();
    refused_everywhere(&world, &absolute, "not permitted");
    refused_everywhere(&world, "/etc/passwd", "not permitted");
    // What is refused gives nothing away.
    let error = world.fails(json!({"operation": "read", "path": "../out/none"}));
    assert_eq!(error.kind(), Kind::Denied);
    let error = world.fails(json!({"operation": "delete", "path": "../out/secret"}));
    assert_eq!(error.kind(), Kind::Denied);
}

#[test]
fn a_link_that_leads_out_is_refused() {
    let world = world();
    symlink(world.beside("out"), world.path("away")).unwrap();
    symlink(world.beside("out/secret"), world.path("file")).unwrap();
    refused_everywhere(&world, "away/secret", "not permitted");
    refused_everywhere(&world, "file", "not permitted");
}

/// A directory is swapped with a link to the outside, and a link is turned, all the time; no read ever shows what is
/// there, and no write reaches it.
#[test]
fn symlink_race_does_not_lead_out() {
    let world = world();
    let out = world.beside("out");
    world.put("d/secret", "harmless");
    world.put("inside/secret", "harmless");
    symlink(&out, world.path("away")).unwrap();
    symlink("inside", world.path("link")).unwrap();
    let stop = Arc::new(AtomicBool::new(false));
    let racer = {
        let (stop, root, out) = (stop.clone(), world.root().to_owned(), out.clone());
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                for (from, to) in [("d", "was"), ("away", "d"), ("d", "away"), ("was", "d")] {
                    fs::rename(root.join(from), root.join(to)).unwrap();
                }
                for target in [&out, Path::new("inside")] {
                    symlink(target, root.join("turned")).unwrap();
                    fs::rename(root.join("turned"), root.join("link")).unwrap();
                }
            }
        })
    };
    let mut refusals = 0;
    for round in 0..100 {
        for path in ["d/secret", "link/secret"] {
            match world.call(json!({"operation": "read", "path": path})) {
                Ok(outcome) => assert_ne!(outcome.output, Some("secret".into()), "round {round}"),
                Err(_) => refusals += 1,
            }
        }
        let write = json!({"operation": "write", "path": "link/secret", "input": "harmless"});
        world.call(write).ok();
        let delete = json!({"operation": "delete", "path": "d/gone", "recursive": true});
        world.call(delete).ok();
    }
    stop.store(true, Ordering::Relaxed);
    racer.join().unwrap();
    let outside = fs::read_to_string(out.join("secret")).unwrap();
    assert_eq!(outside, "secret", "{refusals} reads were refused");
    assert_eq!(fs::read_dir(out).unwrap().count(), 1);
}

#[test]
fn denied_names_are_refused_and_left_out() {
    let world = world();
    world.put(".env", "KEY=1");
    world.put("a", "");
    let error = world.fails(json!({"operation": "read", "path": ".env"}));
    assert_eq!(error.kind(), Kind::Denied);
    assert!(!error.message().contains("KEY"));
    let listed = world.data(json!({"operation": "list_dir", "path": "."}));
    assert_eq!(listed["files"], json!(["a"]));
    let renamed = json!({"operation": "move", "source_path": ".env", "target_path": "b"});
    assert_eq!(world.fails(renamed).kind(), Kind::Denied);
}

#[test]
fn sizes_are_limited() {
    let world = world();
    world.put("a", "12345");
    let settings = json!({"max_file_bytes": 4});
    for args in [
        json!({"operation": "read", "path": "a"}),
        json!({"operation": "write", "path": "b", "input": "12345"}),
        json!({"operation": "append", "path": "b", "input": "12345"}),
        json!({"operation": "edit", "path": "a", "edits": [{"old": "1", "new": "2"}]}),
    ] {
        let error = world.configured(settings.clone(), args).unwrap_err();
        assert_eq!(error.kind(), Kind::Limit);
        assert!(error.hints()[0].contains("max_file_bytes"), "{error:?}");
    }
    let part = json!({"operation": "read", "path": "a", "max_bytes": 2});
    let part = world.configured(settings, part).unwrap();
    assert_eq!(part.output, Some("12".into()));
    assert!(!world.path("b").exists());
}

#[test]
fn the_configuration_permits_operations_and_keeps_backups() {
    let world = world();
    world.put("a", "old");
    let settings = json!({"operations": ["ls", "read"], "backup_on_write": true, "fsync": true});
    let write = json!({"operation": "write", "path": "a", "input": "new"});
    let error = world
        .configured(settings.clone(), write.clone())
        .unwrap_err();
    assert_eq!(error.kind(), Kind::Denied);
    assert!(error.message().contains("not permitted"));
    let list = json!({"operation": "list_dir", "path": "."});
    world.configured(settings, list).unwrap();
    let settings = json!({"backup_on_write": true, "fsync": true});
    world.configured(settings, write).unwrap();
    assert_eq!(
        (world.text("a"), world.text("a.bak")),
        ("new".into(), "old".into())
    );
}

#[test]
fn wrong_parameters_are_named() {
    let world = world();
    let error = world.fails(json!({"operation": "read"}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'path' for file_operations operation 'read'"
    );
    assert!(error.is_misshapen());
    let error = world.fails(json!({"operation": "write", "path": "a"}));
    assert!(error.message().contains("'input'"), "{error}");
    let error = world.fails(json!({"operation": "copy", "source_path": "a"}));
    assert!(error.message().contains("'target_path'"), "{error}");
    let error = world.fails(json!({"operation": "write", "path": "a", "contnt": "x"}));
    assert!(
        error
            .message()
            .contains("unknown parameter 'contnt' (did you mean 'content'?)"),
        "{error}"
    );
    assert!(
        world
            .fails(json!({"operation": "read", "path": 5}))
            .message()
            .contains("path")
    );
    assert_eq!(
        world
            .fails(json!({"operation": "read", "path": {"a": 1}}))
            .kind(),
        Kind::InvalidArgs
    );
    assert_eq!(
        world.fails(json!({"operation": "read", "path": ""})).kind(),
        Kind::InvalidArgs
    );
    let error = world.fails(json!({"operation": "reed", "path": "a"}));
    assert_eq!(
        (error.kind(), error.is_misshapen()),
        (Kind::InvalidArgs, false)
    );
    assert_eq!(error.hints(), ["did you mean 'read'?"]);
    assert_eq!(world.fails(json!({"path": "a"})).kind(), Kind::InvalidArgs);
    let error = world.fails(json!({"operation": "edit", "path": "a", "edits": [{"old": "x"}]}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn what_an_operation_does_not_use_is_a_warning() {
    let world = world();
    world.put("a", "");
    let outcome =
        world.run(json!({"operation": "read", "path": "a", "pattern": "*", "overwrite": true}));
    let warnings = outcome.metadata.get("warnings").unwrap().to_serde_json();
    assert_eq!(
        warnings,
        json!(["operation 'read' does not use parameter 'pattern'"])
    );
    // With one path, `source_path` is that path.
    world.run(json!({"operation": "read", "source_path": "a"}));
}

#[test]
fn effects_depend_on_the_operation() {
    let effect = |args: Json| op().effect_with(&args.into());
    assert_eq!(effect(json!({"operation": "ls"})), Effect::Read);
    assert_eq!(effect(json!({"operation": "write"})), Effect::Idempotent);
    assert_eq!(
        effect(json!({"operation": "rm", "dry_run": true})),
        Effect::Read
    );
    assert_eq!(effect(json!({"operation": "append"})), Effect::Once);
    assert_eq!(
        effect(json!({"operation": "write", "mode": "append"})),
        Effect::Once
    );
}
