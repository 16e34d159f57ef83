use std::fs;
use std::ops::Deref;
use std::os::unix::fs::symlink;

use llmspell_core::Kind;
use serde_json::{Value as Json, json};

use super::*;
use crate::test_folder::Folder;
use crate::test_world::{Place, call_at, joined};

struct World(Folder);

fn world(files: &[(&str, &str)]) -> World {
    let world = World(Folder::of(op));
    for (name, text) in files {
        world.put(name, text);
    }
    world
}

impl Deref for World {
    type Target = Folder;
    fn deref(&self) -> &Folder {
        &self.0
    }
}

impl World {
    /// Returns the paths with hits, below the root.
    #[track_caller]
    fn files(&self, args: Json) -> Vec<String> {
        let data = self.data(args);
        let root = format!("{}/", self.root().display());
        let below = |path: &Json| {
            path.as_str()
                .unwrap()
                .strip_prefix(&root)
                .unwrap()
                .to_owned()
        };
        let files = data["files"].as_array().unwrap();
        files
            .iter()
            .map(|file| below(file.get("path").unwrap_or(file)))
            .collect()
    }

    /// Returns line, column and text of each match.
    #[track_caller]
    fn matches(&self, args: Json) -> Vec<(i64, i64, String)> {
        let data = self.data(args);
        let place = |found: &Json| {
            (
                found["line_number"].as_i64().unwrap(),
                found["column_number"].as_i64().unwrap(),
                found["matched_text"].as_str().unwrap().to_owned(),
            )
        };
        data["matches"]
            .as_array()
            .unwrap()
            .iter()
            .map(place)
            .collect()
    }
}

#[test]
fn what_is_named_twice_is_searched_once() {
    let world = world(&[("s/a.txt", "needle"), ("s/sub/b.txt", "needle")]);
    for paths in [
        json!(["s/a.txt", "s"]),
        json!(["s", "s/sub"]),
        json!(["s/sub", "s", "s/sub/b.txt"]),
    ] {
        let args = json!({"operation": "count", "pattern": "needle", "paths": paths});
        assert_eq!(world.data(args)["total"], 2, "{paths}");
    }
}

#[test]
fn only_files_have_a_size() {
    let world = world(&[("d/large.txt", "0123456789"), ("d/small.txt", "0")]);
    for size in ["min_size", "max_size"] {
        let mut args = json!({"operation": "find", "path": "."});
        args[size] = json!(5);
        let expected = if size == "min_size" {
            "d/large.txt"
        } else {
            "d/small.txt"
        };
        assert_eq!(world.files(args), [expected]);
    }
    let all = json!({"operation": "find", "path": ".", "exclude": {}, "include": {}});
    assert_eq!(world.files(all), ["d", "d/large.txt", "d/small.txt"]);
}

#[test]
fn names_are_found_in_any_case_without_a_warning() {
    let world = world(&[("Readme.MD", "")]);
    let args = json!({"operation": "find", "path": ".", "name": "*.md", "case_sensitive": false});
    let outcome = world.run(args);
    assert_eq!(outcome.primary().as_list().unwrap().len(), 1);
    assert_eq!(outcome.metadata.get("warnings"), None);
}

#[test]
fn a_match_tells_where_it_is() {
    let world = world(&[("a.txt", "one\nzwei needle\nthree\nfour\nfive\n")]);
    let outcome = world
        .call(json!({"pattern": "needle", "path": "."}))
        .unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(
        data,
        json!({
            "matches": [{
                "file_path": world.shown("a.txt"), "line_number": 2, "column_number": 6, "byte_offset": 9,
                "line_content": "zwei needle", "matched_text": "needle", "captures": [],
                "context_before": ["one"], "context_after": ["three", "four"],
                "context": "one\nzwei needle\nthree\nfour",
            }],
            "files": [world.shown("a.txt")],
            "summary": {"total_matches": 1, "files_searched": 1, "files_skipped": 0, "has_matches": true},
            "skipped_files": [], "truncated": false,
        })
    );
    assert_eq!(outcome.primary().to_serde_json(), data["matches"]);
    assert_eq!(
        outcome.metadata.get("message"),
        Some(&"Found 1 matches in 1 files".into())
    );
}

#[test]
fn patterns_have_options() {
    let world = world(&[("a", "Foo foo food\na.c abc\nx1 x22\n")]);
    let found = |args: Json| {
        let all = joined(json!({"path": "a"}), &args);
        world
            .matches(all)
            .into_iter()
            .map(|(_, _, text)| text)
            .collect::<Vec<_>>()
    };
    assert_eq!(found(json!({"query": "foo"})), ["foo", "foo"]);
    assert_eq!(
        found(json!({"pattern": "foo", "case_sensitive": false})),
        ["Foo", "foo", "foo"]
    );
    assert_eq!(
        found(json!({"pattern": "foo", "ignore_case": true, "whole_word": true})),
        ["Foo", "foo"]
    );
    assert_eq!(found(json!({"pattern": "a.c"})), ["a.c"]);
    assert_eq!(
        found(json!({"pattern": "a.c", "regex": true})),
        ["a.c", "abc"]
    );
    assert_eq!(found(json!({"pattern": "^f|c$", "use_regex": true})), ["c"]);
    assert_eq!(
        found(json!({"operation": "search_regex", "pattern": "x\\d+"})),
        ["x1", "x22"]
    );
    assert_eq!(
        found(json!({"operation": "search_content", "pattern": "x\\d+"})),
        Vec::<String>::new()
    );
    let both = json!({"path": "a", "pattern": "x", "case_sensitive": true, "ignore_case": true});
    assert!(world.fails(both).is_misshapen());
}

#[test]
fn groups_are_captured() {
    let world = world(&[("a", "key = value\n")]);
    let data = world.data(json!({"path": "a", "use_regex": true, "pattern": r"(\w+) = (\w+)(;)?"}));
    assert_eq!(
        data["matches"][0]["captures"],
        json!(["key", "value", null])
    );
}

#[test]
fn matches_may_go_over_lines() {
    let world = world(&[("a", "one\ntwo\r\nthree")]);
    let args =
        json!({"path": "a", "use_regex": true, "pattern": r"two\s+three", "multiline": true});
    assert_eq!(world.matches(args.clone()), [(2, 1, "two\r\nthree".into())]);
    let mut within = args;
    within["multiline"] = json!(false);
    assert_eq!(world.matches(within), []);
    let error = world.fails(json!({"path": "a", "pattern": "one\ntwo"}));
    assert!(error.hints()[0].contains("multiline"), "{error:?}");
}

#[test]
fn empty_matches_go_on_by_a_character() {
    let world = world(&[("a", "äb\n\nc\n")]);
    let found = world.matches(json!({"path": "a", "use_regex": true, "pattern": "x*"}));
    let places: Vec<_> = found
        .iter()
        .map(|(line, column, _)| (*line, *column))
        .collect();
    assert_eq!(places, [(1, 1), (1, 2), (1, 3), (2, 1), (3, 1), (3, 2)]);
    let blank = world.matches(json!({"path": "a", "use_regex": true, "pattern": "^$"}));
    assert_eq!(blank, [(2, 1, String::new())]);
}

#[test]
fn half_a_character_is_no_match() {
    let world = world(&[("a", "naïve")]);
    let args = json!({"path": "a", "use_regex": true, "pattern": r"(?-u:\xC3)|v"});
    assert_eq!(world.matches(args), [(1, 4, "v".into())]);
}

#[test]
fn files_are_chosen_by_globs() {
    let world = world(&[
        ("a.rs", "x"),
        ("b.md", "x"),
        ("src/c.rs", "x"),
        ("src/deep/d.rs", "x"),
        ("target/e.rs", "x"),
        ("Makefile", "x"),
    ]);
    let with = |args: Json| {
        let all = joined(json!({"pattern": "x", "path": "."}), &args);
        world.files(all)
    };
    assert_eq!(
        with(json!({})),
        ["Makefile", "a.rs", "b.md", "src/c.rs", "src/deep/d.rs"]
    );
    assert_eq!(
        with(json!({"include": "*.rs"})),
        ["a.rs", "src/c.rs", "src/deep/d.rs"]
    );
    assert_eq!(
        with(json!({"include_extensions": ["md", ".rs"], "recursive": false})),
        ["a.rs", "b.md"]
    );
    assert_eq!(
        with(json!({"file_pattern": "*.{md,txt}, Makefile"})),
        ["Makefile", "b.md"]
    );
    assert_eq!(with(json!({"include": "src/*.rs"})), ["src/c.rs"]);
    assert_eq!(
        with(json!({"exclude": ["src", "*.md"]})),
        ["Makefile", "a.rs", "target/e.rs"]
    );
    assert_eq!(
        with(json!({"exclude_extensions": "rs"})),
        ["Makefile", "b.md"]
    );
    assert_eq!(
        with(json!({"max_depth": 2, "include": "rs"})),
        ["a.rs", "src/c.rs"]
    );
    assert_eq!(
        with(json!({"path": ["src/deep", "b.md"]})),
        ["src/deep/d.rs", "b.md"]
    );
    let error = world.fails(json!({"pattern": "x", "path": ".", "include": "a[b"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn ignored_and_hidden_files_are_left_out() {
    let world = world(&[
        (".gitignore", "*.log\n/build/\n!keep.log\n"),
        ("a.log", "x"),
        ("keep.log", "x"),
        ("build/b", "x"),
        ("src/build/c", "x"),
        ("src/.gitignore", "*.tmp\n"),
        ("src/d.tmp", "x"),
        ("other/d.tmp", "x"),
        (".hidden", "x"),
        (".config/e", "x"),
    ]);
    let all = json!({"pattern": "x", "path": "."});
    assert_eq!(
        world.files(all.clone()),
        ["keep.log", "other/d.tmp", "src/build/c"]
    );
    let with = |name: &str, value: bool| {
        let mut args = all.clone();
        args[name] = json!(value);
        world.files(args)
    };
    assert_eq!(with("respect_gitignore", false).len(), 6);
    assert_eq!(
        with("hidden", true),
        [
            ".config/e",
            ".hidden",
            "keep.log",
            "other/d.tmp",
            "src/build/c"
        ]
    );
    // A file that is named itself is searched whatever its name.
    assert_eq!(
        world.files(json!({"pattern": "x", "path": "a.log"})),
        ["a.log"]
    );
    // Below a repository its rules hold as well.
    fs::create_dir(world.root().join(".git")).unwrap();
    world.put("src/x.log", "x");
    assert_eq!(
        world.files(json!({"pattern": "x", "path": "src"})),
        ["src/build/c"]
    );
}

#[test]
fn encodings_are_decoded_and_binaries_skipped() {
    let world = world(&[]);
    world.put("latin", b"caf\xE9 au lait, voil\xE0");
    world.put("utf16", b"\xFF\xFEc\0a\0f\0\xE9\0");
    world.put("binary", b"caf\0\xE9");
    let data = world.data(json!({"pattern": "café", "path": "."}));
    assert_eq!(
        data["files"],
        json!([world.shown("latin"), world.shown("utf16")])
    );
    assert_eq!(
        data["skipped_files"],
        json!([{"file_path": world.shown("binary"), "reason": "binary"}])
    );
    assert_eq!(data["summary"]["files_skipped"], 1);
}

#[test]
fn results_are_limited() {
    let world = world(&[("a", "x x x\n"), ("b", "x x\n"), ("c", "x\n")]);
    let with = |args: Json| {
        let all = joined(json!({"pattern": "x", "path": "."}), &args);
        let data = world.data(all);
        (
            data["summary"]["total_matches"].as_i64().unwrap(),
            data["truncated"].as_bool().unwrap(),
        )
    };
    assert_eq!(with(json!({})), (6, false));
    assert_eq!(with(json!({"max_results": 6})), (6, false));
    assert_eq!(with(json!({"max_results": 4})), (4, true));
    assert_eq!(with(json!({"max_results": 3})), (3, true));
    assert_eq!(with(json!({"max_matches_per_file": 2})), (5, true));
    assert_eq!(with(json!({"max_matches_per_file": 3})), (6, false));
    world.put("large", "x".repeat(100));
    let data = world.data(json!({"pattern": "x", "path": "large", "max_file_size": 99}));
    assert_eq!(data["skipped_files"][0]["reason"], "larger than 99 bytes");
    for (name, value) in [
        ("max_results", 0),
        ("max_results", 100_001),
        ("max_depth", 101),
        ("context_lines", 51),
    ] {
        let error = world.fails(json!({"pattern": "x", "path": ".", name: value}));
        assert_eq!(error.kind(), Kind::InvalidArgs, "{name}");
    }
}

#[test]
fn many_files_come_in_order() {
    let world = world(&[]);
    for index in 0..300 {
        world.put(
            &format!("d{}/f{index:03}", index % 7),
            format!("x{index}\n").repeat(3),
        );
    }
    let data = world.data(json!({"pattern": "x", "path": ".", "max_results": 500}));
    let lines: Vec<_> = data["matches"]
        .as_array()
        .unwrap()
        .iter()
        .map(|found| {
            (
                found["file_path"].as_str().unwrap(),
                found["line_number"].as_i64().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        (lines.len(), data["truncated"].as_bool()),
        (500, Some(true))
    );
    assert!(lines.is_sorted(), "{lines:?}");
    let again = world.data(json!({"pattern": "x", "path": ".", "max_results": 500}));
    assert_eq!(again, data);
}

#[test]
fn matches_are_counted() {
    let world = world(&[("a", "x x\nx"), ("b", "y"), ("c", "x")]);
    let outcome = world
        .call(json!({"operation": "count", "pattern": "x", "path": "."}))
        .unwrap();
    let data = outcome.data.to_serde_json();
    assert_eq!(
        data["counts"],
        json!([{"file_path": world.shown("a"), "count": 3}, {"file_path": world.shown("c"), "count": 1}])
    );
    assert_eq!(data["total"], 4);
    assert_eq!(outcome.output, Some(4.into()));
}

#[test]
fn the_output_has_modes() {
    let world = world(&[("a", "x x"), ("b", "y")]);
    let output = |mode: &str| {
        let args = json!({"pattern": "x", "path": ".", "output_mode": mode});
        world.call(args).unwrap().primary().to_serde_json()
    };
    assert_eq!(output("files"), json!([world.shown("a")]));
    assert_eq!(output("count"), json!(2));
    assert_eq!(output("matches").as_array().unwrap().len(), 2);
    let args = json!({"pattern": "x", "path": ".", "output_mode": "lines"});
    assert_eq!(world.fails(args).kind(), Kind::InvalidArgs);
}

#[test]
fn files_are_found_by_name_size_and_date() {
    let world = world(&[
        ("a.rs", "12345"),
        ("B.RS", "1"),
        ("d/c.rs", "123"),
        ("d/e.md", ""),
    ]);
    symlink("a.rs", world.root().join("link")).unwrap();
    let old = std::time::UNIX_EPOCH + Duration::from_secs(1_600_000_000);
    fs::File::options()
        .write(true)
        .open(world.root().join("a.rs"))
        .unwrap()
        .set_modified(old)
        .unwrap();
    let with = |args: Json| {
        let all = joined(json!({"operation": "find", "path": "."}), &args);
        world.files(all)
    };
    assert_eq!(
        with(json!({})),
        ["B.RS", "a.rs", "d", "d/c.rs", "d/e.md", "link"]
    );
    assert_eq!(with(json!({"name": "*.rs"})), ["a.rs", "d/c.rs"]);
    assert_eq!(
        with(json!({"name": "*.rs", "case_sensitive": false})),
        ["B.RS", "a.rs", "d/c.rs"]
    );
    assert_eq!(with(json!({"pattern": "e.*"})), ["d/e.md"]);
    assert_eq!(
        with(json!({"type": "file", "min_size": 2})),
        ["a.rs", "d/c.rs"]
    );
    assert_eq!(with(json!({"type": "file", "max_size": 0})), ["d/e.md"]);
    assert_eq!(with(json!({"type": "dir"})), ["d"]);
    assert_eq!(with(json!({"type": "symlink"})), ["link"]);
    assert_eq!(
        with(json!({"type": "file", "modified_before": "2021-01-01"})),
        ["a.rs"]
    );
    assert_eq!(
        with(json!({"name": "*.rs", "modified_after": "2021-01-01T00:00:00Z"})),
        ["d/c.rs"]
    );
    assert_eq!(
        with(json!({"name": "a.rs", "modified_after": "2020-09-13T12:26:40+00:00"})),
        ["a.rs"]
    );
    let outcome = world
        .call(json!({"operation": "find_files", "path": ".", "max_results": 2}))
        .unwrap();
    assert_eq!(
        outcome.primary().to_serde_json(),
        json!([world.shown("B.RS"), world.shown("a.rs")])
    );
    assert_eq!(outcome.data.get("truncated"), Some(&true.into()));
    let file = &outcome.data.to_serde_json()["files"][1];
    assert_eq!(
        (&file["name"], &file["size"], &file["type"]),
        (&json!("a.rs"), &json!(5), &json!("file"))
    );
    assert_eq!(file["modified"], "2020-09-13T12:26:40Z");
    let error = world.fails(json!({"operation": "find", "path": ".", "modified_after": "soon"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn wrong_parameters_are_named() {
    let world = world(&[("a", "x")]);
    let error = world.fails(json!({"path": "."}));
    assert_eq!(
        error.message(),
        "Missing required parameter 'pattern' for file_search operation 'search'"
    );
    assert!(error.is_misshapen());
    assert_eq!(
        world.fails(json!({"pattern": "x"})).kind(),
        Kind::InvalidArgs
    );
    assert!(
        world
            .fails(json!({"pattern": "x", "path": ".", "pth": 1}))
            .message()
            .contains("unknown parameter")
    );
    assert_eq!(
        world
            .fails(json!({"pattern": "x", "path": ".", "use_regex": "maybe"}))
            .kind(),
        Kind::InvalidArgs
    );
    for args in [
        json!({"pattern": "  ", "path": "."}),
        json!({"pattern": "(", "path": ".", "use_regex": true}),
        json!({"pattern": "x", "path": ""}),
        json!({"pattern": "x", "path": ".", "operation": "seek"}),
    ] {
        let error = world.fails(args.clone());
        assert_eq!(
            (error.kind(), error.is_misshapen()),
            (Kind::InvalidArgs, false),
            "{args}"
        );
    }
    assert_eq!(
        world.fails(json!({"pattern": "x", "path": "none"})).kind(),
        Kind::NotFound
    );
    let long = json!({"pattern": "x".repeat(100_000), "path": "."});
    assert_eq!(world.fails(long).kind(), Kind::Limit);
}

#[test]
fn the_configuration_has_defaults() {
    let world = world(&[("a", "x x x"), ("b/c/d", "x"), ("secret/e", "x")]);
    let settings =
        json!({"max_results": 2, "exclude": ["secret"], "max_depth": 2, "max_file_bytes": 4});
    let outcome = world.configured(settings, json!({"pattern": "x", "path": "."}));
    let data = outcome.unwrap().data.to_serde_json();
    assert_eq!(data["skipped_files"][0]["reason"], "larger than 4 bytes");
    assert_eq!(data["summary"]["total_matches"], 0);
}

#[test]
fn path_traversal_is_refused() {
    let world = world(&[("a", "x")]);
    let out = world.beside("out");
    fs::create_dir(&out).unwrap();
    fs::write(out.join("secret"), "x").unwrap();
    symlink(out, world.path("away")).unwrap();
    for path in ["../out", "/etc", "away", "away/secret"] {
        let error = world.fails(json!({"pattern": "x", "path": path}));
        assert_eq!(error.kind(), Kind::Denied, "{path}");
    }
    // Links are not followed on the way.
    assert_eq!(world.files(json!({"pattern": "x", "path": "."})), ["a"]);
}

#[test]
fn regex_denial_of_service_is_not_possible() {
    let world = world(&[]);
    world.put("a", "a".repeat(100_000) + "!\n");
    let found = world.matches(json!({"path": "a", "use_regex": true, "pattern": "^(a+)+$"}));
    assert_eq!(found, []);
    let error =
        world.fails(json!({"path": "a", "use_regex": true, "pattern": "((a{1000}){1000}){1000}"}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
    let deep = "(".repeat(10_000) + &")".repeat(10_000);
    let error = world.fails(json!({"path": "a", "use_regex": true, "pattern": deep}));
    assert_eq!(error.kind(), Kind::InvalidArgs);
}

#[test]
fn a_search_stops_when_it_is_cancelled() {
    let world = world(&[("a", "x")]);
    let cx = Place::default().files(world.root()).cx();
    cx.cancel().cancel(llmspell_core::Cancel::reason("enough"));
    let error = call_at(&cx, op(), json!({"pattern": "x", "path": "."})).unwrap_err();
    assert_eq!(error.kind(), Kind::Cancelled);
}
